/* From an object's raw signals to its HER2: compensation, calibrated units, score, and how sure it is.
 *
 * Compensation: the signals of the four dyes are the inverse spillover times the four channels' means over the object
 * (unmix.h; DAPI's mean is over the nucleus and is taken there by area).
 *
 * HER2 is the light of the whole object over the area of its body: light that the blur carried over the rim counts, the rim's
 * own area does not, so that a cell's HER2 depends neither on its size nor on how bright its CK is.
 *
 * Standard error, first order (GUM, JCGM 100:2008, 5.1.2): photon and read noise of the object's pixels (their variance grows in
 * proportion to the light: EMVA 1288) and of its background's median (pi / 2 times that of a mean), what the noise of the other
 * channels adds through the inverse, the spillover's own uncertainty times the dyes' signals, and the line's. */
#ifndef CTC_SCORE_H
#define CTC_SCORE_H

#include "ctc/work.h"

/* Compensate the means of an object. */
void ctc_compensate(const ctc_work *work, ctc_object *object);

/* Set mesf and her2_se of a compensated object; of a CTC also score, range and what of `flags` follows. */
void ctc_score(const ctc_work *work, ctc_object *object, int is_ctc);

#endif
