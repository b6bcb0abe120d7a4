/* What a FROM item is, before anything is bound: the walk that finds outside sources and the one
 * that binds them must agree, so both ask here. Internal to planner/. */
#ifndef WEIR_PLANNER_RELATION_H
#define WEIR_PLANNER_RELATION_H

#include "planner/context.h"

typedef enum wr_relation_kind {
    WR_RELATION_OUTSIDE, /* reads the outside: a source function or a declared stream */
    WR_RELATION_QUERY,   /* a subquery, CTE or view */
    WR_RELATION_WINDOWED /* TUMBLE(TABLE s, DESCRIPTOR(ts), …) */
} wr_relation_kind;

typedef struct wr_relation {
    wr_relation_kind kind;
    wr_span span;
    wr_text name;                /* as the query says it: cpu; of functions the function's name */
    const wr_source_ops *source; /* OUTSIDE function; NULL: a stream, described by `table` */
    const wr_ast_table *table;   /* OUTSIDE stream: its declaration, in the planner's arena */
    bool is_table;               /* …was declared by CREATE TABLE */
    const wr_ast_query *query;   /* QUERY */
    const wr_cte_scope *ctes;    /* QUERY: names that it may use */
    const wr_ast_name *columns;  /* QUERY of a CTE: t(a, b) */
    int column_count;
    bool inlined;                  /* its text is not the statement's: enter and leave */
    const wr_ast_source *inner;    /* WINDOWED: s */
    const wr_ast_expr *descriptor; /* WINDOWED: ts */
    const wr_ast_window *window;   /* WINDOWED */
} wr_relation;

wr_status wr_relation_resolve(wr_plan_context *context, const wr_ast_source *source,
                              const wr_cte_scope *ctes, wr_relation *relation, wr_error *err);

/* What INSERT INTO `name` writes: a declared stream or table; E0301 for a view. */
wr_status wr_relation_of_sink(wr_plan_context *context, const wr_ast_name *name,
                              wr_relation *relation, wr_error *err);

/* Names that `query` may use: `outer` and its own WITH. */
const wr_cte_scope *wr_cte_scope_of(wr_plan_context *context, const wr_ast_query *query,
                                    const wr_cte_scope *outer);

/* Before and after what `relation` inlines is walked; enter fails when views nest too deeply. */
wr_status wr_relation_enter(wr_plan_context *context, const wr_relation *relation,
                            wr_plan_inlined *saved, wr_error *err);
void wr_relation_leave(wr_plan_context *context, const wr_relation *relation,
                       wr_plan_inlined saved);

#endif
