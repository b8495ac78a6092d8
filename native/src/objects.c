#include "objects.h"

#include "bitmap.h"
#include "label.h"
#include "mask.h"
#include "shape.h"
#include "split.h"
#include "tiles.h"

/* Pixels of a row between two stretches of CK that may be nucleus: no wider than a nucleus. */
#define HOLE_MAX 24u

static int is_nucleus(const ctc_bitmap *mask, unsigned y, unsigned x0, unsigned x1)
{
    if (x1 - x0 > HOLE_MAX) {
        return 0;
    }
    while (x0 < x1 && ctc_bitmap_get(mask, x0, y)) {
        x0++;
    }
    return x0 == x1;
}

/* Join stretches whose gap is nucleus; return how many there are then. */
static unsigned fill_holes(const ctc_bitmap *mask, unsigned y, ctc_stretch *found, unsigned count)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < count; i++) {
        if (kept > 0 && is_nucleus(mask, y, found[kept - 1].x1, found[i].x0)) {
            found[kept - 1].x1 = found[i].x1;
        } else {
            found[kept++] = found[i];
        }
    }
    return kept;
}

static ctc_error find_components(ctc_work *work, const uint16_t *threshold, const uint32_t *frame)
{
    ctc_labelling set = {.labels = work->parts.find.of.label, .runs = work->share.runs};
    unsigned row_start = 0;

    for (unsigned y = 0; y < CTC_HEIGHT; y++) {
        ctc_stretch *found = work->scratch.stretches;
        const uint16_t *levels = threshold + y / CTC_TILE_HEIGHT * CTC_TILE_COLUMNS;
        unsigned count = ctc_mask_row(frame + y * CTC_ROW_WORDS, levels, found);
        count = fill_holes(&work->parts.find.mask, y, found, count);
        ctc_label_row(&set, row_start);
        row_start = set.run_count;
        for (unsigned i = 0; i < count; i++) {
            ctc_error error = ctc_label_stretch(&set, y, found[i]);
            if (error != CTC_OK) {
                return error;
            }
        }
    }
    ctc_label_compact(&set, CTC_HEIGHT + 1);
    work->run_count = (uint16_t)set.run_count;
    work->object_count = (uint16_t)set.count;
    return set.count > CTC_MAX_OBJECTS ? CTC_ERR_OBJECTS : CTC_OK;
}

ctc_error ctc_objects_find(ctc_work *work, const uint16_t threshold[CTC_TILES], const uint32_t frame[CTC_FRAME_WORDS])
{
    ctc_error error = find_components(work, threshold, frame);

    if (error == CTC_OK) {
        error = ctc_split(work);
    }
    if (error == CTC_OK) {
        ctc_shape(work);
    }
    return error;
}
