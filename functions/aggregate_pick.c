/* Aggregates that pick the value of one row: first, last, any_value, min_by, max_by.
 *
 *   first(x)      the row that is least by (event time, partition, offset)
 *   min_by(x, k)  the row whose k is least; ties by the same order, the first one wins
 *
 * Idea: one state for all: the picked value, the key it was picked by, and the place of its row.
 * Rows without event time and origin have equal places: then the first to arrive stays.
 *
 * 1. Where the rows' places differ, the result does not depend on the order of updates.
 * 2. first, last and any_value pass over NULLs; min_by and max_by pass over rows whose key is NULL,
 *    and their result may be NULL.
 * 3. Long texts are copied into the states' arena when they are picked. */
#include "functions/aggregate.h"

typedef struct pick_state {
    _Alignas(8) char value[16];
    _Alignas(8) char key[16];
    wr_place place;
    uint8_t value_type, key_type; /* wr_type_id, so that combine knows them */
    bool is_set, is_null;
    char unused[4];
} pick_state;

typedef enum pick_kind { PICK_FIRST, PICK_LAST, PICK_MIN, PICK_MAX } pick_kind;

/* Does `candidate` take the place of `state`, which is set? */
static bool
pick_prefers(pick_kind kind, const pick_state *state, const pick_state *candidate)
{
    int order = 0;
    if (kind == PICK_MIN || kind == PICK_MAX) {
        order = wr_value_compare((wr_type_id)state->key_type, candidate->key, state->key);
        order = kind == PICK_MAX ? -order : order;
    }
    if (order == 0) {
        order = wr_place_compare(&candidate->place, &state->place);
        order = kind == PICK_LAST ? (order >= 0 ? -1 : 1) : order;
    }
    return order < 0;
}

static void
value_keep(char *bytes, uint8_t type, wr_arena *memory)
{
    if (wr_type_is_view((wr_type_id)type)) {
        wr_view view;
        memcpy(&view, bytes, sizeof(view));
        view = wr_view_copy(memory, &view);
        memcpy(bytes, &view, sizeof(view));
    }
}

static void
pick_offer(pick_kind kind, pick_state *state, const pick_state *candidate, wr_arena *memory)
{
    if (!candidate->is_set || (state->is_set && !pick_prefers(kind, state, candidate))) {
        return;
    }
    *state = *candidate;
    value_keep(state->value, state->value_type, memory);
    value_keep(state->key, state->key_type, memory);
}

static void
element_load(char *to, const wr_vector *vector, int row)
{
    memcpy(to, wr_vector_element(vector, wr_vector_slot(vector, row)),
           (size_t)wr_type_width(vector->type.id));
}

static pick_state
pick_candidate(const wr_aggregate_call *call, int row, bool has_key)
{
    const wr_vector *values = &call->args[0];
    pick_state candidate = {.value_type = (uint8_t)values->type.id};
    candidate.is_null = wr_vector_is_null(values, row);
    candidate.is_set = !candidate.is_null;
    if (!candidate.is_null) {
        element_load(candidate.value, values, row);
    }
    if (has_key) {
        const wr_vector *keys = &call->args[1];
        candidate.key_type = (uint8_t)keys->type.id;
        candidate.is_set = !wr_vector_is_null(keys, row);
        element_load(candidate.key, keys, row);
    }
    candidate.place = wr_place_of(call, row);
    return candidate;
}

static void
pick_update(pick_kind kind, const wr_aggregate_call *call)
{
    pick_state *states = call->states;
    for (int i = 0; i < call->n; i++) {
        pick_state candidate = pick_candidate(call, wr_aggregate_row(call, i), kind >= PICK_MIN);
        pick_offer(kind, &states[wr_aggregate_group(call, i)], &candidate, call->memory);
    }
}

static inline void
pick_finalize_one(const void *state, wr_vector *out, int row, int row_count, wr_arena *arena)
{
    pick_state copy = *(const pick_state *)state;
    if (!copy.is_set || copy.is_null) {
        memset(wr_vector_element(out, row), 0, (size_t)wr_type_width(out->type.id));
        wr_vector_set_null(out, row, row_count, arena);
        return;
    }
    value_keep(copy.value, copy.value_type, arena);
    memcpy(wr_vector_element(out, row), copy.value, (size_t)wr_type_width(out->type.id));
}

WR_AGGREGATE_FINALIZE(pick_finalize, pick_state)

/* ── checkpoints ────────────────────────────────────────────────────────────────────────────── */

/* Place and kinds by word; then values, then keys, as their type wants it. */

enum {
    PICK_WORDS = 2, /* of a value or a key */
    PICK_PLACE_WORD = offsetof(pick_state, place) / sizeof(uint64_t),
    PICK_REST_WORDS = sizeof(pick_state) / sizeof(uint64_t) - PICK_PLACE_WORD
};

static void
part_save(const wr_aggregate_states *call, size_t offset, wr_type type, wr_buffer *out)
{
    if (wr_type_is_view(type.id)) {
        wr_aggregate_save_views(call, offset, out);
    } else {
        wr_aggregate_save_words(call, (int)(offset / sizeof(uint64_t)), PICK_WORDS, out);
    }
}

static wr_status
part_load(const wr_aggregate_states *call, size_t offset, wr_type type, wr_text *bytes,
          wr_error *err)
{
    if (wr_type_is_view(type.id)) {
        return wr_aggregate_load_views(call, offset, bytes, err);
    }
    return wr_aggregate_load_words(call, (int)(offset / sizeof(uint64_t)), PICK_WORDS, bytes, err);
}

static void
pick_save(const wr_aggregate_states *call, wr_buffer *out)
{
    wr_aggregate_save_words(call, PICK_PLACE_WORD, PICK_REST_WORDS, out);
    part_save(call, offsetof(pick_state, value), call->args[0], out);
}

static void
pick_by_save(const wr_aggregate_states *call, wr_buffer *out)
{
    pick_save(call, out);
    part_save(call, offsetof(pick_state, key), call->args[1], out);
}

/* Of a state that was picked, the types must be those of the arguments: values are read by them. */
static bool
pick_is_sound(const pick_state *state, wr_type value, wr_type key)
{
    uint8_t flags[2];
    memcpy(flags, (const char *)state + offsetof(pick_state, is_set), sizeof(flags));
    return flags[0] <= 1 && flags[1] <= 1 &&
           (flags[0] == 1 ? state->value_type == value.id && state->key_type == key.id
                          : state->value_type == 0 && state->key_type == 0 && flags[1] == 0);
}

static wr_status
pick_load_as(const wr_aggregate_states *call, wr_type key, wr_text *bytes, wr_error *err)
{
    WR_TRY(wr_aggregate_load_words(call, PICK_PLACE_WORD, PICK_REST_WORDS, bytes, err));
    WR_TRY(part_load(call, offsetof(pick_state, value), call->args[0], bytes, err));
    bool is_sound = true;
    for (int i = 0; i < call->n; i++) {
        is_sound = is_sound && pick_is_sound(wr_aggregate_state(call, i), call->args[0], key);
    }
    return is_sound ? WR_OK : wr_aggregate_damaged(err);
}

static wr_status
pick_load(const wr_aggregate_states *call, wr_text *bytes, wr_error *err)
{
    return pick_load_as(call, WR_TYPE(NULL), bytes, err);
}

static wr_status
pick_by_load(const wr_aggregate_states *call, wr_text *bytes, wr_error *err)
{
    WR_TRY(pick_load_as(call, call->args[1], bytes, err));
    return part_load(call, offsetof(pick_state, key), call->args[1], bytes, err);
}

#define PICK_FUNCTIONS(name, kind) \
    static void name##_update(const wr_aggregate_call *call) \
    { \
        pick_update(kind, call); \
    } \
    static inline void name##_combine_one(void *into, const void *from, wr_arena *memory) \
    { \
        pick_offer(kind, into, from, memory); \
    } \
    WR_AGGREGATE_COMBINE(name##_combine, pick_state)

PICK_FUNCTIONS(first, PICK_FIRST)
PICK_FUNCTIONS(last, PICK_LAST)
PICK_FUNCTIONS(min_by, PICK_MIN)
PICK_FUNCTIONS(max_by, PICK_MAX)

#define PICK_ENTRY(name_, prefix, kind, signature_, meaning_, example_, result_, ...) \
    { \
        .name = name_, .result = WR_RESULT_SAME, .args = {__VA_ARGS__}, \
        .state_bytes = sizeof(pick_state), .update = prefix##_update, .combine = prefix##_combine, \
        .finalize = pick_finalize, .save = kind##_save, .load = kind##_load, \
        .signature = signature_, .meaning = meaning_, .example = example_, \
        .example_result = result_ \
    }
#define PICK_ONE(name, prefix, meaning, result) \
    PICK_ENTRY(name, prefix, pick, name "(x)", meaning, name "(x) over 3, 1", result, WR_ARG_ANY)
#define PICK_BY(name, prefix, meaning, result) \
    PICK_ENTRY(name, prefix, pick_by, name "(x, key)", meaning, \
               name "(x, key) over ('a', 2), ('b', 1)", result, WR_ARG_ANY, WR_ARG_ANY)

static const wr_aggregate pick_entries[] = {
    PICK_ONE("first", first, "The first value by event time.", "3"),
    PICK_ONE("first_value", first, "The first value by event time.", "3"),
    PICK_ONE("any_value", first, "One of the values.", "3"),
    PICK_ONE("last", last, "The last value by event time.", "1"),
    PICK_ONE("last_value", last, "The last value by event time.", "1"),
    PICK_BY("min_by", min_by, "x where the key is least.", "b"),
    PICK_BY("arg_min", min_by, "x where the key is least.", "b"),
    PICK_BY("max_by", max_by, "x where the key is greatest.", "a"),
    PICK_BY("arg_max", max_by, "x where the key is greatest.", "a"),
};

const wr_aggregate_table wr_aggregates_pick = WR_TABLE(pick_entries);
