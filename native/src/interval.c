/* The exact binomial interval (Clopper and Pearson, Biometrika 26 (1934) 404), in integers.
 *
 * The lower limit of k in n is the p at which P(X >= k) = 2.5 %. Its floor in 1/10000 is found by bisection: the
 * greatest m with P(X >= k | m/10000) <= 1/40, which is 39 * upper <= lower for the sums of the binomial terms from
 * k on and below k. Only their ratio matters, so the term of k is set to 2^48 and the others follow from it:
 *
 *     t[i+1] = t[i] * (n-i) m / ((i+1) (10000-m)),    t[i-1] = t[i] * i (10000-m) / ((n-i+1) m)
 *
 * The upper sum is rounded up and the lower one down, so a limit is never too far inwards. The sums are right to a
 * part in 2^30; only where the tail at a whole 1/10000 is that close to 2.5 % can a limit be one 1/10000 further out.
 * The upper limit is the lower one of n - k, from the other end.
 *
 * Terms fall below 1 some ten standard deviations from k: the time grows with the root of n. */
#include "ctc/rule.h"

#define TERM 48 /* bits of the term of k */
#define ODDS 39u /* 97.5 % : 2.5 % */

/* t * a / b, rounded down; UINT64_MAX when it does not fit. a and b are at most CTC_INTERVAL_MAX * UNIT < 2^30. */
static uint64_t scaled(uint64_t t, uint32_t a, uint32_t b)
{
    uint64_t quotient = t / b;
    uint64_t rest = (t - quotient * b) * a / b;

    if ((quotient >> 32) * a >> 31 != 0) {
        return UINT64_MAX;
    }
    return quotient * a + rest;
}

/* Whether P(X >= k) <= 1/40 surely holds at p = m/10000, for 1 <= k <= n and 1 <= m <= 10000 k / n: from k on the
 * terms do not grow. */
static int tail_is_small(uint32_t k, uint32_t n, uint32_t m)
{
    const uint32_t rest = CTC_INTERVAL_UNIT - m;
    const uint64_t one = (uint64_t)1 << TERM;
    uint64_t upper = one, lower = 0, term = one;

    for (uint32_t i = k; i < n; i++) {
        if (term <= 1) { /* all that follow are no more */
            upper += n - i;
            break;
        }
        term = scaled(term, (n - i) * m, (i + 1) * rest) + 1;
        upper += term;
    }
    if (upper > UINT64_MAX / ODDS) {
        return 0;
    }
    upper *= ODDS;
    term = one;
    for (uint32_t i = k; i > 0 && term > 0; i--) {
        term = scaled(term, i * rest, (n - i + 1) * m);
        if (term >= upper - lower) {
            return 1;
        }
        lower += term;
    }
    return 0;
}

/* Floor of the lower limit of k in n, 1/10000. */
static uint32_t lower_limit(uint32_t k, uint32_t n)
{
    uint32_t sure = 0;
    uint32_t beyond = (uint32_t)((uint64_t)CTC_INTERVAL_UNIT * k / n) + 1;

    if (k == 0) {
        return 0;
    }
    if (beyond > CTC_INTERVAL_UNIT) {
        beyond = CTC_INTERVAL_UNIT; /* at p = 1 the tail is certain */
    }
    while (beyond - sure > 1) {
        uint32_t middle = (sure + beyond) / 2;
        if (tail_is_small(k, n, middle)) {
            sure = middle;
        } else {
            beyond = middle;
        }
    }
    return sure;
}

ctc_error ctc_interval(uint64_t part, uint64_t whole, uint32_t *low, uint32_t *high)
{
    *low = 0;
    *high = CTC_INTERVAL_UNIT;
    if (whole > CTC_INTERVAL_MAX || part > whole) {
        return CTC_ERR_ARGUMENT;
    }
    if (whole > 0) {
        *low = lower_limit((uint32_t)part, (uint32_t)whole);
        *high = CTC_INTERVAL_UNIT - lower_limit((uint32_t)(whole - part), (uint32_t)whole);
    }
    return CTC_OK;
}
