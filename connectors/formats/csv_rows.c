/* Rows out of runs of CSV records: finds a run, reads it column by column, keeps what is good.
 *
 *   records   A A A A x A A A     run of 4 rows; x is left to the caller; the next run is as long
 *             └─────┘   └───┘     as this one was, then doubles
 *
 * Messages are put one below the other, each with a newline, and read as such a chunk; those whose
 * end is not where a record ends are left to the caller.
 *
 * Invariants
 * 1. Whatever is unusual (a bad value, a wrong number of fields, odd quotes) ends the run without
 *    a trace. So both ways give the same rows and the same errors.
 * 2. A run that broke is followed by one that looks no further than that one came. */
#include "connectors/formats/csv_rows.h"

#include "connectors/formats/kernels.h"

#include <string.h>

enum { MESSAGE_BYTES_MAX = 4096, JOINED_BYTES_MAX = 16 * 1024, JOINED_MIN = 2 };

struct wr_csv_rows {
    wr_decode_frame *frame;
    const wr_csv_dialect *dialect;
    const wr_kernels *kernels;
    wr_csv_run run;
    uint32_t joined_ends[WR_CSV_RUN_MAX];
};

wr_csv_rows *
wr_csv_rows_new(wr_arena *arena, wr_decode_frame *frame, const wr_csv_dialect *dialect)
{
    wr_csv_rows *rows = WR_NEW(arena, wr_csv_rows);
    rows->frame = frame;
    rows->dialect = dialect;
    rows->kernels = wr_kernels_best();
    rows->run.wanted = WR_CSV_RUN_MAX;
    return rows;
}

/* ── one run ────────────────────────────────────────────────────────────────────────────────── */

/* Ends the run before its first record that is not UTF-8. Stops are ASCII: no sequence of bytes
 * goes over them, so most often one look at all is enough. */
static void
run_check_utf8(wr_csv_run *run)
{
    size_t begin = run->begin, end = wr_csv_run_end(run, run->count);
    if (!run->high || wr_utf8_valid(run->chunk + begin, end - begin)) {
        return;
    }
    for (int i = 0; i < run->count; i++) {
        end = wr_csv_run_end(run, i + 1);
        if (!wr_utf8_valid(run->chunk + begin, end - begin)) {
            run->count = i;
        }
        begin = end;
    }
}

/* The wanted fields into the columns; ends the run before its first bad record. */
static void
run_read(wr_csv_rows *rows, const wr_csv_fields *fields)
{
    wr_csv_run *run = &rows->run;
    const wr_decode_spec *spec = rows->frame->spec;
    for (int c = 0; c < spec->column_count && run->count > 0; c++) {
        if (fields->of[c] >= 0) {
            run->count = rows->kernels->csv_run_read(run, rows->frame, c, fields->of[c],
                                                     rows->dialect);
        } else if (spec->columns[c].not_null) {
            run->count = 0;
        }
    }
}

static void
run_keep_nulls(wr_csv_rows *rows, const wr_csv_fields *fields)
{
    const wr_csv_run *run = &rows->run;
    wr_decode_frame *frame = rows->frame;
    int first_row = frame->row;
    for (int i = 0; i < run->null_count; i++) {
        if (run->nulls[i].record < run->count) {
            frame->row = first_row + run->nulls[i].record;
            wr_decode_null(frame, run->nulls[i].column);
        }
    }
    for (int c = 0; c < frame->spec->column_count; c++) {
        for (int i = 0; fields->of[c] < 0 && i < run->count; i++) {
            frame->row = first_row + i;
            wr_decode_null(frame, c);
        }
    }
    frame->row = first_row;
}

static bool
run_begin(wr_csv_rows *rows, const wr_csv_fields *fields, const char *chunk, size_t begin)
{
    wr_csv_run *run = &rows->run;
    run->chunk = chunk;
    run->begin = begin;
    run->field_count = fields->count;
    return fields->count > 0 && fields->count <= WR_CSV_STOPS_MAX;
}

/* Values and NULLs of the run's first records, as many as are good, `room` at most. */
static void
run_fill(wr_csv_rows *rows, const wr_csv_fields *fields, int room)
{
    wr_csv_run *run = &rows->run;
    run->count = run->count < room ? run->count : room;
    int found = run->count;
    run_check_utf8(run);
    run_read(rows, fields);
    run_keep_nulls(rows, fields);
    if (run->count < found || run->stopped) {
        run->wanted = run->count > 0 ? run->count : 1;
        run->wanted = run->wanted < WR_CSV_RUN_MAX ? run->wanted : WR_CSV_RUN_MAX;
    } else {
        run->wanted = run->wanted * 2 < WR_CSV_RUN_MAX ? run->wanted * 2 : WR_CSV_RUN_MAX;
    }
}

/* ── chunks ─────────────────────────────────────────────────────────────────────────────────── */

/* Newlines of a record: its end, and those in quotes. */
static int64_t
record_newlines(const wr_csv_run *run, int record)
{
    int64_t count = 1;
    size_t end = wr_csv_run_end(run, record + 1) - 1;
    for (size_t i = wr_csv_run_end(run, record); run->multiline && i < end; i++) {
        count += run->chunk[i] == '\n';
    }
    return count;
}

static void
run_keep_lines(const wr_csv_rows *rows, int64_t *line)
{
    const wr_csv_run *run = &rows->run;
    int64_t *lines = rows->frame->out->lines, first = *line, step = first > 0;
    if (lines) {
        lines += rows->frame->row;
    }
    if (!run->multiline) {
        int count = run->count;
        for (int i = 0; lines && i < count; i++) {
            lines[i] = first + i * step;
        }
        *line = first + count * step;
        return;
    }
    for (int i = 0; i < run->count; i++) {
        if (lines) {
            lines[i] = *line;
        }
        *line += step > 0 ? record_newlines(run, i) : 0;
    }
}

static void
run_keep_index(const wr_csv_rows *rows)
{
    const wr_csv_run *run = &rows->run;
    uint32_t *index = rows->frame->out->source_index + rows->frame->row;
    const uint32_t *stop = run->stops;
    int count = run->count, step = run->field_count;
    for (int i = 0; i < count; i++, stop += step) {
        index[i] = *stop + 1;
    }
}

size_t
wr_csv_rows_chunk(wr_csv_rows *rows, const wr_csv_fields *fields, size_t at, int64_t *line)
{
    wr_decode_frame *frame = rows->frame;
    wr_csv_run *run = &rows->run;
    size_t size = frame->block->chunk_bytes;
    while (at < size && !wr_decode_full(frame) &&
           run_begin(rows, fields, frame->block->chunk, at)) {
        rows->kernels->csv_run_find(run, size, rows->dialect);
        run_fill(rows, fields, WR_BATCH_ROWS - frame->row);
        run_keep_lines(rows, line);
        run_keep_index(rows);
        frame->row += run->count;
        at = wr_csv_run_end(run, run->count);
        if (run->stopped || run->count == 0) {
            break;
        }
    }
    return at;
}

/* ── messages ───────────────────────────────────────────────────────────────────────────────── */

/* Could it be joined? An empty one has its own rules, and text may end with bytes that look like
 * the end of a line. */
static bool
message_joins(const wr_csv_rows *rows, const wr_message *message)
{
    return message->data && message->size > 0 && message->size <= MESSAGE_BYTES_MAX &&
           !(rows->dialect->bare && message->data[message->size - 1] == '\r');
}

/* How many messages from `at` on can be joined, `limit` at most, and their bytes. */
static int
messages_count(const wr_csv_rows *rows, size_t at, int limit, size_t *size)
{
    const wr_block *block = rows->frame->block;
    int count = 0;
    *size = 0;
    for (; count < limit && at + (size_t)count < (size_t)block->message_count; count++) {
        const wr_message *message = &block->messages[at + (size_t)count];
        if (!message_joins(rows, message) || *size + message->size > JOINED_BYTES_MAX) {
            break;
        }
        *size += message->size;
    }
    return count;
}

/* Copies messages below each other; the bytes in use. There is room for 64 more than all need. */
static size_t
messages_join(wr_csv_rows *rows, const wr_message *messages, int count, char *joined)
{
    size_t size = 0;
    for (int i = 0; i < count; i++) {
        const wr_message *message = &messages[i];
        char *to = joined + size;
        memcpy(to, message->data, 64); /* readable behind the payload */
        if (message->size > 64) {
            memcpy(to + 64, message->data + 64, message->size - 64);
        }
        size += message->size;
        if (rows->dialect->bare || to[message->size - 1] != '\n') {
            joined[size++] = '\n';
        }
        rows->joined_ends[i] = (uint32_t)size;
    }
    return size;
}

/* Leading records of the run that are a message each. */
static int
run_messages(const wr_csv_rows *rows, int message_count)
{
    const wr_csv_run *run = &rows->run;
    int count = run->count < message_count ? run->count : message_count;
    for (int i = 0; i < count; i++) {
        if (wr_csv_run_end(run, i + 1) != rows->joined_ends[i]) {
            return i;
        }
    }
    return count;
}

/* How many messages may be tried together. */
static int
messages_limit(const wr_csv_rows *rows, const wr_csv_fields *fields)
{
    int limit = rows->run.wanted > JOINED_MIN ? rows->run.wanted : JOINED_MIN;
    int room = WR_BATCH_ROWS - rows->frame->row;
    int places = fields->count > 0 ? WR_CSV_STOPS_MAX / fields->count : 0;
    limit = limit < room ? limit : room;
    return limit < places ? limit : places;
}

size_t
wr_csv_rows_messages(wr_csv_rows *rows, const wr_csv_fields *fields, size_t at)
{
    wr_decode_frame *frame = rows->frame;
    wr_csv_run *run = &rows->run;
    for (;;) {
        size_t size;
        int count = messages_count(rows, at, messages_limit(rows, fields), &size);
        if (count < JOINED_MIN) {
            return at;
        }
        char *joined = wr_arena_bytes(frame->arena, size + (size_t)count + 64);
        size = messages_join(rows, frame->block->messages + at, count, joined);
        run_begin(rows, fields, joined, 0);
        run->wanted = count;
        rows->kernels->csv_run_find(run, size, rows->dialect);
        run->count = run_messages(rows, count);
        run->stopped = run->count < count;
        run_fill(rows, fields, count);
        for (int i = 0; i < run->count; i++) {
            frame->out->source_index[frame->row + i] = (uint32_t)(at + (size_t)i);
        }
        frame->row += run->count;
        at += (size_t)run->count;
        if (run->count < count) {
            return at;
        }
    }
}
