/* The core's parts one by one, and whole fields at its bounds. Built with AddressSanitizer and
 * UndefinedBehaviorSanitizer; the work area and the frame are on the heap at their exact size, so that one byte
 * beyond either is caught. */
#include <stdlib.h>
#include <string.h>

#include "background.h"
#include "check.h"
#include "ctc/ctc.h"
#include "gate.h"
#include "histogram.h"
#include "label.h"
#include "mask.h"
#include "pixels.h"
#include "run.h"
#include "unite.h"

static uint32_t random_state = 2463534242u;

static uint32_t xorshift(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

static void test_packing(void)
{
    for (unsigned x0 = 0; x0 < CTC_IMAGE_WIDTH; x0++) {
        for (unsigned x1 = x0 + 1; x1 <= CTC_IMAGE_WIDTH; x1++) {
            ctc_run run = ctc_run_pack(x0, x1, CTC_MAX_LABELS - 1);
            CHECK(ctc_run_x0(run) == x0 && ctc_run_x1(run) == x1 && ctc_run_label(run) == CTC_MAX_LABELS - 1);
            run = ctc_run_relabel(run, CTC_NO_LABEL);
            CHECK(ctc_run_x0(run) == x0 && ctc_run_x1(run) == x1 && ctc_run_label(run) == CTC_NO_LABEL);
            if (x1 - x0 <= CTC_PIECE_MAX) {
                uint32_t sum = (x1 - x0) * 255;
                ctc_piece piece = ctc_piece_pack(x0, x1, sum, 1);
                CHECK(ctc_piece_x0(piece) == x0 && ctc_piece_x1(piece) == x1);
                CHECK(ctc_piece_sum(piece) == sum && ctc_piece_saturated(piece));
                CHECK(!ctc_piece_saturated(ctc_piece_pack(x0, x1, sum, 0)));
            }
        }
    }
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
    CHECK(!ctc_saturated(row, 0, CTC_WIDTH));
    pixel[100] = 255;
    CHECK(ctc_saturated(row, 100, 101) && !ctc_saturated(row, 0, 100) && !ctc_saturated(row, 101, CTC_WIDTH));
}

static void check_mask(const uint32_t *row, unsigned threshold)
{
    const uint8_t *pixel = (const uint8_t *)row;
    ctc_run runs[CTC_ROW_RUNS];
    uint8_t mask[CTC_IMAGE_WIDTH] = {0};
    unsigned count = ctc_mask_row(row, threshold, runs);
    unsigned last = 0;

    for (unsigned i = 0; i < count; i++) {
        CHECK(ctc_run_x0(runs[i]) < ctc_run_x1(runs[i]) && ctc_run_x1(runs[i]) <= CTC_IMAGE_WIDTH);
        CHECK(i == 0 || ctc_run_x0(runs[i]) > last);
        last = ctc_run_x1(runs[i]);
        memset(mask + ctc_run_x0(runs[i]), 1, last - ctc_run_x0(runs[i]));
    }
    for (unsigned x = 0; x < CTC_IMAGE_WIDTH; x++) {
        CHECK(mask[x] == (pixel[x] >= threshold));
    }
}

/* Every threshold, with rows of every density; the word trick must agree with the pixel. */
static void test_mask(void)
{
    uint32_t row[CTC_ROW_WORDS];
    uint8_t *pixel = (uint8_t *)row;

    for (unsigned threshold = 1; threshold <= CTC_LEVELS; threshold++) {
        for (unsigned density = 1; density <= 256; density *= 4) {
            for (unsigned x = 0; x < CTC_WIDTH; x++) {
                unsigned bright = xorshift() % 256 < density;
                unsigned level = bright ? threshold + xorshift() % 3 : xorshift() % threshold;
                pixel[x] = (uint8_t)(level > 255 ? 255 : level);
            }
            check_mask(row, threshold);
        }
        for (unsigned x = 0; x < CTC_WIDTH; x++) { /* the most runs there can be */
            pixel[x] = (uint8_t)(x & 1 ? threshold - 1 : 255);
        }
        check_mask(row, threshold);
    }
    memset(row, 0, sizeof row);
    memset(pixel + CTC_IMAGE_WIDTH, 255, CTC_STRIP_COLUMNS);
    check_mask(row, 1);
}

static void test_unite(void)
{
    /* CK  ..####....####..   two runs; a piece that bridges them, a piece of two halves, one alone */
    const ctc_run ck[] = {ctc_run_pack(2, 6, 0), ctc_run_pack(10, 14, 0), ctc_run_pack(40, 50, 0)};
    const ctc_piece pieces[] = {
        ctc_piece_pack(4, 11, 70, 0),
        ctc_piece_pack(14, 16, 20, 1),
        ctc_piece_pack(20, 25, 50, 0),
        ctc_piece_pack(25, 30, 50, 0),
        ctc_piece_pack(42, 44, 20, 0),
    };
    ctc_row_masks row = {ck, ck + 3, pieces, pieces + 5};
    ctc_found found;

    CHECK(ctc_unite_next(&row, &found));
    CHECK(found.x0 == 2 && found.x1 == 16 && found.nucleus == 9 && found.overlap == 3 && found.dapi == 90);
    CHECK(found.saturated);
    CHECK(ctc_unite_next(&row, &found));
    CHECK(found.x0 == 20 && found.x1 == 30 && found.nucleus == 10 && found.overlap == 0 && found.dapi == 100);
    CHECK(!found.saturated);
    CHECK(ctc_unite_next(&row, &found));
    CHECK(found.x0 == 40 && found.x1 == 50 && found.nucleus == 2 && found.overlap == 2);
    CHECK(!ctc_unite_next(&row, &found));
}

/* Labels of exactly the room they say: taken back when they run out, an error when that is not enough. */
static void test_labels(void)
{
    enum { CAPACITY = 8, RUNS = 64 };
    ctc_labelling set = {
        .labels = malloc(CAPACITY * sizeof(ctc_label)), .capacity = CAPACITY, .runs = malloc(RUNS * sizeof(ctc_run)),
    };
    ctc_error error = CTC_OK;
    unsigned above = 0;

    /* specks in every third row: finished, and gone when room is needed */
    for (unsigned y = 0; y < 3 * 20; y += 3) {
        ctc_found speck = {.x0 = 10, .x1 = 13};
        above = set.run_count;
        CHECK(ctc_label_run(&set, y, &speck, &above, set.run_count) == CTC_OK);
    }
    CHECK(set.count <= CAPACITY && set.run_count == 20);
    ctc_label_compact(&set, CTC_HEIGHT + 1);
    CHECK(set.count == 0 && ctc_run_label(set.runs[0]) == CTC_NO_LABEL);

    /* objects side by side: nothing to take back */
    set.run_count = above = 0;
    unsigned taken = 0;
    for (unsigned x = 0; error == CTC_OK && x < 300; x += 10) {
        ctc_found found = {.x0 = x, .x1 = x + 5};
        error = ctc_label_run(&set, 0, &found, &above, 0);
        taken += error == CTC_OK;
    }
    CHECK(error == CTC_ERR_OBJECTS && taken == CAPACITY);

    /* two arms of a V: one object with the sums of both, under the first one's label */
    set.count = set.run_count = above = 0;
    ctc_found arms[] = {{.x0 = 10, .x1 = 14, .dapi = 1}, {.x0 = 20, .x1 = 24, .dapi = 2, .saturated = 1}};
    ctc_found joint = {.x0 = 14, .x1 = 20, .dapi = 4, .nucleus = 6, .overlap = 5};
    CHECK(ctc_label_run(&set, 5, &arms[0], &above, 0) == CTC_OK);
    CHECK(ctc_label_run(&set, 5, &arms[1], &above, 0) == CTC_OK);
    CHECK(ctc_label_run(&set, 6, &joint, &above, 2) == CTC_OK); /* touches both at a corner only */
    ctc_label_compact(&set, CTC_HEIGHT + 1);
    CHECK(set.count == 1 && set.labels[0].area == 14 && set.labels[0].dapi == 7 && set.labels[0].saturated);
    CHECK(set.labels[0].nucleus == 6 && set.labels[0].overlap == 5 && ctc_run_label(set.runs[1]) == 0);
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
    for (unsigned i = 0; i < CTC_LEVELS; i++) {
        counts[i] = CTC_IMAGE_PIXELS / CTC_LEVELS;
    }
    CHECK(ctc_background_of(counts).noise < 256 * CTC_GREY);
    memset(counts, 0, sizeof counts);
    CHECK(ctc_background_of(counts).noise == 0); /* no pixels at all: no division by their number */
}

static void test_gates(void)
{
    const ctc_config *config = &ctc_config_default;
    const ctc_object good = {
        .area = 113, .nucleus = 49, .overlap = 49, .perimeter = 52, .mean = {6400, 5760, 0, 0},
    };
    ctc_object object = good;

    CHECK(ctc_gate_of(&object, config) == CTC_GATE_NONE);
    object.overlap = 24; /* less than half of 49 */
    CHECK(ctc_gate_of(&object, config) == CTC_GATE_NUCLEUS);
    object.nucleus = 48; /* exactly half is not more than half */
    CHECK(ctc_gate_of(&object, config) == CTC_GATE_NUCLEUS);
    object.overlap = 25;
    CHECK(ctc_gate_of(&object, config) == CTC_GATE_NONE);
    object.perimeter = 61; /* 61 * 61 / 113 = 32.9 */
    CHECK(ctc_gate_of(&object, config) == CTC_GATE_SHAPE);
    object.area = config->gates.area_max + 1u;
    CHECK(ctc_gate_of(&object, config) == CTC_GATE_LARGE);
    object.area = CTC_IMAGE_PIXELS;
    object.perimeter = UINT16_MAX;
    CHECK(ctc_gate_of(&object, config) == CTC_GATE_LARGE);
    object.area = config->gates.area_min - 1u;
    CHECK(ctc_gate_of(&object, config) == CTC_GATE_SMALL);
    object.mean[2] = (uint16_t)(config->gates.cd45_max + 1);
    CHECK(ctc_gate_of(&object, config) == CTC_GATE_CD45);
    object.mean[1] = (uint16_t)(config->gates.ck_min - 1);
    CHECK(ctc_gate_of(&object, config) == CTC_GATE_CK);
    object.nucleus = (uint16_t)(config->gates.nucleus_min - 1);
    CHECK(ctc_gate_of(&object, config) == CTC_GATE_DAPI);

    for (unsigned i = 0; i < 3; i++) {
        CHECK(ctc_score_of(config->score_min[i] - 1u, config) == i);
        CHECK(ctc_score_of(config->score_min[i], config) == i + 1);
    }
    CHECK(ctc_score_of(0, config) == 0 && ctc_score_of(UINT16_MAX, config) == 3);
}

static void test_rows(void)
{
    ctc_cell cell = {.score = 3, .flags = CTC_FLAG_CTC, .x = 0x0102, .perimeter = 0xFEFF, .mean = {1, 2, 3, 0x1234}};
    ctc_cell back;
    uint8_t row[CTC_ROW_BYTES];

    ctc_cell_pack(row, &cell);
    CHECK(row[4] == 0x02 && row[5] == 0x01 && row[18] == 0x34 && row[19] == 0x12 && row[22] == 0xFF);
    CHECK(ctc_cell_unpack(&back, row) == CTC_OK);
    CHECK(back.x == cell.x && back.perimeter == cell.perimeter && back.mean[3] == cell.mean[3] && back.score == 3);
}

/* One field of four equal frames; returns the first error. */
static ctc_error field(ctc_work *work, const uint32_t *frame, unsigned *objects)
{
    ctc_error error = ctc_begin(work, 0, &ctc_config_default);

    for (unsigned channel = CTC_DAPI; channel < CTC_CHANNELS && error == CTC_OK; channel++) {
        error = ctc_analyse(work, channel, frame);
    }
    return error == CTC_OK ? ctc_end(work, objects) : error;
}

/* Noise of every density, dense enough to reach every bound: an answer or an error, nothing else. */
static void test_fields_of_noise(ctc_work *work, uint32_t *frame)
{
    uint8_t *pixel = (uint8_t *)frame;
    uint8_t *rows = malloc(CTC_MAX_OBJECTS * CTC_ROW_BYTES);
    int seen[CTC_ERR_COUNT + 1] = {0};

    for (unsigned density = 0; density <= 256; density += density < 16 ? 1 : 16) {
        for (unsigned block = 1; block <= 16; block *= 2) {
            unsigned objects = 0, copied = 0;
            uint8_t blocks[CTC_HEIGHT][CTC_WIDTH];
            for (unsigned y = 0; y < CTC_HEIGHT; y += 1) {
                for (unsigned x = 0; x < CTC_WIDTH; x++) {
                    if (y % block == 0 && x % block == 0) {
                        blocks[y][x] = xorshift() % 256 < density ? (uint8_t)(60 + xorshift() % 196) : 20;
                    } else {
                        blocks[y][x] = blocks[y - y % block][x - x % block];
                    }
                    pixel[y * CTC_WIDTH + x] = blocks[y][x];
                }
            }
            ctc_error error = field(work, frame, &objects);
            CHECK(error == CTC_OK || error == CTC_ERR_RUNS || error == CTC_ERR_OBJECTS);
            seen[error] = 1;
            if (error == CTC_OK) {
                CHECK(objects <= CTC_MAX_OBJECTS);
                CHECK(ctc_rows(work, rows, CTC_MAX_OBJECTS * CTC_ROW_BYTES, 0, &copied) == CTC_OK);
                CHECK(copied == objects);
            }
        }
    }
    CHECK(seen[CTC_OK] && seen[CTC_ERR_RUNS] && seen[CTC_ERR_OBJECTS]);
    free(rows);
}

/* Runs of the CK mask alone, one more than there is room for: the room is the end of the work area. */
static void test_bound_of_runs(ctc_work *work, uint32_t *frame)
{
    uint8_t *pixel = (uint8_t *)frame;

    for (unsigned more = 0; more <= 1; more++) {
        memset(frame, 20, CTC_FRAME_BYTES);
        CHECK(ctc_begin(work, 0, &ctc_config_default) == CTC_OK);
        CHECK(ctc_analyse(work, CTC_DAPI, frame) == CTC_OK);
        for (unsigned i = 0; i < CTC_MAX_RUNS + more; i++) {
            pixel[i / 79 * CTC_WIDTH + i % 79 * 4] = 200;
        }
        CHECK(ctc_analyse(work, CTC_CK, frame) == (more ? CTC_ERR_RUNS : CTC_OK));
    }
}

int main(void)
{
    ctc_work *work = malloc(sizeof *work);
    uint32_t *frame = malloc(CTC_FRAME_BYTES);

    test_packing();
    test_sums();
    test_mask();
    test_unite();
    test_labels();
    test_background_of_extremes();
    test_gates();
    test_rows();
    test_bound_of_runs(work, frame);
    test_fields_of_noise(work, frame);
    free(frame);
    free(work);
    return failures != 0;
}
