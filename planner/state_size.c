/* Estimates what a query will remember, from the plan alone.
 *
 *     avg(v) by host, tumbling 5 minutes, delay 10 s
 *         a group    16 (key) + 8 (text) + 40 (its place) + 24 (avg) = 88 bytes
 *         windows    (5 min + 10 s) / 5 min, rounded up, and the next one: 3
 *
 * 1. How many groups there will be nobody knows; so it is bytes a group, not bytes. */
#include "planner/state_size.h"

#include <string.h>

/* PLACE: of a group in its table and key set (exec/group_table.h, exec/key_set.h): hash, slots,
 * order, flags. TEXT: what a text takes beyond the 16 bytes of its view. EMITTED: a value that
 * EMIT CHANGES remembers. ROW_HEAD: event time and place of a row that waits. */
enum { PLACE_BYTES = 40, VIEW_BYTES = 16, TEXT_BYTES = 8, EMITTED_BYTES = 32, ROW_HEAD_BYTES = 24 };

static int64_t
value_bytes(wr_type type)
{
    bool text = type.id == WR_TYPE_TEXT || type.id == WR_TYPE_BYTES || type.id == WR_TYPE_JSON;
    return text ? VIEW_BYTES + TEXT_BYTES : wr_type_width(type.id);
}

/* Aggregates that keep the values of their group. */
static bool
aggregate_keeps(const wr_aggregate *aggregate)
{
    static const char *const names[] = {
        "array_agg",       "entropy",       "histogram",     "json_agg",
        "json_object_agg", "listagg",       "median",        "mode",
        "string_agg",      "top_k",         "approx_top_k",  "percentile_cont",
        "percentile_disc", "quantile_cont", "quantile_disc",
    };
    bool keeps = aggregate->is_distinct;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        keeps = keeps || strcmp(aggregate->name, names[i]) == 0;
    }
    return keeps;
}

/* The greatest delay of the watermarks below. */
static int64_t
delay_below(const wr_plan_node *node)
{
    int64_t delay_us = node->kind == WR_PLAN_SCAN ? node->u.scan.delay_us : 0;
    for (int i = 0; i < node->input_count; i++) {
        int64_t below_us = delay_below(node->inputs[i]);
        delay_us = below_us > delay_us ? below_us : delay_us;
    }
    return delay_us;
}

static int64_t
common_divisor(int64_t a, int64_t b)
{
    while (b > 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Windows, of HOPPING ones panes, that are open while the newest row is in the last one. */
static int64_t
windows_open(const wr_window *window, int64_t delay_us)
{
    int64_t pane_us = common_divisor(window->size_us, window->advance_us);
    int64_t span_us = window->size_us + window->grace_us + delay_us;
    return (span_us + pane_us - 1) / pane_us + 1;
}

static wr_state_size
aggregate_size(const wr_plan_node *node)
{
    const wr_plan_aggregate *aggregate = &node->u.aggregate;
    bool windowed = aggregate->window.kind != WR_WINDOW_NONE;
    bool final = aggregate->emit.kind == WR_EMIT_FINAL;
    wr_state_size size = {.unit = WR_STATE_GROUP,
                          .unit_bytes = PLACE_BYTES,
                          .one_group = aggregate->key_count == 0,
                          .forgets = windowed,
                          .spills = final};
    for (int i = 0; i < aggregate->key_count; i++) {
        size.unit_bytes += value_bytes(aggregate->keys[i]->type);
    }
    for (int i = 0; i < aggregate->item_count; i++) {
        const wr_aggregate *item = aggregate->items[i].aggregate;
        size.unit_bytes += (int64_t)item->state_bytes + (final ? 0 : EMITTED_BYTES);
        size.keeps_values = size.keeps_values || aggregate_keeps(item);
    }
    if (windowed) {
        size.windows = windows_open(&aggregate->window, delay_below(node));
    }
    return size;
}

static wr_state_size
sort_size(const wr_plan_node *node)
{
    wr_state_size size = {.unit = WR_STATE_ROW,
                          .unit_bytes = ROW_HEAD_BYTES,
                          .forgets = node->u.sort.per_window,
                          .spills = true};
    for (int i = 0; i < node->schema.count; i++) {
        size.unit_bytes += value_bytes(node->schema.columns[i].type);
    }
    return size;
}

wr_state_size
wr_plan_state_size(const wr_plan_node *node)
{
    switch (node->kind) {
    case WR_PLAN_AGGREGATE: return aggregate_size(node);
    case WR_PLAN_SORT: return sort_size(node);
    case WR_PLAN_SCAN:
    case WR_PLAN_FILTER:
    case WR_PLAN_PROJECT:
    case WR_PLAN_WINDOW_ASSIGN:
    case WR_PLAN_LIMIT:
    case WR_PLAN_UNION:
    case WR_PLAN_SINK:
    case WR_PLAN_RESULT: break;
    }
    return (wr_state_size){.unit = WR_STATE_NONE};
}
