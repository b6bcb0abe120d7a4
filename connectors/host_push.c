/* The pushing end of a host stream: a list of segments that grows at its tail.
 *
 *   head                                        tail
 *   [rows 0..2047] ─▶ [messages 2048..2100] ─▶ [rows 2101.. (grows)]
 *         ▲ reader A: position 512                    ▲ reader B: position 2110
 *
 * Invariants
 * 1. A reader takes entries in order, each once; a segment goes when all readers are past it.
 * 2. held_bytes is the sum over the segments; a push that finds it over the capacity takes nothing.
 *    So one slow reader holds the host back, not the memory.
 * 3. A watermark hangs on the entry that it was said behind; readers that have passed that entry
 *    are told on their own. So each hears it between the same two rows.
 * 4. Without a reader nothing is freed: what is there waits for the first.
 * 5. Emptied segments are used again, so that pushing at a steady pace allocates nothing. */
#include "connectors/host_queue.h"

#include "connectors/arrow_import.h"
#include "core/decimal.h"
#include "core/memory.h"
#include "core/time.h"

#include <string.h>

enum { ENTRY_BYTES = 48, SPARE_SEGMENTS = 2, SPARE_SEGMENT_BYTES = 4 << 20 };

wr_host_stream *
wr_host_stream_new(wr_text name, int64_t capacity_bytes, const wr_clock *clock)
{
    wr_host_stream *stream = wr_alloc(sizeof *stream);
    pthread_mutex_init(&stream->lock, NULL);
    stream->references = 1;
    stream->arena = wr_arena_new(1024);
    stream->name = wr_arena_text(stream->arena, name);
    stream->clock = clock;
    stream->capacity_bytes = capacity_bytes > 0 ? capacity_bytes : (int64_t)64 << 20;
    stream->watermark_us = WR_TIME_NONE;
    stream->partition_count = 1;
    return stream;
}

wr_host_stream *
wr_host_stream_retain(wr_host_stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    stream->references++;
    pthread_mutex_unlock(&stream->lock);
    return stream;
}

static void
segment_free(wr_host_segment *segment)
{
    if (segment->array.release) {
        segment->array.release(&segment->array);
    }
    wr_arena_free(segment->arena);
    wr_free(segment);
}

static void
segments_free(wr_host_segment *segment)
{
    while (segment) {
        wr_host_segment *next = segment->next;
        segment_free(segment);
        segment = next;
    }
}

/* With the lock held: the segment is empty now, and kept for a while. */
static void
segment_return(wr_host_stream *stream, wr_host_segment *segment)
{
    if (stream->spare_count == SPARE_SEGMENTS ||
        wr_arena_held_bytes(segment->arena) > SPARE_SEGMENT_BYTES) {
        segment_free(segment);
        return;
    }
    if (segment->array.release) {
        segment->array.release(&segment->array);
    }
    wr_arena *arena = segment->arena;
    wr_arena_reset(arena);
    *segment = (wr_host_segment){.arena = arena, .next = stream->spare};
    stream->spare = segment;
    stream->spare_count++;
}

void
wr_host_stream_release(wr_host_stream *stream)
{
    if (!stream) {
        return;
    }
    pthread_mutex_lock(&stream->lock);
    int left = --stream->references;
    pthread_mutex_unlock(&stream->lock);
    if (left > 0) {
        return;
    }
    segments_free(stream->head);
    segments_free(stream->spare);
    pthread_mutex_destroy(&stream->lock);
    wr_arena_free(stream->arena);
    wr_free(stream);
}

bool
wr_host_stream_declare(wr_host_stream *stream, const wr_schema *schema)
{
    pthread_mutex_lock(&stream->lock);
    bool same = stream->declared && stream->schema.count == schema->count;
    for (int i = 0; same && i < schema->count; i++) {
        const wr_column *a = &stream->schema.columns[i], *b = &schema->columns[i];
        same = wr_text_equal(a->name, b->name) && wr_type_equal(a->type, b->type);
    }
    bool fits = same || !stream->declared;
    if (!stream->declared) {
        stream->declared = true;
        stream->schema.count = schema->count;
        stream->schema.columns = WR_NEW_ARRAY(stream->arena, wr_column, schema->count);
        for (int i = 0; i < schema->count; i++) {
            stream->schema.columns[i] = schema->columns[i];
            stream->schema.columns[i].name = wr_arena_text(stream->arena, schema->columns[i].name);
        }
    }
    pthread_mutex_unlock(&stream->lock);
    return fits;
}

bool
wr_host_stream_declared(wr_host_stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    bool declared = stream->declared;
    pthread_mutex_unlock(&stream->lock);
    return declared;
}

/* ── segments ───────────────────────────────────────────────────────────────────────────────── */

void
wr_host_trim(wr_host_stream *stream)
{
    int64_t least = stream->appended;
    for (const wr_host_reader *reader = stream->readers; reader; reader = reader->next) {
        least = reader->position < least ? reader->position : least;
    }
    while (stream->head && stream->head->first + stream->head->count <= least) {
        wr_host_segment *segment = stream->head;
        stream->head = segment->next;
        stream->tail = stream->head ? stream->tail : NULL;
        stream->held_bytes -= segment->size_bytes;
        segment_return(stream, segment);
    }
}

void
wr_host_wake_readers(wr_host_stream *stream)
{
    for (wr_host_reader *reader = stream->readers; reader; reader = reader->next) {
        if (reader->waiting) {
            reader->waiting = false;
            wr_waker_wake(&reader->waker);
        }
    }
}

static void
segment_rows_init(const wr_host_stream *stream, wr_host_segment *segment)
{
    segment->rows = wr_batch_new(segment->arena, stream->schema.count);
    for (int i = 0; i < stream->schema.count; i++) {
        wr_vector_init_flat(&segment->rows->columns[i], stream->schema.columns[i].type,
                            WR_BATCH_ROWS, segment->arena);
    }
}

/* With the lock held: an empty segment. */
static wr_host_segment *
segment_new(wr_host_stream *stream, host_kind kind)
{
    wr_host_segment *segment = stream->spare;
    if (segment) {
        stream->spare = segment->next;
        stream->spare_count--;
        segment->next = NULL;
    } else {
        segment = wr_alloc(sizeof *segment);
        segment->arena = wr_arena_new(4096);
    }
    segment->kind = kind;
    return segment;
}

static void
segment_link(wr_host_stream *stream, wr_host_segment *segment)
{
    segment->first = stream->appended;
    *(stream->tail ? &stream->tail->next : &stream->head) = segment;
    stream->tail = segment;
}

/* The segment that takes one more entry of this kind. */
static wr_host_segment *
tail_for(wr_host_stream *stream, host_kind kind)
{
    wr_host_segment *tail = stream->tail;
    if (tail && tail->kind == kind && tail->count < WR_BATCH_ROWS) {
        return tail;
    }
    wr_host_segment *segment = segment_new(stream, kind);
    segment->entries = wr_arena_alloc(segment->arena, sizeof(host_entry) * WR_BATCH_ROWS);
    if (kind == HOST_ROWS) {
        segment_rows_init(stream, segment);
    } else {
        segment->messages = wr_arena_alloc(segment->arena, sizeof(wr_message) * WR_BATCH_ROWS);
    }
    segment_link(stream, segment);
    return segment;
}

static void
segment_grew(wr_host_stream *stream, wr_host_segment *segment, host_entry entry, int64_t size_bytes)
{
    entry.watermark_us = WR_TIME_NONE;
    segment->entries[segment->count++] = entry;
    stream->next_offset[entry.partition] = entry.offset + 1;
    segment->size_bytes += size_bytes + ENTRY_BYTES;
    stream->held_bytes += size_bytes + ENTRY_BYTES;
    stream->appended++;
    wr_host_wake_readers(stream);
}

/* ── rows ───────────────────────────────────────────────────────────────────────────────────── */

/* Types whose values are given as texts, and read. */
static bool
is_read_type(wr_type_id id)
{
    return id == WR_TYPE_DECIMAL || id == WR_TYPE_DATE || id == WR_TYPE_TIME;
}

static bool
cell_fits(const wr_cell *cell, wr_type_id wanted)
{
    bool is_bigint = cell->type == WR_TYPE_BIGINT, is_text = cell->type == WR_TYPE_TEXT;
    return cell->type == WR_TYPE_NULL || (cell->type == wanted && !is_read_type(wanted)) ||
           (is_bigint && (wanted == WR_TYPE_DOUBLE || wanted == WR_TYPE_DECIMAL)) ||
           (is_text && (wanted == WR_TYPE_BYTES || wanted == WR_TYPE_JSON || is_read_type(wanted)));
}

/* Of such a type, or DECIMAL of an integer. False: the cell is no value of `type`. */
static bool
cell_read(const wr_cell *cell, wr_type type, void *value)
{
    if (cell->type == WR_TYPE_BIGINT) {
        return wr_decimal_rescale(cell->value.bigint, 0, type, value);
    }
    wr_text text = wr_text_trim(cell->value.text);
    return type.id == WR_TYPE_DECIMAL ? wr_text_to_decimal(text, type, value)
           : type.id == WR_TYPE_DATE  ? wr_date_parse(text, value)
                                      : wr_daytime_parse(text, value);
}

static wr_status
read_check(const wr_cell *cell, const wr_column *column, wr_error *err)
{
    char type[40];
    wr_int128 value;
    if (cell->type == WR_TYPE_NULL || cell_read(cell, column->type, &value)) {
        return WR_OK;
    }
    return wr_error_set(err, WR_ERR_MISUSE, "E0902", "the value for column \"%.*s\" is no %s",
                        WR_TEXT_ARG(column->name), wr_type_name(column->type, type));
}

static wr_status
cells_check(const wr_host_stream *stream, const wr_cell *cells, int count, wr_error *err)
{
    if (!stream->declared) {
        return wr_error_set(err, WR_ERR_MISUSE, "E0902",
                            "host stream \"%.*s\" has no columns: declare it with CREATE STREAM",
                            WR_TEXT_ARG(stream->name));
    }
    if (count != stream->schema.count) {
        return wr_error_set(err, WR_ERR_MISUSE, "E0902",
                            "host stream \"%.*s\" has %d columns, the row has %d values",
                            WR_TEXT_ARG(stream->name), stream->schema.count, count);
    }
    for (int i = 0; i < count; i++) {
        const wr_column *column = &stream->schema.columns[i];
        const wr_text *text = &cells[i].value.text;
        if (!cell_fits(&cells[i], column->type.id)) {
            return wr_error_set(err, WR_ERR_MISUSE, "E0902",
                                "column \"%.*s\" is %s, the value is %s", WR_TEXT_ARG(column->name),
                                wr_type_id_name(column->type.id), wr_type_id_name(cells[i].type));
        }
        if (cells[i].type == WR_TYPE_TEXT && !wr_utf8_valid(text->data, text->size)) {
            return wr_error_set(err, WR_ERR_MISUSE, "E0902",
                                "the text for column \"%.*s\" is not UTF-8",
                                WR_TEXT_ARG(column->name));
        }
        if (is_read_type(column->type.id)) {
            WR_TRY(read_check(&cells[i], column, err));
        }
    }
    return WR_OK;
}

/* Stores a checked cell; returns its bytes. */
static int64_t
cell_store(const wr_cell *cell, wr_vector *vector, int row, wr_arena *arena)
{
    if (cell->type == WR_TYPE_NULL) {
        memset((char *)vector->data + row * wr_type_width(vector->type.id), 0,
               (size_t)wr_type_width(vector->type.id));
        wr_vector_set_null(vector, row, WR_BATCH_ROWS, arena);
        return 1;
    }
    if (wr_type_is_view(vector->type.id)) {
        wr_text text = cell->value.text;
        wr_view view = wr_view_from(text.size > 0 ? text.data : "", text.size);
        ((wr_view *)vector->data)[row] = wr_view_copy(arena, &view);
        return (int64_t)text.size + 16;
    }
    if (vector->type.id == WR_TYPE_DOUBLE) {
        ((double *)vector->data)[row] =
            cell->type == WR_TYPE_BIGINT ? (double)cell->value.bigint : cell->value.dbl;
    } else if (vector->type.id == WR_TYPE_BOOLEAN) {
        ((bool *)vector->data)[row] = cell->value.boolean;
    } else if (is_read_type(vector->type.id)) {
        int width = wr_type_width(vector->type.id);
        (void)cell_read(cell, vector->type, (char *)vector->data + row * width);
    } else if (vector->type.id == WR_TYPE_INTERVAL) {
        ((wr_interval *)vector->data)[row] = cell->value.interval;
    } else {
        ((int64_t *)vector->data)[row] = cell->value.bigint;
    }
    return wr_type_width(vector->type.id);
}

static wr_status
push_allowed(wr_host_stream *stream, int32_t partition, wr_error *err)
{
    if (stream->ended) {
        return wr_error_set(err, WR_ERR_MISUSE, "E0902", "host stream \"%.*s\" has ended",
                            WR_TEXT_ARG(stream->name));
    }
    if (partition < 0 || partition >= WR_HOST_PARTITIONS_MAX) {
        return wr_error_set(err, WR_ERR_MISUSE, "E0902", "partition %d is not in 0..%d", partition,
                            WR_HOST_PARTITIONS_MAX - 1);
    }
    if (stream->held_bytes >= stream->capacity_bytes) {
        return WR_AGAIN;
    }
    if (partition >= stream->partition_count) {
        stream->partition_count = partition + 1;
    }
    return WR_OK;
}

static void
row_append(wr_host_stream *stream, const wr_cell *cells, int32_t partition, int64_t timestamp_us)
{
    wr_host_segment *segment = tail_for(stream, HOST_ROWS);
    int64_t size_bytes = 0;
    for (int i = 0; i < stream->schema.count; i++) {
        size_bytes +=
            cell_store(&cells[i], &segment->rows->columns[i], segment->count, segment->arena);
    }
    host_entry entry = {
        .arrival_us = timestamp_us == WR_TIME_NONE ? wr_clock_wall_us(stream->clock) : timestamp_us,
        .offset = stream->next_offset[partition],
        .partition = partition,
    };
    segment_grew(stream, segment, entry, size_bytes);
}

wr_status
wr_host_push_row(wr_host_stream *stream, const wr_cell *cells, int count, int32_t partition,
                 int64_t timestamp_us, wr_error *err)
{
    pthread_mutex_lock(&stream->lock);
    wr_status status = cells_check(stream, cells, count, err);
    if (status == WR_OK) {
        status = push_allowed(stream, partition, err);
    }
    if (status == WR_OK) {
        row_append(stream, cells, partition, timestamp_us);
    }
    pthread_mutex_unlock(&stream->lock);
    return status;
}

/* ── Arrow batches ──────────────────────────────────────────────────────────────────────────── */

/* Bytes that the array keeps alive, roughly: rows by the columns' widths. */
static int64_t
arrow_size(const wr_host_stream *stream, int64_t row_count)
{
    int64_t width = 0;
    for (int i = 0; i < stream->schema.count; i++) {
        width += wr_type_width(stream->schema.columns[i].type.id);
    }
    return row_count * width;
}

/* Checks and converts outside the lock: the schema does not change once it is declared. */
static wr_status
arrow_segment(const wr_host_stream *stream, const struct ArrowArray *array,
              const struct ArrowSchema *arrow_schema, wr_host_segment *segment, wr_error *err)
{
    WR_TRY(wr_arrow_check(&stream->schema, arrow_schema, array, err));
    if (array->length > INT32_MAX) {
        return wr_error_set(err, WR_ERR_MISUSE, "E0902",
                            "an Arrow batch has at most 2^31 - 1 rows");
    }
    segment->columns = WR_NEW_ARRAY(segment->arena, wr_vector, stream->schema.count);
    segment->entries = WR_NEW_ARRAY(segment->arena, host_entry, 1);
    segment->count = (int)array->length;
    segment->size_bytes = arrow_size(stream, array->length);
    return wr_arrow_import(&stream->schema, arrow_schema, array, segment->arena, segment->columns,
                           err);
}

static void
arrow_append(wr_host_stream *stream, wr_host_segment *segment, int32_t partition)
{
    segment->entries[0] = (host_entry){.arrival_us = wr_clock_wall_us(stream->clock),
                                       .offset = stream->next_offset[partition],
                                       .watermark_us = WR_TIME_NONE,
                                       .partition = partition};
    segment_link(stream, segment);
    stream->next_offset[partition] += segment->count;
    stream->held_bytes += segment->size_bytes;
    stream->appended += segment->count;
    wr_host_wake_readers(stream);
}

wr_status
wr_host_push_arrow(wr_host_stream *stream, struct ArrowArray *array,
                   const struct ArrowSchema *arrow_schema, int32_t partition, wr_error *err)
{
    if (!wr_host_stream_declared(stream)) {
        return cells_check(stream, NULL, 0, err);
    }
    pthread_mutex_lock(&stream->lock);
    wr_host_segment *segment = segment_new(stream, HOST_ARROW);
    pthread_mutex_unlock(&stream->lock);
    wr_status status = arrow_segment(stream, array, arrow_schema, segment, err);
    pthread_mutex_lock(&stream->lock);
    status = status == WR_OK ? push_allowed(stream, partition, err) : status;
    bool taken = status == WR_OK && segment->count > 0;
    if (status == WR_OK) {
        segment->array = *array;
        array->release = NULL;
    }
    if (taken) {
        arrow_append(stream, segment, partition);
    } else {
        segment_return(stream, segment);
    }
    pthread_mutex_unlock(&stream->lock);
    return status;
}

/* ── messages, watermarks, the end ──────────────────────────────────────────────────────────── */

static void
message_append(wr_host_stream *stream, const wr_message *message)
{
    wr_host_segment *segment = tail_for(stream, HOST_MESSAGES);
    wr_message *copy = &segment->messages[segment->count];
    *copy = *message;
    copy->data = wr_arena_bytes_copy(segment->arena, message->data, message->size);
    copy->key = wr_arena_bytes_copy(segment->arena, message->key, message->key_size);
    copy->headers = wr_arena_bytes_copy(segment->arena, message->headers, message->headers_size);
    if (message->timestamp_us == WR_TIME_NONE) {
        copy->timestamp_us = wr_clock_wall_us(stream->clock);
    }
    copy->offset = message->offset < 0 ? stream->next_offset[message->partition] : message->offset;
    host_entry entry = {copy->timestamp_us, copy->offset, 0, message->partition};
    int64_t size_bytes = (int64_t)(message->size + message->key_size + message->headers_size);
    segment_grew(stream, segment, entry, size_bytes + (int64_t)sizeof *copy);
}

wr_status
wr_host_push_message(wr_host_stream *stream, const wr_message *message, wr_error *err)
{
    pthread_mutex_lock(&stream->lock);
    wr_status status = push_allowed(stream, message->partition, err);
    if (status == WR_OK) {
        message_append(stream, message);
    }
    pthread_mutex_unlock(&stream->lock);
    return status;
}

/* Readers that have taken everything hear it next; the others behind the last entry. */
static void
watermark_tell(wr_host_stream *stream, int64_t us)
{
    stream->watermark_us = us;
    for (wr_host_reader *reader = stream->readers; reader; reader = reader->next) {
        if (reader->position + reader->lent == stream->appended) {
            reader->watermark_us = us;
        }
    }
    if (stream->tail) {
        host_segment_entry(stream->tail, stream->tail->count - 1)->watermark_us = us;
    }
    wr_host_wake_readers(stream);
}

wr_status
wr_host_advance_watermark(wr_host_stream *stream, int64_t us, wr_error *err)
{
    pthread_mutex_lock(&stream->lock);
    wr_status status = WR_OK;
    if (stream->ended) {
        status = wr_error_set(err, WR_ERR_MISUSE, "E0902", "host stream \"%.*s\" has ended",
                              WR_TEXT_ARG(stream->name));
    } else if (us > stream->watermark_us) {
        watermark_tell(stream, us);
    }
    pthread_mutex_unlock(&stream->lock);
    return status;
}

void
wr_host_end(wr_host_stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    stream->ended = true;
    wr_host_wake_readers(stream);
    pthread_mutex_unlock(&stream->lock);
}
