/* The groups of one window (or pane): key → dense number, and all aggregates' states by number. */
#ifndef WEIR_EXEC_GROUP_TABLE_H
#define WEIR_EXEC_GROUP_TABLE_H

#include "exec/key_set.h"
#include "functions/function.h"

/* Types of an aggregate's arguments. */
typedef struct wr_group_args {
    wr_type types[WR_FUNCTION_ARGS_MAX];
    int count;
} wr_group_args;

/* What all tables of an operator have in common. */
typedef struct wr_group_layout {
    wr_key_layout keys;
    const wr_aggregate **aggregates;
    const wr_group_args *args; /* by aggregate; only segments need them */
    int aggregate_count;
    bool keeps_state;    /* a job's: changes are noted for the next checkpoint */
    bool tracks_changes; /* CHANGES, EVERY: remember which groups were touched */
} wr_group_layout;

/* PRESENT: the table has this group. Of a job (group_save.c): DIRTY, changed since the last
 * checkpoint's mark; PENDING, to be saved as it was at the mark, so before it changes. */
enum { WR_GROUP_PRESENT = 1, WR_GROUP_DIRTY = 2, WR_GROUP_PENDING = 4 };

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
    uint8_t *flags; /* by group: WR_GROUP_…; not PRESENT: states are zero */
    uint64_t *marked; /* a bit a group: set only if marking would change nothing in its flags */
    uint32_t present_count, dirty_count, pending_count;
    char **states;    /* by aggregate: states by group */
    /* tracks_changes only */
    uint64_t *changed;      /* bits by group */
    uint32_t *changed_list; /* groups whose bit is set */
    uint32_t changed_count;
    uint64_t *emitted;             /* bits by group: was it ever emitted? */
    wr_emitted_cell *emitted_cells; /* by group × aggregate */
} wr_group_table;

/* Groups wherever they lie: group i has key row keys[i] and, of aggregate k, state groups[i] of the
 * array states[k]. */
typedef struct wr_result_groups {
    const char **keys;
    char **states;
    const uint32_t *groups;
    int count;
} wr_result_groups;

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

/* These groups are there, and of a job: they change now. */
void wr_group_table_mark(wr_group_table *table, const uint32_t *groups, uint32_t count);

/* The bits of `marked` say nothing any more: flags were taken away. */
void wr_group_table_unmark(wr_group_table *table);

/* ── checkpoints (group_save.c) ─────────────────────────────────────────────────────────────── */

/* What is dirty (`all`: what is there) is pending from now on, and nothing is dirty. */
void wr_group_table_begin_save(wr_group_table *table, bool all);
/* Nothing is dirty or pending: the table is as the store has it. */
void wr_group_table_is_saved(wr_group_table *table);
/* The first pending groups from *from on, at most `max`: they are pending no more. *from moves on.
 * Returns how many. */
int wr_group_table_take_pending(wr_group_table *table, uint32_t *from, int max, uint32_t *taken);
/* Those of groups[0, count) that are pending, each once: they are pending no more. */
int wr_group_table_take_pending_of(wr_group_table *table, const uint32_t *groups, int count,
                                   uint32_t *taken);

/* ── EMIT CHANGES, EVERY (group_changes.c) ──────────────────────────────────────────────────── */

void wr_group_table_mark_changed(wr_group_table *table, const uint32_t *groups, int count);
/* Sets both bits of a group that is loaded; wr_group_table_list_changed follows. */
void wr_group_table_set_marks(wr_group_table *table, uint32_t group, bool changed, bool emitted);
void wr_group_table_list_changed(wr_group_table *table);

/* One cell for each aggregate. */
static inline wr_emitted_cell *
wr_group_cells(const wr_group_table *table, uint32_t group)
{
    return table->emitted_cells + (size_t)group * (size_t)table->layout->aggregate_count;
}

/* Borrows a long text from the vector. */
void wr_emitted_cell_read(const wr_vector *vector, int row, wr_emitted_cell *cell);
void wr_emitted_cell_write(const wr_emitted_cell *cell, wr_vector *vector, int row, int row_count,
                           wr_arena *arena);
bool wr_emitted_cell_equal(const wr_emitted_cell *a, const wr_emitted_cell *b, wr_type_id id);
/* `cell` becomes `fresh`, with its own copy of a long text. */
void wr_emitted_cell_keep(wr_emitted_cell *cell, const wr_emitted_cell *fresh, wr_type_id id);

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
/* What a table of so many groups takes, without keys and what states point to. */
int64_t wr_group_layout_bytes(const wr_group_layout *layout, uint32_t group_count);

#endif
