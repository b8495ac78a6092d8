/* One pass over a frame's pixels: how often each grey level occurs. */
#ifndef CTC_HISTOGRAM_H
#define CTC_HISTOGRAM_H

#include "ctc/frame.h"

/* Count the levels of the image columns (the strip is left out). */
void ctc_histogram(const uint32_t frame[CTC_FRAME_WORDS], uint32_t counts[CTC_LEVELS]);

/* Sum of the strip's pixels. */
uint32_t ctc_strip_sum(const uint32_t frame[CTC_FRAME_WORDS]);

#endif
