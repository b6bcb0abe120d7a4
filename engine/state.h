/* What is in a state directory, part by part, as small finished results. */
#ifndef WEIR_ENGINE_STATE_H
#define WEIR_ENGINE_STATE_H

#include "engine/text_result.h"
#include "exec/state/store.h"

enum { STATE_ROWS_MAX = 100000 }; /* of one part; the rest is not shown */

/* A part's rows go to the query's result. */
wr_status wr_engine_state_windows(wr_store *store, weir_query *query, wr_error *err);
/* ISO time in the arena; NONE for "none yet" and "the end of time". */
wr_text wr_engine_state_time(wr_arena *arena, int64_t us);
wr_text wr_engine_state_number(wr_arena *arena, int64_t number);
/* Bytes as text; in hexadecimal if they are not valid UTF-8. */
wr_text wr_engine_state_bytes(wr_arena *arena, wr_text bytes);

#endif
