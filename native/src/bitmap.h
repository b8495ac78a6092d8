/* A mask of the whole image, one bit a pixel: 9,760 bytes whatever is in the image. */
#ifndef CTC_BITMAP_H
#define CTC_BITMAP_H

#include <stdint.h>

#include "ctc/work.h"

/* Set the pixels x0 <= x < x1 of row `y`. */
static inline void ctc_bitmap_set(ctc_bitmap *map, unsigned y, unsigned x0, unsigned x1)
{
    uint32_t *row = map->rows[y];

    while (x0 < x1) {
        unsigned bit = x0 & 31u;
        unsigned length = x1 - x0 < 32 - bit ? x1 - x0 : 32 - bit;
        row[x0 / 32] |= (UINT32_MAX >> (32 - length)) << bit;
        x0 += length;
    }
}

static inline int ctc_bitmap_get(const ctc_bitmap *map, unsigned x, unsigned y)
{
    return (int)(map->rows[y][x / 32] >> (x & 31u) & 1u);
}

/* Pixels x .. x + 63 of row `y`, the first in bit 0; 0 beyond the image. `x` and `y` may lie outside. */
static inline uint64_t ctc_bitmap_window(const ctc_bitmap *map, int x, int y)
{
    uint64_t bits = 0;
    int word = x >= 0 ? x / 32 : -((31 - x) / 32);
    unsigned shift = (unsigned)(x - word * 32);

    if (y < 0 || y >= (int)CTC_HEIGHT) {
        return 0;
    }
    for (int i = 0; i < 3; i++, word++) {
        if (word < 0 || word >= (int)CTC_BITMAP_WORDS) {
            continue;
        }
        uint64_t part = map->rows[y][word];
        int at = i * 32 - (int)shift;
        if (at >= 0 && at < 64) {
            bits |= part << at;
        } else if (at < 0) {
            bits |= part >> -at;
        }
    }
    return bits;
}

#endif
