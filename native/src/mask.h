/* A row's mask as runs of pixels at or above a threshold. */
#ifndef CTC_MASK_H
#define CTC_MASK_H

#include "ctc/frame.h"
#include "run.h"

/* Runs are at least one pixel apart: no row of the image can have more. */
#define CTC_ROW_RUNS ((CTC_IMAGE_WIDTH + 1u) / 2u)

/* Write the runs of the image columns to `runs`, label 0, and return their number.
 * `threshold` is 1..256; 256 is above every pixel. */
unsigned ctc_mask_row(const uint32_t row[CTC_ROW_WORDS], unsigned threshold, ctc_run runs[CTC_ROW_RUNS]);

#endif
