/* The core's one error type. Every function that can fail returns it; CTC_OK is 0. */
#ifndef CTC_ERROR_H
#define CTC_ERROR_H

typedef enum {
    CTC_OK = 0,
    CTC_ERR_ORDER = 1,    /* call out of order, or after a failed analysis */
    CTC_ERR_ARGUMENT = 2, /* argument out of range */
    CTC_ERR_RUNS = 3,     /* bound reached: runs */
    CTC_ERR_OBJECTS = 4,  /* bound reached: objects */
    CTC_ERR_ROW = 5,      /* not a cell row this core can have written */
    CTC_ERR_COUNT = 6,    /* bound reached: a tally's counter */
    CTC_ERR_SETTINGS = 7, /* settings that cannot be used */
    CTC_ERR_HOT = 8       /* bound reached: hot pixels */
} ctc_error;

/* One sentence for a person: what is wrong and what to do. Never NULL. */
const char *ctc_error_text(ctc_error error);

#endif
