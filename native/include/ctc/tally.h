/* From cell rows to the patient: tally, rule and status. */
#ifndef CTC_TALLY_H
#define CTC_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "ctc/error.h"

/* Counters of a tally: CTCs that score 0, 1+, 2+, 3+, and objects that are no CTC. */
#define CTC_TALLY_REJECTED 4u
#define CTC_TALLY_COUNTS 5u

/* The patient-level criterion: more than 30 % of the CTCs score 3+. */
#define CTC_RULE "her2-3plus-gt-30pct"

typedef enum {
    CTC_INVALID = 0, /* a run's fault; the rule itself never gives it */
    CTC_NO_CTC = 1,
    CTC_NEGATIVE = 2,
    CTC_POSITIVE = 3
} ctc_status;

/* Add `n` packed rows to a tally. All or nothing: on an error `counts` is unchanged.
 * CTC_ERR_ROW: a row is damaged. CTC_ERR_COUNT: a counter would pass 2^32 - 1. */
ctc_error ctc_tally(const uint8_t *rows, size_t n, uint32_t counts[CTC_TALLY_COUNTS]);

/* The status of a tally of a run without fault. */
ctc_status ctc_decide(const uint32_t counts[CTC_TALLY_COUNTS]);

/* As shown and recorded: "INVALID", "NO CTC", "NEGATIVE", "POSITIVE"; "INVALID" for what is no status. */
const char *ctc_status_text(unsigned status);

#endif
