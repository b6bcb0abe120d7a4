/* Scans and pipelines over a scripted source: micro-batches, bad rows, pseudo-columns, watermarks,
 * several sources, stopping. The format is `raw`-like: a message is a number in decimal. */
#include "tests/unit/exec_fixture.h"

#include "exec/pipeline.h"
#include "exec/sample.h"

#define MS WR_US_PER_MS

/* ── a source that gives what a test wrote down ─────────────────────────────────────────────── */

enum { SCRIPT_MAX = 16 };

struct wr_source {
    wr_block polls[SCRIPT_MAX]; /* one per poll; kind NONE: nothing came */
    int poll_count, next;
    wr_partition partitions[4];
    int partition_count;
    bool endless, closed;
    int end_after; /* poll with which all partitions are finished */
};

static wr_source *scripts[2]; /* by plan source, given out by open */
static int script_opened;

static wr_status
script_open(const wr_source_config *config, wr_source **source, wr_error *err)
{
    (void)config;
    (void)err;
    *source = scripts[script_opened++];
    return WR_OK;
}

static wr_status
script_poll(wr_source *source, const wr_poll_limits *limits, wr_arena *arena, wr_block *block,
            wr_error *err)
{
    (void)limits;
    (void)arena;
    (void)err;
    if (source->next < source->poll_count) {
        *block = source->polls[source->next++];
        return WR_OK;
    }
    for (int i = 0; i < source->partition_count && !source->endless; i++) {
        source->partitions[i].finished = true;
    }
    return source->endless ? WR_OK : WR_END;
}

static const wr_partition *
script_partitions(wr_source *source, int *count)
{
    *count = source->partition_count;
    return source->partitions;
}

static void
script_close(wr_source *source)
{
    source->closed = true;
}

static const wr_source_ops script_ops = {.name = "script",
                                         .positional = "name",
                                         .live = true,
                                         .open = script_open,
                                         .poll = script_poll,
                                         .partitions = script_partitions,
                                         .close = script_close};

/* ── a format: decimal numbers; "bad" is rejected, "misfit" too ─────────────────────────────── */

struct wr_decoder {
    wr_decode_spec spec;
};

static wr_status
number_open(wr_arena *arena, const wr_decode_spec *spec, wr_decoder **decoder, wr_error *err)
{
    (void)err;
    *decoder = WR_NEW(arena, wr_decoder);
    (*decoder)->spec = *spec;
    return WR_OK;
}

static wr_status
number_decode(wr_decoder *decoder, const wr_block *block, size_t *at, wr_decode_out *out,
              wr_error *err)
{
    (void)err;
    wr_batch *batch = out->batch;
    int capacity = block->message_count;
    wr_vector_init_flat(&batch->columns[0], WR_TYPE(BIGINT), capacity, batch->arena);
    for (; *at < (size_t)block->message_count; (*at)++) {
        const wr_message *message = &block->messages[*at];
        int64_t value = 0;
        if (message->data && !wr_text_to_int64((wr_text){message->data, message->size}, &value)) {
            wr_bad_row bad = {.reason = WR_REASON_SYNTAX,
                              .byte = 0,
                              .column = WR_TEXT("v"),
                              .record = {message->data, message->size},
                              .origin = {message->partition, message->offset},
                              .misfit = message->size == 6};
            decoder->spec.reject(decoder->spec.reject_context, &bad);
            continue;
        }
        out->source_index[batch->row_count] = (uint32_t)*at;
        ((int64_t *)batch->columns[0].data)[batch->row_count] = value;
        if (!message->data) {
            wr_vector_set_null(&batch->columns[0], batch->row_count, capacity, batch->arena);
        }
        batch->row_count++;
    }
    return WR_OK;
}

static void
number_close(wr_decoder *decoder)
{
    (void)decoder;
}

static const wr_format_ops number_format = {.name = "number",
                                            .decoder_open = number_open,
                                            .decode = number_decode,
                                            .decoder_close = number_close};

/* ── a query: scan → tumbling count and sum → result ────────────────────────────────────────── */

typedef struct query {
    wr_arena *arena;
    wr_clock clock;
    wr_plan plan;
    wr_plan_node scan, scan2, all, aggregate, result;
    wr_plan_node *scan_list[2], *aggregate_list[1], *result_list[1], *roots[1];
    wr_plan_source sources[2];
    wr_plan_aggregate_item items[2];
    wr_decode_column decode;
    wr_text path;
    wr_pipeline_config config;
    wr_pipeline *pipeline;
    wr_buffer rows, notices;
    int bad_count;
    wr_source script, script2;
} query;

static wr_status
query_on_rows(void *context, const wr_batch *batch, wr_error *err)
{
    (void)err;
    query *own = context;
    for (int i = 0; i < batch->selected_count; i++) {
        int row = batch->selection ? batch->selection[i] : i;
        for (int k = 0; k < batch->column_count; k++) {
            wr_buffer_text(&own->rows, k > 0 ? WR_TEXT(" ") : WR_TEXT_NONE);
            collect_value(&own->rows, &batch->columns[k], row);
        }
        wr_buffer_char(&own->rows, '\n');
    }
    return WR_OK;
}

static void
query_on_bad_row(void *context, const wr_plan_scan *scan, const wr_partition *partition,
                 const wr_bad_row *bad)
{
    (void)scan;
    (void)bad;
    assert_non_null(partition);
    ((query *)context)->bad_count++;
}

static void
query_on_notice(void *context, const char *line)
{
    wr_buffer_printf(&((query *)context)->notices, "%s\n", line);
}

static void
query_init_scan(query *own, wr_plan_node *scan, int source)
{
    static wr_column column = {.name = {"v", 1}, .type = {.id = WR_TYPE_BIGINT}};
    own->path = WR_TEXT("v");
    own->decode = (wr_decode_column){.path = &own->path, .path_length = 1, .type = column.type};
    scan->kind = WR_PLAN_SCAN;
    scan->schema = (wr_schema){&column, 1};
    scan->u.scan = (wr_plan_scan){.source_index = source,
                                  .source = &script_ops,
                                  .format = &number_format,
                                  .declared = {&column, 1},
                                  .decode = &own->decode,
                                  .decode_count = 1,
                                  .name = WR_TEXT("script('a-b')"),
                                  .has_event_time = true,
                                  .event_time_needed = true,
                                  .on_error = WR_ON_ERROR_SKIP};
    own->sources[source].source = &script_ops;
    own->sources[source].same_as = -1;
}

static wr_schema
query_schema(query *own, int count)
{
    wr_schema schema = {WR_NEW_ARRAY(own->arena, wr_column, count), count};
    for (int i = 0; i < count; i++) {
        schema.columns[i] = (wr_column){.name = WR_TEXT("c"), .type = WR_TYPE(BIGINT)};
    }
    return schema;
}

static query *
query_new(bool with_window)
{
    query *own = calloc(1, sizeof(*own));
    own->arena = wr_arena_new(0);
    own->clock.manual = true;
    query_init_scan(own, &own->scan, 0);
    query_init_scan(own, &own->scan2, 1);
    own->scan_list[0] = &own->scan;
    own->scan_list[1] = &own->scan2;
    own->items[0].aggregate = &aggregate_count;
    const wr_expr **args = WR_NEW_ARRAY(own->arena, const wr_expr *, 1);
    args[0] = column_expr(own->arena, WR_TYPE(BIGINT), 0);
    own->items[1] =
        (wr_plan_aggregate_item){.aggregate = &aggregate_sum, .args = args, .arg_count = 1};
    own->aggregate = (wr_plan_node){.kind = WR_PLAN_AGGREGATE,
                                    .schema = query_schema(own, 5),
                                    .inputs = own->scan_list,
                                    .input_count = 1};
    own->aggregate.u.aggregate =
        (wr_plan_aggregate){.window = {WR_WINDOW_TUMBLING, 10 * MS, 10 * MS, 0, 0},
                            .items = own->items,
                            .item_count = 2,
                            .global = true};
    own->aggregate_list[0] = with_window ? &own->aggregate : &own->scan;
    own->result = (wr_plan_node){.kind = WR_PLAN_RESULT,
                                 .schema = query_schema(own, with_window ? 5 : 1),
                                 .inputs = own->aggregate_list,
                                 .input_count = 1};
    own->roots[0] = &own->result;
    own->plan = (wr_plan){.root = &own->result,
                          .roots = own->roots,
                          .root_count = 1,
                          .node_count = 5,
                          .sources = own->sources,
                          .source_count = 1};
    own->config = (wr_pipeline_config){.plan = &own->plan,
                                       .query_arena = own->arena,
                                       .clock = &own->clock,
                                       .on_rows = query_on_rows,
                                       .on_bad_row = query_on_bad_row,
                                       .on_notice = query_on_notice,
                                       .callback_context = own};
    for (int i = 0; i < 4; i++) {
        own->script.partitions[i] = (wr_partition){
            .name = WR_TEXT("7"), .opened = true, .end_offset = 100, .next_offset = 60};
    }
    own->script.partition_count = 1;
    own->script2 = own->script;
    wr_buffer_init(&own->rows);
    wr_buffer_init(&own->notices);
    scripts[0] = &own->script;
    scripts[1] = &own->script2;
    script_opened = 0;
    return own;
}

static void
query_free(query *own)
{
    wr_pipeline_close(own->pipeline);
    wr_buffer_fini(&own->rows);
    wr_buffer_fini(&own->notices);
    wr_arena_free(own->arena);
    free(own);
}

/* A poll of messages "payload@partition:time_ms …"; "-" is a tombstone; "" is an empty poll. */
static void
script_add(query *own, wr_source *script, const char *text)
{
    wr_block *block = &script->polls[script->poll_count++];
    *block = (wr_block){.kind = *text ? WR_BLOCK_MESSAGES : WR_BLOCK_NONE,
                        .manual_watermark_us = WR_TIME_NONE,
                        .messages = WR_NEW_ARRAY(own->arena, wr_message, 32)};
    char payload[16];
    int partition = 0, time_ms = 0, used = 0;
    while (sscanf(text, " %15[^@]@%d:%d%n", payload, &partition, &time_ms, &used) == 3) {
        size_t size = strlen(payload);
        bool is_tombstone = payload[0] == '-' && size == 1;
        block->messages[block->message_count] = (wr_message){
            .data = is_tombstone ? NULL : wr_arena_strndup(own->arena, payload, size),
            .size = is_tombstone ? 0 : size,
            .key = "k",
            .key_size = 1,
            .timestamp_us = time_ms < 0 ? WR_TIME_NONE : time_ms * MS,
            .offset = block->message_count + 40,
            .partition = partition};
        block->message_count++;
        text += used;
    }
}

static void
query_open(query *own)
{
    wr_error err = {0};
    assert_int_equal(wr_pipeline_open(&own->config, &own->pipeline, &err), WR_OK);
}

static wr_status
query_run(query *own, wr_error *err)
{
    wr_status status = WR_OK;
    for (int i = 0; i < 50 && (status == WR_OK || status == WR_AGAIN); i++) {
        status = wr_pipeline_step(own->pipeline, 0, err);
    }
    return status;
}

static void
query_expect(query *own, const char *rows)
{
    assert_string_equal(wr_buffer_cstr(&own->rows), rows);
    wr_buffer_reset(&own->rows);
}

/* ── tests ──────────────────────────────────────────────────────────────────────────────────── */

static void
closes_windows_as_time_passes(void **state)
{
    (void)state;
    const int vector_rows[] = {1, 3, 2048};
    for (int i = 0; i < 3; i++) {
        query *own = query_new(true);
        own->config.vector_rows = vector_rows[i];
        script_add(own, &own->script, "1@0:3 2@0:12 5@0:7 4@0:8");
        script_add(own, &own->script, "");
        script_add(own, &own->script, "8@0:21");
        query_open(own);
        assert_int_equal(wr_pipeline_step(own->pipeline, 0, NULL), WR_OK);
        query_expect(own, "0 10000 9000 1 1\n");
        assert_int_equal(wr_pipeline_step(own->pipeline, 0, NULL), WR_AGAIN);
        assert_int_equal(wr_pipeline_step(own->pipeline, 0, NULL), WR_OK);
        query_expect(own, "10000 20000 19000 1 2\n");
        assert_int_equal(wr_pipeline_step(own->pipeline, 0, NULL), WR_END);
        query_expect(own, "20000 30000 29000 1 8\n");
        wr_pipeline_stats stats;
        wr_pipeline_stats_get(own->pipeline, &stats);
        assert_int_equal(stats.rows_in, 5);
        assert_int_equal(stats.rows_late, 2);
        assert_int_equal(stats.rows_out, 3);
        assert_int_equal(stats.lag, 40);
        assert_int_equal(wr_pipeline_step(own->pipeline, 0, NULL), WR_END);
        query_free(own);
    }
}

static void
bad_rows_are_skipped_and_counted(void **state)
{
    (void)state;
    query *own = query_new(false);
    script_add(own, &own->script, "1@0:3 bad@0:4 2@0:5 3@0:-1 -@0:6");
    query_open(own);
    assert_int_equal(query_run(own, NULL), WR_END);
    query_expect(own, "1\n2\nNULL\n");
    assert_int_equal(own->bad_count, 2); /* one not a number, one without an event time */
    query_free(own);
}

static void
bad_rows_may_fail_the_query(void **state)
{
    (void)state;
    query *own = query_new(false);
    own->scan.u.scan.on_error = WR_ON_ERROR_FAIL;
    script_add(own, &own->script, "1@0:3 bad@0:4");
    query_open(own);
    wr_error err = {0};
    assert_int_equal(query_run(own, &err), WR_ERR_RUNTIME);
    assert_string_equal(err.code, "E0801");
    assert_string_equal(err.message, "bad row in script('a-b') (partition 7, offset 41, byte 0): "
                                     "not valid for the format in \"v\"");
    assert_string_equal(err.detail, "the record: bad");
    query_free(own);
}

static void
misfits_print_the_declaration(void **state)
{
    (void)state;
    query *own = query_new(false);
    const wr_option option = {.name = WR_TEXT(""), .value = WR_TEXT("a-b"), .positional = true};
    own->scan.u.scan.options = (wr_options){&option, 1};
    script_add(own, &own->script, "1@0:3 misfit@0:4");
    query_open(own);
    wr_error err = {0};
    assert_int_equal(query_run(own, &err), WR_ERR_RUNTIME);
    assert_string_equal(err.code, "E0802");
    assert_non_null(strstr(err.hint, "CREATE STREAM my_a_b (v DOUBLE) WITH (connector = 'script', "
                                     "name = 'a-b', format = 'number');"));
    query_free(own);
}

static void
tombstones_without_event_time_are_counted(void **state)
{
    (void)state;
    query *own = query_new(false);
    own->scan.u.scan.event_time = column_expr(own->arena, WR_TYPE(BIGINT), 0);
    script_add(own, &own->script, "1@0:3 -@0:4 2@0:5");
    query_open(own);
    assert_int_equal(query_run(own, NULL), WR_END);
    query_expect(own, "1\n2\n");
    wr_pipeline_stats stats;
    wr_pipeline_stats_get(own->pipeline, &stats);
    assert_int_equal(stats.tombstones, 1);
    assert_int_equal(stats.rows_bad, 0);
    query_free(own);
}

static void
pseudo_columns_are_filled(void **state)
{
    (void)state;
    query *own = query_new(false);
    static const wr_pseudo pseudo[] = {WR_PSEUDO_KEY, WR_PSEUDO_PARTITION, WR_PSEUDO_OFFSET,
                                       WR_PSEUDO_TIMESTAMP, WR_PSEUDO_TOPIC, WR_PSEUDO_HEADERS};
    const wr_option option = {.name = WR_TEXT(""), .value = WR_TEXT("t"), .positional = true};
    own->scan.u.scan.options = (wr_options){&option, 1};
    own->scan.u.scan.pseudo = pseudo;
    own->scan.u.scan.pseudo_count = 6;
    own->scan.schema = own->result.schema = query_schema(own, 7);
    own->script.partition_count = 2;
    script_add(own, &own->script, "1@0:3 2@1:4");
    query_open(own);
    assert_int_equal(query_run(own, NULL), WR_END);
    query_expect(own, "1 k 0 40 3000 t NULL\n2 k 1 41 4000 t NULL\n");
    query_free(own);
}

static void
partitions_are_judged_apart(void **state)
{
    (void)state;
    query *own = query_new(true);
    own->script.partition_count = 2;
    script_add(own, &own->script, "1@0:25 2@1:3 4@1:12 8@1:5 16@0:9");
    query_open(own);
    assert_int_equal(wr_pipeline_step(own->pipeline, 0, NULL), WR_OK);
    query_expect(own, "0 10000 9000 1 2\n");
    assert_int_equal(query_run(own, NULL), WR_END);
    query_expect(own, "10000 20000 19000 1 4\n20000 30000 29000 1 1\n");
    query_free(own);
}

static void
idle_sources_close_their_last_window(void **state)
{
    (void)state;
    query *own = query_new(true);
    own->scan.u.scan.idle_timeout_us = 30 * WR_US_PER_S;
    own->script.endless = true;
    own->script.partitions[0].at_end = true;
    script_add(own, &own->script, "1@0:3 2@0:12");
    query_open(own);
    assert_int_equal(wr_pipeline_step(own->pipeline, 0, NULL), WR_OK);
    query_expect(own, "0 10000 9000 1 1\n");
    own->clock.wall_us = 29 * WR_US_PER_S;
    assert_int_equal(wr_pipeline_step(own->pipeline, 0, NULL), WR_AGAIN);
    query_expect(own, "");
    own->clock.wall_us = 30 * WR_US_PER_S;
    assert_int_equal(wr_pipeline_step(own->pipeline, 0, NULL), WR_AGAIN);
    query_expect(own, "10000 20000 19000 1 2\n");
    wr_pipeline_stats stats;
    assert_int_equal(wr_pipeline_stop(own->pipeline, false, NULL), WR_OK);
    wr_pipeline_stats_get(own->pipeline, &stats);
    assert_int_equal(stats.watermark_us, 20 * MS);
    query_free(own);
}

static void
stop_drops_and_drain_closes(void **state)
{
    (void)state;
    for (int drain = 0; drain < 2; drain++) {
        query *own = query_new(true);
        own->script.endless = true;
        script_add(own, &own->script, "1@0:3");
        query_open(own);
        assert_int_equal(wr_pipeline_step(own->pipeline, 0, NULL), WR_OK);
        assert_int_equal(wr_pipeline_stop(own->pipeline, drain, NULL), WR_OK);
        query_expect(own, drain ? "0 10000 9000 1 1\n" : "");
        assert_int_equal(wr_pipeline_step(own->pipeline, 0, NULL), WR_END);
        query_free(own);
    }
}

static void
manual_watermarks_close_windows(void **state)
{
    (void)state;
    query *own = query_new(true);
    own->script.endless = true;
    script_add(own, &own->script, "1@0:3");
    script_add(own, &own->script, "");
    own->script.polls[1].manual_watermark_us = 10 * MS;
    script_add(own, &own->script, "1@0:4");
    query_open(own);
    assert_int_equal(wr_pipeline_step(own->pipeline, 0, NULL), WR_OK);
    query_expect(own, "");
    assert_int_equal(wr_pipeline_step(own->pipeline, 0, NULL), WR_OK);
    query_expect(own, "0 10000 9000 1 1\n");
    assert_int_equal(wr_pipeline_step(own->pipeline, 0, NULL), WR_OK);
    assert_int_equal(wr_pipeline_stop(own->pipeline, true, NULL), WR_OK);
    query_expect(own, "");
    query_free(own);
}

static void
future_rows_are_noticed_once_a_minute(void **state)
{
    (void)state;
    query *own = query_new(true);
    own->scan.u.scan.max_future_skew_us = 5 * MS;
    own->script.endless = true;
    script_add(own, &own->script, "1@0:3 2@0:25 4@0:5");
    script_add(own, &own->script, "2@0:26");
    query_open(own);
    assert_int_equal(wr_pipeline_step(own->pipeline, 0, NULL), WR_OK);
    assert_int_equal(wr_pipeline_step(own->pipeline, 0, NULL), WR_OK);
    query_expect(own, "");
    assert_non_null(strstr(wr_buffer_cstr(&own->notices), "1 rows are further ahead"));
    assert_int_equal(wr_pipeline_stop(own->pipeline, true, NULL), WR_OK);
    query_expect(own, "0 10000 9000 2 5\n20000 30000 29000 2 4\n");
    query_free(own);
}

static void
unions_wait_for_both_sources(void **state)
{
    (void)state;
    query *own = query_new(true);
    own->plan.source_count = 2;
    own->all = (wr_plan_node){.kind = WR_PLAN_UNION,
                              .schema = query_schema(own, 1),
                              .inputs = own->scan_list,
                              .input_count = 2};
    own->result_list[0] = &own->all;
    own->aggregate.inputs = own->result_list;
    script_add(own, &own->script, "1@0:3 2@0:33");
    script_add(own, &own->script, "");
    script_add(own, &own->script2, "4@0:5 8@0:9");
    script_add(own, &own->script2, "16@0:12");
    query_open(own);
    assert_int_equal(wr_pipeline_step(own->pipeline, 0, NULL), WR_OK);
    query_expect(own, "");
    assert_int_equal(wr_pipeline_step(own->pipeline, 0, NULL), WR_OK);
    query_expect(own, "0 10000 9000 3 13\n");
    assert_int_equal(query_run(own, NULL), WR_END);
    query_expect(own, "10000 20000 19000 1 16\n30000 40000 39000 1 2\n");
    query_free(own);
    assert_int_equal(script_opened, 2);
}

static void
typed_rows_are_checked_against_the_declaration(void **state)
{
    (void)state;
    for (int forgiving = 0; forgiving < 2; forgiving++) {
        query *own = query_new(false);
        own->decode.type.bits = 16;
        own->decode.not_null = true;
        own->scan.u.scan.format = NULL;
        own->scan.u.scan.on_error = forgiving ? WR_ON_ERROR_NULL : WR_ON_ERROR_SKIP;
        const int64_t values[] = {1, 5, 70000, -32768};
        wr_batch *batch = bigint_batch(own->arena, 4, 1, (const int64_t *[]){values});
        wr_vector_set_null(&batch->columns[0], 1, 4, own->arena);
        own->script.polls[own->script.poll_count++] =
            (wr_block){.kind = WR_BLOCK_ROWS,
                       .batches = &batch,
                       .batch_count = 1,
                       .row_arrival_us = (const int64_t[]){1, 2, 3, 4},
                       .manual_watermark_us = WR_TIME_NONE};
        query_open(own);
        assert_int_equal(query_run(own, NULL), WR_END);
        query_expect(own, forgiving ? "1\nNULL\n-32768\n" : "1\n-32768\n");
        assert_int_equal(own->bad_count, forgiving ? 1 : 2);
        query_free(own);
    }
}

/* ── sampling ───────────────────────────────────────────────────────────────────────────────── */

static void
sampling_loses_nothing(void **state)
{
    (void)state;
    query *own = query_new(true);
    own->script.partition_count = 2;
    own->script.partitions[0].at_end = own->script.partitions[1].at_end = true;
    script_add(own, &own->script, "");
    script_add(own, &own->script, "1@1:3 2@0:4 3@1:5");
    script_add(own, &own->script, "4@0:15 5@1:14");
    wr_sampler *sampler = NULL;
    wr_error err = {0};
    assert_int_equal(wr_sampler_open(&own->sources[0], own->arena, &own->clock, &own->config,
                                     &sampler, &err),
                     WR_OK);
    assert_int_equal(wr_sampler_step(sampler, 0, &err), WR_AGAIN);
    assert_int_equal(wr_sampler_step(sampler, 0, &err), WR_OK);
    assert_int_equal(wr_sampler_message_count(sampler), 3);
    assert_int_equal(own->sources[0].learned.schema.count, 1);
    wr_opened_source opened = wr_sampler_take(sampler);
    wr_sampler_close(sampler);
    assert_false(own->script.closed);
    own->config.opened = &opened;
    query_open(own);
    assert_int_equal(query_run(own, &err), WR_END);
    query_expect(own, "0 10000 9000 3 6\n10000 20000 19000 2 9\n");
    query_free(own);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(closes_windows_as_time_passes),
                                       cmocka_unit_test(bad_rows_are_skipped_and_counted),
                                       cmocka_unit_test(bad_rows_may_fail_the_query),
                                       cmocka_unit_test(misfits_print_the_declaration),
                                       cmocka_unit_test(tombstones_without_event_time_are_counted),
                                       cmocka_unit_test(pseudo_columns_are_filled),
                                       cmocka_unit_test(partitions_are_judged_apart),
                                       cmocka_unit_test(idle_sources_close_their_last_window),
                                       cmocka_unit_test(stop_drops_and_drain_closes),
                                       cmocka_unit_test(manual_watermarks_close_windows),
                                       cmocka_unit_test(future_rows_are_noticed_once_a_minute),
                                       cmocka_unit_test(unions_wait_for_both_sources),
                                       cmocka_unit_test(
                                           typed_rows_are_checked_against_the_declaration),
                                       cmocka_unit_test(sampling_loses_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
