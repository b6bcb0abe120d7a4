/* What the actions of grammar.y call: the parse in progress, growing lists, nodes of the tree.
 * Everything lies in the statement's arena. After a failure the actions go on with valid nodes
 * until the driver looks at `status`; only the first failure is kept. */
#ifndef WEIR_PARSER_BUILD_H
#define WEIR_PARSER_BUILD_H

#include "core/arena.h"
#include "core/error.h"
#include "parser/ast.h"
#include "parser/token.h"

/* A growing array of the arena, by value. */
typedef struct wr_list {
    void *items;
    int count, capacity;
} wr_list;

typedef struct wr_parser {
    wr_arena *arena;
    wr_text sql;
    wr_error *err;
    wr_status status;
    int end;                     /* of the last token shifted: where the rule being reduced ends */
    wr_list depths;              /* see build_depth.c */
    wr_list parameters;          /* wr_text: names */
    wr_list words;               /* int: where words stand that are names; if keep_words */
    bool keep_words;
    wr_ast_statement *statement; /* the result */
    wr_ast_table *table;         /* the result of wr_parse_columns */
} wr_parser;

/* First failure wins; `hint` may be NULL. */
void wr_parse_fail(wr_parser *p, const char *code, wr_span at, const char *hint,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The list with a copy of *item at its end. */
wr_list wr_list_add(wr_arena *arena, wr_list list, const void *item, size_t item_bytes);
#define WR_LIST_ADD(p, list, item) wr_list_add((p)->arena, (list), &(item), sizeof(item))

wr_span wr_span_here(const wr_parser *p, int start); /* from start to the end of the rule */
wr_span wr_token_span(wr_token token);

/* Counts a node that starts at `start` and has everything since then below it; fails with E0103
 * when that nests too deeply. */
void wr_depth_close(wr_parser *p, int start);
/* An operand was added to the chain that is the last node before `position`. */
void wr_depth_join(wr_parser *p, int position, int chain_start);

/* ── names, texts, types ── */
wr_ast_name wr_build_name(wr_parser *p, wr_token token);
wr_ast_name wr_build_dotted(wr_parser *p, wr_ast_name left, wr_ast_name right); /* a.b as one */
wr_text wr_build_string(wr_parser *p, wr_token token);
wr_ast_name wr_build_string_name(wr_parser *p, wr_token token); /* 'a.b' = … */
wr_ast_type *wr_build_type(wr_parser *p, wr_ast_name name);
void wr_build_type_number(wr_parser *p, wr_ast_type *type, wr_token number);
void wr_build_type_elements(wr_parser *p, wr_ast_type *type, wr_list elements, wr_list fields);
int64_t wr_build_count(wr_parser *p, wr_token number, int64_t least); /* a whole number */

/* ── durations: `unit` has length 0 when there is none ── */
wr_ast_duration wr_build_duration(wr_parser *p, wr_token number, wr_token unit);
wr_ast_duration wr_build_interval(wr_parser *p, wr_token word, wr_token string, wr_token unit);
wr_ast_duration wr_build_string_duration(wr_parser *p, wr_token string);
wr_ast_duration wr_build_negative(wr_parser *p, wr_ast_duration duration, wr_token minus);
void wr_build_check_positive(wr_parser *p, wr_ast_duration duration);

/* ── expressions: start is the byte offset of the first token ── */
wr_ast_expr *wr_expr_new(wr_parser *p, wr_ast_expr_kind kind, int start);
wr_ast_expr *wr_build_literal(wr_parser *p, wr_ast_expr_kind kind, wr_token token);
wr_ast_expr *wr_build_typed(wr_parser *p, wr_token word, wr_token string, wr_token unit);
wr_ast_expr *wr_build_parameter(wr_parser *p, wr_token token);
wr_ast_expr *wr_build_path(wr_parser *p, wr_ast_name name);
wr_ast_expr *wr_build_field(wr_parser *p, wr_ast_expr *operand, wr_ast_name name);
wr_ast_expr *wr_build_unary(wr_parser *p, wr_ast_op op, wr_token token, wr_ast_expr *operand);
wr_ast_expr *wr_build_binary(wr_parser *p, wr_ast_op op, wr_ast_expr *left, wr_token token,
                             wr_ast_expr *right);
wr_ast_expr *wr_build_chain(wr_parser *p, wr_ast_op op, wr_ast_expr *left, wr_token token,
                            wr_ast_expr *right);
wr_ast_expr *wr_build_is(wr_parser *p, wr_ast_expr_kind kind, wr_ast_expr *operand, bool negated);
wr_ast_expr *wr_build_in(wr_parser *p, wr_ast_expr *operand, bool negated);
wr_ast_expr *wr_build_cast(wr_parser *p, wr_ast_expr *operand, wr_ast_type *type, int start);
wr_ast_expr_list wr_build_exprs(wr_list list);

/* ── calls ── */
wr_ast_arg *wr_build_arg(wr_parser *p, wr_ast_name name, const wr_ast_expr *value);
wr_list wr_build_args(wr_parser *p, wr_list exprs); /* positional ones */
wr_ast_call *wr_build_call(wr_parser *p, wr_ast_name name, wr_list args);
/* f(a FROM b FOR c), b or c may be NULL: only extract, substring and trim have it. */
wr_ast_call *wr_build_from_call(wr_parser *p, wr_ast_name name, wr_ast_expr *a, wr_ast_expr *b,
                                wr_ast_expr *c);
/* trim(LEADING what FROM text); what may be NULL. */
wr_ast_call *wr_build_trim(wr_parser *p, wr_ast_name name, wr_token side, wr_ast_expr *what,
                           wr_ast_expr *text);
/* Option values such as (host, n): the string '(host, n)'. Only plain names may stand in it. */
wr_ast_expr *wr_build_name_list(wr_parser *p, int start, wr_list exprs);
void wr_build_within_group(wr_parser *p, wr_ast_call *call, wr_list sorts);
wr_ast_bound *wr_build_bound(wr_parser *p, wr_ast_bound_kind kind, int start);
/* position(a IN b). */
wr_ast_call *wr_build_position(wr_parser *p, wr_ast_name name, wr_ast_expr *a, wr_ast_expr *b);

/* ── sources, sinks ── */
/* `name = value` and DESCRIPTOR(x) become what they mean in FROM and INTO. */
void wr_build_source_args(wr_parser *p, wr_list args);
wr_ast_source *wr_build_source(wr_parser *p, wr_ast_source_kind kind, int start);
wr_ast_sink *wr_build_sink(wr_parser *p, wr_ast_name name);
/* After INTO: s(a, b) names columns, f('x') has arguments. */
void wr_build_sink_args(wr_parser *p, wr_ast_sink *sink, wr_list args);
void wr_build_join_within(wr_parser *p, wr_ast_from_item *item, wr_token word,
                          wr_ast_duration before, wr_ast_duration after);
void wr_build_join_on(wr_parser *p, wr_ast_from_item *item, wr_token word, wr_ast_expr *on,
                      wr_list names);

/* ── windows ── */
typedef enum wr_window_option_kind {
    WR_WINDOW_OPTION_SIZE,
    WR_WINDOW_OPTION_GAP,
    WR_WINDOW_OPTION_ADVANCE,
    WR_WINDOW_OPTION_ROWS,
    WR_WINDOW_OPTION_MAX,
    WR_WINDOW_OPTION_STEP,
    WR_WINDOW_OPTION_GRACE,
    WR_WINDOW_OPTION_OFFSET,
    WR_WINDOW_OPTION_RETENTION,
    WR_WINDOW_OPTION_ZONE
} wr_window_option_kind;

typedef struct wr_window_option {
    wr_window_option_kind kind;
    bool plain;               /* SIZE or GAP without its word */
    wr_ast_duration duration; /* absent: number or zone */
    int64_t number;
    wr_text zone;
    wr_span zone_span;
    wr_span span;
} wr_window_option;

wr_window_option *wr_build_window_option(wr_parser *p, wr_window_option_kind kind, int start);
/* Options in the order of the text; checks that they are allowed, complete and there once. `bare`:
 * not in parentheses. */
wr_ast_window *wr_build_window(wr_parser *p, wr_token kind, wr_list options, bool bare);

/* ── clauses of a core and tails of a query: check order and duplicates ── */
typedef enum wr_clause {
    WR_CLAUSE_WINDOW,
    WR_CLAUSE_WHERE,
    WR_CLAUSE_GROUP,
    WR_CLAUSE_HAVING,
    WR_CLAUSE_QUALIFY
} wr_clause;
void wr_build_clause_check(wr_parser *p, const wr_ast_select *select, wr_clause clause,
                           wr_token word);
void wr_build_tail_once(wr_parser *p, bool there, wr_token word);
void wr_build_order(wr_parser *p, wr_ast_query *query, wr_token word, wr_list sorts);

/* ── statements ── */
typedef struct wr_table_parts {
    wr_list columns, primary_key;
    wr_ast_watermark *watermark;
} wr_table_parts;

wr_ast_statement *wr_build_statement(wr_parser *p, wr_ast_statement_kind kind, int start);
wr_ast_table *wr_build_table(wr_parser *p, wr_ast_name name, const wr_table_parts *parts,
                             wr_list options);
void wr_build_table_watermark(wr_parser *p, wr_table_parts *parts, wr_ast_watermark *watermark);
void wr_build_table_key(wr_parser *p, wr_table_parts *parts, wr_token word, wr_list names);
/* EXPLAIN (FORMAT JSON), or (FORMAT TEXT): false. */
bool wr_build_explain_json(wr_parser *p, wr_ast_name option, wr_ast_name value);
void wr_build_column_once(wr_parser *p, bool there, wr_token word);

#endif
