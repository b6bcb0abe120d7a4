/* Segments from any bytes: refused or read, never a crash; and what was read can be shown, sorted
 * and saved again.
 *
 *   input ─▶ as it is                          length and checksum mostly do not hold
 *         ─▶ with length and checksum set      the reader without a plan
 *         ─▶ its runs behind a known layout    loading into a table, then all results */
#include "core/checksum.h"
#include "core/hash.h"
#include "exec/state/segment_parts.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static const wr_aggregate *
known_aggregate(const char *name, wr_type_id argument)
{
    int count = 0;
    const wr_aggregate *const *entries = wr_aggregate_find(wr_text_from(name), &count);
    for (int i = 0; i < count; i++) {
        int pattern = entries[i]->args[0];
        if (pattern == WR_ARG_ANY || pattern == (int)argument) {
            return entries[i];
        }
    }
    abort();
}

/* Keys TEXT, DOUBLE; an aggregate of each way to be stored. */
static void
known_layout(wr_group_layout *layout, bool tracks_changes, wr_arena *arena)
{
    static const struct {
        const char *name;
        wr_type_id args[2];
        bool distinct;
    } items[] = {{"sum", {WR_TYPE_BIGINT}, false},  {"sum", {WR_TYPE_DOUBLE}, false},
                 {"min", {WR_TYPE_TEXT}, false},    {"last", {WR_TYPE_DOUBLE}, false},
                 {"count", {WR_TYPE_TEXT}, true},   {"sum", {WR_TYPE_DOUBLE}, true},
                 {"var_pop", {WR_TYPE_DOUBLE}, false},
                 {"min_by", {WR_TYPE_TEXT, WR_TYPE_BIGINT}, false}};
    enum { ITEMS = sizeof(items) / sizeof(items[0]) };
    const wr_type keys[] = {WR_TYPE(TEXT), WR_TYPE(DOUBLE)};
    *layout = (wr_group_layout){.aggregate_count = ITEMS, .tracks_changes = tracks_changes};
    wr_key_layout_init(&layout->keys, arena, keys, 2);
    layout->aggregates = WR_NEW_ARRAY(arena, const wr_aggregate *, ITEMS);
    wr_group_args *args = WR_NEW_ARRAY(arena, wr_group_args, ITEMS);
    for (int i = 0; i < ITEMS; i++) {
        args[i].count = items[i].args[1] ? 2 : 1;
        args[i].types[0].id = items[i].args[0];
        args[i].types[1].id = items[i].args[1];
        layout->aggregates[i] = known_aggregate(items[i].name, items[i].args[0]);
        if (items[i].distinct) {
            layout->aggregates[i] = wr_aggregate_distinct(layout->aggregates[i], args[i].types[0]);
        }
    }
    layout->args = args;
}

static void
touch_vector(const wr_vector *vector, int n)
{
    uint64_t hashes[WR_BATCH_ROWS];
    wr_hash_vector(vector, n, false, hashes);
}

/* Results of all groups, in key order, and the same groups as a segment again. */
static void
table_use(wr_group_table *table, wr_arena *arena)
{
    const wr_group_layout *layout = table->layout;
    const wr_order_item *order = table->keys ? wr_key_set_order(table->keys) : NULL;
    wr_segment again = {0};
    wr_segment_begin(&again, layout);
    for (uint32_t at = 0; at < table->limit; at += WR_BATCH_ROWS) {
        uint32_t groups[WR_BATCH_ROWS];
        int count = 0;
        for (; count < WR_BATCH_ROWS && at + (uint32_t)count < table->limit; count++) {
            groups[count] = order[at + (uint32_t)count].id;
        }
        for (int k = 0; k < layout->aggregate_count; k++) {
            wr_vector out;
            wr_vector_init_flat(&out, wr_segment_result_type(layout, k), count, arena);
            layout->aggregates[k]->finalize(table->states[k], groups, count, &out, arena);
            touch_vector(&out, count);
        }
        wr_segment_add(&again, table, groups, count, arena);
    }
    wr_segment_end(&again);
    wr_group_table *copy = wr_group_table_new(layout);
    wr_error err;
    wr_text body = {again.body.data, again.body.size};
    require(wr_segment_load(body, copy, &err) == WR_OK);
    require(copy->present_count == table->present_count);
    wr_group_table_free(copy);
    wr_buffer_fini(&again.body);
}

static void
try_load(wr_text body, bool tracks_changes)
{
    wr_arena *arena = wr_arena_new(0);
    wr_group_layout layout;
    known_layout(&layout, tracks_changes, arena);
    wr_group_table *table = wr_group_table_new(&layout);
    wr_error err;
    if (wr_segment_load(body, table, &err) == WR_OK) {
        table_use(table, arena);
    }
    wr_group_table_free(table);
    wr_arena_free(arena);
}

static void
try_read(wr_text body)
{
    wr_arena *arena = wr_arena_new(0);
    wr_segment_reader *reader = NULL;
    wr_error err;
    wr_status status = wr_segment_reader_open(body, arena, &reader, &err);
    while (status == WR_OK) {
        wr_batch *batch = NULL;
        wr_schema schema;
        status = wr_segment_reader_next(reader, &batch, &schema, &err);
        for (int i = 0; status == WR_OK && i < batch->column_count; i++) {
            touch_vector(&batch->columns[i], batch->row_count);
        }
    }
    wr_arena_free(arena);
}

/* Length and checksum as they must be. */
static void
body_seal(wr_buffer *body)
{
    uint64_t length = body->size + sizeof(length);
    memcpy(body->data + offsetof(segment_header, length), &length, sizeof(length));
    uint64_t sum = wr_checksum(body->data, body->size);
    wr_buffer_append(body, (const char *)&sum, sizeof(sum));
}

static void
try_runs(wr_text runs, bool tracks_changes)
{
    wr_arena *arena = wr_arena_new(0);
    wr_group_layout layout;
    known_layout(&layout, tracks_changes, arena);
    wr_segment segment = {0};
    wr_segment_begin(&segment, &layout);
    wr_buffer_text(&segment.body, runs);
    wr_segment_end(&segment);
    try_load((wr_text){segment.body.data, segment.body.size}, tracks_changes);
    wr_buffer_fini(&segment.body);
    wr_arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wr_text body = {(const char *)data, size};
    try_read(body);
    try_load(body, false);
    segment_header header;
    if (size < sizeof(header) + sizeof(uint64_t)) {
        return 0;
    }
    memcpy(&header, data, sizeof(header));
    wr_buffer sealed;
    wr_buffer_init(&sealed);
    wr_buffer_append(&sealed, body.data, size - sizeof(uint64_t));
    body_seal(&sealed);
    try_read((wr_text){sealed.data, sealed.size});
    wr_buffer_fini(&sealed);
    size_t from = sizeof(header) + (size_t)header.layout_bytes, end = size - sizeof(uint64_t);
    if (from < end) {
        wr_text runs = {body.data + from, end - from};
        try_runs(runs, false);
        try_runs(runs, true);
    }
    return 0;
}
