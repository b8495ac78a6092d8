#include "components.h"

#include <string.h>

#include "label.h"
#include "mask.h"
#include "pixels.h"
#include "unite.h"

ctc_error ctc_nuclei(ctc_work *work, unsigned threshold, const uint32_t frame[CTC_FRAME_WORDS])
{
    const uint32_t *row = frame;
    int saturated = work->quality.saturated != 0;
    unsigned count = 0;

    for (unsigned y = 0; y < CTC_HEIGHT; y++, row += CTC_ROW_WORDS) {
        unsigned runs = ctc_mask_row(row, threshold, work->scratch.row_runs);

        work->row_start[y] = (uint16_t)count;
        for (unsigned i = 0; i < runs; i++) {
            unsigned end = ctc_run_x1(work->scratch.row_runs[i]);
            for (unsigned x0 = ctc_run_x0(work->scratch.row_runs[i]); x0 < end;) {
                unsigned x1 = end - x0 > CTC_PIECE_MAX ? x0 + CTC_PIECE_MAX : end;
                if (count == CTC_MAX_RUNS) {
                    return CTC_ERR_RUNS;
                }
                work->runs[count++] =
                    ctc_piece_pack(x0, x1, ctc_sum(row, x0, x1), saturated && ctc_saturated(row, x0, x1));
                x0 = x1;
            }
        }
    }
    work->row_start[CTC_HEIGHT] = (uint16_t)count;
    return CTC_OK;
}

/* Pieces and runs share one array: the pieces move to its end and are read from there, runs grow from its start and
 * must not overtake them. row_start changes over row by row in the same way. */
ctc_error ctc_components(ctc_work *work, unsigned threshold, const uint32_t frame[CTC_FRAME_WORDS])
{
    unsigned pieces = work->row_start[CTC_HEIGHT];
    unsigned gap = CTC_MAX_RUNS - pieces;
    ctc_labelling set = {
        .labels = work->parts.label,
        .capacity = CTC_MAX_LABELS,
        .runs = work->runs,
    };
    unsigned above = 0;

    memmove(work->runs + gap, work->runs, pieces * sizeof *work->runs);
    for (unsigned y = 0; y < CTC_HEIGHT; y++) {
        unsigned ck = ctc_mask_row(frame + y * CTC_ROW_WORDS, threshold, work->scratch.row_runs);
        unsigned above_end = set.run_count;
        ctc_row_masks row = {
            .ck = work->scratch.row_runs,
            .ck_end = work->scratch.row_runs + ck,
            .pieces = work->runs + gap + work->row_start[y],
            .pieces_end = work->runs + gap + work->row_start[y + 1],
        };
        ctc_found found;

        work->row_start[y] = (uint16_t)above_end;
        while (ctc_unite_next(&row, &found)) {
            if (work->runs + set.run_count == row.pieces) {
                return CTC_ERR_RUNS;
            }
            ctc_error error = ctc_label_run(&set, y, &found, &above, above_end);
            if (error != CTC_OK) {
                return error;
            }
        }
        above = above_end;
    }
    work->row_start[CTC_HEIGHT] = (uint16_t)set.run_count;
    ctc_label_compact(&set, CTC_HEIGHT + 1);
    if (set.count > CTC_MAX_OBJECTS) {
        return CTC_ERR_OBJECTS;
    }
    work->object_count = (uint16_t)set.count;
    return CTC_OK;
}
