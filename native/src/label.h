/* Connected components of the union of two masks, in one pass over their runs, in bounded memory.
 *
 * Run-based labelling with union-find (He, Chao & Suzuki, IEEE Trans Image Process 2008;17:749-756), sums
 * gathered while labelling (Bailey & Johnston, Image and Vision Computing New Zealand 2007:282-287). Neighbours are
 * the eight around a pixel. Each row's runs are joined to the row above; where they meet two labels, the higher
 * one's sums move to the lower one, so a label's parent is always lower than itself and a component keeps
 * the label of its first run: objects come out ordered by their first pixel, top to bottom, left to right.
 *
 * When labels run out, those of merged and of finished, too small components are taken back and the rest
 * renumbered (ctc_label_compact). At least half of the labels must come free, else the field has too many objects:
 * so this happens a bounded number of times, and when it happens does not show in the result.
 */
#ifndef CTC_LABEL_H
#define CTC_LABEL_H

#include "ctc/error.h"
#include "ctc/work.h"
#include "run.h"

/* Components smaller than this are hot pixels and noise, not particles. */
#define CTC_SPECK_AREA 4u

/* Labels, and the runs found so far. `runs` holds all rows one after the other. */
typedef struct {
    ctc_label *labels;
    unsigned capacity;   /* labels there is room for; even */
    unsigned count;      /* labels in use */
    ctc_run *runs;
    unsigned run_count;
} ctc_labelling;

/* What one run adds to its component. */
typedef struct {
    unsigned x0, x1;
    uint32_t nucleus, overlap, dapi;
    int saturated;
} ctc_found;

/* Label the run `found` of row `y` and append it to the runs. The caller has made sure of room for it.
 * `*above` is the first run of row y - 1 that may still touch this row's next run, and `above_end` the end of
 * that row; both are indices of `runs`. CTC_ERR_OBJECTS: out of labels. */
ctc_error ctc_label_run(ctc_labelling *set, unsigned y, const ctc_found *found, unsigned *above, unsigned above_end);

/* Keep only roots, and of those finished before row `y - 1` only such as are no specks; renumber labels and runs in
 * order. Runs of dropped components get CTC_NO_LABEL. */
void ctc_label_compact(ctc_labelling *set, unsigned y);

#endif
