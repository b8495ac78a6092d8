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

/* Whether word `word` of a row lies in it: windows reach beyond. */
static inline uint32_t ctc_bitmap_word(const uint32_t *row, int word)
{
    return word >= 0 && word < (int)CTC_BITMAP_WORDS ? row[word] : 0;
}

/* The 64 pixels from `x` on of a row, the first in bit 0; 0 beyond the image. `x` may lie outside. */
static inline uint64_t ctc_bitmap_window(const uint32_t *row, int x)
{
    int word = x >= 0 ? x / 32 : -((31 - x) / 32);
    unsigned shift = (unsigned)(x - word * 32);
    uint32_t low = ctc_bitmap_word(row, word), middle = ctc_bitmap_word(row, word + 1);

    if (shift != 0) {
        uint32_t high = ctc_bitmap_word(row, word + 2);
        low = low >> shift | middle << (32 - shift);
        middle = middle >> shift | high << (32 - shift);
    }
    return (uint64_t)middle << 32 | low;
}

#endif
