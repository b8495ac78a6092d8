/* Hot pixels: those of the dark frame that stand out of their tile. */
#ifndef CTC_HOTPIXELS_H
#define CTC_HOTPIXELS_H

#include "ctc/error.h"
#include "ctc/work.h"

/* A pixel is hot this many noise widths above its tile's dark level, and at least this much, 1/64 grey level. */
#define CTC_HOT_WIDTHS 8u
#define CTC_HOT_LEAST (12u * CTC_GREY)

/* List the hot pixels of the dark frame just measured. CTC_ERR_HOT: more than CTC_MAX_HOT. */
ctc_error ctc_hot_find(ctc_work *work, const uint32_t frame[CTC_FRAME_WORDS]);

/* Whether a pixel is in that list. */
int ctc_is_hot(const ctc_work *work, unsigned x, unsigned y);

#endif
