/* What every sink must do, wherever it writes. A new connector adds a case to `cases` below.
 *
 *   contents   every selected row arrives once, in order, however the rows are cut into batches
 *   flush      what was written is there afterwards (sinks that can be read back at once)
 *   empty      open, finish, close without a row
 *   close      without finish, and after an open that failed
 *   frames     (exactly once) rows become bytes, and are there once however often these are
 *              delivered, and wherever a run ends and the next one goes on */
#include "connectors/registry.h"
#include "core/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <sqlite3.h>

enum { OPTIONS_MAX = 4, ROWS = 3000, LINE_MAX_BYTES = 64 };

typedef struct fixture {
    wr_arena *arena;
    wr_sink_config config;
    wr_option options[OPTIONS_MAX];
    wr_column columns[2];
    char path[64];
    int saved_stdout;
    rd_kafka_t *mock_handle;
    rd_kafka_mock_cluster_t *mock;
} fixture;

typedef struct sink_case {
    const char *name;
    const wr_sink_ops *ops;
    void (*prepare)(fixture *fix);
    void (*cleanup)(fixture *fix);
    /* Lines "…\n" of what arrived; NULL: it cannot be seen. */
    void (*read_back)(fixture *fix, wr_buffer *out);
    bool flush_shows;
    bool needs_option;
    bool frames; /* exactly once can be tried here */
} sink_case;

static void
option_add(fixture *fix, const char *name, const char *value)
{
    wr_options *options = &fix->config.options;
    fix->options[options->count++] = (wr_option){
        .name = wr_text_from(name ? name : ""),
        .value = wr_arena_text(fix->arena, wr_text_from(value)),
        .length = 1,
        .positional = name == NULL,
    };
    options->items = fix->options;
}

/* ── the connectors ─────────────────────────────────────────────────────────────────────────── */

static void
nothing_prepare(fixture *fix)
{
    (void)fix;
}

static void
path_make(fixture *fix)
{
    bool has_memory = access("/dev/shm", W_OK) == 0; /* a flush a row: not on a disk */
    snprintf(fix->path, sizeof fix->path, "%s/weir-sink-XXXXXX", has_memory ? "/dev/shm" : "/tmp");
    int fd = mkstemp(fix->path);
    assert_true(fd >= 0);
    close(fd);
}

static void
path_read(fixture *fix, wr_buffer *out)
{
    char bytes[4096];
    FILE *file = fopen(fix->path, "r");
    assert_non_null(file);
    for (size_t got; (got = fread(bytes, 1, sizeof bytes, file)) > 0;) {
        wr_buffer_append(out, bytes, got);
    }
    fclose(file);
}

static void
path_remove(fixture *fix)
{
    unlink(fix->path);
}

static void
file_prepare(fixture *fix)
{
    path_make(fix);
    path_remove(fix);
    option_add(fix, NULL, fix->path);
}

static void
append_prepare(fixture *fix)
{
    path_make(fix);
    option_add(fix, "path", fix->path);
    option_add(fix, "mode", "append");
}

static void
sqlite_prepare(fixture *fix)
{
    path_make(fix);
    option_add(fix, "path", fix->path);
    option_add(fix, "table", "t");
}

static void
sqlite_key_prepare(fixture *fix)
{
    sqlite_prepare(fix);
    option_add(fix, "key", "n");
}

static void
sqlite_read(fixture *fix, wr_buffer *out)
{
    sqlite3 *db;
    sqlite3_stmt *rows;
    assert_int_equal(SQLITE_OK, sqlite3_open(fix->path, &db));
    assert_int_equal(SQLITE_OK,
                     sqlite3_prepare_v2(db, "SELECT json_object('n', n, 'text', text) FROM t", -1,
                                        &rows, NULL));
    while (sqlite3_step(rows) == SQLITE_ROW) {
        wr_buffer_text(out, wr_text_from((const char *)sqlite3_column_text(rows, 0)));
        wr_buffer_char(out, '\n');
    }
    sqlite3_finalize(rows);
    sqlite3_close(db);
}

static void
stdout_prepare(fixture *fix)
{
    path_make(fix);
    fflush(stdout);
    fix->saved_stdout = dup(STDOUT_FILENO);
    assert_non_null(freopen(fix->path, "w", stdout));
}

static void
stdout_cleanup(fixture *fix)
{
    fflush(stdout);
    dup2(fix->saved_stdout, STDOUT_FILENO);
    close(fix->saved_stdout);
    path_remove(fix);
}

#ifndef __SANITIZE_THREAD__
static void
kafka_prepare(fixture *fix)
{
    char reason[256];
    fix->mock_handle = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), reason, sizeof reason);
    fix->mock = rd_kafka_mock_cluster_new(fix->mock_handle, 1);
    rd_kafka_mock_topic_create(fix->mock, "t", 1, 1);
    fix->config.brokers = wr_text_from(rd_kafka_mock_cluster_bootstraps(fix->mock));
    option_add(fix, NULL, "t");
}

static void
kafka_cleanup(fixture *fix)
{
    rd_kafka_mock_cluster_destroy(fix->mock);
    rd_kafka_destroy(fix->mock_handle);
}

static void
kafka_read(fixture *fix, wr_buffer *out)
{
    wr_poll_limits limits = {.rows = 10000, .bytes = 1 << 20, .wait_us = 100000};
    wr_source_config config = {.options = fix->config.options,
                               .arena = fix->arena,
                               .until_end = true,
                               .brokers = fix->config.brokers,
                               .lane_count = 1};
    wr_source *source = NULL;
    wr_block block;
    wr_error err;
    assert_int_equal(WR_OK, wr_kafka_source.open(&config, &source, &err));
    while (wr_kafka_source.poll(source, &limits, fix->arena, &block, &err) == WR_OK) {
        for (int i = 0; i < block.message_count; i++) {
            wr_buffer_append(out, block.messages[i].data, block.messages[i].size);
            wr_buffer_char(out, '\n');
        }
    }
    wr_kafka_source.close(source);
}
#endif

static const sink_case cases[] = {
    {"null", &wr_null_sink, nothing_prepare, NULL, NULL, false, false, false},
    {"file", &wr_file_sink, file_prepare, path_remove, path_read, true, true, true},
    {"file, append", &wr_file_sink, append_prepare, path_remove, path_read, true, true, true},
    {"sqlite", &wr_sqlite_sink, sqlite_prepare, path_remove, sqlite_read, true, true, true},
    {"sqlite, key", &wr_sqlite_sink, sqlite_key_prepare, path_remove, sqlite_read, true, true,
     true},
    {"stdout", &wr_stdout_sink, stdout_prepare, stdout_cleanup, path_read, true, false, false},
#ifndef __SANITIZE_THREAD__ /* which does not see librdkafka's threads begin, and dies in them */
    {"kafka", &wr_kafka_sink, kafka_prepare, kafka_cleanup, kafka_read, false, true, false},
#endif
};
enum { CASE_COUNT = sizeof cases / sizeof *cases };

/* ── rows ───────────────────────────────────────────────────────────────────────────────────── */

static void
fixture_init(fixture *fix, const sink_case *the_case)
{
    memset(fix, 0, sizeof *fix);
    fix->arena = wr_arena_new(0);
    fix->columns[0] = (wr_column){WR_TEXT("n"), WR_TYPE(BIGINT), false};
    fix->columns[1] = (wr_column){WR_TEXT("text"), WR_TYPE(TEXT), false};
    fix->config.arena = fix->arena;
    fix->config.schema = (wr_schema){fix->columns, 2};
    fix->config.options.items = fix->options;
    the_case->prepare(fix);
}

static void
fixture_fini(fixture *fix, const sink_case *the_case)
{
    if (the_case->cleanup) {
        the_case->cleanup(fix);
    }
    wr_arena_free(fix->arena);
}

/* Rows 2·begin … of which every second one is selected: n = begin … begin + count − 1. */
static wr_batch *
batch_make(wr_arena *arena, int begin, int count)
{
    wr_batch *batch = wr_batch_new(arena, 2);
    uint16_t *selection = wr_arena_alloc(arena, sizeof *selection * (size_t)count);
    wr_vector_init_flat(&batch->columns[0], WR_TYPE(BIGINT), 2 * count, arena);
    wr_vector_init_flat(&batch->columns[1], WR_TYPE(TEXT), 2 * count, arena);
    for (int i = 0; i < 2 * count; i++) {
        ((int64_t *)batch->columns[0].data)[i] = i % 2 ? begin + i / 2 : -1;
        ((wr_view *)batch->columns[1].data)[i] = wr_view_from("a \"text\" with quotes", 20);
    }
    for (int i = 0; i < count; i++) {
        selection[i] = (uint16_t)(2 * i + 1);
    }
    batch->row_count = 2 * count;
    batch->selection = selection;
    batch->selected_count = count;
    return batch;
}

static void
expected_rows(wr_buffer *out, int count)
{
    for (int i = 0; i < count; i++) {
        wr_buffer_printf(out, "{\"n\":%d,\"text\":\"a \\\"text\\\" with quotes\"}\n", i);
    }
}

static void
assert_arrived(const sink_case *the_case, fixture *fix, int count)
{
    if (!the_case->read_back) {
        return;
    }
    wr_buffer expected, arrived;
    wr_buffer_init(&expected);
    wr_buffer_init(&arrived);
    expected_rows(&expected, count);
    the_case->read_back(fix, &arrived);
    assert_string_equal(wr_buffer_cstr(&expected), wr_buffer_cstr(&arrived));
    wr_buffer_fini(&expected);
    wr_buffer_fini(&arrived);
}

/* ── tests: each for every case ─────────────────────────────────────────────────────────────── */

static void
rows_arrive(const sink_case *the_case, int batch_rows)
{
    fixture fix;
    wr_error err = {.position = -1};
    wr_sink *sink = NULL;
    fixture_init(&fix, the_case);
    assert_int_equal(WR_OK, the_case->ops->open(&fix.config, &sink, &err));
    for (int at = 0; at < ROWS; at += batch_rows) {
        int count = ROWS - at < batch_rows ? ROWS - at : batch_rows;
        wr_arena *arena = wr_arena_new(0);
        wr_batch *batch = batch_make(arena, at, count);
        assert_int_equal(WR_OK, the_case->ops->write(sink, batch, &err));
        wr_arena_free(arena); /* a sink keeps nothing of a batch */
        assert_int_equal(WR_OK, the_case->ops->flush(sink, &err));
        if (the_case->flush_shows && at == 0) {
            assert_arrived(the_case, &fix, count);
        }
    }
    assert_int_equal(WR_OK, the_case->ops->finish(sink, &err));
    the_case->ops->close(sink);
    assert_arrived(the_case, &fix, ROWS);
    fixture_fini(&fix, the_case);
}

static void
rows_arrive_in_batches(const sink_case *the_case)
{
    rows_arrive(the_case, WR_BATCH_ROWS / 2);
    rows_arrive(the_case, 7);
    rows_arrive(the_case, 1);
}

static void
nothing_is_fine(const sink_case *the_case)
{
    fixture fix;
    wr_error err;
    wr_sink *sink = NULL;
    fixture_init(&fix, the_case);
    assert_int_equal(WR_OK, the_case->ops->open(&fix.config, &sink, &err));
    assert_int_equal(WR_OK, the_case->ops->flush(sink, &err));
    assert_int_equal(WR_OK, the_case->ops->finish(sink, &err));
    the_case->ops->close(sink);
    assert_arrived(the_case, &fix, 0);
    fixture_fini(&fix, the_case);
}

/* ── exactly once ───────────────────────────────────────────────────────────────────────────── */

enum { EPOCHS = 5, EPOCH_ROWS = ROWS / EPOCHS, FRAME_ROWS = 200, EPOCH_FRAMES = 3 };

/* What a store and an outbox keep of a job. */
typedef struct outbox {
    wr_sink_frame frames[EPOCHS * EPOCH_FRAMES];
    wr_buffer bytes[EPOCHS * EPOCH_FRAMES];
    wr_buffer identity;
    int sealed; /* epochs that are committed */
    int64_t position;
} outbox;

static void
outbox_init(outbox *box)
{
    memset(box, 0, sizeof(*box));
    wr_buffer_init(&box->identity);
}

static void
outbox_fini(outbox *box)
{
    for (int i = 0; i < box->sealed * EPOCH_FRAMES; i++) {
        wr_buffer_fini(&box->bytes[i]);
    }
    wr_buffer_fini(&box->identity);
}

/* A run begins: `recorded` epochs are known to be delivered. Returns M. */
static wr_sink *
framed_open(const sink_case *the_case, fixture *fix, const outbox *box, int recorded,
            int64_t *epoch)
{
    wr_error err = {.code = ""};
    wr_sink *sink = NULL;
    wr_sink_past past = {
        .job_name = WR_TEXT("j"),
        .job_uuid = WR_TEXT("0123"),
        .last_epoch = box->sealed,
        .delivered_epoch = recorded,
        .first_position = recorded < box->sealed ? box->frames[recorded * EPOCH_FRAMES].position
                                                 : box->position,
        .end_position = box->position,
        .identity = {box->identity.data, box->identity.size}};
    fix->config.exactly_once = true;
    fix->config.is_resumed = box->sealed > 0;
    fix->config.job_name = past.job_name;
    assert_int_equal(WR_OK, the_case->ops->open(&fix->config, &sink, &err));
    assert_int_equal(WR_OK, the_case->ops->recover(sink, &past, epoch, &err));
    assert_in_range(*epoch, recorded, box->sealed);
    return sink;
}

/* The next epoch's rows become frames, in batches of any size. */
static void
epoch_seal(const sink_case *the_case, wr_sink *sink, outbox *box)
{
    wr_error err = {.code = ""};
    for (int f = 0; f < EPOCH_FRAMES; f++) {
        int number = box->sealed * EPOCH_FRAMES + f;
        wr_buffer *bytes = &box->bytes[number];
        wr_buffer_init(bytes);
        for (int at = 0, count = 1; at < FRAME_ROWS; at += count, count = 67) {
            count = FRAME_ROWS - at < count ? FRAME_ROWS - at : count;
            wr_arena *arena = wr_arena_new(0);
            wr_batch *batch = batch_make(arena, number * FRAME_ROWS + at, count);
            assert_int_equal(WR_OK, the_case->ops->frame(sink, batch, bytes, &err));
            wr_arena_free(arena);
        }
        box->frames[number] = (wr_sink_frame){box->sealed + 1, number + 1, box->position,
                                              {bytes->data, bytes->size}};
        box->position += (int64_t)bytes->size;
    }
    box->sealed++;
    wr_buffer_reset(&box->identity);
    if (the_case->ops->identify) {
        the_case->ops->identify(sink, &box->identity);
    }
}

static void
epoch_deliver(const sink_case *the_case, wr_sink *sink, const outbox *box, int64_t epoch)
{
    wr_error err = {.code = ""};
    wr_delivery delivery = {.job_name = WR_TEXT("j"),
                            .job_uuid = WR_TEXT("0123"),
                            .epoch = epoch,
                            .frames = &box->frames[(epoch - 1) * EPOCH_FRAMES],
                            .frame_count = EPOCH_FRAMES};
    assert_int_equal(WR_OK, the_case->ops->deliver(sink, &delivery, &err));
}

/* Each epoch in a run of its own, which ends before (0), after (1) or after twice (2) delivering
 * it; what was not delivered is by the next one. */
static void
frames_are_there_once(const sink_case *the_case)
{
    for (int way = 0; the_case->frames && way < 3; way++) {
        fixture fix;
        outbox box;
        int recorded = 0;
        int64_t epoch;
        fixture_init(&fix, the_case);
        outbox_init(&box);
        for (int run = 0; run <= EPOCHS; run++) {
            wr_sink *sink = framed_open(the_case, &fix, &box, recorded, &epoch);
            while (epoch < box.sealed) {
                epoch_deliver(the_case, sink, &box, ++epoch);
            }
            assert_arrived(the_case, &fix, run * EPOCH_ROWS);
            recorded = way == 1 ? box.sealed : recorded;
            if (run < EPOCHS) {
                epoch_seal(the_case, sink, &box);
                assert_arrived(the_case, &fix, run * EPOCH_ROWS); /* nothing comes by itself */
            }
            for (int i = 0; i < way && run < EPOCHS; i++) {
                epoch_deliver(the_case, sink, &box, box.sealed);
            }
            the_case->ops->close(sink);
        }
        outbox_fini(&box);
        fixture_fini(&fix, the_case);
    }
}

static void
destination_is_stable(const sink_case *the_case)
{
    if (!the_case->frames) {
        return;
    }
    fixture fix;
    wr_buffer first, second;
    wr_error err;
    fixture_init(&fix, the_case);
    wr_buffer_init(&first);
    wr_buffer_init(&second);
    assert_int_equal(WR_OK, the_case->ops->destination(&fix.config, &first, &err));
    assert_int_equal(WR_OK, the_case->ops->destination(&fix.config, &second, &err));
    assert_string_equal(wr_buffer_cstr(&first), wr_buffer_cstr(&second));
    assert_memory_equal(the_case->ops->name, first.data, strlen(the_case->ops->name));
    assert_int_equal(':', first.data[strlen(the_case->ops->name)]);
    wr_buffer_fini(&first);
    wr_buffer_fini(&second);
    fixture_fini(&fix, the_case);
}

static void
close_is_always_safe(const sink_case *the_case)
{
    fixture fix;
    wr_error err;
    wr_sink *sink = NULL;
    fixture_init(&fix, the_case);
    assert_int_equal(WR_OK, the_case->ops->open(&fix.config, &sink, &err));
    assert_int_equal(WR_OK, the_case->ops->write(sink, batch_make(fix.arena, 0, 5), &err));
    the_case->ops->close(sink);
    if (the_case->needs_option) {
        sink = NULL;
        fix.config.options.count = 0;
        assert_int_not_equal(WR_OK, the_case->ops->open(&fix.config, &sink, &err));
        assert_int_equal('E', err.code[0]);
        if (sink) {
            the_case->ops->close(sink);
        }
    }
    fixture_fini(&fix, the_case);
}

static void
vtable_is_whole(const sink_case *the_case)
{
    const wr_sink_ops *ops = the_case->ops;
    assert_ptr_equal(ops, wr_sink_find(wr_text_from(ops->name)));
    assert_non_null(ops->options);
    assert_true(ops->write && ops->flush && ops->finish && ops->close);
    bool frames = ops->destination != NULL;
    assert_true(frames == (ops->frame != NULL) && frames == (ops->recover != NULL) &&
                frames == (ops->deliver != NULL) && (frames || !ops->identify));
    assert_true(frames || !the_case->frames);
    for (const wr_option_spec *spec = ops->options; spec->name; spec++) {
        assert_non_null(spec->doc);
    }
}

static void
run_all(void (*check)(const sink_case *))
{
    for (int i = 0; i < CASE_COUNT; i++) {
        print_message("    %s\n", cases[i].name);
        check(&cases[i]);
    }
}

static void
test_rows(void **state)
{
    (void)state;
    run_all(rows_arrive_in_batches);
}

static void
test_nothing(void **state)
{
    (void)state;
    run_all(nothing_is_fine);
}

static void
test_close(void **state)
{
    (void)state;
    run_all(close_is_always_safe);
}

static void
test_frames(void **state)
{
    (void)state;
    run_all(destination_is_stable);
    run_all(frames_are_there_once);
}

static void
test_vtable(void **state)
{
    (void)state;
    run_all(vtable_is_whole);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vtable),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_close),
        cmocka_unit_test(test_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
