/* Host streams from the program's side: values are gathered until the row ends, then pushed.
 *
 *     put_text(s, "a")  put_double(s, 1.5)  row_end(s)     →  one row of the queue in connectors/
 *     push(s, "{…}", n, …)                                 →  one message, decoded by the format
 *
 * 1. A row that is refused is forgotten, and the next one begins clean; a row for which there is no
 *    room (WEIR_BUSY) is kept, and row_end may be called again. */
#include "engine/engine.h"

#include "core/memory.h"

#include <string.h>

struct weir_stream {
    weir_db *db;
    wr_host_stream *host;
    wr_arena *arena; /* texts of the row that is being put */
    wr_cell *cells;
    int cell_count, cell_capacity;
    wr_error failure;
};

/* Gives the stream the columns that CREATE STREAM declared for its name, if it did. */
static void
stream_declare(weir_stream *stream, wr_text name)
{
    weir_db *db = stream->db;
    const wr_catalog_entry *entry = wr_catalog_find(db->catalog, name);
    if (!entry || entry->kind == WR_CATALOG_VIEW || wr_host_stream_declared(stream->host)) {
        return;
    }
    wr_planner planner = {.arena = stream->arena,
                          .catalog = db->catalog,
                          .settings = &db->settings,
                          .sql = entry->sql,
                          .now_us = wr_clock_wall_us(&db->clock)};
    wr_schema schema = {NULL, 0};
    wr_error err;
    if (wr_plan_delivered(&planner, entry, &schema, &err) == WR_OK && schema.count > 0) {
        (void)wr_host_stream_declare(stream->host, &schema);
    }
}

wr_host_stream *
wr_engine_host_get(weir_db *db, wr_text name)
{
    for (engine_host *host = db->hosts; host; host = host->next) {
        if (wr_text_equal_nocase(wr_text_from(host->name), name)) {
            return host->stream;
        }
    }
    engine_host *made = wr_alloc(sizeof *made);
    made->name = wr_strndup(name.data, name.size);
    made->stream = wr_host_stream_new(name, 0, &db->clock);
    made->next = db->hosts;
    db->hosts = made;
    return made->stream;
}

int
weir_stream_open(weir_db *db, const char *name, weir_stream **stream, weir_error **err)
{
    if (!db || !name || !name[0] || !stream) {
        return wr_engine_misuse(NULL, err, "weir_stream_open needs a database, a name and a place");
    }
    weir_stream *made = wr_alloc(sizeof *made);
    made->db = db;
    made->arena = wr_arena_new(0);
    pthread_mutex_lock(&db->lock);
    made->host = wr_host_stream_retain(wr_engine_host_get(db, wr_text_from(name)));
    stream_declare(made, wr_text_from(name));
    pthread_mutex_unlock(&db->lock);
    atomic_fetch_add(&db->users, 1);
    *stream = made;
    return WEIR_OK;
}

void
weir_stream_close(weir_stream *stream)
{
    if (!stream) {
        return;
    }
    wr_host_stream_release(stream->host);
    wr_arena_free(stream->arena);
    wr_free(stream->cells);
    atomic_fetch_sub(&stream->db->users, 1);
    wr_free(stream);
}

static int
stream_put(weir_stream *stream, wr_cell cell)
{
    if (!stream) {
        return WEIR_MISUSE;
    }
    stream->cells = wr_grow(stream->cells, stream->cell_count, &stream->cell_capacity,
                            sizeof *stream->cells);
    stream->cells[stream->cell_count++] = cell;
    return WEIR_OK;
}

int
weir_put_null(weir_stream *stream)
{
    return stream_put(stream, (wr_cell){.type = WR_TYPE_NULL});
}

int
weir_put_bool(weir_stream *stream, int value)
{
    return stream_put(stream, (wr_cell){.type = WR_TYPE_BOOLEAN, .value.boolean = value != 0});
}

int
weir_put_int64(weir_stream *stream, int64_t value)
{
    return stream_put(stream, (wr_cell){.type = WR_TYPE_BIGINT, .value.bigint = value});
}

int
weir_put_double(weir_stream *stream, double value)
{
    return stream_put(stream, (wr_cell){.type = WR_TYPE_DOUBLE, .value.dbl = value});
}

int
weir_put_timestamp(weir_stream *stream, int64_t us)
{
    return stream_put(stream, (wr_cell){.type = WR_TYPE_TIMESTAMP, .value.bigint = us});
}

int
weir_put_text(weir_stream *stream, const char *text, ptrdiff_t size)
{
    if (!stream || !text) {
        return weir_put_null(stream);
    }
    wr_text bytes = {text, size < 0 ? strlen(text) : (size_t)size};
    return stream_put(
        stream, (wr_cell){.type = WR_TYPE_TEXT, .value.text = wr_arena_text(stream->arena, bytes)});
}

int
weir_put_blob(weir_stream *stream, const void *data, size_t size)
{
    if (!stream || !data) {
        return weir_put_null(stream);
    }
    wr_text bytes = wr_arena_text(stream->arena, (wr_text){data, size});
    return stream_put(stream, (wr_cell){.type = WR_TYPE_BYTES, .value.text = bytes});
}

/* OK, BUSY, or the error's code, remembered. */
static int
stream_answer(weir_stream *stream, wr_status status, const wr_error *err)
{
    if (status == WR_AGAIN) {
        return WEIR_BUSY;
    }
    if (status != WR_OK) {
        stream->failure = *err;
    }
    return wr_engine_code(status);
}

int
weir_row_end(weir_stream *stream)
{
    if (!stream) {
        return WEIR_MISUSE;
    }
    wr_error err;
    wr_error_clear(&err);
    wr_status status =
        wr_host_push_row(stream->host, stream->cells, stream->cell_count, 0, WR_TIME_NONE, &err);
    if (status != WR_AGAIN) { /* a row that is refused is forgotten, one that waits is kept */
        stream->cell_count = 0;
        wr_arena_reset(stream->arena);
    }
    return stream_answer(stream, status, &err);
}

int
weir_push(weir_stream *stream, const void *data, size_t size, const void *key, size_t key_size,
          int64_t timestamp_us, int partition)
{
    if (!stream) {
        return WEIR_MISUSE;
    }
    wr_message message = {.data = data,
                          .size = data ? size : 0,
                          .key = key,
                          .key_size = key ? key_size : 0,
                          .timestamp_us = timestamp_us,
                          .offset = -1,
                          .partition = partition};
    wr_error err;
    wr_error_clear(&err);
    return stream_answer(stream, wr_host_push_message(stream->host, &message, &err), &err);
}

int
weir_append_batch(weir_stream *stream, struct ArrowArray *array, const struct ArrowSchema *schema)
{
    wr_error err;
    wr_error_clear(&err);
    if (!stream) {
        return WEIR_MISUSE;
    }
    if (!array || !schema || !array->release || !schema->release) {
        wr_status status = wr_error_set(&err, WR_ERR_MISUSE, "E0902",
                                        "weir_append_batch needs an array and its schema");
        return stream_answer(stream, status, &err);
    }
    return stream_answer(stream, wr_host_push_arrow(stream->host, array, schema, 0, &err), &err);
}

int
weir_advance_watermark(weir_stream *stream, int64_t us)
{
    if (!stream) {
        return WEIR_MISUSE;
    }
    wr_error err;
    wr_error_clear(&err);
    return stream_answer(stream, wr_host_advance_watermark(stream->host, us, &err), &err);
}

int
weir_stream_end(weir_stream *stream)
{
    if (!stream) {
        return WEIR_MISUSE;
    }
    wr_host_end(stream->host);
    return WEIR_OK;
}

const char *
weir_stream_error(const weir_stream *stream)
{
    return stream ? stream->failure.message : "";
}
