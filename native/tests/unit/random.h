/* Pseudo-random numbers for the test programs: xorshift32 (Marsaglia, J Stat Softw 2003;8(14)). */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>

static uint32_t random_state = 2463534242u;

static inline uint32_t xorshift(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

#endif
