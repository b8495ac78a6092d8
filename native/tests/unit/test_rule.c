/* Rules, flags and intervals at the ends of their ranges. Built with AddressSanitizer and
 * UndefinedBehaviorSanitizer. */
#include <string.h>

#include "check.h"
#include "ctc/ctc.h"

static void test_names(void)
{
    for (unsigned i = 0; i < CTC_RULES; i++) {
        const ctc_rule *rule = ctc_rule_named(ctc_rule_name(i));
        CHECK(rule != NULL && rule->least_score < CTC_SCORES);
        CHECK((rule->cells > 0) != (rule->cut_permille > 0));
        for (unsigned j = 0; j < i; j++) {
            CHECK(ctc_rule_named(ctc_rule_name(j)) != rule);
        }
    }
    CHECK(ctc_rule_named(CTC_RULE) == ctc_rule_named(ctc_rule_name(0)));
    CHECK(ctc_rule_name(CTC_RULES)[0] == '\0' && ctc_rule_name(~0u)[0] == '\0');
    CHECK(ctc_rule_named("") == NULL && ctc_rule_named("her2-3plus-gt-30pct ") == NULL);
}

/* Every interval holds its share, and grows with the part; the bound itself and what lies beyond. */
static void test_intervals(void)
{
    uint32_t low, high;

    for (uint32_t whole = 1; whole <= CTC_INTERVAL_MAX; whole = whole < 60 ? whole + 1 : 3 * whole) {
        uint32_t last_low = 0, last_high = 0;
        for (uint32_t part = 0; part <= whole; part += whole / 60 + 1) {
            CHECK(ctc_interval(part, whole, &low, &high) == CTC_OK);
            CHECK((uint64_t)low * whole <= (uint64_t)CTC_INTERVAL_UNIT * part);
            CHECK((uint64_t)high * whole >= (uint64_t)CTC_INTERVAL_UNIT * part);
            CHECK(high <= CTC_INTERVAL_UNIT && low >= last_low && high >= last_high);
            last_low = low;
            last_high = high;
        }
    }
    CHECK(ctc_interval(CTC_INTERVAL_MAX / 2, CTC_INTERVAL_MAX, &low, &high) == CTC_OK && low > 4900 && high < 5100);
    CHECK(ctc_interval(1, (uint64_t)CTC_INTERVAL_MAX + 1, &low, &high) == CTC_ERR_ARGUMENT && low == 0);
    CHECK(high == CTC_INTERVAL_UNIT);
    CHECK(ctc_interval(UINT64_MAX, UINT64_MAX, &low, &high) == CTC_ERR_ARGUMENT);
    CHECK(ctc_interval(2, 1, &low, &high) == CTC_ERR_ARGUMENT && low == 0 && high == CTC_INTERVAL_UNIT);
}

static void test_full_counters(void)
{
    uint32_t counts[CTC_TALLY_COUNTS];

    for (unsigned i = 0; i < CTC_RULES; i++) {
        const ctc_rule *rule = ctc_rule_named(ctc_rule_name(i));
        memset(counts, 255, sizeof counts);
        CHECK(ctc_decide(rule, counts) == (i == 0 ? CTC_NEGATIVE : CTC_POSITIVE)); /* a quarter at 3+ */
        CHECK(ctc_share_of(rule, counts).whole == 4 * (uint64_t)UINT32_MAX);
        CHECK((ctc_flags(rule, counts) & CTC_WARN_BORDERLINE) == 0);
        memset(counts, 0, sizeof counts);
        CHECK(ctc_decide(rule, counts) == CTC_NO_CTC && ctc_flags(rule, counts) == CTC_WARN_LOW_COUNT);
    }
}

int main(void)
{
    test_names();
    test_intervals();
    test_full_counters();
    return failures != 0;
}
