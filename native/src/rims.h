/* Rims of nuclei in the DAPI mask: a pixel stays only when it is at least CTC_RIM_SHARE of the brightest pixel near it, both
 * above background. One threshold for all draws bright nuclei too wide, until they touch; half of its own height is where the
 * blur leaves the rim of each.
 *
 * "Near" is the pixel's block of 2 x 2 and the eight around it: 3 to 4 pixels. Time grows with the mask's pixels; memory is
 * four rows of blocks. */
#ifndef CTC_RIMS_H
#define CTC_RIMS_H

#include "ctc/work.h"

#define CTC_RIM_SHARE 38u /* of 64 */

/* Take from work->parts.find.mask what does not belong. Uses work->share and work->tiles. */
void ctc_rims_draw(ctc_work *work, const uint32_t frame[CTC_FRAME_WORDS]);

#endif
