/* Bad input rows: counted, shown, or the end of the query.
 *
 *   on_error skip, null   counters.bad + 1, on_bad_row(…)      the row is gone, its neighbours stay
 *   on_error dead_letter  the same, and kept in the state of the job
 *   on_error fail         scan->failure = E0801 …              the scan stops behind the decoder
 *   misfit                scan->failure = E0802 with the CREATE STREAM to paste
 *
 * 1. The first failure of a micro-batch is the one that is told.
 * 2. A lane touches neither source nor callbacks: the stepping thread rejects its rows again, in
 *    the order of the input. */
#include "exec/scan.h"

#include <assert.h>

enum { REPORT_RECORD_BYTES = 200 };

static const wr_partition *
scan_partition(wr_scan *scan, int32_t number)
{
    int count = 0;
    const wr_partition *partitions =
        scan->source ? scan->plan->source->partitions(scan->source, &count) : NULL;
    return number >= 0 && number < count ? &partitions[number] : NULL;
}

/* "partition 3, offset 17, byte 5" / "a.json, line 12, byte 5". */
static void
report_place(const wr_partition *partition, const wr_bad_row *bad, wr_buffer *out)
{
    wr_text name = partition ? partition->name : WR_TEXT_NONE;
    if (bad->line > 0) {
        wr_buffer_printf(out, "%.*s, line %lld", WR_TEXT_ARG(name), (long long)bad->line);
    } else {
        wr_buffer_printf(out, "partition %.*s, offset %lld", WR_TEXT_ARG(name),
                         (long long)bad->origin.offset);
    }
    if (bad->byte >= 0) {
        wr_buffer_printf(out, ", byte %lld", (long long)bad->byte);
    }
}

static void
failure_bad_row(wr_scan *scan, const wr_partition *partition, const wr_bad_row *bad)
{
    wr_buffer place;
    wr_buffer_init(&place);
    report_place(partition, bad, &place);
    wr_error *failure = &scan->failure;
    if (bad->column.size > 0) {
        wr_error_set(failure, WR_ERR_RUNTIME, "E0801", "bad row in %.*s (%s): %s in \"%.*s\"",
                     WR_TEXT_ARG(scan->plan->name), wr_buffer_cstr(&place),
                     wr_reason_text(bad->reason), WR_TEXT_ARG(bad->column));
    } else {
        wr_error_set(failure, WR_ERR_RUNTIME, "E0801", "bad row in %.*s (%s): %s",
                     WR_TEXT_ARG(scan->plan->name), wr_buffer_cstr(&place),
                     wr_reason_text(bad->reason));
    }
    size_t shown = bad->record.size < REPORT_RECORD_BYTES ? bad->record.size : REPORT_RECORD_BYTES;
    shown = wr_utf8_valid_prefix(bad->record.data, shown);
    if (shown > 0) {
        wr_error_detail(failure, "the record: %.*s", (int)shown, bad->record.data);
    }
    wr_error_hint(failure, "on_error = 'skip' leaves such rows out and counts them.");
    wr_buffer_fini(&place);
}

/* ── E0802: the declaration to paste ────────────────────────────────────────────────────────── */

static void
write_string(wr_buffer *out, wr_text text)
{
    wr_buffer_char(out, '\'');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '\'') {
            wr_buffer_char(out, '\'');
        }
        wr_buffer_char(out, text.data[i]);
    }
    wr_buffer_char(out, '\'');
}

/* A name for the stream: that of the topic or file, with _ for what no plain name may have. */
static void
write_stream_name(const wr_scan *scan, wr_buffer *out)
{
    const wr_options options = scan->plan->options;
    wr_text from = WR_TEXT("stream");
    for (int i = 0; i < options.count; i++) {
        from = options.items[i].positional ? options.items[i].value : from;
    }
    wr_buffer_text(out, WR_TEXT("my_"));
    for (size_t i = 0; i < from.size; i++) {
        char c = from.data[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        wr_buffer_char(out, is_plain ? c : '_');
    }
}

static void
write_declaration(const wr_scan *scan, wr_text misfit, wr_buffer *out)
{
    const wr_plan_scan *plan = scan->plan;
    wr_buffer_text(out, WR_TEXT("CREATE STREAM "));
    write_stream_name(scan, out);
    wr_buffer_text(out, WR_TEXT(" ("));
    wr_text separator = WR_TEXT_NONE;
    for (int i = 0; i < plan->declared.count; i++) {
        const wr_column *column = &plan->declared.columns[i];
        char type[48];
        if (column->name.size == 0) {
            continue; /* the key "" of a message cannot be declared */
        }
        wr_buffer_text(out, separator);
        separator = WR_TEXT(", ");
        wr_plan_print_name(column->name, out);
        wr_buffer_char(out, ' ');
        wr_text type_name = wr_text_equal(column->name, misfit)
                                ? WR_TEXT("DOUBLE")
                                : wr_text_from(wr_type_name(column->type, type));
        wr_buffer_text(out, type_name);
    }
    wr_buffer_printf(out, ") WITH (connector = '%s'", plan->source->name);
    for (int i = 0; i < plan->options.count; i++) {
        const wr_option *option = &plan->options.items[i];
        wr_text name = option->positional && plan->source->positional
                           ? wr_text_from(plan->source->positional)
                           : option->name;
        wr_buffer_printf(out, ", %.*s = ", WR_TEXT_ARG(name));
        write_string(out, option->value);
    }
    if (plan->format && !wr_options_find(plan->options, "format")) {
        wr_buffer_printf(out, ", format = '%s'", plan->format->name);
    }
    wr_buffer_text(out, WR_TEXT(");"));
}

static void
failure_misfit(wr_scan *scan, const wr_partition *partition, const wr_bad_row *bad)
{
    wr_buffer text;
    wr_buffer_init(&text);
    report_place(partition, bad, &text);
    wr_error_set(&scan->failure, WR_ERR_RUNTIME, "E0802",
                 "a number in \"%.*s\" does not fit the BIGINT that was learned from the first "
                 "rows of %.*s (%s)",
                 WR_TEXT_ARG(bad->column), WR_TEXT_ARG(scan->plan->name), wr_buffer_cstr(&text));
    wr_buffer_reset(&text);
    write_declaration(scan, bad->column, &text);
    wr_error_hint(&scan->failure, "declare the stream and read from it:\n%s",
                  wr_buffer_cstr(&text));
    wr_buffer_fini(&text);
}

/* ── dead letters ───────────────────────────────────────────────────────────────────────────── */

/* The bytes of a record of a chunk: to the end of its line. */
static wr_text
chunk_record(const wr_block *block, size_t at)
{
    const char *data = block->chunk + at;
    size_t rest = block->chunk_bytes - at;
    const char *newline = memchr(data, '\n', rest);
    return (wr_text){data, newline ? (size_t)(newline - data) : rest};
}

/* Bad rows come in the order of their messages, mostly: looking goes on where it was. */
static const wr_message *
block_message(wr_scan *scan, wr_origin origin)
{
    const wr_block *block = scan->at_block;
    for (int i = 0; i < block->message_count; i++) {
        int at = (scan->at_message + i) % block->message_count;
        const wr_message *message = &block->messages[at];
        if (message->offset == origin.offset && message->partition == origin.partition) {
            scan->at_message = at;
            return message;
        }
    }
    return NULL;
}

/* Not of a record that needs a header, or whose other rows were good. */
int32_t
wr_scan_reader(const wr_scan *scan, wr_text record)
{
    const wr_format_ops *format = scan->plan->format;
    bool is_message = scan->plan->source->pseudo_mask & (1u << WR_PSEUDO_KEY);
    bool is_alone = format && record.data && (!format->gives_many || !format->gives_many(record)) &&
                    (is_message || !format->has_header ||
                     !format->has_header(scan->plan->options));
    return is_alone ? scan->op.state_id : 0;
}

void
wr_scan_record_at(wr_scan *scan, wr_origin origin, wr_scan_record *record)
{
    const wr_block *block = scan->at_block;
    const wr_partition *partition = scan_partition(scan, origin.partition);
    *record = (wr_scan_record){.source = scan->plan->name,
                               .partition = partition ? partition->name : WR_TEXT_NONE,
                               .timestamp_us = WR_TIME_NONE};
    int64_t at = block ? origin.offset - block->chunk_offset : -1;
    if (block && block->kind == WR_BLOCK_MESSAGES) {
        const wr_message *message = block_message(scan, origin);
        if (message) {
            record->key = (wr_text){message->key, message->key_size};
            record->record = (wr_text){message->data, message->size};
            record->timestamp_us = message->timestamp_us;
        }
    } else if (block && block->kind == WR_BLOCK_CHUNK && at >= 0 &&
               (size_t)at < block->chunk_bytes) {
        record->record = chunk_record(block, (size_t)at);
    }
}

static void
reject_keep(wr_scan *scan, const wr_bad_row *bad)
{
    const wr_exec_context *context = scan->op.context;
    wr_scan_record record;
    wr_scan_record_at(scan, bad->origin, &record);
    wr_dead_letter letter = {.at_us = wr_clock_wall_us(context->clock),
                             .source = record.source,
                             .partition = record.partition,
                             .offset = bad->origin.offset,
                             .byte = bad->byte,
                             .reason = wr_text_from(wr_reason_text(bad->reason)),
                             .column = bad->column,
                             .key = record.key,
                             .record = bad->record.data ? bad->record : record.record,
                             .timestamp_us = record.timestamp_us};
    letter.operator_id = wr_scan_reader(scan, letter.record);
    if (context->on_dead_letter) {
        context->on_dead_letter(context->callback_context, &letter);
    }
}

void
wr_scan_reject(void *context, const wr_bad_row *bad)
{
    wr_scan *scan = context;
    if (scan->reports) {
        wr_reports_add(scan->reports, bad);
        if (bad->misfit || scan->plan->on_error == WR_ON_ERROR_FAIL) {
            scan->failure.status = WR_ERR_RUNTIME; /* what is told is made from the report */
        }
        return;
    }
    const wr_partition *partition = scan_partition(scan, bad->origin.partition);
    scan->counters.bad++;
    scan->counters.bad_by_reason[bad->reason]++;
    if (bad->misfit) {
        if (scan->failure.status == WR_OK) {
            failure_misfit(scan, partition, bad);
        }
        return;
    }
    switch (scan->plan->on_error) {
    case WR_ON_ERROR_FAIL:
        if (scan->failure.status == WR_OK) {
            failure_bad_row(scan, partition, bad);
        }
        break;
    case WR_ON_ERROR_DEAD_LETTER:
        reject_keep(scan, bad);
        /* fall through */
    case WR_ON_ERROR_SKIP:
    case WR_ON_ERROR_NULL:
        if (scan->config->on_bad_row) {
            scan->config->on_bad_row(scan->config->callback_context, scan->plan, partition, bad);
        }
        break;
    }
}

void
wr_scan_reject_row(wr_scan *scan, const wr_scan_rows *rows, int row, wr_reason reason)
{
    const wr_block *block = rows->block;
    wr_bad_row bad = {
        .reason = reason, .byte = -1, .origin = wr_origin_of(&scan->facts->origins, row)};
    if (block->kind == WR_BLOCK_MESSAGES) {
        const wr_message *message = &block->messages[rows->source_index[row]];
        bad.record = (wr_text){message->data, message->size};
    } else if (block->kind == WR_BLOCK_CHUNK) {
        bad.record = chunk_record(block, rows->source_index[row]);
        bad.line = block->chunk_line > 0 ? scan->lines[row] : 0;
    }
    wr_scan_reject(scan, &bad);
}
