/* DESCRIBE: the columns of a stream, table or view. EXPLAIN: the plan of a query, as lines.
 *
 *     DESCRIBE busy  →  plan its query  →  the plan's result columns      nothing is opened
 *
 * 1. What would have to be learned from a source that is not declared is said to be so. */
#include "engine/show.h"

#include "engine/text_result.h"
#include "parser/parser.h"

/* Plans `statement` as a query of its own; WR_AGAIN when a source would have to be learned. */
static wr_status
describe_plan(weir_query *query, const wr_ast_statement *statement, wr_plan **plan, wr_error *err)
{
    wr_planner planner = wr_engine_planner(query, false);
    wr_plan_source *sources = NULL;
    int count = 0;
    WR_TRY(wr_plan_find_sources(&planner, statement, &sources, &count, err));
    return wr_plan_query(&planner, statement, sources, count, plan, err);
}

/* The columns of a view are those of SELECT * FROM it. */
static wr_status
describe_view(weir_query *query, const wr_catalog_entry *entry, wr_schema *schema, wr_error *err)
{
    wr_ast_statement *statement = NULL;
    size_t consumed = 0;
    wr_buffer text;
    wr_buffer_init(&text);
    wr_buffer_text(&text, WR_TEXT("SELECT * FROM "));
    wr_ast_print_name(entry->name, &text);
    wr_text sql = wr_arena_text(query->arena, (wr_text){text.data, text.size});
    wr_buffer_fini(&text);
    WR_TRY(wr_parse_statement(query->arena, sql, &consumed, &statement, err));
    wr_plan *plan = NULL;
    wr_status status = describe_plan(query, statement, &plan, err);
    if (status == WR_OK) {
        *schema = plan->result;
    }
    return status == WR_AGAIN ? WR_OK : status;
}

wr_status
wr_engine_describe(weir_query *query, wr_error *err)
{
    static const char *const names[] = {"column", "type", "null"};
    const wr_ast_name *name = &query->statement->u.name;
    const wr_catalog_entry *entry = wr_catalog_find(query->db->catalog, name->text);
    if (!entry) {
        wr_status status =
            wr_catalog_missing(query->db->catalog, "stream, table or view", name->text, err);
        wr_error_at(err, name->span.position, name->span.length);
        return status;
    }
    wr_schema schema = {NULL, 0};
    wr_planner planner = wr_engine_planner(query, false);
    WR_TRY(entry->kind == WR_CATALOG_VIEW ? describe_view(query, entry, &schema, err)
                                          : wr_plan_describe(&planner, entry, &schema, err));
    text_result result;
    wr_text_result_init(&result, query, 3, names);
    for (int i = 0; i < schema.count; i++) {
        char type[64];
        wr_text_result_add(
            &result, (wr_text[]){schema.columns[i].name,
                                 wr_text_from(wr_type_name(schema.columns[i].type, type)),
                                 schema.columns[i].not_null ? WR_TEXT("no") : WR_TEXT("yes")});
    }
    if (schema.count == 0) {
        wr_text_result_add(&result,
                           (wr_text[]){WR_TEXT("(learned at start)"), WR_TEXT_NONE, WR_TEXT_NONE});
    }
    wr_text_result_finish(&result);
    return WR_OK;
}

wr_status
wr_engine_explain(weir_query *query, wr_error *err)
{
    static const char *const names[] = {"plan"};
    const wr_ast_statement *statement = query->statement;
    const wr_ast_statement *inner = statement->u.explain.statement;
    if (statement->u.explain.kind == WR_AST_EXPLAIN_UPGRADE && inner) {
        return wr_engine_explain_upgrade(query, err);
    }
    if (statement->u.explain.kind != WR_AST_EXPLAIN_PLAN || !inner ||
        (inner->kind != WR_AST_STATEMENT_QUERY && inner->kind != WR_AST_STATEMENT_INSERT &&
         inner->kind != WR_AST_STATEMENT_CREATE_JOB)) {
        wr_status status =
            wr_error_set(err, WR_ERR_SQL, "E0501", "this form of EXPLAIN is not supported yet");
        wr_error_at(err, statement->span.position, statement->span.length);
        wr_error_hint(err, "EXPLAIN SELECT … and EXPLAIN INSERT … show the plan");
        return status;
    }
    wr_plan *plan = NULL;
    wr_status status = describe_plan(query, inner, &plan, err);
    if (status != WR_OK && status != WR_AGAIN) {
        return status;
    }
    text_result result;
    wr_text_result_init(&result, query, 1, names);
    if (status == WR_AGAIN) {
        wr_text_result_add(&result,
                           &WR_TEXT("columns are learned from the first rows at start; declare the "
                                    "stream to see its plan"));
    } else {
        wr_buffer text;
        wr_buffer_init(&text);
        wr_explain_text(plan, &text);
        wr_text_result_lines(&result, (wr_text){text.data, text.size});
        wr_buffer_fini(&text);
    }
    wr_text_result_finish(&result);
    return WR_OK;
}
