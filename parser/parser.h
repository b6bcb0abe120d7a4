/* From SQL text to syntax tree and back. No state between calls, no I/O; any thread. */
#ifndef WEIR_PARSER_PARSER_H
#define WEIR_PARSER_PARSER_H

#include "core/arena.h"
#include "core/buffer.h"
#include "core/error.h"
#include "parser/ast.h"

/* Parses the first statement of `sql`, which may be any bytes. *statement lives in `arena`, does
 * not point into `sql`, and is NULL when only white space, comments and semicolons remained.
 * *consumed: bytes up to and with its semicolon (the end of the text counts as one, too), so that
 * the next call goes on at sql.data + *consumed. Positions are relative to sql.data.
 * WR_ERR_SQL with code E01xx, position, length, and mostly detail ("expected …") and hint;
 * *consumed then tells where a shell may go on: behind the next semicolon. */
WR_MUST_USE wr_status wr_parse_statement(wr_arena *arena, wr_text sql, size_t *consumed,
                                         wr_ast_statement **statement, wr_error *err);

/* For shells: does `sql` hold a whole statement with its semicolon (strings, comments and
 * BEGIN … END of a job taken into account)? White space and comments alone are not one. */
bool wr_statement_complete(wr_text sql);

/* Parses what stands in  columns = 'ts BIGINT, host TEXT' : the inside of CREATE STREAM s ( … ).
 * The table has no name and no options. Positions are relative to `sql`. */
WR_MUST_USE wr_status wr_parse_columns(wr_arena *arena, wr_text sql, wr_ast_table **table,
                                       wr_error *err);

/* Line and column, from 1, of a byte offset (beyond the end: of the end). Columns count
 * characters, not bytes. */
void wr_text_line_column(wr_text sql, int position, int *line, int *column);

/* The line of `position` and under it the caret, each ended by a newline:
 *     SELECT avg(hots) FROM cpu
 *                ^~~~
 * Long lines are cut around the caret; tabs and control characters become single spaces. */
void wr_text_caret(wr_text sql, int position, int length, wr_buffer *out);

/* Canonical SQL that parses to an equal tree: keywords in capitals, single spaces, parentheses
 * only where needed. No semicolon at the end. */
void wr_ast_print_statement(const wr_ast_statement *statement, wr_buffer *out);
void wr_ast_print_expr(const wr_ast_expr *expr, wr_buffer *out);
/* A name as SQL has to write it: in double quotes where it would not be read as one. */
void wr_ast_print_name(wr_text name, wr_buffer *out);
void wr_ast_print_string(wr_text string, wr_buffer *out); /* 'it''s' */

/* A whole script in the house style: keywords in capitals, what fits in 80 columns on one line,
 * else a clause, an item, a condition a line. Every comment stays, beside the token that it
 * stood beside. What is written parses to equal trees, and formatting it again changes nothing.
 * The first wrong statement is WR_ERR_SQL with a position relative to `sql`, and *out holds
 * nothing to keep. */
WR_MUST_USE wr_status wr_format_script(wr_text sql, wr_buffer *out, wr_error *err);

/* The name of an unnamed expression: its canonical text (`avg(v)`); of a path its last part
 * (a.b → b); cut to 64 bytes at a character. In `arena`. */
wr_text wr_ast_expr_text(wr_arena *arena, const wr_ast_expr *expr);

/* "+", "=", "->>", "and": the name under which the function registry has an operator. */
const char *wr_ast_op_name(wr_ast_op op);

/* Every keyword, in capitals, for completion and help; `reserved` ones need quotes as names. */
typedef struct wr_keyword {
    const char *word;
    bool reserved;
} wr_keyword;
const wr_keyword *wr_keywords(int *count);

#endif
