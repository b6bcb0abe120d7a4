/* The pipeline: a running query.
 *
 *   step = take a micro-batch ▶ push it ▶ let time pass ▶ flush what is due ▶ publish figures
 *
 * Several sources (UNION ALL) take turns: each is polled without waiting, and only if none had
 * anything does one of them wait.
 *
 * With several lanes (lanes.c) they take and push; the rest of the step is the same.
 *
 * 1. Operators (but those of lanes) are called on the stepping thread only; `stats` may be called
 *    from others.
 * 2. Time: now_us is read when a micro-batch was taken, and once more before watermarks advance,
 *    which is after all rows of the step were pushed.
 * 3. When all sources have ended, or a LIMIT is reached, everything is flushed and delivered once;
 *    after that step gives WR_END. */
#include "exec/pipeline.h"

#include "core/memory.h"
#include "exec/job.h"
#include "exec/lanes.h"
#include "exec/op_list.h"
#include "exec/scan.h"
#include "exec/spill.h"
#include "exec/window.h"

#include <assert.h>
#include <pthread.h>

enum {
    PIPELINE_SHARED_WAIT_US = 5000,    /* one of several sources waits no longer than this */
    PIPELINE_STATS_EVERY_US = 100000,  /* walking over all windows costs */
    PIPELINE_NOTICE_EVERY_S = 60,
    PIPELINE_GROUP_BYTES = 256 /* of a new group, without its texts */
};

struct wr_pipeline {
    wr_pipeline_config config;
    wr_exec_context context;
    wr_operator **operators; /* by node id; NULL: a scan */
    wr_scan **scans;
    wr_scan **readers; /* those of them that read a source, each its own */
    int scan_count, reader_count, operator_count;
    wr_lanes *lanes; /* NULL: the scans and operators do all themselves */
    wr_job *job;     /* NULL: an ephemeral query */
    int next_to_wait;
    bool ended;
    int64_t late_count;
    uint64_t bad_result_count;
    uint64_t past_rows_out; /* of a job, before this run */
    uint64_t noticed_future_count;
    int64_t noticed_at_us;
    int64_t stats_at_us;
    int64_t measure_at; /* state is measured again when scans have taken so many bytes */
    pthread_mutex_t stats_lock;
    wr_pipeline_stats stats; /* published */
};

/* ── what operators tell ────────────────────────────────────────────────────────────────────── */

static void
pipeline_notice(wr_pipeline *pipeline, const char *line)
{
    if (pipeline->config.on_notice) {
        pipeline->config.on_notice(pipeline->config.callback_context, line);
    }
}

static void
pipeline_on_late(void *context, int64_t row_count)
{
    ((wr_pipeline *)context)->late_count += row_count;
}

static void
pipeline_on_bad_result(void *context, wr_reason reason, wr_text where)
{
    wr_pipeline *pipeline = context;
    if (pipeline->bad_result_count++ == 0) {
        wr_buffer line;
        wr_buffer_init(&line);
        wr_buffer_printf(&line, "a row was left out: %s in \"%.*s\"", wr_reason_text(reason),
                         WR_TEXT_ARG(where));
        pipeline_notice(pipeline, wr_buffer_cstr(&line));
        wr_buffer_fini(&line);
    }
}

static void
pipeline_on_dead_letter(void *context, const wr_dead_letter *letter)
{
    wr_job_dead_letter(((wr_pipeline *)context)->job, letter);
}

static void
pipeline_on_dead_result(void *context, const wr_operator *op, const wr_bad_result *bad)
{
    wr_job_dead_result(((wr_pipeline *)context)->job, op, bad);
}

static wr_status
pipeline_on_rows(void *context, const wr_batch *batch, wr_error *err)
{
    wr_pipeline *pipeline = context;
    return pipeline->config.on_rows
               ? pipeline->config.on_rows(pipeline->config.callback_context, batch, err)
               : WR_OK;
}

/* ── opening ────────────────────────────────────────────────────────────────────────────────── */

static wr_operator *
pipeline_add_scan(wr_pipeline *pipeline, const wr_plan_node *node)
{
    wr_scan *scan = WR_NEW(pipeline->config.query_arena, wr_scan);
    scan->op.node = node;
    scan->op.context = &pipeline->context;
    int shared = pipeline->config.plan->sources[node->u.scan.source_index].same_as;
    for (int i = 0; shared >= 0 && i < pipeline->scan_count; i++) {
        const wr_scan *other = pipeline->scans[i];
        scan->leader = other->op.node->u.scan.source_index == shared ? pipeline->scans[i]
                                                                     : scan->leader;
    }
    pipeline->scans[pipeline->scan_count++] = scan;
    if (!scan->leader) {
        pipeline->readers[pipeline->reader_count++] = scan;
    }
    pipeline->context.fail_on_bad_result = pipeline->context.fail_on_bad_result ||
                                           node->u.scan.on_error == WR_ON_ERROR_FAIL;
    return &scan->op;
}

/* Makes the operators of a subtree; parents are known before any is opened. */
static void
pipeline_build(wr_pipeline *pipeline, const wr_plan_node *node, wr_operator *parent, int input)
{
    wr_operator *op = NULL;
    if (node->kind == WR_PLAN_SCAN) {
        op = pipeline_add_scan(pipeline, node);
    } else {
        op = wr_operator_new(node, &pipeline->context);
        pipeline->operators[pipeline->operator_count++] = op;
    }
    op->parent = parent;
    op->parent_input = input;
    for (int i = 0; i < node->input_count; i++) {
        pipeline_build(pipeline, node->inputs[i], op, i);
    }
}

static wr_status
pipeline_open_lanes(wr_pipeline *pipeline, wr_error *err)
{
    const wr_plan *plan = pipeline->config.plan;
    for (int i = 0; plan->lanes > 1 && i < pipeline->operator_count; i++) {
        wr_operator *op = pipeline->operators[i];
        if (op->node == plan->lane_top) {
            return wr_lanes_open(&pipeline->config, pipeline->scans[0], op, &pipeline->lanes, err);
        }
    }
    return WR_OK;
}

static wr_status
pipeline_open_scans(wr_pipeline *pipeline, wr_error *err)
{
    for (int i = 0; i < pipeline->scan_count; i++) {
        WR_TRY(wr_scan_open(pipeline->scans[i], &pipeline->config, err));
    }
    return pipeline_open_lanes(pipeline, err);
}

/* Dead letters are kept by a job, if one of its sources says so. */
static wr_status
pipeline_keep_letters(wr_pipeline *pipeline, wr_error *err)
{
    bool keeps = false;
    for (int i = 0; i < pipeline->scan_count; i++) {
        keeps = keeps || pipeline->scans[i]->op.node->u.scan.on_error == WR_ON_ERROR_DEAD_LETTER;
    }
    if (keeps && !pipeline->job) {
        wr_error_set(err, WR_ERR_SQL, "E0602",
                     "on_error = 'dead_letter' needs a job: there is no state to keep them in");
        wr_error_hint(err, "weir run FILE makes it a job; here say 'skip', 'null' or 'fail'");
        return WR_ERR_SQL;
    }
    if (keeps) {
        pipeline->context.on_dead_letter = pipeline_on_dead_letter;
        pipeline->context.on_dead_result = pipeline_on_dead_result;
    }
    return WR_OK;
}

/* A job gets back its state when the operators are there, and before anything is read. */
static wr_status
pipeline_open_all(wr_pipeline *pipeline, wr_error *err)
{
    wr_job *job = pipeline->job;
    WR_TRY(pipeline_keep_letters(pipeline, err));
    if (job) {
        wr_job_begin(job);
        pipeline->late_count = job->counters.rows_late;
        pipeline->bad_result_count = job->counters.results_bad;
        pipeline->past_rows_out = job->counters.rows_out;
    }
    for (int i = 0; i < pipeline->operator_count; i++) {
        wr_operator *op = pipeline->operators[i];
        WR_TRY(op->ops->open ? op->ops->open(op, err) : WR_OK);
    }
    if (!job) {
        return pipeline_open_scans(pipeline, err);
    }
    WR_TRY(wr_job_restore(job, err));
    pipeline->ended = job->finished;
    WR_TRY(job->finished ? WR_OK : pipeline_open_scans(pipeline, err));
    return wr_job_open(job, pipeline->config.clock, err);
}

static wr_job *
pipeline_new_job(wr_pipeline *pipeline)
{
    wr_job *job = WR_NEW(pipeline->config.query_arena, wr_job);
    *job = (wr_job){.config = pipeline->config.job,
                    .plan = pipeline->config.plan,
                    .context = &pipeline->context,
                    .operators = pipeline->operators,
                    .operator_count = pipeline->operator_count,
                    .scans = pipeline->scans,
                    .scan_count = pipeline->scan_count};
    return job;
}

/* Sources that a failed open has not taken over. */
static void
pipeline_close_unused(const wr_pipeline *pipeline)
{
    const wr_plan *plan = pipeline->config.plan;
    for (int i = 0; pipeline->config.opened && i < plan->source_count; i++) {
        wr_opened_source *opened = &pipeline->config.opened[i];
        if (opened->source) {
            plan->sources[i].source->close(opened->source);
            wr_arena_free(opened->arena);
            *opened = (wr_opened_source){0};
        }
    }
}

wr_status
wr_pipeline_open(const wr_pipeline_config *config, wr_pipeline **pipeline, wr_error *err)
{
    wr_pipeline *own = wr_alloc(sizeof(*own));
    own->config = *config;
    pthread_mutex_init(&own->stats_lock, NULL);
    int vector_rows = config->vector_rows > 0 ? config->vector_rows : WR_BATCH_ROWS;
    own->context = (wr_exec_context){.query_arena = config->query_arena,
                                     .batch_arena = wr_arena_new(256 * 1024),
                                     .clock = config->clock,
                                     .now_us = wr_clock_wall_us(config->clock),
                                     .on_bad_result = pipeline_on_bad_result,
                                     .on_late = pipeline_on_late,
                                     .on_rows = pipeline_on_rows,
                                     .callback_context = own,
                                     .vector_rows = vector_rows,
                                     .spill = wr_spill_new(config->job ? config->job->store : NULL),
                                     .connect_timeout_ms = config->connect_timeout_ms};
    own->operators = WR_NEW_ARRAY(config->query_arena, wr_operator *, config->plan->node_count);
    own->scans = WR_NEW_ARRAY(config->query_arena, wr_scan *, config->plan->node_count);
    own->readers = WR_NEW_ARRAY(config->query_arena, wr_scan *, config->plan->node_count);
    own->stats.watermark_us = own->stats.next_close_us = WR_TIME_NONE;
    own->stats.lag = -1;
    for (int i = 0; i < config->plan->root_count; i++) {
        pipeline_build(own, config->plan->roots[i], NULL, 0);
    }
    own->job = config->job ? pipeline_new_job(own) : NULL;
    wr_status status = pipeline_open_all(own, err);
    if (status != WR_OK) {
        pipeline_close_unused(own);
        wr_pipeline_close(own);
        own = NULL;
    }
    *pipeline = own;
    return status;
}

void
wr_pipeline_close(wr_pipeline *pipeline)
{
    if (!pipeline) {
        return;
    }
    if (pipeline->job) {
        wr_job_close(pipeline->job);
    }
    for (int i = pipeline->scan_count - 1; i >= 0; i--) { /* who shares a source before its owner */
        wr_scan_close(pipeline->scans[i]);
    }
    for (int i = 0; i < pipeline->operator_count; i++) {
        wr_operator *op = pipeline->operators[i];
        if (op->ops->close) {
            op->ops->close(op);
        }
    }
    wr_lanes_close(pipeline->lanes);
    wr_spill_free(pipeline->context.spill);
    wr_arena_free(pipeline->context.batch_arena);
    pthread_mutex_destroy(&pipeline->stats_lock);
    wr_free(pipeline);
}

/* ── figures ────────────────────────────────────────────────────────────────────────────────── */

/* When the last window that holds rows closes, in time of the scan's own watermark: what operators
 * on the way hold back comes on top. */
static int64_t
pipeline_last_close(const wr_scan *scan)
{
    int64_t last_us = WR_TIME_NONE, hold_us = 0;
    for (wr_operator *op = scan->op.parent; op; op = op->parent) {
        if (!op->ops->observe) {
            continue;
        }
        wr_operator_figures figures;
        op->ops->observe(op, &figures);
        int64_t close_us = wr_time_add_saturated(figures.last_close_us, hold_us);
        last_us = close_us > last_us ? close_us : last_us;
        hold_us += figures.hold_us;
    }
    return last_us;
}

static int64_t
scan_lag(wr_scan *scan)
{
    int count = 0;
    const wr_partition *partitions = scan->plan->source->partitions(scan->source, &count);
    int64_t lag = -1;
    for (int i = 0; i < count; i++) {
        if (partitions[i].end_offset >= 0) {
            int64_t behind = partitions[i].end_offset - partitions[i].next_offset;
            lag = (lag < 0 ? 0 : lag) + (behind > 0 ? behind : 0);
        }
    }
    return lag;
}

/* Which partition of this scan holds the watermark back. */
static void
stats_add_holder(wr_pipeline_stats *stats, wr_scan *scan)
{
    int holder = wr_watermark_holder(&scan->watermark), count = 0;
    const wr_partition *partitions = scan->plan->source->partitions(scan->source, &count);
    if (holder < 0 || holder >= count) {
        return;
    }
    int64_t holder_us = wr_watermark_of(&scan->watermark, holder);
    if (stats->holder[0] && holder_us >= stats->holder_watermark_us) {
        return;
    }
    wr_text name = partitions[holder].name;
    size_t size = name.size < sizeof(stats->holder) ? name.size : sizeof(stats->holder) - 1;
    size = wr_utf8_valid_prefix(name.data, size);
    if (size > 0) {
        memcpy(stats->holder, name.data, size);
    }
    stats->holder[size] = '\0';
    stats->holder_watermark_us = holder_us;
    stats->holder_quiet_us = wr_clock_monotonic_us(scan->op.context->clock) -
                             scan->watermark.partitions[holder].last_row_us;
}

static void
stats_add_scan(wr_pipeline_stats *stats, wr_scan *scan)
{
    stats->rows_in += scan->counters.rows;
    stats->bytes_in += scan->counters.bytes;
    stats->rows_bad += scan->counters.bad;
    stats->tombstones += scan->counters.tombstones;
    stats->rows_future += scan->watermark.future_count;
    stats->partitions += scan->watermark.partition_count;
    stats->partitions_idle += wr_watermark_idle_count(&scan->watermark);
    if (stats->watermark_us > scan->passed_us) {
        stats->watermark_us = scan->passed_us;
    }
    int64_t lag = scan_lag(scan);
    if (lag >= 0) {
        stats->lag = (stats->lag < 0 ? 0 : stats->lag) + lag;
    }
    stats_add_holder(stats, scan);
}

static uint64_t
pipeline_rows_out(const wr_pipeline *pipeline)
{
    uint64_t count = pipeline->past_rows_out;
    for (int i = 0; i < pipeline->operator_count; i++) {
        count += pipeline->operators[i]->parent ? 0 : pipeline->operators[i]->rows_out;
    }
    return count;
}

/* What a checkpoint made now says about the job. */
static void
pipeline_count_job(wr_pipeline *pipeline)
{
    pipeline->job->counters = (wr_job_counters){.rows_late = pipeline->late_count,
                                                .results_bad = pipeline->bad_result_count,
                                                .rows_out = pipeline_rows_out(pipeline)};
}

static wr_status
pipeline_turn_job(wr_pipeline *pipeline, wr_error *err)
{
    pipeline_count_job(pipeline);
    return wr_job_turn(pipeline->job, err);
}

static void
pipeline_publish(wr_pipeline *pipeline, bool always)
{
    int64_t now_us = wr_clock_monotonic_us(NULL);
    if (!always && now_us - pipeline->stats_at_us < PIPELINE_STATS_EVERY_US) {
        return;
    }
    pipeline->stats_at_us = now_us;
    wr_pipeline_stats stats = {.watermark_us = WR_TIME_END,
                               .next_close_us = WR_TIME_NONE,
                               .lag = -1,
                               .rows_late = (uint64_t)pipeline->late_count,
                               .rows_bad = pipeline->bad_result_count,
                               .rows_out = pipeline_rows_out(pipeline),
                               .finished = pipeline->job && pipeline->job->finished};
    for (int i = 0; i < pipeline->scan_count; i++) {
        stats_add_scan(&stats, pipeline->scans[i]);
    }
    for (int i = 0; i < pipeline->operator_count; i++) {
        wr_operator *op = pipeline->operators[i];
        wr_operator_figures figures;
        if (op->ops->observe) {
            op->ops->observe(op, &figures);
            stats.groups += figures.groups;
            stats.state_bytes += figures.state_bytes;
            bool is_sooner = stats.next_close_us == WR_TIME_NONE ||
                             figures.next_close_us < stats.next_close_us;
            if (figures.next_close_us != WR_TIME_NONE && is_sooner) {
                stats.next_close_us = figures.next_close_us;
            }
        }
    }
    pthread_mutex_lock(&pipeline->stats_lock);
    pipeline->stats = stats;
    pthread_mutex_unlock(&pipeline->stats_lock);
}

void
wr_pipeline_stats_get(wr_pipeline *pipeline, wr_pipeline_stats *stats)
{
    pthread_mutex_lock(&pipeline->stats_lock);
    *stats = pipeline->stats;
    pthread_mutex_unlock(&pipeline->stats_lock);
}

/* Rows ahead of the clock: once a minute. */
static void
pipeline_notice_future(wr_pipeline *pipeline)
{
    uint64_t count = 0;
    for (int i = 0; i < pipeline->scan_count; i++) {
        count += pipeline->scans[i]->watermark.future_count;
    }
    int64_t now_us = wr_clock_monotonic_us(pipeline->config.clock);
    bool is_first = pipeline->noticed_future_count == 0;
    bool is_due = is_first ||
                  now_us - pipeline->noticed_at_us >= PIPELINE_NOTICE_EVERY_S * WR_US_PER_S;
    if (count == pipeline->noticed_future_count || !is_due) {
        return;
    }
    wr_buffer line;
    wr_buffer_init(&line);
    wr_buffer_printf(&line,
                     "%llu rows are further ahead of the clock than max_future_skew: they are "
                     "counted in, but move no watermark",
                     (unsigned long long)(count - pipeline->noticed_future_count));
    pipeline_notice(pipeline, wr_buffer_cstr(&line));
    wr_buffer_fini(&line);
    pipeline->noticed_future_count = count;
    pipeline->noticed_at_us = now_us;
}

/* ── memory ─────────────────────────────────────────────────────────────────────────────────── */

/* What the rows so far could take, all of them being new groups. */
static int64_t
pipeline_input_bytes(const wr_pipeline *pipeline)
{
    int64_t bytes = 0;
    for (int i = 0; i < pipeline->scan_count; i++) {
        const wr_scan_counters *counters = &pipeline->scans[i]->counters;
        bytes += (int64_t)(counters->bytes + counters->rows * PIPELINE_GROUP_BYTES);
    }
    return bytes;
}

static int64_t
pipeline_state_bytes(const wr_pipeline *pipeline)
{
    int64_t bytes = 0;
    for (int i = 0; i < pipeline->operator_count; i++) {
        wr_operator *op = pipeline->operators[i];
        wr_operator_figures figures = {0};
        if (op->ops->observe) {
            op->ops->observe(op, &figures);
        }
        bytes += figures.state_bytes;
    }
    return bytes;
}

/* Keeps the state below three quarters of the limit, since to sort what is spilled takes memory,
 * too; over it, operators spill until half of that is free. To measure is a walk over all windows,
 * so it waits until enough came to fill what is free. */
static wr_status
pipeline_limit_memory(wr_pipeline *pipeline, wr_error *err)
{
    int64_t limit_bytes = pipeline->config.memory_bytes;
    limit_bytes -= limit_bytes > 0 ? limit_bytes / 4 : 0;
    int64_t input_bytes = limit_bytes != 0 ? pipeline_input_bytes(pipeline) : 0;
    if (limit_bytes == 0 || input_bytes < pipeline->measure_at) {
        return WR_OK;
    }
    int64_t wanted_bytes = limit_bytes > 0 ? limit_bytes / 2 : 0;
    int64_t state_bytes = pipeline_state_bytes(pipeline);
    if (state_bytes > limit_bytes) {
        for (int i = 0; i < pipeline->operator_count; i++) {
            wr_operator *op = pipeline->operators[i];
            WR_TRY(op->ops->shrink ? op->ops->shrink(op, wanted_bytes, err) : WR_OK);
        }
        state_bytes = pipeline_state_bytes(pipeline);
    }
    int64_t free_bytes = limit_bytes - state_bytes;
    int64_t least_bytes = limit_bytes > 0 ? limit_bytes / 16 : input_bytes; /* twice as much */
    pipeline->measure_at = input_bytes + (free_bytes > least_bytes ? free_bytes : least_bytes);
    return WR_OK;
}

/* ── the step ───────────────────────────────────────────────────────────────────────────────── */

/* Every operator's flush, from the scans' parents up. */
static wr_status
pipeline_flush(wr_pipeline *pipeline, wr_error *err)
{
    for (int i = 0; i < pipeline->scan_count; i++) {
        wr_arena_reset(pipeline->context.batch_arena);
        WR_TRY(wr_operator_flush(pipeline->scans[i]->op.parent, err));
    }
    return WR_OK;
}

/* The query is over: the last results become visible and are delivered. A job that is `finished`
 * does nothing more in later runs. */
static wr_status
pipeline_finish(wr_pipeline *pipeline, bool finished, wr_error *err)
{
    pipeline->ended = true;
    WR_TRY(pipeline_flush(pipeline, err));
    for (int i = 0; i < pipeline->operator_count; i++) {
        wr_operator *op = pipeline->operators[i];
        WR_TRY(op->ops->finish ? op->ops->finish(op, err) : WR_OK);
    }
    if (pipeline->job) {
        pipeline_count_job(pipeline);
        WR_TRY(wr_job_finish(pipeline->job, finished, err));
    }
    pipeline_publish(pipeline, true);
    return WR_OK;
}

/* One micro-batch of a source, for every scan that reads it. */
static wr_status
pipeline_take_from(wr_pipeline *pipeline, wr_scan *reader, int64_t wait_us, bool *any,
                   wr_error *err)
{
    bool took = false;
    WR_TRY(wr_scan_take(reader, wait_us, &took, err));
    pipeline->context.now_us = took ? wr_clock_wall_us(pipeline->config.clock)
                                    : pipeline->context.now_us;
    *any = *any || took;
    for (int i = 0; i < pipeline->scan_count; i++) {
        wr_scan *scan = pipeline->scans[i];
        if (scan->leader == reader) {
            wr_scan_follow(scan);
            WR_TRY(took ? wr_scan_push(scan, err) : WR_OK);
        }
    }
    return took ? wr_scan_push(reader, err) : WR_OK;
}

/* One micro-batch of every source that has something; the last one may wait. */
static wr_status
pipeline_take_and_push(wr_pipeline *pipeline, int64_t wait_us, bool *any, wr_error *err)
{
    int live_count = 0;
    for (int i = 0; i < pipeline->reader_count; i++) {
        live_count += !pipeline->readers[i]->ended;
    }
    bool is_shared = live_count > 1;
    if (is_shared && wait_us > PIPELINE_SHARED_WAIT_US) {
        wait_us = PIPELINE_SHARED_WAIT_US;
    }
    for (int i = 0; i < pipeline->reader_count && !pipeline->context.done; i++) {
        wr_scan *reader = pipeline->readers[(pipeline->next_to_wait + i) % pipeline->reader_count];
        bool waits = !is_shared || (i + 1 == pipeline->reader_count && !*any);
        WR_TRY(pipeline_take_from(pipeline, reader, waits ? wait_us : 0, any, err));
    }
    pipeline->next_to_wait = (pipeline->next_to_wait + 1) % pipeline->reader_count;
    return WR_OK;
}

static wr_status
pipeline_advance(wr_pipeline *pipeline, bool end, bool *all_ended, wr_error *err)
{
    *all_ended = true;
    for (int i = 0; i < pipeline->scan_count && !pipeline->context.done; i++) {
        wr_scan *scan = pipeline->scans[i];
        int64_t monotonic_us = wr_clock_monotonic_us(pipeline->config.clock);
        bool idle = !end && wr_watermark_all_idle(&scan->watermark, monotonic_us);
        int64_t last_close_us = idle ? pipeline_last_close(scan) : WR_TIME_NONE;
        WR_TRY(wr_scan_advance(scan, last_close_us, end, err));
        *all_ended = *all_ended && (end || scan->ended);
    }
    return WR_OK;
}

/* Then somebody watches each step. */
static bool
pipeline_has_manual_clock(const wr_pipeline *pipeline)
{
    return pipeline->config.clock && pipeline->config.clock->manual;
}

/* Takes and pushes what has come. A job whose outbox is full, or whose state cannot be written,
 * takes nothing. */
static wr_status
pipeline_take(wr_pipeline *pipeline, int64_t wait_us, bool *any, wr_error *err)
{
    if (pipeline->job) {
        wait_us = wr_job_wait_us(pipeline->job, wait_us);
        if (wr_job_holds_input(pipeline->job, wait_us)) {
            return WR_OK;
        }
    }
    return pipeline->lanes ? wr_lanes_round(pipeline->lanes, wait_us, any, err)
                           : pipeline_take_and_push(pipeline, wait_us, any, err);
}

/* All inputs have ended, or a LIMIT was reached. A job whose topics have only ended for now keeps
 * its windows, unless it is to drain. */
static wr_status
pipeline_end(wr_pipeline *pipeline, wr_error *err)
{
    bool goes_on = false, all_ended = false;
    for (int i = 0; i < pipeline->scan_count; i++) {
        goes_on = goes_on || pipeline->scans[i]->plan->goes_on;
    }
    bool drains = goes_on && pipeline->job->config->drain;
    WR_TRY(drains ? pipeline_advance(pipeline, true, &all_ended, err) : WR_OK);
    return pipeline_finish(pipeline, !goes_on || drains || pipeline->context.done, err);
}

static wr_status
pipeline_turn(wr_pipeline *pipeline, int64_t wait_us, wr_error *err)
{
    bool any = false, all_ended = false;
    WR_TRY(pipeline_take(pipeline, wait_us, &any, err));
    pipeline->context.now_us = wr_clock_wall_us(pipeline->config.clock);
    WR_TRY(pipeline_advance(pipeline, false, &all_ended, err));
    WR_TRY(pipeline_limit_memory(pipeline, err));
    if (all_ended || pipeline->context.done) {
        WR_TRY(pipeline_end(pipeline, err));
        return WR_END;
    }
    WR_TRY(pipeline_flush(pipeline, err));
    WR_TRY(pipeline->job ? pipeline_turn_job(pipeline, err) : WR_OK);
    pipeline_notice_future(pipeline);
    pipeline_publish(pipeline, !any || pipeline_has_manual_clock(pipeline));
    return any ? WR_OK : WR_AGAIN;
}

wr_status
wr_pipeline_step(wr_pipeline *pipeline, int64_t wait_us, wr_error *err)
{
    if (pipeline->ended) {
        return WR_END;
    }
    wr_status status = pipeline_turn(pipeline, wait_us, err);
    if (status != WR_OK && status != WR_AGAIN && status != WR_END) {
        pipeline_publish(pipeline, true); /* the figures that go with the error */
    }
    return status;
}

wr_status
wr_pipeline_stop(wr_pipeline *pipeline, bool drain, wr_error *err)
{
    if (pipeline->ended) {
        return WR_OK;
    }
    bool all_ended = false;
    if (drain) {
        WR_TRY(pipeline_advance(pipeline, true, &all_ended, err));
    }
    return pipeline_finish(pipeline, drain, err);
}

struct wr_checkpoint *
wr_pipeline_checkpoint(const wr_pipeline *pipeline)
{
    return pipeline->job ? pipeline->job->checkpoint : NULL;
}
