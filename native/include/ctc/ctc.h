/* The CTC reader's core: frames of one field in, cell rows out.
 *
 *     ctc_begin, ctc_analyse of [dark,] dapi, ck, cd45, her2 in this order, ctc_end, ctc_rows, ctc_crop
 *
 * All state is in the caller's work area; the frame is only read during the call. Integers only: the same
 * frames give the same bytes everywhere. From frame to frame survive masks, nuclei and objects (ctc/work.h), so
 * one frame buffer serves all channels. A bound reached is an error and ends the field: nothing is dropped.
 */
#ifndef CTC_CTC_H
#define CTC_CTC_H

#include <stddef.h>
#include <stdint.h>

#include "ctc/cell.h"
#include "ctc/config.h"
#include "ctc/crop.h"
#include "ctc/error.h"
#include "ctc/frame.h"
#include "ctc/settings.h"
#include "ctc/rule.h"
#include "ctc/tally.h"
#include "ctc/work.h"

/* What ctc_quality knows of the frame last analysed: 1/64 grey level, but SATURATED in pixels. STRIP is the
 * mean of the reference strip, all else is of the image columns: BACKGROUND and NOISE are the median tile's, THRESHOLD is the
 * tiles' mean, MEAN and SATURATED (times four) come from every fourth pixel. Then counts of the field so far: nuclei that are
 * leukocytes' (from cd45 on), nuclei (from dapi on), hot pixels. */
typedef enum {
    CTC_QUALITY_BACKGROUND = 0,
    CTC_QUALITY_NOISE = 1,
    CTC_QUALITY_THRESHOLD = 2,
    CTC_QUALITY_STRIP = 3,
    CTC_QUALITY_SATURATED = 4,
    CTC_QUALITY_MEAN = 5,
    CTC_QUALITY_LEUKOCYTES = 6,
    CTC_QUALITY_NUCLEI = 7,
    CTC_QUALITY_HOT = 8,
    CTC_QUALITY_ITEMS = 9
} ctc_quality_item;

/* Start field number `field` (0..255). `config` is copied. Whatever the work area held is gone.
 * CTC_ERR_SETTINGS: ctc_config_check refuses `config`. */
ctc_error ctc_begin(ctc_work *work, unsigned field, const ctc_config *config);

/* Analyse one frame. CTC_ERR_ORDER: not the channel's turn (dark may be left out), or the field has failed.
 * CTC_ERR_ARGUMENT: no such channel. CTC_ERR_RUNS, CTC_ERR_OBJECTS, CTC_ERR_HOT: a bound is reached, the field has
 * failed. */
ctc_error ctc_analyse(ctc_work *work, unsigned channel, const uint32_t frame[CTC_FRAME_WORDS]);

/* One figure of the frame last analysed, also when that analysis failed; 0 before the first. */
ctc_error ctc_quality(const ctc_work *work, unsigned item, uint32_t *value);

/* Between dapi and ck: the number of the nucleus, from 1, that a pixel of the mask is nearest to; 0: none. For label images. */
unsigned ctc_nucleus_at(const ctc_work *work, unsigned x, unsigned y);

/* Compensate, apply gates and score. CTC_ERR_ORDER: channels are missing or the field has failed. */
ctc_error ctc_end(ctc_work *work, unsigned *objects);

/* Pack rows from object `first` on, as many as there are and fit `size` bytes. CTC_ERR_ORDER: field not ended. */
ctc_error ctc_rows(const ctc_work *work, uint8_t *rows, size_t size, unsigned first, unsigned *copied);

#endif
