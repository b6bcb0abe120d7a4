/* Wakes a thread that waits in poll(2), from any other thread. */
#ifndef WEIR_CONNECTORS_WAKER_H
#define WEIR_CONNECTORS_WAKER_H

#include <stdbool.h>
#include <stdint.h>

typedef struct wr_waker {
    int read_fd, write_fd; /* a pipe; both ends never block */
} wr_waker;

/* False: no file descriptors left (errno says). fini is safe after a failed init. */
bool wr_waker_init(wr_waker *waker);
void wr_waker_fini(wr_waker *waker);

/* From any thread, also from a signal handler. Several wakes before a wait count as one. */
void wr_waker_wake(wr_waker *waker);

typedef enum wr_wait { WR_WAIT_READY, WR_WAIT_WOKEN, WR_WAIT_TIMEOUT } wr_wait;

/* Waits at most `wait_us` until `fd` (-1: none) is readable or at its end, or the waker is woken.
 * READY wins over WOKEN. Takes the wake away. */
wr_wait wr_waker_wait(wr_waker *waker, int fd, int64_t wait_us);

#endif
