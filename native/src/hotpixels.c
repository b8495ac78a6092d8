#include "hotpixels.h"

#include <stddef.h>

#include "mask.h"
#include "tiles.h"

ctc_error ctc_hot_find(ctc_work *work, const uint32_t frame[CTC_FRAME_WORDS])
{
    uint16_t threshold[CTC_TILES];

    ctc_tiles_threshold(work, threshold, CTC_HOT_WIDTHS * 16, CTC_HOT_LEAST, NULL);
    for (unsigned y = 0; y < CTC_HEIGHT; y++) {
        const uint16_t *levels = threshold + y / CTC_TILE_HEIGHT * CTC_TILE_COLUMNS;
        unsigned count = ctc_mask_row(frame + y * CTC_ROW_WORDS, levels, work->scratch.stretches);
        for (unsigned i = 0; i < count; i++) {
            for (unsigned x = work->scratch.stretches[i].x0; x < work->scratch.stretches[i].x1; x++) {
                if (work->hot_count == CTC_MAX_HOT) {
                    return CTC_ERR_HOT;
                }
                work->hot[work->hot_count++] = y * CTC_WIDTH + x;
            }
        }
    }
    return CTC_OK;
}

int ctc_is_hot(const ctc_work *work, unsigned x, unsigned y)
{
    uint32_t number = y * CTC_WIDTH + x;

    for (unsigned i = 0; i < work->hot_count; i++) {
        if (work->hot[i] == number) {
            return 1;
        }
    }
    return 0;
}
