/* weir: SQL over streams, as a C library. This is the only header a program needs.
 *
 *     weir_db *db; weir_query *q; weir_error *err = NULL;
 *     weir_open(NULL, &db, &err);
 *     weir_prepare(db, "SELECT avg(v) FROM kafka('cpu-usage') WINDOW TUMBLING 5 MINUTES",
 *                  -1, &q, NULL, &err);
 *     weir_start(q, NULL, &err);
 *     int rc;
 *     while ((rc = weir_step(q, 1000)) == WEIR_ROW || rc == WEIR_AGAIN)
 *         if (rc == WEIR_ROW) printf("%f\n", weir_column_double(q, 0));
 *     weir_query_free(q); weir_close(db);
 *
 * Rules for all functions
 * - int results are WEIR_OK (0), a positive state (ROW, AGAIN, DONE, BUSY) or a negative error.
 * - `weir_error **err` may be NULL; when it is set, *err belongs to the caller (weir_error_free).
 * - The library prints nothing, never exits by itself except when memory is gone, installs no
 *   signal handler and sets no locale.
 * - weir_db may be used from many threads; a query or stream from one thread at a time, except
 *   weir_interrupt, weir_stats_json and weir_stats, which any thread may call.
 * - Text is UTF-8. Times are microseconds since 1970-01-01 00:00 UTC.
 * - A struct with `size` first must have it set to sizeof; fields added later count as zero. */
#ifndef WEIR_H
#define WEIR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define WEIR_API __attribute__((visibility("default")))
#else
#define WEIR_API
#endif

typedef struct weir_db weir_db;
typedef struct weir_query weir_query;
typedef struct weir_stream weir_stream;
typedef struct weir_error weir_error;

/* Arrow's C data interface: arrow.apache.org/docs/format/CDataInterface.html */
struct ArrowSchema;
struct ArrowArray;

enum {
    WEIR_OK = 0,
    WEIR_ROW = 1,   /* step: a row is there, read it with weir_column_… */
    WEIR_AGAIN = 2, /* step: nothing within the timeout; call again */
    WEIR_DONE = 3,  /* step: the query has ended */
    WEIR_BUSY = 4,  /* stream: the queue is full; step the queries, then put again */

    WEIR_SQL = -1,         /* the statement is wrong */
    WEIR_RUNTIME = -2,     /* the query cannot go on */
    WEIR_UNREACHABLE = -3, /* a source or sink is not there */
    WEIR_STATE = -4,       /* state does not fit or is damaged */
    WEIR_CLOSED = -5,      /* the reader of our output went away */
    WEIR_INTERRUPT = -6,   /* weir_interrupt was called */
    WEIR_MISUSE = -7       /* a function was called in the wrong order or with a wrong argument */
};

typedef enum weir_type {
    WEIR_NULL, WEIR_BOOLEAN, WEIR_BIGINT, WEIR_DOUBLE, WEIR_DECIMAL, WEIR_TEXT, WEIR_BYTES,
    WEIR_TIMESTAMP, WEIR_DATE, WEIR_TIME, WEIR_INTERVAL, WEIR_JSON, WEIR_ARRAY, WEIR_STRUCT
} weir_type;

typedef enum weir_op { WEIR_INSERT, WEIR_UPDATE_BEFORE, WEIR_UPDATE_AFTER, WEIR_DELETE } weir_op;

/* ── errors ─────────────────────────────────────────────────────────────────────────────────── */

/* Parts of an error; never NULL, "" when absent. Borrowed from the error. */
WEIR_API int weir_error_status(const weir_error *err);          /* WEIR_SQL … */
WEIR_API const char *weir_error_code(const weir_error *err);    /* "E0203" */
WEIR_API const char *weir_error_message(const weir_error *err); /* one line */
WEIR_API const char *weir_error_detail(const weir_error *err);  /* what is there, what is wanted */
WEIR_API const char *weir_error_hint(const weir_error *err);    /* what to type instead */
WEIR_API int weir_error_position(const weir_error *err);        /* byte in the SQL text, -1: none */
WEIR_API int weir_error_length(const weir_error *err);          /* bytes to underline */
WEIR_API void weir_error_free(weir_error *err);                 /* NULL is fine */
/* Line and column (from 1; columns are characters) of a byte position. */
WEIR_API void weir_error_locate(const char *sql, size_t size, int position, int *line, int *column);

/* ── database: catalog, settings, clock ─────────────────────────────────────────────────────── */

typedef struct weir_options {
    size_t size;           /* sizeof(weir_options) */
    int manual_clock;      /* 1: time stands still but for weir_clock_advance / _set */
    int64_t clock_us;      /* manual clock's start */
    /* Warnings and notices, one line without newline; called on the thread that steps. */
    void (*log)(void *context, int level, const char *line); /* level: 0 notice, 1 warning */
    void *log_context;
    /* Every bad row, as it happens (the default policy skips and counts). */
    void (*bad_row)(void *context, const char *source, const char *partition, int64_t offset,
                    int64_t byte, const char *reason, const char *column, const char *record,
                    size_t record_size);
    void *bad_row_context;
    int vector_rows; /* tests: rows per vector, 0 = 2048 */
    int hash_zero;   /* tests: every hash is 0, in the whole process; not beside other databases */
    int until_end;   /* every source is bounded: ends at what is there at start (--until-eof) */
    int host_sources; /* tests: every declared source is a host stream of its name; its options are
                         checked, not used (sources called in a query stay what they are) */
    int spill_all;    /* tests: windows leave memory again and again, if they can */
} weir_options;

WEIR_API int weir_open(const weir_options *options, weir_db **db, weir_error **err);
/* All queries and streams of the db must have been freed. NULL is fine. */
WEIR_API void weir_close(weir_db *db);
/* One or several statements that give no rows and end at once: CREATE, DROP, SET, RESET. A
 * statement that gives rows or runs on is WEIR_MISUSE: use prepare. */
WEIR_API int weir_exec(weir_db *db, const char *sql, weir_error **err);
/* Declarations that are kept in a state directory (weir.db in it) become those of `db`; what is
 * declared already stays. From now on what CREATE STREAM, TABLE, VIEW and SECRET declare and DROP
 * takes away is kept there, durable when the statement has run; the directory is made by the first
 * one. A secret's own value is not kept, nor is a declaration with a password in it (a notice says
 * so). read_only 1: nothing is kept, and CREATE may replace what came from there, as for a job,
 * which keeps its declarations itself. WEIR_STATE: the state there is damaged. Once for a db. */
WEIR_API int weir_catalog_open(weir_db *db, const char *state_dir, int read_only,
                               weir_error **err);
/* Manual clock only. */
WEIR_API int weir_clock_set(weir_db *db, int64_t wall_us);
WEIR_API int weir_clock_advance(weir_db *db, int64_t by_us);

/* ── queries ────────────────────────────────────────────────────────────────────────────────── */

typedef enum weir_kind {
    WEIR_KIND_NONE,   /* only white space and comments */
    WEIR_KIND_SELECT, /* gives rows of its own: SELECT, VALUES */
    WEIR_KIND_INSERT, /* runs into a sink */
    WEIR_KIND_DDL,    /* CREATE, DROP, SET, RESET: done at start; no rows */
    WEIR_KIND_TEXT    /* SHOW, DESCRIBE, EXPLAIN: a small finished result */
} weir_kind;

/* Compiles the first statement of `sql` (`size` bytes, or -1: NUL-terminated). *tail (may be NULL)
 * points behind it. Positions of errors are relative to sql. *query is NULL, with WEIR_OK, when
 * only white space and comments are left. DDL takes effect at weir_start. */
WEIR_API int weir_prepare(weir_db *db, const char *sql, ptrdiff_t size, weir_query **query,
                          const char **tail, weir_error **err);
/* Stops it if it runs. NULL is fine. */
WEIR_API void weir_query_free(weir_query *query);
WEIR_API int weir_query_kind(const weir_query *query);
/* 1: ends by itself, 0: runs until stopped, -1: known only after start. */
WEIR_API int weir_query_bounded(const weir_query *query);

/* Parameters ?, ?1, :name are numbered from 1; bind before start. Text and blobs are copied.
 * index_of: number of ":name", 0: none. */
WEIR_API int weir_parameter_count(const weir_query *query);
WEIR_API int weir_parameter_index(const weir_query *query, const char *name);
WEIR_API int weir_bind_null(weir_query *query, int index);
WEIR_API int weir_bind_bool(weir_query *query, int index, int value);
WEIR_API int weir_bind_int64(weir_query *query, int index, int64_t value);
WEIR_API int weir_bind_double(weir_query *query, int index, double value);
WEIR_API int weir_bind_text(weir_query *query, int index, const char *text, ptrdiff_t size);
WEIR_API int weir_bind_blob(weir_query *query, int index, const void *data, size_t size);
WEIR_API int weir_bind_timestamp(weir_query *query, int index, int64_t us);

/* Starts it. `name` NULL: ephemeral; else weir_start_job with that name and defaults.
 * Undeclared sources are sampled during the first steps; the column count is -1 until then. */
WEIR_API int weir_start(weir_query *query, const char *name, weir_error **err);

/* A job: an INSERT, or several (weir_prepare_job), whose state outlives the process. */
typedef struct weir_job_options {
    size_t size;           /* sizeof(weir_job_options) */
    const char *name;      /* NULL: that of CREATE JOB, which must then be there */
    const char *state_dir; /* where weir.db is or will be; NULL: ~/.local/state/weir/jobs/NAME */
    const char *restore;   /* a savepoint to begin with; state_dir must have no state yet. NULL */
    int sink_ahead;        /* the sink shows more than the state: 0 refuse, 1 write again, 2 skip */
    int drain;             /* 1: when all inputs have ended, also topics read to their present end,
                              all windows close and the job is finished (--until-eof --drain) */
} weir_job_options;

/* Compiles a whole script as one job: declarations and SET take effect at once, its INSERTs, or the
 * one CREATE JOB, become one query. A SELECT, or nothing to insert, is an error. Positions of
 * errors are relative to sql. */
WEIR_API int weir_prepare_job(weir_db *db, const char *sql, ptrdiff_t size, weir_query **query,
                              weir_error **err);
/* The name that CREATE JOB gave; NULL: none. Borrowed from the query. */
WEIR_API const char *weir_job_name(const weir_query *query);
/* Starts it, from its last checkpoint if there is one. WEIR_STATE: the state is damaged, another
 * job's, in use, or does not fit. A job that has finished gives WEIR_DONE at the first step. */
WEIR_API int weir_start_job(weir_query *query, const weir_job_options *options, weir_error **err);
/* Asks for a checkpoint now; any thread. A number for weir_checkpoint_done, or WEIR_MISUSE (below
 * 0) if it is no running job. Steps do it. */
WEIR_API int64_t weir_checkpoint(weir_query *query);
WEIR_API int weir_checkpoint_done(weir_query *query, int64_t number); /* 1: durable and delivered */
/* Copies the state as of the last checkpoint to one file; any thread. */
WEIR_API int weir_savepoint(weir_query *query, const char *file, weir_error **err);

/* Does a piece of work, waiting at most timeout_ms for input (-1: without end). WEIR_ROW,
 * WEIR_AGAIN, WEIR_DONE or an error, which then is in weir_query_error. */
WEIR_API int weir_step(weir_query *query, int timeout_ms);
/* Ends the inputs now. drain 1: open windows are closed and their rows come from step, and a job is
 * finished; 0: they are dropped, a job keeps them in its last checkpoint. Go on with step until
 * WEIR_DONE. */
WEIR_API int weir_stop(weir_query *query, int drain);
/* From any thread, also a signal handler: the current or next step returns WEIR_INTERRUPT once. */
WEIR_API void weir_interrupt(weir_query *query);
/* The error of the last failed call on this query; NULL: none. Borrowed. */
WEIR_API const weir_error *weir_query_error(const weir_query *query);

/* Columns; known after prepare for declared sources, else after sampling (-1 before). Names are
 * borrowed from the query. */
WEIR_API int weir_column_count(const weir_query *query);
WEIR_API const char *weir_column_name(const weir_query *query, int column);
WEIR_API int weir_column_type(const weir_query *query, int column);           /* weir_type */
WEIR_API const char *weir_column_type_name(const weir_query *query, int column); /* "SMALLINT" */

/* The row after WEIR_ROW; valid until the next step. Values convert like casts where that loses
 * nothing; else 0 / NULL. text: NUL-terminated, every type has a text form (NULL gives NULL);
 * *size may be NULL. A DECIMAL is exact as text ("-1.50", all digits of its scale), the nearest
 * number as double; as int64 when it is a whole number that fits. As int64 a
 * DATE is days since 1970-01-01, a TIME microseconds since midnight. */
WEIR_API int weir_column_is_null(const weir_query *query, int column);
WEIR_API int64_t weir_column_int64(const weir_query *query, int column);
WEIR_API double weir_column_double(const weir_query *query, int column);
WEIR_API const char *weir_column_text(weir_query *query, int column, size_t *size);
WEIR_API int weir_row_op(const weir_query *query);       /* weir_op */
WEIR_API int64_t weir_row_time(const weir_query *query); /* event time; INT64_MIN: none */
/* The row's window when the query has one and does not select it (a terminal's gutter):
 * 1 and start, end; 0: none. */
WEIR_API int weir_row_window(const weir_query *query, int64_t *start_us, int64_t *end_us);
WEIR_API int64_t weir_watermark(const weir_query *query); /* INT64_MIN: none yet */

/* ── host streams ───────────────────────────────────────────────────────────────────────────── */

/* The stream that SQL reads as host('name'), or that CREATE STREAM … WITH (connector = 'host')
 * declared; made on first use. Put columns in order, then row_end. Values are copied. Rows go to
 * every running query that reads the stream; rows put before any query runs wait for the first. */
WEIR_API int weir_stream_open(weir_db *db, const char *name, weir_stream **stream,
                              weir_error **err);
WEIR_API void weir_stream_close(weir_stream *stream);
WEIR_API int weir_put_null(weir_stream *stream);
WEIR_API int weir_put_bool(weir_stream *stream, int value);
WEIR_API int weir_put_int64(weir_stream *stream, int64_t value);
WEIR_API int weir_put_double(weir_stream *stream, double value);
/* For TEXT, JSON; for DECIMAL the digits ("-1.50"), which put_int64 gives, too; for DATE and TIME
 * "2026-01-31" and "13:05:30.250". */
WEIR_API int weir_put_text(weir_stream *stream, const char *text, ptrdiff_t size);
WEIR_API int weir_put_blob(weir_stream *stream, const void *data, size_t size);
WEIR_API int weir_put_timestamp(weir_stream *stream, int64_t us);
/* Ends the row. WEIR_OK; WEIR_BUSY: the row is kept, call again; or an error. */
WEIR_API int weir_row_end(weir_stream *stream);
/* A raw message, decoded by the stream's format. data NULL: a tombstone. */
WEIR_API int weir_push(weir_stream *stream, const void *data, size_t size, const void *key,
                       size_t key_size, int64_t timestamp_us, int partition);
/* All rows of an Arrow struct array (the C data interface), columns matched by name; a column that
 * is not there is NULL. Integers, doubles, microsecond timestamps and dictionaries are not copied.
 * WEIR_OK: the array is weir's (array->release is NULL), released when every query has read it.
 * WEIR_BUSY: the queue is full, call again later; an error: see weir_stream_error; both leave the
 * array the caller's. The schema is read during the call only. */
WEIR_API int weir_append_batch(weir_stream *stream, struct ArrowArray *array,
                               const struct ArrowSchema *schema);
/* No more rows before `us` will come. From then on only the host moves this stream's watermark. */
WEIR_API int weir_advance_watermark(weir_stream *stream, int64_t us);
WEIR_API int weir_stream_end(weir_stream *stream); /* no more rows at all */
WEIR_API const char *weir_stream_error(const weir_stream *stream); /* last failure's line, "" */

/* ── looking inside ─────────────────────────────────────────────────────────────────────────── */

typedef struct weir_stats {
    size_t size; /* sizeof(weir_stats), set by the caller */
    uint64_t rows_in, bytes_in, rows_out, rows_late, rows_bad, rows_future, tombstones;
    int64_t watermark_us;  /* INT64_MIN: none yet */
    int64_t next_close_us; /* the watermark that closes the next window; INT64_MIN: none open */
    int64_t lag;           /* records behind; -1: unknown */
    int64_t state_bytes, groups;
    int partitions, partitions_idle;
    int sampling;          /* 1: waiting for first messages to learn columns from */
    int64_t sampled;       /* messages seen so far while sampling */
    char holder[64];       /* the partition that holds the watermark back */
    int64_t holder_watermark_us, holder_quiet_us;
    int64_t wall_us;       /* the db's clock now */
    /* jobs */
    int64_t epoch;         /* of the last checkpoint; 0: none yet, or no job */
    int64_t checkpoint_us; /* when it was (wall clock); INT64_MIN: never */
    int64_t checkpoint_duration_us, checkpoint_bytes;
    int64_t checkpoint_pause_us; /* the longest time that it held up a step */
    int64_t outbox_bytes, dead_letters;
    int degraded;          /* 1: the state cannot be written now; input waits */
    int finished;          /* 1: drained, or its bounded inputs ended: nothing more will come */
    char uuid[40];         /* "": no job, or not known yet */
    char problem[256];     /* why it is degraded; "" */
} weir_stats;

WEIR_API int weir_query_stats(const weir_query *query, weir_stats *stats);
/* The same as a JSON object; free with weir_free. */
WEIR_API char *weir_stats_json(const weir_query *query);
/* The plan as text (json 0) or JSON (1); free with weir_free. */
WEIR_API int weir_explain(weir_query *query, int json, char **text, weir_error **err);
WEIR_API void weir_free(void *memory);
WEIR_API const char *weir_version(void); /* "0.1.0" */

/* ── tools, on which the command line stands ────────────────────────────────────────────────── */

/* Checks every statement of a script: declarations and settings take effect in `db` (use one of its
 * own), queries are bound as far as their sources are declared. Nothing is opened. */
WEIR_API int weir_check(weir_db *db, const char *sql, ptrdiff_t size, weir_error **err);
/* The script in weir's own style: keywords in capitals, what fits in 80 columns on one line, else a
 * clause, an item, a condition a line; comments stay. It means the same, and formatting it again
 * changes nothing. *text (free with weir_free) is NULL when a statement is wrong: WEIR_SQL. */
WEIR_API int weir_format(const char *sql, ptrdiff_t size, char **text, weir_error **err);
/* A copy of `sql`, as long as it is, with a * for each byte of a password that is written in it:
 * for messages that show a piece of a script. Free with weir_free. */
WEIR_API char *weir_hide_secrets(const char *sql, size_t size);
/* 1: ends in a whole statement (";", BEGIN … END counted); 0: goes on; for prompts. */
WEIR_API int weir_complete_statement(const char *sql, size_t size);
/* Help on a statement, function ("avg"), setting or error code ("E0203"); topic NULL: overview.
 * NULL: nothing known. Free with weir_free. */
WEIR_API char *weir_help(const char *topic);
/* The nearest topic to a word that weir_help does not know, or NULL. Borrowed, static. */
WEIR_API const char *weir_help_nearest(const char *word);
/* A clock that never goes back, for timeouts and rates; its zero means nothing. Any thread. */
WEIR_API int64_t weir_monotonic_us(void);
/* A part of the state in a directory as a query that has run: step it for its rows, whose columns
 * are TEXT. Parts are numbered from 0; weir_state_part gives their names ("job", "operators",
 * "windows", "positions", "outbox", "dead_letters"), NULL at the end. The job may run: what is
 * shown is its last checkpoint. WEIR_STATE: there is no state, or it is damaged. */
WEIR_API const char *weir_state_part(int i);
WEIR_API int weir_state_open(weir_db *db, const char *dir, const char *part, weir_query **query,
                             weir_error **err);
/* SET from a command line: like SET name = 'value'. */
WEIR_API int weir_set(weir_db *db, const char *name, const char *value, weir_error **err);

/* Row encoding: appends the current row (after WEIR_ROW) to an encoder's buffer in one of "json",
 * "csv"; `header` as the format's option. Free with weir_encoder_free, before its query. */
typedef struct weir_encoder weir_encoder;
WEIR_API int weir_encoder_new(weir_query *query, const char *format, int changelog,
                              weir_encoder **encoder, weir_error **err);
/* Encodes the current row and all others that are already there (at most max_rows ≥ 1; *rows says
 * how many), newline after each. *data is borrowed until the next call. Without `changelog` rows
 * that are taken back (-U, -D) are passed over, and *rows does not count them. */
WEIR_API int weir_encode_rows(weir_encoder *encoder, int64_t max_rows, int64_t *rows,
                              const char **data, size_t *size);
WEIR_API void weir_encoder_free(weir_encoder *encoder);

#ifdef __cplusplus
}
#endif

#endif
