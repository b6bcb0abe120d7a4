/* Queries: one SELECT or VALUES, or several with UNION ALL, and the clauses of the whole.
 *
 *     SELECT a FROM s UNION ALL SELECT b FROM t ORDER BY 1
 *       project → ┐
 *                 union → sort            a BIGINT, b DOUBLE: both become DOUBLE
 *       project → ┘
 *
 * Invariants
 * 1. Every input of a union is a project, so that all have the same columns in the same order, also
 *    after pruning.
 * 2. Names are those of the first input. */
#include "planner/query.h"

static wr_status
clauses_check(const wr_plan_context *context, const wr_ast_query *query, wr_error *err)
{
    if (query->emit.fill != WR_AST_FILL_NONE) {
        return wr_plan_unsupported(context, query->emit.fill_span, "FILL", err);
    }
    if (query->late == WR_AST_LATE_TO) {
        return wr_plan_unsupported(context, query->late_span, "LATE DATA TO", err);
    }
    bool every =
        query->emit.kind == WR_AST_EMIT_EVERY || query->emit.kind == WR_AST_EMIT_EVERY_AND_FINAL;
    if (every &&
        (query->emit.every.interval.months != 0 || query->emit.every.interval.micros <= 0)) {
        return wr_plan_error(context, err, query->emit.every.span, "E0404",
                             "EMIT EVERY needs a time of fixed length, more than 0");
    }
    return WR_OK;
}

static wr_status
core_plan(wr_plan_context *context, const wr_ast_core *core, const wr_ast_query *query,
          const wr_cte_scope *ctes, const wr_query_clauses *clauses, bool top, wr_planned *planned,
          wr_error *err)
{
    switch (core->kind) {
    case WR_AST_CORE_SELECT:
        return wr_plan_select(context, core->select, query, ctes, clauses, top, planned, err);
    case WR_AST_CORE_VALUES: return wr_plan_values(context, core, planned, err);
    case WR_AST_CORE_QUERY:
        return wr_plan_subquery(context, core->query, ctes, false, planned, err);
    }
    return WR_OK;
}

/* ── UNION ALL ──────────────────────────────────────────────────────────────────────────────── */

static int
visible_count(const wr_plan_node *node)
{
    return node->kind == WR_PLAN_SCAN ? node->u.scan.declared.count : node->schema.count;
}

static wr_status
union_check(wr_plan_context *context, const wr_ast_query *query, const wr_planned *inputs,
            wr_error *err)
{
    int count = visible_count(inputs[0].node);
    for (int i = 1; i < query->core_count; i++) {
        int columns = visible_count(inputs[i].node);
        if (columns != count) {
            return wr_plan_error(context, err, query->cores[i].span, "E0305",
                                 "this side of UNION ALL has %d column%s, the first one has %d",
                                 columns, columns == 1 ? "" : "s", count);
        }
    }
    return WR_OK;
}

/* Blames the first side whose type does not go with those before it. */
static wr_status
types_refuse(const wr_plan_context *context, const wr_ast_query *query,
             const wr_expr *const *columns, wr_text name, wr_error *err)
{
    int other = 1;
    wr_type type;
    while (other + 1 < query->core_count && wr_cast_common(columns, other + 1, &type)) {
        other++;
    }
    char first[40], here[40];
    wr_plan_error(context, err, query->cores[other].span, "E0301",
                  "column \"%.*s\" of UNION ALL is %s before, %s here", WR_TEXT_ARG(name),
                  wr_type_name(columns[0]->type, first), wr_type_name(columns[other]->type, here));
    wr_error_hint(err, "Cast one side: CAST(… AS %s).", first);
    return WR_ERR_SQL;
}

static wr_status
union_types(wr_plan_context *context, const wr_ast_query *query, const wr_planned *inputs,
            wr_schema *schema, wr_error *err)
{
    const wr_expr **columns = WR_NEW_ARRAY(context->arena, const wr_expr *, query->core_count);
    schema->count = visible_count(inputs[0].node);
    schema->columns = WR_NEW_ARRAY(context->arena, wr_column, schema->count);
    for (int c = 0; c < schema->count; c++) {
        for (int i = 0; i < query->core_count; i++) {
            wr_type type = inputs[i].node->schema.columns[c].type;
            columns[i] = wr_expr_column(context->arena, c, type, query->cores[i].span);
        }
        wr_column *column = &schema->columns[c];
        column->name = inputs[0].node->schema.columns[c].name;
        if (!wr_cast_common(columns, query->core_count, &column->type)) {
            return types_refuse(context, query, columns, column->name, err);
        }
    }
    return WR_OK;
}

static wr_status
union_input(wr_plan_context *context, wr_span span, const wr_schema *schema, wr_planned *input,
            wr_error *err)
{
    wr_arena *arena = context->arena;
    wr_binder binder = {.context = context, .place = "UNION ALL"};
    wr_plan_node *node = wr_node_over(arena, WR_PLAN_PROJECT, input->node);
    const wr_expr **exprs = WR_NEW_ARRAY(arena, const wr_expr *, schema->count);
    for (int c = 0; c < schema->count; c++) {
        wr_type type = input->node->schema.columns[c].type;
        const wr_expr *column = wr_expr_column(arena, c, type, span);
        WR_TRY(wr_cast_implicit(&binder, column, schema->columns[c].type, "UNION ALL", &exprs[c],
                                err));
    }
    node->schema = *schema;
    node->u.project.exprs = exprs;
    input->node = node;
    return WR_OK;
}

static wr_status
union_plan(wr_plan_context *context, const wr_ast_query *query, const wr_cte_scope *ctes,
           const wr_query_clauses *clauses, wr_planned *planned, wr_error *err)
{
    wr_arena *arena = context->arena;
    int count = query->core_count;
    wr_planned *inputs = WR_NEW_ARRAY(arena, wr_planned, count);
    for (int i = 0; i < count; i++) {
        WR_TRY(core_plan(context, &query->cores[i], NULL, ctes, clauses, false, &inputs[i], err));
    }
    WR_TRY(union_check(context, query, inputs, err));
    wr_schema schema;
    WR_TRY(union_types(context, query, inputs, &schema, err));
    wr_plan_node **nodes = WR_NEW_ARRAY(arena, wr_plan_node *, count);
    *planned = (wr_planned){.windowed = true, .bounded = true};
    wr_plan_node *node = WR_NEW(arena, wr_plan_node);
    node->has_event_time = true;
    for (int i = 0; i < count; i++) {
        WR_TRY(union_input(context, query->cores[i].span, &schema, &inputs[i], err));
        nodes[i] = inputs[i].node;
        planned->windowed &= inputs[i].windowed;
        planned->bounded &= inputs[i].bounded;
        node->has_event_time &= nodes[i]->has_event_time;
        node->changes |= nodes[i]->changes;
    }
    node->kind = WR_PLAN_UNION;
    node->schema = schema;
    node->inputs = nodes;
    node->input_count = count;
    planned->node = node;
    return WR_OK;
}

wr_status
wr_plan_subquery(wr_plan_context *context, const wr_ast_query *query, const wr_cte_scope *outer,
                 bool top, wr_planned *planned, wr_error *err)
{
    const wr_cte_scope *ctes = wr_cte_scope_of(context, query, outer);
    wr_query_clauses clauses = {query->emit, query->late, query->late_span};
    WR_TRY(clauses_check(context, query, err));
    if (query->core_count > 1) {
        WR_TRY(union_plan(context, query, ctes, &clauses, planned, err));
        return wr_plan_order(context, query, planned, err);
    }
    const wr_ast_core *core = &query->cores[0];
    WR_TRY(core_plan(context, core, query, ctes, &clauses, top, planned, err));
    return core->kind == WR_AST_CORE_SELECT ? WR_OK : wr_plan_order(context, query, planned, err);
}
