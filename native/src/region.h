/* Objects: their geometry and their mean in each channel, over the labelled runs. */
#ifndef CTC_REGION_H
#define CTC_REGION_H

#include "ctc/work.h"

/* Turn labels into objects, with everything that the runs alone tell. `dapi_background` is in 1/64 grey level. */
void ctc_objects(ctc_work *work, uint32_t dapi_background);

/* Set the mean of a channel (CTC_CK, CTC_CD45, CTC_HER2) from its frame, and flag saturated objects. */
void ctc_measure(ctc_work *work, unsigned channel, const uint32_t frame[CTC_FRAME_WORDS]);

#endif
