#include "gate.h"

ctc_gate ctc_gate_of(const ctc_object *object, const ctc_config *config)
{
    if (object->nucleus < config->gates.nucleus_min) {
        return CTC_GATE_DAPI;
    }
    if (object->mean[CTC_CK - CTC_DAPI] < config->gates.ck_min) {
        return CTC_GATE_CK;
    }
    if (object->mean[CTC_CD45 - CTC_DAPI] > config->gates.cd45_max) {
        return CTC_GATE_CD45;
    }
    if (object->area < config->gates.area_min) {
        return CTC_GATE_SMALL;
    }
    if (object->area > config->gates.area_max) {
        return CTC_GATE_LARGE;
    }
    if ((uint64_t)object->perimeter * object->perimeter > (uint64_t)config->gates.shape_max * object->area) {
        return CTC_GATE_SHAPE;
    }
    if ((uint64_t)object->overlap * 1000u < (uint64_t)config->gates.overlap_min * object->nucleus) {
        return CTC_GATE_NUCLEUS;
    }
    return CTC_GATE_NONE;
}

uint8_t ctc_score_of(uint32_t mesf, const ctc_config *config)
{
    uint8_t score = 0;

    while (score < 3 && mesf >= config->score_min[score]) {
        score++;
    }
    return score;
}
