/* Expressions and lists of names as text, for EXPLAIN. Internal to planner/. */
#ifndef WEIR_PLANNER_EXPLAIN_EXPR_H
#define WEIR_PLANNER_EXPLAIN_EXPR_H

#include "planner/plan.h"

/* Appends the expression with the names of `schema`; long ones are cut. */
void wr_explain_expr(const wr_expr *expr, const wr_schema *schema, wr_buffer *out);
/* "5 minutes" */
void wr_explain_duration(int64_t us, wr_buffer *out);

#endif
