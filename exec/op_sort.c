/* ORDER BY [LIMIT n OFFSET m]: per window, or of everything at the end of input.
 *
 *   per window: rows wait until the watermark passes their event time, then
 *     (10:04:59.999, b 1) (10:04:59.999, a 2) │ (10:09:59.999, c 3)     advance(10:05)
 *      └──────── sorted, cut to n, emitted ───────┘   └ waits
 *
 * Rows are copied batch by batch into an arena, their sort keys beside them (sort_rows.c); what has
 * no room becomes sorted runs on disk (sort_spill.c). With a limit, what can no longer be among the
 * first is thrown away from time to time.
 *
 * 1. The sort is stable: equal rows come as they came in.
 * 2. Per window, (event time, keys) is the order, and limit and offset count anew for each event
 *    time. Results of EMIT CHANGES are sorted per emission.
 * 3. What is still held has event time ≥ the watermark that was passed on.
 * 4. For checkpoints, batches are only added until rows go: then all of them are saved anew. They
 *    are part 0 of the state, runs are the others. */
#include "exec/sort.h"
#include "exec/state/segment.h"
#include "exec/window.h"

#include "core/memory.h"

#include <assert.h>

enum { SORT_PRUNE_ROWS = 16384 };

/* Columns, then sort keys. */
static void
sort_set_types(wr_sort *sort, wr_arena *arena)
{
    const wr_plan_node *node = sort->op.node;
    sort->types = WR_NEW_ARRAY(arena, wr_type, sort->column_count + sort->key_count);
    for (int i = 0; i < sort->column_count; i++) {
        sort->types[i] = node->schema.columns[i].type;
    }
    for (int i = 0; i < sort->key_count; i++) {
        sort->types[sort->column_count + i] = node->u.sort.keys[i].expr->type;
    }
}

static wr_status
sort_open(wr_operator *op, wr_error *err)
{
    (void)err;
    wr_sort *sort = (wr_sort *)op;
    wr_arena *arena = op->context->query_arena;
    sort->per_window = op->node->u.sort.per_window;
    sort->key_count = op->node->u.sort.key_count;
    sort->column_count = op->node->schema.count;
    const wr_expr **exprs = WR_NEW_ARRAY(arena, const wr_expr *, sort->key_count);
    for (int i = 0; i < sort->key_count; i++) {
        exprs[i] = op->node->u.sort.keys[i].expr;
    }
    sort->program = wr_program_new(arena, exprs, sort->key_count);
    sort->wide = WR_NEW_ARRAY(arena, wr_vector, sort->column_count + sort->key_count);
    sort_set_types(sort, arena);
    sort->arena = wr_arena_new(0);
    sort->out_arena = wr_arena_new(0);
    sort->watermark_us = WR_TIME_NONE;
    sort->prune_at = SORT_PRUNE_ROWS;
    return WR_OK;
}

static void
sort_close(wr_operator *op)
{
    wr_sort *sort = (wr_sort *)op;
    (void)wr_parts_drop(&sort->runs, NULL, NULL);
    wr_arena_free(sort->arena);
    wr_arena_free(sort->out_arena);
    wr_free(sort->batches);
    wr_free(sort->rows);
    wr_free(sort->order);
    wr_free(sort->scratch);
    wr_free(sort->gone_runs);
    sort->arena = sort->out_arena = NULL;
    sort->batches = NULL;
    sort->rows = NULL;
    sort->order = sort->scratch = NULL;
    sort->gone_runs = NULL;
}

/* ── checkpoints ────────────────────────────────────────────────────────────────────────────── */

static wr_window_id
sort_window(const wr_sort *sort)
{
    return (wr_window_id){.operator_id = sort->op.state_id,
                          .start_us = WR_TIME_NONE,
                          .first_end_us = WR_TIME_END,
                          .last_end_us = WR_TIME_END};
}

/* Of runs: those that went since are dropped, new ones are named. */
static void
sort_mark_runs(wr_sort *sort, wr_commit *commit)
{
    wr_window_id window = sort_window(sort);
    for (int i = 0; i < sort->gone_count; i++) {
        window.part = sort->gone_runs[i];
        wr_commit_drop(commit, &window);
    }
    sort->gone_count = 0;
    (void)wr_parts_name(sort->runs, window, commit);
}

static void
sort_mark(wr_operator *op, wr_commit *commit, bool full, wr_buffer *meta)
{
    wr_sort *sort = (wr_sort *)op;
    wr_operator_put_numbers(meta, &sort->watermark_us, 1);
    if (full || sort->saving) {
        sort->begins_base = true;
        sort->stored_count = 0;
    }
    if (sort->is_stored && sort->begins_base && sort->batch_count == 0) {
        wr_window_id window = sort_window(sort);
        wr_commit_drop(commit, &window);
        sort->is_stored = false;
    }
    sort_mark_runs(sort, commit);
    sort->marked_count = sort->batch_count;
    sort->saving = commit;
}

/* One segment of at most `budget_rows` rows or so. */
static void
sort_save_some(wr_sort *sort, int64_t budget_rows)
{
    int count = sort->column_count + sort->key_count;
    wr_window_id window = sort_window(sort);
    wr_segment *segment = wr_commit_add_segment(sort->saving, &window, sort->begins_base);
    wr_segment_begin_rows(segment, sort->types, count);
    while (sort->stored_count < sort->marked_count && segment->row_count < budget_rows &&
           segment->body.size < WR_SEGMENT_BYTES) {
        wr_segment_add_rows(segment, sort->batches[sort->stored_count++]);
    }
    wr_segment_end(segment);
    sort->is_stored = true;
    sort->begins_base = false;
}

static bool
sort_save(wr_operator *op, wr_commit *commit, int64_t budget_rows)
{
    wr_sort *sort = (wr_sort *)op;
    assert(sort->saving == commit);
    if (sort->stored_count < sort->marked_count) {
        sort_save_some(sort, budget_rows);
    }
    bool more = sort->stored_count < sort->marked_count;
    sort->saving = more ? commit : NULL;
    return more;
}

void
wr_sort_save_before_removal(wr_sort *sort)
{
    while (sort->saving && sort->stored_count < sort->marked_count) {
        sort_save_some(sort, INT64_MAX);
    }
    sort->stored_count = sort->marked_count = 0;
    sort->begins_base = true;
}

static wr_status
sort_restore(wr_operator *op, wr_text meta, wr_error *err)
{
    return wr_operator_take_numbers(meta, &((wr_sort *)op)->watermark_us, 1, err);
}

static wr_status
sort_load(wr_operator *op, const wr_segment *segment, wr_error *err)
{
    wr_sort *sort = (wr_sort *)op;
    if (segment->window.part > 0) {
        int32_t number = wr_part_adopt(&sort->runs, segment)->number;
        sort->last_run = number > sort->last_run ? number : sort->last_run;
        return WR_OK;
    }
    wr_segment_reader *reader = NULL;
    wr_text body = {segment->body.data, segment->body.size};
    WR_TRY(wr_segment_reader_open(body, sort->arena, &reader, err));
    if (!wr_segment_reader_has_rows(reader, sort->types, sort->column_count + sort->key_count)) {
        return wr_error_set(err, WR_ERR_STATE, "E0904", "a segment holds rows of another kind");
    }
    for (;;) {
        wr_batch *batch = NULL;
        wr_schema schema;
        wr_status status = wr_segment_reader_next(reader, &batch, &schema, err);
        if (status != WR_OK) {
            sort->stored_count = sort->batch_count;
            sort->is_stored = true;
            return status == WR_END ? WR_OK : status;
        }
        wr_sort_add(sort, batch);
    }
}

/* ── rows in and out ────────────────────────────────────────────────────────────────────────── */

/* Keeps only the rows order[0, count), in that order, in a fresh arena. */
static void
sort_keep(wr_sort *sort, uint32_t count)
{
    wr_arena *arena = wr_arena_new(0);
    uint32_t batch_total = (count + WR_BATCH_ROWS - 1) / WR_BATCH_ROWS;
    wr_batch **batches = wr_alloc_array((size_t)batch_total + 1, sizeof(*batches));
    wr_sort_row rows[WR_BATCH_ROWS];
    for (uint32_t i = 0; i < batch_total; i++) {
        int picked = wr_sort_pick(sort, i * WR_BATCH_ROWS, count, WR_BATCH_ROWS, rows);
        wr_batch *gathered = wr_sort_gather(rows, picked, sort->column_count + sort->key_count,
                                            sort->out_arena);
        batches[i] = wr_batch_copy(gathered, arena);
        wr_arena_reset(sort->out_arena);
    }
    wr_arena_free(sort->arena);
    sort->arena = arena;
    sort->batch_count = 0;
    sort->row_count = 0;
    for (uint32_t i = 0; i < batch_total; i++) {
        wr_sort_add(sort, batches[i]);
    }
    wr_free(batches);
}

static wr_status
sort_emit(wr_sort *sort, uint32_t count, wr_error *err)
{
    int per_batch = sort->op.context->vector_rows;
    wr_sort_row rows[WR_BATCH_ROWS];
    for (uint32_t start = 0; start < count; start += (uint32_t)per_batch) {
        int picked = wr_sort_pick(sort, start, count, per_batch, rows);
        wr_arena_reset(sort->out_arena);
        wr_batch *out = wr_sort_gather(rows, picked, sort->column_count, sort->out_arena);
        WR_TRY(wr_operator_emit(&sort->op, out, err));
    }
    return WR_OK;
}

/* Emits the rows before `before_us` and keeps the others, as they came. */
static wr_status
sort_release_memory(wr_sort *sort, int64_t before_us, wr_error *err)
{
    uint32_t count = wr_sort_order(sort, before_us);
    if (count == 0) {
        return WR_OK;
    }
    wr_sort_save_before_removal(sort);
    uint32_t total = sort->row_count;
    const wr_plan_node *node = sort->op.node;
    const wr_sort_cut cut = {node->u.sort.offset, node->u.sort.limit, 0, WR_TIME_NONE};
    WR_TRY(sort_emit(sort, wr_sort_cut_order(sort, count, cut), err));
    if (count == total) {
        wr_sort_empty(sort);
        return WR_OK;
    }
    uint32_t kept = 0;
    for (uint32_t id = 0; id < total; id++) {
        if (wr_sort_row_time(&sort->rows[id]) >= before_us) {
            sort->order[kept++].id = id;
        }
    }
    sort_keep(sort, kept);
    return WR_OK;
}

static wr_status
sort_release(wr_sort *sort, int64_t before_us, wr_error *err)
{
    return sort->runs ? wr_sort_release_runs(sort, before_us, err)
                      : sort_release_memory(sort, before_us, err);
}

/* With a limit only the first limit + offset rows (of each window) can come out. */
static void
sort_prune(wr_sort *sort)
{
    const wr_plan_node *node = sort->op.node;
    bool changes = node->inputs[0]->changes;
    if (node->u.sort.limit < 0 || changes || sort->row_count < sort->prune_at) {
        return;
    }
    uint32_t count = wr_sort_order(sort, WR_TIME_END);
    int64_t limit = wr_time_add_saturated(node->u.sort.limit, node->u.sort.offset);
    uint32_t kept = wr_sort_cut_order(sort, count, (wr_sort_cut){0, limit, 0, WR_TIME_NONE});
    wr_sort_save_before_removal(sort);
    sort_keep(sort, kept);
    sort->prune_at = 2 * kept > SORT_PRUNE_ROWS ? 2 * kept : SORT_PRUNE_ROWS;
}

static wr_status
sort_push(wr_operator *op, int input, const wr_batch *batch, wr_error *err)
{
    (void)input;
    wr_sort *sort = (wr_sort *)op;
    wr_vector *keys = sort->wide + sort->column_count;
    wr_program_eval(sort->program, batch, op->context->now_us, op->context->batch_arena, keys);
    memcpy(sort->wide, batch->columns, (size_t)sort->column_count * sizeof(*sort->wide));
    wr_batch wide = *batch, good;
    wide.columns = sort->wide;
    wide.column_count = sort->column_count + sort->key_count;
    wide.origins = NULL;
    WR_TRY(wr_operator_withhold(op, &wide, &good, sort->selection, err));
    if (good.selected_count > 0) {
        for (int i = 0; i < good.column_count; i++) {
            sort->wide[i].errors = NULL; /* none is left among the selected rows */
        }
        wr_sort_add(sort, wr_batch_copy(&good, sort->arena));
        sort_prune(sort);
        WR_TRY(wr_sort_spill_if_large(sort, err));
    }
    return WR_OK;
}

static wr_status
sort_advance(wr_operator *op, int input, int64_t watermark_us, wr_error *err)
{
    (void)input;
    wr_sort *sort = (wr_sort *)op;
    if (watermark_us <= sort->watermark_us) {
        return WR_OK;
    }
    sort->watermark_us = watermark_us;
    if (sort->per_window || watermark_us == WR_TIME_END) {
        WR_TRY(sort_release(sort, watermark_us, err));
    } else {
        return WR_OK; /* nothing will be emitted before the end: nothing is final before it */
    }
    return wr_operator_pass(op, watermark_us, err);
}

static wr_status
sort_flush(wr_operator *op, wr_error *err)
{
    wr_sort *sort = (wr_sort *)op;
    if (op->node->inputs[0]->changes) {
        WR_TRY(sort_release(sort, WR_TIME_END, err));
    }
    return wr_operator_pass_flush(op, err);
}

static void
sort_observe(wr_operator *op, wr_operator_figures *figures)
{
    *figures = (wr_operator_figures){.last_close_us = WR_TIME_NONE,
                                     .next_close_us = WR_TIME_NONE,
                                     .state_bytes = wr_sort_bytes((wr_sort *)op)};
}

static wr_status
sort_shrink(wr_operator *op, int64_t wanted_bytes, wr_error *err)
{
    wr_sort *sort = (wr_sort *)op;
    return wr_sort_bytes(sort) > wanted_bytes ? wr_sort_spill(sort, err) : WR_OK;
}

const wr_operator_ops wr_op_sort = {.name = "sort",
                                    .state_bytes = sizeof(wr_sort),
                                    .open = sort_open,
                                    .push = sort_push,
                                    .advance = sort_advance,
                                    .flush = sort_flush,
                                    .mark = sort_mark,
                                    .save = sort_save,
                                    .restore = sort_restore,
                                    .load = sort_load,
                                    .observe = sort_observe,
                                    .shrink = sort_shrink,
                                    .close = sort_close};
