/* The DISTINCT form of an aggregate: a state is a pointer to the set of values seen.
 *
 *   sum(DISTINCT x) over 2, 1, 2      set {2, 1} → finalize feeds 1, 2 to sum → 3
 *
 * Idea: a set of values for each state (value_set.h). The vtable's functions get no context, so
 * there is a fixed number of slots, each a set of functions bound at compile time to its slot's
 * aggregate and type (of DECIMAL also the scale).
 *
 * 1. Equal values (as wr_value_compare says) are one; NULLs never enter.
 * 2. Values are fed to the inner aggregate in their order, so that the result depends on the set
 *    alone. Counting needs no order.
 * 3. A slot is filled once, under a lock, and never changes afterwards. */
#include "functions/value_set.h"

#include <pthread.h>

enum { DISTINCT_SLOTS = 64 };

typedef struct distinct_state {
    wr_value_set *set; /* NULL: no value yet */
} distinct_state;

typedef struct distinct_slot {
    const wr_aggregate *inner;
    wr_type type;
    wr_aggregate vtable;
} distinct_slot;

static distinct_slot slots[DISTINCT_SLOTS];
static int slot_count;
static pthread_mutex_t slots_lock = PTHREAD_MUTEX_INITIALIZER;

static void
distinct_update(const distinct_slot *slot, const wr_aggregate_call *call)
{
    const wr_vector *values = &call->args[0];
    distinct_state *states = call->states;
    for (int i = 0; i < call->n; i++) {
        int row = wr_aggregate_row(call, i);
        if (wr_vector_is_null(values, row)) {
            continue;
        }
        distinct_state *state = &states[wr_aggregate_group(call, i)];
        if (!state->set) {
            state->set = wr_value_set_new(slot->type, false, call->memory);
        }
        wr_value_set_add(state->set, wr_vector_element(values, wr_vector_slot(values, row)), 0,
                         call->memory);
    }
}

static void
distinct_combine(const distinct_slot *slot, distinct_state *into, const distinct_state *from,
                 wr_arena *memory)
{
    if (from->set) {
        into->set = into->set ? into->set : wr_value_set_new(slot->type, false, memory);
        wr_value_set_merge(into->set, from->set, memory);
    }
}

/* Feeds the values, in order, to a fresh state of the inner aggregate. */
static void
inner_feed(const distinct_slot *slot, const wr_value_set *set, void *inner_state, wr_arena *arena)
{
    wr_vector values = set->values;
    size_t width = (size_t)wr_type_width(values.type.id);
    const uint32_t *numbers = wr_value_set_sorted(set, arena);
    values.data = wr_arena_alloc(arena, width * (size_t)set->count);
    for (int i = 0; i < set->count; i++) {
        memcpy(wr_vector_element(&values, i), wr_vector_element(&set->values, (int)numbers[i]),
               width);
    }
    for (int start = 0; start < set->count; start += WR_BATCH_ROWS) {
        wr_vector piece = values;
        piece.data = wr_vector_element(&values, start);
        int rest = set->count - start;
        wr_aggregate_call call = {.states = inner_state,
                                  .n = rest < WR_BATCH_ROWS ? rest : WR_BATCH_ROWS,
                                  .arg_count = 1,
                                  .args = &piece,
                                  .memory = arena};
        slot->inner->update(&call);
    }
}

static bool
aggregate_is_count(const wr_aggregate *aggregate)
{
    return wr_text_equal(wr_text_from(aggregate->name), WR_TEXT("count"));
}

/* A batch of inner states, finalized at once. */
static void
distinct_finalize(const distinct_slot *slot, const distinct_state *states, const uint32_t *groups,
                  int n, wr_vector *out, wr_arena *arena)
{
    size_t state_bytes = slot->inner->state_bytes;
    char *inner_states = wr_arena_zalloc(arena, state_bytes * (size_t)n);
    uint32_t *inner_groups = WR_NEW_ARRAY(arena, uint32_t, n);
    for (int i = 0; i < n; i++) {
        const wr_value_set *set = states[groups[i]].set;
        inner_groups[i] = (uint32_t)i;
        if (set) {
            inner_feed(slot, set, inner_states + (size_t)i * state_bytes, arena);
        }
    }
    slot->inner->finalize(inner_states, inner_groups, n, out, arena);
}

static void
distinct_count(const distinct_state *states, const uint32_t *groups, int n, wr_vector *out)
{
    for (int i = 0; i < n; i++) {
        const wr_value_set *set = states[groups[i]].set;
        ((int64_t *)out->data)[i] = set ? set->count : 0;
    }
}

/* ── slots: X(number) for each, decimal ─────────────────────────────────────────────────────── */

#define DISTINCT_TEN(X, ten) \
    X(ten##0) X(ten##1) X(ten##2) X(ten##3) X(ten##4) X(ten##5) X(ten##6) X(ten##7)
#define DISTINCT_LIST(X) \
    DISTINCT_TEN(X, 0) \
    DISTINCT_TEN(X, 01) \
    DISTINCT_TEN(X, 02) \
    DISTINCT_TEN(X, 03) \
    DISTINCT_TEN(X, 04) \
    DISTINCT_TEN(X, 05) \
    DISTINCT_TEN(X, 06) \
    DISTINCT_TEN(X, 07)

/* The numbers are octal: 00..07, 010..017, … 070..077 are 0..63. */
#define DISTINCT_BIND(number) \
    static void update_##number(const wr_aggregate_call *call) \
    { \
        distinct_update(&slots[number], call); \
    } \
    static inline void combine_##number##_one(void *into, const void *from, wr_arena *memory) \
    { \
        distinct_combine(&slots[number], into, from, memory); \
    } \
    WR_AGGREGATE_COMBINE(combine_##number, distinct_state) \
    static void finalize_##number(const void *states, const uint32_t *groups, int n, \
                                  wr_vector *out, wr_arena *arena) \
    { \
        if (aggregate_is_count(slots[number].inner)) { \
            distinct_count(states, groups, n, out); \
        } else { \
            distinct_finalize(&slots[number], states, groups, n, out, arena); \
        } \
    } \
    static void save_##number(const wr_aggregate_states *call, wr_buffer *out) \
    { \
        wr_value_sets_save(call, offsetof(distinct_state, set), out); \
    } \
    static wr_status load_##number(const wr_aggregate_states *call, wr_text *bytes, wr_error *err) \
    { \
        return wr_value_sets_load(call, offsetof(distinct_state, set), call->args[0], false, \
                                  bytes, err); \
    }
DISTINCT_LIST(DISTINCT_BIND)

#define DISTINCT_VTABLE(number) \
    {.state_bytes = sizeof(distinct_state), \
     .is_distinct = true, \
     .update = update_##number, \
     .combine = combine_##number, \
     .finalize = finalize_##number, \
     .save = save_##number, \
     .load = load_##number},
static const wr_aggregate vtables[DISTINCT_SLOTS] = {DISTINCT_LIST(DISTINCT_VTABLE)};

static distinct_slot *
slot_find(const wr_aggregate *inner, wr_type type)
{
    for (int i = 0; i < slot_count; i++) {
        if (slots[i].inner == inner && slots[i].type.id == type.id &&
            slots[i].type.scale == type.scale) {
            return &slots[i];
        }
    }
    if (slot_count == DISTINCT_SLOTS) {
        return NULL;
    }
    distinct_slot *slot = &slots[slot_count];
    slot->inner = inner;
    slot->type = type;
    slot->vtable = vtables[slot_count++];
    slot->vtable.name = inner->name;
    slot->vtable.result = inner->result;
    slot->vtable.result_type = inner->result_type;
    memcpy(slot->vtable.args, inner->args, sizeof(slot->vtable.args));
    slot->vtable.signature = inner->signature;
    slot->vtable.meaning = inner->meaning;
    slot->vtable.example = inner->example;
    slot->vtable.example_result = inner->example_result;
    return slot;
}

const wr_aggregate *
wr_aggregate_distinct(const wr_aggregate *inner, wr_type argument)
{
    pthread_mutex_lock(&slots_lock);
    const distinct_slot *slot = slot_find(inner, argument);
    pthread_mutex_unlock(&slots_lock);
    return slot ? &slot->vtable : NULL;
}
