#include "rims.h"

#include <string.h>

#include "hot.h"
#include "hotpixels.h"
#include "tiles.h"

#define BLOCK_ROWS (CTC_HEIGHT / 2u)

typedef char rows_pair_up[CTC_HEIGHT % 2 == 0 ? 1 : -1];
typedef char tiles_are_whole_blocks_wide[CTC_TILE_WIDTH % 2 == 0 ? 1 : -1];

/* Raise the blocks' peaks by the pixels of one row's word. */
CTC_HOT static void raise_peaks(const ctc_work *work, const uint8_t *pixel, uint32_t bits, unsigned x, unsigned y,
                                uint8_t *peak)
{
    for (; bits != 0; bits >>= 1, x++) {
        while ((bits & 0xFFu) == 0) {
            bits >>= 8;
            x += 8;
        }
        if ((bits & 1u) && pixel[x] > peak[x / 2] && !(work->hot_count != 0 && ctc_is_hot(work, x, y))) {
            peak[x / 2] = pixel[x];
        }
    }
}

/* Whether the row of blocks has mask at all. */
static int find_peaks(const ctc_work *work, unsigned block_row, const uint8_t *frame, uint8_t *peak)
{
    int any = 0;

    memset(peak, 0, CTC_BLOCK_COLUMNS + 2);
    peak++;
    for (unsigned y = 2 * block_row; y < 2 * block_row + 2; y++) {
        const uint32_t *row = work->parts.find.mask.rows[y];
        for (unsigned word = 0; word < CTC_BITMAP_WORDS; word++) {
            if (row[word] != 0) {
                raise_peaks(work, frame + y * CTC_WIDTH, row[word], 32 * word, y, peak);
                any = 1;
            }
        }
    }
    return any;
}

static unsigned greatest(unsigned a, unsigned b, unsigned c)
{
    unsigned most = a > b ? a : b;

    return most > c ? most : c;
}

/* The least level that stays in each block of a row that has mask: from the peaks of the rows above, of it, and below. */
static void find_limits(const ctc_work *work, unsigned block_row, ctc_peaks *peaks)
{
    const uint8_t *above = peaks->peak[(block_row + 2) % 3] + 1, *here = peaks->peak[block_row % 3] + 1;
    const uint8_t *below = peaks->peak[(block_row + 1) % 3] + 1;
    const uint16_t *background = work->tiles.background + 2 * block_row / CTC_TILE_HEIGHT * CTC_TILE_COLUMNS;
    unsigned left = 0, middle = greatest(above[0], here[0], below[0]);

    for (int x = 0; x < (int)CTC_BLOCK_COLUMNS; x++) {
        unsigned right = greatest(above[x + 1], here[x + 1], below[x + 1]);
        if (here[x] != 0) {
            uint32_t dark = background[2 * (unsigned)x / CTC_TILE_WIDTH];
            uint32_t peak = greatest(left, middle, right) * CTC_GREY;
            uint32_t high = peak > dark ? peak - dark : 0;
            peaks->limit[x] = (uint8_t)((dark + high * CTC_RIM_SHARE / 64 + CTC_GREY - 1) / CTC_GREY);
        }
        left = middle;
        middle = right;
    }
}

CTC_HOT static uint32_t kept(const uint8_t *pixel, uint32_t bits, unsigned x, const uint8_t *limit)
{
    uint32_t here = 1, stay = 0;

    for (; bits != 0; bits >>= 1, x++, here <<= 1) {
        while ((bits & 0xFFu) == 0) {
            bits >>= 8;
            x += 8;
            here <<= 8;
        }
        if ((bits & 1u) && pixel[x] >= limit[x / 2]) {
            stay |= here;
        }
    }
    return stay;
}

void ctc_rims_draw(ctc_work *work, const uint32_t frame[CTC_FRAME_WORDS])
{
    const uint8_t *pixel = (const uint8_t *)frame;
    ctc_peaks *peaks = &work->share.peaks;

    memset(peaks, 0, sizeof *peaks);
    int next = find_peaks(work, 0, pixel, peaks->peak[0]);
    for (unsigned block_row = 0; block_row < BLOCK_ROWS; block_row++) {
        uint8_t *below = peaks->peak[(block_row + 1) % 3];
        int here = next;
        if (block_row + 1 < BLOCK_ROWS) {
            next = find_peaks(work, block_row + 1, pixel, below);
        } else {
            memset(below, 0, sizeof peaks->peak[0]);
        }
        if (!here) {
            continue;
        }
        find_limits(work, block_row, peaks);
        for (unsigned y = 2 * block_row; y < 2 * block_row + 2; y++) {
            uint32_t *row = work->parts.find.mask.rows[y];
            for (unsigned word = 0; word < CTC_BITMAP_WORDS; word++) {
                if (row[word] != 0) {
                    row[word] = kept(pixel + y * CTC_WIDTH, row[word], 32 * word, peaks->limit);
                }
            }
        }
    }
}
