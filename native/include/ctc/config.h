/* Everything an analysis is set to: identities, corrections, thresholds, gates, calibration and HER2 cut-offs. Filled
 * from the built-in default (config.c, where each value's source stands) or from a settings blob (ctc/settings.h).
 *
 * Grey levels are in 1/64 (CTC_GREY) unless said, lengths in pixels (1.0 um), Q16 is a value times 65536.
 */
#ifndef CTC_CONFIG_H
#define CTC_CONFIG_H

#include <stdint.h>

#include "ctc/error.h"

#define CTC_VERSION "0.2.0"

/* Names of what is built in: change one with any change of a value or a meaning behind it. */
#define CTC_GATE_SET "cellsearch-2"
#define CTC_CALIBRATION "PROVISIONAL-2"
#define CTC_CUTOFFS "PROVISIONAL-2"

/* A calibration or cut-offs whose id starts with this have not been set on beads or on cell-line controls. */
#define CTC_PROVISIONAL "PROVISIONAL"

#define CTC_TILE_COLUMNS 5u /* 64 pixels wide, the last 60 */
#define CTC_TILE_ROWS 4u    /* 61 pixels high */
#define CTC_TILES 20u
#define CTC_ID_BYTES 24u    /* text ids: printable ASCII, NUL-terminated and NUL-padded */

/* Bits of `corrections`: what is switched on. */
#define CTC_CORRECT_HOT 1u        /* hot pixels are left out */
#define CTC_CORRECT_FLAT 2u       /* flat field */
#define CTC_CORRECT_BACKGROUND 4u /* background by tile and by ring; off: one value per frame, no ring */
#define CTC_CORRECT_SPILLOVER 8u
#define CTC_CORRECT_ALL 15u

/* A limit that is switched off: a least value of 0, a greatest value of CTC_NO_LIMIT. */
#define CTC_NO_LIMIT 65535u

/* The range of a flat field's values, 1/4096: half and twice the mean response. */
#define CTC_FLAT_ONE 4096u
#define CTC_FLAT_MIN 2048u
#define CTC_FLAT_MAX 8192u

typedef struct {               /* gates, in the order they are tried */
    uint16_t ck_min;           /* gate ck: least mean CK, 1/64 grey level */
    uint16_t ck_snr_min;       /* gate ck: least mean CK over its noise, 1/64 */
    uint16_t nucleus_min;      /* gate dapi: least nucleus area, pixels */
    uint16_t dapi_min;         /* gate dapi: least mean DAPI of the nucleus, 1/64 grey level */
    uint16_t cd45_max;         /* gate cd45: greatest CD45 (cd45_low in cell.h) above background, 1/64 grey level */
    uint16_t cd45_share_max;   /* gate cd45: greatest CD45 as a share of CK, 1/1000 */
    uint16_t area_min;         /* gate small: pixels */
    uint16_t area_max;         /* gate large: pixels */
    uint16_t shape_max;        /* gate shape: greatest P2A, perimeter^2 / area */
    uint16_t eccentricity_max; /* gate shape: 1/1000 */
    uint16_t overlap_min;      /* gate nucleus: least share of the nucleus inside the cell, 1/1000 */
    uint16_t focus_min;        /* gate focus: least focus measure, 1/1000 */
    uint16_t saturated_max;    /* gate saturated: greatest share of saturated pixels in any channel, 1/1000 */
} ctc_gates;

typedef struct {
    char gate_set[CTC_ID_BYTES];
    char calibration[CTC_ID_BYTES]; /* of flat field, spillover and the HER2 line together */
    char cutoffs[CTC_ID_BYTES];
    uint16_t corrections;           /* CTC_CORRECT_... */
    uint16_t noise_factor;          /* a mask's threshold is this many noise widths (1/16) above background ... */
    uint16_t dapi_threshold;        /* ... and at least this much, 1/64 grey level */
    uint16_t ck_threshold;          /* 1/64 grey level */
    uint16_t borderline;            /* standard errors (1/16) up or down that must not change a cell's score */
    ctc_gates gates;
    uint16_t flat[4][CTC_TILES];    /* relative response by channel (dapi, ck, cd45, her2) and tile, row by row, 1/4096 */
    int32_t spillover[4][4];        /* row: channel read, column: dye; Q16; diagonal 1 */
    uint16_t spillover_se[4][4];    /* standard uncertainty of each, Q16 */
    int32_t line_offset;            /* HER2: log2(MESF per um2) = offset + slope * log2(grey levels), Q16 */
    int32_t line_slope;             /* Q16 */
    uint16_t line_se;               /* standard uncertainty of the line, log2, Q16 */
    uint32_t line_low, line_high;   /* MESF per um2 covered by the beads */
    uint32_t score_min[3];          /* least MESF per um2 of 1+, 2+, 3+; ascending */
} ctc_config;

extern const ctc_config ctc_config_default;

/* Whether every value is one an analysis can be run with. CTC_ERR_SETTINGS: an id that is no text, an unknown correction,
 * a threshold of 0 or above the greatest grey level, a share above 1, a least area above the greatest, a flat field
 * outside CTC_FLAT_MIN..CTC_FLAT_MAX, a spillover matrix that is singular or ill-conditioned (unmix.h), a diagonal
 * that is not 1, a slope or a range of the line that is not positive, cut-offs that are 0 or do not ascend. */
ctc_error ctc_config_check(const ctc_config *config);

#endif
