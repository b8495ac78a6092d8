/* One field from ctc_begin to ctc_rows: the order of calls, and what each channel is for. */
#include <string.h>

#include "background.h"
#include "components.h"
#include "ctc/ctc.h"
#include "gate.h"
#include "histogram.h"
#include "line.h"
#include "region.h"

/* The stages between are the channel last analysed plus one: CTC_DARK + 1 ... CTC_HER2 + 1. */
enum {
    STAGE_IDLE = 0,
    STAGE_ENDED = CTC_CHANNELS + 1,
    STAGE_BEGUN,
    STAGE_FAILED,
};

/* C99 has no static assertion: an array of negative size stops the build. */
typedef char work_area_is_within_budget[sizeof(ctc_work) <= CTC_WORK_BYTES ? 1 : -1];
typedef char labels_fit_the_room_of_objects[sizeof(ctc_label) * CTC_MAX_LABELS <= sizeof(ctc_object) * CTC_MAX_OBJECTS
                                                ? 1
                                                : -1];

static int is_turn_of(unsigned stage, unsigned channel)
{
    if (stage == STAGE_BEGUN) {
        return channel == CTC_DARK || channel == CTC_DAPI;
    }
    return stage >= CTC_DARK + 1u && stage <= CTC_HER2 && channel == stage;
}

/* Background + max(noise_factor * noise, least), as the least pixel value of the mask: 1..256. */
static unsigned set_threshold(ctc_work *work, uint32_t least)
{
    uint32_t above = work->config.noise_factor * work->quality.noise / 16u;
    uint32_t threshold = work->quality.background + (above > least ? above : least);
    unsigned level = (unsigned)((threshold + CTC_GREY - 1) / CTC_GREY);

    level = level < 1 ? 1 : level > CTC_LEVELS ? CTC_LEVELS : level;
    work->quality.threshold = level * CTC_GREY;
    return level;
}

static void set_quality(ctc_work *work, const uint32_t frame[CTC_FRAME_WORDS])
{
    uint32_t *levels = work->scratch.levels;
    uint32_t sum = 0;

    ctc_histogram(frame, levels);
    for (unsigned i = 0; i < CTC_LEVELS; i++) {
        sum += i * levels[i];
    }
    ctc_background estimate = ctc_background_of(levels);
    work->quality = (ctc_frame_quality){
        .background = estimate.background,
        .noise = estimate.noise,
        .strip = (ctc_strip_sum(frame) * CTC_GREY + CTC_STRIP_PIXELS / 2) / CTC_STRIP_PIXELS,
        .saturated = levels[CTC_SATURATED],
        .mean = (sum * CTC_GREY + CTC_IMAGE_PIXELS / 2) / CTC_IMAGE_PIXELS,
    };
}

ctc_error ctc_begin(ctc_work *work, unsigned field, const ctc_config *config)
{
    if (field > UINT8_MAX) {
        return CTC_ERR_ARGUMENT;
    }
    ctc_error error = ctc_config_check(config);
    if (error != CTC_OK) {
        return error;
    }
    memset(work, 0, sizeof *work);
    work->config = *config;
    work->field = (uint8_t)field;
    work->stage = STAGE_BEGUN;
    return CTC_OK;
}

ctc_error ctc_analyse(ctc_work *work, unsigned channel, const uint32_t frame[CTC_FRAME_WORDS])
{
    ctc_error error = CTC_OK;

    if (channel >= CTC_CHANNELS) {
        return CTC_ERR_ARGUMENT;
    }
    if (!is_turn_of(work->stage, channel)) {
        return CTC_ERR_ORDER;
    }
    set_quality(work, frame);
    switch (channel) {
    case CTC_DAPI:
        work->dapi_background = work->quality.background;
        error = ctc_nuclei(work, set_threshold(work, work->config.dapi_threshold), frame);
        break;
    case CTC_CK:
        error = ctc_components(work, set_threshold(work, work->config.ck_threshold), frame);
        if (error == CTC_OK) {
            ctc_objects(work, work->dapi_background);
            ctc_measure(work, channel, frame);
        }
        break;
    case CTC_CD45:
    case CTC_HER2:
        ctc_measure(work, channel, frame);
        break;
    default: /* dark: its quality is all it is for */
        break;
    }
    work->stage = (uint8_t)(error == CTC_OK ? channel + 1 : STAGE_FAILED);
    return error;
}

ctc_error ctc_quality(const ctc_work *work, unsigned item, uint32_t *value)
{
    const ctc_frame_quality *quality = &work->quality;
    const uint32_t values[CTC_QUALITY_ITEMS] = {
        quality->background, quality->noise, quality->threshold, quality->strip, quality->saturated, quality->mean,
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
        object->gate = (uint8_t)ctc_gate_of(object, &work->config);
        if (object->gate == CTC_GATE_NONE) {
            object->flags |= CTC_FLAG_CTC;
            object->score = ctc_score_of(ctc_mesf(&work->config, object->mean[CTC_HER2 - CTC_DAPI]), &work->config);
        }
    }
    work->stage = STAGE_ENDED;
    *objects = work->object_count;
    return CTC_OK;
}

static uint16_t centroid(uint32_t sum, uint32_t area)
{
    return (uint16_t)((sum * CTC_GREY + area / 2) / area);
}

static uint8_t saturate8(unsigned value)
{
    return (uint8_t)(value < UINT8_MAX ? value : UINT8_MAX);
}

static ctc_cell cell_of(const ctc_object *object, uint8_t field)
{
    ctc_cell cell = {
        .field = field,
        .flags = object->flags,
        .score = object->score,
        .gate = object->gate,
        .x = centroid(object->x_sum, object->area),
        .y = centroid(object->y_sum, object->area),
        .area = (uint16_t)(object->area < UINT16_MAX ? object->area : UINT16_MAX),
        .nucleus = object->nucleus,
        .width = saturate8(object->x1 - (unsigned)object->x0),
        .height = saturate8(object->y1 - (unsigned)object->y0),
        .perimeter = object->perimeter,
    };

    memcpy(cell.mean, object->mean, sizeof cell.mean);
    return cell;
}

ctc_error ctc_rows(const ctc_work *work, uint8_t *rows, size_t size, unsigned first, unsigned *copied)
{
    if (work->stage != STAGE_ENDED) {
        return CTC_ERR_ORDER;
    }
    *copied = 0;
    for (unsigned i = first; i < work->object_count && size >= CTC_ROW_BYTES; i++, size -= CTC_ROW_BYTES) {
        ctc_cell cell = cell_of(&work->parts.object[i], work->field);
        ctc_cell_pack(rows, &cell);
        rows += CTC_ROW_BYTES;
        ++*copied;
    }
    return CTC_OK;
}
