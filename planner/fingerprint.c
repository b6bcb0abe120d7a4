/* Fingerprints of plan nodes: everything that decides what an operator's state means, and nothing
 * that does not.
 *
 *   aggregate tumbling 300000000 by TEXT host: avg(DOUBLE v)
 *   filter >(DOUBLE v, 0)
 *   scan kafka topic=cpu time to_timestamp(…) delay 0
 *
 * 1. A line for each node from the operator down to its scans: a filter below decides what was
 *    counted; what stands above has no line, so it may change.
 * 2. Nothing is shortened. */
#include "planner/fingerprint.h"

#include <inttypes.h>

static void
type_print(wr_type type, wr_buffer *out)
{
    char name[40];
    wr_buffer_printf(out, "%s", wr_type_name(type, name));
}

static void
constant_print(const wr_vector *constant, wr_buffer *out)
{
    size_t width = (size_t)wr_type_width(constant->type.id);
    if (wr_vector_is_null(constant, 0)) {
        wr_buffer_text(out, WR_TEXT("NULL"));
    } else if (wr_type_is_view(constant->type.id)) {
        const wr_view *view = &((const wr_view *)constant->data)[0];
        wr_text text = wr_view_text(view);
        wr_buffer_printf(out, "%zu:", text.size);
        wr_buffer_text(out, text);
    } else {
        for (size_t i = 0; i < width; i++) {
            wr_buffer_printf(out, "%02x", ((const unsigned char *)constant->data)[i]);
        }
    }
}

static void
expr_print(const wr_expr *expr, const wr_schema *schema, wr_buffer *out)
{
    type_print(expr->type, out);
    switch (expr->kind) {
    case WR_EXPR_CONSTANT:
        wr_buffer_char(out, '=');
        constant_print(&expr->constant, out);
        break;
    case WR_EXPR_COLUMN:
        wr_buffer_char(out, '$');
        wr_buffer_text(out, schema->columns[expr->column].name);
        break;
    case WR_EXPR_CALL:
        wr_buffer_printf(out, " %s(", expr->function->name);
        for (int i = 0; i < expr->arg_count; i++) {
            wr_buffer_text(out, i > 0 ? WR_TEXT(",") : WR_TEXT(""));
            expr_print(expr->args[i], schema, out);
        }
        wr_buffer_char(out, ')');
        break;
    }
}

static void
exprs_print(const wr_expr *const *exprs, int count, const wr_schema *schema, wr_buffer *out)
{
    for (int i = 0; i < count; i++) {
        wr_buffer_text(out, i > 0 ? WR_TEXT(", ") : WR_TEXT(" "));
        expr_print(exprs[i], schema, out);
    }
}

/* ── nodes ──────────────────────────────────────────────────────────────────────────────────── */

static void
scan_print(const wr_plan_node *node, wr_buffer *out)
{
    const wr_plan_scan *scan = &node->u.scan;
    wr_buffer_printf(out, " %s %.*s", scan->source->name, WR_TEXT_ARG(scan->name));
    if (scan->event_time) {
        wr_buffer_text(out, WR_TEXT(" time "));
        expr_print(scan->event_time, &node->schema, out);
    }
    wr_buffer_printf(out, " delay %" PRId64 "%s", scan->delay_us,
                     scan->processing_time ? " now" : "");
}

static void
window_print(const wr_window *window, wr_buffer *out)
{
    wr_buffer_printf(out, " window %d %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64,
                     (int)window->kind, window->size_us, window->advance_us, window->offset_us,
                     window->grace_us);
}

static void
aggregate_print(const wr_plan_node *node, wr_buffer *out)
{
    const wr_plan_aggregate *aggregate = &node->u.aggregate;
    const wr_schema *input = &node->inputs[0]->schema;
    window_print(&aggregate->window, out);
    wr_buffer_printf(out, " emit %d by", (int)aggregate->emit.kind);
    exprs_print(aggregate->keys, aggregate->key_count, input, out);
    for (int i = 0; i < aggregate->item_count; i++) {
        const wr_plan_aggregate_item *item = &aggregate->items[i];
        wr_buffer_printf(out, "; %s %zu(", item->aggregate->name, item->aggregate->state_bytes);
        exprs_print(item->args, item->arg_count, input, out);
        wr_buffer_char(out, ')');
        if (item->filter) {
            wr_buffer_text(out, WR_TEXT(" filter "));
            expr_print(item->filter, input, out);
        }
    }
}

static void
sort_print(const wr_plan_node *node, wr_buffer *out)
{
    const wr_schema *input = &node->inputs[0]->schema;
    wr_buffer_printf(out, " %d %" PRId64 " %" PRId64, node->u.sort.per_window,
                     node->u.sort.limit, node->u.sort.offset);
    for (int i = 0; i < node->u.sort.key_count; i++) {
        const wr_plan_sort_key *key = &node->u.sort.keys[i];
        wr_buffer_printf(out, ", %d%d ", key->descending, key->nulls_first);
        expr_print(key->expr, input, out);
    }
    for (int i = 0; i < node->schema.count; i++) { /* it holds rows */
        wr_buffer_char(out, ' ');
        type_print(node->schema.columns[i].type, out);
    }
}

void
wr_plan_fingerprint(const wr_plan_node *node, wr_buffer *out)
{
    wr_buffer_printf(out, "%s", wr_plan_node_name(node));
    switch (node->kind) {
    case WR_PLAN_SCAN: scan_print(node, out); break;
    case WR_PLAN_FILTER:
        wr_buffer_char(out, ' ');
        expr_print(node->u.filter.predicate, &node->inputs[0]->schema, out);
        break;
    case WR_PLAN_PROJECT:
        exprs_print(node->u.project.exprs, node->schema.count, &node->inputs[0]->schema, out);
        break;
    case WR_PLAN_AGGREGATE: aggregate_print(node, out); break;
    case WR_PLAN_WINDOW_ASSIGN: window_print(&node->u.window, out); break;
    case WR_PLAN_SORT: sort_print(node, out); break;
    case WR_PLAN_LIMIT:
        wr_buffer_printf(out, " %" PRId64 " %" PRId64, node->u.limit.limit, node->u.limit.offset);
        break;
    case WR_PLAN_UNION: wr_buffer_printf(out, " %d", node->input_count); break;
    case WR_PLAN_SINK:
    case WR_PLAN_RESULT: break;
    }
    wr_buffer_char(out, '\n');
    for (int i = 0; i < node->input_count; i++) {
        wr_plan_fingerprint(node->inputs[i], out);
    }
}
