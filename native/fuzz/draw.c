#include "draw.h"

#include <string.h>

typedef struct {
    uint8_t *frame;
    uint32_t random;
} canvas;

static uint8_t at(const uint8_t *input, size_t size, size_t i)
{
    return i < size ? input[i] : 0;
}

/* xorshift32 (Marsaglia, J Stat Softw 2003;8(14)) */
static uint32_t next(canvas *on)
{
    on->random ^= on->random << 13;
    on->random ^= on->random >> 17;
    on->random ^= on->random << 5;
    return on->random;
}

static void dot(const canvas *on, int x, int y, unsigned level)
{
    if (x >= 0 && x < (int)CTC_WIDTH && y >= 0 && y < (int)CTC_HEIGHT) {
        on->frame[y * (int)CTC_WIDTH + x] = (uint8_t)(level < 255 ? level : 255);
    }
}

static void disc(const canvas *on, int x, int y, int inner, int outer, unsigned level)
{
    for (int dy = -outer; dy <= outer; dy++) {
        for (int dx = -outer; dx <= outer; dx++) {
            int square = dx * dx + dy * dy;
            if (square <= outer * outer && square >= inner * inner) {
                dot(on, x + dx, y + dy, level);
            }
        }
    }
}

static void step(canvas *on, unsigned channel, const uint8_t *words)
{
    int x = words[2] * (int)CTC_WIDTH / 255 - 2, y = words[3] - 4, w = words[4], h = words[5];
    unsigned level = words[6];

    if ((words[1] >> channel & 1) == 0) {
        return;
    }
    switch (words[0] % 13) {
    case 0: /* a disc */
        disc(on, x, y, 0, w % 32, level);
        return;
    case 1: /* a ring */
        disc(on, x, y, h % 32, w % 32, level);
        return;
    case 2: /* a cell with its nucleus in it, or beside it */
        disc(on, x + (channel == CTC_DAPI ? h / 16 - 8 : 0), y, 0, (channel == CTC_DAPI ? h % 16 : w % 24), level + 8 * channel);
        return;
    case 3: /* one pixel */
        dot(on, x + w % 2, y + h % 2, level);
        return;
    case 4: /* a diagonal, which holds by corners alone */
        for (int i = 0; i < w; i++) {
            dot(on, x + i, y + (h & 1 ? i : -i), level);
        }
        return;
    default:
        break;
    }
    w = w * 324 / 255 + 1;
    for (int i = y; i < y + h + 1; i++) {
        for (int j = x; j < x + w; j++) {
            unsigned bright = level;
            int u = j - x, v = i - y;
            switch (words[0] % 13) {
            case 5: /* a box */
                break;
            case 6: /* noise of all levels */
                bright = next(on) >> 24;
                break;
            case 7: /* sparse pixels */
                if (next(on) >> 24 >= 16u) {
                    continue;
                }
                break;
            case 8: /* a comb or a grid */
                if (u % (2 + words[0] / 13 % 8) != 0 && (words[0] & 1 || v % 5 != 0)) {
                    continue;
                }
                break;
            case 9: /* stripes */
                if (v % (2 + words[0] / 13) != 0) {
                    continue;
                }
                break;
            case 10: /* boxes of 4 x 4 and more, apart */
                if (u % (6 + words[0] / 26) > 3 + words[0] / 52 || v % (6 + words[0] / 26) > 3 + words[0] / 52) {
                    continue;
                }
                break;
            case 11: /* a slope */
                bright = level * (unsigned)(u + v) / (unsigned)(w + h + 1);
                break;
            default: /* sensor noise about a level */
                bright = level + (next(on) >> 29);
                break;
            }
            dot(on, j, i, bright);
        }
    }
}

int draw_has_dark(const uint8_t *input, size_t size)
{
    return (at(input, size, 0) & 0x10) == 0;
}

void draw_frame(uint8_t frame[CTC_FRAME_BYTES], unsigned channel, const uint8_t *input, size_t size)
{
    canvas on = {.frame = frame, .random = 2463534242u + channel};

    for (unsigned i = 0; i < CTC_FRAME_BYTES; i++) {
        frame[i] = (uint8_t)(16 + 2 * channel + (at(input, size, 0) & 0x20 ? next(&on) >> 30 : 0));
    }
    for (size_t i = 0; i < DRAW_STEPS_MAX && DRAW_HEADER + i * DRAW_STEP < size; i++) {
        uint8_t words[DRAW_STEP];
        for (unsigned j = 0; j < DRAW_STEP; j++) {
            words[j] = at(input, size, DRAW_HEADER + i * DRAW_STEP + j);
        }
        step(&on, channel, words);
    }
}

void draw_config(ctc_config *config, const uint8_t *input, size_t size)
{
    uint8_t header[DRAW_HEADER];

    for (unsigned i = 0; i < DRAW_HEADER; i++) {
        header[i] = at(input, size, i);
    }
    *config = ctc_config_default;
    config->corrections = (uint16_t)(~header[0] & CTC_CORRECT_ALL);
    if (header[1]) {
        config->dapi_threshold = (uint16_t)(header[1] % 64 * CTC_GREY);
        config->ck_threshold = (uint16_t)(header[1] * 16u);
    }
    if (header[2]) {
        config->noise_factor = (uint16_t)(header[2] * 5u);
        config->borderline = header[2];
    }
    if (header[3] & 1) {
        for (unsigned i = 0; i < 4 * CTC_TILES; i++) {
            config->flat[i / CTC_TILES][i % CTC_TILES] = (uint16_t)(CTC_FLAT_MIN + i * header[3] * 7 % 6145);
        }
    }
    for (unsigned i = 0; i < 16 && header[3] & 2; i++) {
        if (i % 5 != 0) {
            config->spillover[i / 4][i % 4] = (int32_t)(header[4] * i * 257 % 40000) - 4096;
            config->spillover_se[i / 4][i % 4] = (uint16_t)(header[4] * i * 119);
        }
    }
    if (header[3] & 4) {
        config->line_slope = (int32_t)header[5] << header[5] % 24;
        config->line_offset = ((int32_t)header[4] - 128) * 65536 / 4;
        config->line_se = (uint16_t)(header[5] * 257u);
    }
    if (header[6]) { /* one 16-bit value of all, set to anything */
        uint16_t value = (uint16_t)(header[7] * (header[6] & 1 ? 257u : 1u));
        size_t offset = header[6] * sizeof value * 2 % (sizeof *config - sizeof value);
        memcpy((uint8_t *)config + offset, &value, sizeof value);
    }
}
