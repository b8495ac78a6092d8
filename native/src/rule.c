#include "ctc/rule.h"

#include <stddef.h>

#define PERMILLE 1000u

/* Where the rules come from:
 *
 * her2-3plus-gt-30pct   the study this reader is built on: more than 30 % of the CTCs at 3+.
 * her2-signal-ge-50pct  Pestrin et al., Breast Cancer Res. Treat. 118 (2009) 523: at least half of the CTCs with any
 *                       HER2 signal, here score 1+ or more.
 * her2-3plus-ge-1cell   Riethdorf et al., Clin. Cancer Res. 16 (2010) 2634; Ignatiadis et al., PLoS One 6 (2011)
 *                       e15624: one CTC at 3+. */
static const struct {
    const char *name;
    ctc_rule rule;
} rules[CTC_RULES] = {
    {CTC_RULE, {.least_score = 3, .cut_permille = 300}},
    {CTC_RULE_SIGNAL, {.least_score = 1, .at_least = 1, .cut_permille = 500}},
    {CTC_RULE_CELL, {.least_score = 3, .cells = 1}},
};

const char *ctc_rule_name(unsigned index)
{
    return index < CTC_RULES ? rules[index].name : "";
}

const ctc_rule *ctc_rule_named(const char *name)
{
    for (unsigned i = 0; i < CTC_RULES; i++) {
        const char *a = rules[i].name, *b = name;
        while (*a != '\0' && *a == *b) {
            a++;
            b++;
        }
        if (*a == *b) {
            return &rules[i].rule;
        }
    }
    return NULL;
}

/* CTCs by score. 64 bits: no sum of 32-bit counters overflows, nor one times 1000. */
typedef struct {
    uint64_t score[CTC_SCORES];
} ctcs_by_score;

static ctcs_by_score ctcs_from(const uint32_t *counts)
{
    ctcs_by_score ctcs;

    for (unsigned score = 0; score < CTC_SCORES; score++) {
        ctcs.score[score] = counts[score];
    }
    return ctcs;
}

static uint64_t counted(const ctcs_by_score *ctcs, unsigned least_score)
{
    uint64_t sum = 0;

    for (unsigned score = least_score; score < CTC_SCORES; score++) {
        sum += ctcs->score[score];
    }
    return sum;
}

static ctc_status status_of(const ctc_rule *rule, const ctcs_by_score *ctcs)
{
    uint64_t whole = counted(ctcs, 0);
    uint64_t part = counted(ctcs, rule->least_score);
    int positive;

    if (whole == 0) {
        return CTC_NO_CTC;
    }
    if (rule->cells > 0) {
        positive = part >= rule->cells;
    } else if (rule->at_least) {
        positive = PERMILLE * part >= rule->cut_permille * whole;
    } else {
        positive = PERMILLE * part > rule->cut_permille * whole;
    }
    return positive ? CTC_POSITIVE : CTC_NEGATIVE;
}

ctc_status ctc_decide(const ctc_rule *rule, const uint32_t counts[CTC_TALLY_COUNTS])
{
    ctcs_by_score ctcs = ctcs_from(counts);

    return status_of(rule, &ctcs);
}

const char *ctc_status_text(unsigned status)
{
    static const char *const texts[] = {"INVALID", "NO CTC", "NEGATIVE", "POSITIVE"};

    return status < sizeof texts / sizeof *texts ? texts[status] : texts[CTC_INVALID];
}

ctc_share ctc_share_of(const ctc_rule *rule, const uint32_t counts[CTC_TALLY_COUNTS])
{
    ctcs_by_score ctcs = ctcs_from(counts);
    ctc_share share = {.part = counted(&ctcs, rule->least_score), .whole = counted(&ctcs, 0)};

    if (share.whole > 0) {
        share.permille = (uint32_t)(PERMILLE * share.part / share.whole);
        /* Rounded down, a share reads as the cut-off or more only when it is. What is above it reads as it at most
         * here, and needs the word unless the cut-off itself is enough. A rule for cells has the cut-off 0. */
        share.more = !rule->at_least && share.permille == rule->cut_permille
                     && PERMILLE * share.part > rule->cut_permille * share.whole;
    }
    return share;
}

/* Whether one CTC more, one less or one scored otherwise changes the status. */
static int one_cell_decides(const ctc_rule *rule, ctcs_by_score ctcs)
{
    ctc_status status = status_of(rule, &ctcs);
    int changes = 0;

    for (unsigned from = 0; from < CTC_SCORES; from++) {
        ctcs.score[from]++;
        changes |= status_of(rule, &ctcs) != status;
        ctcs.score[from]--;
        if (ctcs.score[from] == 0) {
            continue;
        }
        ctcs.score[from]--;
        changes |= status_of(rule, &ctcs) != status;
        for (unsigned to = 0; to < CTC_SCORES; to++) {
            ctcs.score[to]++;
            changes |= status_of(rule, &ctcs) != status;
            ctcs.score[to]--;
        }
        ctcs.score[from]++;
    }
    return changes;
}

static int uncertain(const ctc_rule *rule, const ctcs_by_score *ctcs)
{
    uint32_t cut = rule->cut_permille * (CTC_INTERVAL_UNIT / PERMILLE);
    uint32_t low, high;

    if (rule->cells > 0) {
        return 0;
    }
    (void)ctc_interval(counted(ctcs, rule->least_score), counted(ctcs, 0), &low, &high);
    return low <= cut && cut <= high;
}

unsigned ctc_flags(const ctc_rule *rule, const uint32_t counts[CTC_TALLY_COUNTS])
{
    ctcs_by_score ctcs = ctcs_from(counts);
    ctcs_by_score lowest = ctcs_from(counts + CTC_TALLY_LOW);
    ctcs_by_score highest = ctcs_from(counts + CTC_TALLY_HIGH);
    ctc_status status = status_of(rule, &ctcs);
    unsigned flags = 0;

    if (counted(&ctcs, 0) < CTC_LOW_COUNT || one_cell_decides(rule, ctcs)) {
        flags |= CTC_WARN_LOW_COUNT;
    }
    if (status == CTC_NO_CTC) {
        return flags;
    }
    if (uncertain(rule, &ctcs)) {
        flags |= CTC_WARN_UNCERTAIN;
    }
    if (status_of(rule, &lowest) != status || status_of(rule, &highest) != status) {
        flags |= CTC_WARN_BORDERLINE;
    }
    return flags;
}

const char *ctc_flag_text(unsigned flag)
{
    switch (flag) {
    case CTC_WARN_LOW_COUNT:
        return "LOW COUNT";
    case CTC_WARN_UNCERTAIN:
        return "UNCERTAIN";
    case CTC_WARN_BORDERLINE:
        return "BORDERLINE";
    default:
        return "";
    }
}
