/* What a histogram tells about the pixels it counts. */
#ifndef CTC_LEVELS_H
#define CTC_LEVELS_H

#include <stdint.h>

#include "ctc/frame.h"

typedef struct {
    uint32_t pixels;
    uint32_t sum;       /* of the levels */
    uint16_t mean;      /* 1/64 grey level */
    uint16_t sd;        /* standard deviation, 1/64 grey level */
    uint8_t max;
    uint8_t median;     /* the lower of the middle two */
    uint8_t saturated;  /* share of pixels at the top level, 1/255 */
} ctc_levels;

/* The first and the last level that has pixels; `last` below `first`: none has. */
void ctc_levels_range(const uint32_t counts[CTC_LEVELS], unsigned *first, unsigned *last);

/* All of it; 0 for no pixels. At most CTC_IMAGE_PIXELS pixels. */
ctc_levels ctc_levels_of(const uint32_t counts[CTC_LEVELS]);

/* Pixels at or above a level. */
uint32_t ctc_levels_from(const uint32_t counts[CTC_LEVELS], unsigned level);

/* The level that `share`/64 of `pixels` pixels do not exceed. */
unsigned ctc_levels_quantile(const uint32_t counts[CTC_LEVELS], uint32_t pixels, unsigned share);

/* Whole part of a square root. */
uint32_t ctc_root(uint64_t value);

#endif
