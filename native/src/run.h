/* Runs: stretches of neighbouring pixels in one row, packed into one word each.
 *
 * A run of an object:  x0 (9 bits), x1 (9), label (14). Runs of one row are in order and never touch.
 * A nucleus piece:     x0 (9 bits), length - 1 (6), DAPI sum (14), saturated (1). At most 64 pixels, so that the sum fits
 *                      (64 * 255 < 2^14); a longer run of the DAPI mask is several pieces, end to end.
 * x1 is the first pixel behind the run.
 */
#ifndef CTC_RUN_H
#define CTC_RUN_H

#include <stdint.h>

typedef uint32_t ctc_run;
typedef uint32_t ctc_piece;

#define CTC_NO_LABEL 0x3FFFu
#define CTC_PIECE_MAX 64u

static inline ctc_run ctc_run_pack(unsigned x0, unsigned x1, unsigned label)
{
    return (uint32_t)x0 | (uint32_t)x1 << 9 | (uint32_t)label << 18;
}

static inline unsigned ctc_run_x0(ctc_run run)
{
    return run & 0x1FFu;
}

static inline unsigned ctc_run_x1(ctc_run run)
{
    return run >> 9 & 0x1FFu;
}

static inline unsigned ctc_run_label(ctc_run run)
{
    return run >> 18;
}

static inline ctc_run ctc_run_relabel(ctc_run run, unsigned label)
{
    return (run & 0x3FFFFu) | (uint32_t)label << 18;
}

static inline ctc_piece ctc_piece_pack(unsigned x0, unsigned x1, uint32_t sum, int saturated)
{
    return (uint32_t)x0 | (uint32_t)(x1 - x0 - 1) << 9 | sum << 15 | (uint32_t)(saturated != 0) << 29;
}

static inline unsigned ctc_piece_x0(ctc_piece piece)
{
    return piece & 0x1FFu;
}

static inline unsigned ctc_piece_x1(ctc_piece piece)
{
    return ctc_piece_x0(piece) + (piece >> 9 & 0x3Fu) + 1;
}

static inline uint32_t ctc_piece_sum(ctc_piece piece)
{
    return piece >> 15 & 0x3FFFu;
}

static inline int ctc_piece_saturated(ctc_piece piece)
{
    return (int)(piece >> 29 & 1u);
}

#endif
