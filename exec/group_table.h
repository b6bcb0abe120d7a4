/* The groups of one window (or pane): key → dense number, and all aggregates' states by number. */
#ifndef WEIR_EXEC_GROUP_TABLE_H
#define WEIR_EXEC_GROUP_TABLE_H

#include "exec/key_set.h"
#include "functions/function.h"

/* What all tables of an operator have in common. */
typedef struct wr_group_layout {
    wr_key_layout keys;
    const wr_aggregate **aggregates;
    int aggregate_count;
    bool tracks_changes; /* CHANGES, EVERY: remember which groups were touched */
} wr_group_layout;

/* A value as it was last emitted; `text` owns the bytes of a long view. */
typedef struct wr_emitted_cell {
    _Alignas(8) char value[16];
    char *text;
    bool is_null;
    uint8_t error;
} wr_emitted_cell;

typedef struct wr_group_table {
    const wr_group_layout *layout;
    wr_key_set *keys; /* numbers the groups; NULL: no group yet, and no set given */
    wr_arena *memory; /* what states point to */
    uint32_t limit;    /* numbers of groups are below it */
    uint32_t capacity; /* places in the arrays below; from `limit` on they are zero */
    uint8_t *present; /* by group: does this table have it? Without it, states are zero */
    uint32_t present_count;
    char **states;    /* by aggregate: states by group */
    /* tracks_changes only */
    uint64_t *changed;      /* bits by group */
    uint32_t *changed_list; /* groups whose bit is set */
    uint32_t changed_count;
    uint64_t *emitted;             /* bits by group: was it ever emitted? */
    wr_emitted_cell *emitted_cells; /* by group × aggregate */
} wr_group_table;

/* Heap; free ends it, reset empties it, gives its set back, and keeps memory for the next window
 * unless that is far more than `usual_groups` need. */
wr_group_table *wr_group_table_new(const wr_group_layout *layout);
void wr_group_table_reset(wr_group_table *table, uint32_t usual_groups);
void wr_group_table_free(wr_group_table *table);

/* An empty table numbers its groups by `keys`, which it retains; otherwise by a set of its own. */
void wr_group_table_use_keys(wr_group_table *table, wr_key_set *keys);

/* groups[i] = number of the group of row rows[i] (rows NULL: of row i); new ones are made. At most
 * WR_BATCH_ROWS rows. Without key columns every row is in group 0, and `keys` may be NULL. */
void wr_group_table_find(wr_group_table *table, wr_key_columns *keys, const uint16_t *rows,
                         int count, uint32_t *groups);

/* Fetches the states of these groups into the cache, if the table is so large that they may be out
 * of it. */
void wr_group_table_fetch(const wr_group_table *table, const uint32_t *groups, int count);

/* Every group of `from` is combined into its group here: number by number if both have the same
 * keys, else by key. */
void wr_group_table_combine(wr_group_table *into, const wr_group_table *from);

void wr_group_table_mark_changed(wr_group_table *table, const uint32_t *groups, int count);

static inline const char *
wr_group_key(const wr_group_table *table, uint32_t group)
{
    return wr_key_set_row(table->keys, group);
}

static inline void *
wr_group_state(const wr_group_table *table, int aggregate, uint32_t group)
{
    return table->states[aggregate] +
           (size_t)group * table->layout->aggregates[aggregate]->state_bytes;
}

/* Without the keys, which tables share. */
int64_t wr_group_table_bytes(const wr_group_table *table);

#endif
