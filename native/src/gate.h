/* Which objects are CTCs. */
#ifndef CTC_GATE_H
#define CTC_GATE_H

#include "ctc/cell.h"
#include "ctc/config.h"
#include "ctc/work.h"

/* The first gate, in the order of their numbers, that the object fails. `nucleus`: pixels of its nucleus; `ck_noise`: of the
 * CK frame, 1/64 grey level. */
ctc_gate ctc_gate_of(const ctc_object *object, uint32_t nucleus, uint32_t ck_noise, const ctc_gates *gates);

#endif
