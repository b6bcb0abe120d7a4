/* Binding: expressions of the syntax tree → typed expressions over an input's columns.
 *
 *   bind_expr.c     what each kind of expression becomes          bind_name.c      columns
 *   bind_literal.c  literals, parameters                          bind_call.c      functions
 *   bind_aggregate.c aggregates                                   bind_type.c      type names
 *   overload.c      which entry of the registry fits              fold.c           constants
 *   cast.c          implicit and written casts      function_elsewhere.c  names of other SQLs
 * Internal to planner/. */
#ifndef WEIR_PLANNER_BIND_H
#define WEIR_PLANNER_BIND_H

#include "planner/expr.h"
#include "planner/scope.h"

/* Aggregates of a SELECT, each once. */
typedef struct wr_aggregate_list {
    wr_plan_aggregate_item *items;
    wr_type *types;
    wr_span *spans;
    int count, capacity;
} wr_aggregate_list;

/* An item of the select list, that HAVING, GROUP BY and ORDER BY may name. */
typedef struct wr_named_expr {
    wr_text name;
    const wr_expr *expr;
    wr_span span;
} wr_named_expr;

typedef struct wr_binder {
    wr_plan_context *context;
    const wr_scope *scope;         /* NULL: no columns here */
    wr_aggregate_list *aggregates; /* NULL: none may stand here */
    const wr_named_expr *aliases;  /* names that are tried after the columns */
    int alias_count;
    const char *place;           /* "WHERE", for messages */
    const wr_ast_select *select; /* whose items messages know by name; may be NULL */
    int lazy_depth;              /* > 0: may never be evaluated, so constants may fail */
    bool in_aggregate;
} wr_binder;

WR_MUST_USE wr_status wr_bind_expr(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr,
                                   wr_error *err);
/* …and converts it to `type` as an implicit cast; `what` is named in the message when that does not
 * work: "WHERE". */
WR_MUST_USE wr_status wr_bind_as(wr_binder *binder, const wr_ast_expr *ast, wr_type type,
                                 const char *what, const wr_expr **expr, wr_error *err);
/* A constant of `type`; E0407 when it is none. */
WR_MUST_USE wr_status wr_bind_constant(wr_binder *binder, const wr_ast_expr *ast, wr_type type,
                                       const char *what, const wr_expr **expr, wr_error *err);

/* ── parts ──────────────────────────────────────────────────────────────────────────────────── */

wr_status wr_bind_name(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr,
                       wr_error *err);
wr_status wr_bind_number(wr_binder *binder, wr_text text, wr_span span, const wr_expr **expr,
                         wr_error *err);
wr_status wr_bind_typed(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr,
                        wr_error *err);
wr_status wr_bind_parameter(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr,
                            wr_error *err);
wr_status wr_bind_function(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr,
                           wr_error *err);
wr_status wr_bind_aggregate(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr,
                            wr_error *err);
wr_status wr_bind_type(const wr_plan_context *context, const wr_ast_type *ast, wr_type *type,
                       wr_error *err);

/* A call of the registry's function `name` (an operator's sign, too) with bound arguments: overload
 * chosen, arguments cast, prepared, folded. `args` is kept. */
wr_status wr_bind_operator(wr_binder *binder, const char *name, const wr_expr **args, int count,
                           wr_span span, const wr_expr **expr, wr_error *err);
wr_status wr_bind_call(wr_binder *binder, wr_text name, const wr_expr **args, int count,
                       wr_span span, const wr_expr **expr, wr_error *err);
/* expr -> 'key' */
wr_status wr_bind_field(wr_binder *binder, const wr_expr *operand, wr_text key, wr_span span,
                        const wr_expr **expr, wr_error *err);

/* ── overload.c, cast.c, fold.c ─────────────────────────────────────────────────────────────── */

/* How far `expr` is from `type`: 0 equal; -1 it is not converted by itself. */
int wr_cast_cost(const wr_expr *expr, wr_type_id type);
/* The type that all `count` expressions become where they must be the same; false: none. */
bool wr_cast_common(const wr_expr *const *exprs, int count, wr_type *type);
/* As places that want a type do it: literals are read, JSON as by TRY_CAST. `what` for messages. */
wr_status wr_cast_implicit(wr_binder *binder, const wr_expr *expr, wr_type type, const char *what,
                           const wr_expr **out, wr_error *err);
/* As CAST and TRY_CAST do it. */
wr_status wr_cast_written(wr_binder *binder, const wr_expr *expr, wr_type type, bool try_cast,
                          wr_span span, const wr_expr **out, wr_error *err);

/* The patterns' fit of arguments: cost, -1: they do not fit. */
int wr_overload_cost(const uint8_t *patterns, unsigned flags, const wr_expr *const *args,
                     int count);
/* Converts arguments to the patterns that they fit; *same is what SAME became. */
wr_status wr_overload_convert(wr_binder *binder, const uint8_t *patterns, unsigned flags,
                              const wr_expr **args, int count, wr_type *same, wr_error *err);
/* E0302 (comparisons: E0301) with the argument types and a cast as hint. */
wr_status wr_overload_refuse(wr_binder *binder, wr_text name, bool is_operator,
                             const wr_expr *const *args, int count, wr_span span, wr_error *err);

/* What to write here for a function of another SQL; NULL: none is known by this name. */
const char *wr_function_elsewhere(wr_text name);

/* The call as an expression: prepared, and computed at once when all arguments are constant. */
wr_status wr_fold_call(wr_binder *binder, const wr_function *function, const wr_expr **args,
                       int count, wr_type type, wr_span span, const wr_expr **out, wr_error *err);

#endif
