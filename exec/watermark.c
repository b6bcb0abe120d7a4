/* Watermarks: per partition the greatest event time minus the delay, per source the least of them.
 *
 *   delay 2     partition 0: rows 5 9 7     watermark before each:  -  3  7     then 7
 *               partition 1: rows 4 6                               -  2        then 4
 *               source: min(7, 4) = 4; with partition 1 idle: 7; all idle: up to the last open
 *               window's end, but not beyond wall clock − delay
 *
 * 1. A row is judged by the watermark of its own partition just before it, so the judgement depends
 *    on that partition's order only: not on batches, brokers or lanes.
 * 2. The source's watermark never goes back. A partition that comes later joins at it.
 * 3. A partition holds the source back until its first row, unless it is idle; one that is not
 *    opened yet always does. A finished one does not.
 * 4. Idle: at its end (or of unknown end, on a live source) and silent for the timeout; empty at
 *    the start: at once. The next row ends it. Sources with manual watermarks are never idle.
 * 5. An event time beyond wall clock + skew moves nothing. */
#include "exec/watermark.h"

#include "core/memory.h"
#include "exec/window.h"

#include <assert.h>

void
wr_watermark_init(wr_watermark *watermark, const wr_watermark_config *config)
{
    *watermark = (wr_watermark){
        .config = *config, .current_us = WR_TIME_NONE, .manual_us = WR_TIME_NONE};
}

void
wr_watermark_fini(wr_watermark *watermark)
{
    wr_free(watermark->partitions);
    watermark->partitions = NULL;
    watermark->partition_count = 0;
}

static void
watermark_join(wr_watermark *watermark, const wr_partition *from, int64_t monotonic_us)
{
    size_t count = (size_t)watermark->partition_count + 1;
    watermark->partitions =
        wr_realloc(watermark->partitions, count * sizeof(*watermark->partitions));
    watermark->partitions[watermark->partition_count++] =
        (wr_watermark_partition){.max_event_us = WR_TIME_NONE,
                                 .floor_us = watermark->current_us,
                                 .last_row_us = monotonic_us,
                                 .empty = from->empty_at_start};
}

void
wr_watermark_refresh(wr_watermark *watermark, const wr_partition *partitions, int count,
                     int64_t monotonic_us)
{
    for (int i = 0; i < count; i++) {
        if (i == watermark->partition_count) {
            watermark_join(watermark, &partitions[i], monotonic_us);
        }
        wr_watermark_partition *own = &watermark->partitions[i];
        own->opened = partitions[i].opened;
        own->at_end = partitions[i].at_end;
        own->finished = partitions[i].finished && !watermark->config.goes_on;
        own->end_known = partitions[i].end_offset >= 0;
        own->last_row_us = partitions[i].is_away ? monotonic_us : own->last_row_us;
    }
    watermark->started = watermark->started || count > 0;
}

static int64_t
partition_watermark(const wr_watermark *watermark, const wr_watermark_partition *partition)
{
    int64_t own_us = wr_time_sub_saturated(partition->max_event_us, watermark->config.delay_us);
    return own_us > partition->floor_us ? own_us : partition->floor_us;
}

int64_t
wr_watermark_of(const wr_watermark *watermark, int partition)
{
    return partition_watermark(watermark, &watermark->partitions[partition]);
}

/* ── rows ───────────────────────────────────────────────────────────────────────────────────── */

int64_t
wr_watermark_limit(const wr_watermark_config *config, int64_t wall_us)
{
    return config->live && config->max_future_skew_us > 0
               ? wr_time_add_saturated(wall_us, config->max_future_skew_us)
               : WR_TIME_END;
}

static int64_t
span_watermark(const wr_watermark_config *config, const wr_watermark_span *span)
{
    int64_t own_us = wr_time_sub_saturated(span->max_event_us, config->delay_us);
    return own_us > span->floor_us ? own_us : span->floor_us;
}

static int64_t
times_max(const int64_t *times_us, int count)
{
    int64_t max_us = WR_TIME_NONE;
    for (int i = 0; i < count; i++) {
        max_us = times_us[i] > max_us ? times_us[i] : max_us;
    }
    return max_us;
}

static bool
times_are_in_order(const int64_t *times_us, int count)
{
    uint64_t falls = 0;
    for (int i = 1; i < count; i++) {
        falls |= times_us[i] < times_us[i - 1];
    }
    return falls == 0;
}

/* before_us[i] = max(moved_us, t[0 … i − 1]) − delay. In order that is the row before, but for the
 * first rows, and a loop without a chain; else each row waits for the maximum of those before. */
static void
rows_move(const wr_watermark_rows *rows, bool in_order, int64_t moved_us, int64_t delay_us,
          int64_t *before_us)
{
    int i = 0;
    for (; i < rows->count; i++) {
        int64_t t_us = rows->event_time_us[i];
        before_us[i] = moved_us - delay_us;
        if (in_order && t_us > moved_us) {
            break;
        }
        moved_us = t_us > moved_us ? t_us : moved_us;
    }
    for (i++; i < rows->count; i++) {
        before_us[i] = rows->event_time_us[i - 1] - delay_us;
    }
}

/* Rows 0 … count − 1 of a partition whose watermark is w_us, when no sum below can overflow and all
 * of them may move it: before_us[i] = max(w_us, t[0 … i − 1] − delay). False: they are not such. */
static bool
judge_plain(const wr_watermark_rows *rows, bool in_order, int64_t w_us, int64_t delay_us,
            int64_t max_us, int64_t *before_us)
{
    bool is_plain = !rows->rows && delay_us >= 0 && delay_us < WR_EVENT_TIME_MAX &&
                    w_us > -WR_EVENT_TIME_MAX && w_us < WR_EVENT_TIME_MAX &&
                    max_us < WR_EVENT_TIME_MAX;
    int64_t moved_us = is_plain ? w_us + delay_us : 0;
    if (is_plain && max_us <= moved_us) {
        for (int i = 0; i < rows->count; i++) {
            before_us[i] = w_us;
        }
    } else if (is_plain) {
        rows_move(rows, in_order, moved_us, delay_us, before_us);
    }
    return is_plain;
}

/* All rows of one partition: two registers and no look-ups. */
static uint64_t
watermark_judge_run(const wr_watermark_config *config, const wr_watermark_rows *rows,
                    int64_t limit_us, wr_watermark_span *span, int64_t *before_us)
{
    int64_t max_us = span->max_event_us, w_us = span_watermark(config, span);
    uint64_t future_count = 0;
    const int64_t *times_us = rows->event_time_us;
    bool in_order = !rows->rows && rows->count > 0 && times_are_in_order(times_us, rows->count);
    int64_t rows_us = rows->rows ? WR_TIME_END
                      : in_order ? times_us[rows->count - 1]
                                 : times_max(times_us, rows->count);
    if (rows_us <= limit_us &&
        judge_plain(rows, in_order, w_us, config->delay_us, rows_us, before_us)) {
        span->max_event_us = rows_us > max_us ? rows_us : max_us;
        return 0;
    }
    for (int i = 0; i < rows->count; i++) {
        int row = rows->rows ? rows->rows[i] : i;
        int64_t t_us = rows->event_time_us[row];
        before_us[row] = w_us;
        if (t_us > max_us) {
            if (t_us > limit_us) {
                future_count++;
                continue;
            }
            max_us = t_us;
            int64_t moved_us = wr_time_sub_saturated(max_us, config->delay_us);
            w_us = moved_us > w_us ? moved_us : w_us;
        }
    }
    span->max_event_us = max_us;
    return future_count;
}

static void
watermark_observe_mixed(wr_watermark *watermark, const wr_watermark_rows *rows, int64_t limit_us,
                        int64_t monotonic_us, int64_t *before_us)
{
    for (int i = 0; i < rows->count; i++) {
        int row = rows->rows ? rows->rows[i] : i;
        int64_t t_us = rows->event_time_us[row];
        assert(rows->origins[row].partition < watermark->partition_count);
        wr_watermark_partition *partition = &watermark->partitions[rows->origins[row].partition];
        before_us[row] = partition_watermark(watermark, partition);
        partition->last_row_us = monotonic_us;
        partition->empty = partition->idle = false;
        if (t_us > partition->max_event_us) {
            if (t_us > limit_us) {
                watermark->future_count++;
            } else {
                partition->max_event_us = t_us;
            }
        }
    }
}

void
wr_watermark_observe(wr_watermark *watermark, const wr_watermark_rows *rows, int64_t wall_us,
                     int64_t monotonic_us, int64_t *before_us)
{
    if (rows->count == 0) {
        return;
    }
    int64_t limit_us = wr_watermark_limit(&watermark->config, wall_us);
    if (rows->origins) {
        watermark_observe_mixed(watermark, rows, limit_us, monotonic_us, before_us);
        return;
    }
    assert(rows->partition < watermark->partition_count);
    wr_watermark_partition *partition = &watermark->partitions[rows->partition];
    partition->last_row_us = monotonic_us;
    partition->empty = partition->idle = false;
    wr_watermark_span span = {.max_event_us = partition->max_event_us,
                              .floor_us = partition->floor_us};
    watermark->future_count +=
        watermark_judge_run(&watermark->config, rows, limit_us, &span, before_us);
    partition->max_event_us = span.max_event_us;
}

/* ── pieces: surveyed first, judged when what came before them is known ─────────────────────── */

static wr_watermark_span *
row_span(const wr_watermark_rows *rows, int row, wr_watermark_span *spans)
{
    return rows->origins ? &spans[rows->origins[row].partition] : spans;
}

void
wr_watermark_survey(const wr_watermark_rows *rows, int64_t limit_us, wr_watermark_span *spans)
{
    int64_t max_us = rows->rows || rows->origins ? WR_TIME_END
                                                 : times_max(rows->event_time_us, rows->count);
    if (max_us <= limit_us && max_us != WR_TIME_END) {
        spans->max_event_us = max_us > spans->max_event_us ? max_us : spans->max_event_us;
        spans->has_rows = true;
        return;
    }
    for (int i = 0; i < rows->count; i++) {
        int row = rows->rows ? rows->rows[i] : i;
        int64_t t_us = rows->event_time_us[row];
        wr_watermark_span *span = row_span(rows, row, spans);
        span->has_rows = true;
        if (t_us > span->max_event_us && t_us <= limit_us) {
            span->max_event_us = t_us;
        }
    }
}

void
wr_watermark_move(wr_watermark *watermark, int number, wr_watermark_span *span,
                  int64_t monotonic_us)
{
    assert(number < watermark->partition_count);
    wr_watermark_partition *partition = &watermark->partitions[number];
    int64_t before_us = partition->max_event_us;
    partition->last_row_us = monotonic_us;
    partition->empty = partition->idle = false;
    if (span->max_event_us > before_us) {
        partition->max_event_us = span->max_event_us;
    }
    span->max_event_us = before_us;
    span->floor_us = partition->floor_us;
}

uint64_t
wr_watermark_judge(const wr_watermark_config *config, const wr_watermark_rows *rows,
                   int64_t limit_us, wr_watermark_span *spans, int64_t *before_us)
{
    if (!rows->origins) {
        return watermark_judge_run(config, rows, limit_us, spans, before_us);
    }
    uint64_t future_count = 0;
    for (int i = 0; i < rows->count; i++) {
        int row = rows->rows ? rows->rows[i] : i;
        int64_t t_us = rows->event_time_us[row];
        wr_watermark_span *span = row_span(rows, row, spans);
        before_us[row] = span_watermark(config, span);
        if (t_us > limit_us) {
            future_count += t_us > span->max_event_us;
        } else if (t_us > span->max_event_us) {
            span->max_event_us = t_us;
        }
    }
    return future_count;
}

void
wr_watermark_manual(wr_watermark *watermark, int64_t us)
{
    watermark->manual = true;
    if (us > watermark->manual_us) {
        watermark->manual_us = us;
    }
}

/* ── time ───────────────────────────────────────────────────────────────────────────────────── */

static bool
partition_is_idle(const wr_watermark *watermark, const wr_watermark_partition *partition,
                  int64_t monotonic_us)
{
    const wr_watermark_config *config = &watermark->config;
    if (watermark->manual || partition->finished || !partition->opened) {
        return false;
    }
    if (partition->empty) {
        return true;
    }
    bool may_be_silent = partition->at_end || (config->live && !partition->end_known);
    return may_be_silent && config->idle_timeout_us > 0 &&
           monotonic_us - partition->last_row_us >= config->idle_timeout_us;
}

/* Marks idle partitions; the least watermark of the others, WR_TIME_END when there are none. */
static int64_t
watermark_least(wr_watermark *watermark, int64_t monotonic_us, bool *any_active, bool *any_idle)
{
    int64_t least_us = WR_TIME_END;
    *any_active = *any_idle = false;
    for (int i = 0; i < watermark->partition_count; i++) {
        wr_watermark_partition *partition = &watermark->partitions[i];
        partition->idle = partition_is_idle(watermark, partition, monotonic_us);
        *any_idle = *any_idle || partition->idle;
        if (!partition->idle && !partition->finished) {
            int64_t own_us = partition_watermark(watermark, partition);
            *any_active = true;
            least_us = own_us < least_us ? own_us : least_us;
        }
    }
    return least_us;
}

bool
wr_watermark_all_idle(wr_watermark *watermark, int64_t monotonic_us)
{
    bool any_active = false, any_idle = false;
    watermark_least(watermark, monotonic_us, &any_active, &any_idle);
    return any_idle && !any_active;
}

/* Where the partitions have come to; WR_TIME_NONE: they say nothing. */
static int64_t
watermark_target(wr_watermark *watermark, int64_t wall_us, int64_t monotonic_us,
                 int64_t last_close_us)
{
    bool any_active = false, any_idle = false;
    int64_t least_us = watermark_least(watermark, monotonic_us, &any_active, &any_idle);
    if (any_active) {
        return least_us;
    }
    if (!any_idle) {
        return watermark->started ? WR_TIME_END : WR_TIME_NONE;
    }
    if (last_close_us == WR_TIME_NONE) {
        return WR_TIME_NONE;
    }
    int64_t wall_bound_us = wr_time_sub_saturated(wall_us, watermark->config.delay_us);
    return last_close_us < wall_bound_us ? last_close_us : wall_bound_us;
}

int64_t
wr_watermark_advance(wr_watermark *watermark, int64_t wall_us, int64_t monotonic_us,
                     int64_t last_close_us)
{
    int64_t target_us = watermark_target(watermark, wall_us, monotonic_us, last_close_us);
    if (watermark->config.processing_time && target_us != WR_TIME_END) {
        target_us = wr_time_sub_saturated(wall_us, watermark->config.delay_us);
    }
    if (watermark->manual_us > target_us) {
        target_us = watermark->manual_us;
    }
    if (target_us > watermark->current_us) {
        watermark->current_us = target_us;
    }
    return watermark->current_us;
}

int
wr_watermark_holder(const wr_watermark *watermark)
{
    int holder = -1;
    for (int i = 0; i < watermark->partition_count; i++) {
        const wr_watermark_partition *partition = &watermark->partitions[i];
        if (partition->finished || partition->idle) {
            continue;
        }
        if (holder < 0 || wr_watermark_of(watermark, i) < wr_watermark_of(watermark, holder)) {
            holder = i;
        }
    }
    return holder;
}

int
wr_watermark_idle_count(const wr_watermark *watermark)
{
    int count = 0;
    for (int i = 0; i < watermark->partition_count; i++) {
        count += watermark->partitions[i].idle;
    }
    return count;
}
