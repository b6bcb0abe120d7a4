/* Expressions as flat programs: steps over vector registers, compiled once per operator. */
#ifndef WEIR_EXEC_PROGRAM_H
#define WEIR_EXEC_PROGRAM_H

#include "planner/plan.h"

typedef struct wr_program wr_program;

/* Compiles `count` expressions over one input; equal parts are computed once. Lives in `arena`. */
wr_program *wr_program_new(wr_arena *arena, const wr_expr *const *exprs, int count);

/* outs[k] = expression k for all physical rows of `batch` (selection or not); column references
 * are borrowed, not copied. Registers are the program's own: outs hold until the next eval, and as
 * long as the batch. Extra bytes come from `arena` (the batch arena). */
void wr_program_eval(wr_program *program, const wr_batch *batch, int64_t now_us, wr_arena *arena,
                     wr_vector *outs);

#endif
