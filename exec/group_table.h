/* Groups of one window (or pane): key → dense number, and all aggregates' states by number. */
#ifndef WEIR_EXEC_GROUP_TABLE_H
#define WEIR_EXEC_GROUP_TABLE_H

#include "exec/key_row.h"
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
    wr_arena *memory; /* key texts, and what states point to */
    uint64_t *slots;  /* upper half of the hash, group number + 1; 0: free */
    size_t slot_count; /* a power of two, > 2 × count */
    uint32_t count, capacity;
    uint64_t *hashes; /* by group */
    char *keys;       /* key rows by group */
    char **states;    /* by aggregate: states by group */
    /* tracks_changes only */
    uint64_t *changed;      /* bits by group */
    uint32_t *changed_list; /* groups whose bit is set */
    uint32_t changed_count;
    uint64_t *emitted;             /* bits by group: was it ever emitted? */
    wr_emitted_cell *emitted_cells; /* by group × aggregate */
} wr_group_table;

/* Heap; free ends it, reset empties it and keeps (modest) memory for the next window. */
wr_group_table *wr_group_table_new(const wr_group_layout *layout);
void wr_group_table_reset(wr_group_table *table);
void wr_group_table_free(wr_group_table *table);

/* groups[i] = number of the group of row rows[i] (new ones are made). `keys` and `hashes` are by
 * physical row. Without key columns every row is in group 0. */
void wr_group_table_find(wr_group_table *table, const char *keys, const uint64_t *hashes,
                         const uint16_t *rows, int count, uint32_t *groups);

/* Every group of `from` is combined into its group here. */
void wr_group_table_combine(wr_group_table *into, const wr_group_table *from);

void wr_group_table_mark_changed(wr_group_table *table, const uint32_t *groups, int count);

static inline const char *
wr_group_key(const wr_group_table *table, uint32_t group)
{
    return table->keys + (size_t)group * (size_t)table->layout->keys.row_bytes;
}

static inline void *
wr_group_state(const wr_group_table *table, int aggregate, uint32_t group)
{
    return table->states[aggregate] +
           (size_t)group * table->layout->aggregates[aggregate]->state_bytes;
}

int64_t wr_group_table_bytes(const wr_group_table *table);

#endif
