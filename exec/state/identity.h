/* Which operators of a pipeline have state, and what they are called in the store. */
#ifndef WEIR_EXEC_STATE_IDENTITY_H
#define WEIR_EXEC_STATE_IDENTITY_H

#include "exec/scan.h"
#include "exec/state/store.h"

/* A node of a plan whose operator has state, or a scan. Texts live in the arena that made them. */
typedef struct wr_state_name {
    const wr_plan_node *node;
    wr_text name;        /* "aggregate 1": the first of its kind in order of nodes */
    wr_text fingerprint; /* 16 hexadecimal digits */
    wr_text description; /* its line of EXPLAIN */
} wr_state_name;

/* Of all roots, in order of nodes; *count of them, in `arena`. */
wr_state_name *wr_state_names(const wr_plan *plan, wr_arena *arena, int *count);

typedef struct wr_holder {
    wr_operator *op;
    wr_scan *scan; /* NULL: an operator */
    wr_state_name name;
} wr_holder;

typedef struct wr_holders {
    wr_holder *items; /* in order of the plan's nodes */
    int count;
} wr_holders;

/* All of a pipeline, named and numbered (state_id). */
wr_holders wr_holders_find(const wr_plan *plan, wr_arena *arena, wr_operator *const *operators,
                           int operator_count, wr_scan *const *scans, int scan_count);

/* Gives every holder what the store has of it: operators (open, without rows yet) all of their
 * state, scans (not open yet) their past. E0912 when the plan does not fit: which operator, and
 * what it was. Nothing to do for a store without a commit. */
wr_status wr_holders_restore(const wr_holders *holders, wr_store *store, wr_error *err);

#endif
