/* The database handle: what is declared, how it is set, and what time it is.
 *
 *     weir_db = catalog (streams, views) + secrets + settings + host streams + clock      one lock
 *
 * 1. Queries keep nothing of the catalog: dropping a stream harms no query that reads it.
 * 2. A manual clock (weir_options) stands still until it is set or advanced; it never goes back. */
#include "engine/engine.h"

#include "core/hash.h"
#include "core/memory.h"
#include "engine/state.h"

#include <string.h>

static pthread_once_t sources_once = PTHREAD_ONCE_INIT;

int
weir_open(const weir_options *options, weir_db **db, weir_error **err)
{
    if (!db) {
        return wr_engine_misuse(NULL, err, "weir_open needs a place for the database handle");
    }
    *db = NULL;
    pthread_once(&sources_once, wr_engine_state_sources);
    if (options && (options->size == 0 || options->size > sizeof *options)) {
        return wr_engine_misuse(NULL, err, "weir_options.size must be sizeof(weir_options)");
    }
    weir_db *made = wr_alloc(sizeof *made);
    if (options) {
        memcpy(&made->options, options, options->size);
    }
    pthread_mutex_init(&made->lock, NULL);
    made->clock.manual = made->options.manual_clock != 0;
    made->clock.wall_us = made->options.clock_us;
    made->catalog = wr_catalog_new();
    made->secrets = wr_secrets_new();
    wr_settings_init(&made->settings);
    wr_hash_set_zero(made->options.hash_zero != 0);
    *db = made;
    return WEIR_OK;
}

void
weir_close(weir_db *db)
{
    if (!db) {
        return;
    }
    for (engine_host *host = db->hosts, *next; host; host = next) {
        next = host->next;
        wr_host_stream_release(host->stream);
        wr_free(host->name);
        wr_free(host);
    }
    wr_catalog_free(db->catalog);
    wr_secrets_free(db->secrets);
    wr_engine_catalog_close(db);
    pthread_mutex_destroy(&db->lock);
    wr_free(db);
}

int
weir_clock_set(weir_db *db, int64_t wall_us)
{
    if (!db || !db->clock.manual || wall_us < db->clock.wall_us) {
        return WEIR_MISUSE;
    }
    db->clock.wall_us = wall_us;
    return WEIR_OK;
}

int
weir_clock_advance(weir_db *db, int64_t by_us)
{
    return db && by_us >= 0 ? weir_clock_set(db, db->clock.wall_us + by_us) : WEIR_MISUSE;
}

/* Steps a statement that is done at once to its end. */
static int
database_finish(weir_query *query, weir_error **err)
{
    if (weir_query_kind(query) != WEIR_KIND_DDL) {
        return wr_engine_misuse(NULL, err,
                                "weir_exec takes statements that give no rows and end at once; "
                                "use weir_prepare for queries, SHOW and EXPLAIN");
    }
    return weir_start(query, NULL, err);
}

int
weir_exec(weir_db *db, const char *sql, weir_error **err)
{
    if (!db || !sql) {
        return wr_engine_misuse(NULL, err, "weir_exec needs a database and a text");
    }
    for (const char *tail = sql;;) {
        weir_query *query = NULL;
        const char *start = tail;
        int rc = weir_prepare(db, start, -1, &query, &tail, err);
        if (rc == WEIR_OK && !query) {
            return WEIR_OK;
        }
        if (rc == WEIR_OK) {
            rc = database_finish(query, err);
        }
        weir_query_free(query);
        if (rc != WEIR_OK) {
            if (err && *err && (*err)->error.position >= 0) {
                (*err)->error.position += (int)(start - sql);
            }
            return rc;
        }
    }
}

int
weir_set(weir_db *db, const char *name, const char *value, weir_error **err)
{
    if (!db || !name || !value) {
        return wr_engine_misuse(NULL, err, "weir_set needs a database, a name and a value");
    }
    wr_error error;
    wr_error_clear(&error);
    pthread_mutex_lock(&db->lock);
    wr_status status =
        wr_settings_set(&db->settings, wr_text_from(name), wr_text_from(value), &error);
    pthread_mutex_unlock(&db->lock);
    return status == WR_OK ? WEIR_OK : wr_engine_fail(&error, err);
}

const char *
weir_version(void)
{
    return WEIR_VERSION;
}

void
weir_free(void *memory)
{
    wr_free(memory);
}
