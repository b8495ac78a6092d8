#include "label.h"

/* Path halving: Tarjan & van Leeuwen, J ACM 1984;31:245-281. */
static unsigned root_of(ctc_label *labels, unsigned label)
{
    while (labels[label].parent != label) {
        labels[label].parent = labels[labels[label].parent].parent;
        label = labels[label].parent;
    }
    return label;
}

static unsigned join(ctc_label *labels, unsigned a, unsigned b)
{
    unsigned keep = a < b ? a : b;
    unsigned gone = a < b ? b : a;

    if (keep != gone) {
        labels[gone].parent = (uint16_t)keep;
        labels[keep].area += labels[gone].area;
        labels[keep].nucleus += labels[gone].nucleus;
        labels[keep].overlap += labels[gone].overlap;
        labels[keep].dapi += labels[gone].dapi;
        labels[keep].saturated |= labels[gone].saturated;
        if (labels[keep].last_row < labels[gone].last_row) {
            labels[keep].last_row = labels[gone].last_row;
        }
    }
    return keep;
}

static ctc_error new_label(ctc_labelling *set, unsigned y, unsigned *label)
{
    if (set->count == set->capacity) {
        ctc_label_compact(set, y);
        if (set->count > set->capacity / 2) {
            return CTC_ERR_OBJECTS;
        }
    }
    *label = set->count++;
    set->labels[*label] = (ctc_label){.parent = (uint16_t)*label};
    return CTC_OK;
}

ctc_error ctc_label_run(ctc_labelling *set, unsigned y, const ctc_found *found, unsigned *above, unsigned above_end)
{
    const ctc_run *runs = set->runs;
    unsigned label = CTC_NO_LABEL;

    /* Ends are exclusive: equal ends of two rows are pixels that touch at a corner. */
    while (*above < above_end && ctc_run_x1(runs[*above]) < found->x0) {
        ++*above;
    }
    for (unsigned i = *above; i < above_end && ctc_run_x0(runs[i]) <= found->x1; i++) {
        unsigned root = root_of(set->labels, ctc_run_label(runs[i]));
        label = label == CTC_NO_LABEL ? root : join(set->labels, label, root);
    }
    if (label == CTC_NO_LABEL) {
        ctc_error error = new_label(set, y, &label);
        if (error != CTC_OK) {
            return error;
        }
    }
    ctc_label *sums = &set->labels[label];
    sums->area += found->x1 - found->x0;
    sums->nucleus += found->nucleus;
    sums->overlap += found->overlap;
    sums->dapi += found->dapi;
    sums->saturated |= (uint8_t)(found->saturated != 0);
    sums->last_row = (uint8_t)y;
    set->runs[set->run_count++] = ctc_run_pack(found->x0, found->x1, label);
    return CTC_OK;
}

void ctc_label_compact(ctc_labelling *set, unsigned y)
{
    ctc_label *labels = set->labels;
    unsigned kept = 0;

    /* `parent` turns from the old parent into the new label. A parent is lower than its label, so it has turned
     * already; sums move down only onto labels whose sums have moved. */
    for (unsigned i = 0; i < set->count; i++) {
        unsigned renamed;
        if (labels[i].parent != i) {
            renamed = labels[labels[i].parent].parent;
        } else if (labels[i].area < CTC_SPECK_AREA && labels[i].last_row + 1u < y) {
            renamed = CTC_NO_LABEL;
        } else {
            uint16_t parent = labels[kept].parent;
            labels[kept] = labels[i];
            labels[kept].parent = parent;
            renamed = kept++;
        }
        labels[i].parent = (uint16_t)renamed;
    }
    for (unsigned i = 0; i < set->run_count; i++) {
        unsigned label = ctc_run_label(set->runs[i]);
        if (label != CTC_NO_LABEL) {
            set->runs[i] = ctc_run_relabel(set->runs[i], labels[label].parent);
        }
    }
    for (unsigned i = 0; i < kept; i++) {
        labels[i].parent = (uint16_t)i;
    }
    set->count = kept;
}
