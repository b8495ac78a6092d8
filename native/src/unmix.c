#include "unmix.h"

/* Least determinant that is divided by, Q32: the shares it is made of are known to 2^-16. */
#define DETERMINANT_MIN ((int64_t)1 << 22)

static int64_t magnitude(int64_t value)
{
    return value < 0 ? -value : value;
}

/* n / d to the nearest, halves away from zero. */
static int64_t divided(int64_t n, int64_t d)
{
    int64_t half = magnitude(d) / 2;

    return (n < 0 ? n - half : n + half) / d;
}

/* Cofactor of row r and column c, Q32. Entries are at most 2^16, so 2 x 2 minors are at most 2^33 (Q32) and the whole
 * at most 3 * 2^49 (Q48) before it is scaled. */
static int64_t cofactor(const int32_t s[4][4], unsigned r, unsigned c)
{
    unsigned row[3], column[3];
    int64_t sum = 0;

    for (unsigned i = 0; i < 3; i++) {
        row[i] = i < r ? i : i + 1;
        column[i] = i < c ? i : i + 1;
    }
    for (unsigned i = 0; i < 3; i++) {
        unsigned j = column[(i + 1) % 3], k = column[(i + 2) % 3];
        int64_t minor = (int64_t)s[row[1]][j] * s[row[2]][k] - (int64_t)s[row[1]][k] * s[row[2]][j];
        sum += s[row[0]][column[i]] * minor;
    }
    return divided((r + c) % 2 ? -sum : sum, CTC_Q16);
}

static int64_t norm(const int32_t matrix[4][4])
{
    int64_t greatest = 0;

    for (unsigned r = 0; r < 4; r++) {
        int64_t sum = 0;
        for (unsigned c = 0; c < 4; c++) {
            sum += magnitude(matrix[r][c]);
        }
        greatest = sum > greatest ? sum : greatest;
    }
    return greatest;
}

ctc_error ctc_unmix(int32_t inverse[4][4], const int32_t spillover[4][4])
{
    int64_t determinant = 0;

    for (unsigned r = 0; r < 4; r++) {
        for (unsigned c = 0; c < 4; c++) {
            int32_t share = spillover[r][c];
            if (r == c ? share != CTC_Q16 : share < CTC_SPILLOVER_MIN || share > CTC_SPILLOVER_MAX) {
                return CTC_ERR_SETTINGS;
            }
        }
    }
    for (unsigned c = 0; c < 4; c++) {
        determinant += spillover[0][c] * cofactor(spillover, 0, c);
    }
    determinant = divided(determinant, CTC_Q16);
    if (magnitude(determinant) < DETERMINANT_MIN) {
        return CTC_ERR_SETTINGS;
    }
    for (unsigned r = 0; r < 4; r++) {
        for (unsigned c = 0; c < 4; c++) {
            int64_t entry = divided(cofactor(spillover, c, r) * CTC_Q16, determinant);
            /* No accepted inverse has an entry beyond the condition number: a norm is at least 1 (the diagonal). */
            if (magnitude(entry) > (int64_t)CTC_CONDITION_MAX * CTC_Q16) {
                return CTC_ERR_SETTINGS;
            }
            inverse[r][c] = (int32_t)entry;
        }
    }
    int64_t limit = (int64_t)CTC_CONDITION_MAX * CTC_Q16 * CTC_Q16;
    return norm(spillover) * norm((const int32_t(*)[4])inverse) <= limit ? CTC_OK : CTC_ERR_SETTINGS;
}
