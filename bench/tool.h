/* What the small programs of bench/ share: how they end when something is wrong, and CPU time. */
#ifndef WEIR_BENCH_TOOL_H
#define WEIR_BENCH_TOOL_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Ends the program with a line on standard error. */
_Noreturn static inline void
tool_stop(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

/* CPU time of the process: what others do on the machine counts little. */
static inline int64_t
tool_cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

#endif
