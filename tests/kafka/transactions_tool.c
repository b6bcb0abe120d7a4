/* A job in small: drives the exactly-once Kafka sink as checkpoints and outbox do, so that a test
 * can kill it anywhere.
 *
 *   transactions_tool HOST:PORT TOPIC STATE [AHEAD] [once]     commands from stdin, a line each:
 *     COUNT        an epoch of COUNT rows: frames, state, deliver     ok EPOCH MICROSECONDS
 *     big SIZE     a row of SIZE bytes goes into a frame              ok 0 0
 *     refresh      the marker alone                                   ok EPOCH MICROSECONDS
 *   The first answer is "recovered M"; an error is "error STATUS CODE message | detail".
 *   `once` writes with the at-least-once operations instead, for comparing speed.
 *
 * STATE holds "e count delivered uuid": what a commit makes durable; e's frame is made again from
 * its number, byte for byte: row i of epoch e is {"e":e,"i":i} with key "k<i mod 7>".
 *
 * 1. State is renamed into place before anything is delivered.
 * 2. An epoch that is in the state but not in the topic is delivered first, as after a crash. */
#include "connectors/registry.h"
#include "core/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UUID_MAX = 40, LINE_BYTES = 128 };

typedef struct job {
    wr_arena *arena;
    wr_column columns[2];
    wr_option options[2];
    wr_sink_config config;
    wr_sink *sink;
    const char *state_path;
    long long epoch, count, delivered;
    char uuid[UUID_MAX];
    int64_t taken_us; /* by deliver, or by writing */
} job;

static void
error_print(const wr_error *err)
{
    printf("error %d %s %s | %s\n", (int)err->status, err->code, err->message, err->detail);
}

/* ── state ──────────────────────────────────────────────────────────────────────────────────── */

static void
state_read(job *own)
{
    FILE *file = fopen(own->state_path, "r");
    snprintf(own->uuid, sizeof own->uuid, "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed");
    if (file) {
        if (fscanf(file, "%lld %lld %lld %39s", &own->epoch, &own->count, &own->delivered,
                   own->uuid) != 4) {
            fprintf(stderr, "transactions_tool: bad state\n");
            exit(2);
        }
        fclose(file);
    }
}

static void
state_write(const job *own)
{
    char path[512];
    snprintf(path, sizeof path, "%s.new", own->state_path);
    FILE *file = fopen(path, "w");
    if (!file || fprintf(file, "%lld %lld %lld %s\n", own->epoch, own->count, own->delivered,
                         own->uuid) < 0 ||
        fclose(file) != 0 || rename(path, own->state_path) != 0) {
        fprintf(stderr, "transactions_tool: cannot write the state\n");
        exit(2);
    }
}

/* ── rows ───────────────────────────────────────────────────────────────────────────────────── */

static wr_batch *
rows_make(const job *own, wr_arena *arena, long long first, int count)
{
    wr_batch *batch = wr_batch_new(arena, 2);
    wr_vector_init_flat(&batch->columns[0], own->columns[0].type, count, arena);
    wr_vector_init_flat(&batch->columns[1], own->columns[1].type, count, arena);
    for (int i = 0; i < count; i++) {
        wr_text key = wr_arena_printf(arena, "k%lld", (first + i) % 7);
        WR_VALUE(&batch->columns[0], int64_t, i) = own->epoch * 1000000000 + first + i;
        WR_VALUE(&batch->columns[1], wr_view, i) = wr_view_from(key.data, key.size);
    }
    batch->row_count = batch->selected_count = count;
    return batch;
}

static wr_status
rows_put(job *own, wr_buffer *frame, wr_error *err)
{
    wr_status status = WR_OK;
    for (long long first = 0; first < own->count && status == WR_OK; first += WR_BATCH_ROWS) {
        wr_arena *arena = wr_arena_new(0);
        long long left = own->count - first;
        wr_batch *batch =
            rows_make(own, arena, first, left < WR_BATCH_ROWS ? (int)left : WR_BATCH_ROWS);
        status = frame ? wr_kafka_sink.frame(own->sink, batch, frame, err)
                       : wr_kafka_sink.write(own->sink, batch, err);
        wr_arena_free(arena);
    }
    return status;
}

static wr_status
epoch_deliver(job *own, wr_error *err)
{
    wr_buffer bytes;
    wr_buffer_init(&bytes);
    wr_status status = rows_put(own, &bytes, err);
    wr_sink_frame frame = {.epoch = own->epoch, .seq = own->epoch};
    frame.bytes = (wr_text){bytes.size > 0 ? bytes.data : "", bytes.size};
    wr_delivery delivery = {.job_name = own->config.job_name,
                            .job_uuid = wr_text_from(own->uuid),
                            .epoch = own->epoch,
                            .frames = &frame,
                            .frame_count = own->count > 0};
    int64_t begin_us = wr_clock_monotonic_us(NULL);
    if (status == WR_OK) {
        status = wr_kafka_sink.deliver(own->sink, &delivery, err);
    }
    own->taken_us = wr_clock_monotonic_us(NULL) - begin_us;
    wr_buffer_fini(&bytes);
    own->delivered = status == WR_OK ? own->epoch : own->delivered;
    return status;
}

/* ── commands ───────────────────────────────────────────────────────────────────────────────── */

static wr_status
big_frame(job *own, long long size, wr_error *err)
{
    wr_arena *arena = wr_arena_new(0);
    wr_batch *batch = rows_make(own, arena, 0, 1);
    char *text = wr_arena_bytes(arena, (size_t)size);
    memset(text, 'x', (size_t)size);
    WR_VALUE(&batch->columns[1], wr_view, 0) = wr_view_from(text, (size_t)size);
    wr_buffer bytes;
    wr_buffer_init(&bytes);
    wr_status status = wr_kafka_sink.frame(own->sink, batch, &bytes, err);
    wr_buffer_fini(&bytes);
    wr_arena_free(arena);
    return status;
}

static wr_status
command_run(job *own, const char *line, bool once, wr_error *err)
{
    if (strncmp(line, "big ", 4) == 0) {
        return big_frame(own, strtoll(line + 4, NULL, 10), err);
    }
    own->count = strncmp(line, "refresh", 7) == 0 ? 0 : strtoll(line, NULL, 10);
    if (once) {
        int64_t begin_us = wr_clock_monotonic_us(NULL);
        WR_TRY(rows_put(own, NULL, err));
        WR_TRY(wr_kafka_sink.finish(own->sink, err));
        own->taken_us = wr_clock_monotonic_us(NULL) - begin_us;
        return WR_OK;
    }
    if (own->count > 0) {
        own->epoch++;
        state_write(own);
    }
    return epoch_deliver(own, err);
}

static int
commands_run(job *own, bool once)
{
    char line[LINE_BYTES];
    wr_error err;
    while (fgets(line, sizeof line, stdin)) {
        wr_error_clear(&err);
        if (command_run(own, line, once, &err) != WR_OK) {
            error_print(&err);
            return 1;
        }
        printf("ok %lld %lld\n", own->epoch, (long long)own->taken_us);
        fflush(stdout);
    }
    return 0;
}

static wr_status
job_recover(job *own, enum wr_sink_ahead ahead, wr_error *err)
{
    wr_buffer name;
    wr_buffer_init(&name);
    wr_status status = wr_kafka_sink.destination(&own->config, &name, err);
    if (status == WR_OK) {
        wr_sink_past past = {.job_name = own->config.job_name,
                             .job_uuid = wr_text_from(own->uuid),
                             .last_epoch = own->epoch,
                             .delivered_epoch = own->delivered,
                             .ahead = ahead};
        int64_t shown = 0;
        status = wr_kafka_sink.recover(own->sink, &past, &shown, err);
        if (status == WR_OK) {
            printf("recovered %lld %s\n", (long long)shown, wr_buffer_cstr(&name));
            fflush(stdout);
            status = shown < own->epoch ? epoch_deliver(own, err) : WR_OK;
            own->delivered = own->epoch;
        }
    }
    wr_buffer_fini(&name);
    return status;
}

static void
job_describe(job *own, char **arguments)
{
    own->columns[0] = (wr_column){.name = WR_TEXT("n"), .type = {.id = WR_TYPE_BIGINT}};
    own->columns[1] = (wr_column){.name = WR_TEXT("k"), .type = {.id = WR_TYPE_TEXT}};
    own->options[0] = (wr_option){
        .name = WR_TEXT(""), .value = wr_text_from(arguments[2]), .length = 1, .positional = true};
    own->options[1] =
        (wr_option){.name = WR_TEXT("key"), .value = WR_TEXT("k"), .length = 1};
    own->state_path = arguments[3];
    own->config = (wr_sink_config){.options = {own->options, 2},
                                   .arena = own->arena,
                                   .schema = {own->columns, 2},
                                   .brokers = wr_text_from(arguments[1]),
                                   .exactly_once = true,
                                   .job_name = wr_text_from(arguments[2])};
}

int
main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: transactions_tool HOST:PORT TOPIC STATE [AHEAD] [once]\n");
        return 2;
    }
    job own = {.arena = wr_arena_new(0)};
    wr_error err;
    wr_error_clear(&err);
    const char *word = argc > 4 ? argv[4] : "";
    enum wr_sink_ahead ahead = strcmp(word, "duplicate") == 0 ? WR_AHEAD_DUPLICATE
                               : strcmp(word, "skip") == 0    ? WR_AHEAD_SKIP
                                                              : WR_AHEAD_REFUSE;
    bool once = strcmp(argv[argc - 1], "once") == 0;
    job_describe(&own, argv);
    own.config.exactly_once = !once;
    state_read(&own);
    wr_status status = wr_kafka_sink.open(&own.config, &own.sink, &err);
    if (status == WR_OK && !once) {
        status = job_recover(&own, ahead, &err);
    }
    int code = 1;
    if (status == WR_OK) {
        code = commands_run(&own, once);
    } else {
        error_print(&err);
    }
    if (own.sink) {
        wr_kafka_sink.close(own.sink);
    }
    wr_arena_free(own.arena);
    return code;
}
