/* One field from ctc_begin to ctc_rows: the order of calls, and what each channel is for. */
#include <stddef.h>
#include <string.h>

#include "bitmap.h"
#include "ctc/ctc.h"
#include "gate.h"
#include "hotpixels.h"
#include "measure.h"
#include "nuclei.h"
#include "objects.h"
#include "score.h"
#include "stage.h"
#include "tiles.h"
#include "unmix.h"

/* C99 has no static assertion: an array of negative size stops the build. */
typedef char work_area_is_within_budget[sizeof(ctc_work) <= CTC_WORK_BYTES ? 1 : -1];

static int is_turn_of(unsigned stage, unsigned channel)
{
    if (stage == STAGE_BEGUN) {
        return channel == CTC_DARK || channel == CTC_DAPI;
    }
    return stage >= CTC_DARK + 1u && stage <= CTC_HER2 && channel == stage;
}

static void set_threshold(ctc_work *work, unsigned channel, uint16_t threshold[CTC_TILES])
{
    const ctc_config *config = &work->config;
    uint32_t least = channel == CTC_DAPI ? config->dapi_threshold : config->ck_threshold;
    int flat = config->corrections & CTC_CORRECT_FLAT;

    ctc_tiles_threshold(work, threshold, config->noise_factor, least, flat ? config->flat[channel - CTC_DAPI] : NULL);
}

static ctc_error analyse_dark(ctc_work *work, const uint32_t frame[CTC_FRAME_WORDS])
{
    memcpy(work->dark, work->tiles.background, sizeof work->dark);
    return work->config.corrections & CTC_CORRECT_HOT ? ctc_hot_find(work, frame) : CTC_OK;
}

static ctc_error analyse_light(ctc_work *work, unsigned channel, const uint32_t frame[CTC_FRAME_WORDS])
{
    uint16_t threshold[CTC_TILES];
    ctc_error error = CTC_OK;

    set_threshold(work, channel, threshold);
    if (channel == CTC_DAPI) {
        memcpy(work->dapi, work->tiles.background, sizeof work->dapi);
        return ctc_nuclei_find(work, threshold, frame);
    }
    if (channel == CTC_CK) {
        work->ck_noise = work->quality.noise;
        error = ctc_objects_find(work, threshold, frame);
    }
    if (error == CTC_OK) {
        ctc_measure(work, channel, threshold, frame);
    }
    if (channel == CTC_CD45) {
        work->leukocytes = ctc_leukocytes(work, frame);
    }
    return error;
}

ctc_error ctc_begin(ctc_work *work, unsigned field, const ctc_config *config)
{
    if (field > UINT8_MAX) {
        return CTC_ERR_ARGUMENT;
    }
    memset(work, 0, sizeof *work);
    ctc_error error = ctc_config_check(config);
    if (error == CTC_OK) {
        error = ctc_unmix(work->unmix, config->spillover);
    }
    if (error != CTC_OK) {
        return error;
    }
    work->config = *config;
    work->field = (uint8_t)field;
    work->stage = STAGE_BEGUN;
    return CTC_OK;
}

ctc_error ctc_analyse(ctc_work *work, unsigned channel, const uint32_t frame[CTC_FRAME_WORDS])
{
    if (channel >= CTC_CHANNELS) {
        return CTC_ERR_ARGUMENT;
    }
    if (!is_turn_of(work->stage, channel)) {
        return CTC_ERR_ORDER;
    }
    ctc_tiles_measure(work, frame);
    ctc_error error = channel == CTC_DARK ? analyse_dark(work, frame) : analyse_light(work, channel, frame);
    work->stage = (uint8_t)(error == CTC_OK ? channel + 1 : STAGE_FAILED);
    return error;
}

ctc_error ctc_quality(const ctc_work *work, unsigned item, uint32_t *value)
{
    const ctc_frame_quality *quality = &work->quality;
    const uint32_t values[CTC_QUALITY_ITEMS] = {
        quality->background, quality->noise, quality->threshold, quality->strip,      quality->saturated,
        quality->mean,       work->leukocytes, work->nucleus_count, work->hot_count,
    };

    if (item >= CTC_QUALITY_ITEMS) {
        return CTC_ERR_ARGUMENT;
    }
    *value = values[item];
    return CTC_OK;
}

ctc_error ctc_end(ctc_work *work, unsigned *objects)
{
    if (work->stage != CTC_HER2 + 1) {
        return CTC_ERR_ORDER;
    }
    for (unsigned i = 0; i < work->object_count; i++) {
        ctc_object *object = &work->parts.object[i];
        ctc_compensate(work, object);
        object->gate =
            (uint8_t)ctc_gate_of(object, ctc_nucleus_pixels(work, object), work->ck_noise, &work->config.gates);
        ctc_score(work, object, object->gate == CTC_GATE_NONE);
    }
    work->stage = STAGE_ENDED;
    *objects = work->object_count;
    return CTC_OK;
}

static ctc_cell cell_of(const ctc_work *work, const ctc_object *object)
{
    ctc_cell cell = {
        .field = work->field,
        .flags = object->flags,
        .score = object->score,
        .gate = object->gate,
        .x = object->x,
        .y = object->y,
        .area = object->area,
        .perimeter = object->perimeter,
        .width = object->width,
        .height = object->height,
        .eccentricity = object->eccentricity,
        .nucleus = (uint16_t)ctc_nucleus_pixels(work, object),
        .inside = object->inside,
        .range = object->range,
        .her2 = object->mesf,
        .her2_se = object->her2_se,
        .focus = object->focus,
        .body = object->body,
        .cd45_low = object->cd45_low,
    };

    memcpy(cell.overlap, object->overlap, sizeof cell.overlap);
    memcpy(cell.signal, object->signal, sizeof cell.signal);
    return cell;
}

ctc_error ctc_rows(const ctc_work *work, uint8_t *rows, size_t size, unsigned first, unsigned *copied)
{
    if (work->stage != STAGE_ENDED) {
        return CTC_ERR_ORDER;
    }
    *copied = 0;
    for (unsigned i = first; i < work->object_count && size >= CTC_ROW_BYTES; i++, size -= CTC_ROW_BYTES) {
        ctc_cell cell = cell_of(work, &work->parts.object[i]);
        ctc_cell_pack(rows, &cell);
        rows += CTC_ROW_BYTES;
        ++*copied;
    }
    return CTC_OK;
}

unsigned ctc_nucleus_at(const ctc_work *work, unsigned x, unsigned y)
{
    unsigned best = 0;
    int32_t least = 0;

    if (work->stage != CTC_DAPI + 1 || x >= CTC_IMAGE_WIDTH || y >= CTC_HEIGHT
        || !ctc_bitmap_get(&work->parts.find.mask, x, y)) {
        return 0;
    }
    for (unsigned i = 0; i < work->nucleus_count; i++) {
        int32_t distance = ctc_nucleus_distance(&work->nuclei[i], x, y);
        if (i == 0 || distance < least) {
            least = distance;
            best = i + 1;
        }
    }
    return best;
}
