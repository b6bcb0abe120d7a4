/* REPLAY DEAD LETTERS job [WHERE e]: marks dead letters, which the job reads again when it starts
 * next (exec/job_replay.c).
 *
 *   REPLAY DEAD LETTERS j WHERE reason = 'cannot be cast'
 *   └▶ SELECT id FROM weir_dead_letters('…/j') WHERE reason = 'cannot be cast'   ids 7, 9, 12
 *   └▶ marked 2: records of a source; left 1: a result, of which nobody knows the records
 *
 * 1. The state is locked from before the letters are chosen until they are marked: the job does not
 *    run meanwhile.
 * 2. Positions of errors refer to the statement. */
#include "engine/engine.h"

#include "engine/text_result.h"

#include <string.h>

/* The text of the query that chooses letters, and where its condition begins. */
static size_t
choice_write(const weir_query *query, const char *dir, wr_buffer *sql)
{
    const wr_ast_expr *where = query->statement->u.replay.where;
    wr_buffer_text(sql, WR_TEXT("SELECT id FROM weir_dead_letters('"));
    for (const char *at = dir; *at; at++) {
        wr_buffer_text(sql, *at == '\'' ? WR_TEXT("''") : (wr_text){at, 1});
    }
    wr_buffer_text(sql, WR_TEXT("')"));
    if (!where) {
        return sql->size;
    }
    wr_buffer_text(sql, WR_TEXT(" WHERE "));
    size_t start = sql->size;
    const char *text = query->sql.data + where->span.position;
    wr_buffer_append(sql, text, (size_t)where->span.length);
    return start;
}

static int
choice_run(weir_db *db, const wr_buffer *sql, weir_query **choice, wr_buffer *ids,
           weir_error **failure)
{
    int rc = weir_prepare(db, sql->data, (ptrdiff_t)sql->size, choice, NULL, failure);
    rc = rc == WEIR_OK ? weir_start(*choice, NULL, failure) : rc;
    if (rc != WEIR_OK) {
        return rc;
    }
    while ((rc = weir_step(*choice, -1)) == WEIR_ROW) {
        int64_t id = weir_column_int64(*choice, 0);
        wr_buffer_append(ids, (const char *)&id, sizeof(id));
    }
    return rc;
}

/* The ids of the letters that the statement means. */
static wr_status
letters_choose(weir_query *query, const char *dir, wr_buffer *ids, wr_error *err)
{
    weir_query *choice = NULL;
    weir_error *failure = NULL;
    wr_buffer sql;
    wr_buffer_init(&sql);
    size_t start = choice_write(query, dir, &sql);
    int rc = choice_run(query->db, &sql, &choice, ids, &failure);
    const weir_error *found = failure ? failure : weir_query_error(choice);
    wr_status status = WR_OK;
    if (rc != WEIR_DONE) {
        *err = found->error;
        bool is_ours = err->position >= (int)start && query->statement->u.replay.where;
        err->position =
            is_ours ? err->position - (int)start + query->statement->u.replay.where->span.position
                    : query->statement->span.position;
        status = err->status;
    }
    weir_error_free(failure);
    weir_query_free(choice);
    wr_buffer_fini(&sql);
    return status;
}

static wr_status
job_goes_on(const wr_store *store, const wr_ast_name *name, wr_error *err)
{
    if (!wr_store_job_of(store)->finished) {
        return WR_OK;
    }
    wr_error_set(err, WR_ERR_STATE, "E0914", "the job \"%.*s\" is over: it takes no more rows",
                 WR_TEXT_ARG(name->text));
    wr_error_hint(err, "Only a job whose input goes on (a topic, follow = 'true') replays.");
    wr_error_at(err, name->span.position, name->span.length);
    return WR_ERR_STATE;
}

static void
replay_tell(weir_query *query, int marked, int left)
{
    static const char *const names[] = {"marked", "left"};
    text_result result;
    wr_text_result_init(&result, query, 2, names);
    const wr_text row[] = {wr_arena_printf(query->arena, "%d", marked),
                           wr_arena_printf(query->arena, "%d", left)};
    wr_text_result_add(&result, row);
    wr_text_result_finish(&result);
}

static wr_status
replay_mark(weir_query *query, wr_store *store, const char *dir, wr_error *err)
{
    wr_buffer ids;
    int marked = 0, left = 0;
    WR_TRY(job_goes_on(store, &query->statement->u.replay.job, err));
    wr_buffer_init(&ids);
    wr_status status = letters_choose(query, dir, &ids, err);
    if (status == WR_OK) {
        int count = (int)(ids.size / sizeof(int64_t));
        int64_t *chosen = WR_NEW_ARRAY(query->arena, int64_t, count + 1);
        if (count > 0) {
            memcpy(chosen, ids.data, ids.size);
        }
        status = wr_store_mark_replay(store, chosen, count, &marked, &left, err);
    }
    wr_buffer_fini(&ids);
    if (status == WR_OK) {
        replay_tell(query, marked, left);
    }
    return status;
}

wr_status
wr_engine_replay(weir_query *query, wr_error *err)
{
    const wr_ast_name *name = &query->statement->u.replay.job;
    wr_store_config config = {.job_name = name->text};
    wr_store *store = NULL;
    WR_TRY(wr_engine_job_dir_of(query, name, &config.dir, err));
    wr_status status = wr_store_open(&config, &store, err);
    if (status != WR_OK) {
        wr_error_at(err, name->span.position, name->span.length);
        return status;
    }
    status = replay_mark(query, store, config.dir, err);
    wr_store_close(store);
    return status;
}
