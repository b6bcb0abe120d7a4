/* The syntax tree: plain structs in the statement's arena, as the text says it and nothing more.
 * Names are not looked up, types not known, defaults not filled in; that is the planner's work.
 *
 * Every node has a span: byte offset in the text handed to wr_parse_statement, and length in bytes.
 * Lists are arrays (`items`, `item_count`); an absent list is NULL and 0, an absent node NULL, an
 * absent name, text or duration has size 0. The tree is const once parsed and dies with the arena;
 * texts point into the arena, too, so the SQL text may go. Its depth is bounded (WR_AST_DEPTH_MAX),
 * so recursion over it is safe; chains (a AND b AND c …) and lists do not add depth. */
#ifndef WEIR_PARSER_AST_H
#define WEIR_PARSER_AST_H

#include "core/text.h"
#include "core/type.h"

/* Expressions and queries nest at most so deep (E0103): no path in the tree has more of them. */
enum { WR_AST_DEPTH_MAX = 256 };

typedef struct wr_span {
    int position, length;
} wr_span;

/* A name. Names match without case; `quoted` ones ("Host") first exactly, then without case. */
typedef struct wr_ast_name {
    wr_text text; /* without quotes */
    wr_span span;
    bool quoted;
} wr_ast_name;

/* a.b.c */
typedef struct wr_ast_path {
    const wr_ast_name *parts;
    int count;
} wr_ast_path;

typedef struct wr_ast_expr wr_ast_expr;
typedef struct wr_ast_query wr_ast_query;
typedef struct wr_ast_statement wr_ast_statement;

typedef struct wr_ast_expr_list {
    const wr_ast_expr *const *items;
    int count;
} wr_ast_expr_list;

/* 5 MINUTES, 5s, INTERVAL '5' MINUTE, 'PT5M'. */
typedef struct wr_ast_duration {
    wr_interval interval; /* negative only for OFFSET and in INTERVAL literals */
    wr_text text;         /* canonical spelling: 5 MINUTES or 'PT5M' */
    wr_span span;
} wr_ast_duration;

/* A type as written: TEXT, DECIMAL(10,2), ARRAY<BIGINT>, STRUCT<x INT, y TEXT>. */
typedef struct wr_ast_type {
    wr_ast_name name; /* DOUBLE PRECISION is one name with one space */
    int number_count; /* DECIMAL(10,2): 2 */
    int numbers[2];
    const struct wr_ast_type *elements; /* ARRAY: 1, STRUCT: one per field */
    const wr_ast_name *fields;          /* STRUCT: names of the elements; else NULL */
    int element_count;
    wr_span span;
} wr_ast_type;

/* name = value in WITH (…), and SET. An ON (SET x = on) is a STRING "on". */
typedef struct wr_ast_option {
    wr_ast_name name; /* dotted and quoted names joined: kafka.brokers */
    const wr_ast_expr *value;
    wr_span span;
} wr_ast_option;

/* ── expressions ───────────────────────────────────────────────────────────────────────────── */

typedef enum wr_ast_op {
    WR_AST_OP_OR,
    WR_AST_OP_AND,
    WR_AST_OP_EQ,
    WR_AST_OP_NE,
    WR_AST_OP_LT,
    WR_AST_OP_LE,
    WR_AST_OP_GT,
    WR_AST_OP_GE,
    WR_AST_OP_ADD,
    WR_AST_OP_SUBTRACT,
    WR_AST_OP_MULTIPLY,
    WR_AST_OP_DIVIDE,
    WR_AST_OP_MODULO,
    WR_AST_OP_CONCAT,
    WR_AST_OP_ARROW,      /* ->  */
    WR_AST_OP_ARROW_TEXT, /* ->> */
    WR_AST_OP_NOT,
    WR_AST_OP_NEGATE, /* unary - */
    WR_AST_OP_PLUS    /* unary + */
} wr_ast_op;

typedef enum wr_ast_expr_kind {
    WR_AST_NULL,
    WR_AST_BOOLEAN,     /* u.boolean */
    WR_AST_NUMBER,      /* u.text: as written: 12, 1.50, 1e3 (never signed) */
    WR_AST_STRING,      /* u.text: without quotes, '' undone */
    WR_AST_TYPED,       /* u.typed: TIMESTAMP '…', DATE '…', DECIMAL '…' */
    WR_AST_INTERVAL,    /* u.duration: INTERVAL '5' MINUTE */
    WR_AST_NAME,        /* u.path: a, a.b, a.b.c */
    WR_AST_PARAMETER,   /* u.parameter: ?, ?1, :name */
    WR_AST_SECRET,      /* u.name: SECRET n, as the value of an option */
    WR_AST_CALL,        /* u.call */
    WR_AST_UNARY,       /* u.unary: NOT, -, + */
    WR_AST_CHAIN,       /* u.chain: OR · AND · + - · * / % · || */
    WR_AST_BINARY,      /* u.binary: = <> < <= > >= -> ->> */
    WR_AST_IS_NULL,     /* u.is: operand IS [NOT] NULL */
    WR_AST_IS_BOOLEAN,  /* u.is: operand IS [NOT] TRUE|FALSE */
    WR_AST_IS_DISTINCT, /* u.is: operand IS [NOT] DISTINCT FROM other */
    WR_AST_LIKE,        /* u.like: [NOT] LIKE|ILIKE pattern [ESCAPE e] */
    WR_AST_BETWEEN,     /* u.between */
    WR_AST_IN_LIST,     /* u.in */
    WR_AST_IN_QUERY,    /* u.in */
    WR_AST_CASE,        /* u.cases */
    WR_AST_CAST,        /* u.cast: CAST, TRY_CAST, e::t */
    WR_AST_FIELD,       /* u.field: (e).name, a['k'].b; plain a.b is a NAME */
    WR_AST_SUBSCRIPT,   /* u.subscript: e[index] */
    WR_AST_ARRAY,       /* u.list: ARRAY[1, 2] */
    WR_AST_SUBQUERY,    /* u.query: (SELECT …) as a value */
    WR_AST_EXISTS,      /* u.query */
    WR_AST_AT_TIME_ZONE /* u.zone */
} wr_ast_expr_kind;

typedef enum wr_ast_arg_kind {
    WR_AST_ARG_EXPR,
    WR_AST_ARG_TABLE,     /* TABLE s [PARTITION BY …], in sources only */
    WR_AST_ARG_DESCRIPTOR /* DESCRIPTOR(ts), in sources only: value is the expression inside */
} wr_ast_arg_kind;

/* An argument of a function, source or sink. Named ones come as name => value, and in sources and
 * sinks also as name = value or 'dotted.name' = value. */
typedef struct wr_ast_arg {
    wr_ast_arg_kind kind;
    wr_ast_name name;                  /* absent: positional */
    const wr_ast_expr *value;          /* EXPR, DESCRIPTOR */
    const struct wr_ast_source *table; /* TABLE */
    wr_ast_expr_list partition;        /* TABLE: PARTITION BY */
    wr_span span;
} wr_ast_arg;

typedef enum wr_ast_nulls {
    WR_AST_NULLS_DEFAULT,
    WR_AST_NULLS_FIRST,
    WR_AST_NULLS_LAST
} wr_ast_nulls;

typedef struct wr_ast_sort {
    const wr_ast_expr *expr;
    bool descending;
    wr_ast_nulls nulls;
} wr_ast_sort;

typedef enum wr_ast_frame_unit {
    WR_AST_FRAME_NONE, /* no frame said */
    WR_AST_FRAME_ROWS,
    WR_AST_FRAME_RANGE
} wr_ast_frame_unit;

typedef enum wr_ast_bound_kind {
    WR_AST_BOUND_UNBOUNDED_PRECEDING,
    WR_AST_BOUND_PRECEDING, /* row_count or duration */
    WR_AST_BOUND_CURRENT_ROW,
    WR_AST_BOUND_FOLLOWING,
    WR_AST_BOUND_UNBOUNDED_FOLLOWING
} wr_ast_bound_kind;

typedef struct wr_ast_bound {
    wr_ast_bound_kind kind;
    int64_t row_count;        /* n PRECEDING */
    wr_ast_duration duration; /* INTERVAL '1' HOUR PRECEDING; absent: row_count counts */
    wr_span span;
} wr_ast_bound;

/* OVER ( … ) */
typedef struct wr_ast_over {
    wr_ast_expr_list partition;
    const wr_ast_sort *order;
    int order_count;
    wr_ast_frame_unit frame;
    wr_ast_bound start, end; /* end is CURRENT ROW where the text has only a start */
    wr_span span;
} wr_ast_over;

/* Special forms come as plain calls: EXTRACT(day FROM e) → extract('day', e); position(a IN b) →
 * position(a, b); substring(a FROM b FOR c) → substring(a, b, c); trim([BOTH] x FROM y) →
 * trim(y, x), LEADING → ltrim, TRAILING → rtrim. left(…) and right(…) are plain calls, too. */
typedef struct wr_ast_call {
    wr_ast_name name;
    bool star;     /* count(*) */
    bool distinct; /* count(DISTINCT x) */
    const wr_ast_arg *args;
    int arg_count;
    const wr_ast_sort *order; /* string_agg(x ORDER BY y), or WITHIN GROUP (ORDER BY y) */
    int order_count;
    bool within_group;
    const wr_ast_expr *filter; /* FILTER (WHERE …) */
    const wr_ast_over *over;
} wr_ast_call;

/* Left-associative chain of operators of one level: items[0] ops[1] items[1] ops[2] items[2] …
 * ops[0] is not used. AND and OR chains have equal ops throughout; + mixes with -, * with / and %.
 * May have 100,000 items: iterate over it. */
typedef struct wr_ast_chain {
    const wr_ast_expr *const *items;
    const uint8_t *ops;      /* wr_ast_op */
    const int *op_positions; /* byte offset of each operator */
    int count;               /* ≥ 2 */
} wr_ast_chain;

typedef struct wr_ast_when {
    const wr_ast_expr *condition, *result;
} wr_ast_when;

struct wr_ast_expr {
    wr_ast_expr_kind kind;
    wr_span span; /* with its parentheses, if any */
    union {
        bool boolean;
        wr_text text;
        wr_ast_duration duration;
        wr_ast_path path;
        wr_ast_name name;
        const wr_ast_call *call;
        const wr_ast_query *query;
        wr_ast_chain chain;
        wr_ast_expr_list list;
        struct {
            wr_ast_name type;
            wr_text text;
        } typed;
        struct {
            int number;   /* 1, 2, …; ? takes the next one, as in SQLite; :a twice is one */
            wr_text name; /* without colon */
        } parameter;
        struct {
            wr_ast_op op;
            const wr_ast_expr *operand;
        } unary;
        struct {
            wr_ast_op op;
            int op_position;
            const wr_ast_expr *left, *right;
        } binary;
        struct {
            bool negated;
            bool boolean; /* IS_BOOLEAN: TRUE or FALSE */
            const wr_ast_expr *operand, *other;
        } is;
        struct {
            bool negated, ignore_case;
            const wr_ast_expr *operand, *pattern, *escape; /* escape may be NULL */
        } like;
        struct {
            bool negated;
            const wr_ast_expr *operand, *low, *high;
        } between;
        struct {
            bool negated;
            const wr_ast_expr *operand;
            wr_ast_expr_list list;     /* IN_LIST */
            const wr_ast_query *query; /* IN_QUERY */
        } in;
        struct {
            const wr_ast_expr *operand; /* CASE x WHEN …; NULL: CASE WHEN … */
            const wr_ast_when *whens;
            int when_count;
            const wr_ast_expr *otherwise; /* NULL: no ELSE */
        } cases;
        struct {
            const wr_ast_expr *operand;
            const wr_ast_type *type;
            bool try_cast;
        } cast;
        struct {
            const wr_ast_expr *operand;
            wr_ast_name name;
        } field;
        struct {
            const wr_ast_expr *operand, *index;
        } subscript;
        struct {
            const wr_ast_expr *operand, *zone;
        } zone;
    } u;
};

/* ── sources ───────────────────────────────────────────────────────────────────────────────── */

/* WATERMARK FOR e [AS e2 | DELAY d] [IDLE TIMEOUT d] */
typedef struct wr_ast_watermark {
    const wr_ast_expr *event_time;
    const wr_ast_expr *as;
    wr_ast_duration delay;
    wr_ast_duration idle_timeout;
    wr_span span;
} wr_ast_watermark;

typedef enum wr_ast_source_kind {
    WR_AST_SOURCE_NAME,     /* name: stream, table, view, CTE */
    WR_AST_SOURCE_FUNCTION, /* name(args): kafka(…), UNNEST(e), TUMBLE(…); TABLE(f(…)) is f(…) */
    WR_AST_SOURCE_QUERY     /* (query) */
} wr_ast_source_kind;

typedef struct wr_ast_source {
    wr_ast_source_kind kind;
    wr_ast_name name; /* NAME, FUNCTION */
    const wr_ast_arg *args;
    int arg_count;
    const wr_ast_query *query;
    const wr_ast_expr *as_of;   /* FOR SYSTEM_TIME AS OF e */
    wr_ast_name alias;
    const wr_ast_name *columns; /* alias(a, b) */
    int column_count;
    const wr_ast_watermark *watermark;
    wr_span span;
} wr_ast_source;

typedef enum wr_ast_join_kind {
    WR_AST_JOIN_NONE, /* the first source of FROM */
    WR_AST_JOIN_COMMA,
    WR_AST_JOIN_INNER,
    WR_AST_JOIN_LEFT,
    WR_AST_JOIN_RIGHT,
    WR_AST_JOIN_FULL,
    WR_AST_JOIN_CROSS
} wr_ast_join_kind;

/* FROM is a flat list: element i joins everything left of it with its source. */
typedef struct wr_ast_from_item {
    wr_ast_join_kind join;
    wr_ast_source source;
    bool within; /* WITHIN d: before = after = d; WITHIN (before, after) */
    wr_ast_duration within_before, within_after;
    const wr_ast_expr *on;
    const wr_ast_name *using_columns;
    int using_count;
    wr_span span; /* from the word JOIN (or its comma) on */
} wr_ast_from_item;

/* ── queries ───────────────────────────────────────────────────────────────────────────────── */

typedef enum wr_ast_window_kind {
    WR_AST_WINDOW_TUMBLING,
    WR_AST_WINDOW_HOPPING,
    WR_AST_WINDOW_SESSION,
    WR_AST_WINDOW_SLIDING,
    WR_AST_WINDOW_CUMULATE,
    WR_AST_WINDOW_COUNT
} wr_ast_window_kind;

/* Options that a kind does not take are refused by the parser; those that it needs (ADVANCE BY of
 * HOPPING, STEP of CUMULATE) are there. Whether sizes fit together is not looked at. */
typedef struct wr_ast_window {
    wr_ast_window_kind kind;
    wr_ast_duration size;      /* TUMBLING HOPPING SLIDING CUMULATE: SIZE; SESSION: GAP */
    wr_ast_duration advance;   /* HOPPING */
    wr_ast_duration step;      /* CUMULATE */
    wr_ast_duration max;       /* SESSION */
    int64_t row_count;         /* COUNT n */
    int64_t advance_row_count; /* COUNT … ADVANCE BY n; 0: not said */
    wr_ast_duration grace;
    wr_ast_duration offset;
    wr_ast_duration retention;
    wr_text time_zone; /* 'Europe/Berlin' */
    wr_span time_zone_span;
    wr_span span;
} wr_ast_window;

typedef enum wr_ast_item_kind {
    WR_AST_ITEM_EXPR,
    WR_AST_ITEM_STAR,     /* * */
    WR_AST_ITEM_EXPR_STAR /* t.*, payload.user.*: expr is what stands before .* */
} wr_ast_item_kind;

typedef struct wr_ast_item {
    wr_ast_item_kind kind;
    const wr_ast_expr *expr; /* NULL for * */
    wr_ast_name alias;       /* absent: wr_ast_expr_text names it */
    wr_span span;
} wr_ast_item;

typedef enum wr_ast_group_kind {
    WR_AST_GROUP_EXPR,
    WR_AST_GROUP_SETS, /* GROUPING SETS ((a, b), (a), ()) */
    WR_AST_GROUP_ROLLUP,
    WR_AST_GROUP_CUBE
} wr_ast_group_kind;

/* EXPR: expr. Others: sets; each element of ROLLUP (a, (b, c)) is a set of one or more. */
typedef struct wr_ast_group {
    wr_ast_group_kind kind;
    const wr_ast_expr *expr;
    const wr_ast_expr_list *sets;
    int set_count;
    wr_span span;
} wr_ast_group;

typedef struct wr_ast_select {
    bool distinct;
    const wr_ast_item *items;
    int item_count;
    const wr_ast_from_item *from; /* NULL: SELECT without FROM */
    int from_count;
    const wr_ast_window *window;
    const wr_ast_expr *where;
    const wr_ast_group *groups;
    int group_count;
    const wr_ast_expr *having;
    const wr_ast_expr *qualify;
} wr_ast_select;

typedef enum wr_ast_core_kind {
    WR_AST_CORE_SELECT,
    WR_AST_CORE_VALUES, /* rows: each with ≥ 1 items; their counts may differ */
    WR_AST_CORE_QUERY   /* (query): from the second branch of UNION ALL on */
} wr_ast_core_kind;

typedef struct wr_ast_core {
    wr_ast_core_kind kind;
    const wr_ast_select *select;
    const wr_ast_expr_list *rows;
    int row_count;
    const wr_ast_query *query;
    wr_span span;
} wr_ast_core;

typedef struct wr_ast_cte {
    wr_ast_name name;
    const wr_ast_name *columns;
    int column_count;
    const wr_ast_query *query;
    wr_span span;
} wr_ast_cte;

typedef enum wr_ast_emit_kind {
    WR_AST_EMIT_DEFAULT, /* no EMIT clause */
    WR_AST_EMIT_FINAL,   /* EMIT FINAL, EMIT ON WINDOW CLOSE */
    WR_AST_EMIT_CHANGES,
    WR_AST_EMIT_EVERY,
    WR_AST_EMIT_EVERY_AND_FINAL
} wr_ast_emit_kind;

typedef enum wr_ast_fill_kind {
    WR_AST_FILL_NONE,
    WR_AST_FILL_PREVIOUS,
    WR_AST_FILL_VALUE /* fill_value; FILL NULL is a NULL literal */
} wr_ast_fill_kind;

typedef struct wr_ast_emit {
    wr_ast_emit_kind kind;
    wr_ast_duration every;
    wr_ast_fill_kind fill;
    const wr_ast_expr *fill_value; /* a literal or a signed number */
    wr_span fill_span;
    wr_span span;
} wr_ast_emit;

/* Where INSERT and LATE DATA TO write: a declared name or a function. */
typedef struct wr_ast_sink {
    bool function;
    wr_ast_name name; /* null() is a function named null */
    const wr_ast_arg *args;
    int arg_count;
    const wr_ast_name *columns; /* INSERT INTO s (a, b) */
    int column_count;
    wr_span span;
} wr_ast_sink;

typedef enum wr_ast_late_kind {
    WR_AST_LATE_DEFAULT, /* no LATE DATA clause */
    WR_AST_LATE_TO,
    WR_AST_LATE_DROP,
    WR_AST_LATE_FAIL
} wr_ast_late_kind;

struct wr_ast_query {
    const wr_ast_cte *ctes;
    int cte_count;
    const wr_ast_core *cores; /* ≥ 1, joined by UNION ALL */
    int core_count;
    const wr_ast_sort *order;
    int order_count;
    wr_span order_span;
    const wr_ast_expr *limit, *offset;
    wr_ast_emit emit;
    wr_ast_late_kind late;
    const wr_ast_sink *late_sink; /* LATE_TO */
    wr_span late_span;
    wr_span span;
};

/* ── statements ────────────────────────────────────────────────────────────────────────────── */

typedef struct wr_ast_insert {
    wr_ast_sink sink;
    const wr_ast_query *query;
    wr_span span;
} wr_ast_insert;

typedef enum wr_ast_column_kind {
    WR_AST_COLUMN_TYPED,   /* name type … */
    WR_AST_COLUMN_COMPUTED /* name AS expr */
} wr_ast_column_kind;

typedef struct wr_ast_column {
    wr_ast_column_kind kind;
    wr_ast_name name;
    const wr_ast_type *type;
    const wr_ast_expr *computed;
    bool not_null, primary_key;
    bool metadata; /* METADATA FROM '_key' */
    wr_text metadata_from;
    wr_span metadata_span;
    wr_span span;
} wr_ast_column;

/* name ( columns…, PRIMARY KEY (k), WATERMARK FOR … ) WITH ( options ) */
typedef struct wr_ast_table {
    wr_ast_name name;
    const wr_ast_column *columns;
    int column_count;
    const wr_ast_name *primary_key; /* of the separate clause */
    int primary_key_count;
    const wr_ast_watermark *watermark;
    const wr_ast_option *options;
    int option_count;
} wr_ast_table;

typedef struct wr_ast_job {
    wr_ast_name name;
    const wr_ast_option *options;
    int option_count;
    const wr_ast_insert *inserts; /* ≥ 1 */
    int insert_count;
    bool block; /* written as BEGIN … END */
} wr_ast_job;

typedef enum wr_ast_object_kind {
    WR_AST_OBJECT_STREAM,
    WR_AST_OBJECT_TABLE,
    WR_AST_OBJECT_VIEW,
    WR_AST_OBJECT_JOB,
    WR_AST_OBJECT_SECRET
} wr_ast_object_kind;

typedef enum wr_ast_explain_kind {
    WR_AST_EXPLAIN_PLAN,   /* EXPLAIN query | insert | CREATE JOB … */
    WR_AST_EXPLAIN_STATE,  /* EXPLAIN STATE job | query | insert */
    WR_AST_EXPLAIN_STALL,  /* EXPLAIN STALL job */
    WR_AST_EXPLAIN_UPGRADE /* EXPLAIN UPGRADE job [AS insert] */
} wr_ast_explain_kind;

typedef enum wr_ast_statement_kind {
    WR_AST_STATEMENT_QUERY,             /* u.query */
    WR_AST_STATEMENT_INSERT,            /* u.insert */
    WR_AST_STATEMENT_EXPLAIN,           /* u.explain */
    WR_AST_STATEMENT_CREATE_STREAM,     /* u.table; or_replace, if_not_exists */
    WR_AST_STATEMENT_CREATE_TABLE,      /* u.table */
    WR_AST_STATEMENT_CREATE_VIEW,       /* u.view */
    WR_AST_STATEMENT_CREATE_JOB,        /* u.job */
    WR_AST_STATEMENT_CREATE_SECRET,     /* u.secret */
    WR_AST_STATEMENT_DROP,              /* u.drop; if_exists */
    WR_AST_STATEMENT_ALTER_JOB,         /* u.alter_job */
    WR_AST_STATEMENT_SET,               /* u.option */
    WR_AST_STATEMENT_RESET,             /* u.name: dotted names joined */
    WR_AST_STATEMENT_SHOW,              /* u.show */
    WR_AST_STATEMENT_SHOW_CREATE,       /* u.show_create */
    WR_AST_STATEMENT_DESCRIBE,          /* u.name */
    WR_AST_STATEMENT_DESCRIBE_QUERY,    /* u.query */
    WR_AST_STATEMENT_SAVEPOINT,         /* u.savepoint */
    WR_AST_STATEMENT_FORK,              /* u.fork */
    WR_AST_STATEMENT_REPLAY,            /* u.replay */
    WR_AST_STATEMENT_ADVANCE_WATERMARK, /* u.advance: name and to */
    WR_AST_STATEMENT_ADVANCE_CLOCK,     /* u.advance: to */
    WR_AST_STATEMENT_RESTART,
    WR_AST_STATEMENT_ASSERT_ROWS,   /* u.assert_rows */
    WR_AST_STATEMENT_ASSERT_METRIC, /* u.assert_metric */
    WR_AST_STATEMENT_ASSERT_ERROR   /* u.assert_error */
} wr_ast_statement_kind;

struct wr_ast_statement {
    wr_ast_statement_kind kind;
    wr_span span; /* without the ; */
    bool or_replace, if_not_exists, if_exists;
    /* Parameters of the whole statement: names[i] of parameter i + 1, size 0: none. */
    int parameter_count;
    const wr_text *parameter_names;
    union {
        const wr_ast_query *query;
        const wr_ast_insert *insert;
        const wr_ast_table *table;
        const wr_ast_job *job;
        wr_ast_option option;
        wr_ast_name name;
        struct {
            wr_ast_explain_kind kind;
            bool json; /* EXPLAIN (FORMAT JSON) */
            wr_ast_name job;
            const wr_ast_statement *statement; /* QUERY, INSERT or CREATE_JOB; or NULL */
        } explain;
        struct {
            wr_ast_name name;
            const wr_ast_query *query;
        } view;
        struct {
            wr_ast_name name;
            const wr_ast_option *options;
            int option_count;
        } secret;
        struct {
            wr_ast_object_kind kind;
            wr_ast_name name;
        } drop;
        struct {
            wr_ast_name name;
            bool resume; /* else PAUSE */
        } alter_job;
        struct {
            wr_ast_name what;        /* SHOW STREAMS, SHOW kafka.brokers: dotted names joined */
            const wr_ast_expr *like; /* SHOW STREAMS LIKE 'c%': a STRING; or NULL */
        } show;
        struct {
            wr_ast_object_kind kind;
            wr_ast_name name;
        } show_create;
        struct {
            wr_ast_name job;
            wr_text file;
        } savepoint;
        struct {
            wr_ast_name job, as;
            wr_text file;
        } fork;
        struct {
            wr_ast_name job;
            const wr_ast_expr *where;
        } replay;
        struct {
            wr_ast_name name;
            const wr_ast_expr *to;
        } advance;
        struct {
            bool ordered;
            const wr_ast_query *query;
            const wr_ast_expr_list *rows;
            int row_count;
        } assert_rows;
        struct {
            wr_ast_name metric; /* dotted names joined */
            wr_ast_op op;       /* a comparison */
            const wr_ast_expr *value;
        } assert_metric;
        struct {
            wr_text code;
            wr_span code_span;
            const wr_ast_statement *statement;
        } assert_error;
    } u;
};

#endif
