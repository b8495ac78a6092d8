/* Which nuclei an object holds, and the object split between them. Rules: objects.h. */
#ifndef CTC_SPLIT_H
#define CTC_SPLIT_H

#include "ctc/error.h"
#include "ctc/work.h"

/* Nuclei within reach of one object. */
#define CTC_MAX_NEAR 64u

/* From labelled runs, one label a component, to sorted runs, one label an object, and each object's first run and nucleus
 * (parts.find.of.part). CTC_ERR_RUNS, CTC_ERR_OBJECTS: they do not fit. */
ctc_error ctc_split(ctc_work *work);

#endif
