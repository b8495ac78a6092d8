/* The frame: one exposure of one channel as the sensor delivers it.
 *
 * 324 x 244 pixels of 8 bits, rows from top to bottom without padding. The last columns look at the
 * reference strip and are never part of an object. A frame is handed over as 32-bit words because the hot
 * loops read four pixels at a time; nothing depends on the byte order within a word.
 */
#ifndef CTC_FRAME_H
#define CTC_FRAME_H

#include <stdint.h>

#define CTC_WIDTH 324u
#define CTC_HEIGHT 244u
#define CTC_STRIP_COLUMNS 8u
#define CTC_IMAGE_WIDTH (CTC_WIDTH - CTC_STRIP_COLUMNS)
#define CTC_IMAGE_PIXELS (CTC_IMAGE_WIDTH * CTC_HEIGHT)
#define CTC_STRIP_PIXELS (CTC_STRIP_COLUMNS * CTC_HEIGHT)

#define CTC_ROW_WORDS (CTC_WIDTH / 4u)
#define CTC_IMAGE_WORDS (CTC_IMAGE_WIDTH / 4u)
#define CTC_FRAME_WORDS (CTC_ROW_WORDS * CTC_HEIGHT)
#define CTC_FRAME_BYTES (CTC_WIDTH * CTC_HEIGHT)

#define CTC_LEVELS 256u
#define CTC_SATURATED 255u

/* Intensities are fixed point: this many steps to one grey level. */
#define CTC_GREY 64u

typedef enum {
    CTC_DARK = 0,
    CTC_DAPI = 1,
    CTC_CK = 2,
    CTC_CD45 = 3,
    CTC_HER2 = 4,
    CTC_CHANNELS = 5
} ctc_channel;

#endif
