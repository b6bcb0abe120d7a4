/* A test program's random numbers: the same at each run and on each machine, so that a failure
 * comes again. xorshift64 (G. Marsaglia, "Xorshift RNGs", 2003; shifts 13, 7, 17). */
#ifndef WEIR_TESTS_LIB_RANDOM_H
#define WEIR_TESTS_LIB_RANDOM_H

#include <stddef.h>
#include <stdint.h>

static uint64_t random_state = 88172645463325252u;

/* Begins another sequence; `seed` is not 0. */
static inline void
random_seed(uint64_t seed)
{
    random_state = seed;
}

/* The next of the sequence: 1 … 2⁶⁴ − 1. */
static inline uint64_t
random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* 0 … limit − 1; `limit` is 1 … 2³¹. */
static inline unsigned
random_below(size_t limit)
{
    return (unsigned)((random_next() >> 33) % limit);
}

#endif
