/* Parts of the printer; users take wr_ast_print_… of parser.h. */
#ifndef WEIR_PARSER_AST_PRINT_H
#define WEIR_PARSER_AST_PRINT_H

#include "core/buffer.h"
#include "parser/ast.h"

/* `explicit_`: every node in parentheses, so that equal output means equal trees (tests). */
typedef struct wr_printer {
    wr_buffer *out;
    bool explicit_;
} wr_printer;

/* How tightly an expression binds; operands that bind less than asked get parentheses. */
typedef enum wr_level {
    WR_LEVEL_ANY,
    WR_LEVEL_OR,
    WR_LEVEL_AND,
    WR_LEVEL_NOT,
    WR_LEVEL_EQUAL, /* = <> IS IN LIKE BETWEEN */
    WR_LEVEL_LESS,
    WR_LEVEL_ADD,
    WR_LEVEL_MULTIPLY,
    WR_LEVEL_CONCAT,
    WR_LEVEL_ARROW,
    WR_LEVEL_ZONE,
    WR_LEVEL_UNARY,
    WR_LEVEL_PRIMARY
} wr_level;

void wr_print_put(const wr_printer *printer, const char *text);
void wr_print_string(const wr_printer *printer, wr_text text);     /* 'it''s' */
void wr_print_name(const wr_printer *printer, wr_ast_name name);   /* quoted when it must be */
void wr_print_dotted(const wr_printer *printer, wr_ast_name name); /* a.b of a joined name */
void wr_print_names(const wr_printer *printer, const wr_ast_name *names, int count); /* (a, b) */
void wr_print_type(const wr_printer *printer, const wr_ast_type *type);
void wr_print_duration(const wr_printer *printer, const char *before, wr_ast_duration duration);

void wr_print_expr(const wr_printer *printer, const wr_ast_expr *expr, wr_level least);
/* What stands before [ and . : (a).b is a field of an expression, a.b a path. */
void wr_print_base(const wr_printer *printer, const wr_ast_expr *expr, bool name_is_plain);
void wr_print_exprs(const wr_printer *printer, wr_ast_expr_list list); /* a, b */
void wr_print_rows(const wr_printer *printer, const wr_ast_expr_list *rows, int count);
void wr_print_call(const wr_printer *printer, const wr_ast_call *call);
void wr_print_sorts(const wr_printer *printer, const wr_ast_sort *sorts, int count);

void wr_print_source_args(const wr_printer *printer, const wr_ast_arg *args, int count);
void wr_print_sink(const wr_printer *printer, const wr_ast_sink *sink);
void wr_print_watermark(const wr_printer *printer, const wr_ast_watermark *watermark);
void wr_print_window(const wr_printer *printer, const wr_ast_window *window);
void wr_print_query(const wr_printer *printer, const wr_ast_query *query);
void wr_print_statement(const wr_printer *printer, const wr_ast_statement *statement);

#endif
