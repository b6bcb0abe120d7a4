/* Segments are read without a plan: by what they say about themselves.
 *
 *   layout  TEXT → avg(DOUBLE), count(DISTINCT TEXT)      the aggregates come from the registry by
 *                                                         name and argument types
 *   run     states ─▶ finalized ─▶ a batch  │ key 1 │ avg(DOUBLE) │ count(DISTINCT TEXT) │
 *
 * 1. An aggregate that this version does not know is an error, not a guess.
 * 2. A count is compared with what its bytes could hold before an array is made of it. */
#include "exec/state/segment_parts.h"

#include "core/decimal.h"

#include <assert.h>

struct wr_segment_reader {
    wr_arena *arena;
    bool has_rows;
    wr_text runs;
    wr_type *types; /* of keys, or of columns */
    int type_count;
    wr_group_layout layout;
    wr_schema schema;
};

/* ── the layout ─────────────────────────────────────────────────────────────────────────────── */

static bool
take_type(wr_text *from, wr_type *type)
{
    uint8_t bytes[4];
    if (!wr_packed_take(from, bytes, sizeof(bytes)) || bytes[0] > WR_TYPE_STRUCT) {
        return false;
    }
    *type = (wr_type){(wr_type_id)bytes[0], bytes[1], bytes[2], bytes[3]};
    return type->precision <= WR_DECIMAL_DIGITS_MAX && type->scale <= type->precision;
}

static bool
take_types(wr_segment_reader *reader, wr_text *from, int count)
{
    if ((size_t)count * 4 > from->size) {
        return false;
    }
    reader->types = WR_NEW_ARRAY(reader->arena, wr_type, count);
    reader->type_count = count;
    for (int i = 0; i < count; i++) {
        if (!take_type(from, &reader->types[i])) {
            return false;
        }
    }
    return true;
}

static bool
take_count(wr_text *from, int *count)
{
    uint16_t number = 0;
    bool ok = wr_packed_take(from, &number, sizeof(number));
    *count = number;
    return ok;
}

static bool
aggregate_takes(const wr_aggregate *aggregate, const wr_group_args *args)
{
    for (int i = 0; i < WR_FUNCTION_ARGS_MAX; i++) {
        int pattern = aggregate->args[i];
        if (i >= args->count) {
            return pattern == WR_ARG_NONE;
        }
        if (pattern != WR_ARG_ANY && pattern != WR_ARG_SAME &&
            (pattern == WR_ARG_NONE || pattern != (int)args->types[i].id)) {
            return false;
        }
    }
    return true;
}

static const wr_aggregate *
aggregate_of(wr_text name, bool is_distinct, const wr_group_args *args)
{
    int count = 0;
    const wr_aggregate *const *entries = wr_aggregate_find(name, &count);
    for (int i = 0; i < count; i++) {
        if (aggregate_takes(entries[i], args)) {
            return !is_distinct       ? entries[i]
                   : args->count == 1 ? wr_aggregate_distinct(entries[i], args->types[0])
                                      : NULL;
        }
    }
    return NULL;
}

static bool
take_aggregate(wr_text *from, const wr_aggregate **aggregate, wr_group_args *args)
{
    uint8_t name_size = 0, is_distinct = 0, arg_count = 0;
    if (!wr_packed_take(from, &name_size, 1) || from->size < name_size) {
        return false;
    }
    wr_text name = {from->data, name_size};
    from->data += name_size;
    from->size -= name_size;
    if (!wr_packed_take(from, &is_distinct, 1) || !wr_packed_take(from, &arg_count, 1) ||
        arg_count > WR_FUNCTION_ARGS_MAX) {
        return false;
    }
    args->count = arg_count;
    for (int i = 0; i < arg_count; i++) {
        if (!take_type(from, &args->types[i])) {
            return false;
        }
    }
    *aggregate = aggregate_of(name, is_distinct, args);
    return *aggregate != NULL;
}

static bool
reader_take_groups(wr_segment_reader *reader, wr_text from)
{
    wr_group_layout *layout = &reader->layout;
    int key_count = 0;
    uint8_t tracks_changes = 0;
    if (!take_count(&from, &key_count) || !take_count(&from, &layout->aggregate_count) ||
        !wr_packed_take(&from, &tracks_changes, 1) || tracks_changes > 1 ||
        !take_types(reader, &from, key_count) ||
        (size_t)layout->aggregate_count * 3 > from.size) {
        return false;
    }
    int count = layout->aggregate_count;
    wr_group_args *args = WR_NEW_ARRAY(reader->arena, wr_group_args, count);
    layout->tracks_changes = tracks_changes;
    layout->aggregates = WR_NEW_ARRAY(reader->arena, const wr_aggregate *, count);
    layout->args = args;
    for (int i = 0; i < count; i++) {
        if (!take_aggregate(&from, &layout->aggregates[i], &args[i])) {
            return false;
        }
    }
    return from.size == 0;
}

static bool
reader_take_rows(wr_segment_reader *reader, wr_text from)
{
    int count = 0;
    return take_count(&from, &count) && take_types(reader, &from, count) && from.size == 0;
}

/* ── names ──────────────────────────────────────────────────────────────────────────────────── */

static wr_text
aggregate_title(const wr_segment_reader *reader, int aggregate)
{
    const wr_group_args *args = &reader->layout.args[aggregate];
    wr_buffer title;
    wr_buffer_init(&title);
    wr_buffer_printf(&title, "%s(%s", reader->layout.aggregates[aggregate]->name,
                     reader->layout.aggregates[aggregate]->is_distinct ? "DISTINCT " : "");
    for (int i = 0; i < args->count; i++) {
        char name[40];
        wr_buffer_printf(&title, "%s%s", i > 0 ? ", " : "", wr_type_name(args->types[i], name));
    }
    wr_buffer_text(&title, args->count == 0 ? WR_TEXT("*)") : WR_TEXT(")"));
    wr_text text = wr_arena_text(reader->arena, (wr_text){title.data, title.size});
    wr_buffer_fini(&title);
    return text;
}

static void
reader_name_columns(wr_segment_reader *reader)
{
    int keys = reader->type_count, aggregates = reader->layout.aggregate_count;
    reader->schema = (wr_schema){WR_NEW_ARRAY(reader->arena, wr_column, keys + aggregates),
                                 keys + aggregates};
    for (int i = 0; i < keys; i++) {
        const char *what = reader->has_rows ? "column" : "key";
        reader->schema.columns[i] = (wr_column){
            .name = wr_arena_printf(reader->arena, "%s %d", what, i + 1), .type = reader->types[i]};
    }
    for (int i = 0; i < aggregates; i++) {
        reader->schema.columns[keys + i] = (wr_column){
            .name = aggregate_title(reader, i), .type = wr_segment_result_type(&reader->layout, i)};
    }
}

wr_status
wr_segment_reader_open(wr_text body, wr_arena *arena, wr_segment_reader **reader, wr_error *err)
{
    segment_view view;
    *reader = NULL;
    WR_TRY(wr_segment_open(body, &view, err));
    wr_segment_reader *own = WR_NEW(arena, wr_segment_reader);
    own->arena = arena;
    own->runs = view.runs;
    own->has_rows = view.kind == SEGMENT_ROWS;
    bool ok = own->has_rows ? reader_take_rows(own, view.layout)
                            : reader_take_groups(own, view.layout);
    if (!ok) {
        return wr_segment_damaged("its layout cannot be read", err);
    }
    reader_name_columns(own);
    *reader = own;
    return WR_OK;
}

int
wr_segment_reader_key_count(const wr_segment_reader *reader)
{
    return reader->has_rows ? -1 : reader->type_count;
}

bool
wr_segment_reader_has_rows(const wr_segment_reader *reader, const wr_type *types, int count)
{
    bool ok = reader->has_rows && reader->type_count == count;
    for (int i = 0; ok && i < count; i++) {
        ok = wr_type_equal(types[i], reader->types[i]);
    }
    return ok;
}

/* ── runs ───────────────────────────────────────────────────────────────────────────────────── */

/* The states of one aggregate, as its results. */
static wr_status
reader_finalize(wr_segment_reader *reader, int aggregate, int n, wr_vector *out, wr_error *err)
{
    const wr_aggregate *entry = reader->layout.aggregates[aggregate];
    uint32_t groups[WR_BATCH_ROWS];
    for (int i = 0; i < n; i++) {
        groups[i] = (uint32_t)i;
    }
    wr_aggregate_states call = {
        .states = wr_arena_zalloc(reader->arena, (size_t)n * entry->state_bytes),
        .state_bytes = entry->state_bytes,
        .groups = groups,
        .n = n,
        .args = reader->layout.args[aggregate].types,
        .memory = reader->arena};
    WR_TRY(wr_aggregate_load(entry, &call, &reader->runs, err));
    wr_vector_init_flat(out, wr_segment_result_type(&reader->layout, aggregate), n, reader->arena);
    entry->finalize(call.states, groups, n, out, reader->arena);
    return WR_OK;
}

static bool
reader_skip_changes(wr_segment_reader *reader, int n)
{
    uint8_t marks[WR_BATCH_ROWS];
    bool ok = wr_packed_take(&reader->runs, marks, (size_t)n);
    for (int i = 0; ok && i < reader->layout.aggregate_count; i++) {
        wr_vector cells;
        wr_type type = wr_segment_result_type(&reader->layout, i);
        ok = wr_segment_take_vector(&reader->runs, type, n, &cells, reader->arena);
    }
    return ok;
}

static bool
take_numbers(wr_segment_reader *reader, bool is_there, int n, const int64_t **numbers)
{
    if (!is_there) {
        return true;
    }
    uint64_t *own = WR_NEW_ARRAY(reader->arena, uint64_t, n);
    *numbers = (int64_t *)own;
    return wr_packed_read(&reader->runs, own, n);
}

static bool
take_ops(wr_segment_reader *reader, int n, const uint8_t **row_ops)
{
    uint8_t *own = wr_arena_alloc(reader->arena, (size_t)n);
    bool ok = wr_packed_take(&reader->runs, own, (size_t)n);
    for (int i = 0; ok && i < n; i++) {
        ok = own[i] <= WR_DELETE;
    }
    *row_ops = own;
    return ok;
}

static bool
reader_take_row_parts(wr_segment_reader *reader, const segment_run *run, wr_batch *batch)
{
    int n = run->row_count;
    return take_numbers(reader, run->parts & SEGMENT_HAS_TIMES, n, &batch->event_time_us) &&
           take_numbers(reader, run->parts & SEGMENT_HAS_WATERMARKS, n, &batch->watermark_us) &&
           (!(run->parts & SEGMENT_HAS_OPS) || take_ops(reader, n, &batch->row_ops));
}

wr_status
wr_segment_reader_next(wr_segment_reader *reader, wr_batch **batch, wr_schema *schema,
                       wr_error *err)
{
    *schema = reader->schema;
    if (reader->runs.size == 0) {
        return WR_END;
    }
    segment_run run;
    if (!wr_segment_take_run(&reader->runs, &run)) {
        return wr_segment_damaged("a run cannot be read", err);
    }
    int n = run.row_count;
    wr_batch *out = wr_batch_new(reader->arena, reader->schema.count);
    out->row_count = out->selected_count = n;
    for (int i = 0; i < reader->type_count; i++) {
        if (!wr_segment_take_vector(&reader->runs, reader->types[i], n, &out->columns[i],
                                    reader->arena) ||
            out->columns[i].errors) {
            return wr_segment_damaged("a column cannot be read", err);
        }
    }
    for (int i = 0; i < reader->layout.aggregate_count; i++) {
        WR_TRY(reader_finalize(reader, i, n, &out->columns[reader->type_count + i], err));
    }
    bool ok = reader->has_rows ? reader_take_row_parts(reader, &run, out)
                               : !reader->layout.tracks_changes || reader_skip_changes(reader, n);
    *batch = out;
    return ok ? WR_OK : wr_segment_damaged("a run ends early", err);
}
