/* The shape of objects, from their runs.
 *
 * Perimeter: edges between a pixel of the object and one outside it (four-connected). Eccentricity: of the ellipse with the
 * same second moments, each pixel a unit square (Haralick & Shapiro, Computer and Robot Vision I, 1992, appendix A; as
 * scikit-image's regionprops has it). */
#ifndef CTC_SHAPE_H
#define CTC_SHAPE_H

#include "ctc/work.h"

/* Turn sorted runs and parts (split.h) into lines and objects. The objects take the place of the DAPI mask. */
void ctc_shape(ctc_work *work);

#endif
