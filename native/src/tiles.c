#include "tiles.h"

#include <stddef.h>
#include <string.h>

#include "background.h"
#include "hot.h"
#include "pixels.h"

#define WORDS (CTC_TILE_WIDTH / 4u)

typedef char tiles_cover_the_image[CTC_TILE_COLUMNS * CTC_TILE_WIDTH >= CTC_IMAGE_WIDTH
                                           && CTC_TILE_ROWS * CTC_TILE_HEIGHT == CTC_HEIGHT
                                       ? 1
                                       : -1];

/* Add every fourth pixel of one tile to the histogram. */
CTC_HOT static void count(const uint32_t *first, unsigned words, uint32_t levels[CTC_LEVELS])
{
    for (unsigned y = 0; y < CTC_TILE_HEIGHT; y++, first += CTC_ROW_WORDS) {
        const uint8_t *end = (const uint8_t *)(first + words);
        for (const uint8_t *pixel = (const uint8_t *)first + (y & 3u); pixel < end; pixel += 4) {
            levels[*pixel]++;
        }
    }
}

static uint16_t median_of(const uint16_t values[CTC_TILES])
{
    uint16_t sorted[CTC_TILES];

    for (unsigned i = 0; i < CTC_TILES; i++) {
        unsigned at = i;
        for (; at > 0 && sorted[at - 1] > values[i]; at--) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = values[i];
    }
    return sorted[CTC_TILES / 2];
}

/* One value for all of the frame where the background is not to be corrected; else nothing but the limit. */
static void settle(ctc_work *work)
{
    ctc_tiles *tiles = &work->tiles;
    uint32_t background = median_of(tiles->background);
    uint32_t noise = median_of(tiles->noise);
    int by_tile = work->config.corrections & CTC_CORRECT_BACKGROUND;

    for (unsigned i = 0; i < CTC_TILES; i++) {
        uint32_t dark = work->dark[i];
        uint32_t above = background > dark ? background - dark : 0;
        uint32_t most = dark + 2 * above + 4 * CTC_GREY;
        if (!by_tile || tiles->background[i] > most) {
            tiles->background[i] = (uint16_t)background;
            tiles->noise[i] = (uint16_t)noise;
        }
    }
    work->quality.background = background;
    work->quality.noise = noise;
}

void ctc_tiles_measure(ctc_work *work, const uint32_t frame[CTC_FRAME_WORDS])
{
    uint32_t *levels = work->scratch.levels;
    uint32_t sum = 0, pixels = 0, saturated = 0, strip = 0;

    for (unsigned row = 0; row < CTC_TILE_ROWS; row++) {
        for (unsigned column = 0; column < CTC_TILE_COLUMNS; column++) {
            unsigned tile = row * CTC_TILE_COLUMNS + column;
            unsigned left = CTC_IMAGE_WORDS - column * WORDS;
            memset(levels, 0, CTC_LEVELS * sizeof *levels);
            count(frame + row * CTC_TILE_HEIGHT * CTC_ROW_WORDS + column * WORDS, left < WORDS ? left : WORDS, levels);
            ctc_background found = ctc_background_of(levels);
            work->tiles.background[tile] = found.background;
            work->tiles.noise[tile] = found.noise;
            saturated += levels[CTC_SATURATED];
            sum += found.sum;
            pixels += found.pixels;
        }
    }
    for (unsigned y = 0; y < CTC_HEIGHT; y++) {
        strip += ctc_sum(frame + y * CTC_ROW_WORDS, CTC_IMAGE_WIDTH, CTC_WIDTH);
    }
    work->quality.strip = (strip * CTC_GREY + CTC_STRIP_PIXELS / 2) / CTC_STRIP_PIXELS;
    work->quality.saturated = saturated * 4;
    work->quality.mean = (sum * CTC_GREY + pixels / 2) / pixels;
    work->quality.threshold = 0;
    settle(work);
}

void ctc_tiles_threshold(ctc_work *work, uint16_t threshold[CTC_TILES], unsigned noise_factor, uint32_t least,
                         const uint16_t *flat)
{
    uint32_t sum = 0;

    for (unsigned i = 0; i < CTC_TILES; i++) {
        uint32_t widths = noise_factor * work->tiles.noise[i] / 16;
        uint32_t here = flat != NULL ? least * flat[i] / CTC_FLAT_ONE : least;
        uint32_t above = work->tiles.background[i] + (widths > here ? widths : here);
        uint32_t level = (above + CTC_GREY - 1) / CTC_GREY;
        threshold[i] = (uint16_t)(level < 1 ? 1 : level > CTC_LEVELS ? CTC_LEVELS : level);
        sum += threshold[i] * CTC_GREY;
    }
    work->quality.threshold = sum / CTC_TILES;
}

/* Position between the centres of two neighbouring tiles: the lower one's number and the share of the upper, 1/64. */
static unsigned between(unsigned at, unsigned size, unsigned tiles, unsigned *share)
{
    unsigned half = size / 2;

    if (at < half) {
        *share = 0;
        return 0;
    }
    unsigned lower = (at - half) / size;
    if (lower + 1 >= tiles) {
        *share = 0;
        return tiles - 1;
    }
    *share = (at - half) % size * 64 / size;
    return lower;
}

uint32_t ctc_tiles_at(const uint16_t grid[CTC_TILES], unsigned x, unsigned y)
{
    unsigned right, down;
    unsigned column = between(x, CTC_TILE_WIDTH, CTC_TILE_COLUMNS, &right);
    unsigned row = between(y, CTC_TILE_HEIGHT, CTC_TILE_ROWS, &down);
    const uint16_t *at = grid + row * CTC_TILE_COLUMNS + column;
    unsigned next = right != 0 ? 1 : 0;
    unsigned below = down != 0 ? CTC_TILE_COLUMNS : 0;
    uint32_t upper = at[0] * (64 - right) + at[next] * right;
    uint32_t lower = at[below] * (64 - right) + at[below + next] * right;

    return (upper * (64 - down) + lower * down + 2048) / 4096;
}
