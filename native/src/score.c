#include "score.h"

#include "ctc/cell.h"
#include "levels.h"
#include "line.h"
#include "nuclei.h"
#include "tiles.h"
#include "unmix.h"

#define HER2 ((unsigned)(CTC_HER2 - CTC_DAPI))

static int64_t shifted(int64_t q16)
{
    return (q16 + (q16 < 0 ? -CTC_Q16 / 2 : CTC_Q16 / 2)) / CTC_Q16;
}

static int16_t clamped(int64_t value)
{
    return (int16_t)(value > INT16_MAX ? INT16_MAX : value < INT16_MIN ? INT16_MIN : value);
}

void ctc_compensate(const ctc_work *work, ctc_object *object)
{
    int32_t area = object->area, nucleus = (int32_t)ctc_nucleus_pixels(work, object);
    int64_t read[4];

    if ((work->config.corrections & CTC_CORRECT_SPILLOVER) == 0) {
        return;
    }
    for (unsigned i = 0; i < 4; i++) {
        read[i] = object->signal[i].mean;
    }
    read[0] = read[0] * nucleus / area;
    for (unsigned dye = 0; dye < 4; dye++) {
        int64_t sum = 0;
        for (unsigned i = 0; i < 4; i++) {
            sum += work->unmix[dye][i] * read[i];
        }
        sum = shifted(sum);
        if (dye == 0) {
            sum = nucleus != 0 ? sum * area / nucleus : 0;
        }
        object->signal[dye].mean = clamped(sum);
    }
}

/* Variance of the compensated mean of HER2 over the object, 1/64 grey level squared. */
static uint64_t variance_of(const ctc_work *work, const ctc_object *object)
{
    const ctc_signal *her2 = &object->signal[HER2];
    unsigned tile = ctc_tile_of(object->x / 64u, object->y / 64u);
    uint64_t noise = work->tiles.noise[tile];
    uint32_t dark = work->dark[tile];
    uint32_t haze = her2->background > dark + CTC_GREY ? her2->background - dark : CTC_GREY;
    uint64_t light = her2->mean > 0 ? (uint64_t)her2->mean : 0;
    uint64_t ring = 6u * ((unsigned)object->width + object->height) + 108u;
    uint64_t sum = noise * noise * (haze + light) / haze / object->area + noise * noise * 11 / 7 / ring;

    for (unsigned i = 0; i < HER2 && work->config.corrections & CTC_CORRECT_SPILLOVER; i++) {
        int64_t share = work->unmix[HER2][i];
        uint64_t carried = (uint64_t)(share < 0 ? -share : share) * object->signal[i].sd / CTC_Q16;
        sum += carried * carried / object->area;
        int64_t dye = object->signal[i].mean;
        uint64_t unsure = (uint64_t)(dye < 0 ? -dye : dye) * work->config.spillover_se[HER2][i] / CTC_Q16;
        sum += unsure * unsure;
    }
    return sum;
}

static uint8_t score_of(uint32_t mesf, const ctc_config *config)
{
    uint8_t score = 0;

    while (score < 3 && mesf >= config->score_min[score]) {
        score++;
    }
    return score;
}

void ctc_score(const ctc_work *work, ctc_object *object, int is_ctc)
{
    const ctc_config *config = &work->config;
    uint64_t area = object->area, body = object->body != 0 ? object->body : object->area;
    int64_t mean = object->signal[HER2].mean > 0 ? object->signal[HER2].mean : 0;
    uint64_t grey = (uint64_t)mean * area / body;
    uint64_t se = ctc_root(variance_of(work, object)) * area / body;
    /* d(grey) / grey = ln 2 d(log2) / slope; ln 2 = 45426 / 65536 */
    uint64_t of_line = grey * config->line_se / CTC_Q16 * 45426 / (uint64_t)config->line_slope;
    se = se < UINT32_MAX / 2 ? se : UINT32_MAX / 2; /* so that squares fit: it is far beyond any range by then */
    of_line = of_line < UINT32_MAX / 2 ? of_line : UINT32_MAX / 2;
    se = ctc_root(se * se + of_line * of_line);
    uint64_t reach = se * config->borderline / 16;
    reach = reach < UINT32_MAX - grey ? reach : UINT32_MAX - grey;

    object->mesf = ctc_mesf(config, (uint32_t)grey);
    object->her2_se = (uint16_t)(se < UINT16_MAX ? se : UINT16_MAX);
    if (!is_ctc) {
        return;
    }
    uint8_t low = score_of(ctc_mesf(config, (uint32_t)(grey > reach ? grey - reach : 0)), config);
    uint8_t high = score_of(ctc_mesf(config, (uint32_t)(grey + reach)), config);
    object->score = score_of(object->mesf, config);
    object->range = (uint8_t)(low | high << 4);
    object->flags |= CTC_FLAG_CTC;
    if (low != high) {
        object->flags |= CTC_FLAG_BORDERLINE;
    }
    if (object->mesf < config->line_low || object->mesf > config->line_high) {
        object->flags |= CTC_FLAG_OUT_OF_RANGE;
    }
}
