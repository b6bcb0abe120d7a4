/* A window that was spilled is emitted: tables and parts of its panes, merged by key.
 *
 *   pane   part 1   a b │ …        ┐ each source shows its least key; the least of them is the next
 *          part 2   b e │          ├ result, combined from all sources that show it
 *          table    c              ┘
 *
 * Of a part one segment is in memory, and of that one run of groups, as a small table. When parts
 * become many, those of one pane are merged in the same way into one part (aggregate_spill.c).
 *
 * 1. `live` has the sources that are not at their end, in the order of their keys.
 * 2. A result's state and key lie in the arena of its batch: sources go on before it is emitted. */
#include "exec/aggregate.h"

#include "core/memory.h"
#include "exec/spill.h"
#include "exec/state/segment.h"

#include <assert.h>

typedef struct merge_source {
    const wr_group_table *table; /* a pane's, or `run` */
    const wr_order_item *order;  /* a pane's: its keys in order */
    uint32_t at, count;          /* places in `order`; of a run: its groups */
    const char *key;             /* that it shows */
    uint32_t group;
    /* a part: */
    wr_group_table *run;
    const wr_part *part;
    int next_segment;
    wr_buffer body;
    wr_segment_loader *loader; /* of `body`; NULL: none is open */
} merge_source;

typedef struct merge {
    wr_window_aggregate *aggregate;
    wr_spill *spill;
    wr_part_writer *writer; /* results become a part; NULL: they are emitted */
    merge_source *sources, **live;
    int source_count, live_count;
    int64_t end_us;
} merge;

/* ── sources ────────────────────────────────────────────────────────────────────────────────── */

/* The next run of groups; WR_END: there is none. */
static wr_status
source_load(merge *all, merge_source *source, wr_error *err)
{
    for (;;) {
        if (source->loader) {
            int row_count = 0;
            wr_group_table_reset(source->run, WR_BATCH_ROWS);
            wr_status status = wr_segment_loader_next(source->loader, source->run, &row_count, err);
            if (status != WR_END) {
                source->at = 0;
                source->count = (uint32_t)row_count;
                return status;
            }
            wr_segment_loader_close(source->loader);
            source->loader = NULL;
        }
        if (!source->part || source->next_segment == source->part->count) {
            return WR_END;
        }
        wr_buffer_reset(&source->body);
        int64_t id = source->part->segments[source->next_segment++].id;
        WR_TRY(wr_spill_read(all->spill, id, &source->body, err));
        wr_text body = {source->body.data, source->body.size};
        WR_TRY(wr_segment_loader_open(body, source->run->layout, &source->loader, err));
    }
}

/* Shows the next group; WR_END: there is none. */
static wr_status
source_next(merge *all, merge_source *source, wr_error *err)
{
    for (;;) {
        while (source->at == source->count) {
            WR_TRY(source_load(all, source, err));
        }
        uint32_t place = source->at++;
        source->group = source->order ? source->order[place].id : place;
        if (source->group < source->table->limit && source->table->flags[source->group] != 0) {
            source->key = wr_group_key(source->table, source->group);
            return WR_OK;
        }
    }
}

/* A source that has moved on takes its place among the live ones. */
static void
merge_insert(merge *all, merge_source *source)
{
    const wr_key_layout *keys = &all->aggregate->layout.keys;
    int low = 0, high = all->live_count;
    while (low < high) {
        int middle = (low + high) / 2;
        bool is_before = wr_key_row_compare(keys, all->live[middle]->key, source->key) < 0;
        low = is_before ? middle + 1 : low;
        high = is_before ? high : middle;
    }
    memmove(&all->live[low + 1], &all->live[low],
            (size_t)(all->live_count - low) * sizeof(merge_source *));
    all->live[low] = source;
    all->live_count++;
}

/* WR_OK also when the source has ended. */
static wr_status
merge_step(merge *all, merge_source *source, wr_error *err)
{
    wr_status status = source_next(all, source, err);
    if (status == WR_END) {
        return WR_OK;
    }
    if (status == WR_OK) {
        merge_insert(all, source);
    }
    return status;
}

static void
merge_add_parts(merge *all, const wr_part *parts)
{
    for (const wr_part *part = parts; part; part = part->next) {
        merge_source *source = &all->sources[all->source_count++];
        source->table = source->run = wr_group_table_new(&all->aggregate->layout);
        source->part = part;
    }
}

static void
merge_add_pane(merge *all, const wr_pane *pane)
{
    merge_source *source = &all->sources[all->source_count++];
    source->table = pane->groups;
    if (pane->groups->limit > 0) {
        source->order = wr_key_set_order(pane->groups->keys);
        source->count = pane->groups->keys->count;
    }
    merge_add_parts(all, pane->parts);
}

static void
merge_begin(merge *all, size_t capacity)
{
    all->sources = wr_alloc_array(capacity, sizeof(*all->sources));
    all->live = wr_alloc_array(capacity, sizeof(merge_source *));
}

static wr_status
merge_open(merge *all, wr_error *err)
{
    for (int i = 0; i < all->source_count; i++) {
        WR_TRY(merge_step(all, &all->sources[i], err));
    }
    return WR_OK;
}

static void
merge_close(merge *all)
{
    for (int i = 0; i < all->source_count; i++) {
        merge_source *source = &all->sources[i];
        wr_segment_loader_close(source->loader);
        wr_group_table_free(source->run);
        wr_buffer_fini(&source->body);
    }
    wr_free(all->sources);
    wr_free(all->live);
}

/* ── results ────────────────────────────────────────────────────────────────────────────────── */

/* A batch of results: keys, and states by aggregate, by row. */
typedef struct merge_rows {
    const char **keys;
    char **states;
    int count;
} merge_rows;

static void
rows_begin(merge *all, merge_rows *rows, int capacity)
{
    const wr_group_layout *layout = &all->aggregate->layout;
    wr_arena *arena = all->aggregate->emit_arena;
    wr_arena_reset(arena);
    rows->count = 0;
    rows->keys = WR_NEW_ARRAY(arena, const char *, capacity);
    rows->states = WR_NEW_ARRAY(arena, char *, layout->aggregate_count);
    for (int k = 0; k < layout->aggregate_count; k++) {
        rows->states[k] =
            wr_arena_zalloc(arena, (size_t)capacity * layout->aggregates[k]->state_bytes);
    }
}

/* The next result, combined from all sources that show its key. */
static wr_status
rows_add(merge *all, merge_rows *rows, wr_error *err)
{
    const wr_group_layout *layout = &all->aggregate->layout;
    wr_arena *arena = all->aggregate->emit_arena;
    size_t row_bytes = (size_t)layout->keys.row_bytes;
    char *key = wr_arena_alloc(arena, row_bytes);
    memcpy(key, all->live[0]->key, row_bytes);
    wr_key_row_own(&layout->keys, key, arena);
    int row = rows->count++;
    rows->keys[row] = key;
    while (all->live_count > 0 && wr_key_row_compare(&layout->keys, all->live[0]->key, key) == 0) {
        merge_source *source = all->live[0];
        for (int k = 0; k < layout->aggregate_count; k++) {
            char *state = rows->states[k] + (size_t)row * layout->aggregates[k]->state_bytes;
            layout->aggregates[k]->combine(state, NULL,
                                           wr_group_state(source->table, k, source->group), 1,
                                           arena);
        }
        all->live_count--;
        memmove(&all->live[0], &all->live[1], (size_t)all->live_count * sizeof(merge_source *));
        WR_TRY(merge_step(all, source, err));
    }
    return WR_OK;
}

/* A batch of them goes out, or to disk. */
static wr_status
rows_hand_on(merge *all, const wr_result_groups *rows, wr_error *err)
{
    wr_window_aggregate *aggregate = all->aggregate;
    if (!all->writer) {
        return wr_aggregate_emit_results(aggregate, rows, all->end_us, err);
    }
    wr_segment *segment = wr_part_writer_segment(all->writer);
    if (segment->row_count == 0) {
        wr_segment_begin(segment, &aggregate->layout);
    }
    wr_segment_add_groups(segment, &aggregate->layout, rows, aggregate->emit_arena);
    return wr_part_writer_added(all->writer, err);
}

static wr_status
merge_all(merge *all, wr_error *err)
{
    int per_batch = all->aggregate->op.context->vector_rows;
    uint32_t groups[WR_BATCH_ROWS];
    for (int i = 0; i < WR_BATCH_ROWS; i++) {
        groups[i] = (uint32_t)i;
    }
    while (all->live_count > 0) {
        merge_rows rows;
        rows_begin(all, &rows, per_batch);
        while (all->live_count > 0 && rows.count < per_batch) {
            WR_TRY(rows_add(all, &rows, err));
        }
        const wr_result_groups results = {rows.keys, rows.states, groups, rows.count};
        WR_TRY(rows_hand_on(all, &results, err));
    }
    return WR_OK;
}

static wr_status
merge_run(merge *all, wr_error *err)
{
    wr_status status = merge_open(all, err);
    if (status == WR_OK) {
        status = merge_all(all, err);
    }
    merge_close(all);
    return status;
}

static size_t
parts_count(const wr_part *parts)
{
    size_t count = 0;
    for (; parts; parts = parts->next) {
        count++;
    }
    return count;
}

wr_status
wr_aggregate_emit_merged(wr_window_aggregate *aggregate, wr_pane *const *panes, int pane_count,
                         int64_t end_us, wr_error *err)
{
    merge all = {.aggregate = aggregate, .spill = aggregate->op.context->spill, .end_us = end_us};
    size_t capacity = (size_t)pane_count;
    for (int i = 0; i < pane_count; i++) {
        capacity += parts_count(panes[i]->parts);
    }
    merge_begin(&all, capacity);
    for (int i = 0; i < pane_count; i++) {
        merge_add_pane(&all, panes[i]);
    }
    return merge_run(&all, err);
}

wr_status
wr_aggregate_merge_parts(wr_window_aggregate *aggregate, const wr_part *parts,
                         wr_part_writer *writer, wr_error *err)
{
    merge all = {.aggregate = aggregate, .spill = writer->spill, .writer = writer};
    merge_begin(&all, parts_count(parts));
    merge_add_parts(&all, parts);
    return merge_run(&all, err);
}
