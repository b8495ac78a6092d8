/* Crops against a plain reading of their definition, in the middle of the image and over its edges. Built with AddressSanitizer
 * and UndefinedBehaviorSanitizer; the crop is on the heap at its exact size. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "ctc/ctc.h"
#include "random.h"

enum { GROUND = 20, SIDE = 24, CELL = 12, NUCLEUS = 6 };

typedef struct {
    ctc_work *work;
    uint32_t *frame;
    uint8_t *pixel;
    uint8_t *crop;
} bench;

/* A square cell of uneven brightness with its corner at x, y, cut off by the image's edges; DAPI shows its nucleus alone. */
static void draw(const bench *on, unsigned channel, int x, int y)
{
    int size = channel == CTC_DAPI ? NUCLEUS : CELL, from = (CELL - size) / 2;

    memset(on->frame, GROUND, CTC_FRAME_BYTES);
    for (int row = y + from; channel != CTC_CD45 && row < y + from + size; row++) {
        for (int column = x + from; column < x + from + size; column++) {
            if (row >= 0 && row < (int)CTC_HEIGHT && column >= 0 && column < (int)CTC_IMAGE_WIDTH) {
                on->pixel[row * (int)CTC_WIDTH + column] = (uint8_t)(100 + 20 * channel + xorshift() % 40);
            }
        }
    }
    for (unsigned row = 0; row < CTC_HEIGHT; row++) { /* the strip is no part of the image */
        memset(on->pixel + row * CTC_WIDTH + CTC_IMAGE_WIDTH, 160, CTC_STRIP_COLUMNS);
    }
}

/* One cell there; the HER2 frame stays in the buffer. */
static ctc_cell field(const bench *on, int x, int y)
{
    uint8_t row[CTC_ROW_BYTES];
    unsigned objects = 0, copied = 0;
    ctc_cell cell;

    memset(&cell, 0, sizeof cell);
    CHECK(ctc_begin(on->work, 0, &ctc_config_default) == CTC_OK);
    for (unsigned channel = CTC_DAPI; channel < CTC_CHANNELS; channel++) {
        CHECK(ctc_crop(on->work, 0, channel, on->frame, on->crop) == CTC_ERR_ORDER);
        draw(on, channel, x, y);
        CHECK(ctc_analyse(on->work, channel, on->frame) == CTC_OK);
    }
    CHECK(ctc_end(on->work, &objects) == CTC_OK && objects == 1);
    CHECK(ctc_rows(on->work, row, sizeof row, 0, &copied) == CTC_OK && copied == 1);
    CHECK(ctc_cell_unpack(&cell, row) == CTC_OK);
    return cell;
}

static int expected(const bench *on, const ctc_cell *cell, unsigned channel, int column, int row)
{
    const ctc_signal *signal = &cell->signal[channel - CTC_DAPI];
    int x = cell->x / 64 - 11 + column, y = cell->y / 64 - 11 + row;

    if (x < 0 || y < 0 || x >= (int)CTC_IMAGE_WIDTH || y >= (int)CTC_HEIGHT || signal->max * 64 <= signal->background) {
        return 0;
    }
    double ground = signal->background / 64.0;
    double share = (on->pixel[y * (int)CTC_WIDTH + x] - ground) * 15 / (signal->max - ground);
    return share < 0 ? 0 : share > 15 ? 15 : (int)floor(share + 0.5);
}

static unsigned check_crop(const bench *on, const ctc_cell *cell, unsigned channel)
{
    unsigned lit = 0;

    memset(on->crop, 0xA5, CTC_CROP_BYTES);
    CHECK(ctc_crop(on->work, 0, channel, on->frame, on->crop) == CTC_OK);
    for (int row = 0; row < SIDE; row++) {
        for (int column = 0; column < SIDE; column++) {
            int at = row * SIDE + column;
            int found = column % 2 ? on->crop[at / 2] & 15 : on->crop[at / 2] >> 4;
            CHECK(found == expected(on, cell, channel, column, row));
            lit += found != 0;
        }
    }
    return lit;
}

static void test_places(const bench *on)
{
    static const int places[][2] = {{150, 100}, {151, 101}, {0, 0}, {-3, 60}, {1, 229}, {304, 0}, {306, 234}, {296, 120}};

    CHECK(CTC_CROP_SIDE == SIDE && CTC_CROP_BYTES == 288);
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        int x = places[i][0], y = places[i][1];
        ctc_cell cell = field(on, x, y);
        unsigned flags = 0;
        CHECK(ctc_object_flags(on->work, 0, &flags) == CTC_OK && flags == cell.flags);
        CHECK(check_crop(on, &cell, CTC_HER2) >= (CELL - 3) * (CELL - 2));
        for (unsigned channel = CTC_DAPI; channel < CTC_HER2; channel++) { /* taken again: other noise, clamped */
            draw(on, channel, x, y);
            unsigned lit = check_crop(on, &cell, channel);
            CHECK(channel == CTC_CD45 || lit >= NUCLEUS * NUCLEUS / 2);
        }
    }
}

static void test_nothing_measured_changes(const bench *on)
{
    ctc_work *before = malloc(sizeof *before);

    field(on, 150, 100);
    memcpy(before, on->work, sizeof *before);
    memset(on->frame, 255, CTC_FRAME_BYTES);
    for (unsigned channel = CTC_DAPI; channel < CTC_CHANNELS; channel++) {
        CHECK(ctc_crop(on->work, 0, channel, on->frame, on->crop) == CTC_OK);
        CHECK(on->crop[11 * SIDE / 2 + 5] == (channel == CTC_CD45 ? 0 : 0xFF));
    }
    CHECK(memcmp(before, on->work, sizeof *before) == 0);
    free(before);
}

static void test_refusals(const bench *on)
{
    unsigned flags = 77;

    field(on, 150, 100);
    CHECK(ctc_crop(on->work, 1, CTC_CK, on->frame, on->crop) == CTC_ERR_ARGUMENT);
    CHECK(ctc_crop(on->work, (unsigned)-1, CTC_CK, on->frame, on->crop) == CTC_ERR_ARGUMENT);
    CHECK(ctc_crop(on->work, 0, CTC_DARK, on->frame, on->crop) == CTC_ERR_ARGUMENT);
    CHECK(ctc_crop(on->work, 0, CTC_CHANNELS, on->frame, on->crop) == CTC_ERR_ARGUMENT);
    CHECK(ctc_object_flags(on->work, 1, &flags) == CTC_ERR_ARGUMENT && flags == 77);
    CHECK(ctc_begin(on->work, 0, &ctc_config_default) == CTC_OK);
    CHECK(ctc_object_flags(on->work, 0, &flags) == CTC_ERR_ORDER && flags == 77);
}

int main(void)
{
    bench on = {
        .work = malloc(sizeof(ctc_work)),
        .frame = malloc(CTC_FRAME_BYTES),
        .crop = malloc(CTC_CROP_BYTES),
    };

    on.pixel = (uint8_t *)on.frame;
    memset(on.work, 0, sizeof *on.work);
    memset(on.frame, 0, CTC_FRAME_BYTES);
    test_places(&on);
    test_nothing_measured_changes(&on);
    test_refusals(&on);
    free(on.work);
    free(on.frame);
    free(on.crop);
    return failures != 0;
}
