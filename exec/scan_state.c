/* The state of a scan.
 *
 *   positions   partition "3": next offset 1,204, greatest event time, floor     a row each
 *   scalars     watermark, counters, learned columns                             one blob
 *
 * 1. Taken between steps: all that is before a position has been pushed, nothing behind it.
 * 2. +∞ is never stored: at the end of input the scan says so again in its next life.
 * 3. A partition that had rows is not "empty at the start" in its next life, so that it holds the
 *    watermark back as it would have done. */
#include "exec/scan_state.h"

#include "exec/state/scalars.h"

enum { SCAN_SCALARS_VERSION = 1 };

/* ── saving ─────────────────────────────────────────────────────────────────────────────────── */

static void
scan_put_learned(const wr_plan_source *source, wr_buffer *out)
{
    const wr_learned *learned = &source->learned;
    wr_put_int64(out, learned->format || learned->schema.count > 0);
    wr_put_text(out, learned->format ? wr_text_from(learned->format->name) : WR_TEXT_NONE);
    wr_put_int64(out, learned->key_is_bytes);
    wr_put_int64(out, learned->schema.count);
    for (int i = 0; i < learned->schema.count; i++) {
        const wr_column *column = &learned->schema.columns[i];
        wr_put_text(out, column->name);
        wr_put_int64(out, column->type.id);
        wr_put_int64(out, column->type.bits);
        wr_put_int64(out, column->not_null);
    }
}

static void
scan_add_positions(wr_scan *scan, wr_commit *commit)
{
    int count = 0;
    const wr_partition *partitions = scan->plan->source->partitions(scan->source, &count);
    int64_t held_bytes = (int64_t)(commit->position_count + count) * (int64_t)sizeof(wr_position);
    wr_position *grown = wr_arena_alloc(commit->arena, (size_t)held_bytes);
    if (commit->position_count > 0) {
        memcpy(grown, commit->positions, (size_t)commit->position_count * sizeof(*grown));
    }
    commit->positions = grown;
    for (int i = 0; i < count && i < scan->watermark.partition_count; i++) {
        const wr_watermark_partition *time = &scan->watermark.partitions[i];
        wr_buffer guard;
        wr_buffer_init(&guard);
        if (scan->plan->source->guard) {
            scan->plan->source->guard(scan->source, i, &guard);
        }
        commit->positions[commit->position_count++] = (wr_position){
            .operator_id = scan->op.state_id,
            .source = wr_arena_text(commit->arena, scan->plan->name),
            .partition = wr_arena_text(commit->arena, partitions[i].name),
            .next_offset = partitions[i].next_offset,
            .guard = wr_arena_text(commit->arena, (wr_text){guard.data, guard.size}),
            .max_event_us = time->max_event_us,
            .floor_us = time->floor_us};
        wr_buffer_fini(&guard);
    }
}

/* By their texts: numbers of reasons may change with versions. */
static void
scan_put_reasons(const wr_scan_counters *counters, wr_buffer *out)
{
    int64_t count = 0;
    for (int i = 0; i < WR_REASON_COUNT; i++) {
        count += counters->bad_by_reason[i] > 0;
    }
    wr_put_int64(out, count);
    for (int i = 0; i < WR_REASON_COUNT; i++) {
        if (counters->bad_by_reason[i] > 0) {
            wr_put_text(out, wr_text_from(wr_reason_text((wr_reason)i)));
            wr_put_int64(out, (int64_t)counters->bad_by_reason[i]);
        }
    }
}

/* How long each partition has been silent, so that the idle timeout goes on. */
static void
scan_put_quiet(wr_scan *scan, wr_buffer *out)
{
    int count = 0;
    const wr_partition *partitions = scan->plan->source->partitions(scan->source, &count);
    count = count < scan->watermark.partition_count ? count : scan->watermark.partition_count;
    int64_t now_us = wr_clock_monotonic_us(scan->config->clock);
    wr_put_int64(out, count);
    for (int i = 0; i < count; i++) {
        wr_put_text(out, partitions[i].name);
        wr_put_int64(out, now_us - scan->watermark.partitions[i].last_row_us);
    }
}

void
wr_scan_mark(wr_scan *scan, wr_commit *commit, wr_buffer *meta)
{
    const wr_watermark *watermark = &scan->watermark;
    bool is_end = watermark->current_us == WR_TIME_END;
    scan_add_positions(scan, commit);
    wr_put_int64(meta, SCAN_SCALARS_VERSION);
    wr_put_int64(meta, scan->plan->source_index);
    scan_put_learned(&scan->config->plan->sources[scan->plan->source_index], meta);
    wr_put_int64(meta, is_end ? WR_TIME_NONE : watermark->current_us);
    wr_put_int64(meta, scan->passed_us == WR_TIME_END ? WR_TIME_NONE : scan->passed_us);
    wr_put_int64(meta, watermark->manual);
    wr_put_int64(meta, watermark->manual_us);
    wr_put_int64(meta, (int64_t)watermark->future_count);
    wr_put_int64(meta, (int64_t)scan->counters.rows);
    wr_put_int64(meta, (int64_t)scan->counters.bytes);
    wr_put_int64(meta, (int64_t)scan->counters.bad);
    wr_put_int64(meta, (int64_t)scan->counters.tombstones);
    scan_put_reasons(&scan->counters, meta);
    scan_put_quiet(scan, meta);
}

/* ── restoring ──────────────────────────────────────────────────────────────────────────────── */

static bool
scan_take_learned(wr_scalars *from, wr_arena *arena, wr_learned *learned)
{
    *learned = (wr_learned){0};
    bool is_learned = wr_take_int64(from) != 0;
    wr_text format = wr_take_text(from);
    learned->format = format.size > 0 ? wr_format_find(format) : NULL;
    learned->key_is_bytes = wr_take_int64(from) != 0;
    int64_t count = wr_take_int64(from);
    from->failed = from->failed || count < 0 || (uint64_t)count > from->rest.size ||
                   (format.size > 0 && !learned->format);
    count = from->failed ? 0 : count;
    learned->schema.columns = WR_NEW_ARRAY(arena, wr_column, count);
    for (int64_t i = 0; i < count && !from->failed; i++) {
        wr_column *column = &learned->schema.columns[learned->schema.count++];
        column->name = wr_arena_text(arena, wr_take_text(from));
        int64_t id = wr_take_int64(from);
        column->type.bits = (uint8_t)wr_take_int64(from);
        column->not_null = wr_take_int64(from) != 0;
        from->failed = from->failed || id < 0 || id > WR_TYPE_STRUCT;
        column->type.id = from->failed ? WR_TYPE_NULL : (wr_type_id)id;
    }
    return is_learned;
}

wr_status
wr_scan_learned(wr_text meta, wr_arena *arena, int *source_index, wr_learned *learned,
                bool *is_learned, wr_error *err)
{
    wr_scalars from = {.rest = meta};
    from.failed = wr_take_int64(&from) != SCAN_SCALARS_VERSION;
    *source_index = (int)wr_take_int64(&from);
    *is_learned = scan_take_learned(&from, arena, learned);
    from.rest = WR_TEXT_NONE;
    return wr_scalars_end(&from, "a source", err);
}

static void
scan_take_reasons(wr_scalars *from, wr_scan_counters *counters)
{
    for (int64_t left = wr_take_int64(from); left > 0 && !from->failed; left--) {
        wr_text text = wr_take_text(from);
        uint64_t count = (uint64_t)wr_take_int64(from);
        for (int i = 0; i < WR_REASON_COUNT; i++) {
            bool is_it = wr_text_equal(text, wr_text_from(wr_reason_text((wr_reason)i)));
            counters->bad_by_reason[i] += is_it ? count : 0;
        }
    }
}

static bool
scan_take_quiet(wr_scalars *from, wr_arena *arena, wr_scan_past *past)
{
    int64_t count = wr_take_int64(from);
    if (from->failed || count < 0 || (uint64_t)count > from->rest.size) {
        return false;
    }
    past->quiet = WR_NEW_ARRAY(arena, wr_partition_quiet, count);
    for (; past->quiet_count < count && !from->failed; past->quiet_count++) {
        wr_partition_quiet *quiet = &past->quiet[past->quiet_count];
        quiet->partition = wr_arena_text(arena, wr_take_text(from));
        quiet->quiet_us = wr_take_int64(from);
    }
    return !from->failed;
}

wr_status
wr_scan_restore(wr_scan *scan, wr_text meta, const wr_position *positions, int position_count,
                wr_error *err)
{
    wr_scalars from = {.rest = meta};
    wr_learned learned;
    wr_arena *scratch = wr_arena_new(0);
    from.failed = wr_take_int64(&from) != SCAN_SCALARS_VERSION;
    (void)wr_take_int64(&from);
    (void)scan_take_learned(&from, scratch, &learned);
    wr_arena_free(scratch);
    wr_scan_past *past = WR_NEW(scan->op.context->query_arena, wr_scan_past);
    past->positions = positions;
    past->position_count = position_count;
    past->current_us = wr_take_int64(&from);
    past->passed_us = wr_take_int64(&from);
    past->manual = wr_take_int64(&from) != 0;
    past->manual_us = wr_take_int64(&from);
    past->future_count = (uint64_t)wr_take_int64(&from);
    past->counters.rows = (uint64_t)wr_take_int64(&from);
    past->counters.bytes = (uint64_t)wr_take_int64(&from);
    past->counters.bad = (uint64_t)wr_take_int64(&from);
    past->counters.tombstones = (uint64_t)wr_take_int64(&from);
    scan_take_reasons(&from, &past->counters);
    scan->past = past;
    from.failed = from.failed || !scan_take_quiet(&from, scan->op.context->query_arena, past);
    return wr_scalars_end(&from, "a source", err);
}

static bool
position_is_of(const wr_position *position, const wr_scan *scan)
{
    return position->operator_id == scan->op.state_id;
}

const wr_resume *
wr_scan_resume(const wr_scan *scan, wr_arena *arena, int *count)
{
    const wr_scan_past *past = scan->past;
    wr_resume *resume = WR_NEW_ARRAY(arena, wr_resume, past->position_count);
    *count = 0;
    for (int i = 0; i < past->position_count; i++) {
        const wr_position *position = &past->positions[i];
        if (position_is_of(position, scan)) {
            resume[(*count)++] =
                (wr_resume){position->partition, position->next_offset, position->guard};
        }
    }
    return resume;
}

static const wr_position *
scan_position_of(const wr_scan *scan, wr_text partition)
{
    const wr_scan_past *past = scan->past;
    for (int i = 0; i < past->position_count; i++) {
        if (position_is_of(&past->positions[i], scan) &&
            wr_text_equal(past->positions[i].partition, partition)) {
            return &past->positions[i];
        }
    }
    return NULL;
}

static int64_t
past_quiet_us(const wr_scan_past *past, wr_text partition)
{
    for (int i = 0; i < past->quiet_count; i++) {
        if (wr_text_equal(past->quiet[i].partition, partition)) {
            return past->quiet[i].quiet_us;
        }
    }
    return 0;
}

void
wr_scan_restore_partitions(wr_scan *scan)
{
    const wr_scan_past *past = scan->past;
    wr_watermark *watermark = &scan->watermark;
    watermark->current_us = past->current_us;
    watermark->manual = past->manual;
    watermark->manual_us = past->manual_us;
    watermark->future_count = past->future_count;
    scan->passed_us = past->passed_us;
    scan->counters = past->counters;
    wr_scan_refresh(scan);
    int count = 0;
    const wr_partition *partitions = scan->plan->source->partitions(scan->source, &count);
    for (int i = 0; i < count; i++) {
        const wr_position *position = scan_position_of(scan, partitions[i].name);
        if (position) {
            wr_watermark_partition *own = &watermark->partitions[i];
            own->max_event_us = position->max_event_us;
            own->floor_us = position->floor_us;
            own->empty = own->empty && position->max_event_us == WR_TIME_NONE;
            own->last_row_us -= past_quiet_us(past, partitions[i].name);
        }
    }
}
