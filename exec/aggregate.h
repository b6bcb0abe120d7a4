/* The window aggregate's own parts: panes (aggregate_panes.c), results (aggregate_emit.c),
 * checkpoints (aggregate_state.c), and the operator itself (op_window_aggregate.c). */
#ifndef WEIR_EXEC_AGGREGATE_H
#define WEIR_EXEC_AGGREGATE_H

#include "exec/group_table.h"
#include "exec/operator.h"
#include "exec/order.h"
#include "exec/part.h"
#include "exec/program.h"
#include "exec/window.h"

/* Groups of the rows with start ≤ event time < end, which the windows ending at first_end …
 * last_end combine. A pane that is a whole window has first_end = last_end = end. */
typedef struct wr_pane {
    int64_t start_us, end_us;
    int64_t first_end_us, last_end_us;
    bool is_late; /* not its earliest window first: holds rows that earlier windows did not admit */
    int64_t admit_from_us, admit_until_us; /* of the watermarks of its rows: from ≤ w < until */
    wr_group_table *groups;
    uint64_t touched_in; /* push in which `rows` was begun */
    uint16_t *rows;      /* of the batch being pushed; NULL: all of them */
    int row_count;
    /* checkpoints */
    bool is_stored;      /* the store has segments of it, or will have with the one being made */
    bool begins_base;    /* its next segment is the first of a base */
    int segment;         /* the one being filled, a number in the commit; -1: none */
    uint32_t save_from;  /* no group before this one is pending */
    int64_t stored_rows; /* in its segments from the last base on */
    wr_part *parts;      /* what was spilled, by key; NULL: nothing */
    int32_t last_part;   /* the greatest number of a part so far */
} wr_pane;

/* A part of a pane that is being loaded. */
typedef struct wr_loading {
    wr_pane *pane;
    int32_t part;
    wr_group_table *groups;
} wr_loading;

typedef struct wr_aggregate_item {
    const wr_aggregate *aggregate;
    int filter;    /* output of the program, -1: none */
    int first_arg; /* outputs first_arg … are the arguments */
    int arg_count;
} wr_aggregate_item;

typedef struct wr_window_aggregate {
    wr_operator op;
    const wr_plan_aggregate *plan;
    bool is_windowed;
    bool has_panes;  /* HOPPING FINAL: panes are combined when a window closes */
    int64_t pane_us; /* length of a pane; without panes: the window's size */
    int key_count, item_count;
    wr_aggregate_item *items;
    wr_group_layout layout;
    const wr_group_layout *table_layout; /* ours, or that of whom we are a partial of */
    wr_program *program; /* outputs: keys, then filter and arguments of each item */
    wr_vector *outs;
    int out_count;

    wr_pane **panes; /* by start, then first_end */
    int pane_count, pane_capacity;
    int late_pane_count; /* how many of them are late */
    wr_group_table *front;  /* panes: those with flip ≤ start < front_end, combined; NULL: none */
    int64_t flip_us;        /* panes before it hold all that lies between them and it */
    int64_t front_end_us;
    bool shares_keys;       /* equal keys are equal texts, so it does not show who had them first */
    wr_key_set *keys;       /* of new panes; NULL: none yet */
    uint32_t usual_groups;  /* how many a pane has had lately */
    wr_group_table **free_tables; /* emptied, for reuse */
    int free_table_count;
    wr_pane *free_panes[64];
    int free_pane_count;

    struct wr_window_aggregate **partials; /* those of lanes; heap, borrowed */
    int partial_count;

    int64_t watermark_us;  /* as advanced to us */
    int64_t passed_us;     /* as passed on */
    int64_t closed_end_us; /* every window with end ≤ this has been emitted */
    int64_t next_emit_us;  /* EVERY; WR_TIME_NONE: not yet known */
    uint64_t push_number, observe_number;

    wr_commit *saving; /* the checkpoint for which groups are still to be saved; NULL: none */
    wr_arena *save_arena;
    wr_pane **leaving; /* have closed, and have groups to be saved */
    int leaving_count, leaving_capacity;
    wr_window_id *gone; /* no longer there, but in the store */
    int gone_count, gone_capacity;
    wr_loading *loading; /* parts that have been loaded and wait for the first row */
    int loading_count;

    wr_arena *emit_arena; /* of one batch of results */
    wr_order_item *order, *order_scratch;
    uint32_t order_capacity;
    /* of the batch being pushed */
    wr_key_columns batch_keys;
    uint32_t groups[WR_BATCH_ROWS], filtered_groups[WR_BATCH_ROWS];
    uint16_t good[WR_BATCH_ROWS], filtered_rows[WR_BATCH_ROWS];
    wr_pane *touched[WR_BATCH_ROWS];
    int touched_count;
} wr_window_aggregate;

/* The pane of this start and first window, made if it is not there. */
wr_pane *wr_aggregate_pane(wr_window_aggregate *aggregate, int64_t start_us,
                           int64_t first_end_us, int64_t last_end_us);
/* Emits every window with end + grace ≤ watermark, in order of their ends, and forgets it. */
wr_status wr_aggregate_close_windows(wr_window_aggregate *aggregate, int64_t watermark_us,
                                     wr_error *err);
void wr_aggregate_free_panes(wr_window_aggregate *aggregate);
/* `front` is made again from the panes when it is needed. */
void wr_aggregate_forget_front(wr_window_aggregate *aggregate);
/* Empties a pane that is no longer among the panes, and keeps it for reuse. */
void wr_aggregate_return_pane(wr_window_aggregate *aggregate, wr_pane *pane);

/* `partial`, of the same plan node, keeps groups for `aggregate`; it outlives it. */
void wr_aggregate_add_partial(wr_window_aggregate *aggregate, wr_window_aggregate *partial);
/* Takes over what the partials hold for windows that close at our watermark. */
void wr_aggregate_absorb(wr_window_aggregate *aggregate);

/* Emits all groups of a table in key order, as results of the window that ends at `end_us`. */
wr_status wr_aggregate_emit_all(wr_window_aggregate *aggregate, wr_group_table *table,
                                int64_t end_us, wr_error *err);
/* Emits what changed since it was last emitted, with row operations, and remembers it. */
wr_status wr_aggregate_emit_changes(wr_window_aggregate *aggregate, wr_pane *pane, int64_t end_us,
                                    wr_error *err);

/* These groups become a batch of results, which goes out. */
wr_status wr_aggregate_emit_results(wr_window_aggregate *aggregate, const wr_result_groups *results,
                                    int64_t end_us, wr_error *err);

/* Emits the window from the tables and parts of its panes (aggregate_merge.c). */
wr_status wr_aggregate_emit_merged(wr_window_aggregate *aggregate, wr_pane *const *panes,
                                   int pane_count, int64_t end_us, wr_error *err);
/* Parts of a pane become one: `writer`'s, of the same pane. Nothing is removed. */
wr_status wr_aggregate_merge_parts(wr_window_aggregate *aggregate, const wr_part *parts,
                                   wr_part_writer *writer, wr_error *err);
/* wr_operator_ops.shrink. */
wr_status wr_aggregate_shrink(wr_operator *op, int64_t wanted_bytes, wr_error *err);
/* Is there room for so many more tables of all keys? */
bool wr_aggregate_has_room(wr_window_aggregate *aggregate, int table_count);
/* Of a job: parts that no checkpoint has yet go into this one; a part of the store becomes one of
 * the pane, unread. */
void wr_aggregate_name_parts(wr_window_aggregate *aggregate, wr_pane *pane, wr_commit *commit);
void wr_aggregate_adopt_part(wr_pane *pane, const wr_segment *segment);
bool wr_aggregate_can_spill(const wr_window_aggregate *aggregate);
/* A window of the aggregate as the store calls it; part −1: all parts. */
wr_window_id wr_aggregate_window_id(const wr_window_aggregate *aggregate, const wr_pane *pane,
                                    int32_t part);
/* The store has something of the window that the next mark drops. */
void wr_aggregate_add_gone(wr_window_aggregate *aggregate, wr_window_id window);

/* wr_operator_ops of stateful operators. */
void wr_aggregate_mark(wr_operator *op, wr_commit *commit, bool full, wr_buffer *meta);
bool wr_aggregate_save_slice(wr_operator *op, wr_commit *commit, int64_t budget_rows);
wr_status wr_aggregate_restore(wr_operator *op, wr_text meta, wr_error *err);
wr_status wr_aggregate_load_segment(wr_operator *op, const wr_segment *segment, wr_error *err);
/* Before anything else is done: parts that were loaded are combined. */
void wr_aggregate_end_loading(wr_window_aggregate *aggregate);
/* These groups of the pane, at most WR_BATCH_ROWS, are about to change; all of them are. */
void wr_aggregate_save_before_change(wr_window_aggregate *aggregate, wr_pane *pane,
                                     const uint32_t *groups, int count);
void wr_aggregate_settle_pane(wr_window_aggregate *aggregate, wr_pane *pane);
/* The pane has closed and is no longer among the panes. */
void wr_aggregate_leave_pane(wr_window_aggregate *aggregate, wr_pane *pane);
void wr_aggregate_free_state(wr_window_aggregate *aggregate);

#endif
