/* Looks at what passes between weir and librdkafka: loaded in front of it, it notes when a window's
 * closing record came out and when its results went in, which is weir's own part of a latency.
 *
 *   LD_PRELOAD=kafka_probe.so KAFKA_PROBE=FILE weir …
 *
 *   librdkafka ──callback──▶ ⏱ ──▶ weir: decode, close, encode ──produce──▶ ⏱ ──▶ librdkafka
 *
 * 1. A record is {"ts":MICROSECONDS,…; a window closes when every partition of those that ever came
 *    has shown a record at or behind its end.
 * 2. The results are told by their record time, the window's last millisecond. */
#define _GNU_SOURCE
#include "kafka_probe.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

typedef void consume_callback(rd_kafka_message_t *message, void *opaque);

typedef struct passage {
    consume_callback *callback;
    void *opaque;
} passage;

static probe_file *file;
static long long next_end_us[PROBE_PARTITIONS]; /* of the window that a partition closes next */

static long long
now_us(void)
{
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    return (long long)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

__attribute__((constructor)) static void
probe_open(void)
{
    const char *path = getenv("KAFKA_PROBE");
    int fd = path ? open(path, O_RDWR) : -1;
    if (fd >= 0) {
        file = mmap(NULL, sizeof *file, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
        file = file == MAP_FAILED ? NULL : file;
        close(fd);
    }
}

static probe_slot *
slot_of(long long end_us)
{
    probe_slot *slot = &file->slots[end_us / file->window_us % PROBE_SLOTS];
    if (slot->end_us != end_us) {
        *slot = (probe_slot){.end_us = end_us};
    }
    return slot;
}

static void
record_note(const rd_kafka_message_t *message)
{
    static const size_t begin = sizeof "{\"ts\":" - 1;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR || message->partition >= PROBE_PARTITIONS) {
        return;
    }
    const char *text = message->payload;
    long long stamp_us = 0;
    for (size_t i = begin; i < message->len && text[i] >= '0' && text[i] <= '9'; i++) {
        stamp_us = 10 * stamp_us + (text[i] - '0');
    }
    long long *end_us = &next_end_us[message->partition];
    if (stamp_us >= *end_us) {
        if (*end_us > 0) {
            slot_of(stamp_us / file->window_us * file->window_us)->received_us = now_us();
        }
        *end_us = (stamp_us / file->window_us + 1) * file->window_us;
    }
}

static void
record_pass(rd_kafka_message_t *message, void *opaque)
{
    const passage *through = opaque;
    record_note(message);
    through->callback(message, through->opaque);
}

int
rd_kafka_consume_callback_queue(rd_kafka_queue_t *queue, int timeout_ms, consume_callback *callback,
                                void *opaque)
{
    static int (*real)(rd_kafka_queue_t *, int, consume_callback *, void *);
    if (!real) {
        *(void **)&real = dlsym(RTLD_NEXT, "rd_kafka_consume_callback_queue");
    }
    passage through = {callback, opaque};
    return real(queue, timeout_ms, file ? record_pass : callback, file ? &through : opaque);
}

rd_kafka_error_t *
rd_kafka_produceva(rd_kafka_t *handle, const rd_kafka_vu_t *parts, size_t count)
{
    static rd_kafka_error_t *(*real)(rd_kafka_t *, const rd_kafka_vu_t *, size_t);
    if (!real) {
        *(void **)&real = dlsym(RTLD_NEXT, "rd_kafka_produceva");
    }
    rd_kafka_error_t *error = real(handle, parts, count);
    for (size_t i = 0; file && i < count; i++) {
        if (parts[i].vtype == RD_KAFKA_VTYPE_TIMESTAMP) {
            slot_of((parts[i].u.i64 + 1) * 1000)->handed_us = now_us();
        }
    }
    return error;
}
