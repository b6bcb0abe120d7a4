/* What stands behind a name in FROM.
 *
 *     cpu            1  a name of WITH     2  a view or stream of the catalog
 *     kafka('t')     a source function
 *     TUMBLE(TABLE cpu, DESCRIPTOR(ts), INTERVAL '5' MINUTE)     cpu with a window
 *
 * Invariants
 * 1. A CTE sees the names declared before it, not itself.
 * 2. What comes from the catalog is parsed anew into the planner's arena, so no plan points into an
 *    entry that may be dropped. */
#include "planner/relation.h"

#include "parser/parser.h"

#include <string.h>

const wr_cte_scope *
wr_cte_scope_of(wr_plan_context *context, const wr_ast_query *query, const wr_cte_scope *outer)
{
    for (int i = 0; i < query->cte_count; i++) {
        wr_cte_scope *scope = WR_NEW(context->arena, wr_cte_scope);
        scope->cte = &query->ctes[i];
        scope->outer = outer;
        outer = scope;
    }
    return outer;
}

wr_status
wr_relation_enter(wr_plan_context *context, const wr_relation *relation, wr_plan_inlined *saved,
                  wr_error *err)
{
    if (context->inline_depth == WR_PLAN_INLINE_MAX) {
        return wr_plan_error(context, err, relation->span, "E0901",
                             "views and subqueries stand inside each other more than %d deep",
                             WR_PLAN_INLINE_MAX);
    }
    context->inline_depth++;
    *saved = (wr_plan_inlined){context->inlined_at, context->inlined_name};
    if (relation->inlined) {
        *saved = wr_plan_enter(context, relation->span, relation->name);
    }
    return WR_OK;
}

void
wr_relation_leave(wr_plan_context *context, const wr_relation *relation, wr_plan_inlined saved)
{
    (void)relation;
    context->inline_depth--;
    wr_plan_leave(context, saved);
}

static wr_status
entry_parse(wr_plan_context *context, const wr_catalog_entry *entry,
            const wr_ast_statement **statement, wr_error *err)
{
    size_t consumed;
    wr_ast_statement *parsed;
    WR_TRY(wr_parse_statement(context->arena, entry->sql, &consumed, &parsed, err));
    *statement = parsed;
    return WR_OK;
}

static wr_status
relation_of_entry(wr_plan_context *context, const wr_catalog_entry *entry, wr_relation *relation,
                  wr_error *err)
{
    const wr_ast_statement *statement;
    WR_TRY(entry_parse(context, entry, &statement, err));
    relation->inlined = true;
    relation->name = wr_arena_text(context->arena, entry->name);
    if (entry->kind == WR_CATALOG_VIEW) {
        relation->kind = WR_RELATION_QUERY;
        relation->query = statement->u.view.query;
    } else {
        relation->kind = WR_RELATION_OUTSIDE;
        relation->table = statement->u.table;
        relation->is_table = entry->kind == WR_CATALOG_TABLE;
    }
    return WR_OK;
}

/* A name of WITH that comes near. */
static void
cte_hint(const wr_cte_scope *ctes, wr_text name, wr_error *err)
{
    for (const wr_cte_scope *at = ctes; at; at = at->outer) {
        if (wr_text_nearest(name, &at->cte->name.text, 1) == 0) {
            wr_error_hint(err, "did you mean \"%.*s\"?", WR_TEXT_ARG(at->cte->name.text));
            return;
        }
    }
}

static wr_status
relation_missing(wr_plan_context *context, const wr_ast_name *name, const wr_cte_scope *ctes,
                 wr_error *err)
{
    wr_text text = name->text;
    wr_catalog_missing(context->planner->catalog, "stream, table or view", text, err);
    cte_hint(ctes, text, err);
    if (wr_source_find(text) && err && !err->hint[0]) {
        wr_error_hint(err, "%.*s is a function: write %.*s(…).", WR_TEXT_ARG(text),
                      WR_TEXT_ARG(text));
    }
    wr_span at = wr_plan_span(context, name->span);
    wr_error_at(err, at.position, at.length);
    return WR_ERR_SQL;
}

wr_status
wr_relation_of_sink(wr_plan_context *context, const wr_ast_name *name, wr_relation *relation,
                    wr_error *err)
{
    *relation = (wr_relation){.span = name->span, .name = name->text};
    const wr_catalog_entry *entry = wr_catalog_find(context->planner->catalog, name->text);
    if (!entry) {
        return relation_missing(context, name, NULL, err);
    }
    if (entry->kind == WR_CATALOG_VIEW) {
        return wr_plan_error(context, err, name->span, "E0301",
                             "\"%.*s\" cannot be written: it is a view",
                             WR_TEXT_ARG(name->text));
    }
    return relation_of_entry(context, entry, relation, err);
}

static wr_status
relation_by_name(wr_plan_context *context, const wr_ast_source *source, const wr_cte_scope *ctes,
                 wr_relation *relation, wr_error *err)
{
    wr_text name = source->name.text;
    for (const wr_cte_scope *at = ctes; at; at = at->outer) {
        if (wr_text_equal_nocase(at->cte->name.text, name)) {
            relation->kind = WR_RELATION_QUERY;
            relation->query = at->cte->query;
            relation->ctes = at->outer;
            relation->columns = at->cte->columns;
            relation->column_count = at->cte->column_count;
            return WR_OK;
        }
    }
    const wr_catalog_entry *entry = wr_catalog_find(context->planner->catalog, name);
    if (entry && wr_text_equal_nocase(context->defining, name)) {
        return wr_plan_error(context, err, source->name.span, "E0201",
                             "view \"%.*s\" cannot read itself", WR_TEXT_ARG(name));
    }
    if (entry && entry->kind == WR_CATALOG_TABLE) {
        wr_plan_unsupported(context, source->name.span, "reading a TABLE", err);
        wr_error_hint(err,
                      "A TABLE is written: INSERT INTO %.*s SELECT …; declare a STREAM to "
                      "read its rows as they come.",
                      WR_TEXT_ARG(name));
        return WR_ERR_SQL;
    }
    return entry ? relation_of_entry(context, entry, relation, err)
                 : relation_missing(context, &source->name, ctes, err);
}

/* ── functions ──────────────────────────────────────────────────────────────────────────────── */

static wr_status
function_missing(wr_plan_context *context, const wr_ast_source *source, wr_error *err)
{
    static const char *const later[] = {"sqlite", "nexmark", "unnest"};
    wr_text name = source->name.text;
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        if (wr_text_equal_nocase(name, wr_text_from(later[i]))) {
            return wr_plan_error(context, err, source->name.span, "E0501",
                                 "%s() is not supported yet", later[i]);
        }
    }
    int count;
    const wr_source_ops *const *all = wr_source_all(&count);
    wr_text names[32];
    count = count > 32 ? 32 : count;
    for (int i = 0; i < count; i++) {
        names[i] = wr_text_from(all[i]->name);
    }
    wr_plan_error(context, err, source->name.span, "E0205", "no source function \"%.*s\"",
                  WR_TEXT_ARG(name));
    wr_plan_suggest(err, name, names, count, "source functions");
    if (wr_catalog_find(context->planner->catalog, name)) {
        wr_error_hint(err, "A declared stream has no parentheses.");
    }
    return WR_ERR_SQL;
}

/* The duration in argument `i` of TUMBLE and HOP. */
static wr_status
window_duration(wr_plan_context *context, const wr_ast_source *source, int i,
                wr_ast_duration *duration, wr_error *err)
{
    const wr_ast_expr *value = i < source->arg_count ? source->args[i].value : NULL;
    if (!value || value->kind != WR_AST_INTERVAL) {
        wr_span span = value ? value->span : source->span;
        wr_plan_error(context, err, span, "E0404", "%.*s needs an INTERVAL here",
                      WR_TEXT_ARG(source->name.text));
        wr_error_hint(err, "As in TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '5' MINUTES).");
        return WR_ERR_SQL;
    }
    *duration = value->u.duration;
    return WR_OK;
}

/* TUMBLE(TABLE s, DESCRIPTOR(ts), size) and HOP(TABLE s, DESCRIPTOR(ts), slide, size). */
static wr_status
relation_windowed(wr_plan_context *context, const wr_ast_source *source, bool hop,
                  wr_relation *relation, wr_error *err)
{
    bool form = source->arg_count >= 2 && source->args[0].kind == WR_AST_ARG_TABLE &&
                source->args[1].kind == WR_AST_ARG_DESCRIPTOR;
    for (int i = 0; i < source->arg_count; i++) {
        form &= source->args[i].name.text.size == 0;
    }
    if (!form || source->arg_count > (hop ? 4 : 3) || source->args[0].partition.count > 0) {
        wr_plan_unsupported(context, source->span, "this form of a windowing function", err);
        wr_error_hint(err, "Write WINDOW TUMBLING … or WINDOW HOPPING … behind the source.");
        return WR_ERR_SQL;
    }
    wr_ast_window *window = WR_NEW(context->arena, wr_ast_window);
    window->kind = hop ? WR_AST_WINDOW_HOPPING : WR_AST_WINDOW_TUMBLING;
    window->span = source->span;
    WR_TRY(window_duration(context, source, hop ? 3 : 2, &window->size, err));
    if (hop) {
        WR_TRY(window_duration(context, source, 2, &window->advance, err));
    }
    relation->kind = WR_RELATION_WINDOWED;
    relation->inner = source->args[0].table;
    relation->descriptor = source->args[1].value;
    relation->window = window;
    return WR_OK;
}

static wr_status
relation_by_function(wr_plan_context *context, const wr_ast_source *source, wr_relation *relation,
                     wr_error *err)
{
    wr_text name = source->name.text;
    if (wr_text_equal_nocase(name, WR_TEXT("tumble")) ||
        wr_text_equal_nocase(name, WR_TEXT("hop"))) {
        return relation_windowed(context, source, name.size == 3, relation, err);
    }
    if (wr_text_equal_nocase(name, WR_TEXT("cumulate")) ||
        wr_text_equal_nocase(name, WR_TEXT("session"))) {
        return wr_plan_error(context, err, source->name.span, "E0501",
                             "%.*s() is not supported yet", WR_TEXT_ARG(name));
    }
    int count;
    const wr_source_ops *const *listed = wr_source_all(&count);
    for (int i = 0; i < count; i++) {
        if (wr_text_equal_nocase(name, wr_text_from(listed[i]->name))) {
            relation->kind = WR_RELATION_OUTSIDE;
            relation->source = listed[i];
            return WR_OK;
        }
    }
    relation->source = wr_source_find_registered(name);
    if (relation->source) {
        relation->kind = WR_RELATION_OUTSIDE;
        return WR_OK;
    }
    return function_missing(context, source, err);
}

wr_status
wr_relation_resolve(wr_plan_context *context, const wr_ast_source *source, const wr_cte_scope *ctes,
                    wr_relation *relation, wr_error *err)
{
    *relation = (wr_relation){.span = source->span, .name = source->name.text, .ctes = ctes};
    if (source->as_of) {
        return wr_plan_unsupported(context, source->as_of->span, "FOR SYSTEM_TIME AS OF", err);
    }
    switch (source->kind) {
    case WR_AST_SOURCE_QUERY:
        relation->kind = WR_RELATION_QUERY;
        relation->query = source->query;
        return WR_OK;
    case WR_AST_SOURCE_FUNCTION: return relation_by_function(context, source, relation, err);
    case WR_AST_SOURCE_NAME: return relation_by_name(context, source, ctes, relation, err);
    }
    return WR_OK;
}
