/* ORDER BY [LIMIT n OFFSET m]: per window, or of everything at the end of input.
 *
 *   per window: rows wait until the watermark passes their event time, then
 *     (10:04:59.999, b 1) (10:04:59.999, a 2) │ (10:09:59.999, c 3)     advance(10:05)
 *      └──────── sorted, cut to n, emitted ───────┘   └ waits
 *
 * Rows are copied batch by batch into an arena, their sort keys beside them; what is sorted are row
 * numbers. With a limit, what can no longer be among the first is thrown away from time to time.
 *
 * 1. The sort is stable: equal rows come as they came in.
 * 2. Per window, (event time, keys) is the order, and limit and offset count anew for each event
 *    time. Results of EMIT CHANGES are sorted per emission.
 * 3. What is still held has event time ≥ the watermark that was passed on.
 * 4. For checkpoints, batches are only added until rows go: then all of them are saved anew. */
#include "exec/operator.h"
#include "exec/order.h"
#include "exec/program.h"
#include "exec/state/segment.h"
#include "exec/window.h"

#include "core/memory.h"
#include "functions/kernel.h"

#include <assert.h>

enum { SORT_PRUNE_ROWS = 16384 };

typedef struct sort_row {
    uint32_t batch;
    uint16_t row;
} sort_row;

typedef struct sort_state {
    wr_operator op;
    bool per_window;
    int key_count, column_count;
    wr_program *program;
    wr_vector *wide;  /* columns, then sort keys */
    wr_arena *arena;  /* of `batches` */
    wr_arena *out_arena;
    wr_batch **batches;
    uint32_t batch_count, batch_capacity;
    sort_row *rows;
    uint32_t row_count, row_capacity;
    wr_order_item *order, *scratch;
    uint32_t order_capacity;
    uint32_t prune_at;
    int64_t watermark_us;
    /* checkpoints: batches before `stored_count` are in the store; those before `marked_count`
     * were there at the mark */
    wr_commit *saving; /* NULL: these are the same */
    uint32_t stored_count, marked_count;
    bool is_stored, begins_base;
    uint16_t selection[WR_BATCH_ROWS];
} sort_state;

static wr_status
sort_open(wr_operator *op, wr_error *err)
{
    (void)err;
    sort_state *sort = (sort_state *)op;
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
    sort->arena = wr_arena_new(0);
    sort->out_arena = wr_arena_new(0);
    sort->watermark_us = WR_TIME_NONE;
    sort->prune_at = SORT_PRUNE_ROWS;
    return WR_OK;
}

static void
sort_close(wr_operator *op)
{
    sort_state *sort = (sort_state *)op;
    wr_arena_free(sort->arena);
    wr_arena_free(sort->out_arena);
    wr_free(sort->batches);
    wr_free(sort->rows);
    wr_free(sort->order);
    wr_free(sort->scratch);
    sort->arena = sort->out_arena = NULL;
    sort->batches = NULL;
    sort->rows = NULL;
    sort->order = sort->scratch = NULL;
}

/* ── checkpoints ────────────────────────────────────────────────────────────────────────────── */

static wr_window_id
sort_window(const sort_state *sort)
{
    return (wr_window_id){.operator_id = sort->op.state_id,
                          .start_us = WR_TIME_NONE,
                          .first_end_us = WR_TIME_END,
                          .last_end_us = WR_TIME_END};
}

/* Columns, then sort keys; as many as `types` has room for. */
static void
sort_types(const sort_state *sort, wr_type *types)
{
    for (int i = 0; i < sort->column_count; i++) {
        types[i] = sort->op.node->schema.columns[i].type;
    }
    for (int i = 0; i < sort->key_count; i++) {
        types[sort->column_count + i] = sort->op.node->u.sort.keys[i].expr->type;
    }
}

static void
sort_mark(wr_operator *op, wr_commit *commit, bool full, wr_buffer *meta)
{
    sort_state *sort = (sort_state *)op;
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
    sort->marked_count = sort->batch_count;
    sort->saving = commit;
}

/* One segment of at most `budget_rows` rows or so. */
static void
sort_save_some(sort_state *sort, int64_t budget_rows)
{
    int count = sort->column_count + sort->key_count;
    wr_window_id window = sort_window(sort);
    wr_segment *segment = wr_commit_add_segment(sort->saving, &window, sort->begins_base);
    wr_type *types = WR_NEW_ARRAY(sort->saving->arena, wr_type, count);
    sort_types(sort, types);
    wr_segment_begin_rows(segment, types, count);
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
    sort_state *sort = (sort_state *)op;
    assert(sort->saving == commit);
    if (sort->stored_count < sort->marked_count) {
        sort_save_some(sort, budget_rows);
    }
    bool more = sort->stored_count < sort->marked_count;
    sort->saving = more ? commit : NULL;
    return more;
}

/* Rows are about to go: what was marked is saved, and next time all of the rest. */
static void
sort_save_before_removal(sort_state *sort)
{
    while (sort->saving && sort->stored_count < sort->marked_count) {
        sort_save_some(sort, INT64_MAX);
    }
    sort->stored_count = sort->marked_count = 0;
    sort->begins_base = true;
}

static void sort_add_batch(sort_state *sort, wr_batch *batch);

static wr_status
sort_restore(wr_operator *op, wr_text meta, wr_error *err)
{
    return wr_operator_take_numbers(meta, &((sort_state *)op)->watermark_us, 1, err);
}

static wr_status
sort_load(wr_operator *op, const wr_segment *segment, wr_error *err)
{
    sort_state *sort = (sort_state *)op;
    int count = sort->column_count + sort->key_count;
    wr_type *types = WR_NEW_ARRAY(sort->arena, wr_type, count);
    sort_types(sort, types);
    wr_segment_reader *reader = NULL;
    wr_text body = {segment->body.data, segment->body.size};
    WR_TRY(wr_segment_reader_open(body, sort->arena, &reader, err));
    if (!wr_segment_reader_has_rows(reader, types, count)) {
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
        sort_add_batch(sort, batch);
    }
}

/* ── order ──────────────────────────────────────────────────────────────────────────────────── */

static int64_t
sort_row_time(const sort_state *sort, uint32_t id)
{
    const sort_row *row = &sort->rows[id];
    const int64_t *times = sort->batches[row->batch]->event_time_us;
    return times ? times[row->row] : WR_TIME_NONE;
}

static int
sort_compare_key(const wr_plan_sort_key *key, const wr_vector *a, int a_row, const wr_vector *b,
                 int b_row)
{
    bool a_null = wr_vector_is_null(a, a_row), b_null = wr_vector_is_null(b, b_row);
    if (a_null || b_null) {
        int order = a_null - b_null;
        return key->nulls_first ? -order : order;
    }
    size_t width = (size_t)wr_type_width(a->type.id);
    int order = wr_value_compare(a->type.id, (const char *)a->data + (size_t)a_row * width,
                                 (const char *)b->data + (size_t)b_row * width);
    return key->descending ? -order : order;
}

static int
sort_compare(const void *context, uint32_t a, uint32_t b)
{
    const sort_state *sort = context;
    if (sort->per_window) {
        int64_t a_us = sort_row_time(sort, a), b_us = sort_row_time(sort, b);
        if (a_us != b_us) {
            return a_us < b_us ? -1 : 1;
        }
    }
    const sort_row *x = &sort->rows[a], *y = &sort->rows[b];
    const wr_vector *x_keys = sort->batches[x->batch]->columns + sort->column_count;
    const wr_vector *y_keys = sort->batches[y->batch]->columns + sort->column_count;
    for (int i = 0; i < sort->key_count; i++) {
        int order = sort_compare_key(&sort->op.node->u.sort.keys[i], &x_keys[i], x->row,
                                     &y_keys[i], y->row);
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

/* sort->order = ids of the rows with event time < before_us (END: all), sorted. */
static uint32_t
sort_order_rows(sort_state *sort, int64_t before_us)
{
    if (sort->row_count > sort->order_capacity) {
        sort->order_capacity = sort->row_capacity;
        sort->order = wr_realloc(sort->order, sort->order_capacity * sizeof(wr_order_item));
        sort->scratch = wr_realloc(sort->scratch, sort->order_capacity * sizeof(wr_order_item));
    }
    uint32_t count = 0;
    for (uint32_t id = 0; id < sort->row_count; id++) {
        if (before_us == WR_TIME_END || sort_row_time(sort, id) < before_us) {
            sort->order[count++] = (wr_order_item){0, id};
        }
    }
    wr_order_sort(sort->order, sort->scratch, count, sort_compare, sort);
    return count;
}

/* ── rows in and out ────────────────────────────────────────────────────────────────────────── */

static void
sort_add_batch(sort_state *sort, wr_batch *batch)
{
    if (sort->batch_count == sort->batch_capacity) {
        sort->batch_capacity = sort->batch_capacity ? 2 * sort->batch_capacity : 16;
        sort->batches = wr_realloc(sort->batches, sort->batch_capacity * sizeof(*sort->batches));
    }
    uint32_t needed = sort->row_count + (uint32_t)batch->row_count;
    if (needed > sort->row_capacity) {
        sort->row_capacity = 2 * needed;
        sort->rows = wr_realloc(sort->rows, sort->row_capacity * sizeof(*sort->rows));
    }
    sort->batches[sort->batch_count] = batch;
    for (int i = 0; i < batch->row_count; i++) {
        sort->rows[sort->row_count++] = (sort_row){sort->batch_count, (uint16_t)i};
    }
    sort->batch_count++;
}

/* Row i of the result is row ids[i]: the cells of one column. */
static void
sort_gather_column(const sort_state *sort, int column, const wr_order_item *ids, int count,
                   wr_vector *out, wr_arena *arena)
{
    wr_type type = sort->batches[sort->rows[ids[0].id].batch]->columns[column].type;
    size_t width = (size_t)wr_type_width(type.id);
    wr_vector_init_flat(out, type, count, arena);
    for (int i = 0; i < count; i++) {
        const sort_row *row = &sort->rows[ids[i].id];
        const wr_vector *from = &sort->batches[row->batch]->columns[column];
        memcpy((char *)out->data + (size_t)i * width,
               (const char *)from->data + (size_t)row->row * width, width);
        if (wr_vector_is_null(from, row->row)) {
            wr_vector_set_null(out, i, count, arena);
        }
    }
}

static void
sort_gather_times(const sort_state *sort, const wr_order_item *ids, int count, wr_batch *out,
                  wr_arena *arena)
{
    int64_t *event_times = WR_NEW_ARRAY(arena, int64_t, count);
    int64_t *watermarks = WR_NEW_ARRAY(arena, int64_t, count);
    uint8_t *row_ops = WR_NEW_ARRAY(arena, uint8_t, count);
    bool has_times = true, has_ops = false;
    for (int i = 0; i < count; i++) {
        const sort_row *row = &sort->rows[ids[i].id];
        const wr_batch *batch = sort->batches[row->batch];
        has_times = has_times && batch->event_time_us && batch->watermark_us;
        event_times[i] = has_times ? batch->event_time_us[row->row] : WR_TIME_NONE;
        watermarks[i] = has_times ? batch->watermark_us[row->row] : WR_TIME_NONE;
        row_ops[i] = batch->row_ops ? batch->row_ops[row->row] : (uint8_t)WR_INSERT;
        has_ops = has_ops || batch->row_ops;
    }
    out->event_time_us = has_times ? event_times : NULL;
    out->watermark_us = has_times ? watermarks : NULL;
    out->row_ops = has_ops ? row_ops : NULL;
}

static wr_batch *
sort_gather(const sort_state *sort, const wr_order_item *ids, int count, int column_count,
            wr_arena *arena)
{
    wr_batch *out = wr_batch_new(arena, column_count);
    out->row_count = out->selected_count = count;
    for (int i = 0; i < column_count; i++) {
        sort_gather_column(sort, i, ids, count, &out->columns[i], arena);
    }
    sort_gather_times(sort, ids, count, out, arena);
    return out;
}

/* order[0, count) without what offset and limit (-1: none) leave out, per event time if
 * per_window; returns how many are left. */
static uint32_t
sort_cut(sort_state *sort, uint32_t count, int64_t offset, int64_t limit)
{
    int64_t place = 0;
    uint32_t kept = 0;
    int64_t group_us = WR_TIME_NONE;
    for (uint32_t i = 0; i < count; i++) {
        int64_t t_us = sort->per_window ? sort_row_time(sort, sort->order[i].id) : WR_TIME_NONE;
        place = t_us != group_us ? 0 : place;
        group_us = t_us;
        if (place >= offset && (limit < 0 || place - offset < limit)) {
            sort->order[kept++] = sort->order[i];
        }
        place++;
    }
    return kept;
}

/* Keeps only the rows order[0, count), in that order, in a fresh arena. */
static void
sort_keep(sort_state *sort, uint32_t count)
{
    wr_arena *arena = wr_arena_new(0);
    uint32_t batch_total = (count + WR_BATCH_ROWS - 1) / WR_BATCH_ROWS;
    wr_batch **batches = wr_alloc_array((size_t)batch_total + 1, sizeof(*batches));
    for (uint32_t i = 0; i < batch_total; i++) {
        uint32_t start = i * WR_BATCH_ROWS, rest = count - start;
        int rows = (int)(rest < WR_BATCH_ROWS ? rest : WR_BATCH_ROWS);
        wr_batch *gathered = sort_gather(sort, sort->order + start, rows,
                                         sort->column_count + sort->key_count, sort->out_arena);
        batches[i] = wr_batch_copy(gathered, arena);
        wr_arena_reset(sort->out_arena);
    }
    wr_arena_free(sort->arena);
    sort->arena = arena;
    sort->batch_count = sort->row_count = 0;
    for (uint32_t i = 0; i < batch_total; i++) {
        sort_add_batch(sort, batches[i]);
    }
    wr_free(batches);
}

static wr_status
sort_emit(sort_state *sort, uint32_t count, wr_error *err)
{
    uint32_t per_batch = (uint32_t)sort->op.context->vector_rows;
    for (uint32_t start = 0; start < count; start += per_batch) {
        uint32_t rest = count - start;
        int rows = (int)(rest < per_batch ? rest : per_batch);
        wr_arena_reset(sort->out_arena);
        wr_batch *out = sort_gather(sort, sort->order + start, rows, sort->column_count,
                                    sort->out_arena);
        WR_TRY(wr_operator_emit(&sort->op, out, err));
    }
    return WR_OK;
}

/* Emits the rows before `before_us` and keeps the others, as they came. */
static wr_status
sort_release(sort_state *sort, int64_t before_us, wr_error *err)
{
    if (sort->row_count == 0) {
        return WR_OK;
    }
    uint32_t count = sort_order_rows(sort, before_us);
    if (count == 0) {
        return WR_OK;
    }
    sort_save_before_removal(sort);
    uint32_t total = sort->row_count;
    const wr_plan_node *node = sort->op.node;
    uint32_t shown = sort_cut(sort, count, node->u.sort.offset, node->u.sort.limit);
    WR_TRY(sort_emit(sort, shown, err));
    if (count == total) {
        wr_arena_reset(sort->arena);
        sort->batch_count = sort->row_count = 0;
    } else {
        uint32_t kept = 0;
        for (uint32_t id = 0; id < total; id++) {
            if (sort_row_time(sort, id) >= before_us) {
                sort->order[kept++].id = id;
            }
        }
        sort_keep(sort, kept);
    }
    return WR_OK;
}

/* With a limit only the first limit + offset rows (of each window) can come out. */
static void
sort_prune(sort_state *sort)
{
    const wr_plan_node *node = sort->op.node;
    bool changes = node->inputs[0]->changes;
    if (node->u.sort.limit < 0 || changes || sort->row_count < sort->prune_at) {
        return;
    }
    uint32_t count = sort_order_rows(sort, WR_TIME_END);
    int64_t limit = wr_time_add_saturated(node->u.sort.limit, node->u.sort.offset);
    uint32_t kept = sort_cut(sort, count, 0, limit);
    sort_save_before_removal(sort);
    sort_keep(sort, kept);
    sort->prune_at = 2 * kept > SORT_PRUNE_ROWS ? 2 * kept : SORT_PRUNE_ROWS;
}

static wr_status
sort_push(wr_operator *op, int input, const wr_batch *batch, wr_error *err)
{
    (void)input;
    sort_state *sort = (sort_state *)op;
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
        sort_add_batch(sort, wr_batch_copy(&good, sort->arena));
        sort_prune(sort);
    }
    return WR_OK;
}

static wr_status
sort_advance(wr_operator *op, int input, int64_t watermark_us, wr_error *err)
{
    (void)input;
    sort_state *sort = (sort_state *)op;
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
    sort_state *sort = (sort_state *)op;
    if (op->node->inputs[0]->changes) {
        WR_TRY(sort_release(sort, WR_TIME_END, err));
    }
    return wr_operator_pass_flush(op, err);
}

const wr_operator_ops wr_op_sort = {.name = "sort",
                                    .state_bytes = sizeof(sort_state),
                                    .open = sort_open,
                                    .push = sort_push,
                                    .advance = sort_advance,
                                    .flush = sort_flush,
                                    .mark = sort_mark,
                                    .save = sort_save,
                                    .restore = sort_restore,
                                    .load = sort_load,
                                    .close = sort_close};
