/* What the analysis is set to: thresholds, gates and HER2 cut-offs. Defaults exist once, in config.c. */
#ifndef CTC_CONFIG_H
#define CTC_CONFIG_H

#include <stdint.h>

#define CTC_VERSION "0.1.0"

/* Name of the built-in gate set: change it with any change of a default's value or a gate's meaning. */
#define CTC_GATE_SET "cellsearch-1"

typedef struct {
    uint16_t noise_factor;   /* a mask's threshold lies this many noise widths above background ... */
    uint16_t dapi_threshold; /* ... and at least this much, 1/64 grey level */
    uint16_t ck_threshold;   /* 1/64 grey level */
    uint16_t nucleus_min;    /* gate dapi: least number of DAPI pixels */
    uint16_t ck_min;         /* gate ck: least mean, 1/64 grey level */
    uint16_t cd45_max;       /* gate cd45: greatest mean, 1/64 grey level */
    uint16_t area_min;       /* gate small: least area, pixels */
    uint16_t area_max;       /* gate large: greatest area, pixels */
    uint16_t shape_max;      /* gate shape: greatest perimeter * perimeter / area */
    uint16_t score_min[3];   /* least mean of HER2 for 1+, 2+, 3+, 1/64 grey level, ascending */
} ctc_config;

extern const ctc_config ctc_config_default;

#endif
