/* What every sink must do, wherever it writes. A new connector adds a case to `cases` below.
 *
 *   contents   every selected row arrives once, in order, however the rows are cut into batches
 *   flush      what was written is there afterwards (sinks that can be read back at once)
 *   empty      open, finish, close without a row
 *   close      without finish, and after an open that failed */
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
    snprintf(fix->path, sizeof fix->path, "/tmp/weir-sink-XXXXXX");
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
    {"null", &wr_null_sink, nothing_prepare, NULL, NULL, false, false},
    {"file", &wr_file_sink, file_prepare, path_remove, path_read, true, true},
    {"file, append", &wr_file_sink, append_prepare, path_remove, path_read, true, true},
    {"stdout", &wr_stdout_sink, stdout_prepare, stdout_cleanup, path_read, true, false},
#ifndef __SANITIZE_THREAD__ /* which does not see librdkafka's threads begin, and dies in them */
    {"kafka", &wr_kafka_sink, kafka_prepare, kafka_cleanup, kafka_read, false, true},
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
