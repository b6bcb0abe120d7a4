/* Fault points: WEIR_FAULT=name:n, and the n-th time that the point is passed something fails.
 *
 * 1. The environment is read once in a process, at the first point.
 * 2. Points are counted by name match only, over all threads. */
#include "core/fault.h"

#ifdef WEIR_FAULTS
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const char *fault_name;
static size_t fault_name_size;
static atomic_long fault_left;
static pthread_once_t fault_once = PTHREAD_ONCE_INIT;

/* In the child of a fork, which may set WEIR_FAULT for itself. */
static void
fault_forget(void)
{
    static const pthread_once_t not_yet = PTHREAD_ONCE_INIT;
    fault_once = not_yet;
    fault_name = NULL;
}

static void
fault_read(void)
{
    pthread_atfork(NULL, NULL, fault_forget);
    const char *text = getenv("WEIR_FAULT");
    const char *colon = text ? strrchr(text, ':') : NULL;
    if (colon) {
        fault_name = text;
        fault_name_size = (size_t)(colon - text);
        atomic_store(&fault_left, strtol(colon + 1, NULL, 10));
    }
}

bool
wr_fault_fails(const char *name)
{
    pthread_once(&fault_once, fault_read);
    return fault_name && strlen(name) == fault_name_size &&
           memcmp(name, fault_name, fault_name_size) == 0 && atomic_fetch_sub(&fault_left, 1) == 1;
}

void
wr_fault_point(const char *name)
{
    if (wr_fault_fails(name)) {
        raise(SIGKILL);
    }
}
#else
typedef int wr_fault_nothing; /* a translation unit must not be empty */
#endif
