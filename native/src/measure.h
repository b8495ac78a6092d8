/* What an object shows in one channel's frame.
 *
 * Background: the median of the pixels in a band CTC_RING_GAP to CTC_RING_GAP + CTC_RING_WIDTH pixels outside the object's box
 * that are below the channel's threshold (so that neighbours do not count); of fewer than CTC_RING_LEAST, or with the
 * correction off, the tiles'. Signal: mean of the object's pixels less background, over the flat field's response there. */
#ifndef CTC_MEASURE_H
#define CTC_MEASURE_H

#include "ctc/work.h"

/* Inner pixels of an object are at least this far from the ends of its runs and from its first and last row: the blur of the
 * optics does not reach them. */
#define CTC_INNER 2u

#define CTC_RING_GAP 3u
#define CTC_RING_WIDTH 3u
#define CTC_RING_LEAST 24u

/* Fill `channel`'s (CTC_CK, CTC_CD45, CTC_HER2) signal of every object, and from CK the body and focus, and DAPI's from the
 * nuclei. `threshold` by tile. */
void ctc_measure(ctc_work *work, unsigned channel, const uint16_t threshold[CTC_TILES],
                 const uint32_t frame[CTC_FRAME_WORDS]);

/* Nuclei that are no object's and show CD45 above the gate's limit: leukocytes. */
uint32_t ctc_leukocytes(const ctc_work *work, const uint32_t frame[CTC_FRAME_WORDS]);

#endif
