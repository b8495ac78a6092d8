#include "ctc/tally.h"

#include "ctc/cell.h"

ctc_error ctc_tally(const uint8_t *rows, size_t n, uint32_t counts[CTC_TALLY_COUNTS])
{
    uint32_t sum[CTC_TALLY_COUNTS];

    for (unsigned i = 0; i < CTC_TALLY_COUNTS; i++) {
        sum[i] = counts[i];
    }
    for (size_t i = 0; i < n; i++) {
        ctc_cell cell;
        ctc_error error = ctc_cell_unpack(&cell, rows + i * CTC_ROW_BYTES);
        if (error != CTC_OK) {
            return error;
        }
        uint32_t *count = &sum[cell.flags & CTC_FLAG_CTC ? cell.score : CTC_TALLY_REJECTED];
        if (*count == UINT32_MAX) {
            return CTC_ERR_COUNT;
        }
        ++*count;
    }
    for (unsigned i = 0; i < CTC_TALLY_COUNTS; i++) {
        counts[i] = sum[i];
    }
    return CTC_OK;
}

ctc_status ctc_decide(const uint32_t counts[CTC_TALLY_COUNTS])
{
    /* 64 bits: no tally of 32-bit counters can overflow the products. */
    uint64_t three_plus = counts[3];
    uint64_t ctcs = (uint64_t)counts[0] + counts[1] + counts[2] + counts[3];

    if (ctcs == 0) {
        return CTC_NO_CTC;
    }
    return 10 * three_plus > 3 * ctcs ? CTC_POSITIVE : CTC_NEGATIVE;
}

const char *ctc_status_text(unsigned status)
{
    static const char *const texts[] = {"INVALID", "NO CTC", "NEGATIVE", "POSITIVE"};

    return status < sizeof texts / sizeof *texts ? texts[status] : texts[CTC_INVALID];
}
