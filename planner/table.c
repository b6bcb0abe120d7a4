/* TABLE: a stream's declaration with a key, of which the sink keeps the newest row.
 *
 *     CREATE TABLE t (host TEXT PRIMARY KEY, v DOUBLE) WITH (connector = 'kafka', topic = 't')
 *     CREATE TABLE t (a TEXT, b TEXT, v DOUBLE, PRIMARY KEY (a, b)) WITH (…)
 *                                                      └─▶ the sink's option  key = ("a","b")
 *
 * 1. A key is said once; its columns are declared, typed, and no metadata: they are written. */
#include "planner/source.h"

static const wr_ast_column *
column_find(const wr_ast_table *table, wr_text name)
{
    for (int i = 0; i < table->column_count; i++) {
        if (wr_text_equal_nocase(table->columns[i].name.text, name)) {
            return &table->columns[i];
        }
    }
    return NULL;
}

bool
wr_table_key_has(const wr_ast_table *table, wr_text column)
{
    const wr_ast_column *declared = column_find(table, column);
    bool has = declared && declared->primary_key;
    for (int i = 0; i < table->primary_key_count && !has; i++) {
        has = wr_text_equal_nocase(table->primary_key[i].text, column);
    }
    return has;
}

static wr_status
key_missing(const wr_plan_context *context, const wr_ast_table *table, wr_error *err)
{
    wr_plan_error(context, err, table->name.span, "E0603", "table \"%.*s\" needs a PRIMARY KEY",
                  WR_TEXT_ARG(table->name.text));
    wr_error_hint(err, "Add PRIMARY KEY (column), or declare a STREAM.");
    return WR_ERR_SQL;
}

static wr_status
key_column_check(const wr_plan_context *context, const wr_ast_table *table, int i, wr_error *err)
{
    const wr_ast_name *name = &table->primary_key[i];
    const wr_ast_column *column = column_find(table, name->text);
    if (!column) {
        wr_plan_error(context, err, name->span, "E0203", "no column \"%.*s\" in table \"%.*s\"",
                      WR_TEXT_ARG(name->text), WR_TEXT_ARG(table->name.text));
        return WR_ERR_SQL;
    }
    for (int k = 0; k < i; k++) {
        if (wr_text_equal_nocase(table->primary_key[k].text, name->text)) {
            return wr_plan_error(context, err, name->span, "E0202",
                                 "column \"%.*s\" stands in the key twice",
                                 WR_TEXT_ARG(name->text));
        }
    }
    return WR_OK;
}

wr_status
wr_table_key_check(wr_plan_context *context, const wr_ast_table *table, wr_error *err)
{
    int said = table->primary_key_count > 0;
    for (int i = 0; i < table->primary_key_count; i++) {
        WR_TRY(key_column_check(context, table, i, err));
    }
    for (int i = 0; i < table->column_count; i++) {
        const wr_ast_column *column = &table->columns[i];
        said += column->primary_key;
        if (said > 1 && column->primary_key) {
            wr_plan_error(context, err, column->span, "E0104", "PRIMARY KEY is said twice");
            wr_error_hint(err, "A key of several columns is PRIMARY KEY (a, b).");
            return WR_ERR_SQL;
        }
        bool written = column->kind == WR_AST_COLUMN_TYPED && !column->metadata;
        if (!written && wr_table_key_has(table, column->name.text)) {
            return wr_plan_error(context, err, column->span, "E0301",
                                 "a key has no computed columns and no metadata");
        }
    }
    return said > 0 ? WR_OK : key_missing(context, table, err);
}

wr_options
wr_table_key_option(wr_plan_context *context, const wr_ast_table *table, wr_options options)
{
    wr_buffer key;
    wr_buffer_init(&key);
    for (int i = 0; i < table->column_count; i++) {
        if (table->columns[i].primary_key) {
            wr_buffer_printf(&key, "\"%.*s\"", WR_TEXT_ARG(table->columns[i].name.text));
        }
    }
    for (int i = 0; i < table->primary_key_count; i++) {
        wr_buffer_printf(&key, "%s\"%.*s\"", i > 0 ? "," : "",
                         WR_TEXT_ARG(table->primary_key[i].text));
    }
    wr_option *items = WR_NEW_ARRAY(context->arena, wr_option, options.count + 1);
    for (int i = 0; i < options.count; i++) {
        items[i] = options.items[i];
    }
    wr_span at = wr_plan_span(context, table->name.span);
    items[options.count] =
        (wr_option){.name = WR_TEXT("key"),
                    .value = wr_arena_printf(context->arena, "(%.*s)", (int)key.size, key.data),
                    .position = at.position,
                    .length = at.length};
    wr_buffer_fini(&key);
    return (wr_options){items, options.count + 1};
}
