/* Sums over stretches of one row. */
#ifndef CTC_PIXELS_H
#define CTC_PIXELS_H

#include "ctc/frame.h"

/* Sum of the pixels x0 <= x < x1 of a row; x1 <= CTC_WIDTH. */
uint32_t ctc_sum(const uint32_t row[CTC_ROW_WORDS], unsigned x0, unsigned x1);

#endif
