/* Jobs: queries with a name and a state directory.
 *
 *   weir_prepare_job   script ─▶ declarations and SET at once; its INSERTs ─▶ one query, one plan
 *   weir_start_job     name ─▶ directory ─▶ store (locked, verified) ─▶ what was learned ─▶ plan
 *                      ─▶ pipeline, which goes on where the store says
 *
 * 1. Positions of errors refer to the whole script: a statement is parsed where it stands, what
 *    stood before it is blanked.
 * 2. A job's settings are those of the database when it starts, and over them its own WITH.
 * 3. The store outlives the pipeline: the last checkpoint is written while it closes. */
#include "engine/engine.h"

#include "core/memory.h"
#include "exec/scan_state.h"
#include "exec/state/checkpoint.h"
#include "parser/parser.h"

#include <stdlib.h>
#include <string.h>

enum { JOB_NAME_MAX = 64, JOB_OUTBOX_BYTES = 64 << 20 };

/* ── the script ─────────────────────────────────────────────────────────────────────────────── */

/* The job of a script while it is read. */
typedef struct job_script {
    weir_query *query;
    char *text; /* the script; what was read is blank */
    size_t size;
    wr_ast_insert *inserts;
    int insert_count, insert_capacity;
    const wr_ast_statement *declared; /* CREATE JOB; NULL: none */
    const wr_ast_statement *first;
} job_script;

static wr_status
script_error(const wr_ast_statement *statement, const char *message, const char *hint,
             wr_error *err)
{
    wr_error_set(err, WR_ERR_SQL, "E0913", "%s", message);
    wr_error_hint(err, "%s", hint);
    wr_error_at(err, statement->span.position, statement->span.length);
    return WR_ERR_SQL;
}

static void
script_add_inserts(job_script *script, const wr_ast_insert *inserts, int count)
{
    wr_arena *arena = script->query->arena;
    if (script->insert_count + count > script->insert_capacity) {
        script->insert_capacity = 2 * script->insert_capacity + count;
        wr_ast_insert *grown = WR_NEW_ARRAY(arena, wr_ast_insert, script->insert_capacity);
        if (script->insert_count > 0) {
            memcpy(grown, script->inserts, (size_t)script->insert_count * sizeof *grown);
        }
        script->inserts = grown;
    }
    memcpy(script->inserts + script->insert_count, inserts, (size_t)count * sizeof *inserts);
    script->insert_count += count;
}

static wr_status
script_add_job(job_script *script, const wr_ast_statement *statement, wr_error *err)
{
    if (script->declared || script->insert_count > 0) {
        return script_error(statement, "a file is one job, and this one has another already",
                            "several INSERTs of one job stand in BEGIN … END", err);
    }
    script->declared = statement;
    wr_text name = statement->u.job->name.text;
    script->query->job_name = wr_arena_strndup(script->query->arena, name.data, name.size);
    script_add_inserts(script, statement->u.job->inserts, statement->u.job->insert_count);
    return WR_OK;
}

/* A declaration or SET, which takes effect at once. */
static wr_status
script_declare(job_script *script, size_t start, size_t end, wr_error *err)
{
    weir_query *query = NULL;
    weir_error *failure = NULL;
    int rc = weir_prepare(script->query->db, script->text + start, (ptrdiff_t)(end - start),
                          &query, NULL, &failure);
    rc = rc == WEIR_OK ? weir_start(query, NULL, &failure) : rc;
    weir_query_free(query);
    if (rc == WEIR_OK) {
        return WR_OK;
    }
    *err = failure->error;
    err->position += err->position >= 0 ? (int)start : 0;
    weir_error_free(failure);
    return err->status;
}

static wr_status
script_take(job_script *script, const wr_ast_statement *statement, size_t start, size_t end,
            wr_error *err)
{
    script->first = script->first ? script->first : statement;
    if (statement->kind == WR_AST_STATEMENT_CREATE_JOB) {
        return script_add_job(script, statement, err);
    }
    weir_kind kind = wr_engine_statement_kind(statement);
    if (kind == WEIR_KIND_DDL) {
        return script_declare(script, start, end, err);
    }
    if (kind != WEIR_KIND_INSERT) {
        return script_error(statement, "a job has nobody to show rows to",
                            "say where they go: INSERT INTO … SELECT …", err);
    }
    if (script->declared) {
        return script_error(statement, "this INSERT stands outside of the file's CREATE JOB",
                            "put it between BEGIN and END of the job", err);
    }
    if (statement->parameter_count > 0) {
        return script_error(statement, "a job has nobody to give values to its parameters",
                            "write the value, or ${name} and -v name=value", err);
    }
    script_add_inserts(script, statement->u.insert, 1);
    return WR_OK;
}

static wr_status
script_read(job_script *script, wr_error *err)
{
    for (size_t at = 0; at < script->size;) {
        wr_ast_statement *statement = NULL;
        size_t end = 0;
        WR_TRY(wr_parse_statement(script->query->arena, (wr_text){script->text, script->size},
                                  &end, &statement, err));
        if (!statement) {
            break;
        }
        WR_TRY(script_take(script, statement, at, end, err));
        memset(script->text + at, ' ', end - at);
        at = end;
    }
    if (script->insert_count > 0) {
        return WR_OK;
    }
    wr_error_set(err, WR_ERR_SQL, "E0913", "the file has no INSERT: there is nothing to run");
    wr_error_hint(err, "INSERT INTO kafka('out') SELECT … FROM kafka('in') …");
    return WR_ERR_SQL;
}

/* ── settings ───────────────────────────────────────────────────────────────────────────────── */

static wr_status
job_set(weir_query *query, const wr_ast_option *option, wr_error *err)
{
    wr_text value;
    if (wr_text_equal_nocase(option->name.text, WR_TEXT("state_ttl"))) {
        wr_error_set(err, WR_ERR_SQL, "E0501", "state_ttl is not supported yet");
        wr_error_at(err, option->name.span.position, option->name.span.length);
        return WR_ERR_SQL;
    }
    WR_TRY(wr_engine_setting_value(option->value, &value, query->arena, err));
    wr_status status = wr_settings_set(&query->job_settings, option->name.text, value, err);
    if (status != WR_OK && err) {
        bool is_name = strcmp(err->code, "E0206") == 0;
        wr_span span = is_name ? option->name.span : option->value->span;
        wr_error_at(err, span.position, span.length);
    }
    return status;
}

static wr_status
job_take_settings(weir_query *query, wr_error *err)
{
    pthread_mutex_lock(&query->db->lock);
    query->job_settings = query->db->settings;
    pthread_mutex_unlock(&query->db->lock);
    const wr_ast_statement *statement = query->statement;
    bool has_options = statement && statement->kind == WR_AST_STATEMENT_CREATE_JOB;
    for (int i = 0; has_options && i < statement->u.job->option_count; i++) {
        WR_TRY(job_set(query, &statement->u.job->options[i], err));
    }
    return WR_OK;
}

/* ── preparing ──────────────────────────────────────────────────────────────────────────────── */

static const wr_ast_statement *
script_statement(const job_script *script)
{
    wr_arena *arena = script->query->arena;
    wr_ast_statement *statement = WR_NEW(arena, wr_ast_statement);
    wr_ast_job *job = WR_NEW(arena, wr_ast_job);
    *statement = script->declared ? *script->declared : *script->first;
    *job = script->declared ? *script->declared->u.job : (wr_ast_job){0};
    job->inserts = script->inserts;
    job->insert_count = script->insert_count;
    statement->kind = WR_AST_STATEMENT_CREATE_JOB;
    statement->u.job = job;
    statement->parameter_count = 0;
    return statement;
}

static wr_status
job_prepare(weir_query *query, wr_text sql, wr_error *err)
{
    query->sql = wr_arena_text(query->arena, sql);
    query->is_job = true;
    query->kind = WEIR_KIND_INSERT;
    job_script script = {.query = query,
                         .text = wr_arena_strndup(query->arena, sql.data, sql.size),
                         .size = sql.size};
    WR_TRY(script_read(&script, err));
    query->statement = script_statement(&script);
    WR_TRY(job_take_settings(query, err));
    return wr_engine_query_set(query, query->statement, err);
}

int
weir_prepare_job(weir_db *db, const char *sql, ptrdiff_t size, weir_query **query,
                 weir_error **err)
{
    if (!db || !sql || !query) {
        return wr_engine_misuse(NULL, err, "weir_prepare_job needs a database, a text and a place");
    }
    wr_error error;
    wr_error_clear(&error);
    weir_query *made = wr_engine_query_new(db);
    wr_status status =
        job_prepare(made, (wr_text){sql, size < 0 ? strlen(sql) : (size_t)size}, &error);
    *query = NULL;
    if (status != WR_OK) {
        weir_query_free(made);
        return wr_engine_fail(&error, err);
    }
    *query = made;
    return WEIR_OK;
}

const char *
weir_job_name(const weir_query *query)
{
    return query ? query->job_name : NULL;
}

/* ── starting ───────────────────────────────────────────────────────────────────────────────── */

bool
wr_engine_job_name_is_valid(const char *name)
{
    size_t size = strlen(name);
    return size > 0 && size <= JOB_NAME_MAX &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == size;
}

/* $XDG_STATE_HOME/weir/jobs/NAME, else ~/.local/state/weir/jobs/NAME; NULL: no home. */
const char *
wr_engine_job_dir(wr_arena *arena, const char *name)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (state && state[0] == '/') {
        return wr_arena_printf(arena, "%s/weir/jobs/%s", state, name).data;
    }
    return home && home[0] == '/'
               ? wr_arena_printf(arena, "%s/.local/state/weir/jobs/%s", home, name).data
               : NULL;
}

static wr_status
job_open_store(weir_query *query, const weir_job_options *options, wr_error *err)
{
    engine_job *job = query->job;
    if (options->restore) {
        WR_TRY(wr_store_restore(job->dir, options->restore, NULL, err));
    }
    wr_store_config config = {.dir = job->dir,
                              .job_name = wr_text_from(job->name),
                              .sql = wr_secrets_hide(query->arena, query->sql),
                              .create = true,
                              .hold_bytes = query->job_settings.memory_limit};
    WR_TRY(wr_store_open(&config, &job->store, err));
    WR_TRY(wr_engine_catalog_of_job(query->db, job->dir, job->store, err));
    job->uuid = wr_arena_text(query->arena, wr_store_job_of(job->store)->uuid);
    return WR_OK;
}

static wr_status
job_find_sources(weir_query *query, wr_error *err)
{
    wr_planner planner = wr_engine_planner(query, true);
    pthread_mutex_lock(&query->db->lock);
    wr_status status = wr_plan_find_sources(&planner, query->statement, &query->sources,
                                            &query->source_count, err);
    pthread_mutex_unlock(&query->db->lock);
    return status;
}

wr_status
wr_engine_job_recall(weir_query *query, const wr_store_job *past, wr_error *err)
{
    for (int i = 0; i < past->operator_count; i++) {
        int source = 0;
        wr_learned learned;
        bool is_learned = false;
        if (!wr_text_starts_with(past->operators[i].name, WR_TEXT("scan "))) {
            continue;
        }
        WR_TRY(wr_scan_learned(past->operators[i].meta, query->arena, &source, &learned,
                               &is_learned, err));
        if (is_learned && source >= 0 && source < query->source_count) {
            query->sources[source].learned = learned;
        }
    }
    return WR_OK;
}

static wr_status
job_start(weir_query *query, const weir_job_options *options, wr_error *err)
{
    query->is_job = true;
    WR_TRY(job_take_settings(query, err));
    WR_TRY(job_open_store(query, options, err));
    WR_TRY(job_find_sources(query, err));
    WR_TRY(wr_engine_job_recall(query, wr_store_job_of(query->job->store), err));
    int guarantee = query->job_settings.guarantee;
    query->job->config = (wr_pipeline_job){
        .name = wr_text_from(query->job->name),
        .store = query->job->store,
        .checkpoint_interval_us = query->job_settings.checkpoint_interval_us,
        .outbox_bytes = query->db->options.spill_all ? 1 : JOB_OUTBOX_BYTES,
        .guarantee = guarantee < 0 ? WR_GUARANTEE_EXACTLY_ONCE : (wr_guarantee)guarantee,
        .dead_letters_max = query->job_settings.dead_letters_max,
        .sink_ahead = (enum wr_sink_ahead)options->sink_ahead,
        .drain = options->drain != 0};
    return wr_engine_query_start(query, err);
}

int
weir_start_job(weir_query *query, const weir_job_options *given, weir_error **err)
{
    weir_job_options options = {.size = sizeof options};
    if (!query || !given || given->size == 0 || given->size > sizeof options) {
        return wr_engine_misuse(query, err, "weir_start_job needs a query and its options");
    }
    memcpy(&options, given, given->size);
    if (query->state != QUERY_PREPARED) {
        return wr_engine_misuse(query, err, "the query was started already");
    }
    if (query->kind != WEIR_KIND_SELECT && query->kind != WEIR_KIND_INSERT) {
        return wr_engine_misuse(query, err, "a job is a SELECT or INSERT");
    }
    const char *name = options.name ? options.name : query->job_name;
    if (!name || !wr_engine_job_name_is_valid(name)) {
        return wr_engine_misuse(query, err,
                                "a job's name has 1 to 64 letters, digits, _ and - (no others)");
    }
    if (options.sink_ahead < WR_AHEAD_REFUSE || options.sink_ahead > WR_AHEAD_SKIP) {
        return wr_engine_misuse(query, err, "weir_job_options.sink_ahead is 0, 1 or 2");
    }
    engine_job *job = WR_NEW(query->arena, engine_job);
    job->name = wr_arena_strndup(query->arena, name, strlen(name));
    job->dir = options.state_dir
                   ? wr_arena_strndup(query->arena, options.state_dir, strlen(options.state_dir))
                   : wr_engine_job_dir(query->arena, job->name);
    if (!job->dir) {
        return wr_engine_misuse(query, err, "no state directory: neither given nor a HOME");
    }
    query->job = job;
    wr_error error;
    wr_error_clear(&error);
    if (job_start(query, &options, &error) != WR_OK) {
        query->state = QUERY_FAILED;
        return wr_engine_query_fail(query, &error, err);
    }
    return WEIR_OK;
}

void
wr_engine_job_close(engine_job *job)
{
    if (job) {
        wr_store_close(job->store);
        job->store = NULL;
    }
}

/* ── checkpoints, from any thread ───────────────────────────────────────────────────────────── */

static wr_checkpoint *
job_checkpoint(weir_query *query)
{
    pthread_mutex_lock(&query->lock);
    wr_checkpoint *checkpoint =
        query->pipeline ? wr_pipeline_checkpoint(query->pipeline) : NULL;
    pthread_mutex_unlock(&query->lock);
    return checkpoint;
}

int64_t
weir_checkpoint(weir_query *query)
{
    wr_checkpoint *checkpoint = query ? job_checkpoint(query) : NULL;
    return checkpoint ? wr_checkpoint_request(checkpoint) : WEIR_MISUSE;
}

int
weir_checkpoint_done(weir_query *query, int64_t number)
{
    wr_checkpoint *checkpoint = query ? job_checkpoint(query) : NULL;
    return checkpoint && wr_checkpoint_done(checkpoint, number);
}

int
weir_savepoint(weir_query *query, const char *file, weir_error **err)
{
    wr_checkpoint *checkpoint = query ? job_checkpoint(query) : NULL;
    if (!checkpoint || !file) {
        return wr_engine_misuse(NULL, err, "weir_savepoint needs a running job and a file");
    }
    wr_error error;
    wr_error_clear(&error);
    wr_status status = wr_checkpoint_savepoint(checkpoint, file, &error);
    return status == WR_OK ? WEIR_OK : wr_engine_fail(&error, err);
}
