/* EMIT CHANGES and EVERY: which groups changed since they were emitted, and as what they were.
 *
 *   rows ─▶ changed bit, list       emit: −U the cells, +U the fresh values; cells = fresh values
 *
 * 1. changed_list has exactly the groups whose bit is set, in any order.
 * 2. A cell owns the bytes of its long text. */
#include "core/memory.h"
#include "exec/group_table.h"

void
wr_group_table_mark_changed(wr_group_table *table, const uint32_t *groups, int count)
{
    for (int i = 0; i < count; i++) {
        if (!wr_bit_get(table->changed, (int)groups[i])) {
            wr_bit_set(table->changed, (int)groups[i]);
            table->changed_list[table->changed_count++] = groups[i];
        }
    }
}

void
wr_group_table_set_marks(wr_group_table *table, uint32_t group, bool changed, bool emitted)
{
    wr_bit_clear(table->changed, (int)group);
    wr_bit_clear(table->emitted, (int)group);
    if (changed) {
        wr_bit_set(table->changed, (int)group);
    }
    if (emitted) {
        wr_bit_set(table->emitted, (int)group);
    }
}

void
wr_group_table_list_changed(wr_group_table *table)
{
    table->changed_count = 0;
    for (uint32_t group = 0; group < table->limit; group++) {
        if (wr_bit_get(table->changed, (int)group)) {
            table->changed_list[table->changed_count++] = group;
        }
    }
}

/* ── cells ──────────────────────────────────────────────────────────────────────────────────── */

void
wr_emitted_cell_read(const wr_vector *vector, int row, wr_emitted_cell *cell)
{
    size_t width = (size_t)wr_type_width(vector->type.id);
    *cell = (wr_emitted_cell){.error = (uint8_t)wr_vector_error(vector, row),
                              .is_null = wr_vector_is_null(vector, row)};
    if (!cell->error && !cell->is_null) {
        size_t slot = (size_t)wr_vector_slot(vector, row);
        memcpy(cell->value, (const char *)vector->data + slot * width, width);
    }
}

void
wr_emitted_cell_write(const wr_emitted_cell *cell, wr_vector *vector, int row, int row_count,
                      wr_arena *arena)
{
    size_t width = (size_t)wr_type_width(vector->type.id);
    memcpy((char *)vector->data + (size_t)row * width, cell->value, width);
    if (cell->error) {
        wr_vector_set_error(vector, row, row_count, (wr_reason)cell->error, arena);
    } else if (cell->is_null) {
        wr_vector_set_null(vector, row, row_count, arena);
    }
}

bool
wr_emitted_cell_equal(const wr_emitted_cell *a, const wr_emitted_cell *b, wr_type_id id)
{
    if (a->is_null != b->is_null || a->error != b->error) {
        return false;
    }
    return wr_type_is_view(id) ? wr_view_equal((const void *)a->value, (const void *)b->value)
                               : memcmp(a->value, b->value, sizeof(a->value)) == 0;
}

void
wr_emitted_cell_keep(wr_emitted_cell *cell, const wr_emitted_cell *fresh, wr_type_id id)
{
    wr_free(cell->text);
    *cell = *fresh;
    cell->text = NULL;
    wr_view *view = (wr_view *)(void *)cell->value;
    if (wr_type_is_view(id) && view->size > WR_VIEW_INLINE) {
        cell->text = wr_strndup(view->u.data, view->size);
        view->u.data = cell->text;
    }
}
