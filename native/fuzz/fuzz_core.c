/* Fuzz target: a whole field from settings and frames that the input describes (draw.h).
 *
 * Besides what the sanitizers see: every answer is one the headers allow; rows can be read again and count in a tally; their
 * figures agree with each other; what was in the work area before does not show in them; frames are not written to.
 * The work area, the frame and the rows are on the heap at their exact size. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctc/ctc.h"
#include "draw.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

#define HOLD(condition)                                                            \
    do {                                                                           \
        if (!(condition)) {                                                        \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                               \
        }                                                                          \
    } while (0)

#define ROWS_BYTES (CTC_MAX_OBJECTS * CTC_ROW_BYTES)

typedef struct {
    ctc_work *work;
    uint32_t *frame, *copy;
    uint8_t *rows;
} heap;

static heap heap_new(void)
{
    heap new = {
        .work = malloc(sizeof(ctc_work)),
        .frame = malloc(CTC_FRAME_BYTES),
        .copy = malloc(CTC_FRAME_BYTES),
        .rows = malloc(ROWS_BYTES),
    };
    HOLD(new.work && new.frame && new.copy && new.rows);
    return new;
}

static void heap_free(const heap *old)
{
    free(old->work);
    free(old->frame);
    free(old->copy);
    free(old->rows);
}

static void check_quality(const ctc_work *work)
{
    for (unsigned item = 0; item < CTC_QUALITY_ITEMS; item++) {
        uint32_t value;
        HOLD(ctc_quality(work, item, &value) == CTC_OK);
        HOLD(value <= (item == CTC_QUALITY_SATURATED ? 4u * (CTC_IMAGE_PIXELS / 4u + CTC_HEIGHT) : CTC_LEVELS * CTC_GREY));
    }
}

static void check_nuclei(const ctc_work *work, const uint8_t *input, size_t size)
{
    uint32_t count;

    HOLD(ctc_quality(work, CTC_QUALITY_NUCLEI, &count) == CTC_OK && count <= CTC_MAX_NUCLEI);
    for (size_t i = 0; i + 1 < size; i++) {
        HOLD(ctc_nucleus_at(work, input[i] * 2u, input[i + 1]) <= count);
    }
}

static void check_row(const uint8_t *row, const ctc_config *config)
{
    ctc_cell cell;

    HOLD(ctc_cell_unpack(&cell, row) == CTC_OK);
    HOLD(cell.area > 0 && cell.body <= cell.area && cell.inside <= cell.area);
    HOLD(cell.width > 0 && cell.height > 0 && cell.height <= CTC_HEIGHT);
    HOLD(cell.x <= (CTC_IMAGE_WIDTH - 1) * 64 && cell.y <= (CTC_HEIGHT - 1) * 64);
    HOLD(cell.perimeter >= 4 && cell.perimeter % 2 == 0);
    HOLD(cell.nucleus != 0 || (cell.inside == 0 && cell.signal[0].mean == 0));
    for (unsigned i = 0; i < 4; i++) {
        const ctc_signal *signal = &cell.signal[i];
        HOLD(signal->median <= signal->max && signal->sd <= CTC_SATURATED * CTC_GREY / 2 + 8);
        HOLD(signal->background <= CTC_SATURATED * CTC_GREY + CTC_GREY / 2);
        HOLD(signal->saturated == 0 || signal->max == CTC_SATURATED);
    }
    if (cell.flags & CTC_FLAG_CTC) {
        HOLD(cell.nucleus >= config->gates.nucleus_min && cell.body >= config->gates.area_min);
    }
}

/* Of every object in every channel, whatever channel the frame at hand is; the crop is on the heap at its exact size. */
static void check_crops(const heap *on, unsigned objects)
{
    uint8_t *crop = malloc(CTC_CROP_BYTES);
    unsigned flags = 0;

    HOLD(crop != NULL);
    for (unsigned object = 0; object < objects; object++) {
        HOLD(ctc_object_flags(on->work, object, &flags) == CTC_OK && flags == on->rows[object * CTC_ROW_BYTES + 1]);
        HOLD(ctc_crop(on->work, object, CTC_DARK, on->frame, crop) == CTC_ERR_ARGUMENT);
        for (unsigned channel = CTC_DAPI; channel < CTC_CHANNELS; channel++) {
            HOLD(ctc_crop(on->work, object, channel, on->frame, crop) == CTC_OK);
        }
    }
    HOLD(ctc_crop(on->work, objects, CTC_CK, on->frame, crop) == CTC_ERR_ARGUMENT);
    free(crop);
}

static ctc_error run(const heap *on, const ctc_config *config, const uint8_t *input, size_t size, unsigned *objects)
{
    ctc_error error = ctc_begin(on->work, size & UINT8_MAX, config);

    HOLD(error == CTC_OK);
    for (unsigned channel = draw_has_dark(input, size) ? CTC_DARK : CTC_DAPI; channel < CTC_CHANNELS; channel++) {
        draw_frame((uint8_t *)on->frame, channel, input, size);
        memcpy(on->copy, on->frame, CTC_FRAME_BYTES);
        error = ctc_analyse(on->work, channel, on->frame);
        HOLD(memcmp(on->copy, on->frame, CTC_FRAME_BYTES) == 0);
        check_quality(on->work);
        if (error != CTC_OK) {
            HOLD(error == CTC_ERR_RUNS || error == CTC_ERR_OBJECTS || (error == CTC_ERR_HOT && channel == CTC_DARK));
            HOLD(ctc_end(on->work, objects) == CTC_ERR_ORDER);
            HOLD(ctc_analyse(on->work, channel + 1, on->frame) != CTC_OK);
            return error;
        }
        if (channel == CTC_DAPI) {
            check_nuclei(on->work, input, size);
        }
    }
    HOLD(ctc_end(on->work, objects) == CTC_OK && *objects <= CTC_MAX_OBJECTS);
    unsigned copied;
    HOLD(ctc_rows(on->work, on->rows, ROWS_BYTES, 0, &copied) == CTC_OK && copied == *objects);
    check_crops(on, *objects);
    return CTC_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    ctc_config config, back;
    uint8_t blob[CTC_SETTINGS_BYTES];

    HOLD(ctc_settings_unpack(&back, input, size) == CTC_ERR_SETTINGS || size == CTC_SETTINGS_BYTES);
    draw_config(&config, input, size);
    heap on = heap_new();
    HOLD(ctc_settings_pack(blob, &config) == CTC_SETTINGS_BYTES);
    ctc_error usable = ctc_config_check(&config);
    HOLD(ctc_settings_unpack(&back, blob, sizeof blob) == usable);
    if (usable != CTC_OK) {
        HOLD(usable == CTC_ERR_SETTINGS && ctc_begin(on.work, 0, &config) == CTC_ERR_SETTINGS);
        HOLD(ctc_analyse(on.work, CTC_DAPI, on.frame) == CTC_ERR_ORDER);
    } else {
        unsigned objects = 0, again = 0;
        memset(on.work, 0xA5, sizeof *on.work);
        ctc_error error = run(&on, &config, input, size, &objects);
        if (error == CTC_OK) {
            uint32_t counts[CTC_TALLY_COUNTS] = {0};
            for (unsigned i = 0; i < objects; i++) {
                check_row(on.rows + i * CTC_ROW_BYTES, &config);
            }
            HOLD(ctc_tally(on.rows, objects, counts) == CTC_OK);
            HOLD(counts[0] + counts[1] + counts[2] + counts[3] + counts[4] == objects);
        }
        heap other = heap_new();
        memset(other.work, 0x5A, sizeof *other.work);
        HOLD(run(&other, &back, input, size, &again) == error);
        HOLD(error != CTC_OK || (again == objects && memcmp(on.rows, other.rows, objects * CTC_ROW_BYTES) == 0));
        heap_free(&other);
    }
    heap_free(&on);
    return 0;
}
