/* Statements, and the columns of CREATE STREAM and CREATE TABLE.
 *
 *     (k TEXT, ts TIMESTAMP, PRIMARY KEY (k), WATERMARK FOR ts)   columns k and ts; key; watermark
 *
 * 1. PRIMARY KEY ( … ) and WATERMARK stand at most once in a list of columns. */
#include "parser/build.h"

#include "parser/grammar.h"

wr_ast_statement *
wr_build_statement(wr_parser *p, wr_ast_statement_kind kind, int start)
{
    wr_ast_statement *statement = WR_NEW(p->arena, wr_ast_statement);
    statement->kind = kind;
    statement->span = wr_span_here(p, start);
    return statement;
}

wr_ast_table *
wr_build_table(wr_parser *p, wr_ast_name name, const wr_table_parts *parts, wr_list options)
{
    wr_ast_table *table = WR_NEW(p->arena, wr_ast_table);
    table->name = name;
    table->columns = parts->columns.items;
    table->column_count = parts->columns.count;
    table->primary_key = parts->primary_key.items;
    table->primary_key_count = parts->primary_key.count;
    table->watermark = parts->watermark;
    table->options = options.items;
    table->option_count = options.count;
    return table;
}

void
wr_build_table_watermark(wr_parser *p, wr_table_parts *parts, wr_ast_watermark *watermark)
{
    if (parts->watermark != NULL) {
        wr_parse_fail(p, "E0104", watermark->span, NULL, "WATERMARK is said twice");
    }
    parts->watermark = watermark;
}

void
wr_build_table_key(wr_parser *p, wr_table_parts *parts, wr_token word, wr_list names)
{
    if (parts->primary_key.count > 0) {
        wr_parse_fail(p, "E0104", wr_token_span(word), NULL, "PRIMARY KEY is said twice");
    }
    parts->primary_key = names;
}

void
wr_build_column_once(wr_parser *p, bool there, wr_token word)
{
    if (there) {
        const char *said = word.kind == TK_NOT       ? "NOT NULL"
                           : word.kind == TK_PRIMARY ? "PRIMARY KEY"
                                                     : "METADATA";
        wr_parse_fail(p, "E0104", wr_token_span(word), NULL, "%s is said twice of this column",
                      said);
    }
}

bool
wr_build_explain_json(wr_parser *p, wr_ast_name option, wr_ast_name value)
{
    if (!wr_text_equal_nocase(option.text, WR_TEXT("FORMAT"))) {
        wr_parse_fail(p, "E0101", option.span, "EXPLAIN (FORMAT JSON) SELECT …",
                      "EXPLAIN has no option \"%.*s\"", WR_TEXT_ARG(option.text));
    }
    bool json = wr_text_equal_nocase(value.text, WR_TEXT("JSON"));
    if (!json && !wr_text_equal_nocase(value.text, WR_TEXT("TEXT"))) {
        wr_parse_fail(p, "E0101", value.span, "FORMAT is JSON or TEXT.",
                      "EXPLAIN has no format \"%.*s\"", WR_TEXT_ARG(value.text));
    }
    return json;
}
