/* Settings and frames from a few bytes, so that short inputs make rich fields.
 *
 * The first DRAW_HEADER bytes choose settings, each further DRAW_STEP bytes are one step of drawing: what, into which
 * channels, where, how large, how bright. Missing bytes are zeros. */
#ifndef DRAW_H
#define DRAW_H

#include <stddef.h>
#include <stdint.h>

#include "ctc/config.h"
#include "ctc/frame.h"

#define DRAW_HEADER 8u
#define DRAW_STEP 7u
#define DRAW_STEPS_MAX 48u /* more are not drawn: time is bounded */

/* The settings of an input. Most can be used; some are refused by ctc_config_check. */
void draw_config(ctc_config *config, const uint8_t *input, size_t size);

/* Whether the input has a dark frame. */
int draw_has_dark(const uint8_t *input, size_t size);

/* One channel's frame of an input. */
void draw_frame(uint8_t frame[CTC_FRAME_BYTES], unsigned channel, const uint8_t *input, size_t size);

#endif
