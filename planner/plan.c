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

/* The queries of a statement, and where each goes: INSERTs have a sink, a SELECT has none. EXPLAIN
 * is looked through. */
typedef struct statement_parts {
    const wr_ast_query *select; /* NULL: there are INSERTs */
    const wr_ast_insert *inserts;
    int insert_count;
} statement_parts;

static int
parts_count(const statement_parts *parts)
{
    return parts->select ? 1 : parts->insert_count;
}

static const wr_ast_query *
parts_query(const statement_parts *parts, int i)
{
    return parts->select ? parts->select : parts->inserts[i].query;
}

static wr_status
explain_unsupported(const wr_plan_context *context, const wr_ast_statement *statement,
                    wr_error *err)
{
    const char *what = statement->u.explain.kind == WR_AST_EXPLAIN_STATE   ? "EXPLAIN STATE"
                       : statement->u.explain.kind == WR_AST_EXPLAIN_STALL ? "EXPLAIN STALL"
                                                                           : "EXPLAIN UPGRADE";
    return wr_plan_unsupported(context, statement->span, what, err);
}

static wr_status
statement_take_apart(const wr_plan_context *context, const wr_ast_statement *statement,
                     statement_parts *parts, wr_error *err)
{
    *parts = (statement_parts){0};
    if (statement->kind == WR_AST_STATEMENT_EXPLAIN) {
        if (statement->u.explain.kind != WR_AST_EXPLAIN_PLAN) {
            return explain_unsupported(context, statement, err);
        }
        return statement_take_apart(context, statement->u.explain.statement, parts, err);
    }
    if (statement->kind == WR_AST_STATEMENT_QUERY) {
        parts->select = statement->u.query;
    } else if (statement->kind == WR_AST_STATEMENT_INSERT) {
        parts->inserts = statement->u.insert;
        parts->insert_count = 1;
    } else if (statement->kind == WR_AST_STATEMENT_CREATE_JOB) {
        parts->inserts = statement->u.job->inserts;
        parts->insert_count = statement->u.job->insert_count;
    } else {
        return wr_plan_error(context, err, statement->span, "E0501",
                             "this statement cannot be planned yet");
    }
    return WR_OK;
}

/* ── sources that are read once ─────────────────────────────────────────────────────────────── */

static bool
options_equal(wr_options a, wr_options b)
{
    for (int i = 0; a.count == b.count && i < a.count; i++) {
        if (!wr_text_equal_nocase(a.items[i].name, b.items[i].name) ||
            !wr_text_equal(a.items[i].value, b.items[i].value)) {
            return false;
        }
    }
    return a.count == b.count;
}

/* Two INSERTs of a job from the same stream, or from functions with the same arguments. */
static bool
sources_same(const wr_plan_source *a, const wr_plan_source *b)
{
    return a->source == b->source && a->format == b->format && a->until_end == b->until_end &&
           a->needs_learning == b->needs_learning && options_equal(a->options, b->options) &&
           wr_text_equal(a->brokers, b->brokers) && wr_text_equal(a->name, b->name);
}

static void
sources_share(wr_plan_source *sources, int count, bool is_job)
{
    for (int i = 0; i < count; i++) {
        sources[i].same_as = -1;
        bool is_outside = !wr_text_equal(sources[i].name, WR_TEXT("VALUES"));
        for (int k = 0; is_job && is_outside && k < i && sources[i].same_as < 0; k++) {
            bool is_first = sources[k].same_as < 0;
            sources[i].same_as = is_first && sources_same(&sources[k], &sources[i]) ? k : -1;
        }
    }
}

wr_status
wr_plan_find_sources(wr_planner *planner, const wr_ast_statement *statement,
                     wr_plan_source **sources, int *count, wr_error *err)
{
    wr_plan_context context = context_new(planner);
    statement_parts parts;
    WR_TRY(statement_take_apart(&context, statement, &parts, err));
    for (int i = 0; i < parts_count(&parts); i++) {
        WR_TRY(wr_find_sources(&context, parts_query(&parts, i), err));
    }
    sources_share(context.sources, context.source_count, parts.insert_count > 1);
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

/* Beside what the query uses, the key: a dead letter has it, too. */
static unsigned
scan_pseudo_wanted(const wr_plan_scan *scan)
{
    bool keeps = scan->on_error == WR_ON_ERROR_DEAD_LETTER;
    return scan->pseudo_mask | (keeps ? scan->source->pseudo_mask & 1u << WR_PSEUDO_KEY : 0);
}

/* One shared source fills every pseudo-column that somebody wants of it. */
static void
scans_share_pseudo(wr_plan_source *sources, const wr_plan_node *node)
{
    if (node->kind == WR_PLAN_SCAN) {
        const wr_plan_source *own = &sources[node->u.scan.source_index];
        sources[own->same_as < 0 ? node->u.scan.source_index : own->same_as].shared_pseudo_mask |=
            scan_pseudo_wanted(&node->u.scan);
    }
    for (int i = 0; i < node->input_count; i++) {
        scans_share_pseudo(sources, node->inputs[i]);
    }
}

static wr_plan *
plan_finish(wr_plan_context *context, const wr_planned *planned, int count)
{
    wr_plan *plan = WR_NEW(context->arena, wr_plan);
    wr_plan_node **roots = WR_NEW_ARRAY(context->arena, wr_plan_node *, count);
    plan->bounded = true;
    for (int i = 0; i < count; i++) {
        roots[i] = planned[i].node;
        wr_plan_prune(context, roots[i]);
        nodes_number(roots[i], &plan->node_count);
        scans_share_pseudo(context->sources, roots[i]);
        plan->bounded = plan->bounded && planned[i].bounded;
    }
    plan->root = roots[0];
    plan->roots = roots;
    plan->root_count = count;
    plan->sources = context->sources;
    plan->source_count = context->source_count;
    plan->result = planned->node->schema;
    plan->gutter_columns = planned->gutter_columns;
    plan->result.count -= planned->gutter_columns;
    plan->notice = context->notice;
    plan->lanes = 1;
    if (!context->planner->job && count == 1) {
        wr_plan_set_lanes(context->planner->settings, plan);
    }
    return plan;
}

wr_status
wr_plan_query(wr_planner *planner, const wr_ast_statement *statement, wr_plan_source *sources,
              int source_count, wr_plan **plan, wr_error *err)
{
    wr_plan_context context = context_new(planner);
    context.sources = sources;
    context.source_count = source_count;
    statement_parts parts;
    WR_TRY(statement_take_apart(&context, statement, &parts, err));
    int count = parts_count(&parts);
    wr_planned *planned = WR_NEW_ARRAY(context.arena, wr_planned, count);
    for (int i = 0; i < count; i++) {
        WR_TRY(wr_plan_subquery(&context, parts_query(&parts, i), NULL, parts.select != NULL,
                                &planned[i], err));
        root_project(&context, &planned[i]);
        if (parts.select) {
            planned[i].node = wr_node_over(context.arena, WR_PLAN_RESULT, planned[i].node);
        } else {
            WR_TRY(wr_plan_insert(&context, &parts.inserts[i], &planned[i], err));
        }
    }
    *plan = plan_finish(&context, planned, count);
    return WR_OK;
}

void
wr_plan_print_name(wr_text name, wr_buffer *out)
{
    wr_ast_print_name(name, out);
}
