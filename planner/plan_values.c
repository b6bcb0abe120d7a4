/* VALUES (…), (…): rows that stand in the statement, computed while planning.
 *
 *     VALUES (1, 'a'), (2.5, NULL)      column1 DOUBLE: 1.0, 2.5      column2 TEXT: 'a', NULL
 *
 * Invariants
 * 1. A column's type is the common type of its values; one without any value is TEXT.
 * 2. The batches live in the query's arena and are read by the source "values". */
#include "planner/query.h"

#include <string.h>

/* A scan over `batches`; its schema is `declared`. */
static wr_status
values_scan(wr_plan_context *context, wr_span span, const wr_schema *declared,
            wr_batch *const *batches, int batch_count, wr_plan_node **node, wr_error *err)
{
    wr_plan_source *source;
    int index;
    WR_TRY(wr_plan_next_source(context, span, &source, &index, err));
    source->learned.schema = *declared;
    wr_scan_parts parts = {.span = span};
    wr_scope scope;
    WR_TRY(wr_scan_plan(context, source, index, &parts, node, &scope, err));
    (*node)->u.scan.values = batches;
    (*node)->u.scan.values_count = batch_count;
    return WR_OK;
}

wr_status
wr_plan_one_row(wr_plan_context *context, wr_from *from, wr_error *err)
{
    wr_batch *batch = wr_batch_new(context->arena, 0);
    batch->row_count = batch->selected_count = 1;
    wr_batch **batches = WR_NEW_ARRAY(context->arena, wr_batch *, 1);
    batches[0] = batch;
    wr_schema none = {0};
    from->bounded = true;
    return values_scan(context, (wr_span){0, 1}, &none, batches, 1, &from->node, err);
}

/* All values, bound: column c of row r is exprs[c × row_count + r]. */
static wr_status
values_bind(wr_plan_context *context, const wr_ast_core *core, const wr_expr **exprs, wr_error *err)
{
    wr_binder binder = {.context = context, .place = "VALUES"};
    int columns = core->rows[0].count;
    for (int r = 0; r < core->row_count; r++) {
        const wr_ast_expr_list *row = &core->rows[r];
        if (row->count != columns) {
            return wr_plan_error(context, err, row->items[0]->span, "E0305",
                                 "this row has %d value%s, the first one has %d", row->count,
                                 row->count == 1 ? "" : "s", columns);
        }
        for (int c = 0; c < columns; c++) {
            const wr_expr **expr = &exprs[(size_t)c * (size_t)core->row_count + (size_t)r];
            WR_TRY(wr_bind_expr(&binder, row->items[c], expr, err));
            if ((*expr)->kind != WR_EXPR_CONSTANT) {
                return wr_plan_error(context, err, row->items[c]->span, "E0407",
                                     "VALUES takes constants");
            }
        }
    }
    return WR_OK;
}

/* Converts a column's values to their common type. */
static wr_status
column_convert(wr_plan_context *context, const wr_expr **exprs, int count, wr_type *type,
               wr_error *err)
{
    wr_binder binder = {.context = context, .place = "VALUES"};
    if (!wr_cast_common(exprs, count, type)) {
        return wr_plan_error(context, err, wr_expr_span(exprs[0]), "E0301",
                             "the values of this column have no common type");
    }
    for (int i = 0; i < count; i++) {
        WR_TRY(wr_cast_implicit(&binder, exprs[i], *type, "VALUES", &exprs[i], err));
    }
    return WR_OK;
}

static void
vector_fill(wr_vector *vector, wr_type type, const wr_expr *const *exprs, int count,
            wr_arena *arena)
{
    wr_vector_init_flat(vector, type, count, arena);
    size_t width = (size_t)wr_type_width(type.id);
    for (int i = 0; i < count; i++) {
        const wr_vector *value = &exprs[i]->constant;
        memcpy((char *)vector->data + (size_t)i * width, value->data, width);
        if (wr_vector_is_null(value, 0)) {
            wr_vector_set_null(vector, i, count, arena);
        }
    }
}

static wr_batch **
batches_make(wr_plan_context *context, const wr_schema *schema, const wr_expr *const *exprs,
             int row_count, int *batch_count)
{
    *batch_count = (row_count + WR_BATCH_ROWS - 1) / WR_BATCH_ROWS;
    wr_batch **batches = WR_NEW_ARRAY(context->arena, wr_batch *, *batch_count);
    for (int b = 0; b < *batch_count; b++) {
        int first = b * WR_BATCH_ROWS;
        int count = row_count - first < WR_BATCH_ROWS ? row_count - first : WR_BATCH_ROWS;
        batches[b] = wr_batch_new(context->arena, schema->count);
        batches[b]->row_count = batches[b]->selected_count = count;
        for (int c = 0; c < schema->count; c++) {
            const wr_expr *const *column = exprs + (size_t)c * (size_t)row_count + first;
            vector_fill(&batches[b]->columns[c], schema->columns[c].type, column, count,
                        context->arena);
        }
    }
    return batches;
}

wr_status
wr_plan_values(wr_plan_context *context, const wr_ast_core *core, wr_planned *planned,
               wr_error *err)
{
    int columns = core->rows[0].count, rows = core->row_count;
    if (columns > WR_PLAN_COLUMNS_MAX) {
        return wr_plan_error(context, err, core->span, "E0901", "more than %d columns",
                             WR_PLAN_COLUMNS_MAX);
    }
    size_t total = (size_t)columns * (size_t)rows;
    const wr_expr **exprs = WR_NEW_ARRAY(context->arena, const wr_expr *, total);
    WR_TRY(values_bind(context, core, exprs, err));
    wr_schema schema = {WR_NEW_ARRAY(context->arena, wr_column, columns), columns};
    for (int c = 0; c < columns; c++) {
        schema.columns[c].name = wr_arena_printf(context->arena, "column%d", c + 1);
        WR_TRY(column_convert(context, exprs + (size_t)c * (size_t)rows, rows,
                              &schema.columns[c].type, err));
    }
    int batch_count;
    wr_batch **batches = batches_make(context, &schema, exprs, rows, &batch_count);
    *planned = (wr_planned){.bounded = true};
    return values_scan(context, core->span, &schema, batches, batch_count, &planned->node, err);
}
