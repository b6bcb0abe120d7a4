/* Runs the records of a test file against one database, in one world. */
#ifndef WEIR_SLT_RUNNER_H
#define WEIR_SLT_RUNNER_H

#include "tests/slt/script.h"
#include "weir.h"

/* The same file must give the same output in each. */
typedef struct slt_world {
    const char *name; /* "rows1", "rows3", "rows2048", "hash0", "lanes4" */
    int vector_rows;
    int hash_zero;
    int spill_all;  /* windows do not stay in memory */
    int lanes;
    int batch_rows; /* 0: adaptive; in a world of lanes so few that each has work */
    int restarts;   /* background queries are jobs, and begin anew after each step */
} slt_world;

/* A query that runs in the background. */
typedef struct slt_query {
    char *name;
    weir_query *query;
    slt_lines rows; /* came since the last `expect` */
    bool changelog, done;
    char *sql; /* of a job; NULL: it is none */
    int job;   /* its number */
    int failure;    /* status of the step that failed; 0: none */
    slt_text error; /* its code, message, detail, hint */
    struct slt_query *next;
} slt_query;

/* A host stream that the test feeds. */
typedef struct slt_stream {
    char *name;
    weir_stream *stream;
    struct slt_stream *next;
} slt_stream;

typedef struct slt_runner {
    const slt_world *world;
    const char *path;
    char directory[64]; /* ${tmp} */
    weir_db *db;
    slt_query *queries;
    slt_stream *streams;
    slt_text notices; /* log lines and bad rows since the last `notice` */
    int64_t clock_us;
    int job_count; /* so far: each has a directory of its own */
    bool bless, skip_next, skip_rest;
    slt_lines blessed; /* the file with what really came */
    int blessed_line;  /* lines of the file that were copied so far */
    int passed, failed, skipped;
    const slt_record *record; /* the current one, for messages */
} slt_runner;

void slt_runner_init(slt_runner *runner, const slt_world *world, const char *path);
/* Runs a file (records of includes too). */
void slt_runner_run(slt_runner *runner, const slt_script *script);
void slt_runner_fini(slt_runner *runner);

/* The database of the file: `reset` brings up a fresh one. */
void slt_database_open(slt_runner *runner);
void slt_database_close(slt_runner *runner);
/* false: no such directive. */
bool slt_directive_run(slt_runner *runner, const slt_record *record);

/* For the records: a failure of the current one, printed. */
void slt_fail(slt_runner *runner, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Compares what came with what the record expects (or writes it down when blessing). */
void slt_check_lines(slt_runner *runner, slt_lines *actual, bool sorted);
/* The SQL of a record, with ${tmp} and ${dir} put in. */
void slt_body_text(const slt_runner *runner, const slt_lines *body, slt_text *out);

/* Steps every running query until nothing moves; in the world of restarts ends each and starts it
 * again from its last checkpoint, twice, so that a restart right after another is tried too. */
void slt_settle(slt_runner *runner);
/* Ends every running job, with a last checkpoint or as a crash would, and starts it again. */
void slt_restart(slt_runner *runner, bool checkpoint);
/* Steps one until it is done; false: it does not end. */
bool slt_query_finish(slt_runner *runner, slt_query *query);
slt_query *slt_query_find(slt_runner *runner, const char *name);
/* Prepares and starts, as a job if it is to be one in every world; NULL: it failed, *err is set.
 * With a DDL statement nothing is kept. */
slt_query *slt_query_start(slt_runner *runner, const char *name, const char *sql, bool is_job,
                           weir_error **err);
void slt_query_remove(slt_runner *runner, slt_query *query);
void slt_queries_free(slt_runner *runner);
/* code, message, detail and hint as lines of one text. */
void slt_error_text(const weir_error *err, slt_text *out);

/* push, advance, end. */
void slt_push(slt_runner *runner, const slt_record *record);
void slt_advance(slt_runner *runner, const slt_record *record);
void slt_end(slt_runner *runner, const slt_record *record);
void slt_streams_free(slt_runner *runner);

#endif
