/* A pipe whose reading end is polled together with what a source waits for.
 *
 *     source thread:  poll(fd, pipe) ◀── one byte ── any thread: wake
 *
 * Invariants
 * 1. wake never blocks: a full pipe already holds a wake.
 * 2. A wake that comes before the wait ends that wait at once; none is lost. */
#include "connectors/waker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

static bool
descriptor_prepare(int fd)
{
    return fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

bool
wr_waker_init(wr_waker *waker)
{
    int ends[2];
    *waker = (wr_waker){-1, -1};
    if (pipe(ends) != 0) {
        return false;
    }
    *waker = (wr_waker){ends[0], ends[1]};
    return descriptor_prepare(ends[0]) && descriptor_prepare(ends[1]);
}

void
wr_waker_fini(wr_waker *waker)
{
    if (waker->write_fd > 0) { /* a zeroed waker was never begun */
        close(waker->read_fd);
        close(waker->write_fd);
    }
    *waker = (wr_waker){-1, -1};
}

void
wr_waker_wake(wr_waker *waker)
{
    int saved = errno;
    ssize_t written = write(waker->write_fd, "", 1);
    (void)written; /* EAGAIN: a wake is waiting already */
    errno = saved;
}

static int
timeout_ms(int64_t wait_us)
{
    if (wait_us <= 0) {
        return 0;
    }
    int64_t ms = (wait_us + 999) / 1000;
    return ms > 1000000 ? 1000000 : (int)ms;
}

wr_wait
wr_waker_wait(wr_waker *waker, int fd, int64_t wait_us)
{
    struct pollfd polled[2] = {{.fd = waker->read_fd, .events = POLLIN},
                               {.fd = fd, .events = POLLIN}};
    int ready = poll(polled, fd >= 0 ? 2 : 1, timeout_ms(wait_us));
    if (ready < 0) {
        return WR_WAIT_WOKEN; /* a signal: let the caller look around */
    }
    bool woken = polled[0].revents != 0;
    if (woken) {
        char bytes[64];
        while (read(waker->read_fd, bytes, sizeof bytes) > 0) {
        }
    }
    if (polled[1].revents != 0) {
        return WR_WAIT_READY;
    }
    return woken ? WR_WAIT_WOKEN : WR_WAIT_TIMEOUT;
}
