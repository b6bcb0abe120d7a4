/* Figures of a running query: read by status lines from other threads.
 *
 * 1. They are a copy, published after a step: a reader never waits for one. */
#include "exec/pipeline_parts.h"

#include "exec/window.h"

enum {
    PIPELINE_STATS_EVERY_US = 100000, /* walking over all windows costs */
    PIPELINE_NOTICE_EVERY_S = 60
};

/* When the last window that holds rows closes, in time of the scan's own watermark: what operators
 * on the way hold back comes on top. */
int64_t
wr_pipeline_last_close(const wr_scan *scan)
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

/* What came from a source, which several scans may share. */
static void
stats_add_source(wr_pipeline_stats *stats, wr_scan *reader)
{
    stats->rows_in += reader->counters.rows;
    stats->bytes_in += reader->counters.bytes;
    stats->tombstones += reader->counters.tombstones;
    stats->rows_future += reader->watermark.future_count;
    stats->partitions += reader->watermark.partition_count;
    stats->partitions_idle += wr_watermark_idle_count(&reader->watermark);
    int64_t lag = scan_lag(reader);
    if (lag >= 0) {
        stats->lag = (stats->lag < 0 ? 0 : stats->lag) + lag;
    }
}

static void
stats_add_scan(wr_pipeline_stats *stats, wr_scan *scan)
{
    if (!scan->leader) {
        stats_add_source(stats, scan);
    }
    stats->rows_bad += scan->counters.bad;
    if (stats->watermark_us > scan->passed_us) {
        stats->watermark_us = scan->passed_us;
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
void
wr_pipeline_count_job(wr_pipeline *pipeline)
{
    pipeline->job->counters = (wr_job_counters){.rows_late = pipeline->late_count,
                                                .results_bad = pipeline->bad_result_count,
                                                .rows_out = pipeline_rows_out(pipeline)};
}

void
wr_pipeline_publish(wr_pipeline *pipeline, bool always)
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
void
wr_pipeline_notice_future(wr_pipeline *pipeline)
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
    wr_pipeline_notice(pipeline, wr_buffer_cstr(&line));
    wr_buffer_fini(&line);
    pipeline->noticed_future_count = count;
    pipeline->noticed_at_us = now_us;
}
