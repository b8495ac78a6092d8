/* Cell row, version 2: how one object is recorded. docs/architecture.md has the table. */
#ifndef CTC_CELL_H
#define CTC_CELL_H

#include <stdint.h>

#include "ctc/error.h"

#define CTC_ROW_BYTES 71u

#define CTC_FLAG_CTC 0x01u
#define CTC_FLAG_EDGE 0x02u         /* touches the image's edge */
#define CTC_FLAG_SATURATED 0x04u    /* has a saturated pixel in some channel */
#define CTC_FLAG_SPLIT 0x08u        /* part of a region with several nuclei */
#define CTC_FLAG_BORDERLINE 0x10u   /* `range` holds more than one score */
#define CTC_FLAG_NO_RING 0x20u      /* the background of some channel is the tile's, not its own ring's */
#define CTC_FLAG_OUT_OF_RANGE 0x40u /* HER2 lies outside what was calibrated */
#define CTC_FLAGS 0x7Fu

#define CTC_NOT_SCORED 255u

typedef enum {
    CTC_GATE_NONE = 0,
    CTC_GATE_DAPI = 1,
    CTC_GATE_CK = 2,
    CTC_GATE_CD45 = 3,
    CTC_GATE_SMALL = 4,
    CTC_GATE_LARGE = 5,
    CTC_GATE_SHAPE = 6,
    CTC_GATE_NUCLEUS = 7,
    CTC_GATE_FOCUS = 8,
    CTC_GATE_SATURATED = 9,
    CTC_GATES = 10
} ctc_gate;

/* Name of a gate as records and screens show it; "" for CTC_GATE_NONE and for what is no gate. */
const char *ctc_gate_name(unsigned gate);

/* One channel of an object. Only `mean` is corrected for flat field and spillover; all others are raw. */
typedef struct {
    int16_t mean;        /* above background, 1/64 grey level */
    uint16_t sd;         /* standard deviation of its pixels, 1/64 grey level */
    uint16_t background; /* around it, 1/64 grey level */
    uint8_t max, median; /* grey levels */
    uint8_t saturated;   /* share of its pixels, 1/255 */
} ctc_signal;

typedef struct {
    uint8_t field;
    uint8_t flags;         /* CTC_FLAG_... */
    uint8_t score;         /* 0..3, CTC_NOT_SCORED */
    uint8_t gate;          /* the first gate it fails, CTC_GATE_NONE */
    uint16_t x, y;         /* centroid, 1/64 pixel; a pixel's centre has whole numbers */
    uint16_t area;         /* pixels; 65535: that many or more, as for all counts below */
    uint16_t perimeter;    /* edges between a pixel of the object and one outside it or the image */
    uint8_t width, height; /* 255: that many or more */
    uint16_t eccentricity; /* 1/65535 */
    uint16_t nucleus;      /* pixels of its nucleus */
    uint16_t inside;       /* of these, inside the object */
    uint8_t range;         /* scores that HER2's uncertainty leaves open: lowest, and highest << 4; CTC_NOT_SCORED */
    uint8_t overlap[3];    /* share of the nucleus with ck, cd45, her2 above threshold, 1/255 */
    uint32_t her2;         /* MESF per um2 */
    uint16_t her2_se;      /* standard error of HER2, 1/64 grey level */
    uint16_t focus;        /* 1/1000 */
    ctc_signal signal[4];  /* dapi (over the nucleus), ck, cd45, her2 */
    uint16_t body;         /* pixels at half of its CK or more: its area whatever its brightness */
    uint8_t cd45_low;      /* raw CD45 that an eighth of its inner pixels do not exceed: what gate cd45 judges */
} ctc_cell;

void ctc_cell_pack(uint8_t row[CTC_ROW_BYTES], const ctc_cell *cell);

/* CTC_ERR_ROW when gate, score, range and the CTC flag contradict each other: such a row was never written. */
ctc_error ctc_cell_unpack(ctc_cell *cell, const uint8_t row[CTC_ROW_BYTES]);

#endif
