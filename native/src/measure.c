#include "measure.h"

#include <string.h>

#include "ctc/cell.h"
#include "hot.h"
#include "hotpixels.h"
#include "levels.h"
#include "run.h"
#include "tiles.h"

/* One object in one frame. */
typedef struct {
    ctc_work *work;
    const uint8_t *frame;
    const uint16_t *threshold; /* by tile */
    ctc_object *object;
    uint32_t *levels;
    unsigned channel;
} subject;

static int16_t signed16(int32_t value)
{
    return (int16_t)(value > INT16_MAX ? INT16_MAX : value < INT16_MIN ? INT16_MIN : value);
}

/* The corrected value of a raw mean above a raw background. */
static int16_t corrected(const ctc_work *work, unsigned channel, uint32_t mean, uint32_t background, unsigned x, unsigned y)
{
    int32_t above = (int32_t)mean - (int32_t)background;
    int32_t response = 4096;

    if (work->config.corrections & CTC_CORRECT_FLAT) {
        response = (int32_t)ctc_tiles_at(work->config.flat[channel - CTC_DAPI], x, y);
    }
    int32_t half = above < 0 ? -response / 2 : response / 2;
    return signed16((above * 4096 + half) / response);
}

CTC_HOT static void count_run(const uint8_t *pixel, const uint8_t *end, uint32_t levels[CTC_LEVELS])
{
    while (pixel < end) {
        levels[*pixel++]++;
    }
}

/* Pixels of the ring below `limit`, one row's stretch at a time. */
CTC_HOT static unsigned count_below(const uint8_t *pixel, const uint8_t *end, unsigned limit, uint32_t levels[CTC_LEVELS])
{
    unsigned pixels = 0;

    for (; pixel < end; pixel++) {
        if (*pixel < limit) {
            levels[*pixel]++;
            pixels++;
        }
    }
    return pixels;
}

/* Take the hot pixels of a run out of the histogram again; how many there were. */
static unsigned forget_hot(const subject *view, unsigned x0, unsigned x1, unsigned y)
{
    unsigned pixels = 0;

    for (unsigned i = 0; i < view->work->hot_count; i++) {
        uint32_t number = view->work->hot[i];
        if (number >= y * CTC_WIDTH + x0 && number < y * CTC_WIDTH + x1) {
            view->levels[view->frame[number]]--;
            pixels++;
        }
    }
    return pixels;
}

/* The median of the ring, 1/64 grey level: within its level, by rank. 0 pixels: too few. */
static uint32_t ring_background(const subject *view, unsigned *pixels)
{
    const ctc_object *object = view->object;
    unsigned limit = view->threshold[ctc_tile_of(object->x / 64u, object->y / 64u)];
    int left = object->x0 - (int)CTC_RING_GAP, right = object->x0 + object->width + (int)CTC_RING_GAP;
    int top = object->y0 - (int)CTC_RING_GAP, bottom = object->y0 + object->height + (int)CTC_RING_GAP;
    int wide = (int)CTC_RING_WIDTH;
    unsigned found = 0;

    memset(view->levels, 0, CTC_LEVELS * sizeof *view->levels);
    for (int y = top - wide; y < bottom + wide; y++) {
        if (y < 0 || y >= (int)CTC_HEIGHT) {
            continue;
        }
        const uint8_t *row = view->frame + y * (int)CTC_WIDTH;
        int from = left - wide > 0 ? left - wide : 0;
        int to = right + wide < (int)CTC_IMAGE_WIDTH ? right + wide : (int)CTC_IMAGE_WIDTH;
        if (y < top || y >= bottom) {
            found += count_below(row + from, row + to, limit, view->levels);
        } else {
            found += left > 0 ? count_below(row + from, row + left, limit, view->levels) : 0;
            found += right < (int)CTC_IMAGE_WIDTH ? count_below(row + right, row + to, limit, view->levels) : 0;
        }
    }
    *pixels = found >= CTC_RING_LEAST ? found : 0;
    if (*pixels == 0) {
        return 0;
    }
    uint32_t passed = 0;
    unsigned level = 0;
    while (2 * (passed + view->levels[level]) < found) {
        passed += view->levels[level++];
    }
    /* Pixels of a level spread evenly over level - 1/2 .. level + 1/2 (background.h). */
    int32_t rank = (int32_t)((found * 32u - passed * 64u) / view->levels[level]);
    int32_t at = (int32_t)(level * CTC_GREY) - 32 + rank;
    return at > 0 ? (uint32_t)at : 0;
}

/* The histogram of the object's pixels at least `rim` within it; how many there are. */
static unsigned count_object(const subject *view, unsigned rim)
{
    const ctc_object *object = view->object;
    unsigned y = object->y0, pixels = 0;

    memset(view->levels, 0, CTC_LEVELS * sizeof *view->levels);
    for (unsigned i = object->first; i < object->first + (unsigned)object->count; i++) {
        ctc_line line = view->work->share.runs[i];
        unsigned x0 = ctc_run_x0(line) + rim, x1 = ctc_run_x1(line);
        y += ctc_line_down(line);
        if (x0 + rim >= x1 || y < object->y0 + rim || y + rim >= object->y0 + (unsigned)object->height) {
            continue;
        }
        x1 -= rim;
        count_run(view->frame + y * CTC_WIDTH + x0, view->frame + y * CTC_WIDTH + x1, view->levels);
        pixels += x1 - x0;
        if (view->work->hot_count != 0) {
            pixels -= forget_hot(view, x0, x1, y);
        }
    }
    return pixels;
}

/* The level that `share`/64 of the inner pixels do not exceed; of all pixels where there are no inner ones. */
static unsigned inner_level(const subject *view, unsigned share)
{
    unsigned pixels = count_object(view, CTC_INNER);

    if (pixels == 0) {
        pixels = count_object(view, 0);
    }
    return ctc_levels_quantile(view->levels, pixels, share);
}

/* Pixels of the nucleus in the object that are at or above the threshold. */
static unsigned nucleus_above(const subject *view)
{
    const ctc_object *object = view->object;
    unsigned limit = view->threshold[ctc_tile_of(object->x / 64u, object->y / 64u)];
    unsigned above = 0, y = object->y0;

    for (unsigned i = object->first; i < object->first + (unsigned)object->count; i++) {
        ctc_line line = view->work->share.runs[i];
        y += ctc_line_down(line);
        unsigned from = y * CTC_WIDTH + ctc_line_nucleus_from(line), to = from + ctc_line_nucleus_length(line);
        for (unsigned at = from; at < to; at++) {
            above += view->frame[at] >= limit;
        }
        for (unsigned h = 0; h < view->work->hot_count; h++) {
            uint32_t number = view->work->hot[h];
            above -= number >= from && number < to && view->frame[number] >= limit;
        }
    }
    return above;
}

/* How fast CK rises at the rim, as a share of the cell's level: the greatest difference over two pixels in each row that
 * is at least half as long as the object is wide, averaged; 1/1000. A rim blurred by a Gaussian of s um shows 0.8 / s. */
static uint16_t focus_of(const subject *view, uint32_t level)
{
    const ctc_object *object = view->object;
    uint32_t sum = 0, rows = 0;
    unsigned y = object->y0;

    for (unsigned i = object->first; i < object->first + (unsigned)object->count; i++) {
        ctc_line line = view->work->share.runs[i];
        y += ctc_line_down(line);
        unsigned x0 = ctc_run_x0(line), x1 = ctc_run_x1(line);
        if (2 * (x1 - x0) < object->width) {
            continue;
        }
        const uint8_t *row = view->frame + y * CTC_WIDTH;
        int steepest = 0;
        x0 = x0 > 2 ? x0 - 2 : 0;
        x1 = x1 + 2 < CTC_IMAGE_WIDTH ? x1 + 2 : CTC_IMAGE_WIDTH;
        for (unsigned x = x0; x + 2 < x1; x++) {
            int step = row[x + 2] - row[x];
            step = step < 0 ? -step : step;
            steepest = step > steepest && !ctc_is_hot(view->work, x, y) && !ctc_is_hot(view->work, x + 2, y) ? step : steepest;
        }
        sum += (uint32_t)steepest;
        rows++;
    }
    if (rows == 0 || level == 0) {
        return 0;
    }
    uint64_t focus = (uint64_t)sum * 64000u / (rows * level);
    return (uint16_t)(focus < UINT16_MAX ? focus : UINT16_MAX);
}

/* What only CK tells: the body (pixels at half the cell's level or more, where its rim is whatever its brightness) and the
 * focus. `bright` is the cell's level: what three quarters of its inner pixels do not exceed. */
static void set_body(const subject *view, unsigned bright, uint32_t background)
{
    uint32_t level = bright * CTC_GREY > background ? bright * CTC_GREY - background : 0;
    uint32_t body = ctc_levels_from(view->levels, (background + level / 2 + CTC_GREY - 1) / CTC_GREY);
    uint32_t seen = ctc_levels_from(view->levels, 0), area = view->object->area;

    body += area > seen ? area - seen : 0; /* hot pixels, or HER2 over the body would be too high */
    view->object->body = (uint16_t)(body < UINT16_MAX ? body : UINT16_MAX);
    view->object->focus = focus_of(view, level);
}

/* DAPI was measured over the nucleus when its frame was there. */
static void set_dapi(const ctc_work *work, ctc_object *object)
{
    if (object->nucleus == CTC_NO_NUCLEUS) {
        return;
    }
    const ctc_nucleus *nucleus = &work->nuclei[object->nucleus];
    unsigned x = nucleus->x / 64u, y = nucleus->y / 64u;
    uint32_t background = ctc_tiles_at(work->dapi, x, y);
    object->signal[0] = (ctc_signal){
        .mean = corrected(work, CTC_DAPI, nucleus->mean, background, x, y),
        .sd = (uint16_t)(nucleus->sd * 16u),
        .background = (uint16_t)background,
        .max = nucleus->max,
        .median = nucleus->median,
        .saturated = nucleus->saturated,
    };
    if (nucleus->saturated) {
        object->flags |= CTC_FLAG_SATURATED;
    }
}

static void measure_object(const subject *view)
{
    ctc_work *work = view->work;
    ctc_object *object = view->object;
    unsigned x = object->x / 64u, y = object->y / 64u, pixels = 0;
    uint32_t background = 0;

    if (work->config.corrections & CTC_CORRECT_BACKGROUND) {
        background = ring_background(view, &pixels);
    }
    if (pixels == 0) {
        background = ctc_tiles_at(work->tiles.background, x, y);
        object->flags |= CTC_FLAG_NO_RING;
    }
    unsigned bright = view->channel == CTC_CK ? inner_level(view, 48) : 0;
    if (view->channel == CTC_CD45) {
        object->cd45_low = (uint8_t)inner_level(view, 16);
    }
    count_object(view, 0);
    ctc_levels is = ctc_levels_of(view->levels);
    object->signal[view->channel - CTC_DAPI] = (ctc_signal){
        .mean = corrected(work, view->channel, is.mean, background, x, y),
        .sd = is.sd,
        .background = (uint16_t)background,
        .max = is.max,
        .median = is.median,
        .saturated = is.saturated,
    };
    if (is.saturated) {
        object->flags |= CTC_FLAG_SATURATED;
    }
    if (object->nucleus != CTC_NO_NUCLEUS) {
        uint32_t nucleus = work->nuclei[object->nucleus].area & CTC_NUCLEUS_AREA;
        uint32_t share = nucleus_above(view) * 255u / nucleus;
        object->overlap[view->channel - CTC_CK] = (uint8_t)(share < 255 ? share : 255);
    }
    if (view->channel == CTC_CK) {
        set_body(view, bright, background);
        set_dapi(work, object);
    }
}

void ctc_measure(ctc_work *work, unsigned channel, const uint16_t threshold[CTC_TILES],
                 const uint32_t frame[CTC_FRAME_WORDS])
{
    for (unsigned i = 0; i < work->object_count; i++) {
        measure_object(&(subject){
            .work = work,
            .frame = (const uint8_t *)frame,
            .threshold = threshold,
            .object = &work->parts.object[i],
            .levels = work->scratch.levels,
            .channel = channel,
        });
    }
}

/* Mean over the 5 x 5 pixels around a nucleus' centre, 1/64 grey level: membrane lies above a nucleus too. */
static uint32_t around(const uint8_t *frame, const ctc_nucleus *nucleus)
{
    unsigned x = (nucleus->x + 32u) / 64, y = (nucleus->y + 32u) / 64;
    unsigned x0 = x > 2 ? x - 2 : 0, x1 = x + 3 < CTC_IMAGE_WIDTH ? x + 3 : CTC_IMAGE_WIDTH;
    unsigned y0 = y > 2 ? y - 2 : 0, y1 = y + 3 < CTC_HEIGHT ? y + 3 : CTC_HEIGHT;
    uint32_t sum = 0;

    for (unsigned i = y0; i < y1; i++) {
        for (unsigned j = x0; j < x1; j++) {
            sum += frame[i * CTC_WIDTH + j];
        }
    }
    return sum * CTC_GREY / ((x1 - x0) * (y1 - y0));
}

uint32_t ctc_leukocytes(const ctc_work *work, const uint32_t frame[CTC_FRAME_WORDS])
{
    uint32_t count = 0;

    for (unsigned i = 0; i < work->nucleus_count; i++) {
        const ctc_nucleus *nucleus = &work->nuclei[i];
        unsigned x = nucleus->x / 64u, y = nucleus->y / 64u;
        if (nucleus->area & CTC_NUCLEUS_OWNED || nucleus->area < work->config.gates.nucleus_min) {
            continue;
        }
        uint32_t background = ctc_tiles_at(work->tiles.background, x, y);
        int16_t cd45 = corrected(work, CTC_CD45, around((const uint8_t *)frame, nucleus), background, x, y);
        count += cd45 > (int32_t)work->config.gates.cd45_max;
    }
    return count;
}
