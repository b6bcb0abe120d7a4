/* Decodes CSV: records of a file below its header, messages of one record each.
 *
 *   header of partition 0   ts,host,v          query wants  v, ts   → fields 2, 0
 *   1,"a ""b""",2.5                            → row v = 2.5, ts = 1
 *   1,a                                        → bad row, COLUMNS
 *
 * 1. Every partition (file) has its own header; its fields are found by name, exactly first, then
 *    without case. Without a header, and in messages, fields are found by the declared position.
 * 2. An unquoted empty field is NULL, "" is empty text.
 * 3. Blank lines are no records, unless the rows have one column: then they are NULL. */
#include "connectors/formats/csv.h"

#include "connectors/formats/csv_rows.h"

/* Which field each wanted column has in the files of one partition. */
typedef struct csv_layout {
    struct csv_layout *next;
    int32_t partition;
    wr_csv_fields fields;
} csv_layout;

struct wr_decoder {
    wr_decode_spec spec;
    wr_decode_frame frame;
    wr_csv_dialect dialect;
    wr_arena *arena;      /* the query's */
    csv_layout *declared; /* by position */
    csv_layout *layouts;  /* by header */
    wr_csv_record record;
    wr_csv_rows *rows;
    int64_t line;
};

/* The index of `name`, exactly, else without case; -1: none. */
static int
names_find(const wr_text *names, int count, wr_text name)
{
    for (int i = 0; i < count; i++) {
        if (wr_text_equal(names[i], name)) {
            return i;
        }
    }
    for (int i = 0; i < count; i++) {
        if (wr_text_equal_nocase(names[i], name)) {
            return i;
        }
    }
    return -1;
}

static csv_layout *
layout_new(wr_decoder *decoder, const wr_text *names, int count)
{
    const wr_decode_spec *spec = &decoder->spec;
    csv_layout *layout = WR_NEW(decoder->arena, csv_layout);
    layout->fields.count = count;
    layout->fields.of = WR_NEW_ARRAY(decoder->arena, int, spec->column_count + 1);
    for (int c = 0; c < spec->column_count; c++) {
        const wr_decode_column *column = &spec->columns[c];
        layout->fields.of[c] =
            column->path_length == 1 ? names_find(names, count, column->path[0]) : -1;
    }
    return layout;
}

wr_status
wr_csv_decoder_open(wr_arena *arena, const wr_decode_spec *spec, wr_decoder **out, wr_error *err)
{
    wr_decoder *decoder = WR_NEW(arena, wr_decoder);
    decoder->spec = *spec;
    decoder->arena = arena;
    WR_TRY(wr_csv_dialect_read(spec->options, &decoder->dialect, err));
    wr_decode_frame_init(&decoder->frame, &decoder->spec, arena);
    decoder->rows = wr_csv_rows_new(arena, &decoder->frame, &decoder->dialect);
    int count = spec->declared.count;
    wr_text *names = WR_NEW_ARRAY(arena, wr_text, count + 1);
    for (int i = 0; i < count; i++) {
        names[i] = spec->declared.columns[i].name;
    }
    decoder->declared = layout_new(decoder, names, count);
    decoder->record.capacity = count > 16 ? count : 16;
    decoder->record.fields = WR_NEW_ARRAY(arena, wr_csv_field, decoder->record.capacity);
    *out = decoder;
    return WR_OK;
}

void
wr_csv_decoder_close(wr_decoder *decoder)
{
    (void)decoder; /* all of it is in the query arena */
}

static void
record_read(wr_decoder *decoder, const char *at, const char *end)
{
    wr_csv_record *record = &decoder->record;
    wr_csv_record_read(at, end, decoder->dialect.delimiter, record);
}

/* The header at [at, end): reads it and lays its partition out; returns the byte behind it. */
static const char *
header_read(wr_decoder *decoder, int32_t partition, const char *at, const char *end)
{
    wr_csv_record *record = &decoder->record;
    record_read(decoder, at, end);
    if (record->count > record->capacity) {
        record->capacity = record->count;
        record->fields = WR_NEW_ARRAY(decoder->arena, wr_csv_field, record->capacity);
        record_read(decoder, at, end);
    }
    wr_text *names = WR_NEW_ARRAY(decoder->arena, wr_text, record->count);
    for (int i = 0; i < record->count; i++) {
        names[i] = wr_csv_unquote(&record->fields[i], decoder->arena);
    }
    csv_layout *layout = layout_new(decoder, names, record->count);
    layout->partition = partition;
    layout->next = decoder->layouts;
    decoder->layouts = layout;
    return record->next;
}

static const csv_layout *
layout_of(const wr_decoder *decoder, int32_t partition)
{
    for (const csv_layout *layout = decoder->layouts; layout; layout = layout->next) {
        if (layout->partition == partition) {
            return layout;
        }
    }
    return decoder->declared;
}

static bool
record_is_blank(const wr_csv_record *record)
{
    return record->count == 1 && !record->fields[0].quoted && record->fields[0].size == 0;
}

/* The record that was read, as a row. */
static void
record_decode(wr_decoder *decoder, const csv_layout *layout)
{
    wr_decode_frame *frame = &decoder->frame;
    const wr_csv_record *record = &decoder->record;
    wr_decode_record(frame, record->text);
    if (record->fault) {
        wr_decode_reject(frame, WR_REASON_SYNTAX, record->fault);
        return;
    }
    if (record->count != layout->fields.count) {
        wr_decode_reject(frame, WR_REASON_COLUMNS, NULL);
        return;
    }
    size_t valid = wr_utf8_valid_prefix(record->text.data, record->text.size);
    if (valid != record->text.size) {
        wr_decode_reject(frame, WR_REASON_UTF8, record->text.data + valid);
        return;
    }
    for (int c = 0; c < decoder->spec.column_count; c++) {
        int field = layout->fields.of[c];
        if (field >= 0 && !wr_csv_is_null(&record->fields[field], &decoder->dialect)) {
            wr_decode_text(frame, c, wr_csv_unquote(&record->fields[field], frame->arena));
        }
    }
    wr_decode_keep(frame);
}

static void
message_decode(wr_decoder *decoder, const wr_message *message)
{
    wr_decode_frame *frame = &decoder->frame;
    const char *end = message->data + message->size;
    record_read(decoder, message->data, end);
    if (decoder->record.next != end) {
        wr_decode_record(frame, (wr_text){message->data, message->size});
        wr_decode_reject(frame, WR_REASON_SYNTAX, decoder->record.next); /* a second record */
    } else {
        record_decode(decoder, decoder->declared);
    }
}

static void
messages_decode(wr_decoder *decoder, const wr_block *block, size_t *at)
{
    const wr_csv_fields *fields = &decoder->declared->fields;
    for (;; (*at)++) {
        *at = wr_csv_rows_messages(decoder->rows, fields, *at);
        if (*at == (size_t)block->message_count || wr_decode_full(&decoder->frame)) {
            return;
        }
        const wr_message *message = &block->messages[*at];
        decoder->frame.index = *at;
        if (!wr_decode_message_special(&decoder->frame, message)) {
            message_decode(decoder, message);
        }
    }
}

static const char *
chunk_open(wr_decoder *decoder, const wr_block *block)
{
    const char *at = block->chunk + wr_decode_chunk_start(block);
    const char *end = block->chunk + block->chunk_bytes;
    decoder->line = block->chunk_line;
    if (block->chunk_first && decoder->dialect.header && at < end) {
        at = header_read(decoder, block->chunk_partition, at, end);
        decoder->line += decoder->line > 0 ? decoder->record.newline_count : 0;
    }
    return at;
}

static void
chunk_decode(wr_decoder *decoder, const wr_block *block, size_t *at)
{
    wr_decode_frame *frame = &decoder->frame;
    const char *end = block->chunk + block->chunk_bytes;
    const char *here = *at == 0 ? chunk_open(decoder, block) : block->chunk + *at;
    const csv_layout *layout = layout_of(decoder, block->chunk_partition);
    while (here < end && !wr_decode_full(frame)) {
        here = block->chunk + wr_csv_rows_chunk(decoder->rows, &layout->fields,
                                                (size_t)(here - block->chunk), &decoder->line);
        if (here == end || wr_decode_full(frame)) {
            break;
        }
        record_read(decoder, here, end);
        frame->index = (size_t)(here - block->chunk);
        frame->line = decoder->line;
        if (layout->fields.count == 1 || !record_is_blank(&decoder->record)) {
            record_decode(decoder, layout);
        }
        decoder->line += decoder->line > 0 ? decoder->record.newline_count : 0;
        here = decoder->record.next;
    }
    *at = (size_t)(here - block->chunk);
}

wr_status
wr_csv_decode(wr_decoder *decoder, const wr_block *block, size_t *at, wr_decode_out *out,
              wr_error *err)
{
    (void)err;
    wr_decode_begin(&decoder->frame, block, out);
    if (block->kind == WR_BLOCK_MESSAGES) {
        messages_decode(decoder, block, at);
    } else if (block->kind == WR_BLOCK_CHUNK) {
        chunk_decode(decoder, block, at);
    }
    wr_decode_finish(&decoder->frame);
    return WR_OK;
}
