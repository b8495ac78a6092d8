/* The union of a row's CK runs and nucleus pieces. */
#ifndef CTC_UNITE_H
#define CTC_UNITE_H

#include "label.h"
#include "run.h"

/* What is left of a row. `ck` and `pieces` are in order; pieces may meet end to end. */
typedef struct {
    const ctc_run *ck, *ck_end;
    const ctc_piece *pieces, *pieces_end;
} ctc_row_masks;

/* Take the next run of the union off the row. Returns 0 when nothing is left. Stretches that overlap or
 * meet end to end are one run. */
int ctc_unite_next(ctc_row_masks *row, ctc_found *found);

#endif
