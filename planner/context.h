/* What planning one statement carries along, and how it reports errors. Internal to planner/. */
#ifndef WEIR_PLANNER_CONTEXT_H
#define WEIR_PLANNER_CONTEXT_H

#include "planner/planner.h"

enum {
    WR_PLAN_COLUMNS_MAX = 4096, /* of a SELECT, and aggregates in it */
    WR_PLAN_SOURCES_MAX = 1024, /* sources that a query reads, views and CTEs written out */
    WR_PLAN_INLINE_MAX = 32     /* views and CTEs inside each other */
};

/* A name that WITH has declared, and the names that its query may use in turn. */
typedef struct wr_cte_scope {
    const wr_ast_cte *cte;
    const struct wr_cte_scope *outer;
} wr_cte_scope;

typedef struct wr_plan_context {
    wr_planner *planner;
    wr_arena *arena;
    wr_plan_source *sources; /* in the order of the walk; finding appends, binding takes */
    int source_count, source_capacity, source_next;
    int inline_depth;
    /* Text that is not part of the statement (a view's, columns = '…') is being bound: errors point
     * here; length 0: it is the statement's own text. */
    wr_span inlined_at;
    wr_text inlined_name;
    wr_text defining; /* the view that CREATE VIEW checks; it cannot read itself */
    const char *notice;
} wr_plan_context;

/* Where a span of the text being bound lies in the statement. */
wr_span wr_plan_span(const wr_plan_context *context, wr_span span);

/* Sets an SQL error with position; add detail and hint afterwards. */
wr_status wr_plan_error(const wr_plan_context *context, wr_error *err, wr_span span,
                        const char *code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* E0501 "<what> is not supported yet". */
wr_status wr_plan_unsupported(const wr_plan_context *context, wr_span span, const char *what,
                              wr_error *err);

/* The first notice wins. `text` lives as long as the plan. */
void wr_plan_notice(wr_plan_context *context, const char *text);

/* Text from elsewhere is bound between enter and leave. */
typedef struct wr_plan_inlined {
    wr_span at;
    wr_text name;
} wr_plan_inlined;
wr_plan_inlined wr_plan_enter(wr_plan_context *context, wr_span at, wr_text name);
void wr_plan_leave(wr_plan_context *context, wr_plan_inlined saved);

/* Adds "did you mean", or when nothing is near what there is: "sinks are file, kafka". */
void wr_plan_suggest(wr_error *err, wr_text word, const wr_text *names, int count,
                     const char *what);

#endif
