/* Statements about jobs that need no running job: they read its state, as anybody may.
 *
 *   SAVEPOINT j TO 'f'         the state as of the last checkpoint, as one file
 *   FORK JOB j AS k FROM 'f'   a savepoint becomes the state of another job, which wrote nothing
 *   EXPLAIN UPGRADE j AS …     could this query go on with j's state? operator by operator
 *
 *     unchanged    it means the same and reads the same
 *     compatible   its state fits; what stands above it or which columns it reads has changed
 *     rebuild      its state means something else: only a new job can begin it anew
 *     refuse       what is read has changed: positions in it would mean nothing
 *
 * 1. A job is found by its name, in its default state directory. */
#include "engine/engine.h"

#include "engine/text_result.h"
#include "exec/state/identity.h"

#include <string.h>

wr_status
wr_engine_job_dir_of(weir_query *query, const wr_ast_name *name, const char **dir, wr_error *err)
{
    const char *text = wr_arena_strndup(query->arena, name->text.data, name->text.size);
    *dir = wr_engine_job_dir(query->arena, text);
    return *dir ? WR_OK
                : wr_error_set(err, WR_ERR_RUNTIME, "E0906",
                               "no HOME to look for the state of \"%s\" in", text);
}

static wr_status
job_open(weir_query *query, const wr_ast_name *name, wr_store **store, wr_error *err)
{
    wr_store_config config = {.job_name = name->text, .read_only = true};
    WR_TRY(wr_engine_job_dir_of(query, name, &config.dir, err));
    wr_status status = wr_store_open(&config, store, err);
    if (status != WR_OK && err) {
        wr_error_at(err, name->span.position, name->span.length);
    }
    return status;
}

wr_status
wr_engine_savepoint(weir_query *query, wr_error *err)
{
    wr_text file = query->statement->u.savepoint.file;
    wr_store *store = NULL;
    WR_TRY(job_open(query, &query->statement->u.savepoint.job, &store, err));
    wr_status status =
        wr_store_savepoint(store, wr_arena_strndup(query->arena, file.data, file.size), err);
    wr_store_close(store);
    return status;
}

wr_status
wr_engine_fork(weir_query *query, wr_error *err)
{
    const wr_ast_statement *statement = query->statement;
    wr_text file = statement->u.fork.file, name = statement->u.fork.as.text;
    const char *dir = NULL;
    WR_TRY(wr_engine_job_dir_of(query, &statement->u.fork.as, &dir, err));
    return wr_store_restore(dir, wr_arena_strndup(query->arena, file.data, file.size),
                            wr_arena_strndup(query->arena, name.data, name.size), err);
}

/* ── EXPLAIN UPGRADE ────────────────────────────────────────────────────────────────────────── */

static const wr_operator_state *
state_of(const wr_store_job *past, wr_text name)
{
    for (int i = 0; i < past->operator_count; i++) {
        if (wr_text_equal(past->operators[i].name, name)) {
            return &past->operators[i];
        }
    }
    return NULL;
}

static void
verdict_add(text_result *result, wr_arena *arena, const wr_state_name *now,
            const wr_operator_state *was)
{
    wr_text row[3] = {now->name, WR_TEXT("unchanged"), now->description};
    bool is_scan = now->node->kind == WR_PLAN_SCAN;
    if (!was) {
        row[1] = WR_TEXT("rebuild");
        row[2] = wr_arena_printf(arena, "the state has none; it is: %.*s",
                                 WR_TEXT_ARG(now->description));
    } else if (!wr_text_equal(was->fingerprint, now->fingerprint)) {
        row[1] = is_scan ? WR_TEXT("refuse") : WR_TEXT("rebuild");
        row[2] = wr_arena_printf(arena, "it was: %.*s; it is: %.*s", WR_TEXT_ARG(was->description),
                                 WR_TEXT_ARG(now->description));
    } else if (!wr_text_equal(was->description, now->description)) {
        row[1] = WR_TEXT("compatible");
    }
    wr_text_result_add(result, row);
}

static void
verdicts_add(text_result *result, wr_arena *arena, const wr_plan *plan, const wr_store_job *past)
{
    int count = 0;
    const wr_state_name *names = wr_state_names(plan, arena, &count);
    for (int i = 0; i < count; i++) {
        verdict_add(result, arena, &names[i], state_of(past, names[i].name));
    }
    for (int i = 0; i < past->operator_count; i++) {
        bool is_there = false;
        for (int k = 0; k < count; k++) {
            is_there = is_there || wr_text_equal(names[k].name, past->operators[i].name);
        }
        if (!is_there) {
            wr_text row[3] = {past->operators[i].name, WR_TEXT("refuse"),
                              wr_arena_printf(arena, "the query has none; it was: %.*s",
                                              WR_TEXT_ARG(past->operators[i].description))};
            wr_text_result_add(result, row);
        }
    }
}

static wr_status
upgrade_plan(weir_query *query, const wr_store_job *past, wr_plan **plan, wr_error *err)
{
    query->is_job = true;
    query->job_settings = query->db->settings;
    wr_planner planner = wr_engine_planner(query, false);
    const wr_ast_statement *inner = query->statement->u.explain.statement;
    WR_TRY(wr_plan_find_sources(&planner, inner, &query->sources, &query->source_count, err));
    WR_TRY(wr_engine_job_recall(query, past, err));
    wr_status status =
        wr_plan_query(&planner, inner, query->sources, query->source_count, plan, err);
    return status != WR_AGAIN
               ? status
               : wr_error_set(err, WR_ERR_SQL, "E0912",
                              "the query reads a source whose columns the state does not know");
}

wr_status
wr_engine_explain_upgrade(weir_query *query, wr_error *err)
{
    static const char *const names[] = {"operator", "verdict", "detail"};
    wr_store *store = NULL;
    wr_plan *plan = NULL;
    WR_TRY(job_open(query, &query->statement->u.explain.job, &store, err));
    const wr_store_job *past = wr_store_job_of(store);
    wr_status status = upgrade_plan(query, past, &plan, err);
    if (status == WR_OK) {
        text_result result;
        wr_text_result_init(&result, query, 3, names);
        verdicts_add(&result, query->arena, plan, past);
        wr_text_result_finish(&result);
    }
    wr_store_close(store);
    return status;
}
