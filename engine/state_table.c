/* What a state holds as tables with typed columns; state_source.c makes them sources of SQL.
 *
 *   weir_windows       operator │ window_start │ window_end │ key           │ value
 *                      aggregate 1  12:00          12:05       {"key 1":"a"}   {"count(*)":3}
 *
 * 1. Rows come in the order of the store; a table is one snapshot of it.
 * 2. The shape of a table does not depend on the job, so that its columns are known before any
 *    state is opened: keys and values are JSON objects. */
#include "engine/state_table.h"

#include "core/time.h"

#include <string.h>

enum { LETTERS_PAGE = 1000 };

#define NUMBER(n) ((state_cell){.number = (n)})
#define TEXT_CELL(t) ((state_cell){.text = (t)})
#define COLUMN(name_, type_) {.name = {name_, sizeof(name_) - 1}, .type = {.id = WR_TYPE_##type_}}

/* ── rows ───────────────────────────────────────────────────────────────────────────────────── */

static wr_batch *
table_batch(state_table *table)
{
    wr_arena *arena = table->arena;
    wr_batch *last = table->count > 0 ? table->batches[table->count - 1] : NULL;
    if (last && last->row_count < WR_BATCH_ROWS) {
        return last;
    }
    if (table->count == table->capacity) {
        table->capacity = 2 * table->capacity + 8;
        wr_batch **grown = WR_NEW_ARRAY(arena, wr_batch *, table->capacity);
        if (table->count > 0) {
            memcpy(grown, table->batches, (size_t)table->count * sizeof(*grown));
        }
        table->batches = grown;
    }
    wr_batch *batch = wr_batch_new(arena, table->schema.count);
    for (int i = 0; i < table->schema.count; i++) {
        wr_vector_init_flat(&batch->columns[i], table->schema.columns[i].type, WR_BATCH_ROWS,
                            arena);
    }
    table->batches[table->count++] = batch;
    return batch;
}

/* false: the cell is NULL. */
static bool
cell_store(wr_vector *vector, int row, const state_cell *cell, wr_arena *arena)
{
    switch ((int)vector->type.id) {
    case WR_TYPE_BIGINT: ((int64_t *)vector->data)[row] = cell->number; return true;
    case WR_TYPE_BOOLEAN: ((uint8_t *)vector->data)[row] = cell->number != 0; return true;
    case WR_TYPE_TIMESTAMP:
        ((int64_t *)vector->data)[row] = cell->number;
        return cell->number != WR_TIME_NONE && cell->number != WR_TIME_END;
    }
    wr_text copy = wr_arena_text(arena, cell->text);
    ((wr_view *)vector->data)[row] = wr_view_from(copy.data, copy.size);
    return cell->text.data != NULL;
}

void
wr_state_table_add(state_table *table, const state_cell *cells)
{
    wr_batch *batch = table_batch(table);
    int row = batch->row_count++;
    batch->selected_count = batch->row_count;
    for (int i = 0; i < table->schema.count; i++) {
        bool is_there = cell_store(&batch->columns[i], row, &cells[i], table->arena);
        if (cells[i].is_null || !is_there) {
            wr_vector_set_null(&batch->columns[i], row, WR_BATCH_ROWS, table->arena);
        }
    }
}

static state_cell
number_or_null(int64_t number)
{
    return (state_cell){.number = number, .is_null = number < 0};
}

/* ── job, operators, segments ───────────────────────────────────────────────────────────────── */

static const wr_column job_columns[] = {
    COLUMN("name", TEXT),          COLUMN("uuid", TEXT),
    COLUMN("epoch", BIGINT),       COLUMN("committed", TIMESTAMP),
    COLUMN("finished", BOOLEAN),   COLUMN("dead_letters", BIGINT),
    COLUMN("dead_letters_removed", BIGINT), COLUMN("stats", JSON),
    COLUMN("sql", TEXT)};

static wr_status
job_fill(wr_store *store, state_table *table, wr_error *err)
{
    const wr_store_job *job = wr_store_job_of(store);
    (void)err;
    int64_t at_us = job->epoch > 0 ? job->wall_us : WR_TIME_NONE;
    state_cell stats = {.text = job->stats, .is_null = job->stats.size == 0};
    wr_state_table_add(table, (state_cell[]){TEXT_CELL(job->name), TEXT_CELL(job->uuid),
                                             NUMBER(job->epoch), NUMBER(at_us),
                                             NUMBER(job->finished), NUMBER(job->dead_letter_count),
                                             NUMBER(job->dead_letters_removed), stats,
                                             TEXT_CELL(job->sql)});
    return WR_OK;
}

static const wr_column operator_columns[] = {COLUMN("operator", TEXT), COLUMN("fingerprint", TEXT),
                                             COLUMN("description", TEXT),
                                             COLUMN("meta_bytes", BIGINT)};

static wr_status
operators_fill(wr_store *store, state_table *table, wr_error *err)
{
    const wr_store_job *job = wr_store_job_of(store);
    (void)err;
    for (int i = 0; i < job->operator_count; i++) {
        const wr_operator_state *op = &job->operators[i];
        wr_state_table_add(table, (state_cell[]){TEXT_CELL(op->name), TEXT_CELL(op->fingerprint),
                                                 TEXT_CELL(op->description),
                                                 NUMBER((int64_t)op->meta.size)});
    }
    return WR_OK;
}

static const wr_column segment_columns[] = {
    COLUMN("operator", TEXT),        COLUMN("window_start", TIMESTAMP),
    COLUMN("window_end", TIMESTAMP), COLUMN("part", BIGINT),
    COLUMN("id", BIGINT),            COLUMN("is_base", BOOLEAN),
    COLUMN("row_count", BIGINT)};

static wr_status
segments_fill(wr_store *store, state_table *table, wr_error *err)
{
    const wr_store_job *job = wr_store_job_of(store);
    for (int i = 0; i < job->operator_count; i++) {
        const wr_operator_state *op = &job->operators[i];
        wr_segment *segments;
        int count;
        WR_TRY(wr_store_list_segments(store, op->operator_id, table->arena, &segments, &count,
                                      err));
        for (int k = 0; k < count; k++) {
            const wr_segment *segment = &segments[k];
            wr_state_table_add(
                table, (state_cell[]){TEXT_CELL(op->name), NUMBER(segment->window.start_us),
                                      NUMBER(segment->window.last_end_us),
                                      NUMBER(segment->window.part), NUMBER(segment->id),
                                      NUMBER(segment->is_base), NUMBER(segment->row_count)});
        }
    }
    return WR_OK;
}

/* ── windows ────────────────────────────────────────────────────────────────────────────────── */

static const wr_column window_columns[] = {
    COLUMN("operator", TEXT), COLUMN("window_start", TIMESTAMP), COLUMN("window_end", TIMESTAMP),
    COLUMN("key", JSON), COLUMN("value", JSON)};

/* Columns [from, to) of a row as a JSON object; {} if there are none. */
static void
cells_json(const state_window *shown, int from, int to, wr_arena *scratch, wr_buffer *out)
{
    const wr_format_ops *format = wr_format_find(WR_TEXT("json"));
    wr_encoder *encoder = NULL;
    wr_error ignored;
    wr_error_clear(&ignored);
    uint16_t row = (uint16_t)shown->row;
    wr_batch part = {.row_count = shown->batch->row_count,
                     .column_count = to - from,
                     .columns = shown->batch->columns + from,
                     .selection = &row,
                     .selected_count = 1,
                     .arena = scratch};
    wr_schema schema = {shown->names->columns + from, to - from};
    bool ok = to > from &&
              format->encoder_open(scratch, &schema, (wr_options){0}, false, &encoder, &ignored) ==
                  WR_OK &&
              format->encode(encoder, &part, out, NULL, &ignored) == WR_OK;
    if (encoder) {
        format->encoder_close(encoder);
    }
    if (!ok) {
        wr_buffer_reset(out);
        wr_buffer_text(out, WR_TEXT("{}"));
    }
}

static void
window_add(void *context, const state_window *shown)
{
    state_table *table = context;
    wr_arena *scratch = wr_arena_new(4096);
    wr_buffer key, value;
    wr_buffer_init(&key);
    wr_buffer_init(&value);
    int keys = shown->key_count < 0 ? 0 : shown->key_count;
    cells_json(shown, 0, keys, scratch, &key);
    cells_json(shown, keys, shown->names->count, scratch, &value);
    wr_state_table_add(table, (state_cell[]){TEXT_CELL(shown->op->name),
                                             NUMBER(shown->window->start_us),
                                             NUMBER(shown->window->last_end_us),
                                             {.text = {key.data, key.size},
                                              .is_null = shown->key_count < 0},
                                             {.text = {value.data, value.size}}});
    wr_buffer_fini(&key);
    wr_buffer_fini(&value);
    wr_arena_free(scratch);
}

static wr_status
windows_fill(wr_store *store, state_table *table, wr_error *err)
{
    return wr_engine_state_walk(store, INT64_MAX, window_add, table, err);
}

/* ── positions and outbox ───────────────────────────────────────────────────────────────────── */

static const wr_column position_columns[] = {COLUMN("source", TEXT), COLUMN("partition", TEXT),
                                             COLUMN("next_offset", BIGINT),
                                             COLUMN("max_event_time", TIMESTAMP)};

static wr_status
positions_fill(wr_store *store, state_table *table, wr_error *err)
{
    const wr_store_job *job = wr_store_job_of(store);
    (void)err;
    for (int i = 0; i < job->position_count; i++) {
        const wr_position *position = &job->positions[i];
        wr_state_table_add(table, (state_cell[]){TEXT_CELL(position->source),
                                                 TEXT_CELL(position->partition),
                                                 NUMBER(position->next_offset),
                                                 NUMBER(position->max_event_us)});
    }
    return WR_OK;
}

static const wr_column outbox_columns[] = {
    COLUMN("destination", TEXT), COLUMN("epoch", BIGINT), COLUMN("seq", BIGINT),
    COLUMN("position", BIGINT), COLUMN("row_count", BIGINT)};

static wr_status
outbox_fill(wr_store *store, state_table *table, wr_error *err)
{
    const wr_store_job *job = wr_store_job_of(store);
    (void)err;
    for (int i = 0; i < job->frame_count; i++) {
        const wr_frame *frame = &job->frames[i];
        wr_text name = WR_TEXT_NONE;
        for (int k = 0; k < job->destination_count; k++) {
            name = job->destinations[k].number == frame->destination ? job->destinations[k].name
                                                                     : name;
        }
        wr_state_table_add(table, (state_cell[]){TEXT_CELL(name), NUMBER(frame->epoch),
                                                 NUMBER(frame->seq), NUMBER(frame->position),
                                                 NUMBER(frame->row_count)});
    }
    return WR_OK;
}

/* ── dead letters ───────────────────────────────────────────────────────────────────────────── */

static const wr_column letter_columns[] = {
    COLUMN("id", BIGINT),        COLUMN("at", TIMESTAMP),      COLUMN("source", TEXT),
    COLUMN("partition", TEXT),   COLUMN("offset", BIGINT),     COLUMN("byte", BIGINT),
    COLUMN("reason", TEXT),      COLUMN("column_name", TEXT),  COLUMN("key", TEXT),
    COLUMN("record", TEXT),      COLUMN("key_bytes", BYTES),   COLUMN("record_bytes", BYTES),
    COLUMN("record_time", TIMESTAMP), COLUMN("replay", BOOLEAN)};

static state_cell
text_if_valid(wr_text bytes)
{
    bool is_valid = bytes.data && wr_utf8_valid(bytes.data, bytes.size);
    return (state_cell){.text = bytes, .is_null = !is_valid};
}

static void
letter_add(state_table *table, const wr_dead_letter *letter)
{
    state_cell column = {.text = letter->column, .is_null = letter->column.size == 0};
    wr_state_table_add(
        table,
        (state_cell[]){NUMBER(letter->id), NUMBER(letter->at_us), text_if_valid(letter->source),
                       text_if_valid(letter->partition), number_or_null(letter->offset),
                       number_or_null(letter->byte), text_if_valid(letter->reason), column,
                       text_if_valid(letter->key), text_if_valid(letter->record),
                       TEXT_CELL(letter->key), TEXT_CELL(letter->record),
                       NUMBER(letter->timestamp_us), NUMBER(letter->replay)});
}

static wr_status
letters_fill(wr_store *store, state_table *table, wr_error *err)
{
    wr_arena *page = wr_arena_new(0);
    wr_status status = WR_OK;
    int count = LETTERS_PAGE;
    for (int64_t after = 0; status == WR_OK && count == LETTERS_PAGE;) {
        wr_dead_letter *letters;
        wr_arena_reset(page);
        status = wr_store_dead_letters(store, after, LETTERS_PAGE, page, &letters, &count, err);
        for (int i = 0; status == WR_OK && i < count; i++) {
            letter_add(table, &letters[i]);
            after = letters[i].id;
        }
    }
    wr_arena_free(page);
    return status;
}

#define KIND(columns_, fill_) {columns_, sizeof(columns_) / sizeof *(columns_), fill_}
const state_table_kind wr_state_jobs = KIND(job_columns, job_fill);
const state_table_kind wr_state_operators = KIND(operator_columns, operators_fill);
const state_table_kind wr_state_windows = KIND(window_columns, windows_fill);
const state_table_kind wr_state_segments = KIND(segment_columns, segments_fill);
const state_table_kind wr_state_positions = KIND(position_columns, positions_fill);
const state_table_kind wr_state_outbox = KIND(outbox_columns, outbox_fill);
const state_table_kind wr_state_dead_letters = KIND(letter_columns, letters_fill);
