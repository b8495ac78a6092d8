/* The caller-owned work area: what a field's analysis keeps from frame to frame. Its members are the core's own;
 * the type is complete here so that a caller can place one, and its bounds are stated for who plans capacity.
 *
 * One frame buffer serves all channels, so what a later frame needs of an earlier one is kept here. Three parts take turns
 * in the same room: the DAPI mask (9,760 bytes: one bit a pixel, whatever is in it) gives way to the objects when the CK
 * frame has been read, and the windows in which nuclei are found to the runs of objects.
 *
 * For another frame of W x H pixels: mask W H / 8 bytes, nuclei 12 each, runs 4, objects 80. */
#ifndef CTC_WORK_H
#define CTC_WORK_H

#include <stdint.h>

#include "ctc/cell.h"
#include "ctc/config.h"
#include "ctc/frame.h"

/* The budget, and what it buys. A cell takes a run per row of its height: 71 cells (1,142 in 16 fields) of 16 rows, with the
 * blur at their rims, take 1,136; fields differ. 416 nuclei in a field are 6,656 in 16. */
#define CTC_WORK_BYTES (24u * 1024u)
#define CTC_MAX_OBJECTS 128u
#define CTC_MAX_RUNS 1728u
#define CTC_MAX_NUCLEI 416u
#define CTC_MAX_HOT 32u
#define CTC_MAX_SEEDS 64u

#define CTC_BITMAP_WORDS ((CTC_IMAGE_WIDTH + 31u) / 32u)

/* Neighbouring pixels of one row; x1 is the first pixel behind. Stretches of a mask are at least one pixel apart. */
typedef struct {
    uint16_t x0, x1;
} ctc_stretch;

#define CTC_ROW_STRETCHES ((CTC_IMAGE_WIDTH + 1u) / 2u)

typedef struct {
    uint32_t rows[CTC_HEIGHT][CTC_BITMAP_WORDS];
} ctc_bitmap;

typedef struct {
    uint16_t background[CTC_TILES]; /* 1/64 grey level, raw */
    uint16_t noise[CTC_TILES];
} ctc_tiles;

typedef struct {
    uint16_t x, y;      /* centroid, 1/64 pixel */
    uint16_t area;      /* pixels, and CTC_NUCLEUS_OWNED: it is an object's */
    uint16_t mean;      /* raw, 1/64 grey level */
    uint8_t sd;         /* raw, 1/4 grey level */
    uint8_t max, median; /* raw */
    uint8_t saturated;  /* share of pixels, 1/255 */
} ctc_nucleus;

#define CTC_NUCLEUS_OWNED 0x8000u
#define CTC_NUCLEUS_AREA 0x7FFFu

typedef struct {
    uint64_t rows[64];
} ctc_window;

typedef struct {
    int32_t x, y;       /* 1/64 pixel of the window */
    int32_t radius;     /* pixels */
} ctc_seed;

typedef struct {
    ctc_seed at[CTC_MAX_SEEDS];
    unsigned count;
} ctc_seeds;

typedef struct {
    ctc_window here, part, now, next, rest;
    ctc_seeds seeds;
} ctc_windows;

/* Brightest pixels of blocks of 2 x 2, three rows of blocks at a time, with an empty block at either end. */
#define CTC_BLOCK_COLUMNS (CTC_IMAGE_WIDTH / 2u)

typedef struct {
    uint8_t peak[3][CTC_BLOCK_COLUMNS + 2];
    uint8_t limit[CTC_BLOCK_COLUMNS];
} ctc_peaks;

typedef struct {
    uint16_t area;
    uint8_t parent;     /* itself: a root */
    uint8_t last_row;
} ctc_label;

typedef struct {
    uint16_t first;     /* of its runs */
    uint16_t nucleus;   /* its number, CTC_NO_NUCLEUS */
    uint16_t inside;    /* pixels of the nucleus in it */
    uint8_t y0;
    uint8_t flags;
} ctc_part;

#define CTC_NO_NUCLEUS 0xFFFFu

typedef struct {
    uint32_t mesf;           /* HER2, MESF per um2 */
    uint16_t first, count;   /* its runs */
    uint16_t x, y;           /* centroid, 1/64 pixel */
    uint16_t area;           /* pixels */
    uint16_t body;           /* pixels at half of its CK or more */
    uint16_t perimeter, eccentricity, focus;
    uint16_t nucleus;        /* its number, CTC_NO_NUCLEUS */
    uint16_t inside;         /* pixels of the nucleus in it */
    uint16_t her2_se;        /* 1/64 grey level */
    uint16_t x0;
    uint8_t y0, width, height;
    uint8_t flags, score, gate, range;
    uint8_t overlap[3];      /* of the nucleus with ck, cd45, her2, 1/255 */
    uint8_t cd45_low;        /* raw CD45 that an eighth of its inner pixels do not exceed */
    ctc_signal signal[4];    /* dapi (over the nucleus), ck, cd45, her2 */
} ctc_object;

typedef struct {
    uint32_t background, noise, threshold, strip, saturated, mean;
} ctc_frame_quality;

typedef struct {
    ctc_config config;
    int32_t unmix[4][4];                    /* inverse of the spillover, Q16 */
    ctc_frame_quality quality;              /* of the frame last analysed */
    uint32_t leukocytes;
    uint32_t ck_noise;                      /* 1/64 grey level */
    uint8_t field;
    uint8_t stage;                          /* what comes next: see stage.h */
    uint8_t hot_count;
    uint16_t nucleus_count, object_count, run_count;
    uint16_t dark[CTC_TILES];               /* 1/64 grey level; 0 where the dark frame was left out */
    uint16_t dapi[CTC_TILES];               /* background of the DAPI frame */
    ctc_tiles tiles;                        /* of the frame last analysed */
    uint32_t hot[CTC_MAX_HOT];              /* pixel numbers, ascending */
    union {                                 /* one after the other within a frame */
        uint32_t levels[CTC_LEVELS];
        ctc_stretch stretches[CTC_ROW_STRETCHES];
    } scratch;
    ctc_nucleus nuclei[CTC_MAX_NUCLEI];
    union {
        ctc_peaks peaks;                    /* dapi, while its mask is drawn */
        ctc_windows windows;                /* dapi, while nuclei are found */
        uint32_t runs[CTC_MAX_RUNS];        /* ck and after */
    } share;
    union {
        struct {
            ctc_bitmap mask;                /* dapi, ck */
            union {
                ctc_label label[254];       /* while components are found */
                ctc_part part[CTC_MAX_OBJECTS]; /* while they are split */
            } of;
        } find;
        ctc_object object[CTC_MAX_OBJECTS]; /* ck and after */
    } parts;
} ctc_work;

#endif
