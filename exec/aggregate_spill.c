/* Windows that do not fit into memory: written as sorted parts, merged when they close.
 *
 *   over the limit   pane [0,5)  d b a c ─▶ sorted ─▶ part 1  a b c d      the table begins anew
 *   later            pane [0,5)  b e     ─▶            part 2  b e
 *   close            part 1  a b c d ┐
 *                    part 2  b e     ├─▶ merged by key, equal keys combined ─▶ a b c d e
 *                    table   c       ┘
 *
 * Results come in key order anyway, so sorting is no extra work, and the merge needs one run of
 * groups of each part in memory, however large the window is. Many parts are merged into one before
 * they become too many for that. What was touched last stays longest.
 *
 * 1. Within a part keys are ascending and differ; states of different parts are combined, which is
 *    exact, so results are those of a query that never spilled.
 * 2. Only panes of EMIT FINAL are spilled. Those of HOPPING windows are merged anew for each
 *    window that combines them.
 * 3. Memory that panes share (keys) is given back when the last of them has been spilled.
 * 4. Of a job, the next mark names a part (its segments count from then on), and drops what the
 *    store had of the groups in it; a part that no mark has named goes when its window closes. */
#include "exec/aggregate.h"

#include "core/memory.h"
#include "exec/spill.h"
#include "exec/state/segment.h"

enum { SPILL_TABLE_BYTES = 1 << 14 /* smaller tables are not worth a part */ };

/* ── writing ────────────────────────────────────────────────────────────────────────────────── */

typedef struct spill_writer {
    wr_part_writer part;
    wr_arena *scratch;
} spill_writer;

static wr_status
writer_add(spill_writer *writer, const wr_group_table *table, const uint32_t *groups, int count,
           wr_error *err)
{
    if (count == 0) {
        return WR_OK;
    }
    wr_segment *segment = wr_part_writer_segment(&writer->part);
    if (segment->row_count == 0) {
        wr_segment_begin(segment, table->layout);
    }
    wr_group_table_fetch(table, groups, count);
    wr_segment_add(segment, table, groups, count, writer->scratch);
    wr_arena_reset(writer->scratch);
    return wr_part_writer_added(&writer->part, err);
}

/* All groups of the table, in the order of their keys. */
static wr_status
writer_add_table(spill_writer *writer, const wr_group_table *table, wr_error *err)
{
    const wr_order_item *order = wr_key_set_order(table->keys);
    uint32_t key_count = table->keys->count, groups[WR_BATCH_ROWS];
    int count = 0;
    for (uint32_t at = 0; at < key_count; at++) {
        uint32_t group = order[at].id;
        groups[count] = group;
        count += group < table->limit && table->flags[group] != 0;
        if (count == WR_BATCH_ROWS) {
            WR_TRY(writer_add(writer, table, groups, count, err));
            count = 0;
        }
    }
    WR_TRY(writer_add(writer, table, groups, count, err));
    return wr_part_writer_end(&writer->part, err);
}

/* Of a job: what is pending is saved before, as it is. Then all that the store has of the table is
 * in the part, too, and goes when the next mark names that. */
static void
pane_leave_store(wr_window_aggregate *aggregate, wr_pane *pane)
{
    wr_aggregate_settle_pane(aggregate, pane);
    if (pane->is_stored) {
        wr_aggregate_add_gone(aggregate, wr_aggregate_window_id(aggregate, pane, 0));
    }
    pane->stored_rows = 0;
    pane->save_from = 0;
}

static spill_writer
pane_begin_part(wr_window_aggregate *aggregate, wr_pane *pane, wr_spill *spill)
{
    int32_t number = ++pane->last_part;
    return (spill_writer){.part = {.spill = spill,
                                   .part = wr_part_add(&pane->parts, number),
                                   .window = wr_aggregate_window_id(aggregate, pane, number)},
                          .scratch = wr_arena_new(0)};
}

static void
writer_fini(spill_writer *writer)
{
    wr_part_writer_fini(&writer->part);
    wr_arena_free(writer->scratch);
}

/* Parts that were merged: on disk they go now, or with the next mark if the store has them. */
static wr_status
pane_drop_parts(wr_window_aggregate *aggregate, wr_pane *pane, wr_part *parts, wr_spill *spill,
                wr_error *err)
{
    for (const wr_part *part = parts; part; part = part->next) {
        if (part->is_named) {
            wr_aggregate_add_gone(aggregate, wr_aggregate_window_id(aggregate, pane, part->number));
        }
    }
    return wr_parts_drop(&parts, spill, err);
}

/* The newest parts, if there are many, become one. */
static wr_status
pane_gather_parts(wr_window_aggregate *aggregate, wr_pane *pane, wr_spill *spill, wr_error *err)
{
    wr_part *parts = wr_parts_take_many(&pane->parts);
    if (!parts) {
        return WR_OK;
    }
    spill_writer writer = pane_begin_part(aggregate, pane, spill);
    writer.part.part->level = parts->level + 1;
    wr_status status = wr_aggregate_merge_parts(aggregate, parts, &writer.part, err);
    status = status == WR_OK ? wr_part_writer_end(&writer.part, err) : status;
    writer_fini(&writer);
    wr_status dropped =
        pane_drop_parts(aggregate, pane, parts, spill, status == WR_OK ? err : NULL);
    status = status == WR_OK ? dropped : status;
    return status == WR_OK ? pane_gather_parts(aggregate, pane, spill, err) : status;
}

static wr_status
pane_spill(wr_window_aggregate *aggregate, wr_pane *pane, wr_spill *spill, wr_error *err)
{
    pane_leave_store(aggregate, pane);
    spill_writer writer = pane_begin_part(aggregate, pane, spill);
    wr_status status = writer_add_table(&writer, pane->groups, err);
    writer_fini(&writer);
    WR_TRY(status);
    const wr_group_layout *layout = pane->groups->layout;
    wr_group_table_free(pane->groups);
    pane->groups = wr_group_table_new(layout);
    return pane_gather_parts(aggregate, pane, spill, err);
}

/* ── which ──────────────────────────────────────────────────────────────────────────────────── */

bool
wr_aggregate_can_spill(const wr_window_aggregate *aggregate)
{
    return aggregate->op.context->spill && !aggregate->layout.tracks_changes;
}

/* The one that was not touched for the longest time, of those that hold enough. */
static wr_pane *
coldest_pane(const wr_window_aggregate *aggregate, int64_t least_bytes)
{
    wr_pane *best = NULL;
    for (int i = 0; i < aggregate->pane_count; i++) {
        wr_pane *pane = aggregate->panes[i];
        if (pane->groups->present_count > 0 && wr_group_table_bytes(pane->groups) >= least_bytes &&
            (!best || pane->touched_in <= best->touched_in)) {
            best = pane;
        }
    }
    return best;
}

/* What is kept for windows to come, and what can be made again. */
static void
aggregate_free_spare(wr_window_aggregate *aggregate)
{
    wr_aggregate_forget_front(aggregate);
    while (aggregate->free_table_count > 0) {
        wr_group_table_free(aggregate->free_tables[--aggregate->free_table_count]);
    }
    if (aggregate->keys && aggregate->keys->use_count == 1) {
        wr_key_set_release(aggregate->keys);
        aggregate->keys = NULL;
    }
    aggregate->usual_groups = 0;
}

static int64_t
aggregate_bytes(wr_window_aggregate *aggregate)
{
    wr_operator_figures figures;
    aggregate->op.ops->observe(&aggregate->op, &figures);
    return figures.state_bytes;
}

bool
wr_aggregate_has_room(wr_window_aggregate *aggregate, int table_count)
{
    int64_t room_bytes = aggregate->op.context->memory_bytes;
    uint32_t key_count = aggregate->keys ? aggregate->keys->count : 0;
    return room_bytes <= 0 ||
           aggregate_bytes(aggregate) +
                   table_count * wr_group_layout_bytes(&aggregate->layout, key_count) <=
               room_bytes;
}

wr_status
wr_aggregate_shrink(wr_operator *op, int64_t wanted_bytes, wr_error *err)
{
    wr_window_aggregate *whole = (wr_window_aggregate *)op;
    wr_spill *spill = op->context->spill;
    if (!wr_aggregate_can_spill(whole)) {
        return WR_OK;
    }
    int64_t least_bytes = wanted_bytes > 0 ? SPILL_TABLE_BYTES : 0;
    for (int i = -1; i < whole->partial_count; i++) {
        wr_window_aggregate *own = i < 0 ? whole : whole->partials[i];
        aggregate_free_spare(own);
        while (aggregate_bytes(whole) > wanted_bytes) {
            wr_pane *pane = coldest_pane(own, least_bytes);
            if (!pane) {
                break;
            }
            WR_TRY(pane_spill(own, pane, spill, err));
            aggregate_free_spare(own);
        }
    }
    return WR_OK;
}

/* ── parts of a job ─────────────────────────────────────────────────────────────────────────── */

void
wr_aggregate_name_parts(wr_window_aggregate *aggregate, wr_pane *pane, wr_commit *commit)
{
    wr_window_id window = wr_aggregate_window_id(aggregate, pane, 0);
    pane->is_stored = wr_parts_name(pane->parts, window, commit) || pane->is_stored;
}

void
wr_aggregate_adopt_part(wr_pane *pane, const wr_segment *segment)
{
    int32_t number = wr_part_adopt(&pane->parts, segment)->number;
    pane->last_part = number > pane->last_part ? number : pane->last_part;
}
