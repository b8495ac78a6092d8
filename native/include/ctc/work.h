/* The caller-owned work area: what a field's analysis keeps from frame to frame. Its members are the core's own;
 * the type is complete here so that a caller can place one, and its bounds are stated for who plans capacity. */
#ifndef CTC_WORK_H
#define CTC_WORK_H

#include <stdint.h>

#include "ctc/config.h"
#include "ctc/frame.h"

/* The budget, and what it buys: objects, and with what is left the runs of their masks. A cell takes a
 * run per row of its height, so 256 objects may be 12 rows high on average. */
#define CTC_WORK_BYTES (24u * 1024u)
#define CTC_MAX_OBJECTS 256u
#define CTC_MAX_RUNS 3096u

/* While components are found, two labels use the room of one object. */
#define CTC_MAX_LABELS (2u * CTC_MAX_OBJECTS)

/* A row of the frame in mask runs: every other pixel. */
#define CTC_WORK_ROW_RUNS ((CTC_IMAGE_WIDTH + 1u) / 2u)

typedef struct {
    uint32_t area;           /* pixels */
    uint32_t sum;            /* of the channel being summed */
    uint32_t x_sum, y_sum;   /* of the pixels' coordinates */
    uint16_t x0, x1;         /* bounding box; x1, y1 behind the last pixel */
    uint8_t y0, y1;
    uint8_t flags, gate;     /* CTC_FLAG_..., ctc_gate */
    uint16_t nucleus;        /* 65535: that many or more, as below */
    uint16_t overlap;        /* nucleus pixels in the CK mask */
    uint16_t perimeter;
    uint16_t mean[4];        /* dapi, ck, cd45, her2 above background, 1/64 grey level */
    uint8_t score;
} ctc_object;

typedef struct {
    uint32_t area;           /* pixels */
    uint32_t nucleus;        /* pixels in the DAPI mask */
    uint32_t overlap;        /* pixels in both masks */
    uint32_t dapi;           /* sum of DAPI over the nucleus */
    uint16_t parent;         /* itself: a root */
    uint8_t last_row;
    uint8_t saturated;       /* in DAPI */
} ctc_label;

typedef struct {
    uint32_t background, noise, threshold, strip, saturated, mean;
} ctc_frame_quality;

typedef struct {
    ctc_config config;
    ctc_frame_quality quality;            /* of the frame last analysed */
    uint32_t dapi_background;             /* 1/64 grey level */
    uint8_t field;
    uint8_t stage;                        /* what comes next: see field.c */
    uint16_t object_count;
    uint16_t row_start[CTC_HEIGHT + 1];   /* of each row in `runs` */
    union {                               /* one after the other within a frame */
        uint32_t levels[CTC_LEVELS];
        uint32_t row_runs[CTC_WORK_ROW_RUNS];
    } scratch;
    union {                               /* labels become objects when the CK frame has been read */
        ctc_label label[CTC_MAX_LABELS];
        ctc_object object[CTC_MAX_OBJECTS];
    } parts;
    uint32_t runs[CTC_MAX_RUNS];          /* first nucleus pieces, then runs of objects */
} ctc_work;

#endif
