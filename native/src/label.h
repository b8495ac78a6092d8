/* Connected components in one pass over the runs of a mask, in bounded memory.
 *
 * Run-based labelling with union-find (He, Chao & Suzuki, IEEE Trans Image Process 2008;17:749-756; path halving: Tarjan &
 * van Leeuwen, J ACM 1984;31:245-281). Neighbours are the eight around a pixel. Each row's runs are joined to the row above;
 * where they meet two labels, the lower is kept, so a label's parent is always lower than itself and a component has the
 * label of its first run: objects come out ordered by their first pixel, top to bottom, left to right.
 *
 * When labels run out, those of merged and of finished, too small components are taken back and the rest renumbered
 * (ctc_label_compact). At least half of the labels must come free, else the field has too many objects: so this happens a
 * bounded number of times, and when it happens does not show in the result.
 */
#ifndef CTC_LABEL_H
#define CTC_LABEL_H

#include "ctc/error.h"
#include "ctc/work.h"
#include "run.h"

/* Components of fewer pixels are hot pixels and noise, not particles. */
#define CTC_SPECK_AREA 4u

/* Labels, and the runs found so far, row after row. */
typedef struct {
    ctc_label *labels;   /* CTC_MAX_LABELS */
    unsigned count;      /* labels in use */
    ctc_run *runs;       /* CTC_MAX_RUNS */
    unsigned run_count;
    unsigned above, above_end; /* runs of the row above that may still touch the next stretch */
} ctc_labelling;

/* The runs so far are the row above the next. */
void ctc_label_row(ctc_labelling *set, unsigned row_start);

/* Label a stretch of row `y`, right of all that came before in it, and append its runs. CTC_ERR_RUNS, CTC_ERR_OBJECTS: no
 * room. */
ctc_error ctc_label_stretch(ctc_labelling *set, unsigned y, ctc_stretch stretch);

/* Keep only roots, and of those finished before row `y - 1` only such as are no specks; renumber labels and runs in
 * order. Runs of dropped components get CTC_NO_LABEL. */
void ctc_label_compact(ctc_labelling *set, unsigned y);

#endif
