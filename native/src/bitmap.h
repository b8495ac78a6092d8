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

/* The 64 columns from `x` on, which may lie outside the image: which three words of a row they are in, and how far. */
typedef struct {
    unsigned word[3];
    uint32_t inside[3]; /* all bits, or none for a word beyond the row's ends */
    unsigned shift;     /* 1..31 */
} ctc_bitmap_columns;

/* `x` is not a multiple of 32. */
static inline ctc_bitmap_columns ctc_bitmap_columns_from(int x)
{
    int first = x >= 0 ? x / 32 : -((31 - x) / 32);
    ctc_bitmap_columns columns = {.shift = (unsigned)(x - first * 32)};

    for (int i = 0; i < 3; i++) {
        int inside = first + i >= 0 && first + i < (int)CTC_BITMAP_WORDS;
        columns.word[i] = inside ? (unsigned)(first + i) : 0;
        columns.inside[i] = inside ? UINT32_MAX : 0;
    }
    return columns;
}

/* Those columns of a row, the first in bit 0; 0 beyond the image. */
static inline uint64_t ctc_bitmap_window(const uint32_t *row, const ctc_bitmap_columns *columns)
{
    uint32_t low = row[columns->word[0]] & columns->inside[0];
    uint32_t middle = row[columns->word[1]] & columns->inside[1];
    uint32_t high = row[columns->word[2]] & columns->inside[2];
    unsigned shift = columns->shift;

    low = low >> shift | middle << (32 - shift);
    middle = middle >> shift | high << (32 - shift);
    return (uint64_t)middle << 32 | low;
}

#endif
