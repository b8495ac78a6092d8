#include "gate.h"

ctc_gate ctc_gate_of(const ctc_object *object, const ctc_config *config)
{
    if (object->nucleus < config->nucleus_min) {
        return CTC_GATE_DAPI;
    }
    if (object->mean[CTC_CK - CTC_DAPI] < config->ck_min) {
        return CTC_GATE_CK;
    }
    if (object->mean[CTC_CD45 - CTC_DAPI] > config->cd45_max) {
        return CTC_GATE_CD45;
    }
    if (object->area < config->area_min) {
        return CTC_GATE_SMALL;
    }
    if (object->area > config->area_max) {
        return CTC_GATE_LARGE;
    }
    if ((uint64_t)object->perimeter * object->perimeter > (uint64_t)config->shape_max * object->area) {
        return CTC_GATE_SHAPE;
    }
    if (2u * object->overlap <= object->nucleus) {
        return CTC_GATE_NUCLEUS;
    }
    return CTC_GATE_NONE;
}

uint8_t ctc_score_of(unsigned her2, const ctc_config *config)
{
    uint8_t score = 0;

    while (score < 3 && her2 >= config->score_min[score]) {
        score++;
    }
    return score;
}
