/* Which operators of a pipeline have state, and what they are called in the store. */
#ifndef WEIR_EXEC_STATE_IDENTITY_H
#define WEIR_EXEC_STATE_IDENTITY_H

#include "exec/scan.h"
#include "exec/state/store.h"

/* An operator with state, or a scan. Texts live in the arena that made them. */
typedef struct wr_holder {
    wr_operator *op;
    wr_scan *scan; /* NULL: an operator */
    wr_text name, fingerprint, description;
} wr_holder;

typedef struct wr_holders {
    wr_holder *items; /* in order of the plan's nodes */
    int count;
} wr_holders;

/* All of a pipeline, named and numbered (state_id). */
wr_holders wr_holders_find(wr_arena *arena, wr_operator *const *operators, int operator_count,
                           wr_scan *const *scans, int scan_count);

/* Gives every holder what the store has of it: operators (open, without rows yet) all of their
 * state, scans (not open yet) their past. E0912 when the plan does not fit: which operator, and
 * what it was. Nothing to do for a store without a commit. */
wr_status wr_holders_restore(const wr_holders *holders, wr_store *store, wr_error *err);

#endif
