/* Scans: from blocks of a source to batches with event times and watermarks.
 *
 *   block ─decode▶ columns ─▶ + _key, _offset … ─▶ event time of each row ─▶ watermark before it
 *                                                   NULL: a bad row
 *
 * 1. The batch arena is reset before each batch is decoded: nobody above keeps a pointer into one.
 * 2. All rows that one take gave are pushed before the watermark is passed on, and WR_TIME_END only
 *    when the source has ended.
 * 3. Blocks that were sampled are the first micro-batch.
 * 4. Micro-batches grow while polls come back full and shrink when little comes, between bounds
 *    that SET batch_rows and batch_bytes may fix. */
#include "exec/scan.h"

#include "exec/scan_state.h"
#include "exec/window.h"

#include <assert.h>

enum {
    SCAN_MIN_ROWS = 2048,
    SCAN_MAX_ROWS = 32768,
    SCAN_LENT_ROWS = 131072, /* what a program has pushed as one batch is mostly one micro-batch */
    SCAN_MIN_BYTES = 256 * 1024,
    SCAN_MAX_BYTES = 4 * 1024 * 1024, /* with its messages a poll fits what an arena keeps */
    SCAN_CHUNK_BYTES = 1024 * 1024, /* a chunk should stay in the cache while it is decoded */
    SCAN_CONNECT_TIMEOUT_MS = 8000
};

/* ── opening ────────────────────────────────────────────────────────────────────────────────── */

static wr_status
scan_open_source(wr_scan *scan, wr_error *err)
{
    const wr_plan_scan *plan = scan->plan;
    const wr_pipeline_config *config = scan->config;
    const wr_plan_source *source = &config->plan->sources[plan->source_index];
    wr_source_config open = {
        .options = plan->options,
        .arena = config->query_arena,
        .clock = config->clock,
        .schema = plan->declared,
        .pseudo_mask = plan->pseudo_mask | source->shared_pseudo_mask,
        .until_end = plan->until_end,
        .brokers = source->brokers,
        .queue_bytes = config->queue_bytes,
        .connect_timeout_ms =
            config->connect_timeout_ms ? config->connect_timeout_ms : SCAN_CONNECT_TIMEOUT_MS,
        .host = config->hosts ? config->hosts[plan->source_index] : NULL,
        .values = plan->values,
        .values_count = plan->values_count,
        .format = plan->format,
        .lane_count = 1,
        .is_resumed = scan->past != NULL};
    if (scan->past) {
        open.resume = wr_scan_resume(scan, config->query_arena, &open.resume_count);
    }
    return plan->source->open(&open, &scan->source, err);
}

static wr_status
scan_open_decoder(wr_scan *scan, wr_error *err)
{
    const wr_plan_scan *plan = scan->plan;
    if (!plan->format) {
        return WR_OK;
    }
    wr_decode_spec spec = {.columns = plan->decode,
                           .column_count = plan->decode_count,
                           .declared = plan->declared,
                           .options = plan->options,
                           .bad_value_null = plan->on_error == WR_ON_ERROR_NULL,
                           .tombstone_rows = true,
                           .reject = wr_scan_reject,
                           .reject_context = scan,
                           .derive = wr_scan_derive,
                           .derive_context = scan};
    wr_scan_open_derive(scan);
    return plan->format->decoder_open(scan->config->query_arena, &spec, &scan->decoder, err);
}

static void
scan_set_bounds(wr_scan *scan)
{
    const wr_pipeline_config *config = scan->config;
    scan->min_rows = config->batch_rows ? config->batch_rows : SCAN_MIN_ROWS;
    scan->max_rows = config->batch_rows ? config->batch_rows : SCAN_MAX_ROWS;
    scan->min_bytes = config->batch_bytes ? config->batch_bytes : SCAN_MIN_BYTES;
    scan->max_bytes = config->batch_bytes ? config->batch_bytes : SCAN_MAX_BYTES;
    scan->bound_rows = scan->min_rows;
    scan->bound_bytes = scan->min_bytes;
}

void
wr_scan_refresh(wr_scan *scan)
{
    int count = 0;
    const wr_partition *partitions = scan->plan->source->partitions(scan->source, &count);
    wr_watermark_refresh(&scan->watermark, partitions, count,
                         wr_clock_monotonic_us(scan->config->clock));
}

wr_status
wr_scan_open(wr_scan *scan, const wr_pipeline_config *config, wr_error *err)
{
    const wr_plan_scan *plan = &scan->op.node->u.scan;
    scan->plan = plan;
    scan->config = config;
    scan->is_open = true;
    scan->passed_us = WR_TIME_NONE;
    scan->poll_arena = wr_arena_new(0);
    scan->out.lines = scan->lines;
    scan->facts = &scan->own_facts;
    scan_set_bounds(scan);
    wr_watermark_config watermark = {.delay_us = plan->delay_us,
                                     .idle_timeout_us = plan->idle_timeout_us,
                                     .max_future_skew_us = plan->max_future_skew_us,
                                     .live = plan->source->live,
                                     .goes_on = plan->goes_on,
                                     .processing_time = plan->processing_time};
    wr_watermark_init(&scan->watermark, &watermark);
    if (plan->event_time) {
        scan->event_time = wr_program_new(config->query_arena, &plan->event_time, 1);
    }
    if (scan->leader) {
        scan->source = scan->leader->source;
    } else if (!scan->pieces && config->opened && config->opened[plan->source_index].source) {
        scan->opened = config->opened[plan->source_index];
        config->opened[plan->source_index] = (wr_opened_source){0};
        scan->source = scan->opened.source;
        scan->sample_arena = scan->opened.arena;
        if (plan->source->narrow) {
            const wr_plan_source *source = &config->plan->sources[plan->source_index];
            plan->source->narrow(scan->source, plan->pseudo_mask | source->shared_pseudo_mask);
        }
    } else if (!scan->pieces) {
        WR_TRY(scan_open_source(scan, err));
    }
    if (scan->past) {
        wr_scan_restore_partitions(scan);
    }
    return scan_open_decoder(scan, err);
}

void
wr_scan_close(wr_scan *scan)
{
    if (!scan->is_open) {
        return;
    }
    scan->is_open = false;
    if (scan->decoder) {
        scan->plan->format->decoder_close(scan->decoder);
    }
    if (scan->source && !scan->leader) {
        scan->plan->source->close(scan->source);
    }
    wr_watermark_fini(&scan->watermark);
    wr_arena_free(scan->poll_arena);
    wr_arena_free(scan->sample_arena);
}

/* ── taking ─────────────────────────────────────────────────────────────────────────────────── */

int64_t
wr_block_bytes(const wr_block *block)
{
    int64_t bytes = block->kind == WR_BLOCK_CHUNK ? (int64_t)block->chunk_bytes : 0;
    for (int i = 0; block->kind == WR_BLOCK_MESSAGES && i < block->message_count; i++) {
        bytes += (int64_t)block->messages[i].size;
    }
    return bytes;
}

static int64_t
bound_between(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* A full poll doubles the next one, a nearly empty one halves it. */
static void
scan_adapt_bounds(wr_scan *scan, int64_t bytes)
{
    const wr_block *block = &scan->polled;
    int64_t rows = block->kind == WR_BLOCK_MESSAGES ? block->message_count : 0;
    bool is_full = rows >= scan->bound_rows || bytes >= scan->bound_bytes / 2;
    bool is_sparse = rows < scan->bound_rows / 4 && bytes < scan->bound_bytes / 8;
    int64_t max_bytes = scan->max_bytes;
    if (block->kind == WR_BLOCK_CHUNK && !scan->config->batch_bytes) {
        max_bytes = SCAN_CHUNK_BYTES;
    }
    if (block->kind == WR_BLOCK_CHUNK && !scan->config->batch_rows) {
        scan->bound_rows = scan->max_rows; /* bytes bound a chunk: finding its rows costs a pass */
    }
    if (is_full || is_sparse) {
        int64_t rows_next = is_full ? scan->bound_rows * 2 : scan->bound_rows / 2;
        int64_t bytes_next = is_full ? scan->bound_bytes * 2 : scan->bound_bytes / 2;
        scan->bound_rows = bound_between(rows_next, scan->min_rows, scan->max_rows);
        scan->bound_bytes = bound_between(bytes_next, scan->min_bytes, max_bytes);
    }
}

/* What was sampled is freed with the call that finds nothing more. */
const wr_block *
wr_scan_take_sampled(wr_scan *scan, int *count)
{
    *count = scan->opened.block_count;
    scan->opened.block_count = 0;
    if (*count > 0) {
        return scan->opened.blocks;
    }
    wr_arena_free(scan->sample_arena);
    scan->sample_arena = NULL;
    return NULL;
}

wr_status
wr_scan_poll(wr_scan *scan, const wr_poll_limits *limits, wr_arena *arena, wr_block *block,
             wr_error *err)
{
    *block = (wr_block){.kind = WR_BLOCK_NONE, .manual_watermark_us = WR_TIME_NONE};
    wr_status status = scan->plan->source->poll(scan->source, limits, arena, block, err);
    if (status != WR_OK && status != WR_END && status != WR_AGAIN) {
        return status;
    }
    scan->ended = status == WR_END;
    scan->counters.bytes += (uint64_t)wr_block_bytes(block);
    return WR_OK;
}

wr_status
wr_scan_take(wr_scan *scan, int64_t wait_us, bool *took, wr_error *err)
{
    scan->block_count = 0;
    *took = false;
    if (scan->ended) {
        return WR_OK;
    }
    scan->blocks = wr_scan_take_sampled(scan, &scan->block_count);
    if (scan->block_count > 0) {
        wr_scan_refresh(scan);
        *took = true;
        return WR_OK;
    }
    wr_poll_limits limits = {.rows = (int)scan->bound_rows,
                             .lent_rows = scan->config->batch_rows ? 0 : SCAN_LENT_ROWS,
                             .bytes = scan->bound_bytes,
                             .wait_us = wait_us,
                             .gather_us = scan->config->batch_interval_us};
    wr_arena_reset(scan->poll_arena);
    WR_TRY(wr_scan_poll(scan, &limits, scan->poll_arena, &scan->polled, err));
    wr_scan_refresh(scan);
    scan->blocks = &scan->polled;
    scan->block_count = 1;
    scan_adapt_bounds(scan, wr_block_bytes(&scan->polled));
    *took = scan->polled.kind != WR_BLOCK_NONE || scan->polled.manual_watermark_us != WR_TIME_NONE;
    return WR_OK;
}

void
wr_scan_follow(wr_scan *scan)
{
    const wr_scan *leader = scan->leader;
    scan->blocks = leader->blocks;
    scan->block_count = leader->block_count;
    scan->ended = leader->ended;
    for (int i = 0; i < scan->block_count; i++) {
        scan->counters.bytes += (uint64_t)wr_block_bytes(&scan->blocks[i]);
    }
    wr_scan_refresh(scan);
}

/* ── event time ─────────────────────────────────────────────────────────────────────────────── */

/* facts->event_times by row, and the rows that may go on in facts->selection. */
static int
scan_judge_event_times(wr_scan *scan, const wr_scan_rows *rows, const wr_vector *times)
{
    int row_count = rows->batch->row_count, count = 0;
    for (int row = 0; row < row_count; row++) {
        wr_reason reason = times ? wr_vector_error(times, row) : WR_REASON_NONE;
        bool is_null = times ? wr_vector_is_null(times, row)
                             : scan->facts->event_times[row] == WR_TIME_NONE;
        if (reason == WR_REASON_NONE && !is_null) {
            if (times) {
                scan->facts->event_times[row] = WR_VALUE(times, int64_t, row);
            }
            scan->facts->selection[count++] = (uint16_t)row;
            continue;
        }
        scan->facts->event_times[row] = WR_TIME_NONE;
        if (!scan->plan->event_time_needed) {
            scan->facts->selection[count++] = (uint16_t)row;
        } else if (wr_scan_is_tombstone(rows, row)) {
            scan->counters.tombstones++;
        } else {
            wr_scan_reject_row(scan, rows, row,
                               reason != WR_REASON_NONE ? reason : WR_REASON_EVENT_TIME);
        }
    }
    return count;
}

static void
scan_fill_now(wr_scan *scan, int row_count)
{
    for (int row = 0; row < row_count; row++) {
        scan->facts->event_times[row] = scan->op.context->now_us;
    }
}

/* Sets event times and the selection of the batch. */
static void
scan_set_times(wr_scan *scan, const wr_scan_rows *rows)
{
    wr_batch *batch = rows->batch;
    const wr_exec_context *context = scan->op.context;
    batch->selected_count = batch->row_count;
    batch->event_time_us = scan->facts->event_times;
    if (scan->event_time && !scan->plan->processing_time) {
        wr_vector times;
        wr_program_eval(scan->event_time, batch, context->now_us, batch->arena, &times);
        if (times.kind == WR_FLAT && !times.valid && !times.errors) {
            if (scan->pieces) { /* the batch outlives the program's registers */
                memcpy(scan->facts->event_times, times.data,
                       (size_t)batch->row_count * sizeof(int64_t));
            } else {
                batch->event_time_us = times.data;
            }
        } else {
            batch->selected_count = scan_judge_event_times(scan, rows, &times);
        }
    } else {
        if (scan->plan->processing_time) {
            scan_fill_now(scan, batch->row_count);
        } else {
            wr_scan_fill_arrival(scan, rows, scan->facts->event_times);
        }
        batch->selected_count = scan_judge_event_times(scan, rows, NULL);
    }
    if (batch->selected_count < batch->row_count) {
        batch->selection = scan->facts->selection;
    }
}

/* Sets the watermarks: each row moves that of its own partition. */
static void
scan_judge(wr_scan *scan, const wr_scan_rows *rows)
{
    wr_batch *batch = rows->batch;
    const wr_exec_context *context = scan->op.context;
    batch->watermark_us = scan->watermarks;
    if (scan->replays) {
        wr_scan_judge_replay(scan, batch);
        return;
    }
    wr_watermark_rows observed = {
        .event_time_us = batch->event_time_us,
        .origins = batch->origins->rows,
        .partition = batch->origins->partition,
        .rows = batch->selection,
        .count = batch->selected_count};
    wr_watermark_observe(&scan->watermark, &observed, wr_clock_wall_us(context->clock),
                         wr_clock_monotonic_us(context->clock), scan->watermarks);
}

/* ── batches ────────────────────────────────────────────────────────────────────────────────── */

/* Rows first … first + count − 1 of the selection as a batch of their own (test worlds). */
static wr_batch *
batch_slice(const wr_batch *batch, int first, int count, wr_arena *arena)
{
    uint16_t *rows = WR_NEW_ARRAY(arena, uint16_t, count);
    for (int i = 0; i < count; i++) {
        rows[i] = batch->selection ? batch->selection[first + i] : (uint16_t)(first + i);
    }
    wr_batch narrow = *batch;
    narrow.selection = rows;
    narrow.selected_count = count;
    return wr_batch_copy(&narrow, arena);
}

wr_status
wr_scan_emit(wr_scan *scan, const wr_batch *batch, wr_error *err)
{
    wr_exec_context *context = scan->op.context;
    if (batch->selected_count <= context->vector_rows) {
        return wr_operator_emit(&scan->op, batch, err);
    }
    for (int first = 0; first < batch->selected_count && !context->done;) {
        int rest = batch->selected_count - first;
        int count = rest < context->vector_rows ? rest : context->vector_rows;
        wr_batch *slice = batch_slice(batch, first, count, context->batch_arena);
        WR_TRY(wr_operator_emit(&scan->op, slice, err));
        first += count;
    }
    return WR_OK;
}

static wr_status
scan_check_failure(const wr_scan *scan, wr_error *err)
{
    if (scan->failure.status == WR_OK) {
        return WR_OK;
    }
    if (err) {
        *err = scan->failure;
    }
    return scan->failure.status;
}

wr_status
wr_scan_complete(wr_scan *scan, const wr_scan_rows *rows, wr_error *err)
{
    wr_batch *batch = rows->batch;
    WR_TRY(scan_check_failure(scan, err));
    if (batch->row_count == 0) {
        return WR_OK;
    }
    batch->selection = NULL;
    batch->selected_count = batch->row_count;
    wr_scan_set_origins(scan, rows);
    batch->origins = &scan->facts->origins;
    wr_scan_fill_pseudo(scan, rows);
    if (scan->plan->has_event_time) {
        scan_set_times(scan, rows);
        WR_TRY(scan_check_failure(scan, err));
    }
    scan->counters.rows += (uint64_t)batch->selected_count;
    return WR_OK;
}

static wr_status
scan_finish_batch(wr_scan *scan, const wr_scan_rows *rows, wr_error *err)
{
    WR_TRY(wr_scan_complete(scan, rows, err));
    if (scan->plan->has_event_time && rows->batch->row_count > 0) {
        scan_judge(scan, rows);
    }
    return wr_scan_emit(scan, rows->batch, err);
}

static wr_status
scan_push_decoded(wr_scan *scan, const wr_block *block, wr_error *err)
{
    wr_exec_context *context = scan->op.context;
    const wr_plan_scan *plan = scan->plan;
    size_t at = 0, end = block->kind == WR_BLOCK_CHUNK ? block->chunk_bytes
                                                       : (size_t)block->message_count;
    while (at < end && !context->done) {
        wr_arena_reset(context->batch_arena);
        wr_batch *batch =
            wr_batch_new(context->batch_arena, plan->decode_count + plan->pseudo_count);
        batch->column_count = plan->decode_count;
        scan->out.batch = batch;
        WR_TRY(plan->format->decode(scan->decoder, block, &at, &scan->out, err));
        batch->column_count = plan->decode_count + plan->pseudo_count;
        wr_scan_rows rows = {.block = block, .source_index = scan->out.source_index,
                             .batch = batch};
        WR_TRY(scan_finish_batch(scan, &rows, err));
    }
    return WR_OK;
}

static wr_status
scan_push_rows(wr_scan *scan, const wr_block *block, wr_error *err)
{
    wr_exec_context *context = scan->op.context;
    const wr_plan_scan *plan = scan->plan;
    int64_t first_row = 0;
    for (int i = 0; i < block->batch_count && !context->done; i++) {
        const wr_batch *from = block->batches[i];
        assert(!from->selection);
        wr_arena_reset(context->batch_arena);
        wr_batch *batch =
            wr_batch_new(context->batch_arena, plan->decode_count + plan->pseudo_count);
        batch->row_count = from->row_count;
        for (int k = 0; k < plan->decode_count; k++) {
            int column = plan->declared_index ? plan->declared_index[k] : k;
            batch->columns[k] = from->columns[column];
        }
        wr_scan_rows rows = {.block = block, .first_row = first_row, .batch = batch};
        wr_scan_check_rows(scan, &rows);
        WR_TRY(scan_finish_batch(scan, &rows, err));
        first_row += from->row_count;
    }
    return WR_OK;
}

wr_status
wr_scan_push(wr_scan *scan, wr_error *err)
{
    for (int i = 0; i < scan->block_count && !scan->op.context->done; i++) {
        const wr_block *block = &scan->blocks[i];
        scan->at_block = block;
        scan->at_message = 0;
        scan->op.context->scan = scan;
        switch (block->kind) {
        case WR_BLOCK_NONE:
            break;
        case WR_BLOCK_MESSAGES:
        case WR_BLOCK_CHUNK:
            WR_TRY(scan_push_decoded(scan, block, err));
            break;
        case WR_BLOCK_ROWS:
            WR_TRY(scan_push_rows(scan, block, err));
            break;
        }
        if (block->manual_watermark_us != WR_TIME_NONE) {
            wr_watermark_manual(&scan->watermark, block->manual_watermark_us);
        }
    }
    scan->block_count = 0;
    scan->at_block = NULL;
    scan->op.context->scan = NULL;
    return WR_OK;
}

wr_status
wr_scan_advance(wr_scan *scan, int64_t last_close_us, bool end, wr_error *err)
{
    const wr_clock *clock = scan->op.context->clock;
    int64_t watermark_us = WR_TIME_END;
    if (!end && (!scan->ended || scan->plan->goes_on)) {
        watermark_us = wr_watermark_advance(&scan->watermark, wr_clock_wall_us(clock),
                                            wr_clock_monotonic_us(clock), last_close_us);
        bool is_early = watermark_us == WR_TIME_END || !scan->plan->has_event_time;
        watermark_us = is_early ? scan->passed_us : watermark_us;
    }
    if (watermark_us <= scan->passed_us) {
        return WR_OK;
    }
    scan->passed_us = watermark_us;
    wr_arena_reset(scan->op.context->batch_arena);
    return wr_operator_pass(&scan->op, watermark_us, err);
}
