/* Windows: masks of 64 x 64 pixels in which a row is one number, so that a whole row is eroded or dilated at once.
 *
 * Row y of a window is `rows[y]`, pixel x its bit x. Outside a window there is nothing. */
#ifndef CTC_WINDOW_H
#define CTC_WINDOW_H

#include "ctc/work.h"

#define CTC_WINDOW 64u

/* Rows of a window that may hold pixels: y0 <= y < y1. */
typedef struct {
    unsigned y0, y1;
} ctc_span;

/* Take one eight-connected component out of `from` into `part`: the one of the first pixel, in raster order, that lies in `span`
 * and in `columns`. Returns 0 when there is none. Of `part`, only the component's rows are written: `*rows`. */
int ctc_window_take(ctc_window *from, ctc_span span, uint64_t columns, ctc_window *part, ctc_span *rows);

/* Keep of `mask` what is eight-connected to `seed`, within `span`: `seed` grows to it. */
void ctc_window_grow(ctc_window *seed, const ctc_window *mask, ctc_span span);

/* `to` = `from` without its rim, within `span`. `round` 0: pixels with a missing neighbour of the four, 1: of the eight.
 * Taking turns gives octagons, the closest to discs that is as cheap. Returns 0 when nothing is left. */
int ctc_window_erode(ctc_window *to, const ctc_window *from, ctc_span span, int round);

#endif
