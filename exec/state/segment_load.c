/* Segments are loaded: bytes from a disk become groups of a table.
 *
 *   body ─▶ header, length, checksum hold? ─▶ layout as ours? ─▶ run by run: keys → numbers,
 *                                                                states in place of what is there
 *
 * 1. Nothing is believed before the checksum was compared; and behind it still every count, width
 *    and type is checked, since a checksum can be right by the hand that forged it.
 * 2. A run that names a key twice leaves the state of its last place. */
#include "exec/state/segment_parts.h"

#include "core/checksum.h"

wr_status
wr_segment_damaged(const char *what, wr_error *err)
{
    return wr_error_set(err, WR_ERR_STATE, "E0904", "a segment of the state is damaged: %s", what);
}

wr_status
wr_segment_open(wr_text body, segment_view *view, wr_error *err)
{
    segment_header header;
    uint64_t sum = 0;
    wr_text rest = body;
    if (!wr_packed_take(&rest, &header, sizeof(header)) ||
        memcmp(header.magic, segment_magic, sizeof(header.magic)) != 0) {
        return wr_segment_damaged("it does not begin as one", err);
    }
    if (header.version != SEGMENT_VERSION) {
        return wr_error_set(err, WR_ERR_STATE, "E0909", "a segment of the state has version %d",
                            header.version);
    }
    if (header.length != body.size || rest.size < sizeof(sum)) {
        return wr_segment_damaged("its length does not hold", err);
    }
    rest.size -= sizeof(sum);
    memcpy(&sum, rest.data + rest.size, sizeof(sum));
    if (sum != wr_checksum(body.data, body.size - sizeof(sum))) {
        return wr_segment_damaged("its checksum does not hold", err);
    }
    if ((header.kind != SEGMENT_GROUPS && header.kind != SEGMENT_ROWS) ||
        header.layout_bytes > rest.size) {
        return wr_segment_damaged("its header is none", err);
    }
    view->kind = header.kind;
    view->layout = (wr_text){rest.data, header.layout_bytes};
    view->runs = (wr_text){rest.data + header.layout_bytes, rest.size - header.layout_bytes};
    return WR_OK;
}

bool
wr_segment_take_run(wr_text *runs, segment_run *run)
{
    return wr_packed_take(runs, run, sizeof(*run)) && run->kind == 0 && run->row_count > 0 &&
           run->row_count <= WR_BATCH_ROWS;
}

/* ── groups ─────────────────────────────────────────────────────────────────────────────────── */

struct wr_segment_loader {
    const wr_group_layout *layout;
    wr_text runs;
    wr_arena *lasting, *arena; /* `arena`: of one run */
    wr_key_columns keys;
    wr_vector *columns;
    uint32_t groups[WR_BATCH_ROWS];
};

static bool
take_keys(wr_segment_loader *loader, wr_group_table *table, int n)
{
    const wr_key_layout *layout = &loader->layout->keys;
    for (int i = 0; i < layout->column_count; i++) {
        wr_type type = layout->columns[i].type;
        if (!wr_segment_take_vector(&loader->runs, type, n, &loader->columns[i], loader->arena) ||
            loader->columns[i].errors) {
            return false;
        }
    }
    wr_key_columns_set(&loader->keys, loader->columns, n, loader->arena);
    wr_group_table_find(table, &loader->keys, NULL, n, loader->groups);
    return true;
}

static bool
take_changes(wr_segment_loader *loader, wr_group_table *table, int n)
{
    uint8_t marks[WR_BATCH_ROWS];
    if (!wr_packed_take(&loader->runs, marks, (size_t)n)) {
        return false;
    }
    for (int i = 0; i < n; i++) {
        wr_group_table_set_marks(table, loader->groups[i], marks[i] & 1, marks[i] & 2);
    }
    for (int k = 0; k < loader->layout->aggregate_count; k++) {
        wr_vector cells;
        wr_type type = wr_segment_result_type(loader->layout, k);
        if (!wr_segment_take_vector(&loader->runs, type, n, &cells, loader->arena)) {
            return false;
        }
        for (int i = 0; i < n; i++) {
            wr_emitted_cell cell;
            wr_emitted_cell_read(&cells, i, &cell);
            wr_emitted_cell_keep(wr_group_cells(table, loader->groups[i]) + k, &cell, type.id);
        }
    }
    return true;
}

wr_status
wr_segment_loader_next(wr_segment_loader *loader, wr_group_table *table, int *row_count,
                       wr_error *err)
{
    const wr_group_layout *layout = loader->layout;
    if (loader->runs.size == 0) {
        return WR_END;
    }
    segment_run run;
    wr_arena_reset(loader->arena);
    if (!wr_segment_take_run(&loader->runs, &run) || !take_keys(loader, table, run.row_count)) {
        return wr_segment_damaged("a run of keys cannot be read", err);
    }
    for (int i = 0; i < layout->aggregate_count; i++) {
        wr_aggregate_states call = {.states = table->states[i],
                                    .state_bytes = layout->aggregates[i]->state_bytes,
                                    .groups = loader->groups,
                                    .n = run.row_count,
                                    .args = layout->args[i].types,
                                    .memory = table->memory};
        WR_TRY(wr_aggregate_load(layout->aggregates[i], &call, &loader->runs, err));
    }
    if (layout->tracks_changes && !take_changes(loader, table, run.row_count)) {
        return wr_segment_damaged("what was emitted cannot be read", err);
    }
    *row_count = run.row_count;
    return WR_OK;
}

wr_status
wr_segment_loader_open(wr_text body, const wr_group_layout *layout, wr_segment_loader **loader,
                       wr_error *err)
{
    segment_view view;
    *loader = NULL;
    WR_TRY(wr_segment_open(body, &view, err));
    wr_buffer own;
    wr_buffer_init(&own);
    wr_segment_put_layout(&own, layout);
    bool is_ours =
        view.kind == SEGMENT_GROUPS && wr_text_equal(view.layout, (wr_text){own.data, own.size});
    wr_buffer_fini(&own);
    if (!is_ours) {
        return wr_segment_damaged("it holds states of another kind", err);
    }
    wr_arena *arena = wr_arena_new(0);
    wr_segment_loader *made = WR_NEW(arena, wr_segment_loader);
    made->layout = layout;
    made->runs = view.runs;
    made->lasting = arena;
    made->arena = wr_arena_new(0);
    made->columns = WR_NEW_ARRAY(arena, wr_vector, layout->keys.column_count);
    wr_key_columns_init(&made->keys, &layout->keys, arena);
    *loader = made;
    return WR_OK;
}

void
wr_segment_loader_close(wr_segment_loader *loader)
{
    if (loader) {
        wr_arena_free(loader->arena);
        wr_arena_free(loader->lasting);
    }
}

wr_status
wr_segment_load(wr_text body, wr_group_table *table, wr_error *err)
{
    wr_segment_loader *loader = NULL;
    WR_TRY(wr_segment_loader_open(body, table->layout, &loader, err));
    wr_status status = WR_OK;
    while (status == WR_OK) {
        int row_count = 0;
        status = wr_segment_loader_next(loader, table, &row_count, err);
    }
    wr_segment_loader_close(loader);
    if (table->layout->tracks_changes) {
        wr_group_table_list_changed(table);
    }
    return status == WR_END ? WR_OK : status;
}
