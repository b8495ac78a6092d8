#include "gate.h"

#define GREY ((int32_t)CTC_GREY)

/* CD45 of an object: what an eighth of its inner pixels do not exceed, above background. A stained membrane covers all of a
 * cell; a leukocyte that lies over part of one lifts the mean, and the median when it covers half. */
static int32_t cd45_of(const ctc_object *object)
{
    return object->cd45_low * GREY - object->signal[CTC_CD45 - CTC_DAPI].background;
}

static int passes_ck(const ctc_object *object, const ctc_gates *gates, uint32_t noise)
{
    int32_t ck = object->signal[CTC_CK - CTC_DAPI].mean;

    return ck >= gates->ck_min && ck * (int64_t)GREY >= (int64_t)gates->ck_snr_min * noise;
}

static int passes_cd45(const ctc_object *object, const ctc_gates *gates)
{
    int32_t cd45 = cd45_of(object);
    int64_t share = (int64_t)object->signal[CTC_CK - CTC_DAPI].mean * gates->cd45_share_max;

    return (gates->cd45_max == CTC_NO_LIMIT || cd45 <= gates->cd45_max)
        && (gates->cd45_share_max == CTC_NO_LIMIT || cd45 * INT64_C(1000) <= share);
}

static int passes_shape(const ctc_object *object, const ctc_gates *gates)
{
    uint64_t square = (uint64_t)object->perimeter * object->perimeter;

    return (gates->shape_max == CTC_NO_LIMIT || square <= (uint64_t)gates->shape_max * object->area)
        && (gates->eccentricity_max == CTC_NO_LIMIT
            || object->eccentricity * 1000ull <= gates->eccentricity_max * 65535ull);
}

static int passes_saturated(const ctc_object *object, const ctc_gates *gates)
{
    for (unsigned i = 0; i < 4 && gates->saturated_max != CTC_NO_LIMIT; i++) {
        if (object->signal[i].saturated * 1000u > gates->saturated_max * 255u) {
            return 0;
        }
    }
    return 1;
}

ctc_gate ctc_gate_of(const ctc_object *object, uint32_t nucleus, uint32_t ck_noise, const ctc_gates *gates)
{
    if (nucleus < gates->nucleus_min || object->signal[0].mean < gates->dapi_min) {
        return CTC_GATE_DAPI;
    }
    if (!passes_ck(object, gates, ck_noise)) {
        return CTC_GATE_CK;
    }
    if (!passes_cd45(object, gates)) {
        return CTC_GATE_CD45;
    }
    if (object->body < gates->area_min) {
        return CTC_GATE_SMALL;
    }
    if (object->body > gates->area_max) {
        return CTC_GATE_LARGE;
    }
    if (!passes_shape(object, gates)) {
        return CTC_GATE_SHAPE;
    }
    if ((uint64_t)object->inside * 1000u < (uint64_t)gates->overlap_min * nucleus) {
        return CTC_GATE_NUCLEUS;
    }
    if (object->focus < gates->focus_min) {
        return CTC_GATE_FOCUS;
    }
    return passes_saturated(object, gates) ? CTC_GATE_NONE : CTC_GATE_SATURATED;
}
