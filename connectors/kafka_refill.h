/* Keeps librdkafka fetching while its queue is bounded. */
#ifndef WEIR_CONNECTORS_KAFKA_REFILL_H
#define WEIR_CONNECTORS_KAFKA_REFILL_H

#include "connectors/kafka.h"

/* Thread: the polling one only. */
typedef struct wr_kafka_refill {
    int64_t limit_count, limit_bytes; /* 0: nothing to do, librdkafka comes back by itself */
    bool was_full;
} wr_kafka_refill;

/* Reads the limits of the consumer's queue. */
void wr_kafka_refill_init(wr_kafka_refill *refill, rd_kafka_t *handle);

/* To be called after messages were taken, `taken_count` of them with `taken_bytes`: when the queue
 * may have been full since the last call, and at least half of it is free now, wakes the fetching.
 * Waits for nothing. */
void wr_kafka_refill_look(wr_kafka_refill *refill, const wr_kafka_client *client,
                          rd_kafka_queue_t *queue, int64_t taken_count, int64_t taken_bytes);

#endif
