/* The state of a window aggregate, saved and restored.
 *
 *   mark    each pane: dirty groups are pending now; scalars; panes that went since are dropped
 *   save    pending groups, a slice at a time, as runs of their pane's segment
 *   rows, combining, emitting: whoever changes groups saves those of them that are pending before
 *
 * So the mark stops the stream for one loop over bytes, and what is saved is the state of the mark
 * although rows have gone on coming: copy on write, group by group, on the same thread.
 *
 *   pane [0,5)   base: all 1,000 groups │ 10 changed │ 990 changed │      as much again as it has:
 *                                                                  │ base │ the next one is a base
 *
 * 1. A pane that closes with pending groups is set aside (`leaving`) until they are saved.
 * 2. A pane that the store has is dropped by the mark after it closed: before, it is still needed.
 * 3. `front` is not saved: panes behind the flip point hold their own sums until the next flip, so
 *    it is made again from them (front_end = flip).
 * 4. Segments of a part other than 0 were spilled. They stay where they are; only if the operator
 *    cannot merge them any more, they are loaded apart and combined before the first row: then the
 *    next mark drops them, and part 0 has their groups. */
#include "exec/aggregate.h"

#include "core/memory.h"
#include "exec/state/segment.h"

#include <assert.h>

enum {
    AGGREGATE_ALL_PARTS = -1,
    AGGREGATE_META_VERSION = 1,
    AGGREGATE_RUN_BYTES = 1 << 17 /* room for the run that fills a segment */
};

/* The scalars, in the order in which they are stored. */
enum {
    META_VERSION,
    META_WATERMARK,
    META_PASSED,
    META_CLOSED_END,
    META_NEXT_EMIT,
    META_FLIP,
    META_COUNT
};

wr_window_id
wr_aggregate_window_id(const wr_window_aggregate *aggregate, const wr_pane *pane, int32_t part)
{
    return (wr_window_id){.operator_id = aggregate->op.state_id,
                          .part = part,
                          .start_us = pane->start_us,
                          .first_end_us = pane->first_end_us,
                          .last_end_us = pane->last_end_us};
}

/* ── saving groups ──────────────────────────────────────────────────────────────────────────── */

/* The segment that is being filled, or a new one. */
static wr_segment *
pane_segment(wr_window_aggregate *aggregate, wr_pane *pane)
{
    wr_commit *commit = aggregate->saving;
    if (pane->segment >= 0) {
        return &commit->segments[pane->segment];
    }
    wr_window_id window = wr_aggregate_window_id(aggregate, pane, 0);
    wr_segment *segment = wr_commit_add_segment(commit, &window, pane->begins_base);
    if (pane->groups->pending_count > WR_BATCH_ROWS) {
        (void)wr_buffer_reserve(&segment->body, WR_SEGMENT_BYTES + AGGREGATE_RUN_BYTES);
    }
    wr_segment_begin(segment, &aggregate->layout);
    pane->segment = commit->segment_count - 1;
    pane->begins_base = false;
    pane->is_stored = true;
    return segment;
}

/* These were pending until now, and are as they were at the mark. */
static void
pane_save_groups(wr_window_aggregate *aggregate, wr_pane *pane, const uint32_t *groups, int count)
{
    wr_segment *segment = pane_segment(aggregate, pane);
    wr_segment_add(segment, pane->groups, groups, count, aggregate->save_arena);
    wr_arena_reset(aggregate->save_arena);
    pane->stored_rows += count;
    if (segment->body.size >= WR_SEGMENT_BYTES || pane->groups->pending_count == 0) {
        wr_segment_end(segment);
        pane->segment = -1;
    }
}

/* At most `max` pending groups; how many they were. */
static int
pane_save_some(wr_window_aggregate *aggregate, wr_pane *pane, int64_t max)
{
    uint32_t groups[WR_BATCH_ROWS];
    int count = max < WR_BATCH_ROWS ? (int)max : WR_BATCH_ROWS;
    count = wr_group_table_take_pending(pane->groups, &pane->save_from, count, groups);
    if (count > 0) {
        pane_save_groups(aggregate, pane, groups, count);
    }
    return count;
}

void
wr_aggregate_save_before_change(wr_window_aggregate *aggregate, wr_pane *pane,
                                const uint32_t *groups, int count)
{
    if (pane->groups->pending_count == 0) {
        return;
    }
    uint32_t pending[WR_BATCH_ROWS];
    count = wr_group_table_take_pending_of(pane->groups, groups, count, pending);
    if (count > 0) {
        pane_save_groups(aggregate, pane, pending, count);
    }
}

void
wr_aggregate_settle_pane(wr_window_aggregate *aggregate, wr_pane *pane)
{
    while (pane->groups->pending_count > 0) {
        (void)pane_save_some(aggregate, pane, WR_BATCH_ROWS);
    }
}

/* ── panes that go ──────────────────────────────────────────────────────────────────────────── */

void
wr_aggregate_add_gone(wr_window_aggregate *aggregate, wr_window_id window)
{
    aggregate->gone = wr_grow(aggregate->gone, aggregate->gone_count, &aggregate->gone_capacity,
                              sizeof(*aggregate->gone));
    aggregate->gone[aggregate->gone_count++] = window;
}

/* All is saved that was to be. */
static void
pane_has_left(wr_window_aggregate *aggregate, wr_pane *pane)
{
    if (pane->is_stored) {
        wr_aggregate_add_gone(aggregate,
                              wr_aggregate_window_id(aggregate, pane, AGGREGATE_ALL_PARTS));
    }
    wr_aggregate_return_pane(aggregate, pane);
}

void
wr_aggregate_leave_pane(wr_window_aggregate *aggregate, wr_pane *pane)
{
    if (pane->groups->pending_count == 0) {
        pane_has_left(aggregate, pane);
        return;
    }
    aggregate->leaving = wr_grow(aggregate->leaving, aggregate->leaving_count,
                                 &aggregate->leaving_capacity, sizeof(*aggregate->leaving));
    aggregate->leaving[aggregate->leaving_count++] = pane;
}

/* Those that are still there were to be saved for a checkpoint that will not be. */
static void
aggregate_forget_leaving(wr_window_aggregate *aggregate)
{
    for (int i = 0; i < aggregate->leaving_count; i++) {
        pane_has_left(aggregate, aggregate->leaving[i]);
    }
    aggregate->leaving_count = 0;
}

/* ── mark and save ──────────────────────────────────────────────────────────────────────────── */

/* A base again when the changes since the last one would be more than all that there is. */
static void
pane_mark(wr_pane *pane, bool full)
{
    wr_group_table *table = pane->groups;
    int64_t present_count = table->present_count;
    bool is_base = full || !pane->is_stored ||
                   (table->dirty_count > 0 &&
                    pane->stored_rows + table->dirty_count >= 2 * present_count);
    if (is_base) {
        pane->begins_base = true;
        pane->stored_rows = 0;
    }
    pane->segment = -1;
    pane->save_from = 0;
    if (is_base || table->dirty_count > 0) {
        wr_group_table_begin_save(table, is_base);
    }
}

void
wr_aggregate_mark(wr_operator *op, wr_commit *commit, bool full, wr_buffer *meta)
{
    wr_window_aggregate *aggregate = (wr_window_aggregate *)op;
    assert(aggregate->partial_count == 0);
    wr_aggregate_end_loading(aggregate);
    bool was_saving = aggregate->saving != NULL;
    aggregate_forget_leaving(aggregate);
    for (int i = 0; i < aggregate->gone_count; i++) {
        wr_commit_drop(commit, &aggregate->gone[i]);
    }
    aggregate->gone_count = 0;
    for (int i = 0; i < aggregate->pane_count; i++) {
        pane_mark(aggregate->panes[i], full || was_saving);
        wr_aggregate_name_parts(aggregate, aggregate->panes[i], commit);
    }
    aggregate->saving = commit;
    if (!aggregate->save_arena) {
        aggregate->save_arena = wr_arena_new(0);
    }
    const int64_t numbers[META_COUNT] = {[META_VERSION] = AGGREGATE_META_VERSION,
                                         [META_WATERMARK] = aggregate->watermark_us,
                                         [META_PASSED] = aggregate->passed_us,
                                         [META_CLOSED_END] = aggregate->closed_end_us,
                                         [META_NEXT_EMIT] = aggregate->next_emit_us,
                                         [META_FLIP] = aggregate->flip_us};
    wr_operator_put_numbers(meta, numbers, META_COUNT);
}

bool
wr_aggregate_save_slice(wr_operator *op, wr_commit *commit, int64_t budget_rows)
{
    wr_window_aggregate *aggregate = (wr_window_aggregate *)op;
    assert(aggregate->saving == commit);
    while (aggregate->leaving_count > 0 && budget_rows > 0) {
        wr_pane *pane = aggregate->leaving[aggregate->leaving_count - 1];
        budget_rows -= pane_save_some(aggregate, pane, budget_rows);
        if (pane->groups->pending_count == 0) {
            aggregate->leaving_count--;
            pane_has_left(aggregate, pane);
        }
    }
    bool more = aggregate->leaving_count > 0;
    for (int i = 0; i < aggregate->pane_count && !more; i++) {
        wr_pane *pane = aggregate->panes[i];
        while (pane->groups->pending_count > 0 && budget_rows > 0) {
            budget_rows -= pane_save_some(aggregate, pane, budget_rows);
        }
        more = pane->groups->pending_count > 0;
    }
    aggregate->saving = more ? commit : NULL;
    return more;
}

void
wr_aggregate_free_state(wr_window_aggregate *aggregate)
{
    aggregate_forget_leaving(aggregate);
    for (int i = 0; i < aggregate->loading_count; i++) {
        wr_group_table_free(aggregate->loading[i].groups);
    }
    wr_arena_free(aggregate->save_arena);
    wr_free(aggregate->leaving);
    wr_free(aggregate->gone);
    wr_free(aggregate->loading);
    aggregate->save_arena = NULL;
    aggregate->leaving = NULL;
    aggregate->gone = NULL;
    aggregate->loading = NULL;
    aggregate->gone_count = aggregate->loading_count = 0;
}

/* ── restore and load ───────────────────────────────────────────────────────────────────────── */

wr_status
wr_aggregate_restore(wr_operator *op, wr_text meta, wr_error *err)
{
    wr_window_aggregate *aggregate = (wr_window_aggregate *)op;
    int64_t numbers[META_COUNT];
    WR_TRY(wr_operator_take_numbers(meta, numbers, META_COUNT, err));
    if (numbers[META_VERSION] != AGGREGATE_META_VERSION) {
        return wr_error_set(err, WR_ERR_STATE, "E0909", "an aggregate's state has version %lld",
                            (long long)numbers[META_VERSION]);
    }
    aggregate->watermark_us = numbers[META_WATERMARK];
    aggregate->passed_us = numbers[META_PASSED];
    aggregate->closed_end_us = numbers[META_CLOSED_END];
    aggregate->next_emit_us = numbers[META_NEXT_EMIT];
    aggregate->flip_us = aggregate->front_end_us = numbers[META_FLIP];
    return WR_OK;
}

/* Could a row have made this pane? */
static bool
window_is_ours(const wr_window_aggregate *aggregate, const wr_window_id *window)
{
    int64_t start_us = window->start_us, first_us = window->first_end_us;
    if (!aggregate->is_windowed) {
        return start_us == WR_TIME_NONE && first_us == WR_TIME_END &&
               window->last_end_us == WR_TIME_END;
    }
    const wr_window *plan = &aggregate->plan->window;
    int64_t step_us = aggregate->has_panes ? aggregate->pane_us : plan->advance_us;
    if (start_us < -WR_EVENT_TIME_MAX - plan->size_us || start_us > WR_EVENT_TIME_MAX ||
        wr_floor_to(start_us, step_us, plan->offset_us) != start_us) {
        return false;
    }
    if (!aggregate->has_panes) {
        return first_us == start_us + plan->size_us && window->last_end_us == first_us;
    }
    return window->last_end_us == wr_window_last_end(plan, start_us) && first_us > start_us &&
           first_us <= window->last_end_us && wr_window_first_end(plan, first_us - 1) == first_us;
}

/* The table of a part other than 0. */
static wr_group_table *
pane_part(wr_window_aggregate *aggregate, wr_pane *pane, int32_t part)
{
    for (int i = 0; i < aggregate->loading_count; i++) {
        const wr_loading *loading = &aggregate->loading[i];
        if (loading->pane == pane && loading->part == part) {
            return loading->groups;
        }
    }
    size_t count = (size_t)aggregate->loading_count + 1;
    aggregate->loading = wr_realloc(aggregate->loading, count * sizeof(*aggregate->loading));
    wr_loading *loading = &aggregate->loading[aggregate->loading_count++];
    *loading = (wr_loading){pane, part, wr_group_table_new(&aggregate->layout)};
    return loading->groups;
}

wr_status
wr_aggregate_load_segment(wr_operator *op, const wr_segment *segment, wr_error *err)
{
    wr_window_aggregate *aggregate = (wr_window_aggregate *)op;
    const wr_window_id *window = &segment->window;
    if (!window_is_ours(aggregate, window)) {
        return wr_error_set(err, WR_ERR_STATE, "E0904", "a segment is of no window of the query");
    }
    wr_pane *pane = wr_aggregate_pane(aggregate, window->start_us, window->first_end_us,
                                      window->last_end_us);
    wr_text body = {segment->body.data, segment->body.size};
    pane->is_stored = true;
    if (window->part > 0 && segment->id > 0 && wr_aggregate_can_spill(aggregate)) {
        wr_aggregate_adopt_part(pane, segment);
        return WR_OK;
    }
    if (window->part != 0) {
        return wr_segment_load(body, pane_part(aggregate, pane, window->part), err);
    }
    WR_TRY(wr_segment_load(body, pane->groups, err));
    wr_group_table_is_saved(pane->groups);
    pane->stored_rows = segment->row_count + (segment->is_base ? 0 : pane->stored_rows);
    return WR_OK;
}

void
wr_aggregate_end_loading(wr_window_aggregate *aggregate)
{
    for (int i = 0; i < aggregate->loading_count; i++) {
        const wr_loading *loading = &aggregate->loading[i];
        wr_group_table_combine(loading->pane->groups, loading->groups);
        wr_group_table_free(loading->groups);
        wr_aggregate_add_gone(
            aggregate, wr_aggregate_window_id(aggregate, loading->pane, loading->part));
    }
    aggregate->loading_count = 0;
}
