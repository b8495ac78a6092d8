/* Nuclei: from the DAPI frame to a mask and a list, touching nuclei told apart by the mask's shape alone.
 *
 * The mask is thresholded by tile and drawn in to the rims of nuclei (rims.h). It is then looked at in windows of 64 x 64
 * pixels whose inner 40 x 40 tile the image, so that memory is the same whatever is in it: the mask's bitmap, five
 * windows, and one entry a nucleus. Within a window every eight-connected component is taken for itself:
 *
 * - a component no wider and no higher than CTC_NUCLEUS_SINGLE is one nucleus;
 * - of any other the ultimate erosion is taken (Serra, Image Analysis and Mathematical Morphology, 1982, chapter XI;
 *   Vincent, IEEE Trans Image Process 1993;2:176-201): it is eroded by octagons, and wherever a part vanishes that is
 *   connected to nothing that stays, there is a nucleus, as wide as the erosions were many. Of two such places closer
 *   than the larger radius only the deeper is kept: the ends of one long nucleus.
 * - a pixel belongs to the nucleus with the least power distance (distance^2 - radius^2; Aurenhammer, SIAM J Comput
 *   1987;16:78-96), which cuts touching nuclei at their neck.
 *
 * A nucleus belongs to the window in whose inner part its seed's centre lies (of a single one: its first pixel), and must fit that
 * window: one that reaches
 * further than CTC_NUCLEUS_REACH from its seed is cut off there. More than CTC_MAX_NUCLEI are CTC_ERR_OBJECTS.
 */
#ifndef CTC_NUCLEI_H
#define CTC_NUCLEI_H

#include "ctc/error.h"
#include "ctc/work.h"

/* Two nuclei of 5 um side by side would be wider. */
#define CTC_NUCLEUS_SINGLE 10u

/* Outermost pixel of a nucleus from its seed's centre: a nucleus of 24 um. */
#define CTC_NUCLEUS_REACH 12u

/* Smaller nuclei are hot pixels and noise, not particles. */
#define CTC_SPECK_AREA 4u

/* Fill work->dapi with the mask and the nuclei of a frame; `threshold` by tile. Uses work->tiles and scratch. */
ctc_error ctc_nuclei_find(ctc_work *work, const uint16_t threshold[CTC_TILES], const uint32_t frame[CTC_FRAME_WORDS]);

/* Pixels of an object's nucleus; 0: it has none. */
uint32_t ctc_nucleus_pixels(const ctc_work *work, const ctc_object *object);

/* Power distance of a pixel to a nucleus, in 1/64 pixel squared. */
int32_t ctc_nucleus_distance(const ctc_nucleus *nucleus, unsigned x, unsigned y);

#endif
