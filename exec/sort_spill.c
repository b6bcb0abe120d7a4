/* ORDER BY over more rows than memory has room for: sorted runs on disk, merged.
 *
 *   rows in memory too large    d b a c ─▶ sorted ─▶ run 1   a b c d
 *   later                       b e     ─▶           run 2   b e
 *   released                    run 1   a b c d ┐ each run shows its first row; the first of
 *                               run 2   b e     ┘ these is the next one that comes out
 *
 * Of a run one segment is in memory while it is merged, so there must not be too many: 16 of them
 * become one, 16 of such runs one again. Rows that are not due yet when others are released are the
 * last ones of every run: they wait in memory again, or become runs of their own.
 *
 * 1. Of equal rows those of the run with the lesser number come first, so the sort stays stable.
 * 2. With LIMIT and OFFSET a run has no more rows than can come out.
 * 3. Of a job, the next mark names a run, and drops the rows in the store that went into it. */
#include "exec/sort.h"

#include "core/memory.h"
#include "exec/state/segment.h"
#include "exec/window.h"

static wr_window_id
run_window(const wr_sort *sort, int32_t number)
{
    return (wr_window_id){.operator_id = sort->op.state_id,
                          .part = number,
                          .start_us = WR_TIME_NONE,
                          .first_end_us = WR_TIME_END,
                          .last_end_us = WR_TIME_END};
}

/* ── writing ────────────────────────────────────────────────────────────────────────────────── */

static wr_part_writer
run_begin(wr_sort *sort)
{
    int32_t number = ++sort->last_run;
    return (wr_part_writer){.spill = sort->op.context->spill,
                            .part = wr_part_add(&sort->runs, number),
                            .window = run_window(sort, number)};
}

/* `rows` is a batch of columns and sort keys. */
static wr_status
run_add(const wr_sort *sort, wr_part_writer *writer, const wr_batch *rows, wr_error *err)
{
    wr_segment *segment = wr_part_writer_segment(writer);
    if (segment->row_count == 0) {
        wr_segment_begin_rows(segment, sort->types, sort->column_count + sort->key_count);
    }
    wr_segment_add_rows(segment, rows);
    return wr_part_writer_added(writer, err);
}

/* Rows order[0, count), in that order. */
static wr_status
run_write(wr_sort *sort, uint32_t count, wr_error *err)
{
    wr_sort_row rows[WR_BATCH_ROWS];
    int width = sort->column_count + sort->key_count;
    wr_part_writer writer = run_begin(sort);
    wr_status status = WR_OK;
    for (uint32_t start = 0; start < count && status == WR_OK; start += WR_BATCH_ROWS) {
        int picked = wr_sort_pick(sort, start, count, WR_BATCH_ROWS, rows);
        wr_arena_reset(sort->out_arena);
        wr_batch *batch = wr_sort_gather(rows, picked, width, sort->out_arena);
        status = run_add(sort, &writer, batch, err);
    }
    status = status == WR_OK ? wr_part_writer_end(&writer, err) : status;
    wr_part_writer_fini(&writer);
    return status;
}

/* ── merging ────────────────────────────────────────────────────────────────────────────────── */

typedef struct run_source {
    const wr_part *run;
    int next_segment;
    wr_buffer body;
    wr_arena *arena;
    wr_segment_reader *reader; /* of `body`; NULL: none is open */
    wr_batch *batch;           /* NULL: none yet */
    wr_sort_row at;            /* the row that it shows */
} run_source;

typedef struct run_merge {
    wr_sort *sort;
    run_source *sources, **live; /* live: in the order of the rows that they show */
    int source_count, live_count;
    wr_part_writer *writer; /* rows become a run; NULL: they are emitted, */
    bool keeps;             /* or, from the first that is not due on, kept */
    wr_sort_row *picked;
    int picked_count, picked_max;
} run_merge;

/* The rows that were picked go on their way: they lie in segments that are about to be replaced. */
static wr_status
merge_flush(run_merge *merge, wr_error *err)
{
    wr_sort *sort = merge->sort;
    int count = merge->picked_count, width = sort->column_count;
    if (count == 0) {
        return WR_OK;
    }
    merge->picked_count = 0;
    wr_arena_reset(sort->out_arena);
    if (!merge->writer && !merge->keeps) {
        wr_batch *out = wr_sort_gather(merge->picked, count, width, sort->out_arena);
        return wr_operator_emit(&sort->op, out, err);
    }
    wr_batch *wide =
        wr_sort_gather(merge->picked, count, width + sort->key_count, sort->out_arena);
    if (merge->writer) {
        return run_add(sort, merge->writer, wide, err);
    }
    wr_sort_add(sort, wr_batch_copy(wide, sort->arena));
    return wr_sort_spill_if_large(sort, err);
}

static wr_status
source_open(run_merge *merge, run_source *source, wr_error *err)
{
    const wr_sort *sort = merge->sort;
    WR_TRY(merge_flush(merge, err));
    wr_buffer_reset(&source->body);
    wr_arena_reset(source->arena);
    int64_t id = source->run->segments[source->next_segment++].id;
    WR_TRY(wr_spill_read(sort->op.context->spill, id, &source->body, err));
    wr_text body = {source->body.data, source->body.size};
    WR_TRY(wr_segment_reader_open(body, source->arena, &source->reader, err));
    if (!wr_segment_reader_has_rows(source->reader, sort->types,
                                    sort->column_count + sort->key_count)) {
        return wr_error_set(err, WR_ERR_STATE, "E0904", "a segment holds rows of another kind");
    }
    return WR_OK;
}

/* Shows the next row; WR_END: there is none. */
static wr_status
source_next(run_merge *merge, run_source *source, wr_error *err)
{
    if (source->batch && ++source->at.row < source->batch->row_count) {
        return WR_OK;
    }
    for (;;) {
        wr_schema schema;
        wr_status status = source->reader ? wr_segment_reader_next(source->reader, &source->batch,
                                                                   &schema, err)
                                          : WR_END;
        if (status != WR_END) {
            source->at = (wr_sort_row){source->batch, 0};
            return status;
        }
        if (source->next_segment == source->run->count) {
            return WR_END;
        }
        WR_TRY(source_open(merge, source, err));
    }
}

/* Sources stand in the order of their runs, so of equal ones the lesser address comes first. */
static void
merge_insert(run_merge *merge, run_source *source)
{
    int low = 0, high = merge->live_count;
    while (low < high) {
        int middle = (low + high) / 2;
        run_source *other = merge->live[middle];
        int order = wr_sort_compare(merge->sort, &other->at, &source->at);
        bool is_before = order != 0 ? order < 0 : other < source;
        low = is_before ? middle + 1 : low;
        high = is_before ? high : middle;
    }
    memmove(&merge->live[low + 1], &merge->live[low],
            (size_t)(merge->live_count - low) * sizeof(*merge->live));
    merge->live[low] = source;
    merge->live_count++;
}

static wr_status
merge_step(run_merge *merge, run_source *source, wr_error *err)
{
    wr_status status = source_next(merge, source, err);
    if (status == WR_OK) {
        merge_insert(merge, source);
    }
    return status == WR_END ? WR_OK : status;
}

/* The list has the newest run first. */
static wr_status
merge_open(run_merge *merge, const wr_part *runs, wr_error *err)
{
    for (const wr_part *run = runs; run; run = run->next) {
        merge->source_count++;
    }
    merge->sources = wr_alloc_array((size_t)merge->source_count, sizeof(*merge->sources));
    merge->live = wr_alloc_array((size_t)merge->source_count, sizeof(*merge->live));
    merge->picked_max = merge->sort->op.context->vector_rows;
    merge->picked = wr_alloc_array((size_t)merge->picked_max, sizeof(*merge->picked));
    int place = merge->source_count;
    for (const wr_part *run = runs; run; run = run->next) {
        run_source *source = &merge->sources[--place];
        source->run = run;
        source->arena = wr_arena_new(0);
        wr_buffer_init(&source->body);
    }
    for (int i = 0; i < merge->source_count; i++) {
        WR_TRY(merge_step(merge, &merge->sources[i], err));
    }
    return WR_OK;
}

static void
merge_close(run_merge *merge)
{
    for (int i = 0; i < merge->source_count; i++) {
        wr_arena_free(merge->sources[i].arena);
        wr_buffer_fini(&merge->sources[i].body);
    }
    wr_free(merge->sources);
    wr_free(merge->live);
    wr_free(merge->picked);
}

/* Rows before `before_us` come out, without those that are cut; a merge that writes, or that
 * keeps, takes all. */
static wr_status
merge_rows(run_merge *merge, int64_t before_us, wr_error *err)
{
    wr_sort *sort = merge->sort;
    const wr_plan_node *node = sort->op.node;
    wr_sort_cut cut = {node->u.sort.offset, node->u.sort.limit, 0, WR_TIME_NONE};
    while (merge->live_count > 0) {
        run_source *source = merge->live[0];
        int64_t time_us = wr_sort_row_time(&source->at);
        if (!merge->keeps && before_us != WR_TIME_END && time_us >= before_us) {
            WR_TRY(merge_flush(merge, err));
            merge->keeps = true;
        }
        if (merge->writer || merge->keeps || wr_sort_cut_takes(&cut, sort, time_us)) {
            merge->picked[merge->picked_count++] = source->at;
        }
        if (merge->picked_count == merge->picked_max) {
            WR_TRY(merge_flush(merge, err));
        }
        merge->live_count--;
        memmove(&merge->live[0], &merge->live[1],
                (size_t)merge->live_count * sizeof(*merge->live));
        WR_TRY(merge_step(merge, source, err));
    }
    return merge_flush(merge, err);
}

/* Runs that were merged: on disk they go now, or with the next mark if the store has them. */
static wr_status
runs_drop(wr_sort *sort, wr_part *runs, wr_error *err)
{
    for (const wr_part *run = runs; run; run = run->next) {
        if (run->is_named) {
            sort->gone_runs = wr_grow(sort->gone_runs, sort->gone_count, &sort->gone_capacity,
                                      sizeof(*sort->gone_runs));
            sort->gone_runs[sort->gone_count++] = run->number;
        }
    }
    return wr_parts_drop(&runs, sort->op.context->spill, err);
}

/* `runs` is no longer the sort's. */
static wr_status
runs_merge(wr_sort *sort, wr_part *runs, wr_part_writer *writer, int64_t before_us, wr_error *err)
{
    run_merge merge = {.sort = sort, .writer = writer};
    wr_status status = merge_open(&merge, runs, err);
    if (status == WR_OK) {
        status = merge_rows(&merge, before_us, err);
    }
    merge_close(&merge);
    wr_status dropped = runs_drop(sort, runs, status == WR_OK ? err : NULL);
    return status == WR_OK ? dropped : status;
}

/* The newest runs, if enough of them are of one level, become one of the next level. */
static wr_status
runs_gather(wr_sort *sort, wr_error *err)
{
    wr_part *runs = wr_parts_take_many(&sort->runs);
    if (!runs) {
        return WR_OK;
    }
    int level = runs->level + 1;
    wr_part_writer writer = run_begin(sort);
    writer.part->level = level;
    wr_status status = runs_merge(sort, runs, &writer, WR_TIME_END, err);
    status = status == WR_OK ? wr_part_writer_end(&writer, err) : status;
    wr_part_writer_fini(&writer);
    return status == WR_OK ? runs_gather(sort, err) : status;
}

/* ── for the operator ───────────────────────────────────────────────────────────────────────── */

/* An empty sort that holds no memory either. */
static void
sort_give_back(wr_sort *sort)
{
    wr_sort_empty(sort);
    wr_arena_free(sort->arena);
    wr_free(sort->rows);
    wr_free(sort->order);
    wr_free(sort->scratch);
    sort->arena = wr_arena_new(0);
    sort->rows = NULL;
    sort->order = sort->scratch = NULL;
    sort->row_capacity = sort->order_capacity = 0;
}

wr_status
wr_sort_spill(wr_sort *sort, wr_error *err)
{
    const wr_plan_node *node = sort->op.node;
    uint32_t count = wr_sort_order(sort, WR_TIME_END);
    if (count > 0 && node->u.sort.limit >= 0 && !node->inputs[0]->changes) {
        int64_t most = wr_time_add_saturated(node->u.sort.limit, node->u.sort.offset);
        count = wr_sort_cut_order(sort, count, (wr_sort_cut){0, most, 0, WR_TIME_NONE});
    }
    if (sort->row_count > 0) {
        wr_sort_save_before_removal(sort);
        WR_TRY(run_write(sort, count, err));
    }
    sort_give_back(sort);
    return sort->runs ? runs_gather(sort, err) : WR_OK;
}

wr_status
wr_sort_spill_if_large(wr_sort *sort, wr_error *err)
{
    int64_t room_bytes = sort->op.context->memory_bytes;
    bool is_large = room_bytes > 0 ? wr_sort_bytes(sort) > room_bytes / 2 : room_bytes < 0;
    return is_large ? wr_sort_spill(sort, err) : WR_OK;
}

wr_status
wr_sort_release_runs(wr_sort *sort, int64_t before_us, wr_error *err)
{
    WR_TRY(wr_sort_spill(sort, err));
    wr_part *runs = sort->runs;
    sort->runs = NULL;
    return runs_merge(sort, runs, NULL, before_us, err);
}
