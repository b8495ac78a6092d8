#include "ctc/cell.h"

#define SIGNAL_AT 32u
#define SIGNAL_BYTES 9u
#define BODY_AT (SIGNAL_AT + 4u * SIGNAL_BYTES)

static void put16(uint8_t *to, unsigned value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
}

static uint16_t get16(const uint8_t *from)
{
    return (uint16_t)(from[0] | (unsigned)from[1] << 8);
}

const char *ctc_gate_name(unsigned gate)
{
    static const char *const names[CTC_GATES] = {
        "", "dapi", "ck", "cd45", "small", "large", "shape", "nucleus", "focus", "saturated",
    };

    return gate < CTC_GATES ? names[gate] : "";
}

void ctc_cell_pack(uint8_t row[CTC_ROW_BYTES], const ctc_cell *cell)
{
    row[0] = cell->field;
    row[1] = cell->flags;
    row[2] = cell->score;
    row[3] = cell->gate;
    put16(row + 4, cell->x);
    put16(row + 6, cell->y);
    put16(row + 8, cell->area);
    put16(row + 10, cell->perimeter);
    row[12] = cell->width;
    row[13] = cell->height;
    put16(row + 14, cell->eccentricity);
    put16(row + 16, cell->nucleus);
    put16(row + 18, cell->inside);
    row[20] = cell->range;
    for (unsigned i = 0; i < 3; i++) {
        row[21 + i] = cell->overlap[i];
    }
    put16(row + 24, cell->her2);
    put16(row + 26, cell->her2 >> 16);
    put16(row + 28, cell->her2_se);
    put16(row + 30, cell->focus);
    for (unsigned i = 0; i < 4; i++) {
        uint8_t *to = row + SIGNAL_AT + SIGNAL_BYTES * i;
        put16(to, (uint16_t)cell->signal[i].mean);
        put16(to + 2, cell->signal[i].sd);
        put16(to + 4, cell->signal[i].background);
        to[6] = cell->signal[i].max;
        to[7] = cell->signal[i].median;
        to[8] = cell->signal[i].saturated;
    }
    put16(row + BODY_AT, cell->body);
    row[BODY_AT + 2] = cell->cd45_low;
}

static int16_t signed16(uint16_t value)
{
    return (int16_t)(value < 0x8000u ? value : (int32_t)value - 0x10000);
}

ctc_error ctc_cell_unpack(ctc_cell *cell, const uint8_t row[CTC_ROW_BYTES])
{
    cell->field = row[0];
    cell->flags = row[1];
    cell->score = row[2];
    cell->gate = row[3];
    cell->x = get16(row + 4);
    cell->y = get16(row + 6);
    cell->area = get16(row + 8);
    cell->perimeter = get16(row + 10);
    cell->width = row[12];
    cell->height = row[13];
    cell->eccentricity = get16(row + 14);
    cell->nucleus = get16(row + 16);
    cell->inside = get16(row + 18);
    cell->range = row[20];
    for (unsigned i = 0; i < 3; i++) {
        cell->overlap[i] = row[21 + i];
    }
    cell->her2 = get16(row + 24) | (uint32_t)get16(row + 26) << 16;
    cell->her2_se = get16(row + 28);
    cell->focus = get16(row + 30);
    for (unsigned i = 0; i < 4; i++) {
        const uint8_t *from = row + SIGNAL_AT + SIGNAL_BYTES * i;
        cell->signal[i] = (ctc_signal){
            .mean = signed16(get16(from)),
            .sd = get16(from + 2),
            .background = get16(from + 4),
            .max = from[6],
            .median = from[7],
            .saturated = from[8],
        };
    }
    cell->body = get16(row + BODY_AT);
    cell->cd45_low = row[BODY_AT + 2];

    int ctc = (cell->flags & CTC_FLAG_CTC) != 0;
    int scored = cell->score <= 3;
    int passed = cell->gate == CTC_GATE_NONE;
    if (ctc != scored || ctc != passed || cell->gate >= CTC_GATES || (cell->flags & ~CTC_FLAGS) != 0
        || (!scored && (cell->score != CTC_NOT_SCORED || cell->range != CTC_NOT_SCORED))) {
        return CTC_ERR_ROW;
    }
    unsigned low = cell->range & 15u, high = cell->range >> 4;
    int open = (cell->flags & CTC_FLAG_BORDERLINE) != 0;
    if (scored && (low > cell->score || cell->score > high || high > 3 || open != (low != high))) {
        return CTC_ERR_ROW;
    }
    return CTC_OK;
}
