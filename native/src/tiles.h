/* Background and noise of a frame on a coarse grid of tiles, and values between the tiles.
 *
 * A tile's background comes from the histogram of every fourth of its pixels (background.h): 915 to 976 pixels, which
 * leaves the background's standard error below a tenth of the noise and costs a quarter of the time. Which of four
 * pixels is taken turns from row to row, so that no column is left out. A tile that a bright object fills has no
 * background of its own: none is taken to be more than twice as far above dark as the median tile, and 4 grey levels.
 */
#ifndef CTC_TILES_H
#define CTC_TILES_H

#include "ctc/work.h"

#define CTC_TILE_WIDTH 64u
#define CTC_TILE_HEIGHT (CTC_HEIGHT / CTC_TILE_ROWS)

/* Fill work->tiles and all of work->quality but the threshold, using work->scratch. */
void ctc_tiles_measure(ctc_work *work, const uint32_t frame[CTC_FRAME_WORDS]);

/* The grid's value at a place in pixels: bilinear between the tiles' centres, level beyond the outermost. */
uint32_t ctc_tiles_at(const uint16_t grid[CTC_TILES], unsigned x, unsigned y);

/* Thresholds from the tiles: background + max(noise_factor / 16 noise widths, `least` times the flat field's response there;
 * NULL: 1), as the least pixel value of a mask, 1..256. work->quality.threshold is their mean, 1/64 grey level. */
void ctc_tiles_threshold(ctc_work *work, uint16_t threshold[CTC_TILES], unsigned noise_factor, uint32_t least,
                         const uint16_t *flat);

/* The tile of a pixel. */
static inline unsigned ctc_tile_of(unsigned x, unsigned y)
{
    return y / CTC_TILE_HEIGHT * CTC_TILE_COLUMNS + x / CTC_TILE_WIDTH;
}

#endif
