/* What every source must do, whatever it reads. A new connector adds a case to `cases` below.
 *
 *   contents   the same records come out under every limit, offsets ascend, partitions() agrees
 *   the end    poll after END says END again; every partition is finished
 *   limits     rows and bytes are obeyed; wait_us too
 *   wake       from another thread, a waiting poll returns
 *   resumes    a source that says so goes on behind any poll, as if nothing had happened
 *   close      right after open, and after an open that failed */
#include "connectors/host.h"
#include "connectors/registry.h"
#include "core/hash.h"
#include "core/memory.h"
#include "core/time.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <zlib.h>

enum { OPTIONS_MAX = 4, PARTITIONS_MAX = 16 };

/* What a case needs while it runs. */
typedef struct fixture {
    wr_arena *arena;
    wr_source_config config;
    wr_option options[OPTIONS_MAX];
    char directory[64];
    int saved_stdin, pipe_write;
    rd_kafka_t *mock_handle;
    rd_kafka_mock_cluster_t *mock;
} fixture;

typedef struct source_case {
    const char *name;
    const wr_source_ops *ops;
    /* Prepares the config; `endless`: nothing is there and nothing will come. */
    void (*prepare)(fixture *fix, bool endless);
    void (*cleanup)(fixture *fix);
    int64_t record_count; /* chunks: 0, bytes are compared */
    bool waits;           /* has an endless form */
    bool needs_option;    /* open without options fails */
} source_case;

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
template_prepare(fixture *fix, bool endless)
{
    (void)endless;
    option_add(fix, NULL, "hello");
    option_add(fix, "count", "50");
}

static void
generate_prepare(fixture *fix, bool endless)
{
    option_add(fix, "rows", "5000");
    if (endless) {
        option_add(fix, "rate", "1");
    }
}

static void
values_prepare(fixture *fix, bool endless)
{
    (void)endless;
    wr_batch **batches = WR_NEW_ARRAY(fix->arena, wr_batch *, 3);
    for (int b = 0; b < 3; b++) {
        int count = b == 1 ? 1 : 700;
        batches[b] = wr_batch_new(fix->arena, 1);
        wr_vector_init_flat(&batches[b]->columns[0], WR_TYPE(BIGINT), count, fix->arena);
        for (int i = 0; i < count; i++) {
            ((int64_t *)batches[b]->columns[0].data)[i] = b * 1000 + i;
        }
        batches[b]->row_count = batches[b]->selected_count = count;
    }
    fix->config.values = batches;
    fix->config.values_count = 3;
}

static void
lines_write(FILE *file, int count)
{
    for (int i = 0; i < count; i++) {
        fprintf(file, "{\"n\":%d,\"text\":\"%.*s\"}\n", i, i % 100,
                "0123456789012345678901234567890123456789012345678901234567890123456789"
                "0123456789012345678901234567890123456789");
    }
}

static const char *
file_make(fixture *fix, const char *name, int count)
{
    char path[128];
    if (fix->directory[0] == '\0') {
        snprintf(fix->directory, sizeof fix->directory, "/tmp/weir-source-XXXXXX");
        assert_non_null(mkdtemp(fix->directory));
    }
    snprintf(path, sizeof path, "%s/%s", fix->directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    lines_write(file, count);
    fclose(file);
    return wr_arena_strndup(fix->arena, path, strlen(path));
}

static void
file_prepare(fixture *fix, bool endless)
{
    option_add(fix, NULL, file_make(fix, "a.json", endless ? 0 : 500));
    if (endless) {
        option_add(fix, "follow", "true");
    }
}

static void
glob_prepare(fixture *fix, bool endless)
{
    char pattern[128];
    file_make(fix, "a.json", endless ? 0 : 100);
    file_make(fix, "b.json", 0);
    file_make(fix, "c.json", endless ? 0 : 77);
    snprintf(pattern, sizeof pattern, "%s/*.json", fix->directory);
    option_add(fix, NULL, pattern);
    if (endless) {
        option_add(fix, "follow", "true");
    }
}

static void
ordered_prepare(fixture *fix, bool endless)
{
    glob_prepare(fix, endless);
    option_add(fix, "order", "name");
}

static void
gzip_prepare(fixture *fix, bool endless)
{
    (void)endless;
    char path[128];
    file_make(fix, "plain", 0);
    snprintf(path, sizeof path, "%s/a.json.gz", fix->directory);
    gzFile file = gzopen(path, "wb");
    for (int i = 0; i < 3000; i++) {
        gzprintf(file, "line %d\n", i);
    }
    gzclose(file);
    option_add(fix, NULL, path);
}

static void
directory_remove(fixture *fix)
{
    char path[160];
    static const char *const names[] = {"a.json", "b.json", "c.json", "plain", "a.json.gz"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", fix->directory, names[i]);
        unlink(path);
    }
    rmdir(fix->directory);
}

static void
stdin_prepare(fixture *fix, bool endless)
{
    int ends[2];
    assert_int_equal(0, pipe(ends));
    fix->saved_stdin = dup(STDIN_FILENO);
    assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
    close(ends[0]);
    fix->pipe_write = ends[1];
    if (!endless) {
        FILE *file = fdopen(ends[1], "w");
        lines_write(file, 400); /* fits the pipe */
        fputs("{\"n\":\"no newline\"}", file);
        fclose(file);
        fix->pipe_write = -1;
    }
}

static void
stdin_cleanup(fixture *fix)
{
    dup2(fix->saved_stdin, STDIN_FILENO);
    close(fix->saved_stdin);
    if (fix->pipe_write >= 0) {
        close(fix->pipe_write);
    }
}

static void
host_rows_prepare(fixture *fix, bool endless)
{
    wr_column columns[] = {{WR_TEXT("n"), WR_TYPE(BIGINT), false},
                           {WR_TEXT("text"), WR_TYPE(TEXT), false}};
    wr_schema schema = {columns, 2};
    fix->config.host = wr_host_stream_new(WR_TEXT("s"), 0, NULL);
    assert_true(wr_host_stream_declare(fix->config.host, &schema));
    for (int i = 0; i < 3000 && !endless; i++) {
        wr_cell cells[2] = {{.type = WR_TYPE_BIGINT, .value.bigint = i},
                            {.type = i % 7 ? WR_TYPE_TEXT : WR_TYPE_NULL,
                             .value.text = WR_TEXT("some text that is not inline")}};
        assert_int_equal(WR_OK,
                         wr_host_push_row(fix->config.host, cells, 2, i / 1000 % 2, i, NULL));
    }
    if (!endless) {
        wr_host_end(fix->config.host);
    }
}

static void
host_messages_prepare(fixture *fix, bool endless)
{
    fix->config.host = wr_host_stream_new(WR_TEXT("s"), 0, NULL);
    for (int i = 0; i < 3000 && !endless; i++) {
        wr_message message = {.data = "payload of a message",
                              .size = 20,
                              .key = "k",
                              .key_size = 1,
                              .timestamp_us = i,
                              .offset = -1,
                              .partition = i % 3};
        assert_int_equal(WR_OK, wr_host_push_message(fix->config.host, &message, NULL));
    }
    if (!endless) {
        wr_host_end(fix->config.host);
    }
}

static void
host_cleanup(fixture *fix)
{
    wr_host_stream_release(fix->config.host);
}

#ifndef __SANITIZE_THREAD__
static void
mock_fill(const char *brokers, int count)
{
    char reason[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", brokers, reason, sizeof reason);
    rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
    for (int i = 0; i < count; i++) {
        char text[32];
        int size = snprintf(text, sizeof text, "message %d", i);
        rd_kafka_producev(producer, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_PARTITION(i % 2),
                          RD_KAFKA_V_VALUE(text, (size_t)size),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    }
    assert_int_equal(0, rd_kafka_flush(producer, 10000));
    rd_kafka_destroy(producer);
}

static void
kafka_prepare(fixture *fix, bool endless)
{
    char reason[256];
    fix->mock_handle = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), reason, sizeof reason);
    fix->mock = rd_kafka_mock_cluster_new(fix->mock_handle, 1);
    rd_kafka_mock_topic_create(fix->mock, "t", 2, 1);
    const char *brokers = rd_kafka_mock_cluster_bootstraps(fix->mock);
    if (!endless) {
        mock_fill(brokers, 600);
    }
    fix->config.brokers = wr_arena_text(fix->arena, wr_text_from(brokers));
    fix->config.until_end = !endless;
    option_add(fix, NULL, "t");
}

static void
kafka_cleanup(fixture *fix)
{
    rd_kafka_mock_cluster_destroy(fix->mock);
    rd_kafka_destroy(fix->mock_handle);
}
#endif

static const source_case cases[] = {
    {"template", &wr_template_source, template_prepare, NULL, 50, false, true},
    {"generate", &wr_generate_source, generate_prepare, NULL, 5000, true, false},
    {"values", &wr_values_source, values_prepare, NULL, 1401, false, false},
    {"file", &wr_file_source, file_prepare, directory_remove, 0, true, true},
    {"file, glob", &wr_file_source, glob_prepare, directory_remove, 0, true, true},
    {"file, in order", &wr_file_source, ordered_prepare, directory_remove, 0, false, true},
    {"file, gzip", &wr_file_source, gzip_prepare, directory_remove, 0, false, true},
    {"stdin", &wr_stdin_source, stdin_prepare, stdin_cleanup, 0, true, false},
    {"host, rows", &wr_host_source, host_rows_prepare, host_cleanup, 3000, true, false},
    {"host, messages", &wr_host_source, host_messages_prepare, host_cleanup, 3000, true, false},
#ifndef __SANITIZE_THREAD__ /* which does not see librdkafka's threads begin, and dies in them */
    {"kafka", &wr_kafka_source, kafka_prepare, kafka_cleanup, 600, true, true},
#endif
};
enum { CASE_COUNT = sizeof cases / sizeof *cases };

/* ── running a source ───────────────────────────────────────────────────────────────────────── */

/* Everything that came, in a form that does not depend on how it was cut into blocks. */
typedef struct collected {
    int64_t record_count;
    uint64_t hash[PARTITIONS_MAX]; /* per partition, over its records or bytes in order */
    int64_t next_offset[PARTITIONS_MAX];
    wr_buffer bytes[PARTITIONS_MAX];
} collected;

static void
collected_init(collected *all)
{
    memset(all, 0, sizeof *all);
    for (int i = 0; i < PARTITIONS_MAX; i++) {
        wr_buffer_init(&all->bytes[i]);
    }
}

static void
collected_fini(collected *all)
{
    for (int i = 0; i < PARTITIONS_MAX; i++) {
        wr_buffer_fini(&all->bytes[i]);
    }
}

static void
hash_add(uint64_t *hash, uint64_t value)
{
    *hash = wr_hash_int64((int64_t)(*hash ^ value)) + 1;
}

static void
messages_collect(collected *all, const wr_block *block)
{
    for (int i = 0; i < block->message_count; i++) {
        const wr_message *message = &block->messages[i];
        int32_t p = message->partition;
        assert_in_range(p, 0, PARTITIONS_MAX - 1);
        assert_true(message->offset >= all->next_offset[p]);
        all->next_offset[p] = message->offset + 1;
        volatile char padding = message->data[message->size + 63]; /* readable */
        (void)padding;
        hash_add(&all->hash[p], wr_hash_bytes(message->data, message->size, 7));
        all->record_count++;
    }
}

static void
chunk_collect(collected *all, const wr_block *block)
{
    int32_t p = block->chunk_partition;
    assert_in_range(p, 0, PARTITIONS_MAX - 1);
    assert_true(block->chunk_bytes > 0);
    assert_int_equal(block->chunk_first, block->chunk_offset == 0);
    volatile char padding = block->chunk[block->chunk_bytes + 63];
    (void)padding;
    wr_buffer_append(&all->bytes[p], block->chunk, block->chunk_bytes);
    all->next_offset[p] = block->chunk_offset + (int64_t)block->chunk_bytes;
}

static void
rows_collect(collected *all, const wr_block *block)
{
    int32_t p = block->row_partition;
    assert_in_range(p, 0, PARTITIONS_MAX - 1);
    assert_int_equal(block->row_offset, all->next_offset[p]);
    for (int b = 0; b < block->batch_count; b++) {
        const wr_batch *batch = block->batches[b];
        uint64_t hashes[WR_BATCH_ROWS];
        assert_in_range(batch->row_count, 1, WR_BATCH_ROWS);
        for (int c = 0; c < batch->column_count; c++) {
            wr_hash_vector(&batch->columns[c], batch->row_count, c > 0, hashes);
        }
        for (int i = 0; i < batch->row_count; i++) {
            hash_add(&all->hash[p], hashes[i]);
        }
        all->record_count += batch->row_count;
        all->next_offset[p] += batch->row_count;
    }
}

static void
block_collect(collected *all, const wr_block *block)
{
    switch (block->kind) {
    case WR_BLOCK_NONE: break;
    case WR_BLOCK_MESSAGES: messages_collect(all, block); break;
    case WR_BLOCK_CHUNK: chunk_collect(all, block); break;
    case WR_BLOCK_ROWS: rows_collect(all, block); break;
    }
}

static int64_t
block_rows(const wr_block *block)
{
    int64_t rows = block->message_count;
    for (int b = 0; b < block->batch_count; b++) {
        rows += block->batches[b]->row_count;
    }
    for (size_t i = 0; block->kind == WR_BLOCK_CHUNK && i < block->chunk_bytes; i++) {
        rows += block->chunk[i] == '\n' || i + 1 == block->chunk_bytes;
    }
    return rows;
}

static void
fixture_init(fixture *fix, const source_case *the_case, bool endless)
{
    memset(fix, 0, sizeof *fix);
    fix->arena = wr_arena_new(0);
    fix->config.arena = fix->arena;
    fix->config.lane_count = 1;
    fix->config.options.items = fix->options;
    the_case->prepare(fix, endless);
}

static void
fixture_fini(fixture *fix, const source_case *the_case)
{
    if (the_case->cleanup) {
        the_case->cleanup(fix);
    }
    wr_arena_free(fix->arena);
}

static void
partitions_agree(const source_case *the_case, wr_source *source, const collected *all, bool ended)
{
    int count;
    const wr_partition *partitions = the_case->ops->partitions(source, &count);
    assert_in_range(count, 1, PARTITIONS_MAX);
    for (int i = 0; i < count; i++) {
        assert_int_equal(all->next_offset[i], partitions[i].next_offset);
        assert_true(partitions[i].name.size > 0);
        assert_true(!ended || partitions[i].finished);
    }
}

static void
source_drain(const source_case *the_case, const wr_poll_limits *limits, collected *all)
{
    fixture fix;
    wr_error err = {.position = -1};
    wr_source *source = NULL;
    wr_status status = WR_OK;
    fixture_init(&fix, the_case, false);
    assert_int_equal(WR_OK, the_case->ops->open(&fix.config, &source, &err));
    int64_t until_us = wr_clock_monotonic_us(NULL) + 60 * WR_US_PER_S;
    while (status == WR_OK) {
        wr_arena *arena = wr_arena_new(0);
        wr_block block;
        status = the_case->ops->poll(source, limits, arena, &block, &err);
        if (status == WR_OK) {
            assert_true(block_rows(&block) <= limits->rows);
            block_collect(all, &block);
            partitions_agree(the_case, source, all, false);
        }
        wr_arena_free(arena);
        assert_true(wr_clock_monotonic_us(NULL) < until_us);
    }
    assert_string_equal("", err.code);
    assert_int_equal(WR_END, status);
    partitions_agree(the_case, source, all, true);
    wr_arena *arena = wr_arena_new(0);
    wr_block block;
    assert_int_equal(WR_END, the_case->ops->poll(source, limits, arena, &block, &err));
    assert_int_equal(WR_BLOCK_NONE, block.kind);
    wr_arena_free(arena);
    the_case->ops->close(source);
    fixture_fini(&fix, the_case);
}

/* ── tests: each for every case ─────────────────────────────────────────────────────────────── */

static void
contents_do_not_depend_on_limits(const source_case *the_case)
{
    static const wr_poll_limits limits[] = {
        {.rows = 16000, .bytes = 1 << 20, .wait_us = 100000},
        {.rows = 1, .bytes = 1 << 20, .wait_us = 100000},
        {.rows = 7, .bytes = 100, .wait_us = 1000, .gather_us = 100},
        {.rows = 300, .bytes = 1, .wait_us = 100000},
        {.rows = 2048, .bytes = 65536, .wait_us = 0, .gather_us = 1000},
    };
    collected first;
    collected_init(&first);
    source_drain(the_case, &limits[0], &first);
    assert_int_equal(the_case->record_count, first.record_count);
    for (size_t i = 1; i < sizeof limits / sizeof *limits; i++) {
        collected all;
        collected_init(&all);
        source_drain(the_case, &limits[i], &all);
        assert_int_equal(first.record_count, all.record_count);
        for (int p = 0; p < PARTITIONS_MAX; p++) {
            assert_int_equal(first.hash[p], all.hash[p]);
            assert_int_equal(first.bytes[p].size, all.bytes[p].size);
            if (all.bytes[p].size > 0) {
                assert_memory_equal(first.bytes[p].data, all.bytes[p].data, all.bytes[p].size);
            }
        }
        collected_fini(&all);
    }
    collected_fini(&first);
}

typedef struct places {
    wr_resume items[PARTITIONS_MAX];
    int count;
} places;

static void
places_take(const source_case *the_case, wr_source *source, wr_arena *arena, places *at)
{
    const wr_partition *partitions = the_case->ops->partitions(source, &at->count);
    for (int i = 0; i < at->count; i++) {
        wr_buffer guard;
        wr_buffer_init(&guard);
        if (the_case->ops->guard) {
            the_case->ops->guard(source, i, &guard);
        }
        at->items[i] = (wr_resume){wr_arena_text(arena, partitions[i].name),
                                   partitions[i].next_offset,
                                   wr_arena_text(arena, (wr_text){guard.data, guard.size})};
        wr_buffer_fini(&guard);
    }
}

/* Takes at most `polls` blocks, from `at` on if there is one, and leaves where it is in `at`. */
static wr_status
source_run(const source_case *the_case, fixture *fix, int polls, places *at, collected *all)
{
    static const wr_poll_limits limits = {.rows = 333, .bytes = 5000, .wait_us = 100000};
    wr_error err = {.position = -1};
    wr_source *source = NULL;
    wr_status status = WR_OK;
    fix->config.is_resumed = at->count > 0;
    fix->config.resume = at->items;
    fix->config.resume_count = at->count;
    assert_int_equal(WR_OK, the_case->ops->open(&fix->config, &source, &err));
    for (int i = 0; i < polls && status == WR_OK; i++) {
        wr_arena *arena = wr_arena_new(0);
        wr_block block;
        status = the_case->ops->poll(source, &limits, arena, &block, &err);
        block_collect(all, &block);
        wr_arena_free(arena);
    }
    assert_string_equal("", err.code);
    partitions_agree(the_case, source, all, status == WR_END);
    places_take(the_case, source, fix->arena, at);
    the_case->ops->close(source);
    return status;
}

static void
goes_on_behind_any_poll(const source_case *the_case)
{
    if (!the_case->ops->resumes || the_case->ops == &wr_host_source) { /* the host goes on */
        assert_true(the_case->ops->resumes || !the_case->ops->guard);
        return;
    }
    collected whole;
    collected_init(&whole);
    source_drain(the_case, &(wr_poll_limits){.rows = 16000, .bytes = 1 << 20, .wait_us = 100000},
                 &whole);
    for (int polls = 1; polls <= 4; polls++) { /* by turns, until all has come */
        fixture fix;
        collected all;
        places at = {.count = 0};
        wr_status status = WR_OK;
        fixture_init(&fix, the_case, false);
        collected_init(&all);
        for (int runs = 0; status == WR_OK && runs < 2000; runs++) {
            status = source_run(the_case, &fix, polls, &at, &all);
        }
        assert_int_equal(WR_END, status);
        assert_int_equal(WR_END, source_run(the_case, &fix, 1, &at, &all)); /* and nothing more */
        assert_int_equal(whole.record_count, all.record_count);
        for (int p = 0; p < PARTITIONS_MAX; p++) {
            assert_int_equal(whole.hash[p], all.hash[p]);
            assert_int_equal(whole.bytes[p].size, all.bytes[p].size);
            assert_true(all.bytes[p].size == 0 ||
                        memcmp(whole.bytes[p].data, all.bytes[p].data, all.bytes[p].size) == 0);
        }
        collected_fini(&all);
        fixture_fini(&fix, the_case);
    }
    collected_fini(&whole);
}

/* An endless source that has said everything it had at first. */
static wr_source *
quiet_open(const source_case *the_case, fixture *fix)
{
    static const wr_poll_limits limits = {.rows = 100, .bytes = 10000, .wait_us = 1000};
    wr_source *source = NULL;
    wr_error err;
    fixture_init(fix, the_case, true);
    assert_int_equal(WR_OK, the_case->ops->open(&fix->config, &source, &err));
    wr_arena *arena = wr_arena_new(0);
    wr_block block;
    assert_int_equal(WR_OK, the_case->ops->poll(source, &limits, arena, &block, &err));
    wr_arena_free(arena);
    return source;
}

typedef struct waker_job {
    const source_case *the_case;
    wr_source *source;
} waker_job;

static void *
wake_soon(void *argument)
{
    const waker_job *job = argument;
    wr_sleep_us(50 * WR_US_PER_MS);
    job->the_case->ops->wake(job->source);
    return NULL;
}

static void
wake_ends_a_wait(const source_case *the_case)
{
    if (!the_case->waits) {
        return;
    }
    static const wr_poll_limits limits = {.rows = 1, .bytes = 1, .wait_us = 30 * WR_US_PER_S};
    fixture fix;
    wr_error err;
    wr_block block;
    pthread_t thread;
    waker_job job = {the_case, quiet_open(the_case, &fix)};
    wr_arena *arena = wr_arena_new(0);
    int64_t started_us = wr_clock_monotonic_us(NULL);
    assert_int_equal(0, pthread_create(&thread, NULL, wake_soon, &job));
    assert_int_equal(WR_OK, the_case->ops->poll(job.source, &limits, arena, &block, &err));
    pthread_join(thread, NULL);
    assert_true(wr_clock_monotonic_us(NULL) - started_us < 5 * WR_US_PER_S);
    wr_arena_free(arena);
    the_case->ops->close(job.source);
    fixture_fini(&fix, the_case);
}

static void
wait_is_obeyed(const source_case *the_case)
{
    if (!the_case->waits) {
        return;
    }
    static const wr_poll_limits limits = {.rows = 1, .bytes = 1, .wait_us = 60000};
    fixture fix;
    wr_error err;
    wr_block block;
    wr_source *source = quiet_open(the_case, &fix);
    wr_arena *arena = wr_arena_new(0);
    int64_t started_us = wr_clock_monotonic_us(NULL);
    assert_int_equal(WR_OK, the_case->ops->poll(source, &limits, arena, &block, &err));
    int64_t waited_us = wr_clock_monotonic_us(NULL) - started_us;
    assert_int_equal(WR_BLOCK_NONE, block.kind);
    assert_true(waited_us > 40000);
    assert_true(waited_us < 5 * WR_US_PER_S);
    wr_arena_free(arena);
    the_case->ops->close(source);
    fixture_fini(&fix, the_case);
}

static void
close_is_always_safe(const source_case *the_case)
{
    fixture fix;
    wr_error err;
    wr_source *source = NULL;
    fixture_init(&fix, the_case, false);
    assert_int_equal(WR_OK, the_case->ops->open(&fix.config, &source, &err));
    the_case->ops->wake(source);
    the_case->ops->close(source);
    if (the_case->needs_option) {
        source = NULL;
        fix.config.options.count = 0;
        assert_int_not_equal(WR_OK, the_case->ops->open(&fix.config, &source, &err));
        assert_int_equal('E', err.code[0]);
        if (source) {
            the_case->ops->close(source);
        }
    }
    fixture_fini(&fix, the_case);
}

static void
vtable_is_whole(const source_case *the_case)
{
    const wr_source_ops *ops = the_case->ops;
    assert_ptr_equal(ops, wr_source_find(wr_text_from(ops->name)));
    assert_non_null(ops->options);
    assert_true(ops->poll && ops->partitions && ops->wake && ops->close);
    for (const wr_option_spec *spec = ops->options; spec->name; spec++) {
        assert_non_null(spec->doc);
        if (spec->default_text) {
            const wr_option_spec *const tables[] = {ops->options, NULL};
            wr_option option = {.name = wr_text_from(spec->name),
                                .value = wr_text_from(spec->default_text)};
            wr_options options = {&option, 1};
            assert_int_equal(WR_OK, wr_options_check(options, tables, NULL, "x", NULL));
        }
    }
}

static void
run_all(void (*check)(const source_case *))
{
    for (int i = 0; i < CASE_COUNT; i++) {
        print_message("    %s\n", cases[i].name);
        check(&cases[i]);
    }
}

static void
test_contents(void **state)
{
    (void)state;
    run_all(contents_do_not_depend_on_limits);
}

static void
test_resumes(void **state)
{
    (void)state;
    run_all(goes_on_behind_any_poll);
}

static void
test_wake(void **state)
{
    (void)state;
    run_all(wake_ends_a_wait);
}

static void
test_wait(void **state)
{
    (void)state;
    run_all(wait_is_obeyed);
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
        cmocka_unit_test(test_vtable), cmocka_unit_test(test_contents), cmocka_unit_test(test_wake),
        cmocka_unit_test(test_wait),   cmocka_unit_test(test_close),
        cmocka_unit_test(test_resumes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
