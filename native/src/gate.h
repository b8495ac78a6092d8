/* Which objects are CTCs, and how much HER2 a CTC shows. */
#ifndef CTC_GATE_H
#define CTC_GATE_H

#include "ctc/cell.h"
#include "ctc/config.h"
#include "ctc/work.h"

/* The first gate, in the order of their numbers, that the object fails. */
ctc_gate ctc_gate_of(const ctc_object *object, const ctc_config *config);

/* HER2 score 0..3 of MESF per um2: the number of cut-offs it reaches. */
uint8_t ctc_score_of(uint32_t mesf, const ctc_config *config);

#endif
