#include "background.h"

#include "levels.h"

#define GREY ((int32_t)CTC_GREY)

/* Levels first <= i <= last are all that have pixels. */
static unsigned peak_of(const uint32_t counts[CTC_LEVELS], unsigned first, unsigned last)
{
    uint32_t best = 0;
    unsigned peak = 0;

    for (unsigned i = first > 0 ? first - 1 : 0; i <= last; i++) {
        uint32_t below = i > 0 ? counts[i - 1] : 0;
        uint32_t above = i + 1 < CTC_LEVELS ? counts[i + 1] : 0;
        uint32_t weight = below + 2 * counts[i] + above;
        if (weight > best) {
            best = weight;
            peak = i;
        }
    }
    return peak;
}

/* 1.4826 median absolute deviations of the pixels below `centre` (1/64 grey level, within the levels).
 * Pixels are counted in 1/64 too: a frame has 77,104 * 64 of them, which fits 32 bits. */
static int32_t lower_width(const uint32_t counts[CTC_LEVELS], unsigned first, int32_t centre)
{
    uint32_t level = (uint32_t)(centre + GREY / 2) / CTC_GREY;
    uint32_t part = (uint32_t)(centre + GREY / 2) % CTC_GREY;
    uint32_t below = 0;

    if (level >= CTC_LEVELS) {
        level = CTC_LEVELS - 1;
        part = CTC_GREY;
    }
    for (unsigned i = first; i < level; i++) {
        below += counts[i] * CTC_GREY;
    }
    below += counts[level] * part;

    uint32_t half = below / 2;
    uint32_t passed = 0;
    for (unsigned i = first; i <= level; i++) {
        uint32_t here = counts[i] * CTC_GREY;
        if (here != 0 && passed + here >= half) {
            int32_t median = (int32_t)i * GREY - GREY / 2 + (int32_t)((half - passed) / counts[i]);
            int32_t deviation = centre > median ? centre - median : 0;
            return (deviation * 1518 + 512) / 1024;
        }
        passed += here;
    }
    return 0; /* no pixels at all below the centre */
}

static int32_t clipped_mean(const uint32_t counts[CTC_LEVELS], int32_t peak, int32_t reach)
{
    int32_t first = peak > reach ? peak - reach : 0;
    int32_t last = peak + reach < (int32_t)CTC_LEVELS ? peak + reach : (int32_t)CTC_LEVELS - 1;
    uint32_t pixels = 0, sum = 0;

    for (int32_t i = first; i <= last; i++) {
        pixels += counts[i];
        sum += counts[i] * (uint32_t)i;
    }
    return pixels != 0 ? (int32_t)((sum * CTC_GREY + pixels / 2) / pixels) : peak * GREY;
}

ctc_background ctc_background_of(const uint32_t counts[CTC_LEVELS])
{
    unsigned first, last;
    uint32_t pixels = 0, sum = 0;

    ctc_levels_range(counts, &first, &last);
    int32_t peak = (int32_t)peak_of(counts, first, last);
    int32_t reach = (2 * lower_width(counts, first, peak * GREY) + GREY - 1) / GREY;
    int32_t background = clipped_mean(counts, peak, reach);
    for (unsigned i = first; i <= last; i++) {
        pixels += counts[i];
        sum += i * counts[i];
    }
    return (ctc_background){
        .background = (uint16_t)background,
        .noise = (uint16_t)lower_width(counts, first, background),
        .pixels = pixels,
        .sum = sum,
    };
}
