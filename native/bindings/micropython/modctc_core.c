// The core as the MicroPython module `ctc_core`. It owns the one frame buffer and the one work area, both static, so
// that neither is ever on the collected heap. The calls are those of docs/architecture.md; analyse(),
// quality(), object_flags() and crop() allocate nothing.
#include <limits.h>
#include <string.h>

#include "ctc/ctc.h"
#include "py/binary.h"
#include "py/obj.h"
#include "py/objarray.h"
#include "py/objexcept.h"
#include "py/objstr.h"
#include "py/runtime.h"

static uint32_t frame_words[CTC_FRAME_WORDS];
static ctc_work work;
static ctc_config config;

// What is configured, once; the built-in settings until then (a zeroed config has no id).
static const ctc_config *configured(void) {
    return config.gate_set[0] ? &config : &ctc_config_default;
}

// What frame() returns: one read-only object in flash that shows the buffer.
static const mp_obj_array_t frame_view = {
    .base = {&mp_type_memoryview},
    .typecode = BYTEARRAY_TYPECODE | MP_OBJ_ARRAY_TYPECODE_FLAG_RW,
    .free = 0,
    .len = CTC_FRAME_BYTES,
    .items = frame_words,
};

static MP_DEFINE_CONST_OBJ_TYPE(
    ctc_core_error_type, MP_QSTR_Error, MP_TYPE_FLAG_NONE,
    make_new, mp_obj_exception_make_new,
    print, mp_obj_exception_print,
    attr, mp_obj_exception_attr,
    parent, &mp_type_Exception
    );

static void check(ctc_error error) {
    if (error != CTC_OK) {
        const char *text = ctc_error_text(error);
        mp_obj_t args[2] = {MP_OBJ_NEW_SMALL_INT(error), mp_obj_new_str(text, strlen(text))};
        nlr_raise(mp_obj_exception_make_new(&ctc_core_error_type, 2, 0, args));
    }
}

// A number for the core; what is negative becomes out of range for it too.
static unsigned number(mp_obj_t obj) {
    mp_int_t value = mp_obj_get_int(obj);
    return value < 0 ? UINT_MAX : (unsigned)value;
}

static mp_obj_t ctc_core_frame(void) {
    return MP_OBJ_FROM_PTR(&frame_view);
}
static MP_DEFINE_CONST_FUN_OBJ_0(ctc_core_frame_obj, ctc_core_frame);

static mp_obj_t ctc_core_configure(mp_obj_t blob) {
    mp_buffer_info_t in;
    mp_get_buffer_raise(blob, &in, MP_BUFFER_READ);
    if (in.len == 0) {
        config = ctc_config_default;
    } else {
        check(ctc_settings_unpack(&config, in.buf, in.len));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(ctc_core_configure_obj, ctc_core_configure);

static mp_obj_t ctc_core_settings(void) {
    const ctc_config *now = configured();
    mp_obj_t ids[3] = {
        mp_obj_new_str(now->gate_set, strlen(now->gate_set)),
        mp_obj_new_str(now->calibration, strlen(now->calibration)),
        mp_obj_new_str(now->cutoffs, strlen(now->cutoffs)),
    };
    return mp_obj_new_tuple(3, ids);
}
static MP_DEFINE_CONST_FUN_OBJ_0(ctc_core_settings_obj, ctc_core_settings);

static mp_obj_t ctc_core_begin(mp_obj_t field) {
    MP_STATIC_ASSERT(sizeof(ctc_work) <= CTC_WORK_BYTES);
    check(ctc_begin(&work, number(field), configured()));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(ctc_core_begin_obj, ctc_core_begin);

static mp_obj_t ctc_core_analyse(mp_obj_t channel) {
    check(ctc_analyse(&work, number(channel), frame_words));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(ctc_core_analyse_obj, ctc_core_analyse);

static mp_obj_t ctc_core_quality(mp_obj_t item) {
    uint32_t value = 0;
    check(ctc_quality(&work, number(item), &value));
    return MP_OBJ_NEW_SMALL_INT(value);
}
static MP_DEFINE_CONST_FUN_OBJ_1(ctc_core_quality_obj, ctc_core_quality);

static mp_obj_t ctc_core_end(void) {
    unsigned objects = 0;
    check(ctc_end(&work, &objects));
    return MP_OBJ_NEW_SMALL_INT(objects);
}
static MP_DEFINE_CONST_FUN_OBJ_0(ctc_core_end_obj, ctc_core_end);

static mp_obj_t ctc_core_rows(mp_obj_t buf, mp_obj_t first) {
    mp_buffer_info_t out;
    unsigned copied = 0;
    mp_get_buffer_raise(buf, &out, MP_BUFFER_WRITE);
    check(ctc_rows(&work, out.buf, out.len, number(first), &copied));
    return MP_OBJ_NEW_SMALL_INT(copied);
}
static MP_DEFINE_CONST_FUN_OBJ_2(ctc_core_rows_obj, ctc_core_rows);

static mp_obj_t ctc_core_object_flags(mp_obj_t object) {
    unsigned flags = 0;
    check(ctc_object_flags(&work, number(object), &flags));
    return MP_OBJ_NEW_SMALL_INT(flags);
}
static MP_DEFINE_CONST_FUN_OBJ_1(ctc_core_object_flags_obj, ctc_core_object_flags);

// Into the middle of a buffer: a slice of it would be an object on the heap for every crop.
static mp_obj_t ctc_core_crop(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    mp_buffer_info_t out;
    mp_get_buffer_raise(args[2], &out, MP_BUFFER_WRITE);
    unsigned at = number(args[3]);
    if (out.len < CTC_CROP_BYTES || at > out.len - CTC_CROP_BYTES) {
        mp_raise_ValueError(MP_ERROR_TEXT("at: a crop does not fit the buffer there"));
    }
    check(ctc_crop(&work, number(args[0]), number(args[1]), frame_words, (uint8_t *)out.buf + at));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(ctc_core_crop_obj, 4, 4, ctc_core_crop);

static uint32_t *tally_counts(mp_obj_t obj, mp_uint_t flags) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(obj, &buffer, flags);
    if ((buffer.typecode != 'I' && buffer.typecode != 'L') || buffer.len != CTC_TALLY_COUNTS * sizeof(uint32_t)) {
        mp_raise_ValueError(MP_ERROR_TEXT("counts: give an array('I') of 13"));
    }
    return buffer.buf;
}

static mp_obj_t ctc_core_tally(mp_obj_t rows, mp_obj_t n, mp_obj_t counts) {
    mp_buffer_info_t in;
    mp_get_buffer_raise(rows, &in, MP_BUFFER_READ);
    if (number(n) > in.len / CTC_ROW_BYTES) {
        mp_raise_ValueError(MP_ERROR_TEXT("n: more rows than the buffer holds"));
    }
    check(ctc_tally(in.buf, number(n), tally_counts(counts, MP_BUFFER_RW)));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(ctc_core_tally_obj, ctc_core_tally);

// The rule of that name. Each call says which: none is kept from one run to the next.
static const ctc_rule *rule_named(mp_obj_t name) {
    const ctc_rule *rule = ctc_rule_named(mp_obj_str_get_str(name));
    if (rule == NULL) {
        check(CTC_ERR_ARGUMENT);
    }
    return rule;
}

static const ctc_rule *rule_or_default(size_t n_args, const mp_obj_t *args) {
    return n_args > 1 ? rule_named(args[1]) : ctc_rule_named(CTC_RULE);
}

static mp_obj_t ctc_core_rule(mp_obj_t name) {
    const ctc_rule *rule = rule_named(name);
    mp_obj_t items[4] = {
        MP_OBJ_NEW_SMALL_INT(rule->least_score), mp_obj_new_bool(rule->at_least),
        MP_OBJ_NEW_SMALL_INT(rule->cut_permille), MP_OBJ_NEW_SMALL_INT(rule->cells),
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}
static MP_DEFINE_CONST_FUN_OBJ_1(ctc_core_rule_obj, ctc_core_rule);

static mp_obj_t ctc_core_decide(size_t n_args, const mp_obj_t *args) {
    const uint32_t *counts = tally_counts(args[0], MP_BUFFER_READ);
    return MP_OBJ_NEW_SMALL_INT(ctc_decide(rule_or_default(n_args, args), counts));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(ctc_core_decide_obj, 1, 2, ctc_core_decide);

static mp_obj_t ctc_core_flags(size_t n_args, const mp_obj_t *args) {
    const uint32_t *counts = tally_counts(args[0], MP_BUFFER_READ);
    return MP_OBJ_NEW_SMALL_INT(ctc_flags(rule_or_default(n_args, args), counts));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(ctc_core_flags_obj, 1, 2, ctc_core_flags);

static mp_obj_t ctc_core_share(size_t n_args, const mp_obj_t *args) {
    const uint32_t *counts = tally_counts(args[0], MP_BUFFER_READ);
    ctc_share share = ctc_share_of(rule_or_default(n_args, args), counts);
    mp_obj_t items[4] = {
        mp_obj_new_int_from_ull(share.part), mp_obj_new_int_from_ull(share.whole),
        MP_OBJ_NEW_SMALL_INT(share.permille), mp_obj_new_bool(share.more),
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(ctc_core_share_obj, 1, 2, ctc_core_share);

static mp_obj_t ctc_core_interval(mp_obj_t part, mp_obj_t whole) {
    uint32_t low, high;
    check(ctc_interval(number(part), number(whole), &low, &high));
    mp_obj_t items[2] = {MP_OBJ_NEW_SMALL_INT(low), MP_OBJ_NEW_SMALL_INT(high)};
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}
static MP_DEFINE_CONST_FUN_OBJ_2(ctc_core_interval_obj, ctc_core_interval);

static mp_obj_t ctc_core_flag_text(mp_obj_t flag) {
    const char *text = ctc_flag_text(number(flag));
    return mp_obj_new_str(text, strlen(text));
}
static MP_DEFINE_CONST_FUN_OBJ_1(ctc_core_flag_text_obj, ctc_core_flag_text);

static mp_obj_t ctc_core_gate_name(mp_obj_t gate) {
    const char *name = ctc_gate_name(number(gate));
    return mp_obj_new_str(name, strlen(name));
}
static MP_DEFINE_CONST_FUN_OBJ_1(ctc_core_gate_name_obj, ctc_core_gate_name);

static mp_obj_t ctc_core_status_text(mp_obj_t status) {
    const char *text = ctc_status_text(number(status));
    return mp_obj_new_str(text, strlen(text));
}
static MP_DEFINE_CONST_FUN_OBJ_1(ctc_core_status_text_obj, ctc_core_status_text);

static MP_DEFINE_STR_OBJ(version_obj, CTC_VERSION);
static MP_DEFINE_STR_OBJ(gate_set_obj, CTC_GATE_SET);
static MP_DEFINE_STR_OBJ(provisional_obj, CTC_PROVISIONAL);
static MP_DEFINE_STR_OBJ(rule_obj, CTC_RULE);
static MP_DEFINE_STR_OBJ(rule_signal_obj, CTC_RULE_SIGNAL);
static MP_DEFINE_STR_OBJ(rule_cell_obj, CTC_RULE_CELL);

static const mp_rom_obj_tuple_t rules_obj = {
    {&mp_type_tuple}, CTC_RULES,
    {MP_ROM_PTR(&rule_obj), MP_ROM_PTR(&rule_signal_obj), MP_ROM_PTR(&rule_cell_obj)},
};

static const mp_rom_map_elem_t ctc_core_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_ctc_core)},
    {MP_ROM_QSTR(MP_QSTR_Error), MP_ROM_PTR(&ctc_core_error_type)},

    {MP_ROM_QSTR(MP_QSTR_VERSION), MP_ROM_PTR(&version_obj)},
    {MP_ROM_QSTR(MP_QSTR_GATE_SET), MP_ROM_PTR(&gate_set_obj)},
    {MP_ROM_QSTR(MP_QSTR_RULE), MP_ROM_PTR(&rule_obj)},
    {MP_ROM_QSTR(MP_QSTR_RULES), MP_ROM_PTR(&rules_obj)},
    {MP_ROM_QSTR(MP_QSTR_WIDTH), MP_ROM_INT(CTC_WIDTH)},
    {MP_ROM_QSTR(MP_QSTR_HEIGHT), MP_ROM_INT(CTC_HEIGHT)},
    {MP_ROM_QSTR(MP_QSTR_STRIP_COLUMNS), MP_ROM_INT(CTC_STRIP_COLUMNS)},
    {MP_ROM_QSTR(MP_QSTR_ROW_BYTES), MP_ROM_INT(CTC_ROW_BYTES)},
    {MP_ROM_QSTR(MP_QSTR_SETTINGS_BYTES), MP_ROM_INT(CTC_SETTINGS_BYTES)},
    {MP_ROM_QSTR(MP_QSTR_PROVISIONAL), MP_ROM_PTR(&provisional_obj)},
    {MP_ROM_QSTR(MP_QSTR_MAX_OBJECTS), MP_ROM_INT(CTC_MAX_OBJECTS)},
    {MP_ROM_QSTR(MP_QSTR_CROP_BYTES), MP_ROM_INT(CTC_CROP_BYTES)},
    {MP_ROM_QSTR(MP_QSTR_FLAG_CTC), MP_ROM_INT(CTC_FLAG_CTC)},
    {MP_ROM_QSTR(MP_QSTR_FLAG_BORDERLINE), MP_ROM_INT(CTC_FLAG_BORDERLINE)},

    {MP_ROM_QSTR(MP_QSTR_DARK), MP_ROM_INT(CTC_DARK)},
    {MP_ROM_QSTR(MP_QSTR_DAPI), MP_ROM_INT(CTC_DAPI)},
    {MP_ROM_QSTR(MP_QSTR_CK), MP_ROM_INT(CTC_CK)},
    {MP_ROM_QSTR(MP_QSTR_CD45), MP_ROM_INT(CTC_CD45)},
    {MP_ROM_QSTR(MP_QSTR_HER2), MP_ROM_INT(CTC_HER2)},

    {MP_ROM_QSTR(MP_QSTR_BACKGROUND), MP_ROM_INT(CTC_QUALITY_BACKGROUND)},
    {MP_ROM_QSTR(MP_QSTR_NOISE), MP_ROM_INT(CTC_QUALITY_NOISE)},
    {MP_ROM_QSTR(MP_QSTR_THRESHOLD), MP_ROM_INT(CTC_QUALITY_THRESHOLD)},
    {MP_ROM_QSTR(MP_QSTR_STRIP), MP_ROM_INT(CTC_QUALITY_STRIP)},
    {MP_ROM_QSTR(MP_QSTR_SATURATED), MP_ROM_INT(CTC_QUALITY_SATURATED)},
    {MP_ROM_QSTR(MP_QSTR_MEAN), MP_ROM_INT(CTC_QUALITY_MEAN)},

    {MP_ROM_QSTR(MP_QSTR_INVALID), MP_ROM_INT(CTC_INVALID)},
    {MP_ROM_QSTR(MP_QSTR_NO_CTC), MP_ROM_INT(CTC_NO_CTC)},
    {MP_ROM_QSTR(MP_QSTR_NEGATIVE), MP_ROM_INT(CTC_NEGATIVE)},
    {MP_ROM_QSTR(MP_QSTR_POSITIVE), MP_ROM_INT(CTC_POSITIVE)},

    {MP_ROM_QSTR(MP_QSTR_configure), MP_ROM_PTR(&ctc_core_configure_obj)},
    {MP_ROM_QSTR(MP_QSTR_settings), MP_ROM_PTR(&ctc_core_settings_obj)},
    {MP_ROM_QSTR(MP_QSTR_LOW_COUNT), MP_ROM_INT(CTC_WARN_LOW_COUNT)},
    {MP_ROM_QSTR(MP_QSTR_UNCERTAIN), MP_ROM_INT(CTC_WARN_UNCERTAIN)},
    {MP_ROM_QSTR(MP_QSTR_BORDERLINE), MP_ROM_INT(CTC_WARN_BORDERLINE)},
    {MP_ROM_QSTR(MP_QSTR_TALLY_COUNTS), MP_ROM_INT(CTC_TALLY_COUNTS)},
    {MP_ROM_QSTR(MP_QSTR_TALLY_LOW), MP_ROM_INT(CTC_TALLY_LOW)},
    {MP_ROM_QSTR(MP_QSTR_TALLY_HIGH), MP_ROM_INT(CTC_TALLY_HIGH)},

    {MP_ROM_QSTR(MP_QSTR_frame), MP_ROM_PTR(&ctc_core_frame_obj)},
    {MP_ROM_QSTR(MP_QSTR_begin), MP_ROM_PTR(&ctc_core_begin_obj)},
    {MP_ROM_QSTR(MP_QSTR_analyse), MP_ROM_PTR(&ctc_core_analyse_obj)},
    {MP_ROM_QSTR(MP_QSTR_quality), MP_ROM_PTR(&ctc_core_quality_obj)},
    {MP_ROM_QSTR(MP_QSTR_end), MP_ROM_PTR(&ctc_core_end_obj)},
    {MP_ROM_QSTR(MP_QSTR_rows), MP_ROM_PTR(&ctc_core_rows_obj)},
    {MP_ROM_QSTR(MP_QSTR_object_flags), MP_ROM_PTR(&ctc_core_object_flags_obj)},
    {MP_ROM_QSTR(MP_QSTR_crop), MP_ROM_PTR(&ctc_core_crop_obj)},
    {MP_ROM_QSTR(MP_QSTR_tally), MP_ROM_PTR(&ctc_core_tally_obj)},
    {MP_ROM_QSTR(MP_QSTR_rule), MP_ROM_PTR(&ctc_core_rule_obj)},
    {MP_ROM_QSTR(MP_QSTR_decide), MP_ROM_PTR(&ctc_core_decide_obj)},
    {MP_ROM_QSTR(MP_QSTR_flags), MP_ROM_PTR(&ctc_core_flags_obj)},
    {MP_ROM_QSTR(MP_QSTR_share), MP_ROM_PTR(&ctc_core_share_obj)},
    {MP_ROM_QSTR(MP_QSTR_interval), MP_ROM_PTR(&ctc_core_interval_obj)},
    {MP_ROM_QSTR(MP_QSTR_flag_text), MP_ROM_PTR(&ctc_core_flag_text_obj)},
    {MP_ROM_QSTR(MP_QSTR_gate_name), MP_ROM_PTR(&ctc_core_gate_name_obj)},
    {MP_ROM_QSTR(MP_QSTR_status_text), MP_ROM_PTR(&ctc_core_status_text_obj)},
};
static MP_DEFINE_CONST_DICT(ctc_core_globals, ctc_core_globals_table);

const mp_obj_module_t ctc_core_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&ctc_core_globals,
};

MP_REGISTER_MODULE(MP_QSTR_ctc_core, ctc_core_module);
