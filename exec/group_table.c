/* Group tables: states of aggregates by group number, which a key set gives.
 *
 *   key set     0 "a"  1 "b"  2 "c"  3 "d"      shared by the panes of an operator
 *   table       present  [ 1 0 1 1 ]            rows of "a", "c" and "d" came
 *               states   avg [ · 0 · · ]  count [ 3 0 1 2 ]
 *
 * States lie by aggregate and group number, so an aggregate's update loop runs over one array, and
 * two tables of one set are combined by adding arrays. A window closes by resetting its table;
 * tables are pooled: in steady state nothing is allocated.
 *
 * 1. States of groups that are not present are zero bytes; combining them changes nothing.
 * 2. Groups are numbered in order of their key's first row in the set.
 * 3. Arrays are regions: those of many groups lie in huge pages, and growing copies nothing. States
 *    of a large table are fetched into the cache for a whole run of rows before they are used. */
#include "exec/group_table.h"

#include "core/memory.h"
#include "core/region.h"

enum {
    TABLE_KEEP_GROUPS = 1024,
    TABLE_KEEP_FACTOR = 4,
    TABLE_LARGE_GROUPS = 1 << 14, /* so many, and their states leave the cache */
    CACHE_LINE_BYTES = 64         /* large arrays begin with one */
};

wr_group_table *
wr_group_table_new(const wr_group_layout *layout)
{
    wr_group_table *table = wr_alloc(sizeof(*table));
    table->layout = layout;
    table->memory = wr_arena_new(0);
    table->states = wr_alloc_array((size_t)layout->aggregate_count + 1, sizeof(*table->states));
    return table;
}

void
wr_group_table_use_keys(wr_group_table *table, wr_key_set *keys)
{
    wr_key_set *before = table->keys;
    table->keys = wr_key_set_retain(keys);
    wr_key_set_release(before);
}

static void
table_free_emitted(wr_group_table *table)
{
    size_t count = (size_t)table->limit * (size_t)table->layout->aggregate_count;
    for (size_t i = 0; table->emitted_cells && i < count; i++) {
        wr_free(table->emitted_cells[i].text);
    }
}

static void
table_free_groups(wr_group_table *table)
{
    size_t count = table->capacity, words = wr_bits_words((int)count);
    size_t cell_count = count * (size_t)table->layout->aggregate_count;
    wr_region_free(table->flags, count);
    wr_region_free(table->marked, words * sizeof(*table->marked));
    wr_region_free(table->changed, words * sizeof(*table->changed));
    wr_region_free(table->changed_list, count * sizeof(*table->changed_list));
    wr_region_free(table->emitted, words * sizeof(*table->emitted));
    wr_region_free(table->emitted_cells, cell_count * sizeof(*table->emitted_cells));
    table->flags = NULL;
    table->marked = NULL;
    table->changed = NULL;
    table->changed_list = NULL;
    table->emitted = NULL;
    table->emitted_cells = NULL;
    for (int i = 0; i < table->layout->aggregate_count; i++) {
        wr_region_free(table->states[i], count * table->layout->aggregates[i]->state_bytes);
        table->states[i] = NULL;
    }
    table->capacity = 0;
}

static void
table_zero_groups(wr_group_table *table)
{
    size_t count = table->limit;
    memset(table->flags, 0, count);
    wr_group_table_unmark(table);
    for (int i = 0; i < table->layout->aggregate_count; i++) {
        memset(table->states[i], 0, count * table->layout->aggregates[i]->state_bytes);
    }
    if (table->layout->tracks_changes) {
        memset(table->changed, 0, wr_bits_words((int)count) * 8);
        memset(table->emitted, 0, wr_bits_words((int)count) * 8);
        memset(table->emitted_cells, 0,
               count * (size_t)table->layout->aggregate_count * sizeof(*table->emitted_cells));
    }
}

void
wr_group_table_reset(wr_group_table *table, uint32_t usual_groups)
{
    table_free_emitted(table);
    if (table->capacity / TABLE_KEEP_FACTOR > usual_groups + TABLE_KEEP_GROUPS) {
        table_free_groups(table);
    } else if (table->limit > 0) {
        table_zero_groups(table);
    }
    wr_arena_reset(table->memory);
    wr_key_set_release(table->keys);
    table->keys = NULL;
    table->limit = table->present_count = 0;
    table->dirty_count = table->pending_count = 0;
    table->changed_count = 0;
}

void
wr_group_table_free(wr_group_table *table)
{
    if (table) {
        table_free_emitted(table);
        table_free_groups(table);
        wr_key_set_release(table->keys);
        wr_free(table->states);
        wr_arena_free(table->memory);
        wr_free(table);
    }
}

/* ── room ───────────────────────────────────────────────────────────────────────────────────── */

static void
table_grow_changes(wr_group_table *table, size_t old_count, size_t count)
{
    size_t old_bits = wr_bits_words((int)old_count) * 8, bits = wr_bits_words((int)count) * 8;
    size_t id_bytes = sizeof(*table->changed_list);
    size_t cells_bytes =
        (size_t)table->layout->aggregate_count * sizeof(*table->emitted_cells);
    table->changed = wr_region_grow(table->changed, old_bits, bits);
    table->emitted = wr_region_grow(table->emitted, old_bits, bits);
    table->changed_list =
        wr_region_grow(table->changed_list, old_count * id_bytes, count * id_bytes);
    table->emitted_cells =
        wr_region_grow(table->emitted_cells, old_count * cells_bytes, count * cells_bytes);
}

void
wr_group_table_unmark(wr_group_table *table)
{
    if (table->marked) {
        memset(table->marked, 0, wr_bits_words((int)table->limit) * 8);
    }
}

/* Makes room for the groups below `limit`, and as many as the set has room for. */
static void
table_reach(wr_group_table *table, uint32_t limit)
{
    if (limit > table->capacity) {
        const wr_group_layout *layout = table->layout;
        size_t old_count = table->capacity, count = table->keys->capacity;
        table->flags = wr_region_grow(table->flags, old_count, count);
        table->marked = wr_region_grow(table->marked, wr_bits_words((int)old_count) * 8,
                                       wr_bits_words((int)count) * 8);
        for (int i = 0; i < layout->aggregate_count; i++) {
            size_t state_bytes = layout->aggregates[i]->state_bytes;
            table->states[i] = wr_region_grow(table->states[i], old_count * state_bytes,
                                              count * state_bytes);
        }
        if (layout->tracks_changes) {
            table_grow_changes(table, old_count, count);
        }
        table->capacity = (uint32_t)count;
    }
    table->limit = limit > table->limit ? limit : table->limit;
}

/* ── groups ─────────────────────────────────────────────────────────────────────────────────── */

static void
table_need_keys(wr_group_table *table)
{
    if (!table->keys) {
        table->keys = wr_key_set_new(&table->layout->keys);
    }
}

static inline uint8_t
table_mark_flags(const wr_group_table *table)
{
    return table->layout->keeps_state ? WR_GROUP_PRESENT | WR_GROUP_DIRTY : WR_GROUP_PRESENT;
}

/* Nothing is to be done when all groups are there (and dirty), as they soon are if windows share
 * their keys. */
static inline bool
table_is_marked(const wr_group_table *table)
{
    uint32_t count = table->layout->keeps_state ? table->dirty_count : table->present_count;
    return count == table->limit;
}

/* Few rows find the bit of their group clear: the others read bits, which stay in the cache
 * when the flags of a million groups do not. */
void
wr_group_table_mark(wr_group_table *table, const uint32_t *groups, uint32_t count)
{
    if (table_is_marked(table)) {
        return;
    }
    uint8_t *flags = table->flags;
    const uint8_t mark = table_mark_flags(table);
    uint32_t added_count = 0, dirty_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!wr_bit_get(table->marked, (int)groups[i])) {
            uint32_t missing = mark & ~(uint32_t)flags[groups[i]];
            added_count += missing & 1;
            dirty_count += missing >> 1;
            flags[groups[i]] |= mark;
            wr_bit_set(table->marked, (int)groups[i]);
        }
    }
    table->present_count += added_count;
    table->dirty_count += dirty_count;
}

void
wr_group_table_fetch(const wr_group_table *table, const uint32_t *groups, int count)
{
    if (table->limit < TABLE_LARGE_GROUPS) {
        return;
    }
    for (int k = 0; k < table->layout->aggregate_count; k++) {
        const char *states = table->states[k];
        const size_t state_bytes = table->layout->aggregates[k]->state_bytes;
        const size_t last = CACHE_LINE_BYTES % state_bytes == 0 ? 0 : state_bytes - 1;
        for (int i = 0; i < count; i++) {
            wr_region_touch(states + groups[i] * state_bytes);
        }
        for (int i = 0; last > 0 && i < count; i++) {
            wr_region_touch(states + groups[i] * state_bytes + last);
        }
    }
}

void
wr_group_table_find(wr_group_table *table, wr_key_columns *keys, const uint16_t *rows, int count,
                    uint32_t *groups)
{
    table_need_keys(table);
    wr_key_set_find(table->keys, keys, rows, count, groups);
    table_reach(table, table->keys->count);
    wr_group_table_mark(table, groups, (uint32_t)count);
    wr_group_table_fetch(table, groups, count);
}

static void
table_mark_same(wr_group_table *into, const wr_group_table *from)
{
    if (table_is_marked(into)) {
        return;
    }
    const uint8_t mark = table_mark_flags(into);
    uint32_t added_count = 0, dirty_count = 0;
    for (uint32_t i = 0; i < from->limit; i++) {
        uint8_t marks = from->flags[i] & WR_GROUP_PRESENT ? mark : 0;
        uint32_t missing = marks & ~(uint32_t)into->flags[i];
        added_count += missing & 1;
        dirty_count += missing >> 1;
        into->flags[i] |= marks;
    }
    into->present_count += added_count;
    into->dirty_count += dirty_count;
}

static void
table_combine_same(wr_group_table *into, const wr_group_table *from)
{
    const wr_group_layout *layout = into->layout;
    table_reach(into, from->limit);
    table_mark_same(into, from);
    for (int k = 0; k < layout->aggregate_count; k++) {
        layout->aggregates[k]->combine(into->states[k], NULL, from->states[k], from->limit,
                                       into->memory);
    }
}

/* Runs of present groups, batch by batch: each is looked up by its key. */
static void
table_combine_by_key(wr_group_table *into, const wr_group_table *from)
{
    const wr_group_layout *layout = into->layout;
    uint32_t groups[WR_BATCH_ROWS];
    for (uint32_t first = 0, count = 0; first < from->limit; first += count > 0 ? count : 1) {
        uint32_t rest = from->limit - first;
        uint32_t max = rest < WR_BATCH_ROWS ? rest : WR_BATCH_ROWS;
        for (count = 0; count < max && from->flags[first + count];) {
            count++;
        }
        wr_key_set_match(into->keys, from->keys, first, count, groups);
        table_reach(into, into->keys->count);
        wr_group_table_mark(into, groups, count);
        for (int k = 0; k < layout->aggregate_count && count > 0; k++) {
            layout->aggregates[k]->combine(into->states[k], groups, wr_group_state(from, k, first),
                                           count, into->memory);
        }
    }
}

void
wr_group_table_combine(wr_group_table *into, const wr_group_table *from)
{
    if (from->limit == 0) {
        return;
    }
    if (into->limit == 0) {
        wr_group_table_use_keys(into, from->keys);
    }
    if (into->keys == from->keys) {
        table_combine_same(into, from);
    } else {
        table_combine_by_key(into, from);
    }
}

int64_t
wr_group_layout_bytes(const wr_group_layout *layout, uint32_t group_count)
{
    size_t per_group = 1;
    for (int i = 0; i < layout->aggregate_count; i++) {
        per_group += layout->aggregates[i]->state_bytes;
    }
    return (int64_t)(group_count * per_group + group_count / 8);
}

int64_t
wr_group_table_bytes(const wr_group_table *table)
{
    return wr_group_layout_bytes(table->layout, table->capacity) +
           (int64_t)wr_arena_held_bytes(table->memory);
}
