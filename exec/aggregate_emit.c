/* Results of a window aggregate: batches of rows from a group table, in key order.
 *
 *   FINAL     window_start window_end window_time │ host │ avg count       one +I per group
 *   CHANGES   the first time +I; then −U (as it was emitted) and +U; nothing if it is the same
 *
 * 1. Rows come in SQL order of their keys (NULLS LAST), so output does not depend on hashing.
 * 2. Event time of every result: window_end − 1 ms; its watermark is what was last passed on, so it
 *    is never late downstream.
 * 3. A result that cannot be computed carries its error with it; who shows or stores it withholds
 *    it. */
#include "exec/aggregate.h"

#include "core/memory.h"

enum { WINDOW_COLUMNS = 3 };

static void
aggregate_order_room(wr_window_aggregate *aggregate, uint32_t count)
{
    if (count > aggregate->order_capacity) {
        size_t size_bytes = (size_t)count * 2 * sizeof(wr_order_item);
        aggregate->order_capacity = count * 2;
        aggregate->order = wr_realloc(aggregate->order, size_bytes);
        aggregate->order_scratch = wr_realloc(aggregate->order_scratch, size_bytes);
    }
}

/* aggregate->order = the changed groups in key order. */
static void
aggregate_order_changed(wr_window_aggregate *aggregate, const wr_group_table *table)
{
    uint32_t count = table->changed_count;
    if (count == 0) {
        return;
    }
    aggregate_order_room(aggregate, count);
    for (uint32_t i = 0; i < count; i++) {
        aggregate->order[i].id = table->changed_list[i];
    }
    wr_key_set_sort(table->keys, aggregate->order, aggregate->order_scratch, count);
}

/* ── a batch of results ─────────────────────────────────────────────────────────────────────── */

/* A batch of `row_count` results of one window, all columns there but not filled, except those of
 * the window. */
static wr_batch *
result_batch_new(wr_window_aggregate *aggregate, int row_count, int64_t end_us)
{
    wr_arena *arena = aggregate->emit_arena;
    const wr_schema *schema = &aggregate->op.node->schema;
    wr_batch *batch = wr_batch_new(arena, schema->count);
    batch->row_count = batch->selected_count = row_count;
    int column = 0;
    if (aggregate->is_windowed) {
        int64_t time_us = end_us - WR_WINDOW_TIME_BACK_US;
        int64_t bounds[WINDOW_COLUMNS] = {end_us - aggregate->plan->window.size_us, end_us,
                                          time_us};
        for (; column < WINDOW_COLUMNS; column++) {
            wr_vector_init_constant(&batch->columns[column], WR_TYPE(TIMESTAMP), &bounds[column],
                                    arena);
        }
        int64_t *event_times = WR_NEW_ARRAY(arena, int64_t, row_count);
        int64_t *watermarks = WR_NEW_ARRAY(arena, int64_t, row_count);
        for (int i = 0; i < row_count; i++) {
            event_times[i] = time_us;
            watermarks[i] = aggregate->passed_us;
        }
        batch->event_time_us = event_times;
        batch->watermark_us = watermarks;
    }
    for (; column < schema->count; column++) {
        wr_vector_init_flat(&batch->columns[column], schema->columns[column].type, row_count,
                            arena);
    }
    return batch;
}

static wr_vector *
result_columns(const wr_window_aggregate *aggregate, wr_batch *batch)
{
    return batch->columns + (aggregate->is_windowed ? WINDOW_COLUMNS : 0);
}

/* Fills the key columns. */
static void
result_set_keys(wr_window_aggregate *aggregate, const char **rows, wr_batch *batch)
{
    wr_vector *columns = result_columns(aggregate, batch);
    for (int i = 0; i < aggregate->key_count; i++) {
        wr_key_rows_get(&aggregate->layout.keys, i, rows, batch->row_count, &columns[i],
                        aggregate->emit_arena);
    }
}

static const char **
group_keys(const wr_group_table *table, const uint32_t *groups, int count, wr_arena *arena)
{
    const char **rows = wr_arena_alloc(arena, (size_t)count * sizeof(*rows));
    for (int i = 0; i < count; i++) {
        rows[i] = wr_group_key(table, groups[i]);
        __builtin_prefetch(rows[i]);
    }
    return rows;
}

/* order[start, start + count) as group numbers. */
static uint32_t *
ordered_groups(const wr_window_aggregate *aggregate, uint32_t start, int count)
{
    uint32_t *groups = WR_NEW_ARRAY(aggregate->emit_arena, uint32_t, count);
    for (int i = 0; i < count; i++) {
        groups[i] = aggregate->order[start + (uint32_t)i].id;
    }
    return groups;
}

wr_status
wr_aggregate_emit_results(wr_window_aggregate *aggregate, const wr_result_groups *results,
                          int64_t end_us, wr_error *err)
{
    wr_batch *batch = result_batch_new(aggregate, results->count, end_us);
    result_set_keys(aggregate, results->keys, batch);
    wr_vector *columns = result_columns(aggregate, batch) + aggregate->key_count;
    for (int i = 0; i < aggregate->item_count; i++) {
        aggregate->items[i].aggregate->finalize(results->states[i], results->groups,
                                                results->count, &columns[i],
                                                aggregate->emit_arena);
    }
    return wr_operator_emit(&aggregate->op, batch, err);
}

wr_status
wr_aggregate_emit_all(wr_window_aggregate *aggregate, wr_group_table *table, int64_t end_us,
                      wr_error *err)
{
    if (table->limit == 0) {
        return WR_OK;
    }
    const wr_order_item *order = wr_key_set_order(table->keys);
    uint32_t key_count = table->keys->count;
    int per_batch = aggregate->op.context->vector_rows;
    uint32_t groups[WR_BATCH_ROWS];
    for (uint32_t at = 0; at < key_count;) {
        int count = 0;
        for (; at < key_count && count < per_batch; at++) {
            uint32_t group = order[at].id;
            groups[count] = group;
            count += group < table->limit && table->flags[group] != 0;
        }
        if (count > 0) {
            wr_arena_reset(aggregate->emit_arena);
            wr_group_table_fetch(table, groups, count);
            const char **keys = group_keys(table, groups, count, aggregate->emit_arena);
            const wr_result_groups results = {keys, table->states, groups, count};
            WR_TRY(wr_aggregate_emit_results(aggregate, &results, end_us, err));
        }
    }
    return WR_OK;
}

/* ── changes ────────────────────────────────────────────────────────────────────────────────── */

/* One row that goes out. */
typedef struct change_row {
    uint32_t group;
    int fresh; /* row of the fresh values; -1: as it was emitted before */
    wr_row_op op;
} change_row;

typedef struct change_batch {
    uint32_t *groups; /* that changed, in key order */
    int group_count;
    wr_emitted_cell *fresh; /* group × aggregate */
    change_row *rows;
    int row_count;
} change_batch;

static void
changes_compute(wr_window_aggregate *aggregate, const wr_group_table *table, change_batch *change)
{
    const wr_schema *schema = &aggregate->op.node->schema;
    wr_arena *arena = aggregate->emit_arena;
    const wr_column *columns = schema->columns + schema->count - aggregate->item_count;
    change->fresh = WR_NEW_ARRAY(arena, wr_emitted_cell,
                                 change->group_count * aggregate->item_count);
    for (int i = 0; i < aggregate->item_count; i++) {
        wr_vector values;
        wr_vector_init_flat(&values, columns[i].type, change->group_count, arena);
        aggregate->items[i].aggregate->finalize(table->states[i], change->groups,
                                                change->group_count, &values, arena);
        for (int k = 0; k < change->group_count; k++) {
            wr_emitted_cell_read(&values, k, &change->fresh[k * aggregate->item_count + i]);
        }
    }
}

static bool
change_is_none(const wr_window_aggregate *aggregate, const wr_emitted_cell *old,
               const wr_emitted_cell *fresh)
{
    const wr_schema *schema = &aggregate->op.node->schema;
    const wr_column *columns = schema->columns + schema->count - aggregate->item_count;
    for (int i = 0; i < aggregate->item_count; i++) {
        if (!wr_emitted_cell_equal(&old[i], &fresh[i], columns[i].type.id)) {
            return false;
        }
    }
    return true;
}

static void
changes_list_rows(wr_window_aggregate *aggregate, const wr_group_table *table,
                  change_batch *change)
{
    change->rows = WR_NEW_ARRAY(aggregate->emit_arena, change_row, 2 * change->group_count);
    for (int k = 0; k < change->group_count; k++) {
        uint32_t group = change->groups[k];
        if (!wr_bit_get(table->emitted, (int)group)) {
            change->rows[change->row_count++] = (change_row){group, k, WR_INSERT};
        } else if (!change_is_none(aggregate, wr_group_cells(table, group),
                                   change->fresh + k * aggregate->item_count)) {
            change->rows[change->row_count++] = (change_row){group, -1, WR_UPDATE_BEFORE};
            change->rows[change->row_count++] = (change_row){group, k, WR_UPDATE_AFTER};
        }
    }
}

static wr_batch *
changes_build(wr_window_aggregate *aggregate, const wr_group_table *table,
              const change_batch *change, int64_t end_us)
{
    wr_arena *arena = aggregate->emit_arena;
    int row_count = change->row_count;
    wr_batch *batch = result_batch_new(aggregate, row_count, end_us);
    uint8_t *row_ops = wr_arena_alloc(arena, (size_t)row_count);
    uint32_t *groups = WR_NEW_ARRAY(arena, uint32_t, row_count);
    wr_vector *columns = result_columns(aggregate, batch) + aggregate->key_count;
    for (int row = 0; row < row_count; row++) {
        const change_row *from = &change->rows[row];
        const wr_emitted_cell *cells = from->fresh < 0
                                           ? wr_group_cells(table, from->group)
                                           : change->fresh + from->fresh * aggregate->item_count;
        row_ops[row] = (uint8_t)from->op;
        groups[row] = from->group;
        for (int i = 0; i < aggregate->item_count; i++) {
            wr_emitted_cell_write(&cells[i], &columns[i], row, row_count, arena);
        }
    }
    result_set_keys(aggregate, group_keys(table, groups, row_count, arena), batch);
    batch->row_ops = row_ops;
    return batch;
}

static void
changes_remember(wr_window_aggregate *aggregate, wr_pane *pane, const change_batch *change)
{
    wr_group_table *table = pane->groups;
    wr_group_table_mark(table, change->groups, (uint32_t)change->group_count);
    wr_aggregate_save_before_change(aggregate, pane, change->groups, change->group_count);
    const wr_schema *schema = &aggregate->op.node->schema;
    const wr_column *columns = schema->columns + schema->count - aggregate->item_count;
    for (int k = 0; k < change->group_count; k++) {
        uint32_t group = change->groups[k];
        wr_emitted_cell *cells = wr_group_cells(table, group);
        for (int i = 0; i < aggregate->item_count; i++) {
            wr_emitted_cell_keep(&cells[i], &change->fresh[k * aggregate->item_count + i],
                      columns[i].type.id);
        }
        wr_bit_set(table->emitted, (int)group);
        wr_bit_clear(table->changed, (int)group);
    }
}

wr_status
wr_aggregate_emit_changes(wr_window_aggregate *aggregate, wr_pane *pane, int64_t end_us,
                          wr_error *err)
{
    wr_group_table *table = pane->groups;
    aggregate_order_changed(aggregate, table);
    uint32_t count = table->changed_count;
    uint32_t per_batch = ((uint32_t)aggregate->op.context->vector_rows + 1) / 2;
    per_batch = per_batch > WR_BATCH_ROWS / 2 ? WR_BATCH_ROWS / 2 : per_batch;
    table->changed_count = 0;
    for (uint32_t start = 0; start < count; start += per_batch) {
        uint32_t rest = count - start;
        change_batch change = {.group_count = (int)(rest < per_batch ? rest : per_batch)};
        wr_arena_reset(aggregate->emit_arena);
        change.groups = ordered_groups(aggregate, start, change.group_count);
        changes_compute(aggregate, table, &change);
        changes_list_rows(aggregate, table, &change);
        if (change.row_count > 0) {
            wr_batch *batch = changes_build(aggregate, table, &change, end_us);
            WR_TRY(wr_operator_emit(&aggregate->op, batch, err));
        }
        changes_remember(aggregate, pane, &change);
    }
    return WR_OK;
}
