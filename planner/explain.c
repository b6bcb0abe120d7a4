/* EXPLAIN: the plan as a tree of lines, and what it will remember. explain_json.c has the other
 * form.
 *
 *     result host, avg(v)
 *     └ project host, avg AS "avg(v)"
 *       └ aggregate avg(v) by host, tumbling 5 minutes, emit final; state: one entry per …
 *         └ filter (v > 0.0)
 *           └ scan kafka('cpu'): host TEXT, v DOUBLE (json, learned), event time _timestamp …
 *
 * Invariant: both forms print what wr_plan says and ask nobody else; each node is one line. */
#include "planner/explain_expr.h"
#include "planner/fingerprint.h"
#include "planner/planner.h"
#include "planner/state_size.h"

static void
columns_print(const wr_schema *schema, bool types, wr_buffer *out)
{
    enum { COLUMNS_SHOWN = 40 };
    char type[40];
    for (int i = 0; i < schema->count && i < COLUMNS_SHOWN; i++) {
        if (i > 0) {
            wr_buffer_text(out, WR_TEXT(", "));
        }
        wr_buffer_text(out, schema->columns[i].name);
        if (types) {
            wr_buffer_printf(out, " %s", wr_type_name(schema->columns[i].type, type));
        }
    }
    if (schema->count > COLUMNS_SHOWN) {
        wr_buffer_printf(out, ", … (%d columns)", schema->count);
    }
    if (schema->count == 0) {
        wr_buffer_text(out, WR_TEXT("no columns"));
    }
}

/* ── scan ───────────────────────────────────────────────────────────────────────────────────── */

static void
scan_columns_print(const wr_plan_scan *scan, wr_buffer *out)
{
    char type[40];
    for (int i = 0; i < scan->decode_count; i++) {
        const wr_decode_column *column = &scan->decode[i];
        wr_buffer_text(out, i > 0 ? WR_TEXT(", ") : WR_TEXT(""));
        for (int k = 0; k < column->path_length; k++) {
            bool is_index = column->path_indexes >> k & 1;
            wr_buffer_printf(out, is_index ? "[%.*s]" : k > 0 ? ".%.*s" : "%.*s",
                             WR_TEXT_ARG(column->path[k]));
        }
        wr_buffer_printf(out, " %s", wr_type_name(column->type, type));
    }
    if (scan->decode_count == 0) {
        wr_buffer_text(out, WR_TEXT("no columns"));
    }
    if (scan->decode_count < scan->declared.count) {
        wr_buffer_printf(out, " of %d", scan->declared.count);
    }
}

static void
event_time_print(const wr_plan_node *node, wr_buffer *out)
{
    const wr_plan_scan *scan = &node->u.scan;
    if (!scan->has_event_time) {
        return;
    }
    wr_buffer_text(out, WR_TEXT("; event time "));
    if (scan->processing_time) {
        wr_buffer_text(out, WR_TEXT("now()"));
    } else if (scan->event_time) {
        wr_explain_expr(scan->event_time, &node->schema, out);
    } else {
        wr_buffer_text(out, WR_TEXT("_timestamp"));
    }
    if (scan->delay_us != 0) {
        wr_buffer_text(out, WR_TEXT(" delay "));
        wr_explain_duration(scan->delay_us, out);
    }
    if (scan->idle_timeout_us != 0 && scan->source->live) {
        wr_buffer_text(out, WR_TEXT(", idle after "));
        wr_explain_duration(scan->idle_timeout_us, out);
    }
}

static void
scan_print(const wr_plan_node *node, wr_buffer *out)
{
    const wr_plan_scan *scan = &node->u.scan;
    wr_buffer_printf(out, "scan %.*s: ", WR_TEXT_ARG(scan->name));
    scan_columns_print(scan, out);
    for (int i = 0; i < scan->pseudo_count; i++) {
        wr_buffer_text(out, WR_TEXT(", "));
        wr_buffer_text(out, node->schema.columns[scan->decode_count + i].name);
    }
    if (scan->format) {
        wr_buffer_printf(out, "; format %s%s", scan->format->name,
                         scan->learned ? ", learned" : "");
    }
    event_time_print(node, out);
    wr_buffer_text(out, scan->until_end ? WR_TEXT("; bounded") : WR_TEXT("; unbounded"));
}

/* ── aggregate ──────────────────────────────────────────────────────────────────────────────── */

static void
window_print(const wr_window *window, wr_buffer *out)
{
    wr_buffer_text(out,
                   window->kind == WR_WINDOW_HOPPING ? WR_TEXT("hopping ") : WR_TEXT("tumbling "));
    wr_explain_duration(window->size_us, out);
    if (window->kind == WR_WINDOW_HOPPING) {
        wr_buffer_text(out, WR_TEXT(" by "));
        wr_explain_duration(window->advance_us, out);
    }
    if (window->offset_us != 0) {
        wr_buffer_text(out, WR_TEXT(" offset "));
        wr_explain_duration(window->offset_us, out);
    }
    if (window->grace_us != 0) {
        wr_buffer_text(out, WR_TEXT(" grace "));
        wr_explain_duration(window->grace_us, out);
    }
}

static void
emit_print(const wr_emit *emit, wr_buffer *out)
{
    switch (emit->kind) {
    case WR_EMIT_FINAL: wr_buffer_text(out, WR_TEXT("; emit final")); break;
    case WR_EMIT_CHANGES: wr_buffer_text(out, WR_TEXT("; emit changes")); break;
    case WR_EMIT_EVERY:
        wr_buffer_text(out, WR_TEXT("; emit every "));
        wr_explain_duration(emit->every_us, out);
        wr_buffer_text(out, emit->and_final ? WR_TEXT(" and final") : WR_TEXT(""));
        break;
    }
}

/* The DISTINCT form of an aggregate is no entry of the registry. */
static bool
aggregate_is_distinct(const wr_aggregate *aggregate)
{
    int count;
    const wr_aggregate *const *entries = wr_aggregate_find(wr_text_from(aggregate->name), &count);
    for (int i = 0; i < count; i++) {
        if (entries[i] == aggregate) {
            return false;
        }
    }
    return true;
}

static void
aggregate_item_print(const wr_plan_aggregate_item *item, const wr_schema *input, wr_buffer *out)
{
    wr_buffer_printf(out, "%s(%s", item->aggregate->name,
                     aggregate_is_distinct(item->aggregate) ? "DISTINCT " : "");
    if (item->aggregate->counts_rows) {
        wr_buffer_char(out, '*');
    }
    for (int i = 0; i < item->arg_count; i++) {
        wr_buffer_text(out, i > 0 ? WR_TEXT(", ") : WR_TEXT(""));
        wr_explain_expr(item->args[i], input, out);
    }
    wr_buffer_char(out, ')');
    if (item->filter) {
        wr_buffer_text(out, WR_TEXT(" FILTER "));
        wr_explain_expr(item->filter, input, out);
    }
}

static void
aggregate_print(const wr_plan_node *node, wr_buffer *out)
{
    const wr_plan_aggregate *aggregate = &node->u.aggregate;
    const wr_schema *input = &node->inputs[0]->schema;
    wr_buffer_text(out, WR_TEXT("aggregate "));
    for (int i = 0; i < aggregate->item_count; i++) {
        wr_buffer_text(out, i > 0 ? WR_TEXT(", ") : WR_TEXT(""));
        aggregate_item_print(&aggregate->items[i], input, out);
    }
    for (int i = 0; i < aggregate->key_count; i++) {
        wr_buffer_text(out, i > 0                   ? WR_TEXT(", ")
                            : aggregate->item_count ? WR_TEXT(" by ")
                                                    : WR_TEXT("by "));
        wr_explain_expr(aggregate->keys[i], input, out);
    }
    bool windowed = aggregate->window.kind != WR_WINDOW_NONE;
    if (windowed) {
        wr_buffer_text(out, WR_TEXT("; "));
        window_print(&aggregate->window, out);
    }
    emit_print(&aggregate->emit, out);
    if (aggregate->late == WR_LATE_FAIL) {
        wr_buffer_text(out, WR_TEXT("; late rows fail"));
    }
    wr_buffer_printf(out, "; state: %s%s",
                     aggregate->key_count ? "an entry per group" : "one entry",
                     windowed ? " and open window" : "");
}

/* ── other nodes ────────────────────────────────────────────────────────────────────────────── */

static void
project_print(const wr_plan_node *node, wr_buffer *out)
{
    const wr_schema *input = &node->inputs[0]->schema;
    wr_buffer_text(out, WR_TEXT("project "));
    for (int i = 0; i < node->schema.count && i < 40; i++) {
        const wr_expr *expr = node->u.project.exprs[i];
        wr_text name = node->schema.columns[i].name;
        wr_buffer_text(out, i > 0 ? WR_TEXT(", ") : WR_TEXT(""));
        wr_explain_expr(expr, input, out);
        bool same =
            expr->kind == WR_EXPR_COLUMN && wr_text_equal(input->columns[expr->column].name, name);
        if (!same) {
            wr_buffer_printf(out, " AS \"%.*s\"", WR_TEXT_ARG(name));
        }
    }
    wr_buffer_text(out, node->schema.count > 40   ? WR_TEXT(", …")
                        : node->schema.count == 0 ? WR_TEXT("no columns")
                                                  : WR_TEXT(""));
}

static void
limit_print(int64_t limit, int64_t offset, wr_buffer *out)
{
    if (limit >= 0) {
        wr_buffer_printf(out, " limit %lld", (long long)limit);
    }
    if (offset > 0) {
        wr_buffer_printf(out, " offset %lld", (long long)offset);
    }
}

static void
sort_print(const wr_plan_node *node, wr_buffer *out)
{
    wr_buffer_text(out, WR_TEXT("sort by "));
    for (int i = 0; i < node->u.sort.key_count; i++) {
        const wr_plan_sort_key *key = &node->u.sort.keys[i];
        wr_buffer_text(out, i > 0 ? WR_TEXT(", ") : WR_TEXT(""));
        wr_explain_expr(key->expr, &node->inputs[0]->schema, out);
        wr_buffer_text(out, key->descending ? WR_TEXT(" descending") : WR_TEXT(""));
        if (key->nulls_first != key->descending) {
            wr_buffer_text(out,
                           key->nulls_first ? WR_TEXT(" nulls first") : WR_TEXT(" nulls last"));
        }
    }
    wr_buffer_text(out,
                   node->u.sort.per_window ? WR_TEXT("; per window") : WR_TEXT("; at the end"));
    limit_print(node->u.sort.limit, node->u.sort.offset, out);
}

static void
sink_print(const wr_plan_node *node, wr_buffer *out)
{
    wr_buffer_printf(out, "sink %.*s: ", WR_TEXT_ARG(node->u.sink.name));
    columns_print(&node->schema, true, out);
    if (node->u.sink.format) {
        wr_buffer_printf(out, "; format %s", node->u.sink.format->name);
    }
}

void
wr_plan_describe_node(const wr_plan_node *node, wr_buffer *out)
{
    switch (node->kind) {
    case WR_PLAN_SCAN: scan_print(node, out); break;
    case WR_PLAN_FILTER:
        wr_buffer_text(out, WR_TEXT("filter "));
        wr_explain_expr(node->u.filter.predicate, &node->inputs[0]->schema, out);
        break;
    case WR_PLAN_PROJECT: project_print(node, out); break;
    case WR_PLAN_AGGREGATE: aggregate_print(node, out); break;
    case WR_PLAN_WINDOW_ASSIGN:
        wr_buffer_text(out, WR_TEXT("window "));
        window_print(&node->u.window, out);
        break;
    case WR_PLAN_SORT: sort_print(node, out); break;
    case WR_PLAN_LIMIT:
        wr_buffer_text(out, WR_TEXT("rows"));
        limit_print(node->u.limit.limit, node->u.limit.offset, out);
        break;
    case WR_PLAN_UNION: wr_buffer_printf(out, "union of %d", node->input_count); break;
    case WR_PLAN_SINK: sink_print(node, out); break;
    case WR_PLAN_RESULT:
        wr_buffer_text(out, WR_TEXT("result "));
        columns_print(&node->schema, true, out);
        break;
    }
    wr_buffer_text(out, node->changes ? WR_TEXT("; rows may change") : WR_TEXT(""));
}

const char *
wr_plan_node_name(const wr_plan_node *node)
{
    switch (node->kind) {
    case WR_PLAN_SCAN: return "scan";
    case WR_PLAN_FILTER: return "filter";
    case WR_PLAN_PROJECT: return "project";
    case WR_PLAN_AGGREGATE: return "aggregate";
    case WR_PLAN_WINDOW_ASSIGN: return "window";
    case WR_PLAN_SORT: return "sort";
    case WR_PLAN_LIMIT: return "limit";
    case WR_PLAN_UNION: return "union";
    case WR_PLAN_SINK: return "sink";
    case WR_PLAN_RESULT: return "result";
    }
    return "";
}

static void
tree_print(const wr_plan_node *node, int depth, wr_buffer *out)
{
    for (int i = 1; i < depth; i++) {
        wr_buffer_text(out, WR_TEXT("  "));
    }
    if (depth > 0) {
        wr_buffer_text(out, WR_TEXT("└ "));
    }
    wr_plan_describe_node(node, out);
    wr_buffer_char(out, '\n');
    for (int i = 0; i < node->input_count; i++) {
        tree_print(node->inputs[i], depth + 1, out);
    }
}

void
wr_explain_text(const wr_plan *plan, wr_buffer *out)
{
    if (!plan) {
        wr_buffer_text(out, WR_TEXT("columns are learned from the first rows at start; declare the "
                                    "stream to see its plan\n"));
        return;
    }
    for (int i = 0; i < plan->root_count; i++) {
        tree_print(plan->roots[i], 0, out);
    }
    if (plan->lanes > 1) {
        wr_buffer_printf(out, "lanes %d\n", plan->lanes);
    }
    if (plan->notice) {
        wr_buffer_printf(out, "notice: %s\n", plan->notice);
    }
}

/* ── state ──────────────────────────────────────────────────────────────────────────────────── */

static void
state_bytes_print(const wr_state_size *size, wr_buffer *out)
{
    bool total = size->one_group && size->windows > 0;
    int64_t bytes = total ? size->unit_bytes * size->windows : size->unit_bytes;
    wr_buffer_printf(out, "about %lld bytes", (long long)bytes);
    if (size->unit == WR_STATE_ROW) {
        wr_buffer_text(out, WR_TEXT(" a row that waits"));
    } else if (!size->one_group) {
        wr_buffer_text(out, size->windows > 0 ? WR_TEXT(" a group and window")
                                              : WR_TEXT(" a group"));
    }
    if (size->windows > 0) {
        wr_buffer_printf(out, ", %lld window%s open at once", (long long)size->windows,
                         size->windows == 1 ? "" : "s");
    }
    if (size->keeps_values) {
        wr_buffer_text(out, WR_TEXT(", and the values of each group"));
    }
}

static void
state_print(const wr_plan_node *node, int64_t memory_limit, wr_buffer *out)
{
    wr_state_size size = wr_plan_state_size(node);
    if (size.unit != WR_STATE_NONE) {
        wr_buffer_printf(out, "state of %s %d: ", wr_plan_node_name(node), node->id);
        state_bytes_print(&size, out);
        if (!size.forgets && !size.one_group) {
            wr_buffer_text(out, size.unit == WR_STATE_ROW ? WR_TEXT("; of all rows")
                                                          : WR_TEXT("; no group is forgotten"));
        }
        if (size.spills) {
            wr_buffer_text(out, WR_TEXT("; what has no room in "));
            wr_size_print(memory_limit, out);
            wr_buffer_text(out, WR_TEXT(" waits on disk"));
        } else {
            wr_buffer_text(out, WR_TEXT("; it stays in memory"));
        }
        wr_buffer_char(out, '\n');
    }
    for (int i = 0; i < node->input_count; i++) {
        state_print(node->inputs[i], memory_limit, out);
    }
}

void
wr_explain_state(const wr_plan *plan, int64_t memory_limit, wr_buffer *out)
{
    for (int i = 0; plan && i < plan->root_count; i++) {
        state_print(plan->roots[i], memory_limit, out);
    }
}
