/* Queries → plan nodes. Internal to planner/.
 *
 *   plan_from.c   FROM               plan_select.c  SELECT            plan_group.c  aggregation
 *   plan_window.c WINDOW             plan_values.c  VALUES            plan_order.c  ORDER BY, LIMIT
 *   plan_query.c  UNION ALL, WITH    plan_insert.c  INSERT            prune*.c       unused columns
 */
#ifndef WEIR_PLANNER_QUERY_H
#define WEIR_PLANNER_QUERY_H

#include "planner/bind.h"
#include "planner/source.h"

/* Clauses that belong to the whole query and reach the aggregates in it. */
typedef struct wr_query_clauses {
    wr_ast_emit emit;
    wr_ast_late_kind late;
    wr_span late_span;
} wr_query_clauses;

/* A planned query: its rows are node->schema. */
typedef struct wr_planned {
    wr_plan_node *node;
    bool windowed; /* rows are results of windows, their event time is window_time */
    bool bounded;  /* ends by itself */
    /* Top-level SELECT with a window of which neither start nor end is selected: so many columns
     * behind the others hold them. */
    int gutter_columns;
} wr_planned;

/* FROM, planned. */
typedef struct wr_from {
    wr_plan_node *node;
    wr_scope scope;
    bool windowed, bounded;
    const wr_ast_window *window; /* of TUMBLE(…), HOP(…) */
} wr_from;

/* A node over one input, with the input's event time and changes. */
wr_plan_node *wr_node_over(wr_arena *arena, wr_plan_kind kind, wr_plan_node *input);
/* Its schema has these columns. */
void wr_node_schema(wr_arena *arena, wr_plan_node *node, int count);

wr_status wr_plan_from(wr_plan_context *context, const wr_ast_select *select,
                       const wr_cte_scope *ctes, wr_from *from, wr_error *err);
/* `top`: a SELECT whose rows go to the caller, so that a gutter may be added. */
wr_status wr_plan_subquery(wr_plan_context *context, const wr_ast_query *query,
                           const wr_cte_scope *ctes, bool top, wr_planned *planned, wr_error *err);
/* `query` (NULL in a UNION): its ORDER BY may use what the SELECT's expressions may. */
wr_status wr_plan_select(wr_plan_context *context, const wr_ast_select *select,
                         const wr_ast_query *query, const wr_cte_scope *ctes,
                         const wr_query_clauses *clauses, bool top, wr_planned *planned,
                         wr_error *err);
wr_status wr_plan_values(wr_plan_context *context, const wr_ast_core *core, wr_planned *planned,
                         wr_error *err);
/* One row without columns: SELECT without FROM. */
wr_status wr_plan_one_row(wr_plan_context *context, wr_from *from, wr_error *err);

wr_status wr_plan_window(wr_plan_context *context, const wr_ast_window *ast, wr_window *window,
                         wr_error *err);

/* The next outside source of the walk, which must be the one that `name` says. */
wr_status wr_plan_next_source(wr_plan_context *context, wr_span span, wr_plan_source **source,
                              int *index, wr_error *err);

/* ── SELECT's parts ─────────────────────────────────────────────────────────────────────────── */

typedef struct wr_select_sort {
    const wr_expr *expr;
    int item; /* the output column that it is; -1: a column of its own */
    bool descending, nulls_first;
} wr_select_sort;

/* A SELECT while it is bound: expressions over the input's rows, with placeholders. */
typedef struct wr_select {
    wr_plan_context *context;
    const wr_ast_select *ast;
    const wr_ast_query *query; /* NULL: one of a UNION */
    const wr_query_clauses *clauses;
    wr_from from;
    wr_window window;
    wr_span window_span;
    wr_scope scope; /* from.scope and the window's columns */
    wr_aggregate_list aggregates;
    wr_named_expr *items;
    int item_count, item_capacity;
    const wr_expr **keys; /* GROUP BY, without window columns */
    wr_span *key_spans;
    int key_count;
    const wr_expr *having;
    wr_select_sort *sorts;
    int sort_count;
    bool grouped; /* GROUP BY, HAVING, DISTINCT or aggregates */
    bool global;  /* grouped without GROUP BY */
} wr_select;

/* Binds GROUP BY (positions and aliases, too). */
wr_status wr_select_bind_groups(wr_select *select, wr_error *err);
/* Puts the aggregate (or window_assign) node on top of select->from.node and makes items, HAVING
 * and sort keys expressions over it. */
wr_status wr_select_aggregate(wr_select *select, wr_error *err);
/* The emission that a query's aggregate gets, checked against what can be. */
wr_status wr_select_emit(wr_select *select, wr_emit *emit, wr_error *err);

wr_status wr_select_bind_order(wr_select *select, wr_error *err);

/* ORDER BY over the columns of a finished query; LIMIT and OFFSET. */
wr_status wr_plan_order(wr_plan_context *context, const wr_ast_query *query, wr_planned *planned,
                        wr_error *err);
/* Sort and limit by keys that are columns of planned->node; then LIMIT alone. */
wr_status wr_plan_sort(wr_plan_context *context, const wr_ast_query *query,
                       const wr_plan_sort_key *keys, int key_count, wr_planned *planned,
                       wr_error *err);
wr_status wr_plan_limit(wr_plan_context *context, const wr_ast_query *query, wr_planned *planned,
                        wr_error *err);

/* ── afterwards ─────────────────────────────────────────────────────────────────────────────── */

/* INSERT: casts to the sink's columns and a SINK node. */
wr_status wr_plan_insert(wr_plan_context *context, const wr_ast_insert *insert, wr_planned *planned,
                         wr_error *err);

/* Sets plan->lanes and lane_top: what SET lanes says, 1 where a plan cannot be shared out. */
void wr_plan_set_lanes(const wr_settings *settings, wr_plan *plan);

/* Drops columns that nobody uses, down to the scans; afterwards scans are complete. */
void wr_plan_prune(wr_plan_context *context, wr_plan_node *root);

#endif
