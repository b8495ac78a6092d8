#include "ctc/config.h"

#include "ctc/frame.h"
#include "unmix.h"

#define ROW_OF_FIVE(value) value, value, value, value, value
#define FLAT(value) {ROW_OF_FIVE(value), ROW_OF_FIVE(value), ROW_OF_FIVE(value), ROW_OF_FIVE(value)}

#define GREY_MAX (CTC_SATURATED * CTC_GREY)
#define WIDTH_ONE 16u /* noise widths and standard errors are in 1/16 */
#define PERMILLE 1000u

/* PROVISIONAL: no cut-off for HER2 on CTCs is published in calibrated units, and the intensity limits are
 * set for the reader's simulated specimens. Sizes are at 1.0 um per pixel.
 *
 * Sizes and overlap: CellSearch's definition of a CTC (Allard et al., Clin Cancer Res 2004;10:6897-6904):
 * CK+, DAPI+, CD45-, at least 4 um, round to oval, nucleus inside the cytoplasm with more than half of its area.
 */
const ctc_config ctc_config_default = {
    .gate_set = CTC_GATE_SET,
    .calibration = CTC_CALIBRATION,
    .cutoffs = CTC_CUTOFFS,
    .corrections = CTC_CORRECT_ALL,
    .noise_factor = 6 * WIDTH_ONE, /* one pixel in 10^9 of noise alone */
    .dapi_threshold = 10 * CTC_GREY,
    .ck_threshold = 8 * CTC_GREY,
    .borderline = 2 * WIDTH_ONE, /* two standard errors: about 95 % */
    .gates =
        {
            .ck_min = 8 * CTC_GREY,
            .ck_snr_min = 0,
            .nucleus_min = 7, /* a disc of 3 um */
            .dapi_min = 0,
            .cd45_max = 26 * CTC_GREY, /* between double positives, 35 and more, and CTCs under a leukocyte */
            .cd45_share_max = CTC_NO_LIMIT,
            .area_min = 13,  /* a disc of 4 um: pi / 4 * 4^2 = 12.6 */
            .area_max = 804, /* a disc of 32 um */
            /* On a pixel grid a disc's edge is that of its bounding box, so p^2/a is 64/pi = 20.4 for a disc, at
             * most 25.5 for a 2:1 oval and 34 for 3:1. */
            .shape_max = 32,
            .eccentricity_max = CTC_NO_LIMIT,
            .overlap_min = 501, /* more than half */
            .focus_min = 0,
            .saturated_max = CTC_NO_LIMIT,
        },
    .flat = {FLAT(CTC_FLAT_ONE), FLAT(CTC_FLAT_ONE), FLAT(CTC_FLAT_ONE), FLAT(CTC_FLAT_ONE)},
    /* The board's typical spillover (board.toml, [optics.spillover]: 1 %, 1 % and 3 %), each known to a fifth of itself: PE
     * absorbs at 470 nm too, and without this every cell bright in CK would read HER2. */
    .spillover = {{CTC_Q16, 0, 0, 0}, {0, CTC_Q16, 0, 655}, {0, 655, CTC_Q16, 0}, {0, 1966, 0, CTC_Q16}},
    .spillover_se = {{0, 0, 0, 0}, {0, 0, 0, 131}, {0, 131, 0, 0}, {0, 393, 0, 0}},
    /* One grey level is 100 MESF per um2 by decree, over all that the sensor can show. */
    .line_offset = 435412, /* log2(100) */
    .line_slope = CTC_Q16,
    .line_se = 0,
    .line_low = 0,
    .line_high = 25500,
    .score_min = {900, 2700, 7000},
};

/* Printable ASCII that does not start with a space, then zeros to the end: one text has one packed form. */
static int is_text(const char id[CTC_ID_BYTES])
{
    unsigned i = 0;

    while (i < CTC_ID_BYTES && id[i] >= ' ' && id[i] <= '~') {
        i++;
    }
    if (i == 0 || i == CTC_ID_BYTES || id[0] == ' ') {
        return 0;
    }
    while (i < CTC_ID_BYTES && id[i] == '\0') {
        i++;
    }
    return i == CTC_ID_BYTES;
}

static int within(unsigned value, unsigned least, unsigned greatest)
{
    return value >= least && value <= greatest;
}

static int is_share(unsigned value)
{
    return value <= PERMILLE || value == CTC_NO_LIMIT;
}

static int gates_are_usable(const ctc_gates *gates)
{
    return gates->ck_min <= GREY_MAX && gates->dapi_min <= GREY_MAX
        && (gates->cd45_max <= GREY_MAX || gates->cd45_max == CTC_NO_LIMIT) && gates->area_min <= gates->area_max
        && gates->shape_max > 0 && is_share(gates->eccentricity_max) && gates->overlap_min <= PERMILLE
        && is_share(gates->saturated_max);
}

static int flat_is_usable(const ctc_config *config)
{
    for (unsigned channel = 0; channel < 4; channel++) {
        for (unsigned tile = 0; tile < CTC_TILES; tile++) {
            if (!within(config->flat[channel][tile], CTC_FLAT_MIN, CTC_FLAT_MAX)) {
                return 0;
            }
        }
    }
    return 1;
}

ctc_error ctc_config_check(const ctc_config *config)
{
    int32_t inverse[4][4];
    int usable = is_text(config->gate_set) && is_text(config->calibration) && is_text(config->cutoffs)
        && (config->corrections & ~CTC_CORRECT_ALL) == 0 && within(config->noise_factor, WIDTH_ONE, 64 * WIDTH_ONE)
        && within(config->dapi_threshold, 1, GREY_MAX) && within(config->ck_threshold, 1, GREY_MAX)
        && within(config->borderline, 0, 16 * WIDTH_ONE) && gates_are_usable(&config->gates) && flat_is_usable(config)
        && config->line_slope > 0 && config->line_low < config->line_high && config->score_min[0] > 0
        && config->score_min[0] < config->score_min[1] && config->score_min[1] < config->score_min[2];

    return usable ? ctc_unmix(inverse, config->spillover) : CTC_ERR_SETTINGS;
}
