/* From masks to objects: the DAPI frame leaves nucleus pieces, the CK frame joins them with its own mask. */
#ifndef CTC_COMPONENTS_H
#define CTC_COMPONENTS_H

#include "ctc/error.h"
#include "ctc/work.h"

/* Keep the DAPI mask of the frame as nucleus pieces. CTC_ERR_RUNS: they do not fit. */
ctc_error ctc_nuclei(ctc_work *work, unsigned threshold, const uint32_t frame[CTC_FRAME_WORDS]);

/* Turn the nucleus pieces and the CK mask of the frame into labelled runs and one label per component, specks left
 * out. CTC_ERR_RUNS, CTC_ERR_OBJECTS: they do not fit. */
ctc_error ctc_components(ctc_work *work, unsigned threshold, const uint32_t frame[CTC_FRAME_WORDS]);

#endif
