/* Frames into a topic, each epoch in one transaction with its marker. */
#ifndef WEIR_CONNECTORS_KAFKA_TRANSACTIONS_H
#define WEIR_CONNECTORS_KAFKA_TRANSACTIONS_H

#include "connectors/kafka.h"

/* Thread: the committing one only, after open. */
typedef struct wr_kafka_transactions wr_kafka_transactions;

/* Copies of the config's pointers are kept: it lives in the query's arena. Reaches nobody yet.
 * `limit_bytes`: the largest batch that the topic takes. */
wr_kafka_transactions *wr_kafka_transactions_new(const wr_sink_config *config,
                                                 int64_t limit_bytes);
void wr_kafka_transactions_free(wr_kafka_transactions *transactions); /* NULL is fine */

/* As in wr_sink_ops. */
wr_status wr_kafka_transactions_recover(wr_kafka_transactions *transactions,
                                        const wr_sink_past *past, int64_t *epoch, wr_error *err);
wr_status wr_kafka_transactions_deliver(wr_kafka_transactions *transactions,
                                        const wr_delivery *delivery, wr_error *err);

#endif
