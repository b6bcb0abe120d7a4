/* The DISTINCT form of an aggregate: a state is a pointer to the set of values seen.
 *
 *   sum(DISTINCT x) over 2, 1, 2      set {2, 1} → finalize feeds 1, 2 to sum → 3
 *
 * Idea: values lie in an array in order of arrival, an open hash table holds their numbers. The
 * vtable's functions get no context, so there is a fixed number of slots, each a set of functions
 * bound at compile time to its slot's aggregate and type.
 *
 * 1. Equal values (as wr_value_compare says) are one; NULLs never enter.
 * 2. Values are fed to the inner aggregate in their order, so that the result depends on the set
 *    alone. Counting needs no order.
 * 3. A slot is filled once, under a lock, and never changes afterwards. */
#include "functions/aggregate.h"

#include "core/hash.h"
#include "core/packed.h"

#include <pthread.h>

enum { DISTINCT_SLOTS = 64, DISTINCT_FIRST_CAPACITY = 16 };

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
        void *value = wr_vector_element(values, wr_vector_slot(values, row));
        wr_vector one = {.type = slot->type, .kind = WR_CONSTANT, .data = value};
        uint64_t hash = 0;
        wr_hash_vector(&one, 1, false, &hash);
        distinct_set *set =
            state_set(&states[wr_aggregate_group(call, i)], slot->type, call->memory);
        set_add(set, value, hash, call->memory);
    }
}

static void
distinct_combine(const distinct_slot *slot, distinct_state *into, const distinct_state *from,
                 wr_arena *memory)
{
    for (int i = 0; from->set && i < from->set->count; i++) {
        set_add(state_set(into, slot->type, memory), wr_vector_element(&from->set->values, i),
                from->set->hashes[i], memory);
    }
}

/* Shell sort by SQL order; qsort has no context argument in C17. */
static void
elements_sort(wr_vector *values, int count)
{
    size_t width = (size_t)wr_type_width(values->type.id);
    wr_type_id type = values->type.id;
    _Alignas(16) char held[16];
    for (int gap = count / 2; gap > 0; gap = gap == 2 ? 1 : gap * 5 / 11) {
        for (int i = gap; i < count; i++) {
            memcpy(held, wr_vector_element(values, i), width);
            int j = i;
            for (; j >= gap && wr_value_compare(type, wr_vector_element(values, j - gap), held) > 0;
                 j -= gap) {
                memcpy(wr_vector_element(values, j), wr_vector_element(values, j - gap), width);
            }
            memcpy(wr_vector_element(values, j), held, width);
        }
    }
}

/* Feeds the values, in order, to a fresh state of the inner aggregate. */
static void
inner_feed(const distinct_slot *slot, const distinct_set *set, void *inner_state, wr_arena *arena)
{
    wr_vector values = set->values;
    size_t width = (size_t)wr_type_width(values.type.id);
    values.data = wr_arena_alloc(arena, width * (size_t)set->count);
    memcpy(values.data, set->values.data, width * (size_t)set->count);
    elements_sort(&values, set->count);
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
distinct_finalize(const distinct_slot *slot, const distinct_state *states,
                  const uint32_t *groups, int n, wr_vector *out, wr_arena *arena)
{
    size_t state_bytes = slot->inner->state_bytes;
    char *inner_states = wr_arena_zalloc(arena, state_bytes * (size_t)n);
    uint32_t *inner_groups = WR_NEW_ARRAY(arena, uint32_t, n);
    for (int i = 0; i < n; i++) {
        const distinct_set *set = states[groups[i]].set;
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
        const distinct_set *set = states[groups[i]].set;
        ((int64_t *)out->data)[i] = set ? set->count : 0;
    }
}

/* Of each state how many values it has, then these: of fixed width as they are, views as size and
 * bytes. */
static void
distinct_save(const distinct_slot *slot, const wr_aggregate_states *call, wr_buffer *out)
{
    uint64_t counts[WR_BATCH_ROWS];
    for (int i = 0; i < call->n; i++) {
        const distinct_state *state = wr_aggregate_state(call, i);
        counts[i] = state->set ? (uint64_t)state->set->count : 0;
    }
    wr_packed_write(out, counts, call->n);
    for (int i = 0; i < call->n; i++) {
        const distinct_set *set = ((const distinct_state *)wr_aggregate_state(call, i))->set;
        for (uint64_t k = 0; k < counts[i]; k++) {
            const void *value = wr_vector_element(&set->values, (int)k);
            if (wr_type_is_view(slot->type.id)) {
                const wr_view *view = value;
                wr_buffer_append(out, (const char *)&view->size, sizeof(view->size));
                wr_buffer_text(out, wr_view_text(view));
            } else {
                wr_buffer_append(out, value, (size_t)wr_type_width(slot->type.id));
            }
        }
    }
}

static bool
take_value(wr_text *bytes, wr_type_id type, void *to)
{
    if (!wr_type_is_view(type)) {
        return wr_packed_take(bytes, to, (size_t)wr_type_width(type));
    }
    uint32_t size = 0;
    if (!wr_packed_take(bytes, &size, sizeof(size)) || bytes->size < size) {
        return false;
    }
    *(wr_view *)to = wr_view_from(bytes->data, size);
    bytes->data += size;
    bytes->size -= size;
    return true;
}

static bool
state_load(const distinct_slot *slot, distinct_state *state, uint64_t count, wr_text *bytes,
           wr_arena *memory)
{
    for (uint64_t k = 0; k < count; k++) {
        _Alignas(16) char value[16];
        if (!take_value(bytes, slot->type.id, value)) {
            return false;
        }
        wr_vector one = {.type = slot->type, .kind = WR_CONSTANT, .data = value};
        uint64_t hash = 0;
        wr_hash_vector(&one, 1, false, &hash);
        set_add(state_set(state, slot->type, memory), value, hash, memory);
    }
    return true;
}

static wr_status
distinct_load(const distinct_slot *slot, const wr_aggregate_states *call, wr_text *bytes,
              wr_error *err)
{
    uint64_t counts[WR_BATCH_ROWS];
    bool ok = wr_packed_read(bytes, counts, call->n);
    for (int i = 0; ok && i < call->n; i++) {
        distinct_state *state = wr_aggregate_state(call, i);
        state->set = NULL;
        ok = state_load(slot, state, counts[i], bytes, call->memory);
    }
    return ok ? WR_OK : wr_aggregate_damaged(err);
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
        distinct_save(&slots[number], call, out); \
    } \
    static wr_status load_##number(const wr_aggregate_states *call, wr_text *bytes, \
                                   wr_error *err) \
    { \
        return distinct_load(&slots[number], call, bytes, err); \
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
        if (slots[i].inner == inner && slots[i].type.id == type.id) {
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
