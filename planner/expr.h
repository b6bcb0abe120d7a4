/* Bound expressions: making, comparing, rewriting them. A left-deep chain (a + b + c + …) may be
 * 100,000 calls deep, so nothing here recurses along a first argument. Internal to planner/. */
#ifndef WEIR_PLANNER_EXPR_H
#define WEIR_PLANNER_EXPR_H

#include "parser/ast.h"
#include "planner/plan.h"

/* Columns that stand for something that has no place yet while a SELECT is bound: window_start,
 * _end, _time, and the result of aggregate i. */
enum { WR_COLUMN_WINDOW = 1 << 28, WR_COLUMN_AGGREGATE = 1 << 29 };

const wr_expr *wr_expr_constant(wr_arena *arena, const wr_vector *constant, wr_span span);
const wr_expr *wr_expr_text(wr_arena *arena, wr_text text, wr_span span); /* a TEXT constant */
const wr_expr *wr_expr_null(wr_arena *arena, wr_type type, wr_span span);
const wr_expr *wr_expr_column(wr_arena *arena, int column, wr_type type, wr_span span);
/* The same expression with another position. */
const wr_expr *wr_expr_at(wr_arena *arena, const wr_expr *expr, wr_span span);
wr_span wr_expr_span(const wr_expr *expr);

bool wr_expr_is_null(const wr_expr *expr);         /* a NULL constant */
bool wr_expr_is_text_literal(const wr_expr *expr); /* a TEXT constant, not NULL */
/* The text of a TEXT constant. */
wr_text wr_expr_literal(const wr_expr *expr);

/* Same structure (positions apart)? */
bool wr_expr_equal(const wr_expr *a, const wr_expr *b);

/* Calls `visit` for every node, arguments after the node; false: do not look at its arguments. */
typedef bool (*wr_expr_visitor)(void *context, const wr_expr *expr);
void wr_expr_visit(const wr_expr *expr, wr_expr_visitor visit, void *context);

/* A copy in which every node for which `replace` gives something other than NULL stands replaced;
 * the arguments of replaced nodes are not looked at. */
typedef const wr_expr *(*wr_expr_replacer)(void *context, const wr_expr *expr);
const wr_expr *wr_expr_rewrite(wr_arena *arena, const wr_expr *expr, wr_expr_replacer replace,
                               void *context);

#endif
