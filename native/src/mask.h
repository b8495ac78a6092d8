/* A row's mask as stretches of pixels at or above a threshold. */
#ifndef CTC_MASK_H
#define CTC_MASK_H

#include "ctc/frame.h"
#include "ctc/work.h"

/* Write the stretches of the image columns to `found` and return their number. `threshold` has one value for each column
 * of tiles, 1..256; 256 is above every pixel. */
unsigned ctc_mask_row(const uint32_t row[CTC_ROW_WORDS], const uint16_t threshold[CTC_TILE_COLUMNS],
                      ctc_stretch found[CTC_ROW_STRETCHES]);

#endif
