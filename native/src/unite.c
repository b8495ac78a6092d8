#include "unite.h"

/* Pixels of x0 <= x < x1 in the runs from `run` on. */
static unsigned overlap(const ctc_run *run, const ctc_run *end, unsigned x0, unsigned x1)
{
    unsigned pixels = 0;

    for (; run < end && ctc_run_x0(*run) < x1; run++) {
        unsigned from = ctc_run_x0(*run) > x0 ? ctc_run_x0(*run) : x0;
        unsigned to = ctc_run_x1(*run) < x1 ? ctc_run_x1(*run) : x1;
        if (from < to) {
            pixels += to - from;
        }
    }
    return pixels;
}

int ctc_unite_next(ctc_row_masks *row, ctc_found *found)
{
    const ctc_run *first_ck = row->ck;

    if (row->ck < row->ck_end
        && (row->pieces == row->pieces_end || ctc_run_x0(*row->ck) <= ctc_piece_x0(*row->pieces))) {
        found->x0 = ctc_run_x0(*row->ck);
    } else if (row->pieces < row->pieces_end) {
        found->x0 = ctc_piece_x0(*row->pieces);
    } else {
        return 0;
    }
    found->x1 = found->x0;
    found->nucleus = found->overlap = found->dapi = 0;
    found->saturated = 0;
    for (;;) {
        unsigned x1;
        if (row->ck < row->ck_end && ctc_run_x0(*row->ck) <= found->x1) {
            x1 = ctc_run_x1(*row->ck++);
        } else if (row->pieces < row->pieces_end && ctc_piece_x0(*row->pieces) <= found->x1) {
            unsigned x0 = ctc_piece_x0(*row->pieces);
            x1 = ctc_piece_x1(*row->pieces);
            found->nucleus += x1 - x0;
            found->dapi += ctc_piece_sum(*row->pieces);
            found->saturated |= ctc_piece_saturated(*row->pieces);
            found->overlap += overlap(first_ck, row->ck_end, x0, x1);
            row->pieces++;
        } else {
            return 1;
        }
        if (x1 > found->x1) {
            found->x1 = x1;
        }
    }
}
