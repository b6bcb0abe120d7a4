/* SELECT's expressions: the same rows with other columns.
 *
 *   columns [a b], exprs [b, a + 1]   →   columns [b (borrowed), program's register]
 *
 * 1. Selection, event times, operations and origins stay as they are.
 * 2. What cannot be computed travels on as an error; it counts where it becomes a result. */
#include "exec/operator.h"
#include "exec/program.h"

typedef struct project_state {
    wr_operator op;
    wr_program *program;
    wr_vector *columns;
} project_state;

static wr_status
project_open(wr_operator *op, wr_error *err)
{
    (void)err;
    project_state *project = (project_state *)op;
    int count = op->node->schema.count;
    wr_arena *arena = op->context->query_arena;
    project->program = wr_program_new(arena, op->node->u.project.exprs, count);
    project->columns = WR_NEW_ARRAY(arena, wr_vector, count);
    return WR_OK;
}

static wr_status
project_push(wr_operator *op, int input, const wr_batch *batch, wr_error *err)
{
    (void)input;
    project_state *project = (project_state *)op;
    wr_program_eval(project->program, batch, op->context->now_us, op->context->batch_arena,
                    project->columns);
    wr_batch out = *batch;
    out.columns = project->columns;
    out.column_count = op->node->schema.count;
    return wr_operator_emit(op, &out, err);
}

static wr_status
project_advance(wr_operator *op, int input, int64_t watermark_us, wr_error *err)
{
    (void)input;
    return wr_operator_pass(op, watermark_us, err);
}

const wr_operator_ops wr_op_project = {.name = "project",
                                       .state_bytes = sizeof(project_state),
                                       .open = project_open,
                                       .push = project_push,
                                       .advance = project_advance};
