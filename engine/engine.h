/* What stands behind the opaque handles of weir.h.
 *
 *   weir_db      catalog, settings, clock, host streams          one mutex
 *   weir_query   statement → (sampling) → plan → pipeline → rows  one thread at a time
 *   weir_stream  a producer's end of a host stream                one thread at a time
 *
 * A query is a small state machine; weir_step moves it:
 *
 *   PREPARED ──start──▶ SAMPLING ──learned──▶ RUNNING ──▶ FINISHED
 *                  └────────────────────────────▲             ▲
 *   DDL, SHOW, EXPLAIN … do their work in start ──────────────┘ */
#ifndef WEIR_ENGINE_ENGINE_H
#define WEIR_ENGINE_ENGINE_H

#include "connectors/host.h"
#include "engine/result_spill.h"
#include "exec/pipeline.h"
#include "exec/sample.h"
#include "exec/state/store.h"
#include "planner/planner.h"
#include "weir.h"

#include <pthread.h>
#include <stdatomic.h>

struct weir_error {
    wr_error error;
};

/* A host stream by name; the db owns it, handles and running queries only use it. */
typedef struct engine_host {
    struct engine_host *next;
    char *name;
    wr_host_stream *stream;
} engine_host;

struct weir_db {
    pthread_mutex_t lock; /* catalog, secrets, settings, hosts */
    weir_options options;
    wr_clock clock;
    wr_catalog *catalog;
    wr_secrets *secrets;
    char *catalog_dir;     /* where declarations are kept; NULL: nowhere */
    char *catalog_script;  /* what is kept there, as far as we know */
    bool catalog_is_fixed; /* nothing is written there */
    wr_settings settings;
    engine_host *hosts;
    atomic_int users; /* queries and streams that are open */
};

typedef enum query_state {
    QUERY_PREPARED,
    QUERY_SAMPLING,
    QUERY_RUNNING,
    QUERY_FINISHED, /* rows may still wait in the result */
    QUERY_FAILED
} query_state;

enum { ENGINE_PARAMETERS_MAX = 1000 };

/* Rows that wait for the caller: copies of the pipeline's batches, read one after another. */
typedef struct engine_result {
    wr_arena *arena;
    const wr_batch **batches;
    int batch_count, batch_capacity;
    int batch; /* the one that is read */
    int row;   /* the current row in it, -1 before the first */
    int64_t limit_bytes;    /* of the arena; what comes beyond it goes to disk. INT64_MAX: none */
    wr_result_spill *spill; /* behind all batches; NULL: nothing was too much so far */
    wr_error failure;       /* of reading it back; status WR_OK: none */
} engine_result;

/* What makes a query a job. */
typedef struct engine_job {
    const char *name, *dir;
    wr_text uuid; /* a copy: the store's may change with commits */
    wr_store *store;
    wr_pipeline_job config;
} engine_job;

struct weir_query {
    weir_db *db;
    wr_arena *arena; /* SQL text, AST, plan */
    wr_text sql;     /* our copy; positions refer to it */
    const wr_ast_statement *statement;
    weir_kind kind;
    query_state state;
    atomic_bool interrupted;
    weir_error failure; /* code "" when there is none */

    wr_text *parameter_names;
    wr_vector *parameters; /* constant vectors; SQL NULL until bound */
    bool *parameter_bound;
    int parameter_count;

    bool is_job;
    const char *job_name; /* that CREATE JOB gave; NULL: none */
    wr_settings job_settings; /* a job's own: WITH goes before SET */
    engine_job *job;          /* once started */

    wr_plan_source *sources;
    int source_count;
    wr_plan *plan;
    wr_sampler **samplers; /* per source; NULL entries: nothing to learn */
    wr_opened_source *opened;
    wr_host_stream **hosts;
    pthread_mutex_t lock; /* samplers and pipeline, for stats from other threads */
    wr_pipeline *pipeline;

    wr_schema schema; /* of the result; count -1: not known yet */
    int gutter_columns;
    const char **column_names, **column_type_names;
    wr_buffer *texts; /* weir_column_text, one a column */
    engine_result result;
};

/* error.c */
int wr_engine_code(wr_status status);
/* Hands `err` out through `out` (may be NULL) and returns its public code. */
int wr_engine_fail(const wr_error *err, weir_error **out);
/* The same, remembered in the query. */
int wr_engine_query_fail(weir_query *query, const wr_error *err, weir_error **out);
int wr_engine_misuse(weir_query *query, weir_error **out, const char *message);

/* result.c */
void wr_engine_result_init(engine_result *result);
void wr_engine_result_fini(engine_result *result);
wr_status wr_engine_result_add(engine_result *result, const wr_batch *batch, wr_error *err);
bool wr_engine_result_is_empty(const engine_result *result);
/* To the next row; false: none left, and the result is empty again; or result->failure. */
bool wr_engine_result_next(engine_result *result);
const wr_batch *wr_engine_result_batch(const engine_result *result); /* NULL: no current row */

/* column.c: what columns the result has, from now on. count -1: not known. */
void wr_engine_query_columns(weir_query *query, wr_schema schema, int gutter_columns);
void wr_engine_query_columns_fini(weir_query *query);

/* statement.c: statements that are done at once (DDL, SET, SHOW, DESCRIBE, EXPLAIN). Sets the
 * query's columns and rows. */
wr_status wr_engine_statement_run(weir_query *query, wr_error *err);
/* The text of a setting's value, in `arena`; settings are literals. */
wr_status wr_engine_setting_value(const wr_ast_expr *value, wr_text *text, wr_arena *arena,
                                  wr_error *err);
weir_kind wr_engine_statement_kind(const wr_ast_statement *statement);

/* catalog.c: declarations in a state directory. The db is locked by the caller, but for of_job. */
void wr_engine_catalog_close(weir_db *db);
/* After a statement: if it declared or dropped something, that is kept. */
wr_status wr_engine_catalog_keep(weir_db *db, const wr_ast_statement *statement, wr_error *err);
/* A job's state gets what it was made with. */
wr_status wr_engine_catalog_of_job(weir_db *db, const char *dir, wr_store *store, wr_error *err);

/* explain.c: the plan as EXPLAIN shows it; NULL: it has to be learned first. */
void wr_engine_explain_plan(const weir_query *query, const wr_plan *plan, bool json,
                            wr_buffer *out);

/* job_statement.c: SAVEPOINT, FORK JOB and EXPLAIN UPGRADE. */
wr_status wr_engine_savepoint(weir_query *query, wr_error *err);
wr_status wr_engine_fork(weir_query *query, wr_error *err);
wr_status wr_engine_explain_upgrade(weir_query *query, wr_error *err);
/* The default state directory of the job that a statement names. */
wr_status wr_engine_job_dir_of(weir_query *query, const wr_ast_name *name, const char **dir,
                               wr_error *err);

/* replay.c: REPLAY DEAD LETTERS; one row: how many were marked, how many cannot be replayed. The db
 * is not locked by the caller. */
wr_status wr_engine_replay(weir_query *query, wr_error *err);

/* stream.c: the stream `name`, made on first use. The db is locked by the caller. */
wr_host_stream *wr_engine_host_get(weir_db *db, wr_text name);

/* parameter.c: E0207 when one has no value. */
wr_status wr_engine_parameters_check(const weir_query *query, wr_error *err);

/* query.c */
/* `runs`: for a plan that will be run, with the values of parameters and secrets. */
wr_planner wr_engine_planner(weir_query *query, bool runs);
/* A new query without a statement. */
weir_query *wr_engine_query_new(weir_db *db);
/* Takes the statement, which lives in the query's arena; its positions refer to query->sql. */
wr_status wr_engine_query_set(weir_query *query, const wr_ast_statement *statement, wr_error *err);
wr_status wr_engine_query_start(weir_query *query, wr_error *err);

/* job.c */
/* 1 to 64 letters, digits, _ and -. */
bool wr_engine_job_name_is_valid(const char *name);
/* Where a job of this name has its state unless somebody says otherwise; NULL: there is no HOME. */
const char *wr_engine_job_dir(wr_arena *arena, const char *name);
/* What earlier runs have learned about the query's undeclared sources goes into query->sources. */
wr_status wr_engine_job_recall(weir_query *query, const wr_store_job *past, wr_error *err);
void wr_engine_job_close(engine_job *job); /* NULL is fine; after the pipeline */

#endif
