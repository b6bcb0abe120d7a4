/* The SQLite sink: what is stored, keys, markers, kills at every point, damaged frames. */
#include "connectors/registry.h"
#include "connectors/sqlite_row.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

enum { ROWS = 3, EPOCHS = 3 };

static char folder[64];

typedef struct table {
    wr_arena *arena;
    const char *path;
    wr_column columns[2];
    wr_option options[3];
    wr_sink_config config;
    wr_sink_frame frames[EPOCHS];
    wr_buffer bytes[EPOCHS];
    wr_sink_past past;
} table;

static void
table_init(table *t, const char *key)
{
    static int number;
    memset(t, 0, sizeof(*t));
    t->arena = wr_arena_new(0);
    t->path = wr_arena_printf(t->arena, "%s/%d.db", folder, number++).data;
    t->columns[0] = (wr_column){WR_TEXT("k"), WR_TYPE(TEXT), false};
    t->columns[1] = (wr_column){WR_TEXT("n"), WR_TYPE(BIGINT), false};
    t->options[0] = (wr_option){.name = WR_TEXT("path"), .value = wr_text_from(t->path)};
    t->options[1] = (wr_option){.name = WR_TEXT("table"), .value = WR_TEXT("a \"table\"")};
    t->options[2] = (wr_option){.name = WR_TEXT("key"), .value = wr_text_from(key)};
    t->config = (wr_sink_config){.options = {t->options, key ? 3 : 2},
                                 .arena = t->arena,
                                 .schema = {t->columns, 2},
                                 .job_name = WR_TEXT("j")};
    t->past = (wr_sink_past){.job_name = WR_TEXT("j"), .job_uuid = WR_TEXT("u1")};
}

static void
table_fini(table *t)
{
    for (int i = 0; i < EPOCHS; i++) {
        wr_buffer_fini(&t->bytes[i]);
    }
    unlink(t->path);
    wr_arena_free(t->arena);
}

static wr_sink *
table_open(table *t)
{
    wr_error err = {.code = ""};
    wr_sink *sink = NULL;
    assert_int_equal(WR_OK, wr_sqlite_sink.open(&t->config, &sink, &err));
    return sink;
}

/* Rows "key" or NULL, n; `ops` NULL: insertions. */
static wr_batch *
rows_make(wr_arena *arena, const char *const *keys, int64_t first, const uint8_t *ops)
{
    wr_batch *batch = wr_batch_new(arena, 2);
    wr_vector_init_flat(&batch->columns[0], WR_TYPE(TEXT), ROWS, arena);
    wr_vector_init_flat(&batch->columns[1], WR_TYPE(BIGINT), ROWS, arena);
    for (int i = 0; i < ROWS; i++) {
        ((wr_view *)batch->columns[0].data)[i] = wr_view_from(keys[i] ? keys[i] : "",
                                                              keys[i] ? strlen(keys[i]) : 0);
        if (!keys[i]) {
            wr_vector_set_null(&batch->columns[0], i, ROWS, arena);
        }
        ((int64_t *)batch->columns[1].data)[i] = first + i;
    }
    batch->row_count = batch->selected_count = ROWS;
    batch->row_ops = ops;
    return batch;
}

/* All rows of a query as "a,b;a,b;" */
static const char *
query(const table *t, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *rows;
    wr_buffer out;
    wr_buffer_init(&out);
    assert_int_equal(SQLITE_OK, sqlite3_open(t->path, &db));
    assert_int_equal(SQLITE_OK, sqlite3_prepare_v2(db, sql, -1, &rows, NULL));
    while (sqlite3_step(rows) == SQLITE_ROW) {
        for (int c = 0; c < sqlite3_column_count(rows); c++) {
            const char *text = (const char *)sqlite3_column_text(rows, c);
            wr_buffer_printf(&out, "%s%s", c > 0 ? "," : "", text ? text : "NULL");
        }
        wr_buffer_char(&out, ';');
    }
    sqlite3_finalize(rows);
    sqlite3_close(db);
    const char *all = wr_arena_strndup(t->arena, wr_buffer_cstr(&out), out.size);
    wr_buffer_fini(&out);
    return all;
}

static void
execute(const table *t, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(SQLITE_OK, sqlite3_open(t->path, &db));
    assert_int_equal(SQLITE_OK, sqlite3_exec(db, sql, NULL, NULL, NULL));
    sqlite3_close(db);
}

static const char all_rows[] = "SELECT k, n FROM \"a \"\"table\"\"\" ORDER BY n";

/* ── values and keys ────────────────────────────────────────────────────────────────────────── */

static void
values_are_stored(void **state)
{
    (void)state;
    static const struct {
        wr_type type;
        const char *declared, *stored;
    } cases[] = {
        {{.id = WR_TYPE_BOOLEAN}, "BOOLEAN", "integer,1;null,NULL;"},
        {{.id = WR_TYPE_BIGINT}, "INTEGER", "integer,-9223372036854775808;null,NULL;"},
        {{.id = WR_TYPE_DOUBLE}, "REAL", "real,0.1;null,NULL;"},
        {{.id = WR_TYPE_TEXT}, "TEXT", "text,12;null,NULL;"},
        {{.id = WR_TYPE_JSON}, "TEXT", "text,12;null,NULL;"},
        {{.id = WR_TYPE_BYTES}, "BLOB", "blob,12;null,NULL;"},
        {{.id = WR_TYPE_TIMESTAMP}, "TEXT", "text,2026-01-01T00:00:00.500Z;null,NULL;"},
        {{.id = WR_TYPE_DATE}, "TEXT", "text,1970-01-02;null,NULL;"},
        {{.id = WR_TYPE_TIME}, "TEXT", "text,00:00:01;null,NULL;"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        table t;
        wr_error err;
        table_init(&t, NULL);
        t.columns[0] = (wr_column){WR_TEXT("v"), cases[i].type, false};
        t.config.schema.count = 1;
        wr_batch *batch = wr_batch_new(t.arena, 1);
        wr_vector_init_flat(&batch->columns[0], cases[i].type, 2, t.arena);
        void *data = batch->columns[0].data;
        memset(data, 0, 32);
        if (cases[i].type.id == WR_TYPE_BOOLEAN) {
            ((uint8_t *)data)[0] = 1;
        } else if (cases[i].type.id == WR_TYPE_BIGINT) {
            ((int64_t *)data)[0] = INT64_MIN;
        } else if (cases[i].type.id == WR_TYPE_DOUBLE) {
            ((double *)data)[0] = 0.1;
        } else if (wr_type_is_view(cases[i].type.id)) {
            ((wr_view *)data)[0] = wr_view_from("12", 2);
        } else if (cases[i].type.id == WR_TYPE_TIMESTAMP) {
            ((int64_t *)data)[0] = 1767225600500000;
        } else if (cases[i].type.id == WR_TYPE_DATE) {
            ((int32_t *)data)[0] = 1;
        } else {
            ((int64_t *)data)[0] = 1000000;
        }
        wr_vector_set_null(&batch->columns[0], 1, 2, t.arena);
        batch->row_count = batch->selected_count = 2;
        wr_sink *sink = table_open(&t);
        assert_int_equal(WR_OK, wr_sqlite_sink.write(sink, batch, &err));
        assert_int_equal(WR_OK, wr_sqlite_sink.finish(sink, &err));
        wr_sqlite_sink.close(sink);
        assert_string_equal(cases[i].stored,
                            query(&t, "SELECT typeof(v), v FROM \"a \"\"table\"\"\""));
        const char *declared =
            query(&t, "SELECT type FROM pragma_table_info('a \"table\"')");
        assert_memory_equal(cases[i].declared, declared, strlen(cases[i].declared));
        table_fini(&t);
    }
}

static void
keys_replace_rows(void **state)
{
    (void)state;
    static const char *const first[] = {"a", "b", NULL};
    static const char *const second[] = {"b", NULL, "a"};
    static const uint8_t changes[] = {WR_UPDATE_BEFORE, WR_UPDATE_AFTER, WR_DELETE};
    table t;
    wr_error err = {.code = ""};
    table_init(&t, "K");
    wr_sink *sink = table_open(&t);
    assert_int_equal(WR_OK,
                     wr_sqlite_sink.write(sink, rows_make(t.arena, first, 1, NULL), &err));
    assert_int_equal(WR_OK, wr_sqlite_sink.flush(sink, &err));
    assert_string_equal("a,1;b,2;NULL,3;", query(&t, all_rows));
    assert_int_equal(WR_OK,
                     wr_sqlite_sink.write(sink, rows_make(t.arena, second, 10, changes), &err));
    assert_string_equal("a,1;b,2;NULL,3;", query(&t, all_rows)); /* not before the flush */
    assert_int_equal(WR_OK, wr_sqlite_sink.flush(sink, &err));
    assert_string_equal("b,2;NULL,11;", query(&t, all_rows));
    wr_sqlite_sink.close(sink);

    t.config.options.count = 2; /* no key */
    sink = table_open(&t);
    assert_int_equal(WR_ERR_SQL,
                     wr_sqlite_sink.write(sink, rows_make(t.arena, second, 10, changes), &err));
    assert_string_equal("E0406", err.code);
    wr_sqlite_sink.close(sink);
    table_fini(&t);
}

static void
open_fails(table *t, const char *part)
{
    wr_error err = {.code = ""};
    wr_sink *sink = NULL;
    assert_int_not_equal(WR_OK, wr_sqlite_sink.open(&t->config, &sink, &err));
    assert_string_equal("E0704", err.code);
    if (!strstr(err.message, part)) {
        assert_string_equal(part, err.message);
    }
    wr_sqlite_sink.close(sink);
}

static void
tables_that_are_there(void **state)
{
    (void)state;
    table t;
    wr_error err;
    static const char *const keys[] = {"a", "b", "c"};
    table_init(&t, "k");
    execute(&t, "CREATE TABLE \"a \"\"table\"\"\" (id INTEGER PRIMARY KEY, N, K TEXT UNIQUE, "
                "at TEXT NOT NULL DEFAULT 'x', other)");
    wr_sink *sink = table_open(&t);
    assert_int_equal(WR_OK, wr_sqlite_sink.write(sink, rows_make(t.arena, keys, 1, NULL), &err));
    assert_int_equal(WR_OK, wr_sqlite_sink.finish(sink, &err));
    wr_sqlite_sink.close(sink);
    assert_string_equal("a,1;b,2;c,3;", query(&t, all_rows));
    assert_string_equal("0;", query(&t, "SELECT count(*) FROM sqlite_schema WHERE name LIKE "
                                        "'weir_%'")); /* its own key serves */
    execute(&t, "ALTER TABLE \"a \"\"table\"\"\" RENAME n TO m");
    open_fails(&t, "has no column \"n\"");
    execute(&t, "DROP TABLE \"a \"\"table\"\"\"; CREATE TABLE \"a \"\"table\"\"\" (k, n, must NOT "
                "NULL)");
    open_fails(&t, "wants a value for column \"must\"");
    execute(&t, "DROP TABLE \"a \"\"table\"\"\"; CREATE TABLE \"a \"\"table\"\"\" (k, n); "
                "INSERT INTO \"a \"\"table\"\"\" VALUES (1, 1), (1, 2)");
    open_fails(&t, "cannot write"); /* two rows of a key */
    execute(&t, "PRAGMA application_id = 2003134834");
    wr_sink *none = NULL;
    assert_int_equal(WR_ERR_SQL, wr_sqlite_sink.open(&t.config, &none, &err));
    assert_non_null(strstr(err.message, "holds the state of a job"));
    wr_sqlite_sink.close(none);
    table_fini(&t);
}

/* ── exactly once ───────────────────────────────────────────────────────────────────────────── */

/* Three epochs of three rows each, one frame an epoch; nothing is delivered. */
static void
epochs_make(table *t)
{
    static const char *const keys[] = {"a", "b", "c"};
    wr_error err;
    t->config.exactly_once = true;
    wr_sink *sink = table_open(t);
    for (int i = 0; i < EPOCHS; i++) {
        wr_buffer_init(&t->bytes[i]);
        assert_int_equal(WR_OK, wr_sqlite_sink.frame(sink, rows_make(t->arena, keys, 10 * i, NULL),
                                                     &t->bytes[i], &err));
        t->frames[i] = (wr_sink_frame){i + 1, i + 1, t->past.end_position,
                                       {t->bytes[i].data, t->bytes[i].size}};
        t->past.end_position += (int64_t)t->bytes[i].size;
    }
    t->past.last_epoch = EPOCHS;
    wr_sqlite_sink.close(sink);
}

static wr_status
epoch_deliver(table *t, wr_sink *sink, int64_t epoch, wr_error *err)
{
    wr_delivery delivery = {.job_name = t->past.job_name,
                            .job_uuid = t->past.job_uuid,
                            .epoch = epoch,
                            .frames = &t->frames[epoch - 1],
                            .frame_count = 1};
    return wr_sqlite_sink.deliver(sink, &delivery, err);
}

/* A run that delivers what is behind M. */
static wr_status
run(table *t, int64_t *shown, wr_error *err)
{
    wr_sink *sink = table_open(t);
    *shown = -1;
    wr_status status = wr_sqlite_sink.recover(sink, &t->past, shown, err);
    for (int64_t epoch = *shown + 1; epoch <= EPOCHS && status == WR_OK; epoch++) {
        status = epoch_deliver(t, sink, epoch, err);
    }
    wr_sqlite_sink.close(sink);
    return status;
}

static const char whole[] = "a,0;b,1;c,2;a,10;b,11;c,12;a,20;b,21;c,22;";

#ifdef WEIR_FAULTS
static int
run_child(table *t, const char *fault)
{
    pid_t child = fork();
    if (child == 0) {
        wr_error err;
        int64_t shown;
        setenv("WEIR_FAULT", fault, 1);
        _exit(run(t, &shown, &err) == WR_OK ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(child, waitpid(child, &status, 0));
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* Must come first: the environment is read at the first fault point of a process. */
static void
killed_at_every_point(void **state)
{
    (void)state;
    static const char *const points[] = {"sqlite.before_write", "sqlite.after_frame",
                                         "sqlite.before_commit", "sqlite.after_commit"};
    for (size_t p = 0; p < sizeof(points) / sizeof(*points); p++) {
        for (int n = 1; n <= EPOCHS; n++) {
            table t;
            char fault[64];
            table_init(&t, NULL);
            epochs_make(&t);
            snprintf(fault, sizeof(fault), "%s:%d", points[p], n);
            assert_int_equal(-SIGKILL, run_child(&t, fault));
            assert_int_equal(0, run_child(&t, "none:1"));
            assert_string_equal(whole, query(&t, all_rows));
            assert_int_equal(0, run_child(&t, "none:1"));
            assert_string_equal(whole, query(&t, all_rows));
            table_fini(&t);
        }
    }
}
#endif

static void
markers_tell(void **state)
{
    (void)state;
    table t;
    wr_error err;
    int64_t shown;
    table_init(&t, NULL);
    epochs_make(&t);
    assert_int_equal(WR_OK, run(&t, &shown, &err));
    assert_int_equal(0, shown);
    assert_int_equal(WR_OK, run(&t, &shown, &err));
    assert_int_equal(EPOCHS, shown);
    assert_string_equal(whole, query(&t, all_rows));

    t.past.job_uuid = WR_TEXT("u2"); /* somebody else */
    assert_int_equal(WR_ERR_STATE, run(&t, &shown, &err));
    assert_string_equal("E0911", err.code);
    wr_sink *sink = table_open(&t);
    assert_int_equal(WR_ERR_STATE, epoch_deliver(&t, sink, 3, &err));
    wr_sqlite_sink.close(sink);
    assert_string_equal(whole, query(&t, all_rows));

    t.past.job_name = WR_TEXT("k"); /* a job of its own */
    assert_int_equal(WR_OK, run(&t, &shown, &err));
    assert_int_equal(0, shown);
    table_fini(&t);
}

/* The state is a savepoint after epoch 1; epochs 2 and 3 are made again, cut in another way. */
static void
ahead_is_obeyed(void **state)
{
    (void)state;
    for (int is_skip = 0; is_skip <= 1; is_skip++) {
        table t;
        wr_error err;
        int64_t shown;
        table_init(&t, NULL);
        epochs_make(&t);
        assert_int_equal(WR_OK, run(&t, &shown, &err));
        t.past.last_epoch = t.past.delivered_epoch = 1;
        t.past.first_position = t.past.end_position = t.frames[1].position;
        wr_sink *sink = table_open(&t);
        assert_int_equal(WR_OK, wr_sqlite_sink.recover(sink, &t.past, &shown, &err));
        assert_int_equal(EPOCHS, shown); /* which the caller refuses */
        wr_sqlite_sink.close(sink);
        t.past.ahead = is_skip ? WR_AHEAD_SKIP : WR_AHEAD_DUPLICATE;
        assert_int_equal(WR_OK, run(&t, &shown, &err));
        assert_int_equal(1, shown);
        assert_string_equal(is_skip ? whole
                                    : "a,0;b,1;c,2;a,10;a,10;b,11;b,11;c,12;c,12;a,20;a,20;b,21;"
                                      "b,21;c,22;c,22;",
                            query(&t, all_rows));
        table_fini(&t);
    }
}

static void
replaced_files_are_refused(void **state)
{
    (void)state;
    table t;
    wr_error err;
    int64_t shown;
    table_init(&t, NULL);
    epochs_make(&t);
    wr_sink *sink = table_open(&t);
    assert_int_equal(WR_OK, wr_sqlite_sink.recover(sink, &t.past, &shown, &err));
    assert_int_equal(WR_OK, epoch_deliver(&t, sink, 1, &err));
    unlink(t.path);
    assert_int_equal(WR_ERR_STATE, epoch_deliver(&t, sink, 2, &err));
    assert_string_equal("E0911", err.code);
    wr_sqlite_sink.close(sink);
    table_fini(&t);
}

/* ── bytes from a disk ──────────────────────────────────────────────────────────────────────── */

static void
damaged_frames_are_refused(void **state)
{
    (void)state;
    table t;
    wr_error err;
    wr_sqlite_cell cells[2];
    wr_sqlite_op op;
    table_init(&t, NULL);
    epochs_make(&t);
    wr_text frame = t.frames[0].bytes;
    for (size_t size = 0; size < frame.size; size++) { /* cut off */
        char *copy = malloc(size + 1);
        memcpy(copy, frame.data, size);
        wr_text rest = {copy, size};
        wr_status status = WR_OK;
        while (rest.size > 0 && status == WR_OK) {
            status = wr_sqlite_row_take(&rest, &op, cells, 2, &err);
        }
        assert_true(status == (size % (frame.size / ROWS) == 0 ? WR_OK : WR_ERR_STATE));
        free(copy);
    }
    for (size_t bit = 0; bit < 8 * frame.size; bit++) { /* flipped: no crash */
        char *copy = malloc(frame.size);
        memcpy(copy, frame.data, frame.size);
        copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
        wr_text rest = {copy, frame.size};
        wr_status status = WR_OK;
        while (rest.size > 0 && status == WR_OK) {
            status = wr_sqlite_row_take(&rest, &op, cells, 2, &err);
        }
        assert_true(status == WR_OK || strcmp(err.code, "E0904") == 0);
        free(copy);
    }
    table_fini(&t);
}

static int
folder_make(void **state)
{
    (void)state;
    bool has_memory = access("/dev/shm", W_OK) == 0;
    snprintf(folder, sizeof(folder), "%s/weir-sqlite-XXXXXX", has_memory ? "/dev/shm" : "/tmp");
    return mkdtemp(folder) ? 0 : -1;
}

static int
folder_remove(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof(command), "rm -r '%s'", folder); /* with journals of killed runs */
    return system(command);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef WEIR_FAULTS
        cmocka_unit_test(killed_at_every_point),
#endif
        cmocka_unit_test(values_are_stored),
        cmocka_unit_test(keys_replace_rows),
        cmocka_unit_test(tables_that_are_there),
        cmocka_unit_test(markers_tell),
        cmocka_unit_test(ahead_is_obeyed),
        cmocka_unit_test(replaced_files_are_refused),
        cmocka_unit_test(damaged_frames_are_refused),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
