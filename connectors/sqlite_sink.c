/* Writes rows into a table of an SQLite file.
 *
 *     sqlite('out.db', 't')                  each row is added
 *     sqlite('out.db', 't', key = host)      a newer row of a key replaces the older, −D deletes
 *
 * At least once, the rows of a flush are one transaction. Exactly once, those of an epoch are one,
 * together with a marker in the same file that says how far the job has come:
 *
 *     weir_markers   job    destination               uuid   epoch   position
 *                    cpu    sqlite:/a/out.db:t(…)     …      42      18844        (bytes of frames)
 *
 * In the file with the job's own state (DIR/weir.db) there is no marker: the rows of an epoch are
 * part of the transaction that commits it.
 *
 * Invariants
 * 1. An epoch that the marker has is not applied again, so delivering may be repeated.
 * 2. Rows before the marker's position are left out: they differ from those of the epoch only after
 *    an older state was restored with --sink-ahead=skip.
 * 3. A marker of another run of a job of this name (another uuid) is never taken over in silence.
 * 4. The columns and the key belong to the destination's name: a frame's rows fit its statement. */
#include "connectors/file_target.h"
#include "connectors/formats/text_form.h"
#include "connectors/key_columns.h"
#include "connectors/registry.h"
#include "connectors/sqlite_table.h"
#include "core/fault.h"
#include "core/memory.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

enum { WRITE_BYTES = 64 << 20 };

static const wr_option_spec sqlite_options[] = {
    {.name = "path", .kind = WR_OPTION_TEXT, .doc = "the SQLite file; made when it is not there"},
    {.name = "table", .kind = WR_OPTION_TEXT, .doc = "the table; made when it is not there"},
    {.name = "key",
     .kind = WR_OPTION_TEXT,
     .doc = "column, or (columns), that make a row: newer rows replace older ones"},
    {.name = NULL},
};

struct wr_sink {
    wr_sqlite_table table;
    wr_buffer buffer; /* rows of the micro-batch, at least once */
    wr_buffer destination;
};

typedef struct sqlite_marker {
    bool found;
    bool is_ours; /* the uuid is our job's */
    int64_t epoch, position;
} sqlite_marker;

/* ── open ───────────────────────────────────────────────────────────────────────────────────── */

static wr_status
sqlite_check(wr_options options, wr_error *err)
{
    static const char *const wanted[] = {"path", "table"};
    for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
        const wr_option *option = wr_options_find(options, wanted[i]);
        bool is_name = option && option->value.size > 0 &&
                       !memchr(option->value.data, '\0', option->value.size);
        if (!is_name) {
            wr_error_set(err, WR_ERR_SQL, "E0603", "connector sqlite needs a %s",
                         i == 0 ? "path" : "table");
            wr_error_hint(err, "sqlite('out.db', 'results')");
            if (option) {
                wr_error_at(err, option->position, option->length);
            }
            return WR_ERR_SQL;
        }
    }
    return WR_OK;
}

/* Is the file the one with the state of the job? */
static bool
is_state_file(const wr_sink_config *config, const char *path)
{
    struct stat own, state;
    return config->state && stat(path, &own) == 0 && stat(config->state->path, &state) == 0 &&
           own.st_dev == state.st_dev && own.st_ino == state.st_ino;
}

/* "sqlite:/real/folder/out.db:t(a,b;a)", "sqlite:state:t(a,b)": a state may be moved */
static wr_status
sqlite_destination(const wr_sink_config *config, wr_buffer *name, wr_error *err)
{
    WR_TRY(sqlite_check(config->options, err));
    wr_text table = wr_options_text(config->options, sqlite_options, "table");
    const wr_option *key = wr_options_find(config->options, "key");
    wr_buffer path;
    wr_buffer_init(&path);
    wr_status status =
        wr_file_target_name(wr_options_find(config->options, "path"), &path, err);
    if (status == WR_OK) { /* "file:…" */
        const char *file = wr_buffer_cstr(&path) + 5;
        wr_buffer_printf(name, "sqlite:%s:%.*s(", is_state_file(config, file) ? "state" : file,
                         WR_TEXT_ARG(table));
        for (int c = 0; c < config->schema.count; c++) {
            wr_buffer_printf(name, "%s%.*s", c > 0 ? "," : "",
                             WR_TEXT_ARG(config->schema.columns[c].name));
        }
        wr_buffer_printf(name, key ? ";%.*s)" : ")", key ? (int)key->value.size : 0,
                         key ? key->value.data : "");
    }
    wr_buffer_fini(&path);
    return status;
}

static wr_status
table_open_inside(wr_sqlite_table *table, const wr_sink_state *state, wr_error *err)
{
    table->is_inside = true;
    table->db = state->db;
    if (state->is_reserved(table->name)) {
        wr_error_set(err, WR_ERR_SQL, "E0704", "\"%s\" is a table of the job's state", table->name);
        wr_error_hint(err, "take another name, one that does not begin with weir_ or sqlite_");
        return WR_ERR_SQL;
    }
    return WR_OK;
}

static wr_status
sqlite_open(const wr_sink_config *config, wr_sink **out, wr_error *err)
{
    WR_TRY(sqlite_check(config->options, err));
    wr_sink *sink = wr_alloc(sizeof(*sink));
    *out = sink;
    wr_buffer_init(&sink->buffer);
    wr_buffer_init(&sink->destination);
    WR_TRY(wr_text_form_check(&config->schema, "sqlite", err));
    wr_sqlite_table *table = &sink->table;
    table->schema = config->schema;
    WR_TRY(wr_key_columns_find(wr_options_find(config->options, "key"), &config->schema,
                               config->arena, &table->key, &table->key_count, err));
    wr_text name = wr_options_text(config->options, sqlite_options, "table");
    table->name = wr_arena_strndup(config->arena, name.data, name.size);
    const wr_option *path = wr_options_find(config->options, "path");
    wr_buffer real;
    wr_buffer_init(&real);
    wr_status status = wr_file_target_name(path, &real, err);
    if (status == WR_OK) {
        table->path = wr_arena_strndup(config->arena, real.data + 5, real.size - 5);
    }
    wr_buffer_fini(&real);
    WR_TRY(status);
    WR_TRY(sqlite_destination(config, &sink->destination, err));
    if (is_state_file(config, table->path)) {
        status = table_open_inside(table, config->state, err);
    }
    status = status == WR_OK ? wr_sqlite_table_open(table, config->arena, err) : status;
    if (status != WR_OK) {
        wr_error_at(err, path->position, path->length);
    }
    return status;
}

static void
sqlite_close(wr_sink *sink)
{
    wr_sqlite_table_rollback(&sink->table);
    wr_sqlite_table_close(&sink->table);
    wr_buffer_fini(&sink->buffer);
    wr_buffer_fini(&sink->destination);
    wr_free(sink);
}

/* ── rows ───────────────────────────────────────────────────────────────────────────────────── */

static wr_status
changes_refused(const wr_sink *sink, wr_error *err)
{
    wr_error_set(err, WR_ERR_SQL, "E0406", "table \"%s\" gets rows that change, but has no key",
                 sink->table.name);
    wr_error_hint(err, "say which columns make a row: sqlite(…, key = …)");
    return WR_ERR_SQL;
}

/* −U is left out: its +U follows. */
static wr_status
sqlite_frame(wr_sink *sink, const wr_batch *batch, wr_buffer *bytes, wr_error *err)
{
    for (int i = 0; i < batch->selected_count; i++) {
        int row = wr_encode_row(batch, i);
        wr_row_op op = batch->row_ops ? (wr_row_op)batch->row_ops[row] : WR_INSERT;
        if (op != WR_INSERT && sink->table.key_count == 0) {
            return changes_refused(sink, err);
        }
        if (op != WR_UPDATE_BEFORE) {
            wr_sqlite_row_append(bytes, batch, row,
                                 op == WR_DELETE ? WR_SQLITE_DELETE : WR_SQLITE_PUT);
        }
    }
    return WR_OK;
}

static wr_status
rows_apply(wr_sink *sink, wr_error *err)
{
    wr_text rows = {sink->buffer.data, sink->buffer.size};
    WR_TRY(wr_sqlite_table_begin(&sink->table, err));
    WR_TRY(wr_sqlite_table_apply(&sink->table, rows, 0, err));
    return wr_sqlite_table_commit(&sink->table, err);
}

static wr_status
sqlite_flush(wr_sink *sink, wr_error *err)
{
    if (sink->buffer.size == 0) {
        return WR_OK;
    }
    wr_status status = rows_apply(sink, err);
    if (status != WR_OK) {
        wr_sqlite_table_rollback(&sink->table);
    }
    if (status == WR_ERR_UNREACHABLE && err) {
        err->status = WR_ERR_RUNTIME; /* not at start any more */
    }
    wr_buffer_reset(&sink->buffer);
    return status == WR_ERR_UNREACHABLE ? WR_ERR_RUNTIME : status;
}

static wr_status
sqlite_write(wr_sink *sink, const wr_batch *batch, wr_error *err)
{
    WR_TRY(sqlite_frame(sink, batch, &sink->buffer, err));
    return sink->buffer.size >= WRITE_BYTES ? sqlite_flush(sink, err) : WR_OK;
}

/* ── the marker ─────────────────────────────────────────────────────────────────────────────── */

static void
marker_bind(const wr_sink *sink, sqlite3_stmt *statement, wr_text job_name)
{
    sqlite3_bind_text(statement, 1, job_name.data, (int)job_name.size, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, sink->destination.data, (int)sink->destination.size,
                      SQLITE_STATIC);
}

static wr_status
marker_read(const wr_sink *sink, wr_text job_name, wr_text job_uuid, sqlite_marker *marker,
            wr_error *err)
{
    sqlite3_stmt *statement;
    *marker = (sqlite_marker){.is_ours = true};
    WR_TRY(wr_sqlite_prepare(&sink->table, "SELECT uuid, epoch, position FROM weir_markers "
                             "WHERE job = ?1 AND destination = ?2", &statement, err));
    marker_bind(sink, statement, job_name);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        const char *uuid = (const char *)sqlite3_column_text(statement, 0);
        marker->found = true;
        marker->is_ours = wr_text_equal(wr_text_from(uuid), job_uuid);
        marker->epoch = sqlite3_column_int64(statement, 1);
        marker->position = sqlite3_column_int64(statement, 2);
    }
    wr_status status =
        code == SQLITE_ROW || code == SQLITE_DONE ? WR_OK : wr_sqlite_failed(&sink->table, err);
    sqlite3_finalize(statement);
    return status;
}

static wr_status
marker_write(const wr_sink *sink, wr_text job_name, wr_text job_uuid, const sqlite_marker *marker,
             wr_error *err)
{
    sqlite3_stmt *statement;
    WR_TRY(wr_sqlite_prepare(&sink->table, "REPLACE INTO weir_markers (job, destination, uuid, "
                             "epoch, position) VALUES (?1, ?2, ?3, ?4, ?5)",
                             &statement, err));
    marker_bind(sink, statement, job_name);
    sqlite3_bind_text(statement, 3, job_uuid.data, (int)job_uuid.size, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 4, marker->epoch);
    sqlite3_bind_int64(statement, 5, marker->position);
    wr_status status =
        sqlite3_step(statement) == SQLITE_DONE ? WR_OK : wr_sqlite_failed(&sink->table, err);
    sqlite3_finalize(statement);
    return status;
}

static wr_status
marker_foreign(const wr_sink *sink, wr_text job_name, const sqlite_marker *marker, wr_error *err)
{
    wr_error_set(err, WR_ERR_STATE, "E0911",
                 "table \"%s\" of \"%s\" was written by another job of the name \"%.*s\"",
                 sink->table.name, sink->table.path, WR_TEXT_ARG(job_name));
    wr_error_detail(err, "its marker in weir_markers is at epoch %" PRId64 ", with another uuid",
                    marker->epoch);
    wr_error_hint(err, "give the job another name, or say --sink-ahead=duplicate to go on behind "
                       "what is there");
    return WR_ERR_STATE;
}

/* ── exactly once ───────────────────────────────────────────────────────────────────────────── */

/* As was said for a table that does not fit: the marker says from now on what the state says, but
 * keeps its position where rows that are there shall be left out. */
static wr_status
marker_settle(const wr_sink *sink, const wr_sink_past *past, sqlite_marker *marker, wr_error *err)
{
    bool fits = marker->is_ours && marker->epoch <= past->last_epoch &&
                marker->epoch >= past->delivered_epoch;
    if (fits || past->ahead == WR_AHEAD_REFUSE) {
        return marker->is_ours ? WR_OK : marker_foreign(sink, past->job_name, marker, err);
    }
    bool keeps = past->ahead == WR_AHEAD_SKIP && marker->position > past->first_position;
    marker->epoch = past->delivered_epoch;
    marker->position = keeps ? marker->position : past->first_position;
    return marker_write(sink, past->job_name, past->job_uuid, marker, err);
}

static wr_status
recover_in_transaction(wr_sink *sink, const wr_sink_past *past, sqlite_marker *marker,
                       wr_error *err)
{
    WR_TRY(wr_sqlite_table_begin(&sink->table, err));
    WR_TRY(wr_sqlite_execute(&sink->table,
                             "CREATE TABLE IF NOT EXISTS weir_markers (job TEXT NOT NULL, "
                             "destination TEXT NOT NULL, uuid TEXT NOT NULL, epoch INTEGER NOT "
                             "NULL, position INTEGER NOT NULL, PRIMARY KEY (job, destination))",
                             err));
    WR_TRY(marker_read(sink, past->job_name, past->job_uuid, marker, err));
    WR_TRY(marker_settle(sink, past, marker, err));
    return wr_sqlite_table_commit(&sink->table, err);
}

static wr_status
sqlite_recover(wr_sink *sink, const wr_sink_past *past, int64_t *epoch, wr_error *err)
{
    sqlite_marker marker;
    if (sink->table.is_inside) {
        *epoch = past->last_epoch;
        return WR_OK;
    }
    wr_status status = recover_in_transaction(sink, past, &marker, err);
    if (status != WR_OK) {
        wr_sqlite_table_rollback(&sink->table);
        return status;
    }
    *epoch = marker.epoch;
    return WR_OK;
}

static wr_status
deliver_inside(wr_sink *sink, const wr_delivery *delivery, wr_error *err)
{
    for (int i = 0; i < delivery->frame_count; i++) {
        wr_text bytes;
        WR_TRY(wr_delivery_bytes(delivery, i, &bytes, err));
        WR_TRY(wr_sqlite_table_apply(&sink->table, bytes, 0, err));
        WR_FAULT("sqlite.inside");
    }
    return WR_OK;
}

/* WR_END: the epoch is there already. */
static wr_status
deliver_in_transaction(wr_sink *sink, const wr_delivery *delivery, wr_error *err)
{
    sqlite_marker marker;
    WR_TRY(wr_sqlite_table_begin(&sink->table, err));
    WR_TRY(marker_read(sink, delivery->job_name, delivery->job_uuid, &marker, err));
    if (!marker.is_ours) {
        return marker_foreign(sink, delivery->job_name, &marker, err);
    }
    if (marker.found && marker.epoch >= delivery->epoch) {
        return WR_END;
    }
    WR_FAULT("sqlite.before_write");
    for (int i = 0; i < delivery->frame_count; i++) {
        const wr_sink_frame *frame = &delivery->frames[i];
        wr_text bytes;
        WR_TRY(wr_delivery_bytes(delivery, i, &bytes, err));
        WR_TRY(wr_sqlite_table_apply(&sink->table, bytes, marker.position - frame->position, err));
        WR_FAULT("sqlite.after_frame");
    }
    const wr_sink_frame *last = &delivery->frames[delivery->frame_count - 1];
    int64_t end = last->position + (int64_t)last->bytes.size;
    marker.epoch = delivery->epoch;
    marker.position = end > marker.position ? end : marker.position;
    WR_TRY(marker_write(sink, delivery->job_name, delivery->job_uuid, &marker, err));
    WR_FAULT("sqlite.before_commit");
    WR_TRY(wr_sqlite_table_commit(&sink->table, err));
    WR_FAULT("sqlite.after_commit");
    return WR_OK;
}

static wr_status
sqlite_deliver(wr_sink *sink, const wr_delivery *delivery, wr_error *err)
{
    if (delivery->frame_count == 0) {
        return WR_OK;
    }
    if (sink->table.is_inside) {
        return deliver_inside(sink, delivery, err);
    }
    wr_status status = deliver_in_transaction(sink, delivery, err);
    if (status != WR_OK) {
        wr_sqlite_table_rollback(&sink->table);
    }
    return status == WR_END ? WR_OK : status;
}

static bool
sqlite_is_inside(const wr_sink *sink)
{
    return sink->table.is_inside;
}

const wr_sink_ops wr_sqlite_sink = {
    .name = "sqlite",
    .positional = "path|table",
    .options = sqlite_options,
    .check = sqlite_check,
    .accepts_changes = true,
    .changes_need = "key",
    .open = sqlite_open,
    .write = sqlite_write,
    .flush = sqlite_flush,
    .finish = sqlite_flush,
    .close = sqlite_close,
    .destination = sqlite_destination,
    .frame = sqlite_frame,
    .recover = sqlite_recover,
    .deliver = sqlite_deliver,
    .is_inside = sqlite_is_inside,
};
