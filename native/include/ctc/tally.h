/* From cell rows to a tally. */
#ifndef CTC_TALLY_H
#define CTC_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "ctc/error.h"

/* Counters of a tally: CTCs that score 0, 1+, 2+, 3+; objects that are no CTC; the CTCs again with every
 * borderline one scored as low as its range allows; and again as high. */
#define CTC_SCORES 4u
#define CTC_TALLY_REJECTED 4u
#define CTC_TALLY_LOW 5u
#define CTC_TALLY_HIGH 9u
#define CTC_TALLY_COUNTS 13u

/* Add `n` packed rows to a tally. All or nothing: on an error `counts` is unchanged.
 * CTC_ERR_ROW: a row is damaged. CTC_ERR_COUNT: a counter would pass 2^32 - 1. */
ctc_error ctc_tally(const uint8_t *rows, size_t n, uint32_t counts[CTC_TALLY_COUNTS]);

#endif
