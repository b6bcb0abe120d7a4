/* Derived columns: what the plan's expression makes of one JSON value, when the decoder cannot say
 * it at a glance.
 *
 *     CAST(a -> 'b' AS DOUBLE)      decoder   {"a":{"b":1.5}}    1.5, nobody is asked
 *                                   asked     {"a":{"b":"x"}}    "x" ▶ CAST(… AS DOUBLE) ▶ error
 *
 * 1. The value is that of the expression over a batch of one row, so it is the one that would have
 *    been computed had the whole column been decoded. */
#include "exec/scan.h"

#include <string.h>

void
wr_scan_open_derive(wr_scan *scan)
{
    const wr_plan_scan *plan = scan->plan;
    scan->derive = WR_NEW_ARRAY(scan->config->query_arena, wr_program *, plan->decode_count + 1);
    for (int i = 0; i < plan->decode_count; i++) {
        if (plan->derive && plan->derive[i]) {
            scan->derive[i] = wr_program_new(scan->config->query_arena, &plan->derive[i], 1);
        }
    }
}

wr_reason
wr_scan_derive(void *context, int column, wr_text json, void *value, bool *is_null)
{
    wr_scan *scan = context;
    wr_arena *arena = scan->out.batch->arena;
    wr_view view = wr_view_from(json.data, json.size);
    wr_vector argument = {.type = {.id = WR_TYPE_JSON}, .kind = WR_FLAT, .data = &view};
    wr_batch batch = {.row_count = 1, .column_count = 1, .columns = &argument, .selected_count = 1,
                      .arena = arena};
    wr_vector result;
    wr_program_eval(scan->derive[column], &batch, scan->op.context->now_us, arena, &result);
    *is_null = wr_vector_is_null(&result, 0);
    memcpy(value, result.data, (size_t)wr_type_width(result.type.id));
    return wr_vector_error(&result, 0);
}
