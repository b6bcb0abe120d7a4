/* Records for a topic as bytes of a frame, which lies in the state until it is delivered.
 *
 *   ┌ flags 1 ┬ time_ms 8 ┬ key size 4 ┬ value size 4 ┬ key ┬ value ┐ next record …
 *
 * Invariants
 * 1. Little endian; a frame holds whole records and nothing else.
 * 2. What is read was on a disk: sizes and flags are checked, nothing is read past the end.
 * 3. A key that is empty is not no key, an empty value no tombstone: flags tell. */
#include "connectors/kafka_frames.h"
#include "core/packed.h"

#include <string.h>

enum { HAS_KEY = 1, HAS_VALUE = 2, HEAD_BYTES = 17, BATCH_OVERHEAD_BYTES = 61 + 32 };

/* Kafka's format: 61 bytes of a batch; lengths, deltas and counts of a record are varints. */
size_t
wr_kafka_record_wire_bytes(const wr_kafka_record *record)
{
    return BATCH_OVERHEAD_BYTES + record->key.size + record->value.size;
}

static void
number_write(char *to, uint64_t number, int size)
{
    for (int i = 0; i < size; i++) {
        to[i] = (char)(unsigned char)(number >> 8 * i & 0xff);
    }
}

void
wr_kafka_frame_append(wr_buffer *bytes, const wr_kafka_record *record)
{
    char head[HEAD_BYTES];
    number_write(head, (record->key.data ? HAS_KEY : 0) | (record->value.data ? HAS_VALUE : 0), 1);
    number_write(head + 1, (uint64_t)record->time_ms, 8);
    number_write(head + 9, record->key.size, 4);
    number_write(head + 13, record->value.size, 4);
    wr_buffer_append(bytes, head, sizeof head);
    wr_buffer_text(bytes, record->key);
    wr_buffer_text(bytes, record->value);
}

static uint64_t
number_read(const unsigned char *bytes, int size)
{
    uint64_t number = 0;
    for (int i = 0; i < size; i++) {
        number |= (uint64_t)bytes[i] << 8 * i;
    }
    return number;
}

static bool
part_take(wr_text *bytes, bool is_there, size_t size, wr_text *part)
{
    *part = is_there ? (wr_text){bytes->data, size} : WR_TEXT_NONE;
    if (size > bytes->size || (!is_there && size > 0)) {
        return false;
    }
    *bytes = (wr_text){bytes->data + size, bytes->size - size};
    return true;
}

bool
wr_kafka_frame_take(wr_text *bytes, wr_kafka_record *record)
{
    unsigned char head[HEAD_BYTES];
    if (!wr_packed_take(bytes, head, sizeof head) || head[0] & ~(HAS_KEY | HAS_VALUE)) {
        return false;
    }
    record->time_ms = (int64_t)number_read(head + 1, 8);
    return record->time_ms >= 0 &&
           part_take(bytes, head[0] & HAS_KEY, (size_t)number_read(head + 9, 4), &record->key) &&
           part_take(bytes, head[0] & HAS_VALUE, (size_t)number_read(head + 13, 4),
                     &record->value);
}
