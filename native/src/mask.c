#include "mask.h"

#include "hot.h"
#include "tiles.h"

#define BYTES(value) ((uint32_t)(value) * 0x01010101u)
#define TOPS BYTES(0x80)

/* The first word from `word` on that has a pixel at or above the threshold, else `end`. Most of a frame is background,
 * so this loop is the price of a mask: sixteen pixels at a time, and the last few by words.
 * "Any byte greater than n" after S. E. Anderson, Bit Twiddling Hacks. */
static inline const uint32_t *skip_dim(const uint32_t *word, const uint32_t *end, unsigned threshold)
{
    if (threshold <= 128) {
        uint32_t lift = BYTES(128 - threshold);
        while (word + 4 <= end) {
            uint32_t a = word[0], b = word[1], c = word[2], d = word[3];
            if ((((a + lift) | a | (b + lift) | b | (c + lift) | c | (d + lift) | d) & TOPS) != 0) {
                break;
            }
            word += 4;
        }
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

CTC_HOT unsigned ctc_mask_row(const uint32_t row[CTC_ROW_WORDS], const uint16_t threshold[CTC_TILE_COLUMNS],
                              ctc_stretch found[CTC_ROW_STRETCHES])
{
    const uint8_t *pixel = (const uint8_t *)row;
    unsigned least = threshold[0], count = 0, x = 0;

    for (unsigned i = 1; i < CTC_TILE_COLUMNS; i++) {
        least = threshold[i] < least ? threshold[i] : least;
    }
    /* Words are passed over by the least threshold of all; what stays is looked at pixel by pixel with its own. */
    while (x < CTC_IMAGE_WIDTH) {
        if ((x & 3u) == 0) {
            x = (unsigned)(skip_dim(row + x / 4, row + CTC_IMAGE_WORDS, least) - row) * 4;
            if (x == CTC_IMAGE_WIDTH) {
                break;
            }
        }
        unsigned start = x;
        while (x < CTC_IMAGE_WIDTH && pixel[x] >= threshold[x / CTC_TILE_WIDTH]) {
            x++;
        }
        if (x > start) {
            found[count++] = (ctc_stretch){.x0 = (uint16_t)start, .x1 = (uint16_t)x};
        } else {
            x++;
        }
    }
    return count;
}
