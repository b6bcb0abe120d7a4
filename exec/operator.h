/* Operators: one file each, one vtable, one job. An operator is {const plan node, state}.
 *
 *   open → (restore, load*) → push* / advance* / flush* → close
 *                             mark, save* between micro-batches (stateful only)
 *
 * Rules
 * 1. push(input, batch): rows of input `input`; pass rows on with wr_operator_emit; keep no pointer
 *    into the batch afterwards.
 * 2. advance(input, watermark): no more rows before `watermark` will come on this input (late ones
 *    excepted). Emit first what is now final, then pass the watermark on with wr_operator_pass,
 *    held back by what may still be emitted. WR_TIME_END: the input has ended. Never goes back.
 * 3. flush: end of a micro-batch in which an emission is due (CHANGES, EVERY): emit, then
 *    pass it on with wr_operator_pass_flush.
 * 4. No clock, no file, no setting is read here: time is an argument, settings are in the plan.
 * 5. Batch memory comes from wr_operator.context->batch_arena (reset between micro-batches); what
 *    lasts is the operator's own.
 *
 * 6. A checkpoint is mark, then save until it says that all is saved, a slice after each
 *    micro-batch. What is saved is the state as it was at the mark: an operator that changes a part
 *    which is not saved yet saves that part first, or keeps it aside.
 *
 * To add an operator: a plan kind, a file op_<name>.c with its vtable, one line in op_list.h. */
#ifndef WEIR_EXEC_OPERATOR_H
#define WEIR_EXEC_OPERATOR_H

#include "core/buffer.h"
#include "core/time.h"
#include "exec/state/commit.h"
#include "planner/plan.h"

typedef struct wr_operator wr_operator;

/* A row that could not be computed. */
typedef struct wr_bad_result {
    wr_reason reason;
    wr_text where; /* the column, or what is known of it */
    const wr_batch *batch; /* that has the row; NULL: none is left */
    int row;
    const wr_schema *schema; /* of the batch */
} wr_bad_result;

/* What a row op error (result rows that cannot be computed) and late rows are told to. Shared by
 * all operators of a lane; counters are read by status lines from other threads (atomic). */
typedef struct wr_exec_context {
    wr_arena *query_arena;
    wr_arena *batch_arena;
    const wr_clock *clock;
    int64_t now_us; /* wall clock of this micro-batch, for now() */
    void (*on_bad_result)(void *context, wr_reason reason, wr_text where);
    void (*on_late)(void *context, int64_t row_count);
    /* A bad row, or a bad result of this operator, for the dead letters of a job; NULL: none are
     * kept. What is given is borrowed for the call. */
    void (*on_dead_letter)(void *context, const wr_dead_letter *letter);
    void (*on_dead_result)(void *context, const wr_operator *op, const wr_bad_result *bad);
    struct wr_scan *scan; /* whose rows are being pushed; NULL: none */
    /* Rows at the root of a SELECT; the batch is borrowed for the call. */
    wr_status (*on_rows)(void *context, const wr_batch *batch, wr_error *err);
    void *callback_context;
    bool fail_on_bad_result; /* on_error = 'fail': a bad result ends the query with E0801 */
    int vector_rows;         /* rows per batch that operators make, 1 … WR_BATCH_ROWS */
    int64_t connect_timeout_ms; /* for sinks */
    struct wr_spill *spill;   /* where state goes that has no room in memory */
    int64_t memory_bytes;     /* room for state; 0: no limit, negative: as if none were left */
    struct wr_outbox *outbox;   /* of a job whose sinks write exactly once; NULL: they write */
    bool keeps_state;           /* a job: mark and save will be called; changes must be noted */
    wr_text job_name;           /* empty: no job */
    bool goes_on;               /* a job that has a checkpoint already */
    /* an operator that wants no more input (LIMIT reached) sets it; the pipeline ends */
    bool done;
} wr_exec_context;

/* What an operator holds, for the status line and the idle rule. Times of windows that hold rows:
 * end + grace of the last and of the first to close; WR_TIME_NONE: none. */
typedef struct wr_operator_figures {
    int64_t last_close_us, next_close_us;
    int64_t hold_us; /* by how much it holds back the watermark (GRACE) */
    int64_t groups, state_bytes;
} wr_operator_figures;

typedef struct wr_operator_ops {
    const char *name;
    size_t state_bytes; /* of the operator's struct, whose first member is wr_operator */
    wr_status (*open)(wr_operator *op, wr_error *err);
    wr_status (*push)(wr_operator *op, int input, const wr_batch *batch, wr_error *err);
    wr_status (*advance)(wr_operator *op, int input, int64_t watermark_us, wr_error *err);
    wr_status (*flush)(wr_operator *op, wr_error *err); /* NULL: passed on */
    /* State (NULL: stateless). mark, between micro-batches: appends the scalars to `meta`, notes
     * what has changed since the last mark, drops windows that are gone from `commit`; cheap,
     * however large the state is. `full`: all is to be saved, as if nothing ever was. */
    void (*mark)(wr_operator *op, wr_commit *commit, bool full, wr_buffer *meta);
    /* Adds segments of about `budget_rows` groups to `commit`; true: more is left. NULL: the meta
     * bytes are all. */
    bool (*save)(wr_operator *op, wr_commit *commit, int64_t budget_rows);
    /* After open, before the first push: the scalars, then each segment in order of writing. */
    wr_status (*restore)(wr_operator *op, wr_text meta, wr_error *err);
    wr_status (*load)(wr_operator *op, const wr_segment *segment, wr_error *err);
    /* Before a checkpoint: what was written to the outside must be there. NULL: nothing to do. */
    wr_status (*settle)(wr_operator *op, wr_error *err);
    /* The query has ended or was stopped: deliver what was written. NULL: nothing to do. */
    wr_status (*finish)(wr_operator *op, wr_error *err);
    void (*observe)(wr_operator *op, wr_operator_figures *figures); /* NULL: holds nothing */
    /* Memory is short: holds at most about so many bytes afterwards, the rest goes to
     * context->spill. Between micro-batches. NULL: it cannot. */
    wr_status (*shrink)(wr_operator *op, int64_t wanted_bytes, wr_error *err);
    void (*close)(wr_operator *op); /* also after a failed open */
} wr_operator_ops;

struct wr_operator {
    const wr_operator_ops *ops;
    const wr_plan_node *node;
    wr_exec_context *context;
    wr_operator *parent; /* who takes our rows; NULL: the root */
    int parent_input;
    int32_t state_id; /* wr_window_id.operator_id of what it saves */
    /* observed by EXPLAIN/status */
    uint64_t rows_in, rows_out;
};

/* The operators of a plan kind; NULL for SCAN, which has no input (exec/scan.h). */
const wr_operator_ops *wr_operator_ops_of(wr_plan_kind kind);
/* A new operator in the query arena, not opened. */
wr_operator *wr_operator_new(const wr_plan_node *node, wr_exec_context *context);

wr_status wr_operator_push(wr_operator *op, int input, const wr_batch *batch, wr_error *err);
wr_status wr_operator_advance(wr_operator *op, int input, int64_t watermark_us, wr_error *err);
wr_status wr_operator_flush(wr_operator *op, wr_error *err);
/* For operators: hand on to the parent. Empty batches are not passed. */
wr_status wr_operator_emit(wr_operator *op, const wr_batch *batch, wr_error *err);
wr_status wr_operator_pass(wr_operator *op, int64_t watermark_us, wr_error *err);
wr_status wr_operator_pass_flush(wr_operator *op, wr_error *err);

/* State that is a few numbers: appended to `meta`, and taken from it again (E0904: it is not
 * exactly these). */
void wr_operator_put_numbers(wr_buffer *meta, const int64_t *numbers, int count);
wr_status wr_operator_take_numbers(wr_text meta, int64_t *numbers, int count, wr_error *err);

/* Errors in the selected rows of a result: *out is `batch` without these rows, each counted once
 * with the name of its first bad column. `selection` has room for WR_BATCH_ROWS. */
wr_status wr_operator_withhold(wr_operator *op, const wr_batch *batch, wr_batch *out,
                               uint16_t *selection, wr_error *err);
/* One bad result: counted and kept, or E0801 when the query says so. */
wr_status wr_operator_bad_result(wr_operator *op, const wr_bad_result *bad, wr_error *err);
/* The same of a row of the operator's first input. */
wr_status wr_operator_bad_input(wr_operator *op, const wr_batch *batch, int row, wr_bad_result bad,
                                wr_error *err);

#endif
