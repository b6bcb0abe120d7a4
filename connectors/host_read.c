/* The reading end of a host stream: each query's own position in the list of segments.
 *
 * Invariants
 * 1. A block holds entries of one kind, and of one partition when they are rows; it ends at a
 *    watermark, so that rows and watermarks keep their order.
 * 2. What a block holds is copied into the poll's arena, so the segments may go at once; only the
 *    rows of an Arrow batch are lent, and the reader's position passes them with its next take.
 * 3. Lane l of L takes the partitions p with p mod L = l; watermarks are for all. */
#include "connectors/host_queue.h"

#include "connectors/arrow_import.h"
#include "core/memory.h"
#include "core/time.h"

#include <string.h>

wr_host_reader *
wr_host_reader_open(wr_host_stream *stream, int32_t lane, int32_t lane_count)
{
    wr_host_reader *reader = wr_alloc(sizeof *reader);
    reader->lane = lane;
    reader->lane_count = lane_count > 0 ? lane_count : 1;
    reader->watermark_us = WR_TIME_NONE;
    if (!wr_waker_init(&reader->waker)) {
        wr_waker_fini(&reader->waker);
        wr_free(reader);
        return NULL;
    }
    reader->stream = wr_host_stream_retain(stream);
    pthread_mutex_lock(&stream->lock);
    bool from_head = !stream->started && stream->head;
    reader->position = from_head ? stream->head->first : stream->appended;
    if (!from_head) {
        reader->watermark_us = stream->watermark_us;
    }
    reader->next = stream->readers;
    stream->readers = reader;
    pthread_mutex_unlock(&stream->lock);
    return reader;
}

void
wr_host_reader_close(wr_host_reader *reader)
{
    wr_host_stream *stream = reader->stream;
    pthread_mutex_lock(&stream->lock);
    wr_host_reader **link = &stream->readers;
    while (*link != reader) {
        link = &(*link)->next;
    }
    *link = reader->next;
    if (stream->started) {
        wr_host_trim(stream); /* the last one's rest goes too */
    }
    stream->started = stream->started && stream->readers;
    pthread_mutex_unlock(&stream->lock);
    wr_host_stream_release(stream);
    wr_waker_fini(&reader->waker);
    wr_free(reader->partitions);
    wr_free(reader->taken);
    wr_free(reader);
}

void
wr_host_reader_wake(wr_host_reader *reader)
{
    wr_waker_wake(&reader->waker);
}

/* ── copying ────────────────────────────────────────────────────────────────────────────────── */

static wr_vector
column_copy(const wr_vector *from, int begin, int count, wr_arena *arena)
{
    wr_vector vector;
    wr_vector_init_flat(&vector, from->type, count, arena);
    size_t width = (size_t)wr_type_width(from->type.id);
    memcpy(vector.data, (const char *)from->data + (size_t)begin * width, (size_t)count * width);
    for (int i = 0; from->valid && i < count; i++) {
        if (!wr_bit_get(from->valid, begin + i)) {
            wr_vector_set_null(&vector, i, count, arena);
        }
    }
    if (wr_type_is_view(from->type.id)) {
        wr_view *views = vector.data;
        for (int i = 0; i < count; i++) {
            views[i] = wr_view_copy(arena, &views[i]);
        }
    }
    return vector;
}

static wr_batch *
rows_copy(const wr_host_segment *segment, int begin, int count, wr_arena *arena)
{
    wr_batch *batch = wr_batch_new(arena, segment->rows->column_count);
    for (int i = 0; i < batch->column_count; i++) {
        batch->columns[i] = column_copy(&segment->rows->columns[i], begin, count, arena);
    }
    batch->row_count = count;
    batch->selected_count = count;
    return batch;
}

/* Rows of an Arrow batch as they are, in batches of vector size. */
static void
rows_lend(const wr_host_segment *segment, int column_count, int begin, int count, wr_arena *arena,
          wr_block *block)
{
    int batch_count = (count + WR_BATCH_ROWS - 1) / WR_BATCH_ROWS;
    block->batches = WR_NEW_ARRAY(arena, wr_batch *, batch_count);
    for (int done = 0; done < count; done += WR_BATCH_ROWS) {
        int rest = count - done;
        wr_batch *batch = wr_batch_new(arena, column_count);
        batch->row_count = rest < WR_BATCH_ROWS ? rest : WR_BATCH_ROWS;
        batch->selected_count = batch->row_count;
        for (int i = 0; i < column_count; i++) {
            batch->columns[i] =
                wr_arrow_slice(&segment->columns[i], begin + done, batch->row_count, arena);
        }
        block->batches[block->batch_count++] = batch;
    }
}

static wr_message
message_copy(const wr_message *from, wr_arena *arena)
{
    wr_message message = *from;
    message.data = wr_arena_bytes_copy(arena, from->data, from->size);
    message.key = wr_arena_bytes_copy(arena, from->key, from->key_size);
    message.headers = wr_arena_bytes_copy(arena, from->headers, from->headers_size);
    return message;
}

/* ── taking, with the lock held ─────────────────────────────────────────────────────────────── */

static wr_host_segment *
reader_segment(const wr_host_reader *reader)
{
    wr_host_segment *segment = reader->stream->head;
    while (segment && segment->first + segment->count <= reader->position) {
        segment = segment->next;
    }
    return segment;
}

static bool
reader_owns(const wr_host_reader *reader, int32_t partition)
{
    return partition % reader->lane_count == reader->lane;
}

/* Entries with offsets up to `last_offset` of a partition have been given out. */
static void
reader_gave(wr_host_reader *reader, int32_t partition, int64_t last_offset)
{
    if (partition >= reader->partition_count) {
        int count = reader->stream->partition_count;
        reader->taken = wr_realloc(reader->taken, (size_t)count * sizeof *reader->taken);
        memset(reader->taken + reader->partition_count, 0,
               (size_t)(count - reader->partition_count) * sizeof *reader->taken);
        reader->partition_count = count;
    }
    reader->taken[partition] = last_offset + 1;
    reader->stream->started = true;
}

static void
reader_took(wr_host_reader *reader, const host_entry *entry)
{
    reader_gave(reader, entry->partition, entry->offset);
    reader->position++;
}

/* Entries of other lanes in front are passed over; their watermarks are kept. */
static void
foreign_skip(wr_host_reader *reader)
{
    wr_host_segment *segment = reader_segment(reader);
    while (segment && reader->lane_count > 1) {
        int at = (int)(reader->position - segment->first);
        const host_entry *entry = host_segment_entry(segment, at);
        if (reader_owns(reader, entry->partition)) {
            return;
        }
        reader->watermark_us =
            entry->watermark_us > reader->watermark_us ? entry->watermark_us : reader->watermark_us;
        reader->position += segment->kind == HOST_ARROW ? segment->count - at : 1;
        segment = reader_segment(reader);
    }
}

/* How many rows of an Arrow batch go into one block. */
static int
lent_length(const wr_host_reader *reader, const wr_host_segment *segment,
            const wr_poll_limits *limits)
{
    int rest = segment->count - (int)(reader->position - segment->first);
    int room = limits->lent_rows > limits->rows ? limits->lent_rows : limits->rows;
    return rest < room ? rest : room;
}

/* How many copied entries from the position on go into one batch. */
static int
run_length(const wr_host_reader *reader, const wr_host_segment *segment, int room)
{
    int begin = (int)(reader->position - segment->first), count = 0;
    int32_t partition = segment->entries[begin].partition;
    while (count < room && begin + count < segment->count) {
        const host_entry *entry = &segment->entries[begin + count];
        bool joins = segment->kind == HOST_ROWS ? entry->partition == partition
                                                : reader_owns(reader, entry->partition);
        if (!joins) {
            break;
        }
        count++;
        if (entry->watermark_us != WR_TIME_NONE) {
            break;
        }
    }
    return count;
}

static void
rows_take(wr_host_reader *reader, const wr_host_segment *segment, int count, wr_arena *arena,
          wr_block *block)
{
    int begin = (int)(reader->position - segment->first);
    const host_entry *entries = &segment->entries[begin];
    int64_t *arrivals = wr_arena_alloc(arena, sizeof *arrivals * (size_t)count);
    block->kind = WR_BLOCK_ROWS;
    block->batches = WR_NEW_ARRAY(arena, wr_batch *, 1);
    block->batches[0] = rows_copy(segment, begin, count, arena);
    block->batch_count = 1;
    block->row_partition = entries[0].partition;
    block->row_offset = entries[0].offset;
    block->row_arrival_us = arrivals;
    for (int i = 0; i < count; i++) {
        arrivals[i] = entries[i].arrival_us;
        reader_took(reader, &entries[i]);
    }
    block->manual_watermark_us = entries[count - 1].watermark_us;
}

static void
arrow_take(wr_host_reader *reader, const wr_host_segment *segment, int count, wr_arena *arena,
           wr_block *block)
{
    int begin = (int)(reader->position - segment->first);
    const host_entry *entry = &segment->entries[0];
    block->kind = WR_BLOCK_ROWS;
    rows_lend(segment, reader->stream->schema.count, begin, count, arena, block);
    block->row_partition = entry->partition;
    block->row_offset = entry->offset + begin;
    block->arrival_us = entry->arrival_us;
    if (begin + count == segment->count) {
        block->manual_watermark_us = entry->watermark_us;
    }
    reader_gave(reader, entry->partition, block->row_offset + count - 1);
    reader->lent = count;
}

static void
messages_take(wr_host_reader *reader, const wr_host_segment *segment, const wr_poll_limits *limits,
              int count, wr_arena *arena, wr_block *block)
{
    int begin = (int)(reader->position - segment->first);
    int64_t size = 0;
    block->kind = WR_BLOCK_MESSAGES;
    block->messages = wr_arena_alloc(arena, sizeof *block->messages * (size_t)count);
    for (int i = 0; i < count && (i == 0 || size < limits->bytes); i++) {
        const host_entry *entry = &segment->entries[begin + i];
        block->messages[block->message_count++] =
            message_copy(&segment->messages[begin + i], arena);
        block->manual_watermark_us = entry->watermark_us;
        size += (int64_t)segment->messages[begin + i].size;
        reader_took(reader, entry);
    }
}

static void
block_take(wr_host_reader *reader, const wr_poll_limits *limits, wr_arena *arena, wr_block *block)
{
    foreign_skip(reader);
    if (reader->watermark_us != WR_TIME_NONE) {
        block->manual_watermark_us = reader->watermark_us;
        reader->watermark_us = WR_TIME_NONE;
        return;
    }
    const wr_host_segment *segment = reader_segment(reader);
    if (!segment) {
        return;
    }
    int room = limits->rows > 0 ? limits->rows : 1;
    int count = segment->kind == HOST_ARROW ? lent_length(reader, segment, limits)
                                            : run_length(reader, segment, room);
    switch (segment->kind) {
    case HOST_ROWS: rows_take(reader, segment, count, arena, block); break;
    case HOST_MESSAGES: messages_take(reader, segment, limits, count, arena, block); break;
    case HOST_ARROW: arrow_take(reader, segment, count, arena, block); break;
    }
    wr_host_trim(reader->stream);
}

/* ── waiting ────────────────────────────────────────────────────────────────────────────────── */

static bool
reader_has_something(const wr_host_reader *reader)
{
    return reader->position < reader->stream->appended || reader->watermark_us != WR_TIME_NONE ||
           reader->stream->ended;
}

/* Until something is there, the time is over, or somebody wakes us. The lock is held around it. */
static void
reader_wait(wr_host_reader *reader, int64_t wait_us)
{
    int64_t until_us = wr_clock_monotonic_us(NULL) + wait_us;
    wr_wait waited = WR_WAIT_TIMEOUT;
    while (!reader_has_something(reader) && waited != WR_WAIT_WOKEN) {
        int64_t left_us = until_us - wr_clock_monotonic_us(NULL);
        if (left_us <= 0) {
            break;
        }
        reader->waiting = true;
        pthread_mutex_unlock(&reader->stream->lock);
        waited = wr_waker_wait(&reader->waker, -1, left_us);
        pthread_mutex_lock(&reader->stream->lock);
        reader->waiting = false;
    }
}

static void
reader_gather(wr_host_reader *reader, const wr_poll_limits *limits)
{
    int64_t until_us = wr_clock_monotonic_us(NULL) + limits->gather_us;
    wr_wait waited = WR_WAIT_READY;
    while (reader->stream->appended - reader->position < limits->rows && !reader->stream->ended) {
        int64_t left_us = until_us - wr_clock_monotonic_us(NULL);
        if (left_us <= 0 || waited == WR_WAIT_TIMEOUT) {
            break;
        }
        reader->waiting = true;
        pthread_mutex_unlock(&reader->stream->lock);
        waited = wr_waker_wait(&reader->waker, -1, left_us);
        pthread_mutex_lock(&reader->stream->lock);
        reader->waiting = false;
    }
}

wr_status
wr_host_reader_take(wr_host_reader *reader, const wr_poll_limits *limits, wr_arena *arena,
                    wr_block *block)
{
    wr_host_stream *stream = reader->stream;
    *block = (wr_block){.manual_watermark_us = WR_TIME_NONE};
    pthread_mutex_lock(&stream->lock);
    reader->position += reader->lent;
    reader->lent = 0;
    if (stream->started) {
        wr_host_trim(stream);
    }
    reader_wait(reader, limits->wait_us);
    if (limits->gather_us > 0 && reader_has_something(reader)) {
        reader_gather(reader, limits);
    }
    block_take(reader, limits, arena, block);
    bool nothing = block->kind == WR_BLOCK_NONE && block->manual_watermark_us == WR_TIME_NONE;
    bool ended = nothing && stream->ended && reader->position == stream->appended;
    pthread_mutex_unlock(&stream->lock);
    return ended ? WR_END : WR_OK;
}

const wr_partition *
wr_host_reader_partitions(wr_host_reader *reader, int *count)
{
    static const char *const digits = "0123456789";
    wr_host_stream *stream = reader->stream;
    pthread_mutex_lock(&stream->lock);
    *count = stream->partition_count;
    bool at_end = reader->position + reader->lent == stream->appended;
    if (*count > reader->partition_capacity) {
        reader->partition_capacity = *count;
        reader->partitions =
            wr_realloc(reader->partitions, (size_t)*count * sizeof *reader->partitions);
    }
    for (int i = 0; i < *count; i++) {
        bool ours = reader_owns(reader, i);
        reader->partitions[i] = (wr_partition){
            .name = i < 10 ? (wr_text){digits + i, 1} : stream->name,
            .next_offset = i < reader->partition_count ? reader->taken[i] : 0,
            .end_offset = stream->next_offset[i],
            .opened = true,
            .at_end = at_end,
            .finished = !ours || (at_end && stream->ended),
        };
    }
    pthread_mutex_unlock(&stream->lock);
    return reader->partitions;
}
