/* Rows while they are decoded: typed values into vectors, NULLs, rejected records.
 *
 *   record       {"a":1,"b":"x"}       slots: a GOOD 1 │ b BAD TYPE │ c MISSING
 *   record_end   a bad slot rejects the row, or makes NULL of it; MISSING makes NULL; a derived
 *                value's ERROR one of the vector
 *
 * 1. A row counts only once record_end has kept it; what a rejected record left in the vectors is
 *    overwritten by the next one.
 * 2. Every NULL has defined data (zero); what lies behind the last row is not defined, so vectors
 *    need not be cleared.
 * 3. reject() is called once per bad record, with the first bad column. */
#include "connectors/formats/decode.h"

#include "core/decimal.h"

#include <assert.h>
#include <math.h>
#include <string.h>

void
wr_decode_frame_init(wr_decode_frame *frame, const wr_decode_spec *spec, wr_arena *arena)
{
    *frame = (wr_decode_frame){.spec = spec};
    frame->slots = WR_NEW_ARRAY(arena, wr_slot, spec->column_count + 1);
}

void
wr_decode_begin(wr_decode_frame *frame, const wr_block *block, wr_decode_out *out)
{
    frame->block = block;
    frame->out = out;
    frame->arena = out->batch->arena;
    frame->row = 0;
    assert(out->batch->column_count == frame->spec->column_count);
    for (int c = 0; c < frame->spec->column_count; c++) {
        wr_type type = frame->spec->columns[c].type;
        size_t size_bytes = (size_t)WR_BATCH_ROWS * (size_t)wr_type_width(type.id);
        out->batch->columns[c] = (wr_vector){
            .type = type, .kind = WR_FLAT, .data = wr_arena_alloc(frame->arena, size_bytes)};
    }
}

void
wr_decode_finish(wr_decode_frame *frame)
{
    wr_batch *batch = frame->out->batch;
    batch->row_count = frame->row;
    batch->selection = NULL;
    batch->selected_count = frame->row;
}

void
wr_decode_record(wr_decode_frame *frame, wr_text record)
{
    frame->record = record;
    for (int c = 0; c < frame->spec->column_count; c++) {
        frame->slots[c].state = WR_SLOT_MISSING;
    }
}

/* ── rejecting ──────────────────────────────────────────────────────────────────────────────── */

static wr_origin
frame_origin(const wr_decode_frame *frame)
{
    const wr_block *block = frame->block;
    if (block->kind == WR_BLOCK_MESSAGES) {
        const wr_message *message = &block->messages[frame->index];
        return (wr_origin){message->partition, message->offset};
    }
    return (wr_origin){block->chunk_partition, block->chunk_offset + (int64_t)frame->index};
}

static void
frame_reject(wr_decode_frame *frame, wr_bad_row *bad, const char *at)
{
    const char *begin = frame->record.data;
    bool inside = at && at >= begin && at <= begin + frame->record.size;
    bad->byte = inside ? at - begin : -1;
    bad->record = frame->record;
    bad->origin = frame_origin(frame);
    bad->line = frame->line;
    frame->reject_count++;
    if (frame->spec->reject) {
        frame->spec->reject(frame->spec->reject_context, bad);
    }
}

void
wr_decode_reject(wr_decode_frame *frame, wr_reason reason, const char *at)
{
    wr_bad_row bad = {.reason = reason, .column = WR_TEXT("")};
    frame_reject(frame, &bad, at);
}

static wr_text
column_name(const wr_decode_column *column)
{
    return column->path_length > 0 ? column->path[column->path_length - 1] : WR_TEXT("");
}

static void
frame_reject_slot(wr_decode_frame *frame, int column, const wr_slot *slot)
{
    wr_bad_row bad = {.reason = slot->reason,
                      .column = column_name(&frame->spec->columns[column]),
                      .misfit = slot->misfit};
    frame_reject(frame, &bad, slot->at);
}

/* ── ending a record ────────────────────────────────────────────────────────────────────────── */

void
wr_decode_null(wr_decode_frame *frame, int column)
{
    wr_vector *vector = &frame->out->batch->columns[column];
    size_t width = (size_t)wr_type_width(vector->type.id);
    memset((char *)vector->data + (size_t)frame->row * width, 0, width);
    wr_vector_set_null(vector, frame->row, WR_BATCH_ROWS, frame->arena);
}

static void
decode_error(wr_decode_frame *frame, int column)
{
    wr_vector *vector = &frame->out->batch->columns[column];
    size_t width = (size_t)wr_type_width(vector->type.id);
    memset((char *)vector->data + (size_t)frame->row * width, 0, width);
    wr_vector_set_error(vector, frame->row, WR_BATCH_ROWS, frame->slots[column].reason,
                        frame->arena);
}

/* Does this slot forbid the row? Says so if it does. */
static bool
slot_rejects(wr_decode_frame *frame, int column)
{
    wr_slot *slot = &frame->slots[column];
    if (slot->state == WR_SLOT_GOOD) {
        return false;
    }
    bool is_fatal = slot->state == WR_SLOT_BAD &&
                    (slot->misfit || !frame->spec->bad_value_null);
    if (!is_fatal && frame->spec->columns[column].not_null) {
        *slot = (wr_slot){.state = WR_SLOT_BAD, .reason = WR_REASON_NOT_NULL};
        is_fatal = true;
    }
    if (is_fatal) {
        frame_reject_slot(frame, column, slot);
    }
    return is_fatal;
}

void
wr_decode_keep(wr_decode_frame *frame)
{
    int column_count = frame->spec->column_count;
    for (int c = 0; c < column_count; c++) {
        if (slot_rejects(frame, c)) {
            return;
        }
    }
    for (int c = 0; c < column_count; c++) {
        if (frame->slots[c].state == WR_SLOT_ERROR) {
            decode_error(frame, c);
        } else if (frame->slots[c].state != WR_SLOT_GOOD) {
            wr_decode_null(frame, c);
        }
    }
    wr_decode_keep_good(frame);
}

/* ── values ─────────────────────────────────────────────────────────────────────────────────── */

void
wr_decode_bad(wr_decode_frame *frame, int column, wr_reason reason, const char *at)
{
    frame->slots[column] = (wr_slot){.state = WR_SLOT_BAD, .reason = reason, .at = at};
}

void
wr_decode_int64(wr_decode_frame *frame, int column, int64_t value, const char *at)
{
    unsigned bits = frame->spec->columns[column].type.bits;
    if (bits != 0 && bits < 64) {
        int64_t limit = (int64_t)1 << (bits - 1);
        if (value < -limit || value >= limit) {
            wr_decode_bad(frame, column, WR_REASON_RANGE, at);
            return;
        }
    }
    ((int64_t *)frame->out->batch->columns[column].data)[frame->row] = value;
    frame->slots[column].state = WR_SLOT_GOOD;
}

void
wr_decode_double(wr_decode_frame *frame, int column, double value, const char *at)
{
    if (isinf(value)) {
        wr_decode_bad(frame, column, WR_REASON_RANGE, at);
        return;
    }
    ((double *)frame->out->batch->columns[column].data)[frame->row] = value;
    frame->slots[column].state = WR_SLOT_GOOD;
}

void
wr_decode_decimal(wr_decode_frame *frame, int column, wr_text text)
{
    wr_vector *vector = &frame->out->batch->columns[column];
    wr_int128 *value = &((wr_int128 *)vector->data)[frame->row];
    double number;
    if (wr_text_to_decimal(text, vector->type, value)) {
        frame->slots[column].state = WR_SLOT_GOOD;
    } else {
        bool is_number = wr_text_to_double(text, &number) && !isnan(number);
        wr_decode_bad(frame, column, is_number ? WR_REASON_RANGE : WR_REASON_TYPE, text.data);
    }
}

void
wr_decode_bool(wr_decode_frame *frame, int column, bool value)
{
    ((uint8_t *)frame->out->batch->columns[column].data)[frame->row] = value;
    frame->slots[column].state = WR_SLOT_GOOD;
}

void
wr_decode_view(wr_decode_frame *frame, int column, wr_text text)
{
    if (text.size > UINT32_MAX) {
        wr_decode_bad(frame, column, WR_REASON_TOO_LARGE, text.data);
        return;
    }
    ((wr_view *)frame->out->batch->columns[column].data)[frame->row] =
        wr_view_from(text.data, text.size);
    frame->slots[column].state = WR_SLOT_GOOD;
}

void
wr_decode_derive(wr_decode_frame *frame, int column, wr_text json)
{
    wr_vector *vector = &frame->out->batch->columns[column];
    size_t width = (size_t)wr_type_width(vector->type.id);
    bool is_null = false;
    wr_reason reason =
        frame->spec->derive(frame->spec->derive_context, column, json,
                            (char *)vector->data + (size_t)frame->row * width, &is_null);
    frame->slots[column] =
        (wr_slot){.state = reason != WR_REASON_NONE ? WR_SLOT_ERROR
                           : is_null                ? WR_SLOT_MISSING
                                                    : WR_SLOT_GOOD,
                  .reason = reason};
}

static bool
time_read(wr_text text, wr_type_id type, void *value)
{
    switch ((int)type) {
    case WR_TYPE_TIMESTAMP: return wr_time_parse(text, value);
    case WR_TYPE_DATE: return wr_date_parse(text, value);
    case WR_TYPE_TIME: return wr_daytime_parse(text, value);
    }
    assert(type == WR_TYPE_INTERVAL);
    return wr_interval_parse(text, value);
}

void
wr_decode_time(wr_decode_frame *frame, int column, wr_text text)
{
    wr_vector *vector = &frame->out->batch->columns[column];
    size_t width = (size_t)wr_type_width(vector->type.id);
    if (!time_read(text, vector->type.id, (char *)vector->data + (size_t)frame->row * width)) {
        wr_decode_bad(frame, column, WR_REASON_CAST, text.data);
        return;
    }
    frame->slots[column].state = WR_SLOT_GOOD;
}

static int
base64_value(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

void
wr_decode_base64(wr_decode_frame *frame, int column, wr_text text)
{
    size_t digits = text.size;
    while (digits > 0 && text.data[digits - 1] == '=' && text.size - digits < 2) {
        digits--;
    }
    bool good = text.size % 4 == 0 && digits % 4 != 1;
    char *out = wr_arena_bytes(frame->arena, text.size);
    size_t size = 0;
    uint32_t sum = 0;
    for (size_t i = 0; i < digits && good; i++) {
        int value = base64_value(text.data[i]);
        good = value >= 0;
        sum = sum << 6 | ((uint32_t)value & 63);
        if (i % 4 != 0) {
            out[size++] = (char)(sum >> (6 - 2 * (i % 4)));
        }
    }
    if (!good) {
        wr_decode_bad(frame, column, WR_REASON_CAST, text.data);
        return;
    }
    wr_decode_view(frame, column, (wr_text){out, size});
}

/* ── values from plain text ─────────────────────────────────────────────────────────────────── */

static void
text_to_double(wr_decode_frame *frame, int column, wr_text text)
{
    double value;
    wr_text number = wr_text_trim(text);
    if (!wr_text_to_double(number, &value)) {
        wr_decode_bad(frame, column, WR_REASON_TYPE, text.data);
        return;
    }
    char last = number.data[number.size - 1];
    if (isinf(value) && last >= '0' && last <= '9') {
        wr_decode_bad(frame, column, WR_REASON_RANGE, text.data); /* 1e400; "Infinity" is a value */
        return;
    }
    ((double *)frame->out->batch->columns[column].data)[frame->row] = value;
    frame->slots[column].state = WR_SLOT_GOOD;
}

static void
text_to_bigint(wr_decode_frame *frame, int column, wr_text text)
{
    int64_t value;
    double wide;
    wr_text number = wr_text_trim(text);
    if (wr_text_to_int64(number, &value)) {
        wr_decode_int64(frame, column, value, text.data);
        return;
    }
    bool is_number = wr_text_to_double(number, &wide);
    if (is_number && wide >= -0x1p63 && wide < 0x1p63 && (double)(int64_t)wide == wide) {
        wr_decode_int64(frame, column, (int64_t)wide, text.data);
        return;
    }
    bool is_wide = is_number && !(wide >= -0x1p63 && wide < 0x1p63);
    wr_decode_bad(frame, column, is_wide ? WR_REASON_RANGE : WR_REASON_TYPE, text.data);
    frame->slots[column].misfit = is_number && frame->spec->columns[column].learned;
}

static void
text_to_bool(wr_decode_frame *frame, int column, wr_text text)
{
    wr_text word = wr_text_trim(text);
    bool is_true = wr_text_equal_nocase(word, WR_TEXT("true"));
    if (is_true || wr_text_equal_nocase(word, WR_TEXT("false"))) {
        wr_decode_bool(frame, column, is_true);
    } else {
        wr_decode_bad(frame, column, WR_REASON_TYPE, text.data);
    }
}

void
wr_decode_text(wr_decode_frame *frame, int column, wr_text text)
{
    switch (frame->spec->columns[column].type.id) {
    case WR_TYPE_BOOLEAN:
        text_to_bool(frame, column, text);
        return;
    case WR_TYPE_BIGINT:
        text_to_bigint(frame, column, text);
        return;
    case WR_TYPE_DOUBLE:
        text_to_double(frame, column, text);
        return;
    case WR_TYPE_DECIMAL:
        wr_decode_decimal(frame, column, wr_text_trim(text));
        return;
    case WR_TYPE_TEXT:
    case WR_TYPE_JSON:
        wr_decode_view(frame, column, text);
        return;
    case WR_TYPE_BYTES:
        wr_decode_base64(frame, column, text);
        return;
    case WR_TYPE_TIMESTAMP:
    case WR_TYPE_DATE:
    case WR_TYPE_TIME:
    case WR_TYPE_INTERVAL: wr_decode_time(frame, column, wr_text_trim(text)); return;
    case WR_TYPE_NULL:
    case WR_TYPE_ARRAY:
    case WR_TYPE_STRUCT:
        break;
    }
    wr_decode_bad(frame, column, WR_REASON_TYPE, text.data);
}

/* ── blocks ─────────────────────────────────────────────────────────────────────────────────── */

size_t
wr_decode_line(const wr_block *block, size_t at, wr_text *line)
{
    const char *begin = block->chunk + at;
    const char *newline = memchr(begin, '\n', block->chunk_bytes - at);
    size_t size = newline ? (size_t)(newline - begin) : block->chunk_bytes - at;
    size_t next = at + size + (newline != NULL);
    if (size > 0 && begin[size - 1] == '\r') {
        size--;
    }
    *line = (wr_text){begin, size};
    return next;
}

size_t
wr_decode_chunk_start(const wr_block *block)
{
    bool has_mark = block->chunk_first && block->chunk_bytes >= 3 &&
                    memcmp(block->chunk, "\xEF\xBB\xBF", 3) == 0;
    return has_mark ? 3 : 0;
}

bool
wr_decode_message_special(wr_decode_frame *frame, const wr_message *message)
{
    if (message->data != NULL && message->size > 0) {
        return false;
    }
    wr_decode_record(frame, (wr_text){message->data ? message->data : "", 0});
    if (message->data != NULL) {
        wr_decode_reject(frame, WR_REASON_EMPTY, NULL);
    } else if (frame->spec->tombstone_rows) {
        wr_decode_keep(frame);
    }
    return true;
}
