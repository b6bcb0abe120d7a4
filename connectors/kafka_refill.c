/* Keeps librdkafka fetching while its queue is bounded.
 *
 * librdkafka before 2.2 looks at its queue after each fetch; when that is full, the broker's thread
 * sleeps until something happens on its connection, or a second is over. Taking messages out wakes
 * nobody, so a query that is faster than queue / 1 s would stand still most of the time:
 *
 *   length  limit ┤  ╱╲                       ╱╲
 *                 │ ╱  ╲   asleep            ╱  ╲         without
 *               0 ┤╱    ╲___________________╱    ╲___
 *           limit ┤  ╱╲  ╱╲  ╱╲  ╱╲  ╱╲
 *      limit / 2  ┤ ╱  ╲╱  ╲╱  ╲╱  ╲╱  ╲                  with a request at the half
 *
 * Any request wakes the thread; the smallest one is for the topic's metadata, whose answer nobody
 * waits for. So the queue may be short: its memory is used again while it is still in the cache.
 *
 * Invariants
 * 1. Since the last look the queue has never held more than what was taken plus what is in it now:
 *    no stop goes unseen.
 * 2. A request is sent only when the queue may have been full and half of it is free again. */
#include "connectors/kafka_refill.h"

#include <stdlib.h>

enum { VERSION_THAT_COMES_BACK = 0x02020000 /* it has fetch.queue.backoff.ms */ };

static int64_t
limit_read(rd_kafka_t *handle, const char *name)
{
    char text[32];
    size_t size = sizeof text;
    return rd_kafka_conf_get(rd_kafka_conf(handle), name, text, &size) == RD_KAFKA_CONF_OK
               ? strtoll(text, NULL, 10)
               : 0;
}

void
wr_kafka_refill_init(wr_kafka_refill *refill, rd_kafka_t *handle)
{
    *refill = (wr_kafka_refill){0};
    if (rd_kafka_version() < VERSION_THAT_COMES_BACK) {
        refill->limit_count = limit_read(handle, "queued.min.messages");
        refill->limit_bytes = limit_read(handle, "queued.max.messages.kbytes") * 1024;
    }
}

void
wr_kafka_refill_look(wr_kafka_refill *refill, const wr_kafka_client *client,
                     rd_kafka_queue_t *queue, int64_t taken_count, int64_t taken_bytes)
{
    if (refill->limit_count == 0 || refill->limit_bytes == 0 || taken_count == 0) {
        return;
    }
    int64_t count = (int64_t)rd_kafka_queue_length(queue);
    int64_t bytes = taken_bytes / taken_count * count;
    if (count + taken_count >= refill->limit_count ||
        bytes + taken_bytes >= refill->limit_bytes / 4 * 3) { /* the mean is only a guess */
        refill->was_full = true;
    }
    if (refill->was_full && count < refill->limit_count / 2 && bytes < refill->limit_bytes / 2) {
        const struct rd_kafka_metadata *metadata;
        refill->was_full = false;
        if (rd_kafka_metadata(client->handle, 0, client->topic_handle, &metadata, 0) ==
            RD_KAFKA_RESP_ERR_NO_ERROR) {
            rd_kafka_metadata_destroy(metadata);
        }
    }
}
