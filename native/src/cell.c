#include "ctc/cell.h"

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
        "", "dapi", "ck", "cd45", "small", "large", "shape", "nucleus",
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
    put16(row + 10, cell->nucleus);
    for (unsigned i = 0; i < 4; i++) {
        put16(row + 12 + 2 * i, cell->mean[i]);
    }
    row[20] = cell->width;
    row[21] = cell->height;
    put16(row + 22, cell->perimeter);
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
    cell->nucleus = get16(row + 10);
    for (unsigned i = 0; i < 4; i++) {
        cell->mean[i] = get16(row + 12 + 2 * i);
    }
    cell->width = row[20];
    cell->height = row[21];
    cell->perimeter = get16(row + 22);

    int ctc = (cell->flags & CTC_FLAG_CTC) != 0;
    int scored = cell->score <= 3;
    int passed = cell->gate == CTC_GATE_NONE;
    if (ctc != scored || ctc != passed || cell->gate >= CTC_GATES
        || (!scored && cell->score != CTC_NOT_SCORED)) {
        return CTC_ERR_ROW;
    }
    return CTC_OK;
}
