/* EXPLAIN (FORMAT JSON): the plan for programs. docs/SQL.md says what each member means; members
 * may be added, none is renamed or taken away while "version" stays.
 *
 *     {"version":1, "bounded":false, "lanes":2, "memory_limit":268435456, "result":[…],
 *      "plan":{"id":3, "node":"result", "text":"…", "columns":[…], …, "inputs":[…]}}
 *
 * 1. One line; every node has the members of all nodes first, then those of its kind, then
 *    inputs. */
#include "planner/explain_expr.h"
#include "planner/fingerprint.h"
#include "planner/planner.h"
#include "planner/state_size.h"

static const char *
bool_word(bool value)
{
    return value ? "true" : "false";
}

static void
member_text(wr_buffer *out, const char *name, wr_text text)
{
    wr_buffer_printf(out, ",\"%s\":", name);
    if (text.data) {
        wr_buffer_json_string(out, text);
    } else {
        wr_buffer_text(out, WR_TEXT("null"));
    }
}

static void
member_int(wr_buffer *out, const char *name, int64_t value)
{
    wr_buffer_printf(out, ",\"%s\":%lld", name, (long long)value);
}

static void
member_bool(wr_buffer *out, const char *name, bool value)
{
    wr_buffer_printf(out, ",\"%s\":%s", name, bool_word(value));
}

static void
schema_json(const wr_schema *schema, wr_buffer *out)
{
    char type[40];
    wr_buffer_char(out, '[');
    for (int i = 0; i < schema->count; i++) {
        wr_buffer_text(out, i > 0 ? WR_TEXT(",{\"name\":") : WR_TEXT("{\"name\":"));
        wr_buffer_json_string(out, schema->columns[i].name);
        wr_buffer_printf(out, ",\"type\":\"%s\"}", wr_type_name(schema->columns[i].type, type));
    }
    wr_buffer_char(out, ']');
}

static void
expr_json(const wr_expr *expr, const wr_schema *input, wr_buffer *out)
{
    wr_buffer text;
    wr_buffer_init(&text);
    wr_explain_expr(expr, input, &text);
    wr_buffer_json_string(out, (wr_text){text.data ? text.data : "", text.size});
    wr_buffer_fini(&text);
}

/* ── members of the kinds ───────────────────────────────────────────────────────────────────── */

static void
watermark_json(const wr_plan_node *node, wr_buffer *out)
{
    const wr_plan_scan *scan = &node->u.scan;
    if (!scan->has_event_time) {
        wr_buffer_text(out, WR_TEXT(",\"watermark\":null"));
        return;
    }
    wr_buffer_text(out, WR_TEXT(",\"watermark\":{\"event_time\":"));
    if (scan->event_time && !scan->processing_time) {
        expr_json(scan->event_time, &node->schema, out);
    } else {
        wr_buffer_json_string(out,
                              scan->processing_time ? WR_TEXT("now()") : WR_TEXT("_timestamp"));
    }
    member_int(out, "delay_us", scan->delay_us);
    member_int(out, "idle_timeout_us", scan->source->live ? scan->idle_timeout_us : 0);
    wr_buffer_char(out, '}');
}

static const char *
on_error_word(wr_on_error on_error)
{
    switch (on_error) {
    case WR_ON_ERROR_FAIL: return "fail";
    case WR_ON_ERROR_SKIP: return "skip";
    case WR_ON_ERROR_NULL: return "null";
    case WR_ON_ERROR_DEAD_LETTER: return "dead_letter";
    }
    return "";
}

static void
scan_json(const wr_plan_node *node, wr_buffer *out)
{
    const wr_plan_scan *scan = &node->u.scan;
    member_text(out, "source", scan->name);
    member_text(out, "connector", wr_text_from(scan->source->name));
    member_text(out, "format", scan->format ? wr_text_from(scan->format->name) : WR_TEXT_NONE);
    member_bool(out, "learned", scan->learned);
    member_bool(out, "bounded", scan->until_end);
    member_text(out, "on_error", wr_text_from(on_error_word(scan->on_error)));
    watermark_json(node, out);
}

static void
window_json(const wr_window *window, wr_buffer *out)
{
    if (window->kind == WR_WINDOW_NONE) {
        wr_buffer_text(out, WR_TEXT(",\"window\":null"));
        return;
    }
    wr_buffer_printf(out, ",\"window\":{\"kind\":\"%s\"",
                     window->kind == WR_WINDOW_HOPPING ? "hopping" : "tumbling");
    member_int(out, "size_us", window->size_us);
    member_int(out, "advance_us", window->advance_us);
    member_int(out, "offset_us", window->offset_us);
    member_int(out, "grace_us", window->grace_us);
    wr_buffer_char(out, '}');
}

static void
emit_json(const wr_emit *emit, wr_buffer *out)
{
    switch (emit->kind) {
    case WR_EMIT_FINAL: wr_buffer_text(out, WR_TEXT(",\"emit\":{\"kind\":\"final\"}")); break;
    case WR_EMIT_CHANGES: wr_buffer_text(out, WR_TEXT(",\"emit\":{\"kind\":\"changes\"}")); break;
    case WR_EMIT_EVERY:
        wr_buffer_printf(out, ",\"emit\":{\"kind\":\"every\",\"every_us\":%lld,\"and_final\":%s}",
                         (long long)emit->every_us, bool_word(emit->and_final));
        break;
    }
}

static void
aggregate_json(const wr_plan_node *node, wr_buffer *out)
{
    const wr_plan_aggregate *aggregate = &node->u.aggregate;
    const wr_schema *input = &node->inputs[0]->schema;
    int first = node->schema.count - aggregate->item_count;
    wr_buffer_text(out, WR_TEXT(",\"keys\":["));
    for (int i = 0; i < aggregate->key_count; i++) {
        wr_buffer_text(out, i > 0 ? WR_TEXT(",") : WR_TEXT(""));
        expr_json(aggregate->keys[i], input, out);
    }
    wr_buffer_text(out, WR_TEXT("],\"aggregates\":["));
    for (int i = 0; i < aggregate->item_count; i++) {
        const wr_plan_aggregate_item *item = &aggregate->items[i];
        char type[40];
        wr_buffer_printf(
            out, "%s{\"function\":\"%s\",\"distinct\":%s,\"type\":\"%s\",\"arguments\":[",
            i > 0 ? "," : "", item->aggregate->name, bool_word(item->aggregate->is_distinct),
            wr_type_name(node->schema.columns[first + i].type, type));
        for (int k = 0; k < item->arg_count; k++) {
            wr_buffer_text(out, k > 0 ? WR_TEXT(",") : WR_TEXT(""));
            expr_json(item->args[k], input, out);
        }
        wr_buffer_text(out, WR_TEXT("],\"filter\":"));
        if (item->filter) {
            expr_json(item->filter, input, out);
        } else {
            wr_buffer_text(out, WR_TEXT("null"));
        }
        wr_buffer_char(out, '}');
    }
    wr_buffer_char(out, ']');
    window_json(&aggregate->window, out);
    emit_json(&aggregate->emit, out);
    member_text(out, "late_rows",
                aggregate->late == WR_LATE_FAIL ? WR_TEXT("fail") : WR_TEXT("drop"));
}

static void
sort_json(const wr_plan_node *node, wr_buffer *out)
{
    wr_buffer_text(out, WR_TEXT(",\"keys\":["));
    for (int i = 0; i < node->u.sort.key_count; i++) {
        const wr_plan_sort_key *key = &node->u.sort.keys[i];
        wr_buffer_text(out, i > 0 ? WR_TEXT(",{\"key\":") : WR_TEXT("{\"key\":"));
        expr_json(key->expr, &node->inputs[0]->schema, out);
        member_bool(out, "descending", key->descending);
        member_bool(out, "nulls_first", key->nulls_first);
        wr_buffer_char(out, '}');
    }
    wr_buffer_char(out, ']');
    member_bool(out, "per_window", node->u.sort.per_window);
}

/* LIMIT and OFFSET; limit is null where there is none. */
static void
limit_json(int64_t limit, int64_t offset, wr_buffer *out)
{
    if (limit >= 0) {
        member_int(out, "limit", limit);
    } else {
        member_text(out, "limit", WR_TEXT_NONE);
    }
    member_int(out, "offset", offset);
}

static void
sink_json(const wr_plan_node *node, wr_buffer *out)
{
    const wr_format_ops *format = node->u.sink.format;
    member_text(out, "sink", node->u.sink.name);
    member_text(out, "connector", wr_text_from(node->u.sink.sink->name));
    member_text(out, "format", format ? wr_text_from(format->name) : WR_TEXT_NONE);
    member_bool(out, "exactly_once", node->u.sink.sink->deliver != NULL);
}

static void
kind_json(const wr_plan_node *node, wr_buffer *out)
{
    switch (node->kind) {
    case WR_PLAN_SCAN: scan_json(node, out); break;
    case WR_PLAN_FILTER:
        wr_buffer_text(out, WR_TEXT(",\"predicate\":"));
        expr_json(node->u.filter.predicate, &node->inputs[0]->schema, out);
        break;
    case WR_PLAN_PROJECT:
        wr_buffer_text(out, WR_TEXT(",\"expressions\":["));
        for (int i = 0; i < node->schema.count; i++) {
            wr_buffer_text(out, i > 0 ? WR_TEXT(",") : WR_TEXT(""));
            expr_json(node->u.project.exprs[i], &node->inputs[0]->schema, out);
        }
        wr_buffer_char(out, ']');
        break;
    case WR_PLAN_AGGREGATE: aggregate_json(node, out); break;
    case WR_PLAN_WINDOW_ASSIGN: window_json(&node->u.window, out); break;
    case WR_PLAN_SORT:
        sort_json(node, out);
        limit_json(node->u.sort.limit, node->u.sort.offset, out);
        break;
    case WR_PLAN_LIMIT: limit_json(node->u.limit.limit, node->u.limit.offset, out); break;
    case WR_PLAN_UNION:
    case WR_PLAN_RESULT: break;
    case WR_PLAN_SINK: sink_json(node, out); break;
    }
}

/* ── the tree ───────────────────────────────────────────────────────────────────────────────── */

static void
state_json(const wr_plan_node *node, wr_buffer *out)
{
    wr_state_size size = wr_plan_state_size(node);
    if (size.unit == WR_STATE_NONE) {
        wr_buffer_text(out, WR_TEXT(",\"state\":null"));
        return;
    }
    wr_buffer_printf(out, ",\"state\":{\"per\":\"%s\"",
                     size.unit == WR_STATE_GROUP ? "group" : "row");
    member_int(out, "bytes", size.unit_bytes);
    member_int(out, "windows", size.windows);
    member_bool(out, "one_group", size.one_group);
    member_bool(out, "keeps_values", size.keeps_values);
    member_bool(out, "forgets", size.forgets);
    member_bool(out, "spills", size.spills);
    wr_buffer_char(out, '}');
}

static void
node_json(const wr_plan_node *node, wr_buffer *out)
{
    wr_buffer line;
    wr_buffer_init(&line);
    wr_plan_describe_node(node, &line);
    wr_buffer_printf(out, "{\"id\":%d,\"node\":\"%s\"", node->id, wr_plan_node_name(node));
    member_text(out, "text", (wr_text){line.data, line.size});
    wr_buffer_fini(&line);
    wr_buffer_text(out, WR_TEXT(",\"columns\":"));
    schema_json(&node->schema, out);
    member_bool(out, "changes", node->changes);
    state_json(node, out);
    kind_json(node, out);
    wr_buffer_text(out, WR_TEXT(",\"inputs\":["));
    for (int i = 0; i < node->input_count; i++) {
        wr_buffer_text(out, i > 0 ? WR_TEXT(",") : WR_TEXT(""));
        node_json(node->inputs[i], out);
    }
    wr_buffer_text(out, WR_TEXT("]}"));
}

void
wr_explain_json(const wr_plan *plan, int64_t memory_limit, wr_buffer *out)
{
    if (!plan) {
        wr_buffer_text(out, WR_TEXT("{\"version\":1,\"learned\":\"at start\"}\n"));
        return;
    }
    wr_buffer_printf(out, "{\"version\":1,\"bounded\":%s", bool_word(plan->bounded));
    member_int(out, "lanes", plan->lanes);
    member_int(out, "memory_limit", memory_limit);
    member_text(out, "notice", wr_text_from(plan->notice));
    wr_buffer_text(out, WR_TEXT(",\"result\":"));
    schema_json(&plan->result, out);
    for (int i = 0; i < plan->root_count; i++) {
        wr_buffer_text(out, i == 0   ? WR_TEXT(",\"plan\":")
                            : i == 1 ? WR_TEXT(",\"further\":[")
                                     : WR_TEXT(","));
        node_json(plan->roots[i], out);
    }
    wr_buffer_text(out, plan->root_count > 1 ? WR_TEXT("]}\n") : WR_TEXT("}\n"));
}
