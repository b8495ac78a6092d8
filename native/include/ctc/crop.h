/* Crops: what an object looks like, kept so that a person can judge what was counted.
 *
 * A crop of one channel is CTC_CROP_SIDE x CTC_CROP_SIDE pixels around the object's centroid (which lies in column and row 11),
 * from top to bottom, 4 bits a pixel, two to a byte, the first in the high nibble. A nibble is
 *
 *     (pixel - background) * 15 / (max - background), to the nearest, no less than 0 and no more than 15
 *
 * by the background and the maximum in the object's row for that channel, so that grey levels can be had again from the
 * row: background + nibble * (max - background) / 15. Raw, like both. A pixel outside the image is 0, and so is all of a
 * channel whose maximum is not above its background. */
#ifndef CTC_CROP_H
#define CTC_CROP_H

#include <stdint.h>

#include "ctc/error.h"
#include "ctc/frame.h"
#include "ctc/work.h"

#define CTC_CROP_SIDE 24u
#define CTC_CROP_BYTES (CTC_CROP_SIDE * CTC_CROP_SIDE / 2u)

/* Once a field is ended: flags (CTC_FLAG_...) of an object by its number, that of its row. CTC_ERR_ORDER: field not ended.
 * CTC_ERR_ARGUMENT: no such object. */
ctc_error ctc_object_flags(const ctc_work *work, unsigned object, unsigned *flags);

/* Once a field is ended: one channel's crop of an object from a frame of that channel, which the caller still has or has taken
 * again. Changes nothing that was measured. CTC_ERR_ORDER: field not ended. CTC_ERR_ARGUMENT: no such object, or a channel
 * without light. */
ctc_error ctc_crop(const ctc_work *work, unsigned object, unsigned channel, const uint32_t frame[CTC_FRAME_WORDS],
                   uint8_t crop[CTC_CROP_BYTES]);

#endif
