"""Builds ``host._ctc_core``: the C core for CPython.

Run by setuptools from the repository's root (setup.py), so all paths are relative to it.
"""

from pathlib import Path

from cffi import FFI

NATIVE = Path("native")

CDEF = """
#define CTC_WIDTH ...
#define CTC_HEIGHT ...
#define CTC_STRIP_COLUMNS ...
#define CTC_FRAME_BYTES ...
#define CTC_ROW_BYTES ...
#define CTC_CROP_SIDE ...
#define CTC_CROP_BYTES ...
#define CTC_MAX_OBJECTS ...
#define CTC_MAX_RUNS ...
#define CTC_MAX_NUCLEI ...
#define CTC_MAX_HOT ...
#define CTC_FLAG_CTC ...
#define CTC_FLAG_EDGE ...
#define CTC_FLAG_SATURATED ...
#define CTC_FLAG_SPLIT ...
#define CTC_FLAG_BORDERLINE ...
#define CTC_FLAG_NO_RING ...
#define CTC_FLAG_OUT_OF_RANGE ...
#define CTC_FLAGS ...
#define CTC_TALLY_COUNTS ...
#define CTC_TILES 20
#define CTC_ID_BYTES 24
#define CTC_TILE_COLUMNS ...
#define CTC_TILE_ROWS ...
#define CTC_FLAT_ONE ...
#define CTC_FLAT_MIN ...
#define CTC_FLAT_MAX ...
#define CTC_NO_LIMIT ...
#define CTC_SPILLOVER_MIN ...
#define CTC_SPILLOVER_MAX ...
#define CTC_CONDITION_MAX ...
#define CTC_CORRECT_ALL ...
#define CTC_SETTINGS_BYTES ...
#define CTC_TALLY_REJECTED ...
#define CTC_TALLY_LOW ...
#define CTC_TALLY_HIGH ...
#define CTC_RULES ...
#define CTC_WARN_LOW_COUNT ...
#define CTC_WARN_UNCERTAIN ...
#define CTC_WARN_BORDERLINE ...
#define CTC_INTERVAL_UNIT ...
#define CTC_INTERVAL_MAX ...
static char *const CTC_VERSION;
static char *const CTC_GATE_SET;
static char *const CTC_CALIBRATION;
static char *const CTC_CUTOFFS;
static char *const CTC_PROVISIONAL;
static char *const CTC_RULE;

typedef enum { CTC_DARK, CTC_DAPI, CTC_CK, CTC_CD45, CTC_HER2, ... } ctc_channel;
typedef enum { CTC_OK, CTC_ERR_ORDER, CTC_ERR_ARGUMENT, CTC_ERR_RUNS, CTC_ERR_OBJECTS, CTC_ERR_ROW,
               CTC_ERR_COUNT, CTC_ERR_SETTINGS, CTC_ERR_HOT, ... } ctc_error;
typedef enum { CTC_QUALITY_BACKGROUND, CTC_QUALITY_NOISE, CTC_QUALITY_THRESHOLD, CTC_QUALITY_STRIP,
               CTC_QUALITY_SATURATED, CTC_QUALITY_MEAN, CTC_QUALITY_LEUKOCYTES,
               CTC_QUALITY_NUCLEI, CTC_QUALITY_HOT, ... } ctc_quality_item;
typedef enum { CTC_GATES = ... } ctc_gate;
typedef enum { CTC_INVALID, CTC_NO_CTC, CTC_NEGATIVE, CTC_POSITIVE, ... } ctc_status;

typedef struct {
    uint16_t ck_min, ck_snr_min, nucleus_min, dapi_min, cd45_max, cd45_share_max, area_min, area_max;
    uint16_t shape_max, eccentricity_max, overlap_min, focus_min, saturated_max;
} ctc_gates;
typedef struct {
    char gate_set[24], calibration[24], cutoffs[24];
    uint16_t corrections, noise_factor, dapi_threshold, ck_threshold, borderline;
    ctc_gates gates;
    uint16_t flat[4][20];
    int32_t spillover[4][4];
    uint16_t spillover_se[4][4];
    int32_t line_offset, line_slope;
    uint16_t line_se;
    uint32_t line_low, line_high;
    uint32_t score_min[3];
} ctc_config;
typedef struct { ...; } ctc_work;
extern const ctc_config ctc_config_default;

const char *ctc_error_text(ctc_error error);
const char *ctc_gate_name(unsigned gate);
const char *ctc_status_text(unsigned status);

ctc_error ctc_config_check(const ctc_config *config);
size_t ctc_settings_pack(uint8_t *blob, const ctc_config *config);
ctc_error ctc_settings_unpack(ctc_config *config, const uint8_t *blob, size_t size);
int32_t ctc_log2(uint32_t value);
uint32_t ctc_exp2(int64_t exponent);
uint32_t ctc_mesf(const ctc_config *config, uint32_t grey64);
ctc_error ctc_unmix(int32_t inverse[4][4], const int32_t spillover[4][4]);

ctc_error ctc_begin(ctc_work *work, unsigned field, const ctc_config *config);
ctc_error ctc_analyse(ctc_work *work, unsigned channel, const uint32_t *frame);
ctc_error ctc_quality(const ctc_work *work, unsigned item, uint32_t *value);
unsigned ctc_nucleus_at(const ctc_work *work, unsigned x, unsigned y);
ctc_error ctc_end(ctc_work *work, unsigned *objects);
ctc_error ctc_rows(const ctc_work *work, uint8_t *rows, size_t size, unsigned first, unsigned *copied);
ctc_error ctc_object_flags(const ctc_work *work, unsigned object, unsigned *flags);
ctc_error ctc_crop(const ctc_work *work, unsigned object, unsigned channel, const uint32_t *frame,
                   uint8_t *crop);
ctc_error ctc_tally(const uint8_t *rows, size_t n, uint32_t *counts);

typedef struct { uint8_t least_score, at_least; uint16_t cut_permille, cells; } ctc_rule;
typedef struct { uint64_t part, whole; uint32_t permille; uint8_t more; } ctc_share;
const char *ctc_rule_name(unsigned index);
const ctc_rule *ctc_rule_named(const char *name);
ctc_status ctc_decide(const ctc_rule *rule, const uint32_t *counts);
ctc_share ctc_share_of(const ctc_rule *rule, const uint32_t *counts);
unsigned ctc_flags(const ctc_rule *rule, const uint32_t *counts);
const char *ctc_flag_text(unsigned flag);
ctc_error ctc_interval(uint64_t part, uint64_t whole, uint32_t *low, uint32_t *high);
"""

ffibuilder = FFI()
ffibuilder.cdef(CDEF)
ffibuilder.set_source(
    "host._ctc_core",
    '#include "ctc/ctc.h"\n#include "line.h"\n#include "unmix.h"',
    sources=sorted(str(path) for path in (NATIVE / "src").glob("*.c")),
    depends=sorted(str(path) for path in NATIVE.glob("**/*.h")),
    include_dirs=[str(NATIVE / "include"), str(NATIVE / "src")],
    extra_compile_args=["-std=c99", "-O2", "-Wall", "-Wextra", "-Werror"],
)

if __name__ == "__main__":
    ffibuilder.compile(verbose=True)
