#include "pixels.h"

#include "hot.h"

CTC_HOT uint32_t ctc_sum(const uint32_t row[CTC_ROW_WORDS], unsigned x0, unsigned x1)
{
    const uint8_t *pixel = (const uint8_t *)row;
    uint32_t sum = 0;

    while (x0 < x1 && (x0 & 3u) != 0) {
        sum += pixel[x0++];
    }
    /* Two pixels to a half word: a row has 81 words, 81 * 255 stays below 2^16 in each half. */
    const uint32_t *word = row + x0 / 4;
    const uint32_t *end = row + x1 / 4;
    uint32_t even = 0, odd = 0;
    for (; word < end; word++, x0 += 4) {
        even += *word & 0x00FF00FFu;
        odd += *word >> 8 & 0x00FF00FFu;
    }
    sum += (even & 0xFFFFu) + (even >> 16) + (odd & 0xFFFFu) + (odd >> 16);
    while (x0 < x1) {
        sum += pixel[x0++];
    }
    return sum;
}
