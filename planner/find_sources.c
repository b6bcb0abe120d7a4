/* The walk over a query that lists what it reads from outside, before anything is bound.
 *
 *     WITH a AS (SELECT * FROM kafka('t')) SELECT * FROM a UNION ALL SELECT * FROM v
 *       a → kafka('t')       v is a view → its query → …          sources: kafka('t'), …
 *
 * Invariants
 * 1. The order is the one in which binding meets them: UNION branches in order, depth first. VALUES
 *    and a SELECT without FROM count, too (they are sources that need nothing).
 * 2. A CTE or view that stands in FROM twice is read twice. */
#include "planner/source.h"

#include <string.h>

static wr_status walk_query(wr_plan_context *context, const wr_ast_query *query,
                            const wr_cte_scope *outer, wr_error *err);

static wr_status
source_add(wr_plan_context *context, wr_span span, wr_plan_source source, wr_error *err)
{
    if (context->source_count == WR_PLAN_SOURCES_MAX) {
        return wr_plan_error(context, err, span, "E0901",
                             "the query reads more than %d sources, views written out",
                             WR_PLAN_SOURCES_MAX);
    }
    if (context->source_count == context->source_capacity) {
        context->source_capacity = context->source_capacity ? 2 * context->source_capacity : 4;
        wr_plan_source *grown =
            WR_NEW_ARRAY(context->arena, wr_plan_source, context->source_capacity);
        if (context->source_count > 0) {
            memcpy(grown, context->sources, (size_t)context->source_count * sizeof *grown);
        }
        context->sources = grown;
    }
    context->sources[context->source_count++] = source;
    return WR_OK;
}

static wr_status
values_add(wr_plan_context *context, wr_span span, wr_error *err)
{
    wr_plan_source source = {.name = WR_TEXT("VALUES"),
                             .source = wr_source_find(WR_TEXT("values")),
                             .until_end = true,
                             .position = span.position};
    return source_add(context, span, source, err);
}

static wr_status
walk_source(wr_plan_context *context, const wr_ast_source *ast, const wr_cte_scope *ctes,
            wr_error *err)
{
    wr_relation relation;
    WR_TRY(wr_relation_resolve(context, ast, ctes, &relation, err));
    if (relation.kind == WR_RELATION_WINDOWED) {
        return walk_source(context, relation.inner, ctes, err);
    }
    if (relation.kind == WR_RELATION_OUTSIDE) {
        wr_plan_source source;
        WR_TRY(wr_source_make(context, &relation, ast, &source, err));
        return source_add(context, ast->span, source, err);
    }
    wr_plan_inlined saved;
    WR_TRY(wr_relation_enter(context, &relation, &saved, err));
    wr_status status = walk_query(context, relation.query, relation.ctes, err);
    wr_relation_leave(context, &relation, saved);
    return status;
}

static wr_status
walk_select(wr_plan_context *context, const wr_ast_select *select, wr_span span,
            const wr_cte_scope *ctes, wr_error *err)
{
    if (select->from_count == 0) {
        return values_add(context, span, err);
    }
    if (select->from_count > 1) {
        const wr_ast_from_item *item = &select->from[1];
        bool unnest = item->source.kind == WR_AST_SOURCE_FUNCTION &&
                      wr_text_equal_nocase(item->source.name.text, WR_TEXT("unnest"));
        return wr_plan_unsupported(context, item->span, unnest ? "UNNEST" : "JOIN", err);
    }
    return walk_source(context, &select->from[0].source, ctes, err);
}

static wr_status
walk_query(wr_plan_context *context, const wr_ast_query *query, const wr_cte_scope *outer,
           wr_error *err)
{
    const wr_cte_scope *ctes = wr_cte_scope_of(context, query, outer);
    for (int i = 0; i < query->core_count; i++) {
        const wr_ast_core *core = &query->cores[i];
        switch (core->kind) {
        case WR_AST_CORE_SELECT:
            WR_TRY(walk_select(context, core->select, core->span, ctes, err));
            break;
        case WR_AST_CORE_VALUES: WR_TRY(values_add(context, core->span, err)); break;
        case WR_AST_CORE_QUERY: WR_TRY(walk_query(context, core->query, ctes, err)); break;
        }
    }
    return WR_OK;
}

wr_status
wr_find_sources(wr_plan_context *context, const wr_ast_query *query, wr_error *err)
{
    return walk_query(context, query, NULL, err);
}
