#include "mask.h"

#include "hot.h"
#include "tiles.h"

#define BYTES(value) ((uint32_t)(value) * 0x01010101u)
#define TOPS BYTES(0x80)

/* The first word from `word` on that has a pixel at or above the threshold, else `end`. Most of a frame is background,
 * so this loop is the price of a mask: four pixels at a time.
 * "Any byte greater than n" after S. E. Anderson, Bit Twiddling Hacks. */
static inline const uint32_t *skip_dim(const uint32_t *word, const uint32_t *end, unsigned threshold)
{
    if (threshold <= 128) {
        uint32_t lift = BYTES(128 - threshold);
        while (word < end && (((*word + lift) | *word) & TOPS) == 0) {
            word++;
        }
    } else {
        uint32_t lift = BYTES(256 - threshold);
        while (word < end && (((*word & ~TOPS) + lift) & *word & TOPS) == 0) {
            word++;
        }
    }
    return word;
}

/* The stretches of x <= .. < end; `x` and `end` are multiples of 4. One that goes on from the last one found lengthens it. */
CTC_HOT static unsigned mask_part(const uint32_t *row, unsigned x, unsigned end, unsigned threshold, ctc_stretch *found,
                                  unsigned count)
{
    const uint8_t *pixel = (const uint8_t *)row;

    while (x < end) {
        if ((x & 3u) == 0) {
            x = (unsigned)(skip_dim(row + x / 4, row + end / 4, threshold) - row) * 4;
        }
        while (x < end && pixel[x] < threshold) {
            x++;
            if ((x & 3u) == 0) {
                break;
            }
        }
        if (x >= end || pixel[x] < threshold) {
            continue;
        }
        unsigned start = x;
        do {
            x++;
        } while (x < end && pixel[x] >= threshold);
        if (count > 0 && found[count - 1].x1 == start) {
            found[count - 1].x1 = (uint16_t)x;
        } else {
            found[count++] = (ctc_stretch){.x0 = (uint16_t)start, .x1 = (uint16_t)x};
        }
    }
    return count;
}

unsigned ctc_mask_row(const uint32_t row[CTC_ROW_WORDS], const uint16_t threshold[CTC_TILE_COLUMNS],
                      ctc_stretch found[CTC_ROW_STRETCHES])
{
    unsigned count = 0;

    for (unsigned column = 0; column < CTC_TILE_COLUMNS; column++) {
        unsigned x = column * CTC_TILE_WIDTH;
        unsigned end = x + CTC_TILE_WIDTH < CTC_IMAGE_WIDTH ? x + CTC_TILE_WIDTH : CTC_IMAGE_WIDTH;
        count = mask_part(row, x, end, threshold[column], found, count);
    }
    return count;
}
