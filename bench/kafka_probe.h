/* What kafka_probe.c, inside weir, tells kafka_latency.c: a file that both map, one slot a window.
 *
 * 1. A slot belongs to the window whose end it holds; ends are whole multiples of the window's
 *    length, so end / length % PROBE_SLOTS is its place.
 * 2. weir writes from one thread at a time, and nobody reads before it has ended. */
#ifndef KAFKA_PROBE_H
#define KAFKA_PROBE_H

enum { PROBE_SLOTS = 65536, PROBE_PARTITIONS = 16 };

typedef struct probe_slot {
    long long end_us;      /* of the window */
    long long received_us; /* the last partition's closing record came out of librdkafka */
    long long handed_us;   /* its last result was handed to librdkafka */
} probe_slot;

typedef struct probe_file {
    long long window_us; /* written before weir starts */
    probe_slot slots[PROBE_SLOTS];
} probe_file;

#endif
