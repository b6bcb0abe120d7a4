/* All values of a group in the order of their rows: string_agg, listagg, json_agg, array_agg,
 * json_object_agg.
 *
 *   string_agg(x, '-') over 'a', 'b'   items (place, 'a', '-') (place, 'b', '-')   →   'a-b'
 *
 * Idea: a growing array of items, each with the place of its row; sorted when the result is made.
 *
 * 1. Rows go by (event time, partition, offset); where these are equal, by arrival.
 * 2. A state holds every value: its memory grows with its rows. Results are at most
 *    WR_RESULT_BYTES_MAX. */
#include "functions/aggregate.h"
#include "functions/json_column.h"

#include "core/packed.h"

#include <stdlib.h>

enum { PARTS = 2, LIST_FIRST_CAPACITY = 4 };

typedef struct list_item {
    wr_place place;
    _Alignas(16) char parts[PARTS][16]; /* of the arguments, by their types */
    int64_t number;                     /* in order of arrival */
    bool is_null[PARTS];
} list_item;

typedef struct list_state {
    list_item *items;
    int64_t count, capacity;
    wr_type types[PARTS]; /* of the arguments; the second's is NULL without one */
} list_state;

static list_item *
list_add(list_state *state, wr_arena *memory)
{
    if (state->count == state->capacity) {
        int64_t capacity = state->capacity ? state->capacity * 2 : LIST_FIRST_CAPACITY;
        list_item *items = WR_NEW_ARRAY(memory, list_item, capacity);
        if (state->count > 0) {
            memcpy(items, state->items, (size_t)state->count * sizeof(*items));
        }
        state->items = items;
        state->capacity = capacity;
    }
    list_item *item = &state->items[state->count];
    item->number = state->count++;
    return item;
}

static void
part_keep(list_item *item, int part, wr_type type, wr_arena *memory)
{
    if (wr_type_is_view(type.id) && !item->is_null[part]) {
        wr_view *view = (wr_view *)(void *)item->parts[part];
        *view = wr_view_copy(memory, view);
    }
}

static void
list_take(const wr_aggregate_call *call, bool skips_nulls)
{
    list_state *states = call->states;
    for (int i = 0; i < call->n; i++) {
        int row = wr_aggregate_row(call, i);
        list_state *state = &states[wr_aggregate_group(call, i)];
        if (skips_nulls && wr_vector_is_null(&call->args[0], row)) {
            continue;
        }
        list_item *item = list_add(state, call->memory);
        item->place = wr_place_of(call, row);
        for (int arg = 0; arg < call->arg_count; arg++) {
            const wr_vector *values = &call->args[arg];
            state->types[arg] = values->type;
            item->is_null[arg] = wr_vector_is_null(values, row);
            memcpy(item->parts[arg], wr_vector_element(values, wr_vector_slot(values, row)),
                   (size_t)wr_type_width(values->type.id));
            part_keep(item, arg, values->type, call->memory);
        }
    }
}

static void
list_update(const wr_aggregate_call *call)
{
    list_take(call, false);
}

static void
string_update(const wr_aggregate_call *call)
{
    list_take(call, true);
}

static inline void
list_combine_one(list_state *into, const list_state *from, wr_arena *memory)
{
    for (int64_t i = 0; i < from->count; i++) {
        list_item *item = list_add(into, memory);
        int64_t number = item->number;
        *item = from->items[i];
        item->number = number;
        memcpy(into->types, from->types, sizeof(into->types));
        for (int part = 0; part < PARTS; part++) {
            part_keep(item, part, from->types[part], memory);
        }
    }
}

WR_AGGREGATE_COMBINE(list_combine, list_state)
#define string_combine list_combine

/* ── results ────────────────────────────────────────────────────────────────────────────────── */

static int
item_order(const void *a, const void *b)
{
    const list_item *first = a;
    const list_item *second = b;
    int order = wr_place_compare(&first->place, &second->place);
    return order ? order : (first->number > second->number) - (first->number < second->number);
}

/* A copy, sorted. */
static list_item *
items_sorted(const list_state *state, wr_arena *arena)
{
    size_t size = (size_t)state->count * sizeof(list_item);
    list_item *items = wr_arena_alloc(arena, size);
    memcpy(items, state->items, size);
    qsort(items, (size_t)state->count, sizeof(*items), item_order);
    return items;
}

/* One part of all items as a vector. */
static wr_vector
items_column(const list_item *items, int count, int part, wr_type type, wr_arena *arena)
{
    wr_vector column;
    wr_vector_init_flat(&column, type, count, arena);
    for (int i = 0; i < count; i++) {
        memcpy(wr_vector_element(&column, i), items[i].parts[part], (size_t)wr_type_width(type.id));
        if (items[i].is_null[part]) {
            memset(wr_vector_element(&column, i), 0, (size_t)wr_type_width(type.id));
            wr_vector_set_null(&column, i, count, arena);
        }
    }
    return column;
}

typedef wr_reason (*list_writer)(const list_state *state, const list_item *items, wr_buffer *text,
                                 wr_arena *arena);

static void
list_write(const list_state *state, list_writer write, wr_vector *out, int row, int row_count,
           wr_arena *arena)
{
    wr_view *views = out->data;
    views[row] = wr_view_from(NULL, 0);
    if (state->count == 0) {
        wr_vector_set_null(out, row, row_count, arena);
        return;
    }
    wr_buffer text;
    wr_buffer_init(&text);
    wr_reason reason = state->count > WR_RESULT_BYTES_MAX
                           ? WR_REASON_TOO_LARGE
                           : write(state, items_sorted(state, arena), &text, arena);
    wr_aggregate_set_text(&text, reason, out, row, row_count, arena);
    wr_buffer_fini(&text);
}

/* Each text but the first has its own separator before it; a NULL one is none. */
static wr_reason
string_write(const list_state *state, const list_item *items, wr_buffer *text, wr_arena *arena)
{
    (void)arena;
    for (int64_t i = 0; i < state->count && text->size <= WR_RESULT_BYTES_MAX; i++) {
        bool has_own = state->types[1].id == WR_TYPE_TEXT;
        wr_text own = has_own && !items[i].is_null[1]
                          ? wr_view_text((const wr_view *)(const void *)items[i].parts[1])
                          : WR_TEXT("");
        if (i > 0) {
            wr_buffer_text(text, has_own ? own : WR_TEXT(","));
        }
        wr_buffer_text(text, wr_view_text((const wr_view *)(const void *)items[i].parts[0]));
    }
    return WR_REASON_NONE;
}

static void
json_value_write(const wr_vector *column, int row, wr_buffer *text)
{
    wr_buffer_text(text, wr_vector_is_null(column, row)
                             ? WR_TEXT("null")
                             : wr_view_text(&((const wr_view *)column->data)[row]));
}

static wr_reason
array_write(const list_state *state, const list_item *items, wr_buffer *text, wr_arena *arena)
{
    int count = (int)state->count;
    wr_vector values = items_column(items, count, 0, state->types[0], arena);
    wr_vector json = wr_json_column(&values, count, arena);
    wr_buffer_char(text, '[');
    for (int i = 0; i < count && text->size <= WR_RESULT_BYTES_MAX; i++) {
        wr_buffer_append(text, ", ", i > 0 ? 2 : 0);
        json_value_write(&json, i, text);
    }
    wr_buffer_char(text, ']');
    return WR_REASON_NONE;
}

static wr_reason
object_write(const list_state *state, const list_item *items, wr_buffer *text, wr_arena *arena)
{
    int count = (int)state->count;
    wr_vector keys = items_column(items, count, 0, WR_TYPE(TEXT), arena);
    wr_vector values = items_column(items, count, 1, state->types[1], arena);
    wr_vector json = wr_json_column(&values, count, arena);
    wr_buffer_char(text, '{');
    for (int i = 0; i < count && text->size <= WR_RESULT_BYTES_MAX; i++) {
        if (wr_vector_is_null(&keys, i)) {
            return WR_REASON_DOMAIN;
        }
        wr_buffer_append(text, ", ", i > 0 ? 2 : 0);
        wr_buffer_json_string(text, wr_view_text(&((const wr_view *)keys.data)[i]));
        wr_buffer_text(text, WR_TEXT(": "));
        json_value_write(&json, i, text);
    }
    wr_buffer_char(text, '}');
    return WR_REASON_NONE;
}

#define LIST_FINALIZE(name, write) \
    static inline void name##_one(const list_state *state, wr_vector *out, int row, int row_count, \
                                  wr_arena *arena) \
    { \
        list_write(state, write, out, row, row_count, arena); \
    } \
    WR_AGGREGATE_FINALIZE(name, list_state)
LIST_FINALIZE(string_finalize, string_write)
LIST_FINALIZE(array_finalize, array_write)
LIST_FINALIZE(object_finalize, object_write)

/* ── checkpoints: the counts; then of each item its place and its arguments ─────────────────── */

enum { COUNT_WORD = offsetof(list_state, count) / sizeof(uint64_t) };

/* Arguments that an aggregate of `parts` has. */
static void
parts_save(const wr_aggregate_states *call, int parts, wr_buffer *out)
{
    wr_aggregate_save_words(call, COUNT_WORD, 1, out);
    for (int i = 0; i < call->n; i++) {
        const list_state *state = wr_aggregate_state(call, i);
        for (int64_t k = 0; k < state->count; k++) {
            const list_item *item = &state->items[k];
            wr_buffer_append(out, (const char *)&item->place, sizeof(item->place));
            for (int part = 0; part < parts; part++) {
                wr_buffer_char(out, item->is_null[part]);
                if (!item->is_null[part]) {
                    wr_aggregate_put_value(call->args[part].id, item->parts[part], out);
                }
            }
        }
    }
}

static bool
item_load(list_item *item, const wr_aggregate_states *call, int parts, wr_text *bytes)
{
    bool ok = wr_packed_take(bytes, &item->place, sizeof(item->place));
    for (int part = 0; ok && part < parts; part++) {
        char is_null = 0;
        ok = wr_packed_take(bytes, &is_null, 1) && (is_null == 0 || is_null == 1);
        item->is_null[part] = is_null == 1;
        if (ok && !item->is_null[part]) {
            ok = wr_aggregate_take_value(call->args[part].id, bytes, item->parts[part]);
            part_keep(item, part, call->args[part], call->memory);
        }
    }
    return ok;
}

static wr_status
parts_load(const wr_aggregate_states *call, int parts, wr_text *bytes, wr_error *err)
{
    int64_t counts[WR_BATCH_ROWS];
    WR_TRY(wr_aggregate_load_words(call, COUNT_WORD, 1, bytes, err));
    for (int i = 0; i < call->n; i++) {
        list_state *state = wr_aggregate_state(call, i);
        counts[i] = state->count;
        *state = (list_state){0};
        for (int part = 0; part < parts && counts[i] > 0; part++) {
            state->types[part] = call->args[part];
        }
    }
    for (int i = 0; i < call->n; i++) {
        for (int64_t k = 0; k < counts[i]; k++) {
            list_item *item = list_add(wr_aggregate_state(call, i), call->memory);
            if (!item_load(item, call, parts, bytes)) {
                return wr_aggregate_damaged(err);
            }
        }
    }
    return WR_OK;
}

#define LIST_PARTS(name, parts) \
    static void name##_save(const wr_aggregate_states *call, wr_buffer *out) \
    { \
        parts_save(call, parts, out); \
    } \
    static wr_status name##_load(const wr_aggregate_states *call, wr_text *bytes, wr_error *err) \
    { \
        return parts_load(call, parts, bytes, err); \
    }
LIST_PARTS(one, 1)
LIST_PARTS(two, 2)

#define STRING_ENTRIES(name) \
    WR_AGGREGATE(name, WR_TYPE_TEXT, list_state, string, string_finalize, one_save, one_load, \
                 name "(x)", "The texts joined by commas, by event time.", \
                 name "(x) over 'a', NULL, 'b'", "a,b", WR_TYPE_TEXT), \
        WR_AGGREGATE(name, WR_TYPE_TEXT, list_state, string, string_finalize, two_save, two_load, \
                     name "(x, separator)", "The texts joined, by event time.", \
                     name "(x, ' + ') over 'a', 'b'", "a + b", WR_TYPE_TEXT, WR_TYPE_TEXT)
#define ARRAY_ENTRY(name) \
    WR_AGGREGATE(name, WR_TYPE_JSON, list_state, list, array_finalize, one_save, one_load, \
                 name "(x)", "A JSON array of all values, NULLs too, by event time.", \
                 name "(x) over 'a', NULL, 'b'", "[\"a\", null, \"b\"]", WR_ARG_ANY)

static const wr_aggregate list_entries[] = {
    STRING_ENTRIES("string_agg"),
    STRING_ENTRIES("listagg"),
    ARRAY_ENTRY("json_agg"),
    ARRAY_ENTRY("array_agg"),
    WR_AGGREGATE("json_object_agg", WR_TYPE_JSON, list_state, list, object_finalize, two_save,
                 two_load, "json_object_agg(key, x)",
                 "A JSON object of all keys and values, by event time.",
                 "json_object_agg(k, x) over ('a', 1), ('b', NULL)", "{\"a\": 1, \"b\": null}",
                 WR_TYPE_TEXT, WR_ARG_ANY),
};

const wr_aggregate_table wr_aggregates_list = WR_TABLE(list_entries);
