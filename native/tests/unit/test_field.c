/* Whole fields at the core's bounds and beyond. Built with AddressSanitizer and UndefinedBehaviorSanitizer; the work area and
 * the frame are on the heap at their exact size, so that one byte beyond either is caught. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "ctc/ctc.h"
#include "random.h"

enum { GROUND = 20, BRIGHT = 200 };

typedef struct {
    ctc_work *work;
    uint32_t *frame;
    uint8_t *pixel;
    uint8_t *rows;
} bench;

static void ground(const bench *on)
{
    memset(on->frame, GROUND, CTC_FRAME_BYTES);
}

static void box(const bench *on, unsigned x0, unsigned x1, unsigned y0, unsigned y1, unsigned level)
{
    for (unsigned y = y0; y < y1; y++) {
        memset(on->pixel + y * CTC_WIDTH + x0, (int)level, x1 - x0);
    }
}

/* Begin a field and analyse its dark frame and DAPI, as drawn. */
static ctc_error dapi(const bench *on)
{
    CHECK(ctc_begin(on->work, 0, &ctc_config_default) == CTC_OK);
    return ctc_analyse(on->work, CTC_DAPI, on->frame);
}

static ctc_error blank_dapi(const bench *on)
{
    ground(on);
    return dapi(on);
}

/* Rows are such as can be read again, and no more than there is room for. */
static unsigned check_rows(const bench *on)
{
    unsigned objects = 0, copied = 0, ctcs = 0;

    CHECK(ctc_end(on->work, &objects) == CTC_OK && objects <= CTC_MAX_OBJECTS);
    CHECK(ctc_rows(on->work, on->rows, CTC_MAX_OBJECTS * CTC_ROW_BYTES, 0, &copied) == CTC_OK && copied == objects);
    for (unsigned i = 0; i < objects; i++) {
        ctc_cell cell;
        CHECK(ctc_cell_unpack(&cell, on->rows + i * CTC_ROW_BYTES) == CTC_OK);
        CHECK(cell.area > 0 && cell.body <= cell.area && cell.inside <= cell.area);
        CHECK(cell.x < CTC_IMAGE_WIDTH * 64 && cell.y < CTC_HEIGHT * 64 && cell.width > 0 && cell.height > 0);
        ctcs += cell.flags & CTC_FLAG_CTC;
    }
    return ctcs;
}

/* The same frame in every channel; the first error. */
static ctc_error whole_field(const bench *on)
{
    ctc_error error = CTC_OK;

    CHECK(ctc_begin(on->work, 0, &ctc_config_default) == CTC_OK);
    for (unsigned channel = CTC_DAPI; channel < CTC_CHANNELS && error == CTC_OK; channel++) {
        error = ctc_analyse(on->work, channel, on->frame);
    }
    return error;
}

/* Noise of every density and grain, dense enough to reach bounds: an answer or an error, nothing else, and no CTC. */
static void test_noise(const bench *on)
{
    unsigned seen[CTC_ERR_HOT + 1] = {0};

    for (unsigned density = 0; density <= 256; density += density < 16 ? 1 : 16) {
        for (unsigned block = 1; block <= 16; block *= 2) {
            for (unsigned y = 0; y < CTC_HEIGHT; y++) {
                for (unsigned x = 0; x < CTC_WIDTH; x++) {
                    uint8_t *at = on->pixel + y * CTC_WIDTH + x;
                    if (y % block == 0 && x % block == 0) {
                        *at = xorshift() % 256 < density ? (uint8_t)(60 + xorshift() % 196) : GROUND;
                    } else {
                        *at = *(at - (y % block) * CTC_WIDTH - x % block);
                    }
                }
            }
            ctc_error error = whole_field(on);
            CHECK(error == CTC_OK || error == CTC_ERR_RUNS || error == CTC_ERR_OBJECTS);
            seen[error]++;
            if (error == CTC_OK) {
                unsigned ctcs = check_rows(on);
                CHECK(ctcs == 0 || block == 16); /* blocks of 16 between brighter ones are not told from cells */
            }
        }
    }
    CHECK(seen[CTC_OK] && seen[CTC_ERR_RUNS] && seen[CTC_ERR_OBJECTS]);
}

/* One level throughout, and levels that are one level but for a pixel or a half. */
static void test_levels(const bench *on)
{
    for (unsigned level = 0; level < CTC_LEVELS; level += level % 8 == 6 ? 1 : 7) {
        memset(on->frame, (int)level, CTC_FRAME_BYTES);
        CHECK(whole_field(on) == CTC_OK && check_rows(on) == 0);
        on->pixel[100 * CTC_WIDTH + 100] = (uint8_t)(255 - level);
        CHECK(whole_field(on) == CTC_OK && check_rows(on) == 0);
        box(on, 0, CTC_IMAGE_WIDTH / 2, 0, CTC_HEIGHT, 255 - level);
        ctc_error error = whole_field(on);
        CHECK(error != CTC_OK || check_rows(on) == 0);
    }
}

/* CTC_MAX_RUNS runs fit, one more does not. */
static void test_runs(const bench *on)
{
    for (unsigned more = 0; more <= 1; more++) {
        CHECK(blank_dapi(on) == CTC_OK);
        unsigned tall = CTC_MAX_RUNS / CTC_HEIGHT; /* objects as high as the frame, and one of the rows that are left */
        for (unsigned i = 0; i < tall; i++) {
            box(on, 10 + 20 * i, 12 + 20 * i, 0, CTC_HEIGHT, BRIGHT);
        }
        box(on, 200, 202, 0, CTC_MAX_RUNS - tall * CTC_HEIGHT + more, BRIGHT);
        CHECK(ctc_analyse(on->work, CTC_CK, on->frame) == (more ? CTC_ERR_RUNS : CTC_OK));
    }
    /* runs that only appear when an object is split between its nuclei */
    ground(on);
    box(on, 20, 26, 10, 16, BRIGHT);
    box(on, 40, 46, 10, 16, BRIGHT);
    CHECK(dapi(on) == CTC_OK);
    ground(on);
    box(on, 10, 60, 0, CTC_HEIGHT, BRIGHT); /* 244 runs, 488 when split */
    for (unsigned i = 0; i + 2 < CTC_MAX_RUNS / CTC_HEIGHT + 1; i++) {
        box(on, 100 + 20 * i, 102 + 20 * i, 0, CTC_HEIGHT, BRIGHT);
    }
    CHECK(ctc_analyse(on->work, CTC_CK, on->frame) == CTC_ERR_RUNS);
}

/* `count` boxes of 4 x 4 pixels, 26 in a row. */
static void boxes(const bench *on, unsigned count)
{
    ground(on);
    for (unsigned i = 0; i < count; i++) {
        box(on, 4 + i % 26 * 12, 8 + i % 26 * 12, 4 + i / 26 * 11, 8 + i / 26 * 11, BRIGHT);
    }
}

static void test_objects(const bench *on)
{
    CHECK(blank_dapi(on) == CTC_OK);
    boxes(on, CTC_MAX_OBJECTS);
    CHECK(ctc_analyse(on->work, CTC_CK, on->frame) == CTC_OK);
    ground(on);
    CHECK(ctc_analyse(on->work, CTC_CD45, on->frame) == CTC_OK && ctc_analyse(on->work, CTC_HER2, on->frame) == CTC_OK);
    CHECK(check_rows(on) == 0 && on->work->object_count == CTC_MAX_OBJECTS);
    CHECK(blank_dapi(on) == CTC_OK);
    boxes(on, CTC_MAX_OBJECTS + 1);
    CHECK(ctc_analyse(on->work, CTC_CK, on->frame) == CTC_ERR_OBJECTS);
    CHECK(blank_dapi(on) == CTC_OK);
    boxes(on, 26 * 21); /* beyond the labels too */
    CHECK(ctc_analyse(on->work, CTC_CK, on->frame) == CTC_ERR_OBJECTS);
    unsigned objects;
    CHECK(ctc_end(on->work, &objects) == CTC_ERR_ORDER && ctc_analyse(on->work, CTC_CD45, on->frame) == CTC_ERR_ORDER);
    /* objects that only appear when one is split: 127 and two nuclei in the last */
    ground(on);
    box(on, 300, 304, 220, 226, BRIGHT);
    box(on, 310, 314, 220, 226, BRIGHT);
    CHECK(dapi(on) == CTC_OK && on->work->nucleus_count == 2);
    boxes(on, CTC_MAX_OBJECTS);
    box(on, 298, CTC_IMAGE_WIDTH, 218, 228, BRIGHT);
    box(on, 0, 10, 0, 10, GROUND); /* one less */
    CHECK(ctc_analyse(on->work, CTC_CK, on->frame) == CTC_ERR_OBJECTS);
}

/* Nuclei of 4 x 4 pixels, in rows 8 pixels apart: `count` of them. */
static void nuclei(const bench *on, unsigned count)
{
    ground(on);
    for (unsigned i = 0; i < count; i++) {
        box(on, 2 + i % 39 * 8, 6 + i % 39 * 8, 2 + i / 39 * 8, 6 + i / 39 * 8, BRIGHT);
    }
}

static void test_nuclei(const bench *on)
{
    nuclei(on, CTC_MAX_NUCLEI);
    CHECK(dapi(on) == CTC_OK && on->work->nucleus_count == CTC_MAX_NUCLEI);
    nuclei(on, CTC_MAX_NUCLEI + 1);
    CHECK(dapi(on) == CTC_ERR_OBJECTS);
    CHECK(ctc_nucleus_at(on->work, 3, 3) == 0); /* not of a failed frame */
    nuclei(on, 3);
    CHECK(dapi(on) == CTC_OK);
    CHECK(ctc_nucleus_at(on->work, 3, 3) == 1 && ctc_nucleus_at(on->work, 20, 5) == 3);
    CHECK(ctc_nucleus_at(on->work, 7, 3) == 0 && ctc_nucleus_at(on->work, CTC_IMAGE_WIDTH, 3) == 0);
    CHECK(ctc_nucleus_at(on->work, UINT32_MAX, UINT32_MAX) == 0);
}

/* One component with `columns` times 8 places where an erosion ends: blocks held together by corridors a pixel wide. */
static void lattice(const bench *on, unsigned columns, unsigned rows)
{
    ground(on);
    for (unsigned i = 0; i < columns * rows; i++) {
        unsigned x = 28 + i % columns * 7, y = 28 + i / columns * 7; /* a window begins at 28 */
        box(on, x, x + 5, y, y + 5, BRIGHT);
        box(on, x + 2, i % columns + 1 < columns ? x + 10 : x + 3, y + 2, y + 3, BRIGHT);
    }
    box(on, 30, 31, 28, 28 + 7 * rows, BRIGHT);
}

static void test_seeds(const bench *on)
{
    /* 8 x 8 blocks in one window are 64 seeds at most; 9 x 9 are more */
    lattice(on, 7, 7);
    CHECK(dapi(on) == CTC_OK && on->work->nucleus_count >= 40);
    lattice(on, 9, 9);
    CHECK(dapi(on) == CTC_ERR_OBJECTS);
}

/* Nuclei near one object. */
static void test_near(const bench *on)
{
    for (unsigned more = 0; more <= 1; more++) {
        ground(on);
        for (unsigned i = 0; i < 64 + more; i++) {
            box(on, 4 + i % 33 * 9, 8 + i % 33 * 9, 100 + i / 33 * 8, 104 + i / 33 * 8, BRIGHT);
        }
        CHECK(dapi(on) == CTC_OK && on->work->nucleus_count == 64 + more);
        ground(on);
        box(on, 0, CTC_IMAGE_WIDTH - 4, 99, 113, BRIGHT);
        CHECK(ctc_analyse(on->work, CTC_CK, on->frame) == (more ? CTC_ERR_OBJECTS : CTC_OK));
        CHECK(more || on->work->object_count == 64);
    }
}

static void test_hot(const bench *on)
{
    for (unsigned more = 0; more <= 1; more++) {
        ground(on);
        for (unsigned i = 0; i < CTC_MAX_HOT + more; i++) {
            on->pixel[7 * i * CTC_WIDTH + 9 * i] = 255;
        }
        on->pixel[CTC_WIDTH - 1] = 255; /* not in the image */
        CHECK(ctc_begin(on->work, 0, &ctc_config_default) == CTC_OK);
        CHECK(ctc_analyse(on->work, CTC_DARK, on->frame) == (more ? CTC_ERR_HOT : CTC_OK));
        uint32_t hot = 0;
        CHECK(ctc_quality(on->work, CTC_QUALITY_HOT, &hot) == CTC_OK && hot == CTC_MAX_HOT);
        ctc_config config = ctc_config_default;
        config.corrections &= (uint16_t)~CTC_CORRECT_HOT;
        CHECK(ctc_begin(on->work, 0, &config) == CTC_OK && ctc_analyse(on->work, CTC_DARK, on->frame) == CTC_OK);
        CHECK(ctc_quality(on->work, CTC_QUALITY_HOT, &hot) == CTC_OK && hot == 0);
    }
}

/* A hot pixel in a cell and its nucleus does not show in any figure, nor in where they lie. */
static void test_hot_pixel_in_a_cell(const bench *on)
{
    ctc_cell cell[2] = {{0}};

    for (unsigned is_hot = 0; is_hot < 2; is_hot++) {
        unsigned objects, copied;
        CHECK(ctc_begin(on->work, 0, &ctc_config_default) == CTC_OK);
        for (unsigned channel = CTC_DARK; channel < CTC_CHANNELS; channel++) {
            ground(on);
            if (channel == CTC_DAPI) {
                box(on, 104, 110, 104, 110, 120);
            } else if (channel == CTC_CK || channel == CTC_HER2) {
                box(on, 100, 114, 100, 114, 120);
            }
            on->pixel[106 * CTC_WIDTH + 107] = is_hot ? 255 : on->pixel[106 * CTC_WIDTH + 107];
            CHECK(ctc_analyse(on->work, channel, on->frame) == CTC_OK);
        }
        CHECK(ctc_end(on->work, &objects) == CTC_OK && objects == 1);
        CHECK(ctc_rows(on->work, on->rows, CTC_ROW_BYTES, 0, &copied) == CTC_OK && copied == 1);
        CHECK(ctc_cell_unpack(&cell[is_hot], on->rows) == CTC_OK && (cell[is_hot].flags & CTC_FLAG_CTC));
    }
    CHECK(cell[1].flags == cell[0].flags && cell[1].x == cell[0].x && cell[1].nucleus == 36 && cell[0].nucleus == 36);
    CHECK(cell[1].score == cell[0].score && cell[1].focus == cell[0].focus);
    for (unsigned i = 0; i < 4; i++) {
        CHECK(cell[1].signal[i].mean == cell[0].signal[i].mean && cell[1].signal[i].sd == cell[0].signal[i].sd);
        CHECK(cell[1].signal[i].max == cell[0].signal[i].max && cell[1].signal[i].saturated == 0);
    }
    CHECK(cell[1].overlap[1] == 0 && cell[1].overlap[0] == 35 * 255 / 36); /* what is not known is not above */
    CHECK(cell[1].her2 == cell[0].her2 && cell[1].body == cell[0].body);
}

/* One object as wide as it may get before its counts are cut off, whose rows all rise as steeply as a frame can. */
static void test_focus_of_a_large_object(const bench *on)
{
    CHECK(blank_dapi(on) == CTC_OK);
    for (unsigned y = 0; y < CTC_HEIGHT; y++) { /* rows of ground between, so that it stays the background */
        for (unsigned x = 0; x < 254 && (y % 3 != 2 || x == 0); x++) {
            on->pixel[y * CTC_WIDTH + x] = (uint8_t)(x % 4 < 2 ? 255 - xorshift() % 8 : GROUND + 13 + xorshift() % 8);
        }
    }
    CHECK(ctc_analyse(on->work, CTC_CK, on->frame) == CTC_OK && on->work->object_count == 1);
    CHECK(on->work->parts.object[0].width == 254);
    /* about 220 of 230 levels over two pixels */
    CHECK(on->work->parts.object[0].focus > 850 && on->work->parts.object[0].focus < 1050);
}

/* Objects of one and two columns, at the left edge and elsewhere: they have no inner pixels. */
static void test_thin_objects(const bench *on)
{
    for (unsigned width = 1; width <= 5; width++) {
        for (unsigned x = 0; x < 3; x++) {
            CHECK(blank_dapi(on) == CTC_OK);
            box(on, x, x + width, 10, 30, BRIGHT);
            box(on, CTC_IMAGE_WIDTH - x - width, CTC_IMAGE_WIDTH - x, 100, 106, BRIGHT);
            CHECK(ctc_analyse(on->work, CTC_CK, on->frame) == CTC_OK);
            CHECK(ctc_analyse(on->work, CTC_CD45, on->frame) == CTC_OK);
            CHECK(ctc_analyse(on->work, CTC_HER2, on->frame) == CTC_OK);
            CHECK(check_rows(on) == 0 && on->work->object_count == 2);
            CHECK(on->work->parts.object[0].body == 20 * width && on->work->parts.object[0].cd45_low == BRIGHT);
        }
    }
}

int main(void)
{
    bench on = {
        .work = malloc(sizeof(ctc_work)),
        .frame = malloc(CTC_FRAME_BYTES),
        .rows = malloc(CTC_MAX_OBJECTS * CTC_ROW_BYTES),
    };

    on.pixel = (uint8_t *)on.frame;
    test_runs(&on);
    test_objects(&on);
    test_nuclei(&on);
    test_seeds(&on);
    test_near(&on);
    test_hot(&on);
    test_hot_pixel_in_a_cell(&on);
    test_focus_of_a_large_object(&on);
    test_thin_objects(&on);
    test_levels(&on);
    test_noise(&on);
    free(on.work);
    free(on.frame);
    free(on.rows);
    return failures != 0;
}
