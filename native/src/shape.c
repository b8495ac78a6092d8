#include "shape.h"

#include "bitmap.h"
#include "ctc/cell.h"
#include "levels.h"
#include "nuclei.h"
#include "run.h"

/* Sums over an object's pixels; coordinates from its box's corner. */
typedef struct {
    uint32_t area;
    uint64_t x, y, xx, yy, xy;
    uint32_t perimeter;
} sums;

static uint16_t most16(uint32_t value)
{
    return (uint16_t)(value < UINT16_MAX ? value : UINT16_MAX);
}

static uint8_t most8(uint32_t value)
{
    return (uint8_t)(value < UINT8_MAX ? value : UINT8_MAX);
}

/* 0^2 + 1^2 + ... + (n - 1)^2 */
static uint32_t squares_below(uint32_t n)
{
    return n == 0 ? 0 : (n - 1) * n * (2 * n - 1) / 6; /* n is at most the image's width: below 2^26 */
}

static void add_stretch(sums *of, unsigned x0, unsigned x1, unsigned y)
{
    uint32_t length = x1 - x0;
    uint32_t x = (x0 + x1 - 1) * length / 2;

    of->area += length;
    of->x += x;
    of->y += length * y;
    of->xx += squares_below(x1) - squares_below(x0);
    of->yy += length * (y * y);
    of->xy += x * y;
}

/* Eccentricity in 1/65535: sqrt(1 - b^2 / a^2) = sqrt(2 d / (s + d)), where s is the sum and d the difference of the
 * second moments along the axes. Moments are scaled by area^2, then to below 2^30. */
static uint16_t eccentricity_of(const sums *of)
{
    uint64_t n = of->area;
    uint64_t xx = n * of->xx - of->x * of->x + n * n / 12;
    uint64_t yy = n * of->yy - of->y * of->y + n * n / 12;
    int64_t xy = (int64_t)(n * of->xy) - (int64_t)(of->x * of->y);
    uint64_t cross = (uint64_t)(xy < 0 ? -xy : xy);

    while (xx + yy >= (uint64_t)1 << 30) {
        xx >>= 1;
        yy >>= 1;
        cross >>= 1;
    }
    uint64_t apart = xx > yy ? xx - yy : yy - xx;
    uint64_t difference = ctc_root(apart * apart + 4 * cross * cross);
    uint64_t whole = xx + yy + difference;
    return whole == 0 ? 0 : most16(ctc_root((2 * difference << 32) / whole));
}

/* First and last pixel of the nucleus in a run: what of the DAPI mask is within `radius` (1/64 pixel) of its centre. */
static ctc_stretch nucleus_in(const ctc_work *work, ctc_run run, const ctc_nucleus *nucleus, int32_t radius)
{
    ctc_stretch found = {0, 0};
    unsigned y = ctc_run_y(run);
    int32_t dy = (int32_t)y * 64 - nucleus->y;

    if (dy > radius || dy < -radius) {
        return found;
    }
    for (unsigned x = ctc_run_x0(run); x < ctc_run_x1(run); x++) {
        int32_t dx = (int32_t)x * 64 - nucleus->x;
        if (ctc_bitmap_get(&work->parts.find.mask, x, y) && dx * dx + dy * dy <= radius * radius) {
            found.x0 = found.x1 == 0 ? (uint16_t)x : found.x0;
            found.x1 = (uint16_t)(x + 1);
        }
    }
    return found;
}

/* Runs of one object to lines. */
static void pack_lines(ctc_work *work, ctc_part *part, unsigned end)
{
    unsigned y = ctc_run_y(work->share.runs[part->first]);
    int32_t radius = 0;

    if (part->nucleus != CTC_NO_NUCLEUS) { /* and 3 pixels more: beyond, a touching nucleus is another's */
        radius = (int32_t)ctc_root((uint64_t)(work->nuclei[part->nucleus].area & CTC_NUCLEUS_AREA) * 1304) + 3 * 64;
    }
    part->y0 = (uint8_t)y;
    part->inside = 0;
    for (unsigned i = part->first; i < end; i++) {
        ctc_run run = work->share.runs[i];
        ctc_stretch nucleus = {0, 0};
        if (part->nucleus != CTC_NO_NUCLEUS) {
            nucleus = nucleus_in(work, run, &work->nuclei[part->nucleus], radius);
        }
        unsigned length = nucleus.x1 - (unsigned)nucleus.x0;
        unsigned from = length != 0 ? nucleus.x0 - ctc_run_x0(run) : 0;
        work->share.runs[i] = ctc_line_pack(run, ctc_run_y(run) - y, from, length);
        y = ctc_run_y(run);
        part->inside = (uint16_t)(part->inside + length);
    }
    if (part->nucleus != CTC_NO_NUCLEUS) { /* a line's stretch of nucleus is taken as one, gaps and all */
        unsigned whole = work->nuclei[part->nucleus].area & CTC_NUCLEUS_AREA;
        part->inside = (uint16_t)(part->inside < whole ? part->inside : whole);
    }
}

/* Columns that a run shares with the runs first <= i < end of the row above: each hides two edges. */
static uint32_t shared_columns(const uint32_t *runs, unsigned first, unsigned end, ctc_run run)
{
    uint32_t shared = 0;

    for (unsigned i = first; i < end; i++) {
        unsigned x0 = ctc_run_x0(runs[i]) > ctc_run_x0(run) ? ctc_run_x0(runs[i]) : ctc_run_x0(run);
        unsigned x1 = ctc_run_x1(runs[i]) < ctc_run_x1(run) ? ctc_run_x1(runs[i]) : ctc_run_x1(run);
        shared += x0 < x1 ? x1 - x0 : 0;
    }
    return shared;
}

static ctc_object object_of(const ctc_work *work, const ctc_part *part, unsigned end)
{
    const uint32_t *lines = work->share.runs;
    unsigned x0 = CTC_IMAGE_WIDTH, x1 = 0, y = 0;
    unsigned above = part->first, row = part->first;
    sums all = {0};

    for (unsigned i = part->first; i < end; i++) {
        x0 = ctc_run_x0(lines[i]) < x0 ? ctc_run_x0(lines[i]) : x0;
        x1 = ctc_run_x1(lines[i]) > x1 ? ctc_run_x1(lines[i]) : x1;
    }
    for (unsigned i = part->first; i < end; i++) {
        unsigned from = ctc_run_x0(lines[i]), to = ctc_run_x1(lines[i]), down = ctc_line_down(lines[i]);
        if (down != 0) {
            above = down == 1 ? row : i;
            row = i;
            y += down;
        }
        add_stretch(&all, from - x0, to - x0, y);
        /* Runs end to end in one row are one stretch that was too long for one. */
        uint32_t ends = i > row && ctc_run_x1(lines[i - 1]) == from ? 0 : 2;
        all.perimeter += ends + 2 * (to - from) - 2 * shared_columns(lines, above, row, lines[i]);
    }
    unsigned y1 = part->y0 + y + 1;
    int edge = x0 == 0 || part->y0 == 0 || x1 == CTC_IMAGE_WIDTH || y1 == CTC_HEIGHT;
    return (ctc_object){
        .first = part->first,
        .count = (uint16_t)(end - part->first),
        .x = (uint16_t)((all.x * 64 + all.area / 2) / all.area + x0 * 64),
        .y = (uint16_t)((all.y * 64 + all.area / 2) / all.area + part->y0 * 64u),
        .area = most16(all.area),
        .perimeter = most16(all.perimeter),
        .eccentricity = eccentricity_of(&all),
        .nucleus = part->nucleus,
        .inside = part->inside,
        .x0 = (uint16_t)x0,
        .y0 = part->y0,
        .width = most8(x1 - x0),
        .height = most8(y1 - part->y0),
        .flags = (uint8_t)(part->flags | (edge ? CTC_FLAG_EDGE : 0)),
        .score = CTC_NOT_SCORED,
        .range = CTC_NOT_SCORED,
    };
}

void ctc_shape(ctc_work *work)
{
    ctc_part *parts = work->parts.find.of.part;

    /* First all that needs the mask: then the objects take its room. An object is written over parts before its own. */
    for (unsigned i = 0; i < work->object_count; i++) {
        pack_lines(work, &parts[i], i + 1u < work->object_count ? parts[i + 1].first : work->run_count);
    }
    for (unsigned i = 0; i < work->object_count; i++) {
        ctc_part part = parts[i];
        unsigned end = i + 1u < work->object_count ? parts[i + 1].first : work->run_count;
        work->parts.object[i] = object_of(work, &part, end);
    }
}
