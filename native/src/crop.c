#include "ctc/crop.h"

#include <string.h>

#include "stage.h"

#define WHITE 15u

/* Columns and rows before the centroid's: the middle of an even side is within half a pixel of it. */
#define BEFORE ((int)CTC_CROP_SIDE / 2 - 1)

static ctc_error check_object(const ctc_work *work, unsigned object)
{
    if (work->stage != STAGE_ENDED) {
        return CTC_ERR_ORDER;
    }
    return object < work->object_count ? CTC_OK : CTC_ERR_ARGUMENT;
}

/* `above`, `range`: 1/64 grey level above the background. */
static unsigned nibble(int32_t above, int32_t range)
{
    if (above <= 0 || range <= 0) {
        return 0;
    }
    return above >= range ? WHITE : ((uint32_t)above * WHITE + (uint32_t)range / 2) / (uint32_t)range;
}

ctc_error ctc_object_flags(const ctc_work *work, unsigned object, unsigned *flags)
{
    ctc_error error = check_object(work, object);

    if (error == CTC_OK) {
        *flags = work->parts.object[object].flags;
    }
    return error;
}

ctc_error ctc_crop(const ctc_work *work, unsigned object, unsigned channel, const uint32_t frame[CTC_FRAME_WORDS],
                   uint8_t crop[CTC_CROP_BYTES])
{
    ctc_error error = check_object(work, object);

    if (error != CTC_OK) {
        return error;
    }
    if (channel < CTC_DAPI || channel >= CTC_CHANNELS) {
        return CTC_ERR_ARGUMENT;
    }
    const ctc_object *of = &work->parts.object[object];
    const ctc_signal *signal = &of->signal[channel - CTC_DAPI];
    const uint8_t *pixels = (const uint8_t *)frame;
    int32_t range = (int32_t)(signal->max * CTC_GREY) - signal->background;
    int left = (int)(of->x / CTC_GREY) - BEFORE, top = (int)(of->y / CTC_GREY) - BEFORE;

    memset(crop, 0, CTC_CROP_BYTES);
    for (unsigned row = 0; row < CTC_CROP_SIDE; row++) {
        int y = top + (int)row;
        if (y < 0 || y >= (int)CTC_HEIGHT) {
            continue;
        }
        for (unsigned column = 0; column < CTC_CROP_SIDE; column++) {
            int x = left + (int)column;
            if (x < 0 || x >= (int)CTC_IMAGE_WIDTH) {
                continue;
            }
            int32_t above = (int32_t)(pixels[(unsigned)y * CTC_WIDTH + (unsigned)x] * CTC_GREY) - signal->background;
            unsigned at = row * CTC_CROP_SIDE + column;
            crop[at / 2] = (uint8_t)(crop[at / 2] | nibble(above, range) << (at % 2 ? 0 : 4));
        }
    }
    return CTC_OK;
}
