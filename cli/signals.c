/* ^C and SIGTERM stop cleanly: the handler only notes the signal and wakes the query, everything
 * else happens in the loop that steps it.
 *
 *   first signal    pending = 1, weir_interrupt(query)   the loop stops the query, exit 0
 *   second signal   _exit(128 + signal)                  130 or 143, at once
 *
 * 1. The handler touches only lock-free atomics and async-signal-safe functions. */
#include "cli/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

static _Atomic(weir_query *) watched;
static atomic_int pending_count;

static void
signal_arrived(int number)
{
    int reason = errno;
    if (atomic_fetch_add(&pending_count, 1) > 0)
        _exit(128 + number);
    weir_query *query = atomic_load(&watched);
    if (query != NULL)
        weir_interrupt(query);
    errno = reason;
}

void
cli_signals_install(void)
{
    struct sigaction stop = {0}, ignore = {0};
    stop.sa_handler = signal_arrived;
    sigemptyset(&stop.sa_mask);
    /* No SA_RESTART: a read at the prompt must come back. */
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    ignore.sa_handler = SIG_IGN;
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
}

void
cli_signals_watch(weir_query *query)
{
    atomic_store(&watched, query);
}

bool
cli_signals_pending(void)
{
    return atomic_load(&pending_count) > 0;
}

void
cli_signals_reset(void)
{
    atomic_store(&pending_count, 0);
}
