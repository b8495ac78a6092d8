#include "levels.h"

uint32_t ctc_root(uint64_t value)
{
    uint64_t root = 0, bit = (uint64_t)1 << 62;

    while (bit > value) {
        bit >>= 2;
    }
    for (; bit != 0; bit >>= 2) {
        if (value >= root + bit) {
            value -= root + bit;
            root = root / 2 + bit;
        } else {
            root /= 2;
        }
    }
    return (uint32_t)root;
}

void ctc_levels_range(const uint32_t counts[CTC_LEVELS], unsigned *first, unsigned *last)
{
    unsigned low = 0, high = CTC_LEVELS;

    /* Most of the levels have none: four at a time. */
    while (low < CTC_LEVELS && (counts[low] | counts[low + 1] | counts[low + 2] | counts[low + 3]) == 0) {
        low += 4;
    }
    while (low < CTC_LEVELS && counts[low] == 0) {
        low++;
    }
    while (high > low && (counts[high - 1] | counts[high - 2] | counts[high - 3] | counts[high - 4]) == 0) {
        high -= 4;
    }
    while (high > low && counts[high - 1] == 0) {
        high--;
    }
    *first = low;
    *last = high - 1;
}

ctc_levels ctc_levels_of(const uint32_t counts[CTC_LEVELS])
{
    ctc_levels found = {0};
    unsigned low, high;
    uint64_t squares = 0;

    ctc_levels_range(counts, &low, &high);
    if (low == CTC_LEVELS) {
        return found;
    }
    for (unsigned i = low; i <= high; i++) {
        uint32_t here = counts[i];
        if (here != 0) {
            uint32_t light = here * i;
            found.pixels += here;
            found.sum += light;
            squares += (uint64_t)light * i;
        }
    }
    found.max = (uint8_t)high;
    uint32_t passed = 0;
    for (unsigned i = low; i <= high; i++) {
        passed += counts[i];
        if (2 * passed >= found.pixels) {
            found.median = (uint8_t)i;
            break;
        }
    }
    found.mean = (uint16_t)((found.sum * CTC_GREY + found.pixels / 2) / found.pixels);
    /* n sum(x^2) - sum(x)^2 is below n^2 255^2: times 64^2 it is exact in 64 bits for all of an image. */
    uint64_t spread = found.pixels * squares - (uint64_t)found.sum * found.sum;
    found.sd = (uint16_t)(ctc_root(spread * CTC_GREY * CTC_GREY) / found.pixels);
    found.saturated = (uint8_t)((counts[CTC_SATURATED] * 255u + found.pixels - 1) / found.pixels);
    return found;
}

uint32_t ctc_levels_from(const uint32_t counts[CTC_LEVELS], unsigned level)
{
    uint32_t pixels = 0;

    for (unsigned i = level; i < CTC_LEVELS; i++) {
        pixels += counts[i];
    }
    return pixels;
}

unsigned ctc_levels_quantile(const uint32_t counts[CTC_LEVELS], uint32_t pixels, unsigned share)
{
    uint32_t passed = 0;

    for (unsigned i = 0; i < CTC_LEVELS; i++) {
        passed += counts[i];
        if (passed * 64 >= pixels * share) { /* of all of an image: below 2^23 */
            return i;
        }
    }
    return CTC_LEVELS - 1;
}
