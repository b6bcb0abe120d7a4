/* Sets of values: an array in order of arrival, and an open hash table of the values' numbers.
 *
 *   add 7, 3, 7      values [7, 3]   times [2, 1]   table: hash(7) → 1, hash(3) → 2
 *
 * 1. The table is at most half full, its size a power of two.
 * 2. What is saved does not tell hashes: those may change from version to version. */
#include "functions/value_set.h"

#include "core/hash.h"
#include "core/packed.h"

enum { SET_FIRST_CAPACITY = 16 };

static uint32_t *
set_find(const wr_value_set *set, const void *value, uint64_t hash)
{
    uint32_t mask = (uint32_t)set->capacity * 2 - 1;
    for (uint32_t at = (uint32_t)hash & mask;; at = (at + 1) & mask) {
        uint32_t number = set->table[at];
        if (number == 0 ||
            (set->hashes[number - 1] == hash &&
             wr_value_compare(set->values.type.id, wr_vector_element(&set->values, (int)number - 1),
                              value) == 0)) {
            return &set->table[at];
        }
    }
}

static void
set_grow(wr_value_set *set, wr_arena *memory)
{
    wr_value_set old = *set;
    size_t width = (size_t)wr_type_width(set->values.type.id);
    set->capacity = old.capacity ? old.capacity * 2 : SET_FIRST_CAPACITY;
    set->values.data = wr_arena_alloc(memory, width * (size_t)set->capacity);
    set->hashes = WR_NEW_ARRAY(memory, uint64_t, set->capacity);
    set->table = WR_NEW_ARRAY(memory, uint32_t, set->capacity * 2);
    set->times = old.times ? WR_NEW_ARRAY(memory, int64_t, set->capacity) : NULL;
    if (old.count > 0) {
        memcpy(set->values.data, old.values.data, width * (size_t)old.count);
        memcpy(set->hashes, old.hashes, sizeof(*old.hashes) * (size_t)old.count);
    }
    if (old.count > 0 && old.times) {
        memcpy(set->times, old.times, sizeof(*old.times) * (size_t)old.count);
    }
    for (int i = 0; i < old.count; i++) {
        *set_find(set, wr_vector_element(&set->values, i), set->hashes[i]) = (uint32_t)i + 1;
    }
}

wr_value_set *
wr_value_set_new(wr_type type, bool counts, wr_arena *memory)
{
    wr_value_set *set = WR_NEW(memory, wr_value_set);
    set->values = (wr_vector){.type = type, .kind = WR_FLAT};
    set->times = counts ? WR_NEW(memory, int64_t) : NULL;
    set_grow(set, memory);
    return set;
}

static void
set_add(wr_value_set *set, const void *value, uint64_t hash, int64_t times, wr_arena *memory)
{
    if (set->count == set->capacity) {
        set_grow(set, memory);
    }
    uint32_t *entry = set_find(set, value, hash);
    if (*entry == 0) {
        int number = set->count++;
        void *to = wr_vector_element(&set->values, number);
        if (wr_type_is_view(set->values.type.id)) {
            *(wr_view *)to = wr_view_copy(memory, value);
        } else {
            memcpy(to, value, (size_t)wr_type_width(set->values.type.id));
        }
        set->hashes[number] = hash;
        *entry = (uint32_t)number + 1;
    }
    if (set->times) {
        set->times[*entry - 1] += times;
    }
}

void
wr_value_set_add(wr_value_set *set, const void *value, int64_t times, wr_arena *memory)
{
    _Alignas(16) char held[16];
    memcpy(held, value, (size_t)wr_type_width(set->values.type.id));
    wr_vector one = {.type = set->values.type, .kind = WR_CONSTANT, .data = held};
    uint64_t hash = 0;
    wr_hash_vector(&one, 1, false, &hash);
    set_add(set, held, hash, times, memory);
}

void
wr_value_set_merge(wr_value_set *into, const wr_value_set *from, wr_arena *memory)
{
    for (int i = 0; i < from->count; i++) {
        set_add(into, wr_vector_element(&from->values, i), from->hashes[i],
                from->times ? from->times[i] : 0, memory);
    }
}

/* Shell sort; qsort has no context argument in C17. */
uint32_t *
wr_value_set_sorted(const wr_value_set *set, wr_arena *arena)
{
    wr_type_id type = set->values.type.id;
    uint32_t *numbers = WR_NEW_ARRAY(arena, uint32_t, set->count + 1);
    for (int i = 0; i < set->count; i++) {
        numbers[i] = (uint32_t)i;
    }
    for (int gap = set->count / 2; gap > 0; gap = gap == 2 ? 1 : gap * 5 / 11) {
        for (int i = gap; i < set->count; i++) {
            uint32_t held = numbers[i];
            const void *value = wr_vector_element(&set->values, (int)held);
            int j = i;
            for (; j >= gap &&
                   wr_value_compare(type, wr_vector_element(&set->values, (int)numbers[j - gap]),
                                    value) > 0;
                 j -= gap) {
                numbers[j] = numbers[j - gap];
            }
            numbers[j] = held;
        }
    }
    return numbers;
}

/* ── checkpoints: how many values each set has; then these, of fixed width as they are, views as
 * size and bytes, each with its count behind it ─────────────────────────────────────────────── */

static wr_value_set **
state_set(const wr_aggregate_states *call, int i, size_t offset)
{
    return (wr_value_set **)(void *)((char *)wr_aggregate_state(call, i) + offset);
}

void
wr_value_sets_save(const wr_aggregate_states *call, size_t offset, wr_buffer *out)
{
    uint64_t counts[WR_BATCH_ROWS];
    for (int i = 0; i < call->n; i++) {
        const wr_value_set *set = *state_set(call, i, offset);
        counts[i] = set ? (uint64_t)set->count : 0;
    }
    wr_packed_write(out, counts, call->n);
    for (int i = 0; i < call->n; i++) {
        const wr_value_set *set = *state_set(call, i, offset);
        for (uint64_t k = 0; k < counts[i]; k++) {
            wr_aggregate_put_value(set->values.type.id, wr_vector_element(&set->values, (int)k),
                                   out);
            if (set->times) {
                wr_buffer_append(out, (const char *)&set->times[k], sizeof(set->times[k]));
            }
        }
    }
}

static bool
set_load(wr_value_set *set, uint64_t count, wr_text *bytes, wr_arena *memory)
{
    for (uint64_t k = 0; k < count; k++) {
        _Alignas(16) char value[16];
        int64_t times = 0;
        if (!wr_aggregate_take_value(set->values.type.id, bytes, value) ||
            (set->times && (!wr_packed_take(bytes, &times, sizeof(times)) || times < 1))) {
            return false;
        }
        wr_value_set_add(set, value, times, memory);
    }
    return true;
}

wr_status
wr_value_sets_load(const wr_aggregate_states *call, size_t offset, wr_type type, bool counts,
                   wr_text *bytes, wr_error *err)
{
    uint64_t sizes[WR_BATCH_ROWS];
    bool ok = wr_packed_read(bytes, sizes, call->n);
    for (int i = 0; ok && i < call->n; i++) {
        wr_value_set **set = state_set(call, i, offset);
        *set = sizes[i] > 0 ? wr_value_set_new(type, counts, call->memory) : NULL;
        ok = sizes[i] == 0 || set_load(*set, sizes[i], bytes, call->memory);
    }
    return ok ? WR_OK : wr_aggregate_damaged(err);
}
