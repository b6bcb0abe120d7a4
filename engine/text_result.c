/* Small finished results made of texts, in batches like every other result. */
#include "engine/text_result.h"

void
wr_text_result_init(text_result *result, weir_query *query, int column_count,
                    const char *const *names)
{
    *result = (text_result){.query = query, .column_count = column_count};
    wr_column *columns = WR_NEW_ARRAY(query->arena, wr_column, column_count);
    for (int i = 0; i < column_count; i++) {
        columns[i] = (wr_column){.name = wr_text_from(names[i]), .type = WR_TYPE(TEXT)};
    }
    wr_engine_query_columns(query, (wr_schema){columns, column_count}, 0);
}

static void
text_result_start_batch(text_result *result)
{
    wr_arena *arena = result->query->arena;
    result->batch = wr_batch_new(arena, result->column_count);
    for (int i = 0; i < result->column_count; i++) {
        wr_vector_init_flat(&result->batch->columns[i], WR_TYPE(TEXT), WR_BATCH_ROWS, arena);
    }
}

void
wr_text_result_add(text_result *result, const wr_text *values)
{
    if (!result->batch) {
        text_result_start_batch(result);
    }
    wr_batch *batch = result->batch;
    int row = batch->row_count++;
    wr_arena *arena = result->query->arena;
    for (int i = 0; i < result->column_count; i++) {
        wr_text copy = wr_arena_text(arena, values[i]);
        ((wr_view *)batch->columns[i].data)[row] = wr_view_from(copy.data, copy.size);
        if (!values[i].data) {
            wr_vector_set_null(&batch->columns[i], row, WR_BATCH_ROWS, arena);
        }
    }
    if (batch->row_count == WR_BATCH_ROWS) {
        wr_text_result_finish(result);
    }
}

void
wr_text_result_finish(text_result *result)
{
    if (result->batch) {
        result->batch->selected_count = result->batch->row_count;
        (void)wr_engine_result_add(&result->query->result, result->batch, NULL); /* in memory */
        result->batch = NULL;
    }
}

void
wr_text_result_lines(text_result *result, wr_text text)
{
    for (size_t start = 0, at = 0; at <= text.size; at++) {
        if (at == text.size || text.data[at] == '\n') {
            wr_text line = {text.data + start, at - start};
            if (at < text.size || line.size > 0) {
                wr_text_result_add(result, &line);
            }
            start = at + 1;
        }
    }
}
