/* Records for a topic as bytes of a frame, and back. */
#ifndef WEIR_CONNECTORS_KAFKA_FRAMES_H
#define WEIR_CONNECTORS_KAFKA_FRAMES_H

#include "core/buffer.h"

typedef struct wr_kafka_record {
    wr_text value;   /* data NULL: a tombstone */
    wr_text key;     /* data NULL: none */
    int64_t time_ms; /* 0: when it is sent */
} wr_kafka_record;

/* What it takes in a batch of its own, before compression: what a topic's limit counts. */
size_t wr_kafka_record_wire_bytes(const wr_kafka_record *record);

void wr_kafka_frame_append(wr_buffer *bytes, const wr_kafka_record *record);
/* One record off the front of *bytes, a view into them. false: they are no such record. */
bool wr_kafka_frame_take(wr_text *bytes, wr_kafka_record *record);

#endif
