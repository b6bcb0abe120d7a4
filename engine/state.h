/* What is in a state directory, part by part, as small finished results. */
#ifndef WEIR_ENGINE_STATE_H
#define WEIR_ENGINE_STATE_H

#include "engine/text_result.h"
#include "exec/state/store.h"

enum { STATE_ROWS_MAX = 100000 }; /* of one part; the rest is not shown */

/* A part's rows go to the query's result. */
wr_status wr_engine_state_windows(wr_store *store, weir_query *query, wr_error *err);
/* A group of an open window, or a row that an operator holds. Borrowed for the call. */
typedef struct state_window {
    const wr_operator_state *op;
    const wr_window_id *window;
    const wr_batch *batch;
    const wr_schema *names; /* of its columns: keys first */
    int key_count;          /* -1: no keys */
    int row;
} state_window;

/* Walks over all of them, the newest state of each key; `limit` at most. */
typedef void (*state_window_fn)(void *context, const state_window *shown);
wr_status wr_engine_state_walk(wr_store *store, int64_t limit, state_window_fn show, void *context,
                               wr_error *err);

/* Makes weir_windows('job') and its like known to SQL; once in a process. */
void wr_engine_state_sources(void);
/* ISO time in the arena; NONE for "none yet" and "the end of time". */
wr_text wr_engine_state_time(wr_arena *arena, int64_t us);
wr_text wr_engine_state_number(wr_arena *arena, int64_t number);
/* Bytes as text; in hexadecimal if they are not valid UTF-8. */
wr_text wr_engine_state_bytes(wr_arena *arena, wr_text bytes);

#endif
