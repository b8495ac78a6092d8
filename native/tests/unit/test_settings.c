/* Settings, unmixing and the HER2 line. Built with the sanitizers, as test_core.c. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "ctc/frame.h"
#include "ctc/settings.h"
#include "line.h"
#include "unmix.h"

static uint32_t random_state = 2463534242u;

static uint32_t xorshift(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

static double log2_error(uint32_t value)
{
    return fabs(ctc_log2(value) - 65536.0 * log2((double)value));
}

static void test_log2(void)
{
    int32_t before = INT32_MIN;

    CHECK(ctc_log2(0) == INT32_MIN);
    for (unsigned bit = 0; bit < 32; bit++) {
        CHECK(ctc_log2(1u << bit) == (int32_t)(bit << 16));
        CHECK(log2_error((1u << bit) - 1u + (bit == 0)) <= 1.0 && log2_error((1u << bit) + 1u) <= 1.0);
    }
    for (uint32_t value = 1; value < 1u << 21; value++) {
        int32_t now = ctc_log2(value);
        CHECK(now >= before);
        before = now;
        CHECK(log2_error(value) <= 1.0);
    }
    for (unsigned i = 0; i < 1000000; i++) {
        uint32_t value = xorshift();
        CHECK(log2_error(value) <= 1.0);
    }
    CHECK(log2_error(UINT32_MAX) <= 1.0);
}

static void test_exp2(void)
{
    uint32_t before = 0;

    for (int64_t exponent = -3 * 65536; exponent < 32 * 65536; exponent++) {
        double exact = exp2((double)exponent / 65536.0);
        uint32_t now = ctc_exp2(exponent);
        CHECK(now >= before);
        before = now;
        CHECK(fabs(now - exact) <= 0.5 + exact / (1 << 26));
    }
    CHECK(ctc_exp2(32 * 65536) == UINT32_MAX && ctc_exp2(INT32_MAX * (int64_t)65536) == UINT32_MAX);
    CHECK(ctc_exp2(-2 * 65536) == 0 && ctc_exp2(INT32_MIN * (int64_t)65536) == 0);
    CHECK(ctc_exp2(-65536) == 1 && ctc_exp2(-65537) == 0); /* a half goes up */
    CHECK(ctc_exp2(31 * 65536 + 65535) > 0xFFFF0000u);
}

/* Exact at every whole grey level of the built-in line, and never falling for any line. */
static void test_mesf(void)
{
    ctc_config config = ctc_config_default;
    uint32_t before = 0;

    CHECK(ctc_mesf(&config, 0) == 0);
    for (uint32_t grey = 1; grey <= CTC_SATURATED; grey++) {
        CHECK(labs((long)ctc_mesf(&config, grey * CTC_GREY) - 100l * (long)grey) <= 1);
    }
    CHECK(ctc_mesf(&config, 9 * CTC_GREY) == 900 && ctc_mesf(&config, 9 * CTC_GREY - 1) == 898);
    CHECK(ctc_mesf(&config, 27 * CTC_GREY) == 2700 && ctc_mesf(&config, 70 * CTC_GREY) == 7000);
    config.line_slope = 62259; /* 0.95 */
    config.line_offset = 8 * 65536 + 17;
    for (uint32_t grey64 = 1; grey64 <= 65535; grey64++) {
        uint32_t now = ctc_mesf(&config, grey64);
        double exact = exp2((config.line_offset + config.line_slope * log2(grey64 / 64.0)) / 65536.0);
        CHECK(now >= before && fabs(now - exact) <= 0.5 + 5e-5 * exact);
        before = now;
    }
    config.line_offset = INT32_MAX;
    config.line_slope = INT32_MAX;
    CHECK(ctc_mesf(&config, UINT32_MAX) == UINT32_MAX && ctc_mesf(&config, 64) == UINT32_MAX);
    CHECK(ctc_mesf(&config, 1) == 0);
    config.line_offset = INT32_MIN;
    CHECK(ctc_mesf(&config, 64) == 0 && ctc_mesf(&config, 1) == 0);
}

static void invert(double inverse[4][4], const int32_t s[4][4])
{
    double a[4][8];

    for (unsigned r = 0; r < 4; r++) {
        for (unsigned c = 0; c < 8; c++) {
            a[r][c] = c < 4 ? s[r][c] / 65536.0 : c - 4 == r;
        }
    }
    for (unsigned p = 0; p < 4; p++) {
        unsigned pivot = p;
        for (unsigned r = p; r < 4; r++) {
            pivot = fabs(a[r][p]) > fabs(a[pivot][p]) ? r : pivot;
        }
        for (unsigned c = 0; c < 8; c++) {
            double swap = a[p][c];
            a[p][c] = a[pivot][c];
            a[pivot][c] = swap;
        }
        double by = a[p][p];
        for (unsigned c = 0; c < 8; c++) {
            a[p][c] /= by;
        }
        for (unsigned r = 0; r < 4; r++) {
            double times = a[r][p];
            for (unsigned c = 0; c < 8 && r != p; c++) {
                a[r][c] -= times * a[p][c];
            }
        }
    }
    for (unsigned r = 0; r < 4; r++) {
        for (unsigned c = 0; c < 4; c++) {
            inverse[r][c] = a[r][c + 4];
        }
    }
}

static void test_unmix(void)
{
    int32_t matrix[4][4], inverse[4][4];
    double exact[4][4];
    unsigned accepted = 0, refused = 0;

    for (unsigned r = 0; r < 4; r++) {
        for (unsigned c = 0; c < 4; c++) {
            matrix[r][c] = r == c ? CTC_Q16 : 0;
        }
    }
    CHECK(ctc_unmix(inverse, (const int32_t(*)[4])matrix) == CTC_OK);
    CHECK(memcmp(inverse, matrix, sizeof inverse) == 0);
    for (unsigned i = 0; i < 200000; i++) {
        uint32_t range = i % 2 ? CTC_SPILLOVER_MAX - CTC_SPILLOVER_MIN + 1 : 20000;
        for (unsigned r = 0; r < 4; r++) {
            for (unsigned c = 0; c < 4; c++) {
                matrix[r][c] = r == c ? CTC_Q16 : CTC_SPILLOVER_MIN + (int32_t)(xorshift() % range);
            }
        }
        if (ctc_unmix(inverse, (const int32_t(*)[4])matrix) != CTC_OK) {
            refused++;
            continue;
        }
        accepted++;
        invert(exact, (const int32_t(*)[4])matrix);
        for (unsigned r = 0; r < 4; r++) {
            for (unsigned c = 0; c < 4; c++) {
                CHECK(fabs(inverse[r][c] - 65536.0 * exact[r][c]) <= 2.0);
            }
        }
    }
    CHECK(accepted > 100000 && refused > 1000);
}

static ctc_error with_spillover(unsigned r, unsigned c, int32_t share)
{
    ctc_config config = ctc_config_default;

    config.spillover[r][c] = share;
    return ctc_config_check(&config);
}

static void test_spillover_limits(void)
{
    ctc_config config = ctc_config_default;

    CHECK(with_spillover(0, 0, CTC_Q16 - 1) == CTC_ERR_SETTINGS && with_spillover(3, 3, 0) == CTC_ERR_SETTINGS);
    CHECK(with_spillover(1, 3, CTC_SPILLOVER_MAX) == CTC_OK);
    CHECK(with_spillover(1, 3, CTC_SPILLOVER_MAX + 1) == CTC_ERR_SETTINGS);
    CHECK(with_spillover(1, 3, CTC_SPILLOVER_MIN) == CTC_OK);
    CHECK(with_spillover(1, 3, CTC_SPILLOVER_MIN - 1) == CTC_ERR_SETTINGS);
    CHECK(with_spillover(2, 0, INT32_MIN) == CTC_ERR_SETTINGS && with_spillover(2, 0, INT32_MAX) == CTC_ERR_SETTINGS);
    /* Two channels that read the same: close to singular, then singular. */
    config.spillover[1][3] = CTC_SPILLOVER_MAX;
    config.spillover[3][1] = CTC_SPILLOVER_MAX;
    CHECK(ctc_config_check(&config) == CTC_ERR_SETTINGS);
    config.spillover[3][1] = CTC_Q16 / 2;
    CHECK(ctc_config_check(&config) == CTC_OK);
    config.spillover[3][1] = CTC_Q16 * 7 / 8; /* condition number 30 */
    CHECK(ctc_config_check(&config) == CTC_ERR_SETTINGS);
    for (unsigned i = 0; i < 16; i++) {
        config.spillover[i / 4][i % 4] = i / 4 == i % 4 ? CTC_Q16 : -CTC_Q16 / 3; /* rows sum to 0: singular */
    }
    CHECK(ctc_config_check(&config) == CTC_ERR_SETTINGS);
}

#define REFUSED(change)                                       \
    do {                                                      \
        ctc_config config = ctc_config_default;               \
        change;                                               \
        CHECK(ctc_config_check(&config) == CTC_ERR_SETTINGS); \
    } while (0)

#define ACCEPTED(change)                            \
    do {                                            \
        ctc_config config = ctc_config_default;     \
        change;                                     \
        CHECK(ctc_config_check(&config) == CTC_OK); \
    } while (0)

static void test_check(void)
{
    ACCEPTED((void)config);
    REFUSED(memset(config.gate_set, 0, CTC_ID_BYTES));
    REFUSED(memset(config.gate_set, 'a', CTC_ID_BYTES));
    ACCEPTED(memset(config.gate_set, 'a', CTC_ID_BYTES - 1));
    REFUSED(config.calibration[2] = '\n');
    REFUSED(config.calibration[2] = '\x80');
    REFUSED(config.cutoffs[0] = ' ');
    REFUSED(config.cutoffs[CTC_ID_BYTES - 2] = 'x'); /* behind the end */
    REFUSED(config.corrections = CTC_CORRECT_ALL + 1);
    ACCEPTED(config.corrections = 0);
    REFUSED(config.noise_factor = 15);
    REFUSED(config.noise_factor = 1025);
    REFUSED(config.dapi_threshold = 0);
    REFUSED(config.ck_threshold = 0);
    REFUSED(config.ck_threshold = CTC_SATURATED * CTC_GREY + 1);
    REFUSED(config.borderline = 257);
    REFUSED(config.gates.ck_min = CTC_NO_LIMIT);
    REFUSED(config.gates.dapi_min = CTC_SATURATED * CTC_GREY + 1);
    REFUSED(config.gates.cd45_max = CTC_SATURATED * CTC_GREY + 1);
    ACCEPTED(config.gates.cd45_max = CTC_NO_LIMIT);
    REFUSED(config.gates.area_min = config.gates.area_max + 1u);
    REFUSED(config.gates.shape_max = 0);
    REFUSED(config.gates.eccentricity_max = 1001);
    REFUSED(config.gates.overlap_min = 1001);
    REFUSED(config.gates.saturated_max = 1001);
    ACCEPTED(config.gates.saturated_max = 1000);
    REFUSED(config.flat[0][0] = 0);
    REFUSED(config.flat[3][CTC_TILES - 1] = CTC_FLAT_MIN - 1);
    REFUSED(config.flat[2][7] = CTC_FLAT_MAX + 1);
    ACCEPTED(config.flat[2][7] = CTC_FLAT_MAX);
    REFUSED(config.line_slope = 0);
    REFUSED(config.line_slope = -65536);
    REFUSED(config.line_low = config.line_high);
    REFUSED(config.score_min[0] = 0);
    REFUSED(config.score_min[1] = config.score_min[0]);
    REFUSED(config.score_min[2] = config.score_min[1] - 1);
}

static ctc_config random_config(void)
{
    ctc_config config = ctc_config_default;

    strcpy(config.calibration, "HQ8-20260712-1f3a");
    config.noise_factor = (uint16_t)(16 + xorshift() % 1000);
    config.gates.focus_min = (uint16_t)xorshift();
    config.gates.saturated_max = (uint16_t)(xorshift() % 1001);
    for (unsigned i = 0; i < 4 * CTC_TILES; i++) {
        config.flat[i / CTC_TILES][i % CTC_TILES] = (uint16_t)(CTC_FLAT_MIN + xorshift() % 6145);
    }
    for (unsigned i = 0; i < 16; i++) {
        config.spillover[i / 4][i % 4] = i / 4 == i % 4 ? CTC_Q16 : (int32_t)(xorshift() % 10000) - 2000;
        config.spillover_se[i / 4][i % 4] = (uint16_t)xorshift();
    }
    config.line_offset = (int32_t)xorshift();
    config.line_slope = (int32_t)(1 + xorshift() % INT32_MAX);
    config.line_se = (uint16_t)xorshift();
    config.line_low = xorshift() / 2;
    config.line_high = config.line_low + 1 + xorshift() % 1000;
    config.score_min[2] = UINT32_MAX;
    return config;
}

static void test_round_trip(void)
{
    for (unsigned i = 0; i < 1000; i++) {
        uint8_t *blob = malloc(CTC_SETTINGS_BYTES), again[CTC_SETTINGS_BYTES];
        ctc_config config = i ? random_config() : ctc_config_default, read;
        CHECK(ctc_settings_pack(blob, &config) == CTC_SETTINGS_BYTES);
        CHECK(ctc_settings_unpack(&read, blob, CTC_SETTINGS_BYTES) == CTC_OK);
        CHECK(ctc_settings_pack(again, &read) == CTC_SETTINGS_BYTES);
        CHECK(memcmp(blob, again, sizeof again) == 0);
        CHECK(read.line_offset == config.line_offset && read.gates.saturated_max == config.gates.saturated_max);
        CHECK(memcmp(read.spillover, config.spillover, sizeof read.spillover) == 0);
        CHECK(memcmp(read.flat, config.flat, sizeof read.flat) == 0);
        CHECK(strcmp(read.calibration, config.calibration) == 0);
        free(blob);
    }
}

/* Every bit, every length: refused, and what was there is kept. */
static void test_damage(void)
{
    uint8_t *blob = malloc(CTC_SETTINGS_BYTES);
    ctc_config kept, read;

    memset(&kept, 0xA5, sizeof kept);
    memcpy(&read, &kept, sizeof read);
    ctc_settings_pack(blob, &ctc_config_default);
    for (unsigned bit = 0; bit < 8 * CTC_SETTINGS_BYTES; bit++) {
        blob[bit / 8] ^= (uint8_t)(1u << bit % 8);
        CHECK(ctc_settings_unpack(&read, blob, CTC_SETTINGS_BYTES) == CTC_ERR_SETTINGS);
        blob[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t size = 0; size < CTC_SETTINGS_BYTES; size++) {
        uint8_t *part = malloc(size + 1);
        memcpy(part, blob, size);
        CHECK(ctc_settings_unpack(&read, part, size) == CTC_ERR_SETTINGS);
        free(part);
    }
    CHECK(ctc_settings_unpack(&read, blob, CTC_SETTINGS_BYTES + 1) == CTC_ERR_SETTINGS);
    ctc_config bad = ctc_config_default;
    bad.flat[1][3] = 0;
    ctc_settings_pack(blob, &bad); /* whole, with a good CRC */
    CHECK(ctc_settings_unpack(&read, blob, CTC_SETTINGS_BYTES) == CTC_ERR_SETTINGS);
    CHECK(memcmp(&read, &kept, sizeof read) == 0);
    free(blob);
}

int main(void)
{
    test_log2();
    test_exp2();
    test_mesf();
    test_unmix();
    test_spillover_limits();
    test_check();
    test_round_trip();
    test_damage();
    return failures != 0;
}
