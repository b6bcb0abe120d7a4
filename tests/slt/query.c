/* The queries of a test: started, stepped without waiting, their rows kept as lines.
 *
 *   host | avg          a|1.5        NULL and (empty) are told apart; control characters are \x0a
 *
 * 1. With the manual clock a step never waits, so a test that would hang fails at once.
 * 2. A query is quiet when two steps in a row give nothing and none of its figures moved. */
#include "tests/slt/runner.h"
#include "weir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 2000000, QUIET_STEPS = 3, FINISH_WAIT_MS = 20, FINISH_STEPS = 500 };

void
slt_error_text(const weir_error *err, slt_text *out)
{
    if (err == NULL)
        return;
    slt_text_format(out, "%s: %s\n%s\n%s\n", weir_error_code(err), weir_error_message(err),
                    weir_error_detail(err), weir_error_hint(err));
}

slt_query *
slt_query_find(slt_runner *runner, const char *name)
{
    for (slt_query *query = runner->queries; query != NULL; query = query->next) {
        if (strcmp(query->name, name) == 0)
            return query;
    }
    return NULL;
}

static char *
copy(const char *z)
{
    size_t size = strlen(z) + 1;
    char *memory = malloc(size);
    if (memory == NULL)
        abort();
    return memcpy(memory, z, size);
}

/* In the world of restarts what runs in the background is a job. */
static bool
becomes_job(const slt_runner *runner, const char *name, const weir_query *query)
{
    int kind = weir_query_kind(query);
    return runner->world->restarts && name[0] != '(' &&
           (kind == WEIR_KIND_SELECT || kind == WEIR_KIND_INSERT);
}

/* Starts or goes on with job number `number`, whose state is in ${tmp}/job.NUMBER. */
static int
job_start(slt_runner *runner, weir_query *query, int number, weir_error **err)
{
    char name[32], directory[128];
    snprintf(name, sizeof(name), "job%d", number);
    snprintf(directory, sizeof(directory), "%s/job.%d", runner->directory, number);
    weir_job_options options = {.size = sizeof(options), .name = name, .state_dir = directory};
    return weir_start_job(query, &options, err);
}

slt_query *
slt_query_start(slt_runner *runner, const char *name, const char *sql, bool is_job,
                weir_error **err)
{
    weir_query *query = NULL;
    if (weir_prepare(runner->db, sql, -1, &query, NULL, err) != WEIR_OK || query == NULL)
        return NULL;
    is_job = is_job || becomes_job(runner, name, query);
    int number = is_job ? ++runner->job_count : 0;
    int rc = is_job ? job_start(runner, query, number, err) : weir_start(query, NULL, err);
    if (rc != WEIR_OK) {
        weir_query_free(query);
        return NULL;
    }
    slt_query *entry = calloc(1, sizeof(*entry));
    if (entry == NULL)
        abort();
    entry->name = copy(name);
    entry->query = query;
    entry->job = number;
    entry->sql = is_job ? copy(sql) : NULL;
    entry->next = runner->queries;
    runner->queries = entry;
    return entry;
}

void
slt_query_remove(slt_runner *runner, slt_query *query)
{
    for (slt_query **at = &runner->queries; *at != NULL; at = &(*at)->next) {
        if (*at == query) {
            *at = query->next;
            break;
        }
    }
    weir_query_free(query->query);
    slt_lines_reset(&query->rows);
    slt_text_fini(&query->error);
    free(query->name);
    free(query->sql);
    free(query);
}

void
slt_queries_free(slt_runner *runner)
{
    while (runner->queries != NULL)
        slt_query_remove(runner, runner->queries);
}

static void
value_append(slt_text *line, const char *data, size_t size)
{
    if (data == NULL)
        slt_text_z(line, "NULL");
    else if (size == 0)
        slt_text_z(line, "(empty)");
    for (size_t i = 0; data != NULL && i < size; i++) {
        unsigned char c = (unsigned char)data[i];
        if (c < 0x20 || c == 0x7f)
            slt_text_format(line, "\\x%02x", c);
        else
            slt_text_append(line, data + i, 1);
    }
}

static void
row_take(slt_query *query)
{
    static const char *const OPS[] = {"+I", "-U", "+U", "-D"};
    slt_text line = {0};
    int columns = weir_column_count(query->query);
    if (query->changelog)
        slt_text_format(&line, "%s|", OPS[weir_row_op(query->query) & 3]);
    for (int i = 0; i < columns; i++) {
        size_t size = 0;
        const char *data = weir_column_text(query->query, i, &size);
        slt_text_z(&line, i > 0 ? "|" : "");
        value_append(&line, data, size);
    }
    slt_lines_add(&query->rows, line.data != NULL ? line.data : "", line.size);
    slt_text_fini(&line);
}

/* One step; its state. */
static int
query_step(slt_query *query, int wait_ms)
{
    int state = weir_step(query->query, wait_ms);
    if (state == WEIR_ROW) {
        row_take(query);
    } else if (state == WEIR_DONE) {
        query->done = true;
    } else if (state < 0) {
        query->done = true;
        query->failure = state;
        slt_error_text(weir_query_error(query->query), &query->error);
    }
    return state;
}

static bool
stats_moved(const slt_query *query, weir_stats *last)
{
    weir_stats now = {.size = sizeof(now)};
    weir_query_stats(query->query, &now);
    bool moved = now.rows_in != last->rows_in || now.rows_bad != last->rows_bad ||
                 now.watermark_us != last->watermark_us || now.sampled != last->sampled ||
                 now.sampling != last->sampling || now.tombstones != last->tombstones;
    *last = now;
    return moved;
}

static void
query_settle(slt_runner *runner, slt_query *query)
{
    weir_stats last = {0};
    int quiet = 0;
    for (int step = 0; !query->done && quiet < QUIET_STEPS; step++) {
        if (step == STEPS_MAX) {
            slt_fail(runner, "query %s does not come to rest", query->name);
            return;
        }
        bool row = query_step(query, 0) == WEIR_ROW;
        quiet = !row && !stats_moved(query, &last) ? quiet + 1 : 0;
    }
}

/* Ends the job, with a last checkpoint or without, and starts it from what the state holds. */
static void
job_restart(slt_runner *runner, slt_query *query, bool checkpoint)
{
    weir_error *err = NULL;
    if (checkpoint) {
        weir_stop(query->query, 0);
        if (!slt_query_finish(runner, query) || query->failure != 0)
            slt_fail(runner, "job %s does not stop: %s", query->name,
                     query->error.data != NULL ? query->error.data : "");
    }
    weir_query_free(query->query);
    query->query = NULL;
    query->done = false;
    int rc = weir_prepare(runner->db, query->sql, -1, &query->query, NULL, &err);
    rc = rc == WEIR_OK ? job_start(runner, query->query, query->job, &err) : rc;
    if (rc != WEIR_OK) {
        query->done = true;
        query->failure = rc;
        slt_error_text(err, &query->error);
        slt_fail(runner, "job %s does not start again: %s", query->name, query->error.data);
    }
    weir_error_free(err);
}

static void
queries_settle(slt_runner *runner)
{
    for (slt_query *query = runner->queries; query != NULL; query = query->next)
        query_settle(runner, query);
}

static void
jobs_restart(slt_runner *runner, bool checkpoint)
{
    for (slt_query *query = runner->queries; query != NULL; query = query->next) {
        if (query->sql != NULL && !query->done)
            job_restart(runner, query, checkpoint);
    }
}

void
slt_settle(slt_runner *runner)
{
    queries_settle(runner);
    for (int i = 0; runner->world->restarts && i < 2; i++) {
        jobs_restart(runner, true);
        queries_settle(runner);
    }
}

void
slt_restart(slt_runner *runner, bool checkpoint)
{
    jobs_restart(runner, checkpoint);
    slt_settle(runner);
}

bool
slt_query_finish(slt_runner *runner, slt_query *query)
{
    (void)runner;
    for (int idle = 0; !query->done && idle < FINISH_STEPS;)
        idle = query_step(query, FINISH_WAIT_MS) == WEIR_AGAIN ? idle + 1 : 0;
    return query->done;
}
