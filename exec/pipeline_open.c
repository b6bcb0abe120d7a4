/* Making and closing a pipeline, and what its operators tell it.
 *
 *   plan ─▶ operators and scans, linked ─▶ opened ─▶ state back, if it is a job ─▶ sources opened
 *
 * 1. Operators are open before anything is read, scans before lanes.
 * 2. What a failed open has made is closed again. */
#include "exec/pipeline_parts.h"

#include "core/memory.h"
#include "exec/spill.h"

#include <assert.h>

/* ── what operators tell ────────────────────────────────────────────────────────────────────── */

void
wr_pipeline_notice(wr_pipeline *pipeline, const char *line)
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
        wr_pipeline_notice(pipeline, wr_buffer_cstr(&line));
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
                                     .memory_bytes = wr_memory_room(config->memory_bytes),
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
