#include "ctc/tally.h"

#include <string.h>

#include "ctc/cell.h"

/* The least and greatest score that a CTC can have. The one place that knows how a row says so: rows of version 1
 * do not. */
static void score_range(const ctc_cell *cell, unsigned *low, unsigned *high)
{
    *low = cell->score;
    *high = cell->score;
}

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
    unsigned low, high;
    ctc_error error = ctc_cell_unpack(&cell, row);

    if (error != CTC_OK) {
        return error;
    }
    if (!(cell.flags & CTC_FLAG_CTC)) {
        return count(&counts[CTC_TALLY_REJECTED]);
    }
    score_range(&cell, &low, &high);
    if (low > cell.score || high < cell.score || high >= CTC_SCORES) {
        return CTC_ERR_ROW;
    }
    error = count(&counts[cell.score]);
    if (error == CTC_OK) {
        error = count(&counts[CTC_TALLY_LOW + low]);
    }
    return error == CTC_OK ? count(&counts[CTC_TALLY_HIGH + high]) : error;
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
