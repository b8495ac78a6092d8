#include "window.h"

static inline uint64_t wide(uint64_t row)
{
    return row | row << 1 | row >> 1;
}

/* All pixels of `mask` in stretches that `seed` has a pixel of. Upwards a carry runs through a stretch (as sliding pieces move in
 * chess programs); downwards doubling steps do. */
static uint64_t fill(uint64_t seed, uint64_t mask)
{
    uint64_t open = mask;

    seed &= mask;
    seed |= ((mask + seed) ^ mask) & mask;
    for (unsigned step = 1; step < CTC_WINDOW && seed != mask; step *= 2) {
        seed |= open & seed >> step;
        open &= open >> step;
    }
    return seed;
}

/* One sweep down and one up through y0 <= y < y1; whether anything grew. */
static int sweep(ctc_window *seed, const ctc_window *mask, unsigned y0, unsigned y1)
{
    uint64_t above = 0, below = 0;
    int grew = 0;

    for (unsigned y = y0; y < y1; y++) {
        uint64_t row = fill(seed->rows[y] | wide(above), mask->rows[y]);
        grew |= row != seed->rows[y];
        seed->rows[y] = above = row;
    }
    for (unsigned y = y1; y-- > y0;) {
        uint64_t row = fill(seed->rows[y] | wide(below), mask->rows[y]);
        grew |= row != seed->rows[y];
        seed->rows[y] = below = row;
    }
    return grew;
}

void ctc_window_grow(ctc_window *seed, const ctc_window *mask, ctc_span span)
{
    while (sweep(seed, mask, span.y0, span.y1)) {
    }
}

/* A component that fits 32 columns, taken with numbers that the processor has registers for: most do, and 64 bits cost a
 * Cortex-M0+ four times as much. */
typedef struct {
    uint32_t rows[CTC_WINDOW];
    unsigned y0, y1;
} narrow;

static inline uint32_t narrow_wide(uint32_t row)
{
    return row | row << 1 | row >> 1;
}

static inline uint32_t narrow_fill(uint32_t seed, uint32_t mask)
{
    seed &= mask;
    seed |= ((mask + seed) ^ mask) & mask;
    for (uint32_t next = seed | (mask & seed >> 1); next != seed; next = seed | (mask & seed >> 1)) {
        seed = next;
    }
    return seed;
}

static int narrow_sweep(narrow *part, const ctc_window *from, unsigned left)
{
    uint32_t above = 0, below = 0;
    int grew = 0;

    for (unsigned y = part->y0; y < part->y1; y++) {
        uint32_t row = narrow_fill(part->rows[y] | narrow_wide(above), (uint32_t)(from->rows[y] >> left));
        grew |= row != part->rows[y];
        part->rows[y] = above = row;
    }
    for (unsigned y = part->y1; y-- > part->y0;) {
        uint32_t row = narrow_fill(part->rows[y] | narrow_wide(below), (uint32_t)(from->rows[y] >> left));
        grew |= row != part->rows[y];
        part->rows[y] = below = row;
    }
    return grew;
}

/* Grow a component from its pixel in row `y` of the 32 columns from `left` on; 0 when it reaches their first or last. */
static int narrow_take(const ctc_window *from, unsigned y, uint64_t seed, unsigned left, narrow *part)
{
    uint32_t ends = 0;

    part->y0 = y;
    part->y1 = y + 1;
    part->rows[y] = narrow_fill((uint32_t)(seed >> left), (uint32_t)(from->rows[y] >> left));
    do {
        uint32_t next;
        while (part->y1 < CTC_WINDOW
               && (next = narrow_fill(narrow_wide(part->rows[part->y1 - 1]), (uint32_t)(from->rows[part->y1] >> left)))
                      != 0) {
            part->rows[part->y1++] = next;
        }
        while (part->y0 > 0
               && (next = narrow_fill(narrow_wide(part->rows[part->y0]), (uint32_t)(from->rows[part->y0 - 1] >> left)))
                      != 0) {
            part->rows[--part->y0] = next;
        }
    } while (narrow_sweep(part, from, left));
    for (unsigned i = part->y0; i < part->y1; i++) {
        ends |= part->rows[i];
    }
    return (ends & 0x80000001u) == 0;
}

/* The same in all columns. */
static void broad_take(const ctc_window *from, unsigned y, uint64_t seed, ctc_window *part, ctc_span *rows)
{
    unsigned y0 = y, y1 = y + 1;

    part->rows[y] = fill(seed, from->rows[y]);
    /* Rows are added at both ends as long as the component reaches into them. */
    do {
        uint64_t next;
        while (y1 < CTC_WINDOW && (next = fill(wide(part->rows[y1 - 1]), from->rows[y1])) != 0) {
            part->rows[y1++] = next;
        }
        while (y0 > 0 && (next = fill(wide(part->rows[y0]), from->rows[y0 - 1])) != 0) {
            part->rows[--y0] = next;
        }
    } while (sweep(part, from, y0, y1));
    *rows = (ctc_span){y0, y1};
}

static unsigned lowest_bit(uint64_t row)
{
    uint32_t half = (uint32_t)row;
    unsigned bit = 0;

    if (half == 0) {
        half = (uint32_t)(row >> 32);
        bit = 32;
    }
    for (; (half & 1u) == 0; half >>= 1) {
        bit++;
    }
    return bit;
}

int ctc_window_take(ctc_window *from, ctc_span span, uint64_t columns, ctc_window *part, ctc_span *rows)
{
    unsigned y = span.y0;
    narrow thin;

    while (y < span.y1 && (from->rows[y] & columns) == 0) {
        y++;
    }
    if (y >= span.y1) {
        return 0;
    }
    unsigned x = lowest_bit(from->rows[y] & columns);
    uint64_t seed = (uint64_t)1 << x;
    unsigned left = x < 16 ? 0 : x > 48 ? 32 : x - 16;
    if (narrow_take(from, y, seed, left, &thin)) {
        for (unsigned i = thin.y0; i < thin.y1; i++) {
            part->rows[i] = (uint64_t)thin.rows[i] << left;
        }
        *rows = (ctc_span){thin.y0, thin.y1};
    } else {
        broad_take(from, y, seed, part, rows);
    }
    for (unsigned i = rows->y0; i < rows->y1; i++) {
        from->rows[i] &= ~part->rows[i];
    }
    return 1;
}

int ctc_window_erode(ctc_window *to, const ctc_window *from, ctc_span span, int round)
{
    uint64_t above = 0, left = 0;

    for (unsigned y = span.y0; y < span.y1; y++) {
        uint64_t row = from->rows[y];
        uint64_t below = y + 1 < span.y1 ? from->rows[y + 1] : 0;
        uint64_t inner = row & row << 1 & row >> 1;
        if (round) {
            inner &= above & above << 1 & above >> 1 & below & below << 1 & below >> 1;
        } else {
            inner &= above & below;
        }
        above = row;
        to->rows[y] = inner;
        left |= inner;
    }
    return left != 0;
}
