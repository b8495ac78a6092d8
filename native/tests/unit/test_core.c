/* The core's parts one by one. Built with AddressSanitizer and UndefinedBehaviorSanitizer. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "background.h"
#include "bitmap.h"
#include "check.h"
#include "ctc/ctc.h"
#include "gate.h"
#include "label.h"
#include "levels.h"
#include "mask.h"
#include "pixels.h"
#include "random.h"
#include "run.h"
#include "score.h"
#include "tiles.h"
#include "unmix.h"

static void test_packing(void)
{
    for (unsigned x0 = 0; x0 < CTC_IMAGE_WIDTH; x0++) {
        for (unsigned length = 1; length <= CTC_RUN_MAX && x0 + length <= CTC_IMAGE_WIDTH; length++) {
            unsigned x1 = x0 + length, y = (x0 + length) % CTC_HEIGHT;
            ctc_run run = ctc_run_pack(x0, x1, y, CTC_MAX_LABELS - 1);
            CHECK(ctc_run_x0(run) == x0 && ctc_run_x1(run) == x1 && ctc_run_y(run) == y);
            CHECK(ctc_run_label(run) == CTC_MAX_LABELS - 1);
            run = ctc_run_relabel(run, CTC_NO_LABEL);
            CHECK(ctc_run_x0(run) == x0 && ctc_run_x1(run) == x1 && ctc_run_y(run) == y);
            CHECK(ctc_run_label(run) == CTC_NO_LABEL);
            for (unsigned from = 0; from < length; from += 9) {
                ctc_line line = ctc_line_pack(run, CTC_LINE_DOWN_MAX, from, length - from);
                CHECK(ctc_run_x0(line) == x0 && ctc_run_x1(line) == x1);
                CHECK(ctc_line_down(line) == CTC_LINE_DOWN_MAX);
                CHECK(ctc_line_nucleus_from(line) == x0 + from && ctc_line_nucleus_length(line) == length - from);
            }
        }
    }
    CHECK(ctc_run_pack(0, 1, 1, 0) > ctc_run_pack(300, 316, 0, 0)); /* the order of words is that of rows, then columns */
    CHECK(ctc_run_pack(10, 11, 0, 0) > ctc_run_pack(9, 100, 0, 0));
    CHECK(ctc_run_pack(0, 1, 0, 1) > ctc_run_pack(300, 316, 243, 0));
}

/* An object is written while the parts of those after it are still to be read. */
static void test_room(void)
{
    for (unsigned i = 0; i < CTC_MAX_OBJECTS; i++) {
        size_t written = offsetof(ctc_work, parts.object) + (i + 1) * sizeof(ctc_object);
        size_t unread = offsetof(ctc_work, parts.find.of.part) + (i + 1) * sizeof(ctc_part);
        CHECK(written <= unread);
    }
    CHECK(sizeof(ctc_work) <= CTC_WORK_BYTES);
}

/* Every start, end and alignment, against one pixel after the other. */
static void test_sums(void)
{
    uint32_t row[CTC_ROW_WORDS];
    uint8_t *pixel = (uint8_t *)row;

    memset(row, 255, sizeof row);
    CHECK(ctc_sum(row, 0, CTC_WIDTH) == CTC_WIDTH * 255);
    for (unsigned x = 0; x < CTC_WIDTH; x++) {
        pixel[x] = (uint8_t)(xorshift() % 255);
    }
    for (unsigned x0 = 0; x0 <= CTC_WIDTH; x0++) {
        uint32_t sum = 0;
        for (unsigned x1 = x0; x1 <= CTC_WIDTH; x1++) {
            CHECK(ctc_sum(row, x0, x1) == sum);
            if (x1 < CTC_WIDTH) {
                sum += pixel[x1];
            }
        }
    }
}

static void check_mask(const uint32_t *row, const uint16_t *threshold)
{
    const uint8_t *pixel = (const uint8_t *)row;
    ctc_stretch *found = malloc(CTC_ROW_STRETCHES * sizeof *found);
    uint8_t mask[CTC_IMAGE_WIDTH] = {0};
    unsigned count = ctc_mask_row(row, threshold, found);
    unsigned last = 0;

    for (unsigned i = 0; i < count; i++) {
        CHECK(found[i].x0 < found[i].x1 && found[i].x1 <= CTC_IMAGE_WIDTH);
        CHECK(i == 0 || found[i].x0 > last);
        last = found[i].x1;
        memset(mask + found[i].x0, 1, last - found[i].x0);
    }
    for (unsigned x = 0; x < CTC_IMAGE_WIDTH; x++) {
        CHECK(mask[x] == (pixel[x] >= threshold[x / CTC_TILE_WIDTH]));
    }
    free(found);
}

/* Every threshold beside every kind of other, with rows of every density; the word trick must agree with the pixel. */
static void test_mask(void)
{
    uint32_t row[CTC_ROW_WORDS];
    uint8_t *pixel = (uint8_t *)row;
    uint16_t threshold[CTC_TILE_COLUMNS];

    for (unsigned base = 1; base <= CTC_LEVELS; base++) {
        for (unsigned i = 0; i < CTC_TILE_COLUMNS; i++) {
            threshold[i] = (uint16_t)(i % 2 ? 1 + xorshift() % CTC_LEVELS : base);
        }
        for (unsigned density = 1; density <= 256; density *= 4) {
            for (unsigned x = 0; x < CTC_WIDTH; x++) {
                unsigned here = threshold[x / CTC_TILE_WIDTH < CTC_TILE_COLUMNS ? x / CTC_TILE_WIDTH : 0];
                unsigned bright = xorshift() % 256 < density;
                unsigned level = bright ? here + xorshift() % 3 : xorshift() % here;
                pixel[x] = (uint8_t)(level > 255 ? 255 : level);
            }
            check_mask(row, threshold);
        }
        for (unsigned x = 0; x < CTC_WIDTH; x++) { /* the most stretches there can be */
            pixel[x] = (uint8_t)(x & 1 ? 0 : 255);
        }
        check_mask(row, threshold);
        memset(row, 255, sizeof row); /* over every border of tiles in one */
        check_mask(row, threshold);
    }
    memset(row, 0, sizeof row);
    memset(pixel + CTC_IMAGE_WIDTH, 255, CTC_STRIP_COLUMNS);
    for (unsigned i = 0; i < CTC_TILE_COLUMNS; i++) {
        threshold[i] = 1;
    }
    check_mask(row, threshold);
}

static void test_bitmap(void)
{
    ctc_bitmap *map = calloc(1, sizeof *map);

    for (unsigned y = 0; y < CTC_HEIGHT; y += 3) {
        unsigned x0 = xorshift() % CTC_IMAGE_WIDTH;
        unsigned x1 = x0 + 1 + xorshift() % (CTC_IMAGE_WIDTH - x0);
        ctc_bitmap_set(map, y, x0, x1);
        for (unsigned x = 0; x < CTC_IMAGE_WIDTH; x++) {
            CHECK(ctc_bitmap_get(map, x, y) == (x >= x0 && x < x1));
            CHECK(y + 1 == CTC_HEIGHT || !ctc_bitmap_get(map, x, y + 1));
        }
    }
    for (int y = 0; y < (int)CTC_HEIGHT; y += y < 3 ? 1 : 20) {
        for (int x = -130; x < (int)CTC_IMAGE_WIDTH + 130; x++) {
            if (x % 32 == 0) {
                continue; /* columns never start at a word */
            }
            ctc_bitmap_columns columns = ctc_bitmap_columns_from(x);
            uint64_t bits = ctc_bitmap_window(map->rows[y], &columns);
            for (int i = 0; i < 64; i++) {
                int inside = x + i >= 0 && x + i < (int)CTC_IMAGE_WIDTH;
                int is = inside && ctc_bitmap_get(map, (unsigned)(x + i), (unsigned)y);
                CHECK((int)(bits >> i & 1) == is);
            }
        }
    }
    free(map);
}

static ctc_error label_one(ctc_labelling *set, unsigned y, unsigned x0, unsigned x1)
{
    return ctc_label_stretch(set, y, (ctc_stretch){.x0 = (uint16_t)x0, .x1 = (uint16_t)x1});
}

static void start(ctc_labelling *set)
{
    set->count = set->run_count = set->above = set->above_end = 0;
}

/* Labels are taken back when they run out; an error when that is not enough. */
static void test_labels(void)
{
    ctc_labelling set = {
        .labels = malloc(CTC_MAX_LABELS * sizeof(ctc_label)),
        .runs = malloc(CTC_MAX_RUNS * sizeof(ctc_run)),
    };
    unsigned row = 0;

    /* specks in every third row, more than there are labels: finished, and gone when room is needed */
    for (unsigned y = 0; y < 240; y += 3) {
        for (unsigned x = 0; x < 5; x++) {
            ctc_label_row(&set, row);
            row = set.run_count;
            CHECK(label_one(&set, y, 20 * x, 20 * x + 3) == CTC_OK);
        }
    }
    CHECK(set.count <= CTC_MAX_LABELS && set.run_count == 400);
    ctc_label_compact(&set, CTC_HEIGHT + 1);
    CHECK(set.count == 0 && ctc_run_label(set.runs[0]) == CTC_NO_LABEL);

    /* objects side by side: nothing to take back */
    ctc_error error = CTC_OK;
    unsigned taken = 0;
    start(&set);
    for (unsigned y = 0; error == CTC_OK && y < 240; y += 2) {
        for (unsigned x = 0; error == CTC_OK && x < 60; x++) {
            ctc_label_row(&set, set.run_count);
            error = label_one(&set, y, 5 * x, 5 * x + 4);
            taken += error == CTC_OK;
        }
    }
    CHECK(error == CTC_ERR_OBJECTS && taken == CTC_MAX_LABELS);

    /* two arms of a V that meet at corners only: one object under the first one's label */
    start(&set);
    ctc_label_row(&set, 0);
    CHECK(label_one(&set, 5, 10, 14) == CTC_OK && label_one(&set, 5, 20, 24) == CTC_OK);
    CHECK(set.count == 2);
    ctc_label_row(&set, 0);
    CHECK(label_one(&set, 6, 14, 20) == CTC_OK);
    ctc_label_compact(&set, CTC_HEIGHT + 1);
    CHECK(set.count == 1 && set.labels[0].area == 14 && ctc_run_label(set.runs[1]) == 0);

    /* a pixel apart: not connected */
    start(&set);
    ctc_label_row(&set, 0);
    CHECK(label_one(&set, 5, 10, 14) == CTC_OK);
    ctc_label_row(&set, 0);
    CHECK(label_one(&set, 6, 15, 20) == CTC_OK && set.count == 2);

    /* more than one run holds is several, end to end; the row below finds each of them */
    start(&set);
    ctc_label_row(&set, 0);
    CHECK(label_one(&set, 0, 0, CTC_IMAGE_WIDTH) == CTC_OK && set.run_count == 3 && set.count == 1);
    CHECK(ctc_run_x1(set.runs[0]) == ctc_run_x0(set.runs[1]) && ctc_run_x1(set.runs[2]) == CTC_IMAGE_WIDTH);
    ctc_label_row(&set, 0);
    CHECK(label_one(&set, 1, 2, 3) == CTC_OK && label_one(&set, 1, 310, 311) == CTC_OK && set.count == 1);

    /* the last run there is room for, and one more: also in the middle of a long stretch */
    start(&set);
    set.run_count = CTC_MAX_RUNS - 2;
    set.above = set.above_end = set.run_count;
    CHECK(label_one(&set, 0, 0, 2 * CTC_RUN_MAX) == CTC_OK && set.run_count == CTC_MAX_RUNS);
    start(&set);
    set.run_count = CTC_MAX_RUNS - 2;
    set.above = set.above_end = set.run_count;
    CHECK(label_one(&set, 0, 0, 2 * CTC_RUN_MAX + 1) == CTC_ERR_RUNS);
    free(set.labels);
    free(set.runs);
}

static void test_background_of_extremes(void)
{
    uint32_t counts[CTC_LEVELS] = {0};

    counts[0] = CTC_IMAGE_PIXELS / 2;
    counts[255] = CTC_IMAGE_PIXELS - counts[0];
    CHECK(ctc_background_of(counts).background == 0); /* equal peaks: the lower one */
    counts[0] = 0;
    counts[255] = CTC_IMAGE_PIXELS;
    CHECK(ctc_background_of(counts).background == 255 * CTC_GREY);
    CHECK(ctc_background_of(counts).pixels == CTC_IMAGE_PIXELS);
    CHECK(ctc_background_of(counts).sum == CTC_IMAGE_PIXELS * 255u);
    for (unsigned i = 0; i < CTC_LEVELS; i++) {
        counts[i] = CTC_IMAGE_PIXELS / CTC_LEVELS;
    }
    CHECK(ctc_background_of(counts).noise < 256 * CTC_GREY);
    memset(counts, 0, sizeof counts);
    counts[7] = 1;
    CHECK(ctc_background_of(counts).background == 7 * CTC_GREY);
}

static void test_levels(void)
{
    uint32_t counts[CTC_LEVELS] = {0};

    CHECK(ctc_levels_of(counts).pixels == 0); /* no division by their number */
    CHECK(ctc_levels_quantile(counts, 0, 48) == 0);
    counts[255] = CTC_IMAGE_PIXELS;
    ctc_levels all = ctc_levels_of(counts);
    CHECK(all.mean == 255 * CTC_GREY && all.sd == 0 && all.max == 255 && all.median == 255 && all.saturated == 255);
    counts[255] = 32768;
    counts[0] = 32767; /* the widest there is */
    all = ctc_levels_of(counts);
    CHECK(all.pixels == 65535 && all.median == 255 && all.saturated == 128 && all.sd == 255 * CTC_GREY / 2 - 1);
    counts[0] = 32768; /* the lower of the middle two */
    CHECK(ctc_levels_of(counts).median == 0);
    CHECK(ctc_levels_from(counts, 1) == 32768 && ctc_levels_from(counts, 0) == 65536);
    CHECK(ctc_levels_quantile(counts, 65536, 32) == 0 && ctc_levels_quantile(counts, 65536, 33) == 255);
    counts[255] = 1; /* one pixel of many is still seen */
    CHECK(ctc_levels_of(counts).saturated == 1);
    for (uint64_t root = 0; root <= UINT32_MAX; root = root * 3 / 2 + 1) {
        CHECK(ctc_root(root * root) == root && (root == 0 || ctc_root(root * root - 1) == root - 1));
        CHECK(ctc_root(root * root + 2 * root) == root);
    }
    CHECK(ctc_root(UINT64_MAX) == UINT32_MAX);
}

static void test_tiles_between(void)
{
    uint16_t grid[CTC_TILES];

    for (unsigned i = 0; i < CTC_TILES; i++) {
        grid[i] = (uint16_t)(1000 * (i % CTC_TILE_COLUMNS) + 7000 * (i / CTC_TILE_COLUMNS));
    }
    for (unsigned y = 0; y < CTC_HEIGHT; y++) {
        for (unsigned x = 0; x < CTC_IMAGE_WIDTH; x++) {
            double column = ((double)x - 32) / 64, row = ((double)y - 30) / 61;
            column = column < 0 ? 0 : column > 4 ? 4 : column;
            row = row < 0 ? 0 : row > 3 ? 3 : row;
            double is = ctc_tiles_at(grid, x, y), exact = 1000 * column + 7000 * row;
            CHECK(is - exact < 1.0 && exact - is < 7000.0 / 64 + 1);
        }
    }
    for (unsigned i = 0; i < CTC_TILES; i++) {
        grid[i] = UINT16_MAX;
    }
    CHECK(ctc_tiles_at(grid, 315, 243) == UINT16_MAX && ctc_tiles_at(grid, 100, 100) == UINT16_MAX);
}

static ctc_object good_object(void)
{
    return (ctc_object){
        .area = 160,
        .body = 113,
        .perimeter = 52,
        .inside = 49,
        .eccentricity = 20000,
        .focus = 400,
        .cd45_low = 30,
        .signal = {{.mean = 6400}, {.mean = 5760}, {.mean = 0, .background = 30 * 64}, {.mean = 64}},
    };
}

/* Every limit alone: on it is still good (least) or bad (greatest + 1), beyond it only this gate refuses; off, nothing. */
static void test_gates(void)
{
    enum { NUCLEUS = 49, NOISE = 64 };
    ctc_gates off = {
        .cd45_max = CTC_NO_LIMIT, .cd45_share_max = CTC_NO_LIMIT, .area_max = CTC_NO_LIMIT, .shape_max = CTC_NO_LIMIT,
        .eccentricity_max = CTC_NO_LIMIT, .saturated_max = CTC_NO_LIMIT,
    };
    ctc_object object = good_object();
    const ctc_object nothing = {.cd45_low = 255, .signal = {{.mean = 0}, {.mean = 0}, {.mean = INT16_MAX}}};

    CHECK(ctc_gate_of(&object, NUCLEUS, NOISE, &ctc_config_default.gates) == CTC_GATE_NONE);
    CHECK(ctc_gate_of(&nothing, 0, 0, &off) == CTC_GATE_NONE);

#define GATE(limit, good, bad, gate)                                              \
    do {                                                                          \
        ctc_gates gates = off;                                                    \
        gates.limit = (good);                                                     \
        CHECK(ctc_gate_of(&object, NUCLEUS, NOISE, &gates) == CTC_GATE_NONE);     \
        gates.limit = (bad);                                                      \
        CHECK(ctc_gate_of(&object, NUCLEUS, NOISE, &gates) == (gate));            \
    } while (0)
    object.cd45_low = 40; /* 640 above background */
    object.signal[3].saturated = 51; /* 0.2 */
    GATE(nucleus_min, 49, 50, CTC_GATE_DAPI);
    GATE(dapi_min, 6400, 6401, CTC_GATE_DAPI);
    GATE(ck_min, 5760, 5761, CTC_GATE_CK);
    GATE(ck_snr_min, 5760, 5761, CTC_GATE_CK);
    GATE(cd45_max, 640, 639, CTC_GATE_CD45);
    GATE(cd45_share_max, 112, 111, CTC_GATE_CD45); /* 640 / 5760 = 0.111 */
    GATE(area_min, 113, 114, CTC_GATE_SMALL);
    GATE(area_max, 113, 112, CTC_GATE_LARGE);
    GATE(shape_max, 17, 16, CTC_GATE_SHAPE); /* 52 * 52 / 160 = 16.9 */
    GATE(eccentricity_max, 306, 305, CTC_GATE_SHAPE); /* 20000 / 65535 = 0.3052 */
    GATE(overlap_min, 1000, 1001, CTC_GATE_NUCLEUS);
    GATE(focus_min, 400, 401, CTC_GATE_FOCUS);
    GATE(saturated_max, 200, 199, CTC_GATE_SATURATED);
#undef GATE

    /* the order in which they are tried: an object that fails all of them, then one after the other mended */
    const ctc_gates *all = &ctc_config_default.gates;
    ctc_gates strict = *all;
    strict.focus_min = 100;
    strict.saturated_max = 10;
    ctc_object bad = {
        .area = 10, .body = 12, .perimeter = 400, .cd45_low = 60, .signal = {{.mean = 0}, {.mean = 500}, {.mean = 800}},
    };
    bad.signal[3].saturated = 255;
    CHECK(ctc_gate_of(&bad, 6, NOISE, &strict) == CTC_GATE_DAPI);
    CHECK(ctc_gate_of(&bad, 49, NOISE, &strict) == CTC_GATE_CK);
    bad.signal[1].mean = 512;
    CHECK(ctc_gate_of(&bad, 49, NOISE, &strict) == CTC_GATE_CD45);
    bad.cd45_low = 12; /* a leukocyte over less than three quarters of it */
    CHECK(ctc_gate_of(&bad, 49, NOISE, &strict) == CTC_GATE_SMALL);
    bad.body = 805;
    CHECK(ctc_gate_of(&bad, 49, NOISE, &strict) == CTC_GATE_LARGE);
    bad.body = 804;
    CHECK(ctc_gate_of(&bad, 49, NOISE, &strict) == CTC_GATE_SHAPE);
    bad.area = 5000;
    CHECK(ctc_gate_of(&bad, 49, NOISE, &strict) == CTC_GATE_NUCLEUS);
    bad.inside = 24; /* less than half of 49 */
    CHECK(ctc_gate_of(&bad, 49, NOISE, &strict) == CTC_GATE_NUCLEUS);
    CHECK(ctc_gate_of(&bad, 48, NOISE, &strict) == CTC_GATE_NUCLEUS); /* exactly half is not more than half */
    bad.inside = 25;
    CHECK(ctc_gate_of(&bad, 49, NOISE, &strict) == CTC_GATE_FOCUS);
    bad.focus = 100;
    CHECK(ctc_gate_of(&bad, 49, NOISE, &strict) == CTC_GATE_SATURATED);
    bad.signal[3].saturated = 2;
    CHECK(ctc_gate_of(&bad, 49, NOISE, &strict) == CTC_GATE_NONE);
    bad.area = UINT16_MAX;
    bad.body = UINT16_MAX;
    bad.perimeter = UINT16_MAX;
    CHECK(ctc_gate_of(&bad, 49, NOISE, all) == CTC_GATE_LARGE);
}

static void test_rows(void)
{
    ctc_cell cell = {
        .field = 7,
        .score = 3,
        .flags = CTC_FLAG_CTC | CTC_FLAG_BORDERLINE,
        .range = 0x32,
        .x = 0x0102,
        .perimeter = 0xFEFF,
        .her2 = 0x89ABCDEF,
        .body = 0x4321,
        .signal = {{.mean = INT16_MIN}, {.mean = -1}, {.mean = INT16_MAX}, {.mean = 0x1234, .saturated = 9}},
    };
    ctc_cell back;
    uint8_t row[CTC_ROW_BYTES];

    ctc_cell_pack(row, &cell);
    CHECK(row[4] == 0x02 && row[5] == 0x01 && row[59] == 0x34 && row[60] == 0x12 && row[67] == 9);
    CHECK(row[24] == 0xEF && row[27] == 0x89 && row[68] == 0x21 && row[69] == 0x43);
    CHECK(ctc_cell_unpack(&back, row) == CTC_OK);
    CHECK(back.x == cell.x && back.perimeter == cell.perimeter && back.her2 == cell.her2 && back.body == cell.body);
    for (unsigned i = 0; i < 4; i++) {
        CHECK(back.signal[i].mean == cell.signal[i].mean);
    }
    /* every byte of a row counts: another one is another row, or refused */
    for (unsigned i = 0; i < CTC_ROW_BYTES; i++) {
        uint8_t other[CTC_ROW_BYTES], again[CTC_ROW_BYTES];
        memcpy(other, row, sizeof row);
        other[i] ^= 0x40;
        if (ctc_cell_unpack(&back, other) == CTC_OK) {
            ctc_cell_pack(again, &back);
            CHECK(memcmp(again, other, sizeof again) == 0);
        } else {
            CHECK(i >= 1 && i <= 20);
        }
    }
    for (unsigned range = 0; range < 256; range++) { /* the range holds the score, and says whether it is borderline */
        unsigned low = range & 15, high = range >> 4;
        for (unsigned borderline = 0; borderline < 2; borderline++) {
            row[20] = (uint8_t)range;
            row[1] = (uint8_t)(CTC_FLAG_CTC | (borderline ? CTC_FLAG_BORDERLINE : 0));
            int good = low <= 3 && high == 3 && borderline == (low != high);
            CHECK((ctc_cell_unpack(&back, row) == CTC_OK) == good);
        }
    }
}

/* One of a few values that are likely to be wrong, or any. */
static uint32_t odd(uint32_t least, uint32_t greatest)
{
    switch (xorshift() % 4) {
    case 0:
        return least;
    case 1:
        return greatest;
    case 2:
        return least + xorshift() % 8 <= greatest ? least + xorshift() % 2 : least;
    default:
        return least + (uint32_t)((uint64_t)xorshift() * ((uint64_t)greatest - least + 1) >> 32);
    }
}

static int16_t odd_mean(void)
{
    return (int16_t)((int32_t)odd(0, UINT16_MAX) - 0x8000);
}

/* All that an object can show, under every line that is accepted: the scores that are left open hold the score. */
static void test_score_of_extremes(ctc_work *work)
{
    unsigned scored[4] = {0};

    for (unsigned round = 0; round < 300; round++) {
        ctc_config config = ctc_config_default;
        config.line_slope = (int32_t)(odd(1, INT32_MAX) >> xorshift() % 31) | 1;
        config.line_offset = (int32_t)odd(0, 60u << 16) - (30 << 16);
        if (round % 2) {
            config.line_slope = CTC_Q16;
            config.line_offset = round % 4 == 1 ? ctc_config_default.line_offset : -(11 << 16);
        }
        config.line_se = (uint16_t)odd(0, UINT16_MAX);
        config.borderline = (uint16_t)odd(0, 256);
        for (unsigned i = 0; i < 16; i++) {
            config.spillover_se[i / 4][i % 4] = (uint16_t)odd(0, UINT16_MAX);
        }
        CHECK(ctc_begin(work, 0, &config) == CTC_OK);
        for (unsigned i = 0; i < 300; i++) {
            work->tiles.noise[0] = (uint16_t)odd(0, 16320);
            ctc_object object = {
                .area = (uint16_t)odd(4, UINT16_MAX),
                .body = (uint16_t)odd(0, UINT16_MAX),
                .width = (uint8_t)odd(1, 255),
                .height = (uint8_t)odd(1, 244),
                .nucleus = CTC_NO_NUCLEUS,
            };
            for (unsigned c = 0; c < 4; c++) {
                object.signal[c].mean = odd_mean();
                object.signal[c].sd = (uint16_t)odd(0, 8160);
                object.signal[c].background = (uint16_t)odd(0, 16320);
            }
            ctc_compensate(work, &object);
            ctc_score(work, &object, 1);
            unsigned low = object.range & 15, high = object.range >> 4;
            CHECK(low <= object.score && object.score <= high && high <= 3);
            CHECK(((object.flags & CTC_FLAG_BORDERLINE) != 0) == (low != high));
            scored[object.score & 3]++;
        }
    }
    CHECK(scored[0] && scored[1] && scored[2] && scored[3]);
}

int main(void)
{
    ctc_work *work = malloc(sizeof *work);

    test_packing();
    test_room();
    test_sums();
    test_mask();
    test_bitmap();
    test_labels();
    test_background_of_extremes();
    test_levels();
    test_tiles_between();
    test_gates();
    test_rows();
    test_score_of_extremes(work);
    free(work);
    return failures != 0;
}
