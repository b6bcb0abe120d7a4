/* Open windows of a state with their keys and values, read without the query that made them.
 *
 *   segments of a window and part, newest first      aggregate 1 │ 12:00 │ 12:05 │ a │ count(*) = 3
 *   ├ 9  a b                 each key is shown       aggregate 1 │ 12:00 │ 12:05 │ b │ count(*) = 1
 *   └ 4  a c                 as it was last          aggregate 1 │ 12:00 │ 12:05 │ c │ count(*) = 7
 *
 * 1. Of one window and part a later run replaces an earlier one key by key, so runs are read from
 *    the last to the first and a key that was seen is passed over.
 * 2. Parts are shown one by one; what is combined when a job loads them is not combined here.
 * 3. Rows that an operator holds (ORDER BY) have no key. */
#include "engine/state.h"

#include "connectors/formats/text_form.h"
#include "core/hash.h"
#include "core/memory.h"
#include "exec/state/segment.h"

#include <stdlib.h>
#include <string.h>

/* Keys of one window and part that were shown, open addressing. */
typedef struct key_texts {
    wr_text *slots; /* data NULL: free */
    size_t count, capacity;
} key_texts;

typedef struct window_writer {
    wr_store *store;
    const wr_operator_state *op;
    state_window_fn show;
    void *context;
    int64_t limit;
    wr_arena *scratch; /* bodies and batches of one window and part */
    key_texts seen;
    int64_t row_count;
} window_writer;

static wr_text *
key_slot(const key_texts *keys, wr_text key)
{
    size_t at = (size_t)wr_hash_bytes(key.data, key.size, 0);
    for (;; at++) {
        wr_text *slot = &keys->slots[at & (keys->capacity - 1)];
        if (!slot->data || wr_text_equal(*slot, key)) {
            return slot;
        }
    }
}

/* true: it was not there. The key must live in the scratch arena, and have data. */
static bool
keys_add(window_writer *writer, wr_text key)
{
    key_texts *keys = &writer->seen;
    if (2 * keys->count >= keys->capacity) {
        key_texts grown = {.capacity = keys->capacity > 0 ? 2 * keys->capacity : 256};
        grown.slots = WR_NEW_ARRAY(writer->scratch, wr_text, grown.capacity);
        memset(grown.slots, 0, grown.capacity * sizeof *grown.slots);
        for (size_t i = 0; i < keys->capacity; i++) {
            if (keys->slots[i].data) {
                *key_slot(&grown, keys->slots[i]) = keys->slots[i];
            }
        }
        grown.count = keys->count;
        *keys = grown;
    }
    wr_text *slot = key_slot(keys, key);
    if (slot->data) {
        return false;
    }
    *slot = key;
    keys->count++;
    return true;
}

/* ── rows ───────────────────────────────────────────────────────────────────────────────────── */

static void
value_append(wr_buffer *out, const wr_vector *vector, int row, wr_arena *arena)
{
    wr_buffer text;
    if (wr_encode_is_null(vector, row)) {
        wr_buffer_text(out, WR_TEXT("NULL"));
        return;
    }
    wr_buffer_init(&text);
    wr_text_form_append(&text, vector, row);
    wr_buffer_text(out, wr_engine_state_bytes(arena, (wr_text){text.data, text.size}));
    wr_buffer_fini(&text);
}

/* Columns [from, to): "a, b", or "count(*) = 3, avg(DOUBLE) = 1.5". */
static wr_text
cells_text(const state_window *shown, int from, int to, wr_arena *scratch)
{
    wr_buffer text;
    wr_buffer_init(&text);
    for (int i = from; i < to; i++) {
        wr_buffer_text(&text, i > from ? WR_TEXT(", ") : WR_TEXT(""));
        if (from > 0) {
            wr_buffer_printf(&text, "%.*s = ", WR_TEXT_ARG(shown->names->columns[i].name));
        }
        value_append(&text, &shown->batch->columns[i], shown->row, scratch);
    }
    wr_text copy = {wr_arena_strndup(scratch, wr_buffer_cstr(&text), text.size), text.size};
    wr_buffer_fini(&text);
    return copy;
}

/* What a reader gives, run by run. */
typedef struct run_list {
    wr_batch **batches;
    int count, capacity;
    wr_schema names;
} run_list;

static wr_status
runs_read(wr_segment_reader *reader, wr_arena *arena, run_list *runs, wr_error *err)
{
    for (;;) {
        wr_batch *batch = NULL;
        wr_status status = wr_segment_reader_next(reader, &batch, &runs->names, err);
        if (status != WR_OK) {
            return status == WR_END ? WR_OK : status;
        }
        if (runs->count == runs->capacity) {
            int capacity = 2 * runs->capacity + 16;
            wr_batch **grown = WR_NEW_ARRAY(arena, wr_batch *, capacity);
            if (runs->count > 0) {
                memcpy(grown, runs->batches, (size_t)runs->count * sizeof(*grown));
            }
            runs->batches = grown;
            runs->capacity = capacity;
        }
        runs->batches[runs->count++] = batch;
    }
}

static void
run_show(window_writer *writer, state_window shown)
{
    for (int row = 0; row < shown.batch->row_count && writer->row_count < writer->limit; row++) {
        shown.row = row;
        bool is_new = shown.key_count < 0 ||
                      keys_add(writer, cells_text(&shown, 0, shown.key_count, writer->scratch));
        if (is_new) {
            writer->show(writer->context, &shown);
            writer->row_count++;
        }
    }
}

static wr_status
segment_show(window_writer *writer, const wr_segment *segment, wr_error *err)
{
    wr_buffer body;
    wr_segment_reader *reader = NULL;
    run_list runs = {0};
    wr_buffer_init(&body);
    wr_status status = wr_store_read_segment(writer->store, segment->id, &body, err);
    if (status == WR_OK) {
        wr_text bytes = {body.data, body.size};
        status = wr_segment_reader_open(bytes, writer->scratch, &reader, err);
    }
    if (status == WR_OK) {
        status = runs_read(reader, writer->scratch, &runs, err);
    }
    for (int i = runs.count - 1; i >= 0 && status == WR_OK; i--) {
        run_show(writer, (state_window){.op = writer->op,
                                        .window = &segment->window,
                                        .batch = runs.batches[i],
                                        .names = &runs.names,
                                        .key_count = wr_segment_reader_key_count(reader)});
    }
    wr_buffer_fini(&body);
    return status;
}

/* ── windows ────────────────────────────────────────────────────────────────────────────────── */

static int
number_compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int
window_compare(const wr_window_id *a, const wr_window_id *b)
{
    int order = number_compare(a->start_us, b->start_us);
    order = order != 0 ? order : number_compare(a->last_end_us, b->last_end_us);
    order = order != 0 ? order : number_compare(a->first_end_us, b->first_end_us);
    return order != 0 ? order : number_compare(a->part, b->part);
}

/* By window and part, the newest first. */
static int
segment_compare(const void *left, const void *right)
{
    const wr_segment *a = left, *b = right;
    int order = window_compare(&a->window, &b->window);
    return order != 0 ? order : number_compare(b->id, a->id);
}

static wr_status
operator_show(window_writer *writer, wr_error *err)
{
    wr_arena *arena = wr_arena_new(0);
    wr_segment *segments;
    int count;
    wr_status status = wr_store_list_segments(writer->store, writer->op->operator_id, arena,
                                              &segments, &count, err);
    if (count > 0) {
        qsort(segments, (size_t)count, sizeof *segments, segment_compare);
    }
    for (int i = 0; i < count && status == WR_OK && writer->row_count < writer->limit; i++) {
        if (i == 0 || window_compare(&segments[i - 1].window, &segments[i].window) != 0) {
            wr_arena_reset(writer->scratch);
            writer->seen = (key_texts){0};
        }
        status = segment_show(writer, &segments[i], err);
    }
    wr_arena_free(arena);
    return status;
}

wr_status
wr_engine_state_walk(wr_store *store, int64_t limit, state_window_fn show, void *context,
                     wr_error *err)
{
    const wr_store_job *job = wr_store_job_of(store);
    window_writer writer = {.store = store,
                            .show = show,
                            .context = context,
                            .limit = limit,
                            .scratch = wr_arena_new(0)};
    wr_status status = WR_OK;
    for (int i = 0; i < job->operator_count && status == WR_OK; i++) {
        writer.op = &job->operators[i];
        status = operator_show(&writer, err);
    }
    wr_arena_free(writer.scratch);
    return status;
}

/* ── as text ────────────────────────────────────────────────────────────────────────────────── */

static void
window_text(void *context, const state_window *shown)
{
    text_result *result = context;
    wr_arena *scratch = wr_arena_new(4096);
    int keys = shown->key_count;
    wr_text key = keys >= 0 ? cells_text(shown, 0, keys, scratch) : WR_TEXT_NONE;
    wr_text values = cells_text(shown, keys < 0 ? 0 : keys, shown->names->count, scratch);
    wr_text_result_add(result,
                       (wr_text[]){shown->op->name,
                                   wr_engine_state_time(scratch, shown->window->start_us),
                                   wr_engine_state_time(scratch, shown->window->last_end_us), key,
                                   values});
    wr_arena_free(scratch);
}

wr_status
wr_engine_state_windows(wr_store *store, weir_query *query, wr_error *err)
{
    static const char *const names[] = {"operator", "window_start", "window_end", "key", "values"};
    text_result result;
    wr_text_result_init(&result, query, 5, names);
    wr_status status = wr_engine_state_walk(store, STATE_ROWS_MAX, window_text, &result, err);
    wr_text_result_finish(&result);
    return status;
}
