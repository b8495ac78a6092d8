#include "mask.h"

#include "hot.h"

#define BYTES(value) ((uint32_t)(value) * 0x01010101u)
#define TOPS BYTES(0x80)

/* The first pixel of the first word from `x` on (a multiple of 4) that has a pixel at or above the threshold,
 * else CTC_IMAGE_WIDTH. Most of a frame is background, so this loop is the price of a mask: four pixels at a time.
 * "Any byte greater than n" after S. E. Anderson, Bit Twiddling Hacks. */
static inline unsigned skip_dim(const uint32_t *row, unsigned x, unsigned threshold)
{
    const uint32_t *word = row + x / 4;
    const uint32_t *end = row + CTC_IMAGE_WORDS;

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
    return (unsigned)(word - row) * 4;
}

CTC_HOT unsigned ctc_mask_row(const uint32_t row[CTC_ROW_WORDS], unsigned threshold, ctc_run runs[CTC_ROW_RUNS])
{
    const uint8_t *pixel = (const uint8_t *)row;
    unsigned count = 0;
    unsigned x = 0;

    for (;;) {
        while ((x & 3u) != 0 && pixel[x] < threshold) {
            x++;
        }
        if ((x & 3u) == 0) {
            x = skip_dim(row, x, threshold);
            if (x >= CTC_IMAGE_WIDTH) {
                return count;
            }
            while (pixel[x] < threshold) {
                x++;
            }
        }
        unsigned start = x;
        do {
            x++;
        } while (x < CTC_IMAGE_WIDTH && pixel[x] >= threshold);
        runs[count++] = ctc_run_pack(start, x, 0);
    }
}
