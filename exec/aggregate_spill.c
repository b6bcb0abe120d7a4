/* Windows that do not fit into memory: written as sorted parts, merged when they close.
 *
 *   over the limit   pane [0,5)  d b a c ─▶ sorted ─▶ part 1  a b c d      the table begins anew
 *   later            pane [0,5)  b e     ─▶            part 2  b e
 *   close            part 1  a b c d ┐
 *                    part 2  b e     ├─▶ merged by key, equal keys combined ─▶ a b c d e
 *                    table   c       ┘
 *
 * Results come in key order anyway, so sorting is no extra work, and the merge needs one run of
 * groups of each part in memory, however large the window is. What was touched last stays longest.
 *
 * 1. Within a part keys are ascending and differ; states of different parts are combined, which is
 *    exact, so results are those of a query that never spilled.
 * 2. Only windows whose groups are emitted once and as a whole are spilled: TUMBLING and no window,
 *    EMIT FINAL, without checkpoints.
 * 3. Memory that panes share (keys) is given back when the last of them has been spilled. */
#include "exec/aggregate.h"

#include "core/memory.h"
#include "exec/spill.h"
#include "exec/state/segment.h"

enum {
    SPILL_SEGMENT_BYTES = 1 << 18, /* so much of each part is in memory during the merge */
    SPILL_TABLE_BYTES = 1 << 14    /* smaller tables are not worth a part */
};

/* ── writing ────────────────────────────────────────────────────────────────────────────────── */

static void
part_add_id(wr_part *part, int64_t id)
{
    if (part->count == part->capacity) {
        part->capacity = part->capacity ? 2 * part->capacity : 16;
        part->ids = wr_realloc(part->ids, (size_t)part->capacity * sizeof(*part->ids));
    }
    part->ids[part->count++] = id;
}

typedef struct spill_writer {
    wr_spill *spill;
    wr_part *part;
    wr_segment segment;
    wr_arena *scratch;
} spill_writer;

static wr_status
writer_flush(spill_writer *writer, wr_error *err)
{
    if (writer->segment.row_count == 0) {
        return WR_OK;
    }
    wr_segment_end(&writer->segment);
    WR_TRY(wr_spill_write(writer->spill, &writer->segment, err));
    part_add_id(writer->part, writer->segment.id);
    writer->part->row_count += writer->segment.row_count;
    writer->segment.row_count = 0;
    return WR_OK;
}

static wr_status
writer_add(spill_writer *writer, const wr_group_table *table, const uint32_t *groups, int count,
           wr_error *err)
{
    if (count == 0) {
        return WR_OK;
    }
    if (writer->segment.row_count == 0) {
        wr_segment_begin(&writer->segment, table->layout);
    }
    wr_group_table_fetch(table, groups, count);
    wr_segment_add(&writer->segment, table, groups, count, writer->scratch);
    wr_arena_reset(writer->scratch);
    return writer->segment.body.size >= SPILL_SEGMENT_BYTES ? writer_flush(writer, err) : WR_OK;
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
    return writer_flush(writer, err);
}

static wr_status
pane_spill(wr_pane *pane, wr_spill *spill, wr_error *err)
{
    wr_part *part = wr_alloc(sizeof(*part));
    part->next = pane->parts;
    pane->parts = part;
    spill_writer writer = {.spill = spill, .part = part, .scratch = wr_arena_new(0)};
    wr_status status = writer_add_table(&writer, pane->groups, err);
    wr_buffer_fini(&writer.segment.body);
    wr_arena_free(writer.scratch);
    if (status == WR_OK) {
        const wr_group_layout *layout = pane->groups->layout;
        wr_group_table_free(pane->groups);
        pane->groups = wr_group_table_new(layout);
    }
    return status;
}

/* ── which ──────────────────────────────────────────────────────────────────────────────────── */

static bool
aggregate_can_spill(const wr_window_aggregate *aggregate)
{
    return !aggregate->has_panes && !aggregate->layout.tracks_changes &&
           !aggregate->layout.keeps_state;
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

/* What is kept for windows to come. */
static void
aggregate_free_spare(wr_window_aggregate *aggregate)
{
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

wr_status
wr_aggregate_shrink(wr_operator *op, int64_t wanted_bytes, wr_error *err)
{
    wr_window_aggregate *whole = (wr_window_aggregate *)op;
    wr_spill *spill = op->context->spill;
    if (!aggregate_can_spill(whole)) {
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
            WR_TRY(pane_spill(pane, spill, err));
            aggregate_free_spare(own);
        }
    }
    return WR_OK;
}

void
wr_aggregate_join_parts(wr_pane *into, wr_pane *from)
{
    wr_part **last = &into->parts;
    while (*last) {
        last = &(*last)->next;
    }
    *last = from->parts;
    from->parts = NULL;
}

wr_status
wr_aggregate_drop_parts(wr_window_aggregate *aggregate, wr_pane *pane, wr_error *err)
{
    wr_status status = WR_OK;
    while (pane->parts) {
        wr_part *part = pane->parts;
        pane->parts = part->next;
        if (aggregate && status == WR_OK && part->count > 0) {
            status = wr_spill_remove(aggregate->op.context->spill, part->ids, part->count, err);
        }
        wr_free(part->ids);
        wr_free(part);
    }
    return status;
}
