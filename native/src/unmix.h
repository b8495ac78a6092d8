/* Spectral unmixing: the inverse of the spillover matrix.
 *
 * What is read is m = S d, S[r][c] the signal of dye c in channel r as a share of its signal in its own channel, so the
 * dyes are d = S^-1 m (compensation; Bagwell and Adams, Ann N Y Acad Sci 1993;677:167-184). S is inverted by cofactors in
 * 64-bit integers: the same bits on every machine, each entry within 2 units of Q16 of the real inverse for a matrix
 * that is accepted.
 */
#ifndef CTC_UNMIX_H
#define CTC_UNMIX_H

#include <stdint.h>

#include "ctc/error.h"

#define CTC_Q16 65536

/* Limits of an entry beside the diagonal, Q16: a dye is brightest in its own channel, and a share measured as
 * slightly negative is noise about zero. */
#define CTC_SPILLOVER_MIN (-CTC_Q16 / 16)
#define CTC_SPILLOVER_MAX (CTC_Q16 - 1)

/* Greatest condition number, in the norm of row sums: relative errors grow by no more than this. */
#define CTC_CONDITION_MAX 16

/* Invert `spillover` (Q16) into `inverse` (Q16). CTC_ERR_SETTINGS: the diagonal is not 1, an entry is out of its limits,
 * or the matrix is singular or ill-conditioned; `inverse` is undefined then. */
ctc_error ctc_unmix(int32_t inverse[4][4], const int32_t spillover[4][4]);

#endif
