/* Tables of a state with typed columns, for SQL. */
#ifndef WEIR_ENGINE_STATE_TABLE_H
#define WEIR_ENGINE_STATE_TABLE_H

#include "engine/state.h"

typedef struct state_cell {
    wr_text text;   /* TEXT, JSON, BYTES; data NULL: NULL */
    int64_t number; /* BIGINT, BOOLEAN; TIMESTAMP, where WR_TIME_NONE and _END are NULL */
    bool is_null;
} state_cell;

typedef struct state_table {
    wr_arena *arena; /* batches and texts */
    wr_schema schema;
    wr_batch **batches;
    int count, capacity;
} state_table;

/* Copies the cells of a row, schema.count of them. */
void wr_state_table_add(state_table *table, const state_cell *cells);

/* One table: its columns, and how it is filled. */
typedef struct state_table_kind {
    const wr_column *columns;
    int column_count;
    wr_status (*fill)(wr_store *store, state_table *table, wr_error *err);
} state_table_kind;

extern const state_table_kind wr_state_jobs, wr_state_operators, wr_state_windows,
    wr_state_segments, wr_state_positions, wr_state_outbox, wr_state_dead_letters;

#endif
