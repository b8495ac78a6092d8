/* Runs of objects: stretches of neighbouring pixels in one row, packed into one word each.
 *
 * While objects are found: length - 1 (7 bits), x0 (9), y (8), label (8), so that runs in order of their words are in
 * order of label, row and column. A stretch of more than CTC_RUN_MAX pixels is several runs, end to end.
 *
 * Once they are (ctc_line): length - 1 (7), x0 (9), rows down from the run before (2), and the stretch of nucleus in it: first
 * pixel from x0 (7) and length (7, 0: none). An object knows its first run and its first row. */
#ifndef CTC_RUN_H
#define CTC_RUN_H

#include <stdint.h>

typedef uint32_t ctc_run;
typedef uint32_t ctc_line;

#define CTC_RUN_MAX 127u
#define CTC_NO_LABEL 0xFFu
#define CTC_MAX_LABELS 254u
#define CTC_LINE_DOWN_MAX 3u

static inline ctc_run ctc_run_pack(unsigned x0, unsigned x1, unsigned y, unsigned label)
{
    return (uint32_t)(x1 - x0 - 1) | (uint32_t)x0 << 7 | (uint32_t)y << 16 | (uint32_t)label << 24;
}

static inline unsigned ctc_run_x0(ctc_run run)
{
    return run >> 7 & 0x1FFu;
}

static inline unsigned ctc_run_x1(ctc_run run)
{
    return ctc_run_x0(run) + (run & 0x7Fu) + 1;
}

static inline unsigned ctc_run_y(ctc_run run)
{
    return run >> 16 & 0xFFu;
}

static inline unsigned ctc_run_label(ctc_run run)
{
    return run >> 24;
}

static inline ctc_run ctc_run_relabel(ctc_run run, unsigned label)
{
    return (run & 0xFFFFFFu) | (uint32_t)label << 24;
}

static inline ctc_line ctc_line_pack(ctc_run run, unsigned down, unsigned nucleus_from, unsigned nucleus_length)
{
    return (run & 0xFFFFu) | (uint32_t)down << 16 | (uint32_t)nucleus_from << 18 | (uint32_t)nucleus_length << 25;
}

static inline unsigned ctc_line_down(ctc_line line)
{
    return line >> 16 & 3u;
}

static inline unsigned ctc_line_nucleus_from(ctc_line line)
{
    return ctc_run_x0(line) + (line >> 18 & 0x7Fu);
}

static inline unsigned ctc_line_nucleus_length(ctc_line line)
{
    return line >> 25;
}

#endif
