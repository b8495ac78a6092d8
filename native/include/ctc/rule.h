/* The patient-level rules: from a tally to a status, a share with its interval, and flags that warn.
 *
 * Everything is decided in integers. A flag never changes a status. */
#ifndef CTC_RULE_H
#define CTC_RULE_H

#include <stdint.h>

#include "ctc/error.h"
#include "ctc/tally.h"

typedef enum {
    CTC_INVALID = 0, /* a run's fault; the rule itself never gives it */
    CTC_NO_CTC = 1,
    CTC_NEGATIVE = 2,
    CTC_POSITIVE = 3
} ctc_status;

/* A CTC counts when its score is at least `least_score`. POSITIVE is, with `cells` > 0, that many CTCs that
 * count; else a share of the CTCs above `cut_permille` or, with `at_least`, that share itself too. */
typedef struct {
    uint8_t least_score;   /* 0..3 */
    uint8_t at_least;      /* 0: share > cut-off, 1: share >= cut-off */
    uint16_t cut_permille; /* 0..1000; 0 with cells > 0 */
    uint16_t cells;
} ctc_rule;

/* The rules by name; what they are and where they come from is in rule.c. The first is the study's, the default. */
#define CTC_RULES 3u
#define CTC_RULE "her2-3plus-gt-30pct"
#define CTC_RULE_SIGNAL "her2-signal-ge-50pct"
#define CTC_RULE_CELL "her2-3plus-ge-1cell"

/* Name of rule 0..CTC_RULES - 1, "" for what is none. */
const char *ctc_rule_name(unsigned index);

/* The rule of that name, NULL for none. */
const ctc_rule *ctc_rule_named(const char *name);

/* The status of a tally of a run without fault: CTC_NO_CTC for a tally without CTCs, by every rule. */
ctc_status ctc_decide(const ctc_rule *rule, const uint32_t counts[CTC_TALLY_COUNTS]);

/* As shown and recorded: "INVALID", "NO CTC", "NEGATIVE", "POSITIVE"; "INVALID" for what is no status. */
const char *ctc_status_text(unsigned status);

/* What a rule looks at, and how to write it down so that it never seems to lie on the other side of the cut-off. */
typedef struct {
    uint64_t part, whole;  /* CTCs that count, CTCs */
    uint32_t permille;     /* of them, rounded down; 0 without CTCs */
    uint8_t more;          /* `permille` reads as the cut-off and the share is above it: write ">30.0 %" */
} ctc_share;

ctc_share ctc_share_of(const ctc_rule *rule, const uint32_t counts[CTC_TALLY_COUNTS]);

/* Flags of a status. Without CTCs there is LOW_COUNT alone: no share is there to be uncertain of.
 *
 * LOW_COUNT   fewer than 11 CTCs, or one CTC more, one less or one scored otherwise changes the status (every such
 *             change is tried). 11: of 10 CTCs none positive leaves 30 % inside the exact 95 % interval (upper limit
 *             30.85 %), of 11 it does not (28.50 %).
 * UNCERTAIN   the interval that ctc_interval gives contains the cut-off. Never with a rule that asks for cells: it has
 *             no cut-off of the share, and one cell more or less is what LOW_COUNT looks at.
 * BORDERLINE  every borderline CTC scored as low, or every one as high, as its range allows changes the status. */
#define CTC_WARN_LOW_COUNT 1u
#define CTC_WARN_UNCERTAIN 2u
#define CTC_WARN_BORDERLINE 4u
#define CTC_LOW_COUNT 11u

unsigned ctc_flags(const ctc_rule *rule, const uint32_t counts[CTC_TALLY_COUNTS]);

/* "LOW COUNT", "UNCERTAIN", "BORDERLINE"; "" for what is not one flag. */
const char *ctc_flag_text(unsigned flag);

/* Exact (Clopper-Pearson) two-sided 95 % interval of `part` in `whole`, in 1/10000 (CTC_INTERVAL_UNIT), rounded
 * outwards; 0..10000 for 0 in 0. CTC_ERR_ARGUMENT for part > whole or whole > CTC_INTERVAL_MAX: low and high are then
 * 0 and 10000, which is never too narrow. */
#define CTC_INTERVAL_UNIT 10000u
#define CTC_INTERVAL_MAX 65535u

ctc_error ctc_interval(uint64_t part, uint64_t whole, uint32_t *low, uint32_t *high);

#endif
