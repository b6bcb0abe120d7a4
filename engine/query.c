/* The life of a query: prepare, start, step, stop, free.
 *
 * prepare parses and, when every source is declared, plans, so that errors and columns are known
 * before anything is opened. start plans again if there are parameters (their values are constants
 * of the plan), opens what is outside, or first lets undeclared sources be sampled by the steps.
 * Every step ends with a row to read, or says why there is none.
 *
 * Invariants
 * 1. The AST, the plan and the columns live in the query's arena and end with it.
 * 2. The db's lock is held while catalog or settings are read, never while a source is waited for.
 * 3. A query that failed answers the same error for ever. */
#include "engine/engine.h"

#include "core/memory.h"
#include "parser/parser.h"

#include <string.h>

/* A waiting step looks this often whether somebody interrupts it (a signal handler may only set a
 * flag). Rows that come end the wait at once. */
enum { STEP_SLICE_US = 50000 };

/* RESULT_SHARE: which part of memory_limit rows may take that nobody has fetched yet. */
enum { QUEUE_BYTES_MAX = 512 << 20, RESULT_SHARE = 8 };

wr_planner
wr_engine_planner(weir_query *query, bool runs)
{
    weir_db *db = query->db;
    return (wr_planner){
        .arena = query->arena,
        .catalog = db->catalog,
        .secrets = db->secrets,
        .reveal = runs,
        .settings = query->is_job ? &query->job_settings : &db->settings,
        .sql = query->sql,
        .parameters = runs ? query->parameters : NULL,
        .parameter_count = query->parameter_count,
        .until_end = db->options.until_end != 0,
        .host_sources = db->options.host_sources != 0,
        .job = query->is_job,
        .now_us = wr_clock_wall_us(&db->clock),
    };
}

/* Plans what can be planned: WR_AGAIN while a source has to be learned. */
static wr_status
query_plan(weir_query *query, bool runs, wr_error *err)
{
    wr_planner planner = wr_engine_planner(query, runs);
    pthread_mutex_lock(&query->db->lock);
    wr_status status = query->sources
                           ? WR_OK
                           : wr_plan_find_sources(&planner, query->statement, &query->sources,
                                                  &query->source_count, err);
    if (status == WR_OK) {
        status = wr_plan_query(&planner, query->statement, query->sources, query->source_count,
                               &query->plan, err);
    }
    pthread_mutex_unlock(&query->db->lock);
    if (status == WR_OK) {
        wr_engine_query_columns(query, query->plan->result, query->plan->gutter_columns);
    }
    return status;
}

weir_query *
wr_engine_query_new(weir_db *db)
{
    weir_query *query = wr_alloc(sizeof *query);
    query->db = db;
    query->arena = wr_arena_new(0);
    query->schema.count = -1;
    pthread_mutex_init(&query->lock, NULL);
    wr_engine_result_init(&query->result);
    atomic_fetch_add(&db->users, 1);
    return query;
}

wr_status
wr_engine_query_set(weir_query *query, const wr_ast_statement *statement, wr_error *err)
{
    query->statement = statement;
    query->parameter_count = statement->parameter_count;
    query->parameter_names = WR_NEW_ARRAY(query->arena, wr_text, statement->parameter_count);
    query->parameters = WR_NEW_ARRAY(query->arena, wr_vector, statement->parameter_count);
    query->parameter_bound = WR_NEW_ARRAY(query->arena, bool, statement->parameter_count);
    for (int i = 0; i < statement->parameter_count; i++) {
        query->parameter_names[i] = statement->parameter_names[i];
        wr_vector_init_constant(&query->parameters[i], WR_TYPE(NULL), NULL, query->arena);
    }
    if (query->kind != WEIR_KIND_SELECT && query->kind != WEIR_KIND_INSERT) {
        wr_engine_query_columns(query, (wr_schema){NULL, 0}, 0);
        return WR_OK;
    }
    wr_status status = query_plan(query, false, err);
    return status == WR_AGAIN ? WR_OK : status;
}

static wr_status
query_prepare(weir_query *query, wr_text sql, size_t *consumed, wr_error *err)
{
    wr_ast_statement *statement = NULL;
    wr_status status = wr_parse_statement(query->arena, sql, consumed, &statement, err);
    if (status != WR_OK || !statement) {
        return status;
    }
    query->sql = wr_arena_text(query->arena, (wr_text){sql.data, *consumed});
    query->kind = wr_engine_statement_kind(statement);
    return wr_engine_query_set(query, statement, err);
}

int
weir_prepare(weir_db *db, const char *sql, ptrdiff_t size, weir_query **query, const char **tail,
             weir_error **err)
{
    if (!db || !sql || !query) {
        return wr_engine_misuse(NULL, err, "weir_prepare needs a database, a text and a place");
    }
    wr_text text = {sql, size < 0 ? strlen(sql) : (size_t)size};
    wr_error error;
    wr_error_clear(&error);
    size_t consumed = 0;
    weir_query *made = wr_engine_query_new(db);
    wr_status status = query_prepare(made, text, &consumed, &error);
    if (tail) {
        *tail = sql + consumed;
    }
    *query = NULL;
    if (status != WR_OK || !made->statement) {
        weir_query_free(made);
        return status == WR_OK ? WEIR_OK : wr_engine_fail(&error, err);
    }
    *query = made;
    return WEIR_OK;
}

int
weir_query_kind(const weir_query *query)
{
    return query ? (int)query->kind : WEIR_KIND_NONE;
}

int
weir_query_bounded(const weir_query *query)
{
    if (!query || query->kind == WEIR_KIND_DDL || query->kind == WEIR_KIND_TEXT) {
        return 1;
    }
    return query->plan ? query->plan->bounded : -1;
}

/* ── opening ────────────────────────────────────────────────────────────────────────────────── */

static wr_status
query_on_rows(void *context, const wr_batch *batch, wr_error *err)
{
    weir_query *query = context;
    return wr_engine_result_add(&query->result, batch, err);
}

static void
query_on_bad_row(void *context, const wr_plan_scan *scan, const wr_partition *partition,
                 const wr_bad_row *bad)
{
    weir_query *query = context;
    const weir_options *options = &query->db->options;
    if (!options->bad_row) {
        return;
    }
    wr_arena *scratch = wr_arena_new(4096);
    const char *source = wr_arena_strndup(scratch, scan->name.data, scan->name.size);
    const char *column = wr_arena_strndup(scratch, bad->column.data, bad->column.size);
    const char *name =
        partition ? wr_arena_strndup(scratch, partition->name.data, partition->name.size) : "";
    options->bad_row(options->bad_row_context, source, name, bad->origin.offset, bad->byte,
                     wr_reason_text(bad->reason), column, bad->record.data, bad->record.size);
    wr_arena_free(scratch);
}

static void
query_on_notice(void *context, const char *line)
{
    weir_query *query = context;
    if (query->db->options.log) {
        query->db->options.log(query->db->options.log_context, 0, line);
    }
}

/* What one Kafka source may fetch ahead: the limit is the query's, librdkafka's is a queue's. */
static int64_t
query_queue_bytes(const weir_query *query, int64_t limit_bytes)
{
    int queue_count = 0;
    for (int i = 0; i < query->source_count; i++) {
        queue_count += strcmp(query->sources[i].source->name, "kafka") == 0;
    }
    if (limit_bytes == 0) {
        int64_t share_bytes = wr_memory_machine_bytes() / 8;
        limit_bytes = share_bytes < QUEUE_BYTES_MAX ? share_bytes : QUEUE_BYTES_MAX;
    }
    return limit_bytes / (queue_count > 0 ? queue_count : 1);
}

static wr_pipeline_config
query_pipeline_config(weir_query *query)
{
    weir_db *db = query->db;
    pthread_mutex_lock(&db->lock);
    const wr_settings *settings = query->is_job ? &query->job_settings : &db->settings;
    wr_pipeline_config config = {
        .plan = query->plan,
        .query_arena = query->arena,
        .clock = &db->clock,
        .opened = query->opened,
        .hosts = query->hosts,
        .batch_rows = (int)settings->batch_rows,
        .batch_bytes = settings->batch_bytes,
        .batch_interval_us = settings->batch_interval_us,
        .vector_rows = db->options.vector_rows,
        .memory_bytes = db->options.spill_all ? -1 : settings->memory_limit,
        .queue_bytes = query_queue_bytes(query, settings->kafka_queue_limit),
        .on_rows = query_on_rows,
        .on_bad_row = query_on_bad_row,
        .on_notice = query_on_notice,
        .callback_context = query,
        .job = query->job ? &query->job->config : NULL,
    };
    query->result.limit_bytes = db->options.spill_all ? 0 : settings->memory_limit / RESULT_SHARE;
    pthread_mutex_unlock(&db->lock);
    return config;
}

/* Connects the query's host sources with the db's streams of these names. */
static void
query_find_hosts(weir_query *query)
{
    query->hosts = WR_NEW_ARRAY(query->arena, wr_host_stream *, query->source_count);
    pthread_mutex_lock(&query->db->lock);
    for (int i = 0; i < query->source_count; i++) {
        const wr_plan_source *source = &query->sources[i];
        if (strcmp(source->source->name, "host") == 0) {
            const wr_option *name = wr_options_find(source->options, "name");
            query->hosts[i] = wr_engine_host_get(query->db, name ? name->value : source->name);
        }
    }
    pthread_mutex_unlock(&query->db->lock);
}

/* Not if it was learned in an earlier run of the job, or reads what another source does. */
static bool
source_must_be_sampled(const wr_plan_source *source)
{
    bool is_learned = source->learned.format || source->learned.schema.count > 0;
    return source->needs_learning && !is_learned && source->same_as < 0;
}

static wr_status
query_open_samplers(weir_query *query, wr_error *err)
{
    wr_pipeline_config config = query_pipeline_config(query);
    query->samplers = WR_NEW_ARRAY(query->arena, wr_sampler *, query->source_count);
    query->opened = WR_NEW_ARRAY(query->arena, wr_opened_source, query->source_count);
    for (int i = 0; i < query->source_count; i++) {
        if (source_must_be_sampled(&query->sources[i])) {
            config.hosts = &query->hosts[i];
            WR_TRY(wr_sampler_open(&query->sources[i], query->arena, &query->db->clock, &config,
                                   &query->samplers[i], err));
        }
    }
    return WR_OK;
}

static wr_status
query_open_pipeline(weir_query *query, wr_error *err)
{
    wr_pipeline_config config = query_pipeline_config(query);
    if (query->plan->notice) {
        query_on_notice(query, query->plan->notice);
    }
    wr_pipeline *pipeline = NULL;
    WR_TRY(wr_pipeline_open(&config, &pipeline, err));
    pthread_mutex_lock(&query->lock);
    query->pipeline = pipeline;
    pthread_mutex_unlock(&query->lock);
    query->state = QUERY_RUNNING;
    return WR_OK;
}

/* Options that name secrets do not have their values yet. A job has found its sources at start. */
static void
query_forget_sources(weir_query *query)
{
    pthread_mutex_lock(&query->db->lock);
    if (wr_secrets_count(query->db->secrets) > 0 && !query->job) {
        query->sources = NULL;
        query->plan = NULL;
    }
    pthread_mutex_unlock(&query->db->lock);
}

wr_status
wr_engine_query_start(weir_query *query, wr_error *err)
{
    if (query->kind != WEIR_KIND_SELECT && query->kind != WEIR_KIND_INSERT) {
        query->state = QUERY_FINISHED;
        return wr_engine_statement_run(query, err);
    }
    WR_TRY(wr_engine_parameters_check(query, err));
    query_forget_sources(query);
    wr_status status = WR_OK;
    if (query->parameter_count > 0 || !query->plan || query->job) {
        status = query_plan(query, true, err);
    }
    if (status != WR_OK && status != WR_AGAIN) {
        return status;
    }
    query_find_hosts(query);
    if (status == WR_OK) {
        return query_open_pipeline(query, err);
    }
    query->state = QUERY_SAMPLING;
    return query_open_samplers(query, err);
}

int
weir_start(weir_query *query, const char *name, weir_error **err)
{
    if (!query) {
        return wr_engine_misuse(NULL, err, "weir_start needs a query");
    }
    if (query->state != QUERY_PREPARED) {
        return wr_engine_misuse(query, err, "the query was started already");
    }
    if (name) {
        weir_job_options options = {.size = sizeof options, .name = name};
        return weir_start_job(query, &options, err);
    }
    wr_error error;
    wr_error_clear(&error);
    wr_status status = wr_engine_query_start(query, &error);
    if (status != WR_OK) {
        query->state = QUERY_FAILED;
        return wr_engine_query_fail(query, &error, err);
    }
    return WEIR_OK;
}

/* ── stepping ───────────────────────────────────────────────────────────────────────────────── */

/* One turn of sampling; when all is learned, plans and opens the pipeline. */
static wr_status
query_sample(weir_query *query, int64_t wait_us, wr_error *err)
{
    bool learned = true;
    for (int i = 0; i < query->source_count; i++) {
        if (query->samplers[i] && !query->opened[i].source) {
            wr_status status = wr_sampler_step(query->samplers[i], wait_us, err);
            if (status == WR_AGAIN) {
                learned = false;
                continue;
            }
            WR_TRY(status);
            query->opened[i] = wr_sampler_take(query->samplers[i]);
        }
    }
    if (!learned) {
        return WR_AGAIN;
    }
    for (int i = 0; i < query->source_count; i++) {
        wr_plan_source *source = &query->sources[i];
        source->learned =
            source->same_as >= 0 ? query->sources[source->same_as].learned : source->learned;
    }
    WR_TRY(query_plan(query, true, err));
    return query_open_pipeline(query, err);
}

/* One turn in whatever state the query is: WR_OK (progress), WR_AGAIN (nothing came), WR_END. */
static wr_status
query_turn(weir_query *query, int64_t wait_us, wr_error *err)
{
    switch (query->state) {
    case QUERY_SAMPLING: return query_sample(query, wait_us, err);
    case QUERY_RUNNING: return wr_pipeline_step(query->pipeline, wait_us, err);
    case QUERY_PREPARED:
    case QUERY_FINISHED:
    case QUERY_FAILED: return WR_END;
    }
    return WR_END;
}

/* Works until a row is there, the time is over or the query has ended. */
static __attribute__((noinline)) int
query_step(weir_query *query, int timeout_ms)
{
    int64_t start_us = wr_clock_monotonic_us(NULL);
    for (;;) {
        if (atomic_exchange(&query->interrupted, false)) {
            return WEIR_INTERRUPT;
        }
        int64_t left_us = timeout_ms < 0 ? STEP_SLICE_US
                                         : start_us + (int64_t)timeout_ms * WR_US_PER_MS -
                                               wr_clock_monotonic_us(NULL);
        int64_t wait_us = left_us < 0 ? 0 : left_us < STEP_SLICE_US ? left_us : STEP_SLICE_US;
        wr_error error;
        wr_error_clear(&error);
        wr_status status = query_turn(query, wait_us, &error);
        if (status == WR_END) {
            query->state = QUERY_FINISHED;
            if (wr_engine_result_is_empty(&query->result)) {
                return WEIR_DONE;
            }
        } else if (status == WR_AGAIN || status == WR_OK) {
            if (wr_engine_result_is_empty(&query->result) && left_us <= 0) {
                return WEIR_AGAIN;
            }
        } else {
            query->state = QUERY_FAILED;
            return wr_engine_query_fail(query, &error, NULL);
        }
        if (wr_engine_result_next(&query->result)) {
            return WEIR_ROW;
        }
        if (query->result.failure.status != WR_OK) {
            query->state = QUERY_FAILED;
            return wr_engine_query_fail(query, &query->result.failure, NULL);
        }
    }
}

int
weir_step(weir_query *query, int timeout_ms)
{
    if (!query || query->state == QUERY_PREPARED) {
        return query ? wr_engine_misuse(query, NULL, "weir_step before weir_start") : WEIR_MISUSE;
    }
    if (query->state == QUERY_FAILED) {
        return wr_engine_code(query->failure.error.status);
    }
    /* A row that is there is handed out without a look at the clock, which takes longer. */
    return wr_engine_result_next(&query->result) ? WEIR_ROW : query_step(query, timeout_ms);
}

int
weir_stop(weir_query *query, int drain)
{
    if (!query || query->state == QUERY_PREPARED) {
        return query ? wr_engine_misuse(query, NULL, "weir_stop before weir_start") : WEIR_MISUSE;
    }
    if (query->state == QUERY_SAMPLING) {
        query->state = QUERY_FINISHED;
        return WEIR_OK;
    }
    if (query->state != QUERY_RUNNING) {
        return WEIR_OK;
    }
    wr_error error;
    wr_error_clear(&error);
    wr_status status = wr_pipeline_stop(query->pipeline, drain != 0, &error);
    if (status != WR_OK && status != WR_END) {
        query->state = QUERY_FAILED;
        return wr_engine_query_fail(query, &error, NULL);
    }
    return WEIR_OK;
}

void
weir_interrupt(weir_query *query)
{
    if (query) {
        atomic_store(&query->interrupted, true);
    }
}

static void
query_close_sources(weir_query *query)
{
    for (int i = 0; i < query->source_count; i++) {
        if (query->samplers && query->samplers[i]) {
            wr_sampler_close(query->samplers[i]);
        }
        if (!query->pipeline && query->opened && query->opened[i].source) {
            query->sources[i].source->close(query->opened[i].source);
            wr_arena_free(query->opened[i].arena);
        }
    }
}

void
weir_query_free(weir_query *query)
{
    if (!query) {
        return;
    }
    query_close_sources(query);
    if (query->pipeline) {
        wr_pipeline_close(query->pipeline);
    }
    wr_engine_job_close(query->job);
    wr_engine_query_columns_fini(query);
    wr_engine_result_fini(&query->result);
    pthread_mutex_destroy(&query->lock);
    atomic_fetch_sub(&query->db->users, 1);
    wr_arena_free(query->arena);
    wr_free(query);
}
