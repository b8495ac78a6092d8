#include "window.h"

static inline uint64_t wide(uint64_t row)
{
    return row | row << 1 | row >> 1;
}

void ctc_window_grow(ctc_window *seed, const ctc_window *mask, ctc_span span)
{
    int changed;

    /* Sweeps down and up reach far in one go; each row is filled sideways as far as its neighbours started it. */
    do {
        uint64_t above = 0;
        changed = 0;
        for (unsigned y = span.y0; y < span.y1; y++) {
            uint64_t row = (seed->rows[y] | wide(seed->rows[y] | above)) & mask->rows[y];
            changed |= row != seed->rows[y];
            seed->rows[y] = above = row;
        }
        uint64_t below = 0;
        for (unsigned y = span.y1; y-- > span.y0;) {
            uint64_t row = (seed->rows[y] | wide(seed->rows[y] | below)) & mask->rows[y];
            changed |= row != seed->rows[y];
            seed->rows[y] = below = row;
        }
    } while (changed);
}

/* As ctc_window_grow, but the rows that hold the component are found on the way: most are a few of the span's. */
int ctc_window_take(ctc_window *from, ctc_span span, ctc_window *part, ctc_span *rows)
{
    unsigned y0 = span.y0;
    int changed;

    while (y0 < span.y1 && from->rows[y0] == 0) {
        y0++;
    }
    if (y0 >= span.y1) {
        return 0;
    }
    unsigned y1 = y0 + 1;
    part->rows[y0] = from->rows[y0] & (~from->rows[y0] + 1);
    do {
        uint64_t above = 0, below = 0;
        changed = 0;
        for (unsigned y = y0; y < span.y1; y++) {
            uint64_t old = y < y1 ? part->rows[y] : 0;
            uint64_t row = (old | wide(old | above)) & from->rows[y];
            if (row == 0) {
                break;
            }
            changed |= row != old;
            part->rows[y] = above = row;
            y1 = y < y1 ? y1 : y + 1;
        }
        for (unsigned y = y1; y-- > y0;) {
            uint64_t row = (part->rows[y] | wide(part->rows[y] | below)) & from->rows[y];
            changed |= row != part->rows[y];
            part->rows[y] = below = row;
        }
    } while (changed);
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
