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
#define CTC_MAX_OBJECTS ...
#define CTC_MAX_RUNS ...
#define CTC_TALLY_COUNTS ...
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
static char *const CTC_RULE;

typedef enum { CTC_DARK, CTC_DAPI, CTC_CK, CTC_CD45, CTC_HER2, ... } ctc_channel;
typedef enum { CTC_OK, CTC_ERR_ORDER, CTC_ERR_ARGUMENT, CTC_ERR_RUNS, CTC_ERR_OBJECTS, CTC_ERR_ROW,
               CTC_ERR_COUNT, ... } ctc_error;
typedef enum { CTC_QUALITY_BACKGROUND, CTC_QUALITY_NOISE, CTC_QUALITY_THRESHOLD, CTC_QUALITY_STRIP,
               CTC_QUALITY_SATURATED, CTC_QUALITY_MEAN, ... } ctc_quality_item;
typedef enum { CTC_INVALID, CTC_NO_CTC, CTC_NEGATIVE, CTC_POSITIVE, ... } ctc_status;

typedef struct {
    uint16_t noise_factor, dapi_threshold, ck_threshold, nucleus_min, ck_min, cd45_max;
    uint16_t area_min, area_max, shape_max;
    uint16_t score_min[3];
    ...;
} ctc_config;
typedef struct { ...; } ctc_work;
extern const ctc_config ctc_config_default;

const char *ctc_error_text(ctc_error error);
const char *ctc_gate_name(unsigned gate);
const char *ctc_status_text(unsigned status);

ctc_error ctc_begin(ctc_work *work, unsigned field, const ctc_config *config);
ctc_error ctc_analyse(ctc_work *work, unsigned channel, const uint32_t *frame);
ctc_error ctc_quality(const ctc_work *work, unsigned item, uint32_t *value);
ctc_error ctc_end(ctc_work *work, unsigned *objects);
ctc_error ctc_rows(const ctc_work *work, uint8_t *rows, size_t size, unsigned first, unsigned *copied);
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
    '#include "ctc/ctc.h"',
    sources=sorted(str(path) for path in (NATIVE / "src").glob("*.c")),
    depends=sorted(str(path) for path in NATIVE.glob("**/*.h")),
    include_dirs=[str(NATIVE / "include")],
    extra_compile_args=["-std=c99", "-O2", "-Wall", "-Wextra", "-Werror"],
)

if __name__ == "__main__":
    ffibuilder.compile(verbose=True)
