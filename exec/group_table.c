/* Group tables: an open-addressing hash table whose values are dense group numbers.
 *
 *   hash ──▶ slots  [ salt│3 | 0 | salt│1 | salt│2 ]      salt: upper half of the hash
 *                          │          └▶ keys[0]  states[avg][0]  states[count][0]
 *                          └───────────▶ keys[2]  states[avg][2]  states[count][2]
 *
 * States lie by aggregate and group number, so an aggregate's update loop runs over one array; a
 * window closes by resetting its table. Tables are pooled: in steady state nothing is allocated.
 *
 * 1. At most half of the slots are used; a probe ends at the first free one.
 * 2. The salts are compared first, so a key is looked at about once per row.
 * 3. New states are zero bytes. Groups are numbered in order of their first row. */
#include "exec/group_table.h"

#include "core/hash.h"
#include "core/memory.h"

#include <assert.h>

enum {
    TABLE_SLOTS_MIN = 64,
    TABLE_GROUPS_MIN = 16,
    TABLE_KEEP_SLOTS = 1 << 16, /* a reset keeps no more than this */
    TABLE_PREFETCH = 8
};

wr_group_table *
wr_group_table_new(const wr_group_layout *layout)
{
    wr_group_table *table = wr_alloc(sizeof(*table));
    table->layout = layout;
    table->memory = wr_arena_new(0);
    table->slot_count = TABLE_SLOTS_MIN;
    table->slots = wr_alloc_array(table->slot_count, sizeof(*table->slots));
    table->states = wr_alloc_array((size_t)layout->aggregate_count + 1, sizeof(*table->states));
    return table;
}

static void
table_free_emitted(wr_group_table *table)
{
    size_t count = (size_t)table->count * (size_t)table->layout->aggregate_count;
    for (size_t i = 0; table->emitted_cells && i < count; i++) {
        wr_free(table->emitted_cells[i].text);
    }
}

static void
table_free_groups(wr_group_table *table)
{
    wr_free(table->hashes);
    wr_free(table->keys);
    wr_free(table->changed);
    wr_free(table->changed_list);
    wr_free(table->emitted);
    wr_free(table->emitted_cells);
    table->hashes = NULL;
    table->keys = NULL;
    table->changed = NULL;
    table->changed_list = NULL;
    table->emitted = NULL;
    table->emitted_cells = NULL;
    for (int i = 0; i < table->layout->aggregate_count; i++) {
        wr_free(table->states[i]);
        table->states[i] = NULL;
    }
    table->capacity = 0;
}

void
wr_group_table_reset(wr_group_table *table)
{
    table_free_emitted(table);
    if (table->slot_count > TABLE_KEEP_SLOTS) {
        table_free_groups(table);
        wr_free(table->slots);
        table->slot_count = TABLE_SLOTS_MIN;
        table->slots = wr_alloc_array(table->slot_count, sizeof(*table->slots));
    } else {
        memset(table->slots, 0, table->slot_count * sizeof(*table->slots));
        for (int i = 0; i < table->layout->aggregate_count && table->count; i++) {
            memset(table->states[i], 0,
                   table->count * table->layout->aggregates[i]->state_bytes);
        }
        if (table->layout->tracks_changes && table->count) {
            memset(table->changed, 0, wr_bits_words((int)table->capacity) * 8);
            memset(table->emitted, 0, wr_bits_words((int)table->capacity) * 8);
            memset(table->emitted_cells, 0,
                   (size_t)table->count * (size_t)table->layout->aggregate_count *
                       sizeof(*table->emitted_cells));
        }
    }
    wr_arena_reset(table->memory);
    table->count = 0;
    table->changed_count = 0;
}

void
wr_group_table_free(wr_group_table *table)
{
    if (table) {
        table_free_emitted(table);
        table_free_groups(table);
        wr_free(table->slots);
        wr_free(table->states);
        wr_arena_free(table->memory);
        wr_free(table);
    }
}

/* Grows an array from `old_count` to `count` elements; the new ones are zero. */
static void *
array_grow_zeroed(void *items, size_t old_count, size_t count, size_t item_bytes)
{
    char *grown = wr_realloc(items, count * item_bytes + 1);
    memset(grown + old_count * item_bytes, 0, (count - old_count) * item_bytes);
    return grown;
}

static void
table_grow_changes(wr_group_table *table, size_t old_count, size_t count)
{
    size_t old_words = wr_bits_words((int)old_count), words = wr_bits_words((int)count);
    size_t cells = (size_t)table->layout->aggregate_count;
    table->changed = array_grow_zeroed(table->changed, old_words, words, 8);
    table->emitted = array_grow_zeroed(table->emitted, old_words, words, 8);
    table->changed_list = wr_realloc(table->changed_list, count * sizeof(*table->changed_list));
    table->emitted_cells = array_grow_zeroed(table->emitted_cells, old_count * cells,
                                             count * cells, sizeof(*table->emitted_cells));
}

static void
table_grow_groups(wr_group_table *table)
{
    const wr_group_layout *layout = table->layout;
    size_t old_count = table->capacity;
    size_t count = old_count ? 2 * old_count : TABLE_GROUPS_MIN;
    assert(count < INT32_MAX);
    table->hashes = wr_realloc(table->hashes, count * sizeof(*table->hashes));
    table->keys = wr_realloc(table->keys, count * (size_t)layout->keys.row_bytes + 1);
    for (int i = 0; i < layout->aggregate_count; i++) {
        table->states[i] = array_grow_zeroed(table->states[i], old_count, count,
                                             layout->aggregates[i]->state_bytes);
    }
    if (layout->tracks_changes) {
        table_grow_changes(table, old_count, count);
    }
    table->capacity = (uint32_t)count;
}

static void
table_place(wr_group_table *table, uint64_t hash, uint32_t group)
{
    size_t mask = table->slot_count - 1;
    size_t at = hash & mask;
    while (table->slots[at]) {
        at = (at + 1) & mask;
    }
    table->slots[at] = (hash & 0xFFFFFFFF00000000u) | (group + 1);
}

static void
table_grow_slots(wr_group_table *table)
{
    wr_free(table->slots);
    table->slot_count *= 4;
    table->slots = wr_alloc_array(table->slot_count, sizeof(*table->slots));
    for (uint32_t group = 0; group < table->count; group++) {
        table_place(table, table->hashes[group], group);
    }
}

static __attribute__((noinline)) uint32_t
table_insert(wr_group_table *table, const char *key, uint64_t hash)
{
    if (table->count == table->capacity) {
        table_grow_groups(table);
    }
    uint32_t group = table->count++;
    size_t row_bytes = (size_t)table->layout->keys.row_bytes;
    char *own = table->keys + (size_t)group * row_bytes;
    memcpy(own, key, row_bytes);
    wr_key_row_own(&table->layout->keys, own, table->memory);
    table->hashes[group] = hash;
    if ((size_t)table->count * 2 >= table->slot_count) {
        table_grow_slots(table);
    } else {
        table_place(table, hash, group);
    }
    return group;
}

static inline __attribute__((always_inline)) bool
key_equal(const wr_key_layout *layout, wr_key_shape shape, const char *a, const char *b)
{
    const uint64_t *x = (const uint64_t *)(const void *)a, *y = (const uint64_t *)(const void *)b;
    switch (shape) {
    case WR_KEY_ONE_WORD:
        return x[0] == y[0] && x[1] == y[1];
    case WR_KEY_ONE_VIEW:
        return x[0] == y[0] && wr_view_equal((const wr_view *)(const void *)(x + 1),
                                             (const wr_view *)(const void *)(y + 1));
    case WR_KEY_GENERAL:
        return wr_key_row_equal(layout, a, b);
    }
    return false;
}

static inline __attribute__((always_inline)) uint32_t
table_probe(wr_group_table *table, wr_key_shape shape, size_t row_bytes, const char *key,
            uint64_t hash)
{
    size_t mask = table->slot_count - 1;
    uint64_t salt = hash >> 32;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
        uint64_t slot = table->slots[at];
        if (slot == 0) {
            return table_insert(table, key, hash);
        }
        uint32_t group = (uint32_t)slot - 1;
        if (slot >> 32 == salt && key_equal(&table->layout->keys, shape,
                                            table->keys + group * row_bytes, key)) {
            return group;
        }
    }
}

typedef struct find_rows {
    const char *keys;
    const uint64_t *hashes;
    const uint16_t *rows;
    int count;
} find_rows;

static inline __attribute__((always_inline)) void
table_find(wr_group_table *table, wr_key_shape shape, size_t row_bytes, const find_rows *find,
           uint32_t *groups)
{
    const uint16_t *rows = find->rows;
    for (int i = 0; i < find->count; i++) {
        if (i + TABLE_PREFETCH < find->count) {
            uint64_t ahead = find->hashes[rows[i + TABLE_PREFETCH]];
            __builtin_prefetch(&table->slots[ahead & (table->slot_count - 1)]);
        }
        uint64_t hash = find->hashes[rows[i]];
        groups[i] = table_probe(table, shape, row_bytes, find->keys + rows[i] * row_bytes, hash);
    }
}

void
wr_group_table_find(wr_group_table *table, const char *keys, const uint64_t *hashes,
                    const uint16_t *rows, int count, uint32_t *groups)
{
    const wr_key_layout *layout = &table->layout->keys;
    find_rows find = {keys, hashes, rows, count};
    if (layout->column_count == 0) {
        if (table->count == 0) {
            table_insert(table, "", 0);
        }
        memset(groups, 0, (size_t)count * sizeof(*groups));
        return;
    }
    switch (layout->shape) {
    case WR_KEY_ONE_WORD:
        table_find(table, WR_KEY_ONE_WORD, 16, &find, groups);
        break;
    case WR_KEY_ONE_VIEW:
        table_find(table, WR_KEY_ONE_VIEW, 24, &find, groups);
        break;
    case WR_KEY_GENERAL:
        table_find(table, WR_KEY_GENERAL, (size_t)layout->row_bytes, &find, groups);
        break;
    }
}

static inline __attribute__((always_inline)) void
table_match(wr_group_table *into, wr_key_shape shape, size_t row_bytes, const wr_group_table *from,
            uint32_t first, uint32_t count, uint32_t *groups)
{
    for (uint32_t i = 0; i < count; i++) {
        groups[i] = table_probe(into, shape, row_bytes, from->keys + (first + i) * row_bytes,
                                from->hashes[first + i]);
    }
}

/* groups[i] = group here of group first + i of `from`. */
static void
table_match_groups(wr_group_table *into, const wr_group_table *from, uint32_t first,
                   uint32_t count, uint32_t *groups)
{
    switch (into->layout->keys.shape) {
    case WR_KEY_ONE_WORD:
        table_match(into, WR_KEY_ONE_WORD, 16, from, first, count, groups);
        break;
    case WR_KEY_ONE_VIEW:
        table_match(into, WR_KEY_ONE_VIEW, 24, from, first, count, groups);
        break;
    case WR_KEY_GENERAL:
        table_match(into, WR_KEY_GENERAL, (size_t)into->layout->keys.row_bytes, from, first,
                    count, groups);
        break;
    }
}

void
wr_group_table_combine(wr_group_table *into, const wr_group_table *from)
{
    const wr_group_layout *layout = into->layout;
    uint32_t groups[WR_BATCH_ROWS];
    for (uint32_t first = 0; first < from->count; first += WR_BATCH_ROWS) {
        uint32_t rest = from->count - first;
        uint32_t count = rest < WR_BATCH_ROWS ? rest : WR_BATCH_ROWS;
        table_match_groups(into, from, first, count, groups);
        for (int k = 0; k < layout->aggregate_count; k++) {
            for (uint32_t i = 0; i < count; i++) {
                layout->aggregates[k]->combine(wr_group_state(into, k, groups[i]),
                                               wr_group_state(from, k, first + i), into->memory);
            }
        }
    }
}

void
wr_group_table_mark_changed(wr_group_table *table, const uint32_t *groups, int count)
{
    for (int i = 0; i < count; i++) {
        if (!wr_bit_get(table->changed, (int)groups[i])) {
            wr_bit_set(table->changed, (int)groups[i]);
            table->changed_list[table->changed_count++] = groups[i];
        }
    }
}

int64_t
wr_group_table_bytes(const wr_group_table *table)
{
    size_t per_group = (size_t)table->layout->keys.row_bytes + sizeof(uint64_t);
    for (int i = 0; i < table->layout->aggregate_count; i++) {
        per_group += table->layout->aggregates[i]->state_bytes;
    }
    return (int64_t)(table->capacity * per_group + table->slot_count * sizeof(uint64_t) +
                     wr_arena_held_bytes(table->memory));
}
