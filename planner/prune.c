/* Projection push-down: what nobody above uses is not made, down to the bytes of the source.
 *
 *     SELECT host, avg(p.load) FROM s WHERE p.ok GROUP BY host          s: ts, host, p JSON, note
 *
 *     the aggregate needs   host   p→load       the filter adds  p→ok
 *     the scan decodes      host TEXT, p.load JSON, p.ok JSON            ts, note and the rest of p
 *                                                                        are never looked at
 *
 * Going down, each node tells its input which columns it needs; a need may be a path into a JSON
 * column. Coming back, the input says where each need now is, and whether the path was taken, and
 * the node rewrites its expressions.
 *
 * Invariants
 * 1. Filters, sorts, limits and window_assign pass needs through; projects and aggregates end them.
 * 2. A project that feeds a union keeps the same columns as the others: they get the same needs, in
 *    the same order. */
#include "planner/prune.h"
#include "planner/query.h"

#include <string.h>

enum { WINDOW_COLUMN_COUNT = 3 };

static void prune(wr_plan_node *node, wr_needs *wanted);

/* All needs of `from` are needs of `to`, too. */
static void
needs_pass(wr_needs *to, const wr_needs *from)
{
    for (int i = 0; i < from->count; i++) {
        wr_needs_add(to, &from->items[i]);
    }
}

/* Answers `wanted` with the answers of `given`, whose columns are the same. */
static void
answers_pass(wr_needs *wanted, const wr_needs *given)
{
    for (int i = 0; i < wanted->count; i++) {
        wr_need_answer(&wanted->items[i], given);
    }
}

/* One answer per column for nodes that end paths: which columns are kept, in order. */
static int
columns_keep(const wr_needs *wanted, int column_count, int *now)
{
    int kept = 0;
    bool *used = WR_NEW_ARRAY(wanted->arena, bool, column_count);
    for (int i = 0; i < wanted->count; i++) {
        used[wanted->items[i].column] = true;
    }
    for (int c = 0; c < column_count; c++) {
        now[c] = used[c] ? kept++ : -1;
    }
    return kept;
}

/* The node's schema without the columns that are dropped. */
static void
schema_keep(wr_plan_node *node, wr_arena *arena, const int *now, int kept)
{
    wr_schema schema = {WR_NEW_ARRAY(arena, wr_column, kept), kept};
    for (int c = 0; c < node->schema.count; c++) {
        if (now[c] >= 0) {
            schema.columns[now[c]] = node->schema.columns[c];
        }
    }
    node->schema = schema;
}

static void
answers_fill(wr_needs *wanted, const int *now)
{
    for (int i = 0; i < wanted->count; i++) {
        wanted->items[i].at = now[wanted->items[i].column];
        wanted->items[i].absorbed = false;
    }
}

static void
prune_filter(wr_plan_node *node, wr_needs *wanted)
{
    wr_plan_node *input = node->inputs[0];
    wr_needs below = wr_needs_new(wanted->arena, input->schema.count);
    needs_pass(&below, wanted);
    wr_needs_of(&below, node->u.filter.predicate);
    prune(input, &below);
    node->u.filter.predicate = wr_needs_answered(&below, node->u.filter.predicate);
    node->schema = input->schema;
    answers_pass(wanted, &below);
}

/* What the needs of `from` are derived from are needs of `to`. */
static void
values_pass(wr_needs *to, const wr_needs *from)
{
    for (int i = 0; i < from->count; i++) {
        wr_need value = from->items[i];
        value.derive = NULL;
        wr_needs_add(to, &value);
    }
}

static void
values_answer(wr_needs *wanted, const wr_needs *given)
{
    for (int i = 0; i < wanted->count; i++) {
        wr_need *item = &wanted->items[i], value = *item;
        value.derive = NULL;
        wr_need_answer(&value, given);
        item->at = value.at;
        item->absorbed = value.absorbed;
        item->derived = false;
    }
}

/* A sort keeps rows, and rows that it keeps have no errors: what is derived, which may be an error
 * that nobody above meets, is derived behind it. */
static void
prune_sort(wr_plan_node *node, wr_needs *wanted)
{
    wr_plan_node *input = node->inputs[0];
    int key_count = node->u.sort.key_count;
    wr_needs below = wr_needs_new(wanted->arena, input->schema.count);
    wr_needs by = wr_needs_new(wanted->arena, input->schema.count);
    for (int i = 0; i < key_count; i++) {
        wr_needs_of(&by, node->u.sort.keys[i].expr);
    }
    values_pass(&below, wanted);
    values_pass(&below, &by);
    prune(input, &below);
    values_answer(wanted, &below);
    values_answer(&by, &below);
    wr_plan_sort_key *keys = WR_NEW_ARRAY(wanted->arena, wr_plan_sort_key, key_count);
    for (int i = 0; i < key_count; i++) {
        keys[i] = node->u.sort.keys[i];
        keys[i].expr = wr_needs_answered(&by, keys[i].expr);
    }
    node->u.sort.keys = keys;
    node->schema = input->schema;
}

static void
prune_through(wr_plan_node *node, wr_needs *wanted)
{
    prune(node->inputs[0], wanted);
    node->schema = node->inputs[0]->schema;
}

static void
prune_window_assign(wr_plan_node *node, wr_needs *wanted)
{
    wr_plan_node *input = node->inputs[0];
    int before = input->schema.count;
    wr_needs below = wr_needs_new(wanted->arena, before);
    for (int i = 0; i < wanted->count; i++) {
        const wr_need *item = &wanted->items[i];
        if (item->column < before) {
            wr_needs_add(&below, item);
        }
    }
    prune(input, &below);
    int after = input->schema.count;
    wr_schema schema = {WR_NEW_ARRAY(wanted->arena, wr_column, after + WINDOW_COLUMN_COUNT),
                        after + WINDOW_COLUMN_COUNT};
    memcpy(schema.columns, input->schema.columns, (size_t)after * sizeof *schema.columns);
    memcpy(schema.columns + after, node->schema.columns + before,
           WINDOW_COLUMN_COUNT * sizeof *schema.columns);
    node->schema = schema;
    for (int i = 0; i < wanted->count; i++) {
        wr_need *item = &wanted->items[i];
        if (item->column >= before) {
            item->at = after + item->column - before;
            continue;
        }
        wr_need_answer(item, &below);
    }
}

static void
prune_project(wr_plan_node *node, wr_needs *wanted)
{
    wr_arena *arena = wanted->arena;
    int *now = WR_NEW_ARRAY(arena, int, node->schema.count);
    int kept = columns_keep(wanted, node->schema.count, now);
    wr_needs below = wr_needs_new(arena, node->inputs[0]->schema.count);
    for (int c = 0; c < node->schema.count; c++) {
        if (now[c] >= 0) {
            wr_needs_of(&below, node->u.project.exprs[c]);
        }
    }
    prune(node->inputs[0], &below);
    const wr_expr **exprs = WR_NEW_ARRAY(arena, const wr_expr *, kept);
    for (int c = 0; c < node->schema.count; c++) {
        if (now[c] >= 0) {
            exprs[now[c]] = wr_needs_answered(&below, node->u.project.exprs[c]);
        }
    }
    node->u.project.exprs = exprs;
    schema_keep(node, arena, now, kept);
    answers_fill(wanted, now);
}

/* The aggregate's items that are kept, with their arguments over the pruned input. */
static void
aggregate_items_keep(wr_plan_aggregate *aggregate, const wr_needs *below, const int *now, int base)
{
    wr_plan_aggregate_item *items =
        WR_NEW_ARRAY(below->arena, wr_plan_aggregate_item, aggregate->item_count);
    int count = 0;
    for (int i = 0; i < aggregate->item_count; i++) {
        if (now[base + i] < 0) {
            continue;
        }
        wr_plan_aggregate_item *item = &items[count++];
        *item = aggregate->items[i];
        const wr_expr **args = WR_NEW_ARRAY(below->arena, const wr_expr *, item->arg_count);
        for (int a = 0; a < item->arg_count; a++) {
            args[a] = wr_needs_answered(below, item->args[a]);
        }
        item->args = args;
        item->filter = wr_needs_answered(below, item->filter);
    }
    aggregate->items = items;
    aggregate->item_count = count;
}

static void
aggregate_needs(const wr_plan_aggregate *aggregate, const int *now, int base, wr_needs *below)
{
    for (int i = 0; i < aggregate->key_count; i++) {
        wr_needs_of(below, aggregate->keys[i]);
    }
    for (int i = 0; i < aggregate->item_count; i++) {
        const wr_plan_aggregate_item *item = &aggregate->items[i];
        for (int a = 0; now[base + i] >= 0 && a < item->arg_count; a++) {
            wr_needs_of(below, item->args[a]);
        }
        if (now[base + i] >= 0) {
            wr_needs_of(below, item->filter);
        }
    }
}

static void
prune_aggregate(wr_plan_node *node, wr_needs *wanted)
{
    wr_arena *arena = wanted->arena;
    wr_plan_aggregate *aggregate = &node->u.aggregate;
    int base = node->schema.count - aggregate->item_count;
    int *now = WR_NEW_ARRAY(arena, int, node->schema.count);
    columns_keep(wanted, node->schema.count, now);
    int kept = 0;
    for (int c = 0; c < node->schema.count; c++) { /* window columns and keys always stay */
        now[c] = c < base || now[c] >= 0 ? kept++ : -1;
    }
    wr_needs below = wr_needs_new(arena, node->inputs[0]->schema.count);
    aggregate_needs(aggregate, now, base, &below);
    prune(node->inputs[0], &below);
    const wr_expr **keys = WR_NEW_ARRAY(arena, const wr_expr *, aggregate->key_count);
    for (int i = 0; i < aggregate->key_count; i++) {
        keys[i] = wr_needs_answered(&below, aggregate->keys[i]);
    }
    aggregate->keys = keys;
    aggregate_items_keep(aggregate, &below, now, base);
    schema_keep(node, arena, now, kept);
    answers_fill(wanted, now);
}

static void
prune_union(wr_plan_node *node, wr_needs *wanted)
{
    for (int i = 0; i < node->input_count; i++) {
        wr_needs below = wr_needs_new(wanted->arena, node->schema.count);
        for (int k = 0; k < wanted->count; k++) {
            wr_needs_add(&below, &(wr_need){.column = wanted->items[k].column});
        }
        prune(node->inputs[i], &below);
    }
    int *now = WR_NEW_ARRAY(wanted->arena, int, node->schema.count);
    int kept = columns_keep(wanted, node->schema.count, now);
    schema_keep(node, wanted->arena, now, kept);
    answers_fill(wanted, now);
}

static void
prune(wr_plan_node *node, wr_needs *wanted)
{
    switch (node->kind) {
    case WR_PLAN_SCAN: wr_prune_scan(node, wanted); break;
    case WR_PLAN_FILTER: prune_filter(node, wanted); break;
    case WR_PLAN_PROJECT: prune_project(node, wanted); break;
    case WR_PLAN_AGGREGATE: prune_aggregate(node, wanted); break;
    case WR_PLAN_WINDOW_ASSIGN: prune_window_assign(node, wanted); break;
    case WR_PLAN_SORT: prune_sort(node, wanted); break;
    case WR_PLAN_UNION: prune_union(node, wanted); break;
    case WR_PLAN_LIMIT:
    case WR_PLAN_SINK:
    case WR_PLAN_RESULT: prune_through(node, wanted); break;
    }
}

void
wr_plan_prune(wr_plan_context *context, wr_plan_node *root)
{
    wr_schema schema = root->schema;
    wr_needs all = wr_needs_new(context->arena, schema.count);
    for (int c = 0; c < schema.count; c++) {
        wr_needs_add(&all, &(wr_need){.column = c});
    }
    prune(root->inputs[0], &all);
    root->schema = schema; /* a sink's names are its own */
}
