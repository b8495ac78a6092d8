/* Cell row, version 1: how one object is recorded. docs/architecture.md has the table. */
#ifndef CTC_CELL_H
#define CTC_CELL_H

#include <stdint.h>

#include "ctc/error.h"

#define CTC_ROW_BYTES 24u

#define CTC_FLAG_CTC 0x01u
#define CTC_FLAG_EDGE 0x02u
#define CTC_FLAG_SATURATED 0x04u

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
    CTC_GATES = 8
} ctc_gate;

/* Name of a gate as records and screens show it; "" for CTC_GATE_NONE and for what is no gate. */
const char *ctc_gate_name(unsigned gate);

typedef struct {
    uint8_t field;
    uint8_t flags;       /* CTC_FLAG_... */
    uint8_t score;       /* 0..3, CTC_NOT_SCORED */
    uint8_t gate;        /* the first gate it fails, CTC_GATE_NONE */
    uint16_t x, y;       /* centroid, 1/64 pixel; a pixel's centre has whole numbers */
    uint16_t area;       /* pixels; 65535: that many or more, as for all counts below */
    uint16_t nucleus;    /* pixels of the object in the DAPI mask */
    uint16_t mean[4];    /* dapi (over the nucleus), ck, cd45, her2 above background, 1/64 grey level */
    uint8_t width, height;
    uint16_t perimeter;  /* edges between a pixel of the object and one outside it or the image */
} ctc_cell;

void ctc_cell_pack(uint8_t row[CTC_ROW_BYTES], const ctc_cell *cell);

/* CTC_ERR_ROW when gate, score and the CTC flag contradict each other: such a row was never written. */
ctc_error ctc_cell_unpack(ctc_cell *cell, const uint8_t row[CTC_ROW_BYTES]);

#endif
