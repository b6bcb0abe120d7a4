/* The marker of a job in a topic: which epoch was made visible last. */
#ifndef WEIR_CONNECTORS_KAFKA_MARKER_H
#define WEIR_CONNECTORS_KAFKA_MARKER_H

#include "connectors/kafka.h"

enum { WR_KAFKA_UUID_MAX = 64 };

typedef struct wr_kafka_marker {
    bool is_there;
    int64_t epoch;
    char uuid[WR_KAFKA_UUID_MAX]; /* of the job that wrote it */
    int64_t check;                /* of the epoch's frames; 0: not known */
} wr_kafka_marker;

/* "weir-<job>", in `arena`. */
const char *wr_kafka_marker_group(wr_text job_name, wr_arena *arena);

/* The one that all transactions so far have left; to be asked after init_transactions, which ends
 * those that were open. WR_ERR_UNREACHABLE; WR_ERR_RUNTIME E0704 when the cluster refuses. */
wr_status wr_kafka_marker_read(const wr_sink_config *config, const char *group,
                               wr_kafka_marker *marker, wr_error *err);

/* The offsets that a transaction commits; the caller destroys them. */
rd_kafka_topic_partition_list_t *wr_kafka_marker_offsets(const char *topic,
                                                         const wr_kafka_marker *marker,
                                                         int64_t record_count);

#endif
