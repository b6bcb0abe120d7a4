/* Rows that wait to be sorted: batches in an arena, and row numbers in order.
 *
 *   batches   [b 1, a 2] [c 3, a 1]      rows   0: b 1   1: a 2   2: c 3   3: a 1
 *   ORDER BY the letter                  order  1 3 0 2 */
#include "exec/sort.h"

#include "core/memory.h"
#include "functions/kernel.h"

void
wr_sort_add(wr_sort *sort, wr_batch *batch)
{
    sort->batches = wr_grow(sort->batches, sort->batch_count, &sort->batch_capacity,
                            sizeof(*sort->batches));
    uint32_t needed = sort->row_count + (uint32_t)batch->row_count;
    if (needed > sort->row_capacity) {
        sort->row_capacity = 2 * needed;
        sort->rows = wr_realloc(sort->rows, sort->row_capacity * sizeof(*sort->rows));
    }
    sort->batches[sort->batch_count++] = batch;
    for (int i = 0; i < batch->row_count; i++) {
        sort->rows[sort->row_count++] = (wr_sort_row){batch, (uint16_t)i};
    }
}

void
wr_sort_empty(wr_sort *sort)
{
    wr_arena_reset(sort->arena);
    sort->batch_count = 0;
    sort->row_count = 0;
}

int64_t
wr_sort_bytes(const wr_sort *sort)
{
    return (int64_t)(wr_arena_held_bytes(sort->arena) +
                     sort->row_capacity * sizeof(*sort->rows) +
                     2 * sort->row_count * sizeof(*sort->order)); /* to order them */
}

/* ── order ──────────────────────────────────────────────────────────────────────────────────── */

int64_t
wr_sort_row_time(const wr_sort_row *row)
{
    return row->batch->event_time_us ? row->batch->event_time_us[row->row] : WR_TIME_NONE;
}

static int
compare_key(const wr_plan_sort_key *key, const wr_vector *a, int a_row, const wr_vector *b,
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

int
wr_sort_compare(const wr_sort *sort, const wr_sort_row *a, const wr_sort_row *b)
{
    if (sort->per_window) {
        int64_t a_us = wr_sort_row_time(a), b_us = wr_sort_row_time(b);
        if (a_us != b_us) {
            return a_us < b_us ? -1 : 1;
        }
    }
    const wr_vector *a_keys = a->batch->columns + sort->column_count;
    const wr_vector *b_keys = b->batch->columns + sort->column_count;
    for (int i = 0; i < sort->key_count; i++) {
        int order = compare_key(&sort->op.node->u.sort.keys[i], &a_keys[i], a->row, &b_keys[i],
                                b->row);
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

static int
compare_ids(const void *context, uint32_t a, uint32_t b)
{
    const wr_sort *sort = context;
    return wr_sort_compare(sort, &sort->rows[a], &sort->rows[b]);
}

uint32_t
wr_sort_order(wr_sort *sort, int64_t before_us)
{
    if (sort->row_count > sort->order_capacity) {
        sort->order_capacity = sort->row_count;
        sort->order = wr_realloc(sort->order, sort->order_capacity * sizeof(*sort->order));
        sort->scratch = wr_realloc(sort->scratch, sort->order_capacity * sizeof(*sort->scratch));
    }
    uint32_t count = 0;
    for (uint32_t id = 0; id < sort->row_count; id++) {
        if (before_us == WR_TIME_END || wr_sort_row_time(&sort->rows[id]) < before_us) {
            sort->order[count++] = (wr_order_item){0, id};
        }
    }
    wr_order_sort(sort->order, sort->scratch, count, compare_ids, sort);
    return count;
}

bool
wr_sort_cut_takes(wr_sort_cut *cut, const wr_sort *sort, int64_t time_us)
{
    if (sort->per_window && time_us != cut->time_us) {
        cut->time_us = time_us;
        cut->place = 0;
    }
    int64_t place = cut->place++;
    return place >= cut->offset && (cut->limit < 0 || place - cut->offset < cut->limit);
}

uint32_t
wr_sort_cut_order(wr_sort *sort, uint32_t count, wr_sort_cut cut)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (wr_sort_cut_takes(&cut, sort, wr_sort_row_time(&sort->rows[sort->order[i].id]))) {
            sort->order[kept++] = sort->order[i];
        }
    }
    return kept;
}

int
wr_sort_pick(const wr_sort *sort, uint32_t start, uint32_t count, int max, wr_sort_row *rows)
{
    int picked = count - start < (uint32_t)max ? (int)(count - start) : max;
    for (int i = 0; i < picked; i++) {
        rows[i] = sort->rows[sort->order[start + (uint32_t)i].id];
    }
    return picked;
}

/* ── rows as a batch ────────────────────────────────────────────────────────────────────────── */

static void
gather_column(const wr_sort_row *rows, int count, int column, wr_vector *out, wr_arena *arena)
{
    wr_type type = rows[0].batch->columns[column].type;
    size_t width = (size_t)wr_type_width(type.id);
    wr_vector_init_flat(out, type, count, arena);
    for (int i = 0; i < count; i++) {
        const wr_vector *from = &rows[i].batch->columns[column];
        memcpy((char *)out->data + (size_t)i * width,
               (const char *)from->data + (size_t)rows[i].row * width, width);
        if (wr_vector_is_null(from, rows[i].row)) {
            wr_vector_set_null(out, i, count, arena);
        }
    }
}

static void
gather_times(const wr_sort_row *rows, int count, wr_batch *out, wr_arena *arena)
{
    int64_t *event_times = WR_NEW_ARRAY(arena, int64_t, count);
    int64_t *watermarks = WR_NEW_ARRAY(arena, int64_t, count);
    uint8_t *row_ops = WR_NEW_ARRAY(arena, uint8_t, count);
    bool has_times = true, has_ops = false;
    for (int i = 0; i < count; i++) {
        const wr_batch *batch = rows[i].batch;
        has_times = has_times && batch->event_time_us && batch->watermark_us;
        event_times[i] = has_times ? batch->event_time_us[rows[i].row] : WR_TIME_NONE;
        watermarks[i] = has_times ? batch->watermark_us[rows[i].row] : WR_TIME_NONE;
        row_ops[i] = batch->row_ops ? batch->row_ops[rows[i].row] : (uint8_t)WR_INSERT;
        has_ops = has_ops || batch->row_ops;
    }
    out->event_time_us = has_times ? event_times : NULL;
    out->watermark_us = has_times ? watermarks : NULL;
    out->row_ops = has_ops ? row_ops : NULL;
}

wr_batch *
wr_sort_gather(const wr_sort_row *rows, int count, int column_count, wr_arena *arena)
{
    wr_batch *out = wr_batch_new(arena, column_count);
    out->row_count = out->selected_count = count;
    for (int i = 0; i < column_count; i++) {
        gather_column(rows, count, i, &out->columns[i], arena);
    }
    gather_times(rows, count, out, arena);
    return out;
}
