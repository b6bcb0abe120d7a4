/* The plan: what a query will do, decided once and never changed afterwards. Lanes share it,
 * EXPLAIN prints it, operators read it through const pointers and keep their state elsewhere.
 *
 *   SELECT host, avg(v) FROM cpu WHERE v > 0 WINDOW TUMBLING 5 MINUTES GROUP BY host
 *
 *   project [host, avg]                         columns are numbers into the input's schema
 *     aggregate tumbling 5m, key $0, avg($1)
 *       filter $1 > 0
 *         scan cpu columns [host, v], event time _timestamp
 *
 * Everything lives in the query's arena. */
#ifndef WEIR_PLANNER_PLAN_H
#define WEIR_PLANNER_PLAN_H

#include "connectors/connector.h"
#include "core/arena.h"
#include "functions/function.h"

/* ── expressions ────────────────────────────────────────────────────────────────────────────── */

typedef enum wr_expr_kind { WR_EXPR_CONSTANT, WR_EXPR_COLUMN, WR_EXPR_CALL } wr_expr_kind;

typedef struct wr_expr {
    wr_expr_kind kind;
    wr_type type;
    int position, length; /* in the SQL text, for messages; -1: made by the planner */
    wr_vector constant;   /* CONSTANT: a constant vector (which may be NULL or an error) */
    int column;           /* COLUMN: index in the input's schema */
    const wr_function *function;       /* CALL */
    const struct wr_expr *const *args; /* casts are calls that the binder has put in */
    int arg_count;
    const void *prepared; /* CALL: what function->prepare made */
} wr_expr;

/* ── windows ────────────────────────────────────────────────────────────────────────────────── */

typedef enum wr_window_kind {
    WR_WINDOW_NONE,
    WR_WINDOW_TUMBLING, /* size_us == advance_us */
    WR_WINDOW_HOPPING
} wr_window_kind;

typedef struct wr_window {
    wr_window_kind kind;
    int64_t size_us, advance_us, offset_us, grace_us;
} wr_window;

typedef enum wr_emit_kind { WR_EMIT_FINAL, WR_EMIT_CHANGES, WR_EMIT_EVERY } wr_emit_kind;

typedef struct wr_emit {
    wr_emit_kind kind;
    int64_t every_us; /* EVERY: wall clock between emissions */
    bool and_final;
} wr_emit;

typedef enum wr_late_action { WR_LATE_DROP, WR_LATE_FAIL } wr_late_action;

/* ── nodes ──────────────────────────────────────────────────────────────────────────────────── */

typedef enum wr_plan_kind {
    WR_PLAN_SCAN,
    WR_PLAN_FILTER,
    WR_PLAN_PROJECT,
    WR_PLAN_AGGREGATE,     /* window aggregate, or aggregate without a window */
    WR_PLAN_WINDOW_ASSIGN, /* WINDOW without aggregates: each row once per window */
    WR_PLAN_SORT,
    WR_PLAN_LIMIT,
    WR_PLAN_UNION,
    WR_PLAN_SINK,  /* INSERT INTO */
    WR_PLAN_RESULT /* SELECT: rows go to the caller */
} wr_plan_kind;

typedef enum wr_on_error {
    WR_ON_ERROR_FAIL,
    WR_ON_ERROR_SKIP,
    WR_ON_ERROR_NULL,
    WR_ON_ERROR_DEAD_LETTER /* skipped and kept in the state; jobs only */
} wr_on_error;

/* Output schema of a scan: decoded columns, then pseudo-columns; each used by somebody above, by
 * the event time, or at least one so that rows can be counted (a scan may have 0 columns). */
typedef struct wr_plan_scan {
    int source_index;            /* in wr_plan.sources */
    const wr_source_ops *source; /* NULL never */
    const wr_format_ops *format; /* NULL: a rows source */
    wr_options options;          /* of source and format, checked */
    wr_schema declared;          /* every column of the stream, in order */
    bool learned;                /* …from samples, nobody declared them */
    const wr_decode_column *decode;
    const wr_expr **derive; /* by decoded column, over the JSON value there; NULL: not derived */
    const int *declared_index; /* rows sources: which declared column feeds decode column i */
    int decode_count;
    const wr_pseudo *pseudo; /* follow the decoded columns */
    int pseudo_count;
    unsigned pseudo_mask;
    bool key_is_bytes;
    wr_batch *const *values; /* VALUES: its rows */
    int values_count;
    wr_text name;              /* as the query says it, for messages */
    const wr_expr *event_time; /* over the scan's schema, TIMESTAMP; NULL: record arrival time
                                  (_timestamp), if the source has one */
    bool has_event_time;
    bool event_time_needed;  /* a window or watermark above: NULL event time is a bad row */
    int64_t delay_us;        /* WATERMARK … AS/DELAY */
    int64_t idle_timeout_us; /* 0: never idle */
    int64_t max_future_skew_us;
    bool processing_time; /* WATERMARK FOR now() */
    bool until_end;       /* bounded */
    bool goes_on;            /* an endless source of a job: what ends now goes on in its next run */
    wr_on_error on_error;
} wr_plan_scan;

typedef struct wr_plan_aggregate_item {
    const wr_aggregate *aggregate; /* the DISTINCT form is an aggregate of its own */
    const wr_expr *const *args;
    int arg_count;
    const wr_expr *filter; /* FILTER (WHERE …), NULL: none */
} wr_plan_aggregate_item;

/* Output schema: window_start, window_end, window_time (only when windowed), keys, aggregates.
 * Event time of the output rows: window_time = window_end − 1 ms. */
typedef struct wr_plan_aggregate {
    wr_window window;
    wr_emit emit;
    wr_late_action late;
    const wr_expr *const *keys;
    int key_count;
    const wr_plan_aggregate_item *items;
    int item_count;
    bool global;      /* no GROUP BY: without a window one row comes even from no input */
} wr_plan_aggregate;

typedef struct wr_plan_sort_key {
    const wr_expr *expr;
    bool descending, nulls_first;
} wr_plan_sort_key;

typedef struct wr_plan_node {
    wr_plan_kind kind;
    int id;           /* 0.. in the plan, parents after children */
    wr_schema schema; /* of the rows that it puts out */
    bool has_event_time;
    bool changes; /* its output carries row operations other than +I */
    struct wr_plan_node *const *inputs;
    int input_count;
    union {
        wr_plan_scan scan;
        struct {
            const wr_expr *predicate; /* BOOLEAN */
        } filter;
        struct {
            const wr_expr *const *exprs; /* schema.count of them */
        } project;
        wr_plan_aggregate aggregate;
        wr_window window; /* WINDOW_ASSIGN: input columns, then window_start, _end, _time */
        struct {
            const wr_plan_sort_key *keys;
            int key_count;
            bool per_window; /* sort and limit the rows of each event time (window) apart; else at
                                the end of input */
            int64_t limit;   /* -1: none */
            int64_t offset;
        } sort;
        struct {
            int64_t limit; /* -1: none */
            int64_t offset;
        } limit;
        struct {
            const wr_sink_ops *sink;
            wr_options options;
            const wr_format_ops *format;
            wr_text name;
            wr_text brokers;
        } sink;
    } u;
} wr_plan_node;

/* ── sources of a query, found before it is bound ───────────────────────────────────────────── */

/* A FROM item that reads the outside. `learned` is filled by the engine (exec/sample.h) when
 * needs_learning, before wr_plan_query. */
typedef struct wr_plan_source {
    const void *ast;             /* the AST node it stands for: identity only */
    wr_text name;                /* "kafka('cpu-usage')" or the stream's name */
    const wr_source_ops *source;
    wr_options options;          /* checked; of the call or of CREATE STREAM … WITH */
    const wr_format_ops *format; /* as said, or by extension; NULL: to be learned, or none needed */
    bool needs_learning;
    bool until_end;
    wr_learned learned;
    wr_text brokers;
    int same_as;  /* number of an earlier source that reads the same; it is read once. −1: none */
    unsigned shared_pseudo_mask; /* pseudo-columns that its scans or their dead letters want */
    int position; /* in the SQL text */
} wr_plan_source;

typedef struct wr_plan {
    wr_plan_node *root;         /* RESULT or SINK: the first of `roots` */
    wr_plan_node *const *roots; /* a job's INSERTs: one SINK each */
    int root_count;
    int node_count;
    wr_plan_source *sources;
    int source_count;
    wr_schema result;   /* columns of the rows that come out */
    int gutter_columns; /* RESULT: that many columns behind `result` are window_start/_end for a
                           terminal's gutter; not part of the result */
    bool bounded;       /* the query ends by itself */
    int lanes; /* threads that share the query, ≥ 1 */
    const wr_plan_node *lane_top; /* each lane runs this node's subtree; NULL: one lane */
    const char *notice; /* one line for the user (unbounded state …), NULL: none */
} wr_plan;

/* A name as SQL has to write it, for declarations that are shown. */
void wr_plan_print_name(wr_text name, wr_buffer *out);

#endif
