/* From a statement to its plan: the two entry points, and what is done when the tree stands.
 *
 *     statement → query → [RESULT | SINK] over it → prune → number → plan
 *
 * Invariants
 * 1. A column that is NULL in all rows has type TEXT in a result or sink.
 * 2. Nodes are numbered children first. */
#include "planner/query.h"

#include "parser/parser.h"

static wr_plan_context
context_new(wr_planner *planner)
{
    return (wr_plan_context){.planner = planner, .arena = planner->arena};
}

static wr_status
statement_unsupported(const wr_plan_context *context, const wr_ast_statement *statement,
                      wr_error *err)
{
    if (statement->kind == WR_AST_STATEMENT_CREATE_JOB) {
        return wr_plan_unsupported(context, statement->span, "CREATE JOB", err);
    }
    return wr_plan_error(context, err, statement->span, "E0501",
                         "this statement cannot be planned yet");
}

/* The query of a statement and its INSERT, if it is one; EXPLAIN is looked through. */
static wr_status
statement_query(const wr_plan_context *context, const wr_ast_statement *statement,
                const wr_ast_query **query, const wr_ast_insert **insert, wr_error *err)
{
    *insert = NULL;
    if (statement->kind == WR_AST_STATEMENT_EXPLAIN) {
        if (statement->u.explain.kind != WR_AST_EXPLAIN_PLAN) {
            const char *what = statement->u.explain.kind == WR_AST_EXPLAIN_STATE ? "EXPLAIN STATE"
                               : statement->u.explain.kind == WR_AST_EXPLAIN_STALL
                                   ? "EXPLAIN STALL"
                                   : "EXPLAIN UPGRADE";
            return wr_plan_unsupported(context, statement->span, what, err);
        }
        return statement_query(context, statement->u.explain.statement, query, insert, err);
    }
    if (statement->kind == WR_AST_STATEMENT_QUERY) {
        *query = statement->u.query;
        return WR_OK;
    }
    if (statement->kind == WR_AST_STATEMENT_INSERT) {
        *insert = statement->u.insert;
        *query = (*insert)->query;
        return WR_OK;
    }
    return statement_unsupported(context, statement, err);
}

wr_status
wr_plan_find_sources(wr_planner *planner, const wr_ast_statement *statement,
                     wr_plan_source **sources, int *count, wr_error *err)
{
    wr_plan_context context = context_new(planner);
    const wr_ast_query *query = NULL;
    const wr_ast_insert *insert = NULL;
    WR_TRY(statement_query(&context, statement, &query, &insert, err));
    WR_TRY(wr_find_sources(&context, query, err));
    *sources = context.sources;
    *count = context.source_count;
    return WR_OK;
}

/* ── the root ───────────────────────────────────────────────────────────────────────────────── */

/* A project over the visible columns, where the root needs one: above a scan, whose schema is not
 * final, and where a column has no type. */
static void
root_project(wr_plan_context *context, wr_planned *planned)
{
    wr_plan_node *input = planned->node;
    bool scan = input->kind == WR_PLAN_SCAN;
    int count = scan ? input->u.scan.declared.count : input->schema.count;
    bool needed = scan;
    for (int i = 0; i < count; i++) {
        needed |= input->schema.columns[i].type.id == WR_TYPE_NULL;
    }
    if (!needed) {
        return;
    }
    wr_plan_node *node = wr_node_over(context->arena, WR_PLAN_PROJECT, input);
    wr_node_schema(context->arena, node, count);
    const wr_expr **exprs = WR_NEW_ARRAY(context->arena, const wr_expr *, count);
    for (int i = 0; i < count; i++) {
        wr_span none = {-1, 0};
        wr_column column = input->schema.columns[i];
        bool untyped = column.type.id == WR_TYPE_NULL;
        column.type = untyped ? WR_TYPE(TEXT) : column.type;
        node->schema.columns[i] = column;
        exprs[i] = untyped ? wr_expr_null(context->arena, column.type, none)
                           : wr_expr_column(context->arena, i, column.type, none);
    }
    node->u.project.exprs = exprs;
    planned->node = node;
}

static void
nodes_number(wr_plan_node *node, int *next)
{
    for (int i = 0; i < node->input_count; i++) {
        nodes_number(node->inputs[i], next);
    }
    node->id = (*next)++;
}

static wr_plan *
plan_finish(wr_plan_context *context, const wr_planned *planned)
{
    wr_plan *plan = WR_NEW(context->arena, wr_plan);
    wr_plan_prune(context, planned->node);
    nodes_number(planned->node, &plan->node_count);
    plan->root = planned->node;
    plan->sources = context->sources;
    plan->source_count = context->source_count;
    plan->result = planned->node->schema;
    plan->gutter_columns = planned->gutter_columns;
    plan->result.count -= planned->gutter_columns;
    plan->bounded = planned->bounded;
    plan->notice = context->notice;
    wr_plan_set_lanes(context->planner->settings, plan);
    return plan;
}

wr_status
wr_plan_query(wr_planner *planner, const wr_ast_statement *statement, wr_plan_source *sources,
              int source_count, wr_plan **plan, wr_error *err)
{
    wr_plan_context context = context_new(planner);
    context.sources = sources;
    context.source_count = source_count;
    const wr_ast_query *query = NULL;
    const wr_ast_insert *insert = NULL;
    wr_planned planned;
    WR_TRY(statement_query(&context, statement, &query, &insert, err));
    WR_TRY(wr_plan_subquery(&context, query, NULL, insert == NULL, &planned, err));
    root_project(&context, &planned);
    if (insert) {
        WR_TRY(wr_plan_insert(&context, insert, &planned, err));
    } else {
        planned.node = wr_node_over(context.arena, WR_PLAN_RESULT, planned.node);
    }
    *plan = plan_finish(&context, &planned);
    return WR_OK;
}

void
wr_plan_print_name(wr_text name, wr_buffer *out)
{
    wr_ast_print_name(name, out);
}
