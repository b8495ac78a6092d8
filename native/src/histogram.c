#include "histogram.h"

#include <string.h>

#include "hot.h"
#include "pixels.h"

/* Four pixels to a load; the shifts leave level * 4, the offset of its counter, which on a Cortex-M0+ spares
 * an instruction per pixel: two to isolate, two cycles to load, one to add, two to store. */
CTC_HOT void ctc_histogram(const uint32_t frame[CTC_FRAME_WORDS], uint32_t counts[CTC_LEVELS])
{
    const uint32_t *row = frame;

    memset(counts, 0, CTC_LEVELS * sizeof *counts);
    for (unsigned y = 0; y < CTC_HEIGHT; y++, row += CTC_ROW_WORDS) {
        const uint32_t *end = row + CTC_IMAGE_WORDS;
        for (const uint32_t *word = row; word < end; word++) {
            uint32_t four = *word;
            counts[four & 0xFFu]++;
            counts[four >> 8 & 0xFFu]++;
            counts[four >> 16 & 0xFFu]++;
            counts[four >> 24]++;
        }
    }
}

uint32_t ctc_strip_sum(const uint32_t frame[CTC_FRAME_WORDS])
{
    uint32_t sum = 0;

    for (unsigned y = 0; y < CTC_HEIGHT; y++) {
        sum += ctc_sum(frame + y * CTC_ROW_WORDS, CTC_IMAGE_WIDTH, CTC_WIDTH);
    }
    return sum;
}
