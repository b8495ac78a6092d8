/* libFuzzer: any bytes as cell rows, as a tally, as a rule's name or as what is painted on the frames of a field. An
 * answer that holds together or an error code, nothing else; buffers are on the heap at their exact size. */
#include <stdlib.h>
#include <string.h>

#include "ctc/ctc.h"

#define HOLDS(condition)    \
    do {                    \
        if (!(condition)) { \
            abort();        \
        }                   \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const uint32_t *counts)
{
    for (unsigned i = 0; i < CTC_RULES; i++) {
        const ctc_rule *rule = ctc_rule_named(ctc_rule_name(i));
        ctc_status status = ctc_decide(rule, counts);
        ctc_share share = ctc_share_of(rule, counts);
        unsigned flags = ctc_flags(rule, counts);
        uint32_t low, high;
        ctc_error error = ctc_interval(share.part, share.whole, &low, &high);

        HOLDS(status != CTC_INVALID && (status == CTC_NO_CTC) == (share.whole == 0));
        HOLDS(share.part <= share.whole && share.permille <= 1000);
        HOLDS((error == CTC_OK) == (share.whole <= CTC_INTERVAL_MAX) && low <= high && high <= CTC_INTERVAL_UNIT);
        HOLDS(low * share.whole <= CTC_INTERVAL_UNIT * share.part);
        HOLDS(high * share.whole >= CTC_INTERVAL_UNIT * share.part);
        HOLDS(share.whole >= CTC_LOW_COUNT || (flags & CTC_WARN_LOW_COUNT));
        HOLDS((flags & ~(CTC_WARN_LOW_COUNT | CTC_WARN_UNCERTAIN | CTC_WARN_BORDERLINE)) == 0);
    }
}

static void any_counts(const uint8_t *data, size_t size)
{
    uint32_t counts[CTC_TALLY_COUNTS] = {0};

    memcpy(counts, data, size < sizeof counts ? size : sizeof counts);
    judge(counts);
}

static void any_rows(const uint8_t *data, size_t size)
{
    size_t n = size / CTC_ROW_BYTES;
    uint8_t *rows = malloc(n * CTC_ROW_BYTES + 1);
    uint32_t counts[CTC_TALLY_COUNTS] = {0};
    uint32_t ctcs = 0, low = 0, high = 0;

    memcpy(rows, data, n * CTC_ROW_BYTES);
    ctc_error error = ctc_tally(rows, n, counts);
    for (unsigned score = 0; score < CTC_SCORES; score++) {
        ctcs += counts[score];
        low += counts[CTC_TALLY_LOW + score];
        high += counts[CTC_TALLY_HIGH + score];
    }
    HOLDS(error == CTC_OK || error == CTC_ERR_ROW);
    HOLDS(ctcs + counts[CTC_TALLY_REJECTED] == (error == CTC_OK ? n : 0) && low == ctcs && high == ctcs);
    judge(counts);
    free(rows);
}

static void any_name(const uint8_t *data, size_t size)
{
    char *name = malloc(size + 1);
    int known = 0;

    memcpy(name, data, size);
    name[size] = '\0';
    for (unsigned i = 0; i < CTC_RULES; i++) {
        known |= strcmp(name, ctc_rule_name(i)) == 0;
    }
    HOLDS((ctc_rule_named(name) != NULL) == known);
    free(name);
}

/* A level for the whole frame, then rectangles: x, y, width and height in 4 pixels or so, level. */
static const uint8_t *paint(uint32_t *frame, const uint8_t *data, const uint8_t *end)
{
    uint8_t *pixel = (uint8_t *)frame;

    memset(frame, data < end ? *data++ : 20, CTC_FRAME_BYTES);
    for (unsigned i = 0; i < 24 && end - data >= 5 && *data != 0; i++, data += 5) {
        unsigned x1 = data[0] + data[2] % 96u, y1 = data[1] + data[3] % 96u;
        for (unsigned y = data[1]; y < y1 && y < CTC_HEIGHT; y++) {
            for (unsigned x = data[0]; x < x1; x++) { /* at most 255 + 95: beyond the frame's width */
                if (x < CTC_WIDTH && (data[4] & 1u || (x ^ y) & 1u)) { /* whole, or a chequerboard */
                    pixel[y * CTC_WIDTH + x] = data[4];
                }
            }
        }
    }
    return data < end ? data + 1 : data;
}

static void any_field(const uint8_t *data, size_t size)
{
    const uint8_t *end = data + size;
    ctc_work *work = malloc(sizeof *work);
    uint32_t *frame = malloc(CTC_FRAME_BYTES);
    ctc_error error = ctc_begin(work, 0, &ctc_config_default);
    unsigned objects = 0, copied = 0;

    HOLDS(error == CTC_OK);
    for (unsigned channel = CTC_DARK; channel < CTC_CHANNELS && error == CTC_OK; channel++) {
        data = paint(frame, data, end);
        error = ctc_analyse(work, channel, frame);
    }
    if (error == CTC_OK) {
        error = ctc_end(work, &objects);
    }
    if (error == CTC_OK) {
        uint8_t *rows = malloc(objects * CTC_ROW_BYTES + 1);
        uint32_t counts[CTC_TALLY_COUNTS] = {0};
        HOLDS(objects <= CTC_MAX_OBJECTS);
        HOLDS(ctc_rows(work, rows, objects * CTC_ROW_BYTES, 0, &copied) == CTC_OK && copied == objects);
        HOLDS(ctc_tally(rows, copied, counts) == CTC_OK); /* what the core writes, it reads */
        judge(counts);
        free(rows);
    } else {
        HOLDS(error != CTC_ERR_ARGUMENT && error != CTC_ERR_ORDER);
        HOLDS(ctc_end(work, &objects) == CTC_ERR_ORDER); /* a field that failed has no result */
    }
    free(frame);
    free(work);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const parts[])(const uint8_t *, size_t) = {any_counts, any_rows, any_name, any_field};

    if (size > 0) {
        parts[data[0] % 4](data + 1, size - 1);
    }
    return 0;
}
