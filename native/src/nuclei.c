#include "nuclei.h"

#include <string.h>

#include "bitmap.h"
#include "levels.h"
#include "mask.h"
#include "rims.h"
#include "tiles.h"
#include "window.h"

#define STEP 40u
#define RIM ((CTC_WINDOW - STEP) / 2u)
#define INNER_COLUMNS ((UINT64_MAX >> (64 - STEP)) << RIM)
#define RIVAL_DISTANCE 20  /* pixels: beyond it no other seed takes pixels from a nucleus */
#define TWIN_DISTANCE 3u   /* pixels: a nucleus seen from two windows that cut its component differently */

/* Windows start at RIM before a multiple of STEP: never at a word of the bitmap. */
typedef char a_window_starts_within_a_word[STEP % 8 == 0 && RIM % 8 != 0 ? 1 : -1];
typedef char a_nucleus_fits_its_window[RIM >= CTC_NUCLEUS_REACH ? 1 : -1];

/* One window at work. */
typedef struct {
    ctc_work *work;
    const uint32_t *frame;
    int x, y; /* of its first pixel in the image; may lie outside */
} place;

/* The columns of a component: x0 <= x < x1. */
static void columns_of(const ctc_window *part, ctc_span rows, unsigned *x0, unsigned *x1)
{
    uint64_t columns = 0;
    unsigned first = 0, width = 0;

    for (unsigned y = rows.y0; y < rows.y1; y++) {
        columns |= part->rows[y];
    }
    while ((columns & 0xFF) == 0) {
        columns >>= 8;
        first += 8;
    }
    while ((columns & 1) == 0) {
        columns >>= 1;
        first++;
    }
    for (; columns != 0; columns >>= 1) {
        width++;
    }
    *x0 = first;
    *x1 = first + width;
}

static int is_single(ctc_span rows, unsigned x0, unsigned x1)
{
    return x1 - x0 <= CTC_NUCLEUS_SINGLE && rows.y1 - rows.y0 <= CTC_NUCLEUS_SINGLE;
}

static unsigned first_column(uint64_t row)
{
    unsigned x = 0;

    for (; (row & 1) == 0; row >>= 1) {
        x++;
    }
    return x;
}

/* A row's pixels from `x` on, 32 at a time: most components are no wider. */
static inline uint32_t bits_from(uint64_t row, unsigned x)
{
    return (uint32_t)(row >> x);
}

static ctc_seed seed_of(const ctc_window *part, ctc_span rows, int32_t radius)
{
    uint32_t pixels = 0, x_sum = 0, y_sum = 0;
    unsigned x0, x1;

    columns_of(part, rows, &x0, &x1);
    for (unsigned y = rows.y0; y < rows.y1; y++) {
        for (unsigned from = x0; from < x1; from += 32) {
            uint32_t bits = bits_from(part->rows[y], from);
            for (unsigned x = from; bits != 0; x++, bits >>= 1) {
                if (bits & 1u) {
                    pixels++;
                    x_sum += x;
                    y_sum += y;
                }
            }
        }
    }
    return (ctc_seed){
        .x = (int32_t)((x_sum * 64 + pixels / 2) / pixels),
        .y = (int32_t)((y_sum * 64 + pixels / 2) / pixels),
        .radius = radius,
    };
}

static int is_close(const ctc_seed *a, const ctc_seed *b)
{
    int32_t dx = a->x - b->x, dy = a->y - b->y;
    int32_t least = 64 * (a->radius > b->radius ? a->radius : b->radius); /* the larger radius, 1/64 pixel */

    return dx * dx + dy * dy < least * least;
}

/* Keep a seed unless one as deep is close; it replaces shallower ones that are. */
static ctc_error add_seed(ctc_seeds *set, ctc_seed new)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < set->count; i++) {
        if (set->at[i].radius >= new.radius && is_close(&set->at[i], &new)) {
            return CTC_OK;
        }
    }
    for (unsigned i = 0; i < set->count; i++) {
        if (!is_close(&set->at[i], &new)) {
            set->at[kept++] = set->at[i];
        }
    }
    if (kept == CTC_MAX_SEEDS) {
        return CTC_ERR_OBJECTS;
    }
    set->at[kept++] = new;
    set->count = kept;
    return CTC_OK;
}

/* The ultimate erosion of a component: its seeds. */
static ctc_error erode(ctc_windows *windows, const ctc_window *part, ctc_span rows)
{
    ctc_window *now = &windows->now, *next = &windows->next, *rest = &windows->rest;
    int left = 1;

    windows->seeds.count = 0;
    memcpy(now->rows + rows.y0, part->rows + rows.y0, (rows.y1 - rows.y0) * sizeof now->rows[0]);
    for (int depth = 1; left; depth++) {
        left = ctc_window_erode(next, now, rows, depth & 1);
        memcpy(rest->rows + rows.y0, next->rows + rows.y0, (rows.y1 - rows.y0) * sizeof rest->rows[0]);
        ctc_window_grow(rest, now, rows);
        for (unsigned y = rows.y0; y < rows.y1; y++) {
            rest->rows[y] = now->rows[y] & ~rest->rows[y];
        }
        ctc_window *lost = now; /* done with: room for what vanished, one part at a time */
        ctc_span of_lost;
        while (ctc_window_take(rest, rows, UINT64_MAX, lost, &of_lost)) {
            ctc_error error = add_seed(&windows->seeds, seed_of(lost, of_lost, depth));
            if (error != CTC_OK) {
                return error;
            }
        }
        now = next;
        next = lost;
    }
    return CTC_OK;
}

/* Seeds that may take pixels from seed `own`. */
static unsigned rivals_of(const ctc_seeds *set, unsigned own, uint8_t rivals[CTC_MAX_SEEDS])
{
    int32_t most = RIVAL_DISTANCE * 64;
    unsigned count = 0;

    for (unsigned i = 0; i < set->count; i++) {
        int32_t dx = set->at[i].x - set->at[own].x, dy = set->at[i].y - set->at[own].y;
        if (i != own && dx * dx + dy * dy < most * most) {
            rivals[count++] = (uint8_t)i;
        }
    }
    return count;
}

static int32_t power_distance(const ctc_seed *to, unsigned x, unsigned y)
{
    int32_t dx = (int32_t)x * 64 - to->x, dy = (int32_t)y * 64 - to->y, radius = to->radius * 64;

    return dx * dx + dy * dy - radius * radius;
}

/* Whether pixel (x, y) of the window is nearer to seed `own` than to its rivals; of equals, the first has it. */
static int belongs(const ctc_seeds *set, unsigned own, const uint8_t *rivals, unsigned count, unsigned x, unsigned y)
{
    int32_t distance = power_distance(&set->at[own], x, y);

    for (unsigned i = 0; i < count; i++) {
        int32_t other = power_distance(&set->at[rivals[i]], x, y);
        if (other < distance || (other == distance && rivals[i] < own)) {
            return 0;
        }
    }
    return 1;
}

static int seen_already(const ctc_work *work, uint32_t x, uint32_t y)
{
    for (unsigned i = work->nucleus_count; i-- > 0;) {
        int32_t dx = work->nuclei[i].x - (int32_t)x, dy = work->nuclei[i].y - (int32_t)y;
        if (dx * dx + dy * dy < (int32_t)(TWIN_DISTANCE * TWIN_DISTANCE * 64 * 64)) {
            return 1;
        }
    }
    return 0;
}

/* Whether pixel (x, y) of a component with several seeds is seed `own`'s and within its reach. */
static int is_own(const ctc_seeds *set, unsigned own, const uint8_t *rivals, unsigned count, unsigned x, unsigned y)
{
    int32_t reach = (int32_t)CTC_NUCLEUS_REACH * 64;
    int32_t dx = (int32_t)x * 64 - set->at[own].x, dy = (int32_t)y * 64 - set->at[own].y;

    return dx >= -reach && dx <= reach && dy >= -reach && dy <= reach && belongs(set, own, rivals, count, x, y);
}

/* Measure one nucleus of a component and add it to the list. */
static ctc_error measure(const place *view, const ctc_window *part, ctc_span rows, const ctc_seeds *set, unsigned own)
{
    ctc_work *work = view->work;
    uint32_t *levels = work->scratch.levels;
    uint32_t pixels = 0, x_sum = 0, y_sum = 0;
    uint8_t rivals[CTC_MAX_SEEDS];
    unsigned rival_count = rivals_of(set, own, rivals);
    unsigned x0, x1;

    columns_of(part, rows, &x0, &x1);
    int alone = is_single(rows, x0, x1);
    memset(levels, 0, CTC_LEVELS * sizeof *levels);
    for (unsigned y = rows.y0; y < rows.y1; y++) {
        const uint8_t *pixel = (const uint8_t *)view->frame + ((int)y + view->y) * (int)CTC_WIDTH + view->x;
        unsigned here = 0;
        for (unsigned from = x0; from < x1; from += 32) {
            uint32_t bits = bits_from(part->rows[y], from);
            for (unsigned x = from; bits != 0; x++, bits >>= 1) {
                if ((bits & 1u) && (alone || is_own(set, own, rivals, rival_count, x, y))) {
                    levels[pixel[x]]++;
                    x_sum += x;
                    here++;
                }
            }
        }
        pixels += here;
        y_sum += y * here;
    }
    if (pixels < CTC_SPECK_AREA) {
        return CTC_OK;
    }
    uint32_t x = (uint32_t)((int32_t)((x_sum * 64 + pixels / 2) / pixels) + view->x * 64);
    uint32_t y = (uint32_t)((int32_t)((y_sum * 64 + pixels / 2) / pixels) + view->y * 64);
    if (!alone && seen_already(work, x, y)) {
        return CTC_OK;
    }
    if (work->nucleus_count == CTC_MAX_NUCLEI) {
        return CTC_ERR_OBJECTS;
    }
    for (unsigned i = 0; i < work->hot_count; i++) { /* they count for its area, but not for how bright it is */
        unsigned hot_x = work->hot[i] % CTC_WIDTH - (unsigned)view->x, hot_y = work->hot[i] / CTC_WIDTH - (unsigned)view->y;
        if (hot_x < CTC_WINDOW && hot_y >= rows.y0 && hot_y < rows.y1 && (part->rows[hot_y] >> hot_x & 1)
            && (alone || is_own(set, own, rivals, rival_count, hot_x, hot_y))) {
            levels[((const uint8_t *)view->frame)[work->hot[i]]]--;
        }
    }
    ctc_levels is = ctc_levels_of(levels);
    uint32_t sd = (is.sd + 8u) / 16;
    work->nuclei[work->nucleus_count++] = (ctc_nucleus){
        .x = (uint16_t)x,
        .y = (uint16_t)y,
        .area = (uint16_t)pixels,
        .mean = is.mean,
        .sd = (uint8_t)(sd < UINT8_MAX ? sd : UINT8_MAX),
        .max = is.max,
        .median = is.median,
        .saturated = is.saturated,
    };
    return CTC_OK;
}

static int is_inner(const ctc_seed *at)
{
    int32_t low = (int32_t)RIM * 64, high = (int32_t)(RIM + STEP) * 64;

    return at->x >= low && at->x < high && at->y >= low && at->y < high;
}

static ctc_error one_component(const place *view, const ctc_window *part, ctc_span rows)
{
    ctc_windows *windows = &view->work->share.windows;
    ctc_seeds *set = &windows->seeds;
    unsigned x0, x1;

    columns_of(part, rows, &x0, &x1);
    if (is_single(rows, x0, x1)) {
        /* Its first pixel says which window has it: one, and one that holds all of it. */
        set->at[0] = (ctc_seed){
            .x = (int32_t)first_column(part->rows[rows.y0]) * 64,
            .y = (int32_t)rows.y0 * 64,
            .radius = CTC_NUCLEUS_SINGLE,
        };
        set->count = 1;
    } else {
        ctc_error error = erode(windows, part, rows);
        if (error != CTC_OK) {
            return error;
        }
    }
    for (unsigned i = 0; i < set->count; i++) {
        if (is_inner(&set->at[i])) {
            ctc_error error = measure(view, part, rows, set, i);
            if (error != CTC_OK) {
                return error;
            }
        }
    }
    return CTC_OK;
}

static ctc_error one_window(const place *view)
{
    ctc_windows *windows = &view->work->share.windows;
    ctc_bitmap_columns columns = ctc_bitmap_columns_from(view->x);
    ctc_span inner = {RIM, RIM + STEP}, rows;
    uint64_t any = 0;

    for (int y = 0; y < (int)CTC_WINDOW; y++) {
        int row = view->y + y;
        int inside = row >= 0 && row < (int)CTC_HEIGHT;
        uint64_t here = inside ? ctc_bitmap_window(view->work->parts.find.mask.rows[row], &columns) : 0;
        windows->here.rows[y] = here;
        any |= here;
    }
    /* A nucleus with its centre in the inner part has a pixel there. */
    while (any != 0 && ctc_window_take(&windows->here, inner, INNER_COLUMNS, &windows->part, &rows)) {
        ctc_error error = one_component(view, &windows->part, rows);
        if (error != CTC_OK) {
            return error;
        }
    }
    return CTC_OK;
}

ctc_error ctc_nuclei_find(ctc_work *work, const uint16_t threshold[CTC_TILES], const uint32_t frame[CTC_FRAME_WORDS])
{
    memset(&work->parts.find.mask, 0, sizeof work->parts.find.mask);
    work->nucleus_count = 0;
    for (unsigned y = 0; y < CTC_HEIGHT; y++) {
        ctc_stretch *found = work->scratch.stretches;
        const uint16_t *levels = threshold + y / CTC_TILE_HEIGHT * CTC_TILE_COLUMNS;
        unsigned count = ctc_mask_row(frame + y * CTC_ROW_WORDS, levels, found);
        for (unsigned i = 0; i < count; i++) {
            ctc_bitmap_set(&work->parts.find.mask, y, found[i].x0, found[i].x1);
        }
    }
    ctc_rims_draw(work, frame);
    for (int y = -(int)RIM; y < (int)(CTC_HEIGHT - RIM); y += (int)STEP) {
        for (int x = -(int)RIM; x < (int)(CTC_IMAGE_WIDTH - RIM); x += (int)STEP) {
            ctc_error error = one_window(&(place){.work = work, .frame = frame, .x = x, .y = y});
            if (error != CTC_OK) {
                return error;
            }
        }
    }
    return CTC_OK;
}

uint32_t ctc_nucleus_pixels(const ctc_work *work, const ctc_object *object)
{
    return object->nucleus == CTC_NO_NUCLEUS ? 0 : work->nuclei[object->nucleus].area & CTC_NUCLEUS_AREA;
}

int32_t ctc_nucleus_distance(const ctc_nucleus *nucleus, unsigned x, unsigned y)
{
    int32_t dx = (int32_t)x * 64 - nucleus->x, dy = (int32_t)y * 64 - nucleus->y;
    int32_t area = nucleus->area & CTC_NUCLEUS_AREA;

    /* radius^2 = area / pi: 64^2 / pi = 1304. Across the whole image the squares are 6.5e8: 32 bits hold it. */
    return dx * dx + dy * dy - area * 1304;
}
