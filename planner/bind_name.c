/* Names → columns.
 *
 *     a.b.c    1  a is the source's alias and b its column     → column b, then JSON field c
 *              2  a is a column of type JSON                   → column a, then JSON fields b, c
 *              both                                            → E0204 shows both
 *     a        a column, else an item of the select list (HAVING, ORDER BY), else E0203
 *
 * Invariant: a column expression has the position of the reference, not of the declaration. */
#include "planner/bind.h"

#include "parser/parser.h"

#define WINDOW_COLUMNS \
    "window_start, window_end and window_time come with WINDOW, in SELECT, HAVING and ORDER BY."

/* A word of SQL or of another SQL that stands where a column could; NULL: none. */
static const char *
word_hint(wr_text name)
{
    static const struct {
        const char *word, *hint;
    } words[] = {
        {"window_start", WINDOW_COLUMNS},
        {"window_end", WINDOW_COLUMNS},
        {"window_time", WINDOW_COLUMNS},
        {"rowtime",
         "The time of a row is its column of WATERMARK FOR; that of arrival _timestamp."},
        {"localtimestamp", "Write now()."},
        {"all", "Name the columns of GROUP BY one by one."},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (wr_text_equal_nocase(name, wr_text_from(words[i].word))) {
            return words[i].hint;
        }
    }
    return NULL;
}

/* The expression that the select list gives this name; NULL: none. */
static const wr_ast_expr *
item_named(const wr_ast_select *select, wr_text name)
{
    for (int i = 0; select && i < select->item_count; i++) {
        if (wr_text_equal_nocase(select->items[i].alias.text, name)) {
            return select->items[i].expr;
        }
    }
    return NULL;
}

static void
item_hint(const wr_binder *binder, const wr_ast_expr *item, wr_error *err)
{
    int aggregates = 0;
    if (item->kind == WR_AST_CALL) {
        (void)wr_aggregate_find(item->u.call->name.text, &aggregates);
    }
    wr_text text = wr_ast_expr_text(binder->context->arena, item);
    if (aggregates > 0 && !binder->aggregates) {
        wr_error_hint(err, "Conditions on aggregates stand in HAVING: HAVING %.*s …",
                      WR_TEXT_ARG(text));
    } else {
        wr_error_hint(err, "It is a name of the result, not yet known here: write %.*s once more.",
                      WR_TEXT_ARG(text));
    }
}

/* What else may be meant by a name that is no column. */
static void
column_hint(const wr_binder *binder, wr_ast_name name, wr_error *err)
{
    const wr_scope *scope = binder->scope;
    const char *hint = word_hint(name.text);
    int functions;
    (void)wr_function_find(name.text, &functions);
    if (hint) {
        wr_error_hint(err, "%s", hint);
    } else if (scope && scope->alias.size > 0 && wr_text_equal_nocase(name.text, scope->alias)) {
        wr_error_hint(err, "All columns of it are %.*s.*", WR_TEXT_ARG(scope->alias));
    } else if (item_named(binder->select, name.text)) {
        item_hint(binder, item_named(binder->select, name.text), err);
    } else if (functions > 0 && !name.quoted && err && !err->hint[0]) {
        wr_error_hint(err, "%.*s is a function: write %.*s().", WR_TEXT_ARG(name.text),
                      WR_TEXT_ARG(name.text));
    } else if (name.quoted && err && !err->hint[0]) {
        wr_error_hint(err, "Strings take single quotes: '%.*s'.", WR_TEXT_ARG(name.text));
    }
}

static wr_status
column_missing(wr_binder *binder, wr_ast_name name, wr_error *err)
{
    const wr_scope *scope = binder->scope;
    if (!scope || scope->count == 0) {
        wr_plan_error(binder->context, err, name.span, "E0203",
                      "no column \"%.*s\": %s has no columns to name", WR_TEXT_ARG(name.text),
                      binder->place);
        column_hint(binder, name, err);
        return WR_ERR_SQL;
    }
    wr_plan_error(binder->context, err, name.span, "E0203", "no column \"%.*s\" in %.*s",
                  WR_TEXT_ARG(name.text), WR_TEXT_ARG(scope->what));
    wr_scope_suggest(scope, name.text, err);
    column_hint(binder, name, err);
    return WR_ERR_SQL;
}

static wr_status
column_ambiguous(wr_binder *binder, wr_ast_name name, wr_error *err)
{
    wr_plan_error(binder->context, err, name.span, "E0204",
                  "\"%.*s\" is ambiguous: several columns differ from it in case only",
                  WR_TEXT_ARG(name.text));
    wr_scope_suggest(binder->scope, name.text, err);
    wr_error_hint(err, "Put the name in double quotes, spelled as the column is.");
    return WR_ERR_SQL;
}

/* Looks the name up among the scope's columns: its index, -1 none; an error when ambiguous. */
static wr_status
column_find(wr_binder *binder, wr_ast_name name, int *index, wr_error *err)
{
    *index = binder->scope ? wr_scope_find(binder->scope, name) : -1;
    return *index == -2 ? column_ambiguous(binder, name, err) : WR_OK;
}

static wr_status
column_use(wr_binder *binder, int index, wr_span span, const wr_expr **expr, wr_error *err)
{
    const wr_scope_column *column = &binder->scope->columns[index];
    if (column->kind == WR_SCOPE_WINDOW && binder->in_aggregate) {
        wr_plan_error(binder->context, err, span, "E0401", "%.*s is not known inside an aggregate",
                      WR_TEXT_ARG(column->name));
        wr_error_hint(err, "It is the same for all rows of a group: use it outside.");
        return WR_ERR_SQL;
    }
    wr_span at = wr_plan_span(binder->context, span);
    *expr = wr_expr_at(binder->context->arena, column->expr, at);
    return WR_OK;
}

/* SQL's functions that are written without parentheses. */
static bool
is_bare_function(wr_ast_name name)
{
    static const char *const names[] = {"current_timestamp", "current_date", "current_time"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (wr_text_equal_nocase(name.text, wr_text_from(names[i]))) {
            return !name.quoted;
        }
    }
    return false;
}

/* A name of one part that is no column. */
static wr_status
alias_use(wr_binder *binder, wr_ast_name name, const wr_expr **expr, wr_error *err)
{
    for (int i = 0; i < binder->alias_count && !binder->in_aggregate; i++) {
        if (wr_text_equal_nocase(binder->aliases[i].name, name.text)) {
            *expr = binder->aliases[i].expr;
            return WR_OK;
        }
    }
    if (is_bare_function(name)) {
        return wr_bind_call(binder, name.text, NULL, 0, name.span, expr, err);
    }
    return column_missing(binder, name, err);
}

/* a.b.c where neither reading fits. */
static wr_status
path_missing(wr_binder *binder, const wr_ast_path *path, int column, wr_error *err)
{
    const wr_scope *scope = binder->scope;
    wr_ast_name first = path->parts[0];
    if (scope && scope->alias.size > 0 && wr_text_equal_nocase(first.text, scope->alias)) {
        return column_missing(binder, path->parts[1], err);
    }
    if (column >= 0) {
        char type[40];
        return wr_plan_error(binder->context, err, path->parts[1].span, "E0301",
                             "column \"%.*s\" is %s and has no fields", WR_TEXT_ARG(first.text),
                             wr_type_name(scope->columns[column].expr->type, type));
    }
    if (scope && scope->alias.size > 0 && wr_scope_find(scope, path->parts[1]) >= 0) {
        wr_plan_error(binder->context, err, first.span, "E0203", "no source \"%.*s\" in FROM",
                      WR_TEXT_ARG(first.text));
        wr_error_hint(err, "The source is called \"%.*s\": write %.*s.%.*s.",
                      WR_TEXT_ARG(scope->alias), WR_TEXT_ARG(scope->alias),
                      WR_TEXT_ARG(path->parts[1].text));
        return WR_ERR_SQL;
    }
    return column_missing(binder, first, err);
}

static wr_status
path_clash(wr_binder *binder, const wr_ast_path *path, wr_span span, wr_error *err)
{
    wr_text a = path->parts[0].text, b = path->parts[1].text;
    wr_plan_error(binder->context, err, span, "E0204", "\"%.*s.%.*s\" is ambiguous", WR_TEXT_ARG(a),
                  WR_TEXT_ARG(b));
    wr_error_detail(err, "column \"%.*s\" of %.*s, or field \"%.*s\" of the JSON column \"%.*s\"",
                    WR_TEXT_ARG(b), WR_TEXT_ARG(a), WR_TEXT_ARG(b), WR_TEXT_ARG(a));
    wr_error_hint(err, "Give the source another alias, or write %.*s['%.*s'].", WR_TEXT_ARG(a),
                  WR_TEXT_ARG(b));
    return WR_ERR_SQL;
}

wr_status
wr_bind_field(wr_binder *binder, const wr_expr *operand, wr_text key, wr_span span,
              const wr_expr **expr, wr_error *err)
{
    const wr_expr **args = WR_NEW_ARRAY(binder->context->arena, const wr_expr *, 2);
    args[0] = operand;
    args[1] = wr_expr_text(binder->context->arena, key, span);
    return wr_bind_operator(binder, "->", args, 2, span, expr, err);
}

static wr_status
path_bind(wr_binder *binder, const wr_ast_path *path, wr_span span, const wr_expr **expr,
          wr_error *err)
{
    const wr_scope *scope = binder->scope;
    int column = -1, qualified = -1;
    WR_TRY(column_find(binder, path->parts[0], &column, err));
    if (scope && scope->alias.size > 0 && wr_text_equal_nocase(path->parts[0].text, scope->alias)) {
        WR_TRY(column_find(binder, path->parts[1], &qualified, err));
    }
    bool is_json = column >= 0 && scope->columns[column].expr->type.id == WR_TYPE_JSON;
    if (qualified >= 0 && is_json) {
        return path_clash(binder, path, span, err);
    }
    if (qualified < 0 && !is_json) {
        return path_missing(binder, path, column, err);
    }
    int next = qualified >= 0 ? 2 : 1;
    WR_TRY(column_use(binder, qualified >= 0 ? qualified : column, span, expr, err));
    for (; next < path->count; next++) {
        if ((*expr)->type.id != WR_TYPE_JSON) {
            char type[40];
            return wr_plan_error(binder->context, err, path->parts[next].span, "E0301",
                                 "\"%.*s\" is %s and has no fields",
                                 WR_TEXT_ARG(path->parts[next - 1].text),
                                 wr_type_name((*expr)->type, type));
        }
        WR_TRY(wr_bind_field(binder, *expr, path->parts[next].text, span, expr, err));
    }
    return WR_OK;
}

wr_status
wr_bind_name(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr, wr_error *err)
{
    const wr_ast_path *path = &ast->u.path;
    if (path->count > 1) {
        return path_bind(binder, path, ast->span, expr, err);
    }
    int column;
    WR_TRY(column_find(binder, path->parts[0], &column, err));
    if (column < 0) {
        return alias_use(binder, path->parts[0], expr, err);
    }
    return column_use(binder, column, ast->span, expr, err);
}
