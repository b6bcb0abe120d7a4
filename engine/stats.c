/* Figures of a query for status lines, from any thread.
 *
 *     weir_stats       {rows_in, rows_late, watermark_us, …}     filled from the pipeline's copy
 *     weir_stats_json  the same as text
 *
 * 1. The pipeline publishes a copy after each step, so a reader never waits for one. */
#include "engine/engine.h"

#include "core/memory.h"
#include "exec/state/checkpoint.h"

#include <string.h>

/* Under the query's lock: the pipeline may come meanwhile. */
static void
stats_fill_job(const weir_query *query, bool finished, weir_stats *stats)
{
    stats->checkpoint_us = WR_TIME_NONE;
    stats->finished = finished;
    wr_checkpoint *checkpoint = query->pipeline ? wr_pipeline_checkpoint(query->pipeline) : NULL;
    if (query->job) {
        wr_text uuid = query->job->uuid;
        memcpy(stats->uuid, uuid.data,
               uuid.size < sizeof stats->uuid ? uuid.size : sizeof stats->uuid - 1);
    }
    if (!checkpoint && query->job && query->job->store) { /* nothing is written: a finished job */
        const wr_store_job *past = wr_store_job_of(query->job->store);
        stats->epoch = past->epoch;
        stats->checkpoint_us = past->epoch > 0 ? past->wall_us : WR_TIME_NONE;
        stats->finished = finished || past->finished;
    }
    if (checkpoint) {
        wr_checkpoint_stats now;
        wr_checkpoint_stats_get(checkpoint, &now);
        stats->epoch = now.epoch;
        stats->checkpoint_us = now.committed_us;
        stats->checkpoint_duration_us = now.duration_us;
        stats->checkpoint_bytes = now.bytes;
        stats->checkpoint_pause_us = now.pause_us;
        stats->outbox_bytes = now.outbox_bytes;
        stats->dead_letters = now.dead_letters;
        stats->degraded = now.degraded;
        memcpy(stats->problem, now.problem, sizeof stats->problem);
    }
}

static void
stats_fill(weir_query *query, weir_stats *stats)
{
    wr_pipeline_stats now = {.watermark_us = WR_TIME_NONE,
                             .next_close_us = WR_TIME_NONE,
                             .holder_watermark_us = WR_TIME_NONE,
                             .lag = -1};
    pthread_mutex_lock(&query->lock);
    if (query->pipeline) {
        wr_pipeline_stats_get(query->pipeline, &now);
    } else if (query->samplers) {
        stats->sampling = 1;
        for (int i = 0; i < query->source_count; i++) {
            if (query->samplers[i]) {
                stats->sampled += wr_sampler_message_count(query->samplers[i]);
            }
        }
    }
    stats_fill_job(query, now.finished, stats);
    pthread_mutex_unlock(&query->lock);
    stats->rows_in = now.rows_in;
    stats->bytes_in = now.bytes_in;
    stats->rows_out = now.rows_out;
    stats->rows_late = now.rows_late;
    stats->rows_bad = now.rows_bad;
    stats->rows_future = now.rows_future;
    stats->tombstones = now.tombstones;
    stats->watermark_us = now.watermark_us;
    stats->next_close_us = now.next_close_us;
    stats->lag = now.lag;
    stats->state_bytes = now.state_bytes;
    stats->groups = now.groups;
    stats->partitions = now.partitions;
    stats->partitions_idle = now.partitions_idle;
    memcpy(stats->holder, now.holder, sizeof stats->holder);
    stats->holder_watermark_us = now.holder_watermark_us;
    stats->holder_quiet_us = now.holder_quiet_us;
    stats->wall_us = wr_clock_wall_us(&query->db->clock);
}

int
weir_query_stats(const weir_query *query, weir_stats *stats)
{
    if (!query || !stats || stats->size == 0 || stats->size > sizeof *stats) {
        return WEIR_MISUSE;
    }
    weir_stats full = {.size = stats->size};
    stats_fill((weir_query *)query, &full);
    memcpy(stats, &full, stats->size);
    return WEIR_OK;
}

int64_t
weir_watermark(const weir_query *query)
{
    weir_stats stats = {.size = sizeof stats};
    return weir_query_stats(query, &stats) == WEIR_OK ? stats.watermark_us : INT64_MIN;
}

int64_t
weir_monotonic_us(void)
{
    return wr_clock_monotonic_us(NULL);
}

static void
stats_json_time(wr_buffer *out, const char *name, int64_t us)
{
    if (us == WR_TIME_NONE || us == WR_TIME_END) {
        wr_buffer_printf(out, ",\"%s\":null", name);
        return;
    }
    char text[WR_TIME_TEXT_MAX];
    int size = (int)wr_time_print(us, text);
    wr_buffer_printf(out, ",\"%s\":\"%.*s\"", name, size, text);
}

char *
weir_stats_json(const weir_query *query)
{
    weir_stats s = {.size = sizeof s};
    if (weir_query_stats(query, &s) != WEIR_OK) {
        return NULL;
    }
    wr_buffer out;
    wr_buffer_init(&out);
    wr_buffer_printf(&out,
                     "{\"rows_in\":%llu,\"bytes_in\":%llu,\"rows_out\":%llu,\"rows_late\":%llu,"
                     "\"rows_bad\":%llu,\"rows_future\":%llu,\"tombstones\":%llu",
                     (unsigned long long)s.rows_in, (unsigned long long)s.bytes_in,
                     (unsigned long long)s.rows_out, (unsigned long long)s.rows_late,
                     (unsigned long long)s.rows_bad, (unsigned long long)s.rows_future,
                     (unsigned long long)s.tombstones);
    wr_buffer_printf(&out,
                     ",\"lag\":%lld,\"state_bytes\":%lld,\"groups\":%lld,\"partitions\":%d,"
                     "\"partitions_idle\":%d,\"sampling\":%s",
                     (long long)s.lag, (long long)s.state_bytes, (long long)s.groups, s.partitions,
                     s.partitions_idle, s.sampling ? "true" : "false");
    stats_json_time(&out, "watermark", s.watermark_us);
    stats_json_time(&out, "next_close", s.next_close_us);
    wr_buffer_char(&out, '}');
    (void)wr_buffer_cstr(&out);
    return out.data;
}
