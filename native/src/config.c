#include "ctc/config.h"

#include "ctc/frame.h"

/* PROVISIONAL: no cut-off for HER2 on CTCs is published in calibrated units, and the intensity limits are
 * set for the reader's simulated specimens. Sizes are at 1.0 um per pixel.
 *
 * Sizes and overlap: CellSearch's definition of a CTC (Allard et al., Clin Cancer Res 2004;10:6897-6904):
 * CK+, DAPI+, CD45-, at least 4 um, round to oval, nucleus inside the cytoplasm.
 */
const ctc_config ctc_config_default = {
    .noise_factor = 8,
    .dapi_threshold = 12 * CTC_GREY,
    .ck_threshold = 12 * CTC_GREY,
    .nucleus_min = 7, /* a disc of 3 um */
    .ck_min = 16 * CTC_GREY,
    .cd45_max = 12 * CTC_GREY,
    .area_min = 13,  /* a disc of 4 um: pi / 4 * 4^2 = 12.6 */
    .area_max = 804, /* a disc of 32 um */
    /* On a pixel grid a disc's edge is that of its bounding box, so p^2/a is 64/pi = 20.4 for a disc, at
     * most 25.5 for a 2:1 oval and 34 for 3:1. */
    .shape_max = 32,
    .score_min = {9 * CTC_GREY, 27 * CTC_GREY, 70 * CTC_GREY},
};
