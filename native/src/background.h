/* Background and noise of a frame or a tile, from its histogram.
 *
 * Objects and haze only ever add light, so the side of the histogram below its peak is background alone:
 *
 * 1. the peak: the level with most pixels, smoothed with weights 1 2 1, the lowest of equals;
 * 2. noise: the median absolute deviation of the pixels below the centre, times 1.4826 (what makes it the
 *    standard deviation of a normal distribution; Rousseeuw & Croux, J Am Stat Assoc 1993;88:1273-1283);
 * 3. background: the mean of the pixels within two noise widths of the peak (clipped as in SExtractor:
 *    Bertin & Arnouts, Astron Astrophys Suppl 1996;117:393-404, section 3);
 * 4. noise again, around that background.
 *
 * Pixels of level i are taken as spread evenly over i - 1/2 .. i + 1/2, which gives widths finer than one
 * level: a frame of one single level has noise 0.37, close to the quantisation noise of 0.29.
 */
#ifndef CTC_BACKGROUND_H
#define CTC_BACKGROUND_H

#include "ctc/frame.h"

typedef struct {
    uint16_t background; /* 1/64 grey level */
    uint16_t noise;      /* 1/64 grey level */
    uint32_t pixels, sum; /* of the histogram, and of its pixels' levels */
} ctc_background;

/* `counts` holds 1 to CTC_IMAGE_PIXELS pixels in all. */
ctc_background ctc_background_of(const uint32_t counts[CTC_LEVELS]);

#endif
