/* Objects: connected regions of the CK mask, each split between the nuclei it holds.
 *
 * A gap in a row of the CK mask that the DAPI mask fills belongs to the object: cytokeratin is thin over the nucleus. A
 * nucleus is an object's when more than half of it lies inside. Of an object with several, every pixel goes to the nucleus
 * with the least power distance (nuclei.h); one with none is one object, and its nucleus the one with most pixels inside.
 *
 * The masks alone decide. Time grows with the objects' pixels times the nuclei near them, memory is work.h's. */
#ifndef CTC_OBJECTS_H
#define CTC_OBJECTS_H

#include "ctc/error.h"
#include "ctc/work.h"

/* Fill the work area's runs with lines and its objects with their place, shape and nucleus. `threshold` by tile.
 * CTC_ERR_RUNS, CTC_ERR_OBJECTS: they do not fit. */
ctc_error ctc_objects_find(ctc_work *work, const uint16_t threshold[CTC_TILES], const uint32_t frame[CTC_FRAME_WORDS]);

#endif
