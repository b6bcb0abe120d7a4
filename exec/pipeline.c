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
#include "exec/pipeline_parts.h"

enum { PIPELINE_SHARED_WAIT_US = 5000 }; /* one of several sources waits no longer than this */

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
        wr_pipeline_count_job(pipeline);
        WR_TRY(wr_job_finish(pipeline->job, finished, err));
    }
    wr_pipeline_publish(pipeline, true);
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
        int64_t last_close_us = idle ? wr_pipeline_last_close(scan) : WR_TIME_NONE;
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
        WR_TRY(wr_job_replay(pipeline->job, any, err));
        if (*any) {
            return WR_OK;
        }
    }
    return pipeline->lanes ? wr_lanes_round(pipeline->lanes, wait_us,
                                            wr_pipeline_input_room(pipeline), any, err)
                           : pipeline_take_and_push(pipeline, wait_us, any, err);
}

static wr_status
pipeline_turn_job(wr_pipeline *pipeline, wr_error *err)
{
    wr_pipeline_count_job(pipeline);
    return wr_job_turn(pipeline->job, err);
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
    if (!pipeline->job || !wr_job_replays(pipeline->job)) {
        WR_TRY(pipeline_advance(pipeline, false, &all_ended, err));
    }
    WR_TRY(wr_pipeline_limit_memory(pipeline, err));
    if (all_ended || pipeline->context.done) {
        WR_TRY(pipeline_end(pipeline, err));
        return WR_END;
    }
    WR_TRY(pipeline_flush(pipeline, err));
    WR_TRY(pipeline->job ? pipeline_turn_job(pipeline, err) : WR_OK);
    wr_pipeline_notice_future(pipeline);
    wr_pipeline_publish(pipeline, !any || pipeline_has_manual_clock(pipeline));
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
        wr_pipeline_publish(pipeline, true); /* the figures that go with the error */
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
