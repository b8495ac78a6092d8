#include "ctc/error.h"

const char *ctc_error_text(ctc_error error)
{
    switch (error) {
    case CTC_OK:
        return "no error";
    case CTC_ERR_ORDER:
        return "call out of order: begin a field, analyse its channels in order, then end it";
    case CTC_ERR_ARGUMENT:
        return "argument out of range: see the function's description";
    case CTC_ERR_RUNS:
        return "too many bright regions in the field: dilute the specimen or check focus and noise";
    case CTC_ERR_OBJECTS:
        return "too many objects in the field: dilute the specimen or check focus and noise";
    case CTC_ERR_ROW:
        return "not a valid cell row: the rows are damaged or from another version";
    case CTC_ERR_COUNT:
        return "a tally's counter is full: start a new tally";
    case CTC_ERR_HOT:
        return "too many hot pixels in the dark frame: look for a light leak, let the sensor cool or replace it";
    case CTC_ERR_SETTINGS:
        return "settings refused: damaged, of another version, or a value out of its range; send good settings";
    }
    return "unknown error code: core and caller are of different versions";
}
