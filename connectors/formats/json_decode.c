/* Decodes JSON records: messages one by one, chunks line by line.
 *
 *   record            rows
 *   {"a":1}           one
 *   12.5              one, of the column v
 *   [{"a":1},{"a":2}] one per element; an element that is no object is a value of v
 *   (blank line)      none; an empty message is a bad row
 *
 * 1. A record is checked to its end before its first row counts, so a broken one gives none.
 * 2. An array that does not fit into the rest of the batch is left half-way: `array_at` is where to
 *    go on, and *at still says that record. */
#include "connectors/formats/json.h"
#include "connectors/formats/json_fast.h"
#include "connectors/formats/json_project.h"
#include "connectors/formats/kernels.h"

struct wr_decoder {
    wr_decode_spec spec;
    wr_decode_frame frame;
    wr_json_reader reader;
    wr_json_fast *fast;
    const char *array_at; /* next element of an array left half-way; NULL: none */
    int64_t line;         /* of the chunk's next record */
    wr_lines_find *lines_find;
    wr_records records;   /* that come next; of a chunk: not sought again for each batch that a */
    int records_done;     /* long array gives, */
    size_t records_end;   /* and the byte behind them */
};

wr_status
wr_json_decoder_open(wr_arena *arena, const wr_decode_spec *spec, wr_decoder **decoder,
                     wr_error *err)
{
    (void)err;
    *decoder = WR_NEW(arena, wr_decoder);
    (*decoder)->spec = *spec;
    wr_decode_frame_init(&(*decoder)->frame, &(*decoder)->spec, arena);
    wr_json_reader_init(&(*decoder)->reader, &(*decoder)->frame, arena);
    (*decoder)->fast = wr_json_fast_new(arena, &(*decoder)->spec);
    (*decoder)->lines_find = wr_kernels_best()->lines_find;
    return WR_OK;
}

void
wr_json_decoder_close(wr_decoder *decoder)
{
    (void)decoder; /* all of it is in the query arena */
}

/* One object or bare value that is a row; what follows it is the caller's business. */
static bool
value_read(wr_json_reader *reader, const char **at, const char *end)
{
    return *at < end && **at == '{' ? wr_json_object(reader, at, end)
                                    : wr_json_bare(reader, at, end);
}

/* ── arrays ─────────────────────────────────────────────────────────────────────────────────── */

/* Rows of a checked array from `at` (an element) on, until its end or a full batch. */
static void
array_rows(wr_decoder *decoder, const char *at, const char *end)
{
    wr_decode_frame *frame = &decoder->frame;
    wr_text whole = frame->record;
    decoder->array_at = NULL;
    while (*at != ']') {
        if (wr_decode_full(frame)) {
            decoder->array_at = at;
            break;
        }
        const char *begin = at;
        wr_decode_record(frame, (wr_text){begin, 0});
        (void)value_read(&decoder->reader, &at, end);
        frame->record.size = (size_t)(at - begin);
        wr_decode_keep(frame);
        at = wr_json_space(at, end);
        at = *at == ',' ? wr_json_space(at + 1, end) : at;
    }
    frame->record = whole;
}

/* The whole record is an array at `at`. */
static void
array_decode(wr_decoder *decoder, const char *at, const char *end)
{
    wr_decode_frame *frame = &decoder->frame;
    const char *behind = at;
    wr_json_fault fault;
    if (!wr_json_skip(&behind, end, 0, &fault)) {
        wr_decode_reject(frame, fault.reason, fault.at);
        return;
    }
    const char *rest = wr_json_space(behind, end);
    if (rest != end) {
        wr_decode_reject(frame, WR_REASON_SYNTAX, rest);
        return;
    }
    array_rows(decoder, wr_json_space(at + 1, end), end);
}

/* ── records ────────────────────────────────────────────────────────────────────────────────── */

/* False: blank, and nothing was done. */
static bool
record_decode(wr_decoder *decoder, wr_text record)
{
    wr_decode_frame *frame = &decoder->frame;
    const char *end = record.data + record.size;
    const char *at = wr_json_space(record.data, end);
    if (at == end) {
        return false;
    }
    wr_decode_record(frame, record);
    if (*at == '[') {
        array_decode(decoder, at, end);
        return true;
    }
    wr_json_reader *reader = &decoder->reader;
    if (!value_read(reader, &at, end)) {
        wr_decode_reject(frame, reader->fault.reason, reader->fault.at);
        return true;
    }
    at = wr_json_space(at, end);
    if (at != end) {
        wr_decode_reject(frame, WR_REASON_SYNTAX, at);
        return true;
    }
    int row_before = frame->row;
    wr_decode_keep(frame);
    if (frame->row > row_before) {
        wr_json_fast_learn(decoder->fast, &reader->trace, record);
    }
    return true;
}

/* Goes on with an array left half-way, or starts the record. */
static bool
record_resume(wr_decoder *decoder, wr_text record)
{
    if (decoder->array_at) {
        decoder->frame.record = record;
        array_rows(decoder, decoder->array_at, record.data + record.size);
        return true;
    }
    return record_decode(decoder, record);
}

/* One record that was not predicted. False: it is blank. */
static bool
record_slow(wr_decoder *decoder, int number)
{
    const wr_records *records = &decoder->records;
    const char *begin = records->begin[number];
    decoder->frame.index = records->index[number];
    return record_resume(decoder, (wr_text){begin, (size_t)(records->end[number] - begin)});
}

/* The records before this one are done. */
static int
records_predicted(wr_decoder *decoder, int first)
{
    return decoder->array_at
               ? first
               : first + wr_json_fast_run(decoder->fast, &decoder->frame, &decoder->records, first);
}

/* ── messages ───────────────────────────────────────────────────────────────────────────────── */

/* Tombstones and empty messages become records that no shape fits. */
static void
messages_gather(wr_records *records, const wr_block *block, size_t at)
{
    static const char nothing[64];
    size_t left = (size_t)block->message_count - at;
    records->count = left < WR_RECORDS_MAX ? (int)left : WR_RECORDS_MAX;
    for (int i = 0; i < records->count; i++) {
        const wr_message *message = &block->messages[at + (size_t)i];
        records->index[i] = (uint32_t)(at + (size_t)i);
        records->begin[i] = message->data ? message->data : nothing;
        records->end[i] = records->begin[i] + (message->data ? message->size : 0);
    }
}

static void
message_slow(wr_decoder *decoder, const wr_block *block, int number)
{
    wr_decode_frame *frame = &decoder->frame;
    const wr_message *message = &block->messages[decoder->records.index[number]];
    frame->index = decoder->records.index[number];
    if (!wr_decode_message_special(frame, message) && !record_slow(decoder, number)) {
        wr_decode_record(frame, (wr_text){message->data, message->size});
        wr_decode_reject(frame, WR_REASON_EMPTY, NULL);
    }
}

static void
messages_decode(wr_decoder *decoder, const wr_block *block, size_t *at)
{
    const wr_records *records = &decoder->records;
    while (*at < (size_t)block->message_count && !wr_decode_full(&decoder->frame)) {
        messages_gather(&decoder->records, block, *at);
        for (int i = 0; i < records->count; i++) {
            int next = records_predicted(decoder, i);
            *at += (size_t)(next - i);
            i = next;
            if (i == records->count || wr_decode_full(&decoder->frame)) {
                break;
            }
            message_slow(decoder, block, i);
            if (decoder->array_at) {
                return;
            }
            (*at)++;
        }
    }
}

/* ── chunks ─────────────────────────────────────────────────────────────────────────────────── */

/* Decodes gathered lines from records_done on; moves that on. */
static void
lines_decode(wr_decoder *decoder)
{
    const wr_records *records = &decoder->records;
    wr_decode_frame *frame = &decoder->frame;
    for (int i = decoder->records_done;; i++) {
        i = records_predicted(decoder, i);
        decoder->records_done = i;
        if (i == records->count || wr_decode_full(frame)) {
            return;
        }
        (void)record_slow(decoder, i);
        if (decoder->array_at) {
            return;
        }
        frame->line += frame->line > 0;
    }
}

static void
chunk_decode(wr_decoder *decoder, const wr_block *block, size_t *at)
{
    wr_decode_frame *frame = &decoder->frame;
    if (*at == 0) {
        decoder->line = block->chunk_line;
        *at = wr_decode_chunk_start(block);
    }
    frame->line = decoder->line;
    while (*at < block->chunk_bytes && !wr_decode_full(frame)) {
        if (!decoder->array_at) {
            decoder->records_done = 0;
            decoder->records_end =
                decoder->lines_find(block->chunk, *at, block->chunk_bytes, &decoder->records);
        }
        lines_decode(decoder);
        int done = decoder->records_done;
        *at = done < decoder->records.count ? decoder->records.index[done] : decoder->records_end;
        if (decoder->array_at) {
            break;
        }
    }
    decoder->line = frame->line;
}

wr_status
wr_json_decode(wr_decoder *decoder, const wr_block *block, size_t *at, wr_decode_out *out,
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
