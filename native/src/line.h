/* The HER2 line: from grey levels to MESF per um2, by integer logarithms.
 *
 * MESF: molecules of equivalent soluble fluorochrome (Schwartz et al., Cytometry 1998;33:106-114). A calibration with
 * beads is a straight line in log-log: log2(MESF per um2) = offset + slope * log2(grey levels).
 */
#ifndef CTC_LINE_H
#define CTC_LINE_H

#include <stdint.h>

#include "ctc/config.h"

/* log2(value) in Q16, at most 1 unit off over the whole range; INT32_MIN for 0.
 * Digit by digit: squaring the mantissa doubles its logarithm (Knuth, TAOCP 1, section 1.2.2). */
int32_t ctc_log2(uint32_t value);

/* 2^exponent, exponent in Q16, to the nearest whole number: off by no more than 0.5 + result * 2^-26. 0 below a half,
 * UINT32_MAX from 2^32 on. */
uint32_t ctc_exp2(int64_t exponent);

/* MESF per um2 of a mean in 1/64 grey level by the line of `config`: 0 for 0, UINT32_MAX where it would be more. Never
 * falls when `grey64` rises. */
uint32_t ctc_mesf(const ctc_config *config, uint32_t grey64);

#endif
