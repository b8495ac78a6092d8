#include "ctc/tally.h"

#include <string.h>

#include "ctc/cell.h"

static ctc_error count(uint32_t *counter)
{
    if (*counter == UINT32_MAX) {
        return CTC_ERR_COUNT;
    }
    ++*counter;
    return CTC_OK;
}

static ctc_error count_row(const uint8_t row[CTC_ROW_BYTES], uint32_t counts[CTC_TALLY_COUNTS])
{
    ctc_cell cell;
    ctc_error error = ctc_cell_unpack(&cell, row);

    if (error != CTC_OK) {
        return error;
    }
    if (!(cell.flags & CTC_FLAG_CTC)) {
        return count(&counts[CTC_TALLY_REJECTED]);
    }
    error = count(&counts[cell.score]);
    if (error == CTC_OK) {
        error = count(&counts[CTC_TALLY_LOW + (cell.range & 15u)]);
    }
    return error == CTC_OK ? count(&counts[CTC_TALLY_HIGH + (cell.range >> 4)]) : error;
}

ctc_error ctc_tally(const uint8_t *rows, size_t n, uint32_t counts[CTC_TALLY_COUNTS])
{
    uint32_t sum[CTC_TALLY_COUNTS];

    memcpy(sum, counts, sizeof sum);
    for (size_t i = 0; i < n; i++) {
        ctc_error error = count_row(rows + i * CTC_ROW_BYTES, sum);
        if (error != CTC_OK) {
            return error;
        }
    }
    memcpy(counts, sum, sizeof sum);
    return CTC_OK;
}
