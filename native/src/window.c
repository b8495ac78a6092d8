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

int ctc_window_take(ctc_window *from, ctc_span span, uint64_t columns, ctc_window *part, ctc_span *rows)
{
    unsigned y0 = span.y0;

    while (y0 < span.y1 && (from->rows[y0] & columns) == 0) {
        y0++;
    }
    if (y0 >= span.y1) {
        return 0;
    }
    unsigned y1 = y0 + 1;
    uint64_t first = from->rows[y0] & columns;
    part->rows[y0] = fill(first & (~first + 1), from->rows[y0]);
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
    for (unsigned y = y0; y < y1; y++) {
        from->rows[y] &= ~part->rows[y];
    }
    *rows = (ctc_span){y0, y1};
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
