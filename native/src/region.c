#include "region.h"

#include "ctc/cell.h"
#include "pixels.h"
#include "run.h"

static uint16_t saturate16(uint32_t value)
{
    return (uint16_t)(value < UINT16_MAX ? value : UINT16_MAX);
}

/* Mean above background, not below 0. 64 * 77,104 * 255 fits 32 bits. */
static uint16_t mean_above(uint32_t sum, uint32_t pixels, uint32_t background)
{
    if (pixels == 0) {
        return 0;
    }
    uint32_t mean = (sum * CTC_GREY + pixels / 2) / pixels;
    return (uint16_t)(mean > background ? mean - background : 0);
}

/* An object is larger than a label and both start at the same place, so the last one goes first: object i ends
 * up on labels 2 i and 2 i + 1, which are itself (i = 0) or done. */
static void labels_to_objects(ctc_work *work, uint32_t dapi_background)
{
    for (unsigned i = work->object_count; i-- > 0;) {
        ctc_label label = work->parts.label[i];
        work->parts.object[i] = (ctc_object){
            .area = label.area,
            .x0 = CTC_IMAGE_WIDTH,
            .y0 = CTC_HEIGHT,
            .flags = label.saturated ? CTC_FLAG_SATURATED : 0,
            .nucleus = saturate16(label.nucleus),
            .overlap = saturate16(label.overlap),
            .mean = {mean_above(label.dapi, label.nucleus, dapi_background)},
            .score = CTC_NOT_SCORED,
        };
    }
}

static void add_run(ctc_object *object, unsigned y, unsigned x0, unsigned x1)
{
    uint32_t length = x1 - x0;

    object->x_sum += (x0 + x1 - 1) * length / 2;
    object->y_sum += y * length;
    object->x0 = (uint16_t)(x0 < object->x0 ? x0 : object->x0);
    object->x1 = (uint16_t)(x1 > object->x1 ? x1 : object->x1);
    object->y0 = (uint8_t)(y < object->y0 ? y : object->y0);
    object->y1 = (uint8_t)(y + 1);
    if (x0 == 0 || x1 == CTC_IMAGE_WIDTH || y == 0 || y + 1 == CTC_HEIGHT) {
        object->flags |= CTC_FLAG_EDGE;
    }
}

/* Runs that overlap in neighbouring rows belong to one object, and hide two edges per shared column. */
static uint32_t shared_columns(const ctc_work *work, unsigned x0, unsigned x1, unsigned *above, unsigned above_end)
{
    uint32_t shared = 0;

    while (*above < above_end && ctc_run_x1(work->runs[*above]) <= x0) {
        ++*above;
    }
    for (unsigned i = *above; i < above_end && ctc_run_x0(work->runs[i]) < x1; i++) {
        unsigned from = ctc_run_x0(work->runs[i]);
        unsigned to = ctc_run_x1(work->runs[i]);
        shared += (to < x1 ? to : x1) - (from > x0 ? from : x0);
    }
    return shared;
}

void ctc_objects(ctc_work *work, uint32_t dapi_background)
{
    unsigned above = 0;

    labels_to_objects(work, dapi_background);
    for (unsigned y = 0; y < CTC_HEIGHT; y++) {
        unsigned start = work->row_start[y];
        unsigned end = work->row_start[y + 1];
        for (unsigned i = start; i < end; i++) {
            unsigned x0 = ctc_run_x0(work->runs[i]);
            unsigned x1 = ctc_run_x1(work->runs[i]);
            unsigned label = ctc_run_label(work->runs[i]);
            uint32_t shared = shared_columns(work, x0, x1, &above, start);
            if (label != CTC_NO_LABEL) {
                ctc_object *object = &work->parts.object[label];
                add_run(object, y, x0, x1);
                object->sum += 2 + 2 * (x1 - x0) - 2 * shared;
            }
        }
        above = start;
    }
    for (unsigned i = 0; i < work->object_count; i++) {
        work->parts.object[i].perimeter = saturate16(work->parts.object[i].sum);
    }
}

void ctc_measure(ctc_work *work, unsigned channel, const uint32_t frame[CTC_FRAME_WORDS])
{
    const uint32_t *row = frame;
    int saturated = work->quality.saturated != 0;

    for (unsigned i = 0; i < work->object_count; i++) {
        work->parts.object[i].sum = 0;
    }
    for (unsigned y = 0; y < CTC_HEIGHT; y++, row += CTC_ROW_WORDS) {
        for (unsigned i = work->row_start[y]; i < work->row_start[y + 1]; i++) {
            unsigned label = ctc_run_label(work->runs[i]);
            if (label == CTC_NO_LABEL) {
                continue;
            }
            unsigned x0 = ctc_run_x0(work->runs[i]);
            unsigned x1 = ctc_run_x1(work->runs[i]);
            work->parts.object[label].sum += ctc_sum(row, x0, x1);
            if (saturated && ctc_saturated(row, x0, x1)) {
                work->parts.object[label].flags |= CTC_FLAG_SATURATED;
            }
        }
    }
    for (unsigned i = 0; i < work->object_count; i++) {
        ctc_object *object = &work->parts.object[i];
        object->mean[channel - CTC_DAPI] = mean_above(object->sum, object->area, work->quality.background);
    }
}
