#include "label.h"

static unsigned root_of(ctc_label *labels, unsigned label)
{
    while (labels[label].parent != label) {
        labels[label].parent = labels[labels[label].parent].parent;
        label = labels[label].parent;
    }
    return label;
}

static uint16_t sum16(uint32_t a, uint32_t b)
{
    return (uint16_t)(a + b < UINT16_MAX ? a + b : UINT16_MAX);
}

static unsigned join(ctc_label *labels, unsigned a, unsigned b)
{
    unsigned keep = a < b ? a : b;
    unsigned gone = a < b ? b : a;

    if (keep != gone) {
        labels[gone].parent = (uint8_t)keep;
        labels[keep].area = sum16(labels[keep].area, labels[gone].area);
        if (labels[keep].last_row < labels[gone].last_row) {
            labels[keep].last_row = labels[gone].last_row;
        }
    }
    return keep;
}

static ctc_error new_label(ctc_labelling *set, unsigned y, unsigned *label)
{
    if (set->count == CTC_MAX_LABELS) {
        ctc_label_compact(set, y);
        if (set->count > CTC_MAX_LABELS / 2) {
            return CTC_ERR_OBJECTS;
        }
    }
    *label = set->count++;
    set->labels[*label] = (ctc_label){.parent = (uint8_t)*label};
    return CTC_OK;
}

void ctc_label_row(ctc_labelling *set, unsigned row_start)
{
    set->above = row_start;
    set->above_end = set->run_count;
}

ctc_error ctc_label_stretch(ctc_labelling *set, unsigned y, ctc_stretch stretch)
{
    unsigned label = CTC_NO_LABEL;

    /* Ends are exclusive: equal ends of two rows are pixels that touch at a corner. */
    while (set->above < set->above_end && ctc_run_x1(set->runs[set->above]) < stretch.x0) {
        set->above++;
    }
    for (unsigned i = set->above; i < set->above_end && ctc_run_x0(set->runs[i]) <= stretch.x1; i++) {
        unsigned of_run = ctc_run_label(set->runs[i]);
        if (of_run != CTC_NO_LABEL) {
            unsigned root = root_of(set->labels, of_run);
            label = label == CTC_NO_LABEL ? root : join(set->labels, label, root);
        }
    }
    if (label == CTC_NO_LABEL) {
        ctc_error error = new_label(set, y, &label);
        if (error != CTC_OK) {
            return error;
        }
    }
    set->labels[label].area = sum16(set->labels[label].area, (uint32_t)stretch.x1 - stretch.x0);
    set->labels[label].last_row = (uint8_t)y;
    for (unsigned x0 = stretch.x0; x0 < stretch.x1;) {
        unsigned x1 = stretch.x1 - x0 > CTC_RUN_MAX ? x0 + CTC_RUN_MAX : stretch.x1;
        if (set->run_count == CTC_MAX_RUNS) {
            return CTC_ERR_RUNS;
        }
        set->runs[set->run_count++] = ctc_run_pack(x0, x1, y, label);
        x0 = x1;
    }
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
            uint8_t parent = labels[kept].parent;
            labels[kept] = labels[i];
            labels[kept].parent = parent;
            renamed = kept++;
        }
        labels[i].parent = (uint8_t)renamed;
    }
    for (unsigned i = 0; i < set->run_count; i++) {
        unsigned label = ctc_run_label(set->runs[i]);
        if (label != CTC_NO_LABEL) {
            set->runs[i] = ctc_run_relabel(set->runs[i], labels[label].parent);
        }
    }
    for (unsigned i = 0; i < kept; i++) {
        labels[i].parent = (uint8_t)i;
    }
    set->count = kept;
}
