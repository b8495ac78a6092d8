/* What of a field has been done. The stages between are the channel last analysed plus one: CTC_DARK + 1 ... CTC_HER2 + 1. */
#ifndef CTC_STAGE_H
#define CTC_STAGE_H

#include "ctc/frame.h"

enum {
    STAGE_IDLE = 0,
    STAGE_ENDED = CTC_CHANNELS + 1,
    STAGE_BEGUN,
    STAGE_FAILED,
};

#endif
