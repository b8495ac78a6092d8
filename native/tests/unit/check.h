/* The least a test program needs: a check that says where it failed, and an exit code. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>

static int failures;

#define CHECK(condition)                                                              \
    do {                                                                              \
        if (!(condition)) {                                                           \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);                    \
            failures++;                                                               \
        }                                                                             \
    } while (0)

#endif
