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
 * 1. Needs are answered in order; a scan puts declared columns first, in their order, then paths,
 *    then pseudo-columns.
 * 2. Filters, sorts, limits and window_assign pass needs through; projects and aggregates end them.
 * 3. A project that feeds a union keeps the same columns as the others: they get the same needs, in
 *    the same order. */
#include "planner/expr.h"
#include "planner/query.h"

#include <string.h>

enum { WINDOW_COLUMN_COUNT = 3 };

typedef struct need {
    int column;          /* of the input, before pruning */
    const wr_text *path; /* into a JSON column; NULL: the column itself */
    int path_length;
    int at;        /* answer: where it is now */
    bool absorbed; /* answer: what is there is what the path leads to */
} need;

typedef struct needs {
    wr_arena *arena;
    need *items;
    int count, capacity;
    int *plain; /* by column: index of its need without a path + 1; 0: none */
} needs;

static needs
needs_new(wr_arena *arena, int column_count)
{
    return (needs){.arena = arena, .plain = WR_NEW_ARRAY(arena, int, column_count)};
}

static bool
path_equal(const need *a, const wr_text *path, int path_length)
{
    bool equal = a->path_length == path_length;
    for (int i = 0; equal && i < path_length; i++) {
        equal = wr_text_equal(a->path[i], path[i]);
    }
    return equal;
}

/* Index of the need; -1: it is not among them. */
static int
needs_find(const needs *list, int column, const wr_text *path, int path_length)
{
    if (path_length == 0) {
        return list->plain[column] - 1;
    }
    for (int i = 0; i < list->count; i++) {
        if (list->items[i].column == column && path_equal(&list->items[i], path, path_length)) {
            return i;
        }
    }
    return -1;
}

static int
needs_add(needs *list, int column, const wr_text *path, int path_length)
{
    int found = needs_find(list, column, path, path_length);
    if (found >= 0) {
        return found;
    }
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 16;
        need *grown = WR_NEW_ARRAY(list->arena, need, list->capacity);
        if (list->count > 0) {
            memcpy(grown, list->items, (size_t)list->count * sizeof *grown);
        }
        list->items = grown;
    }
    list->items[list->count] =
        (need){.column = column, .path = path_length ? path : NULL, .path_length = path_length};
    if (path_length == 0) {
        list->plain[column] = list->count + 1;
    }
    return list->count++;
}

/* ── needs of expressions ───────────────────────────────────────────────────────────────────── */

static bool
is_arrow(const wr_expr *expr)
{
    return expr->kind == WR_EXPR_CALL && expr->arg_count == 2 &&
           strcmp(expr->function->name, "->") == 0 && wr_expr_is_text_literal(expr->args[1]);
}

/* col -> 'a' -> 'b': the column and how long its path is; NULL: not such a chain. */
static const wr_expr *
arrow_chain(const wr_expr *expr, int *length)
{
    *length = 0;
    while (is_arrow(expr)) {
        expr = expr->args[0];
        (*length)++;
    }
    bool json = expr->kind == WR_EXPR_COLUMN && expr->type.id == WR_TYPE_JSON;
    return json && *length > 0 ? expr : NULL;
}

static const wr_text *
chain_path(wr_arena *arena, const wr_expr *expr, int length)
{
    wr_text *path = WR_NEW_ARRAY(arena, wr_text, length);
    for (int i = length - 1; i >= 0; i--) {
        path[i] = wr_arena_text(arena, wr_expr_literal(expr->args[1]));
        expr = expr->args[0];
    }
    return path;
}

static bool
need_visit(void *context, const wr_expr *expr)
{
    needs *list = context;
    int length;
    const wr_expr *column = arrow_chain(expr, &length);
    if (column) {
        needs_add(list, column->column, chain_path(list->arena, expr, length), length);
        return false;
    }
    if (expr->kind == WR_EXPR_COLUMN) {
        needs_add(list, expr->column, NULL, 0);
    }
    return true;
}

static void
needs_of(needs *list, const wr_expr *expr)
{
    if (expr) {
        wr_expr_visit(expr, need_visit, list);
    }
}

static const wr_expr *
answer_replace(void *context, const wr_expr *expr)
{
    const needs *list = context;
    int length;
    const wr_expr *column = arrow_chain(expr, &length);
    if (column) {
        const wr_text *path = chain_path(list->arena, expr, length);
        int found = needs_find(list, column->column, path, length);
        const need *item = &list->items[found];
        if (item->absorbed) {
            return wr_expr_column(list->arena, item->at, expr->type, wr_expr_span(expr));
        }
        return NULL; /* the column below is met next */
    }
    if (expr->kind == WR_EXPR_COLUMN) {
        int found = needs_find(list, expr->column, NULL, 0);
        if (found < 0) { /* only as the start of a path that was not taken */
            for (found = 0;
                 list->items[found].column != expr->column || list->items[found].absorbed;) {
                found++;
            }
        }
        return wr_expr_column(list->arena, list->items[found].at, expr->type, wr_expr_span(expr));
    }
    return NULL;
}

static const wr_expr *
answered(const needs *list, const wr_expr *expr)
{
    return expr ? wr_expr_rewrite(list->arena, expr, answer_replace, (void *)(uintptr_t)list)
                : NULL;
}

/* ── nodes ──────────────────────────────────────────────────────────────────────────────────── */

static void prune(wr_plan_node *node, needs *wanted);

/* All needs of `from` are needs of `to`, too. */
static void
needs_pass(needs *to, const needs *from)
{
    for (int i = 0; i < from->count; i++) {
        const need *item = &from->items[i];
        needs_add(to, item->column, item->path, item->path_length);
    }
}

/* Answers `wanted` with the answers of `given`, whose columns are the same. */
static void
answers_pass(needs *wanted, const needs *given)
{
    for (int i = 0; i < wanted->count; i++) {
        need *item = &wanted->items[i];
        const need *answer =
            &given->items[needs_find(given, item->column, item->path, item->path_length)];
        item->at = answer->at;
        item->absorbed = answer->absorbed;
    }
}

/* One answer per column for nodes that end paths: which columns are kept, in order. */
static int
columns_keep(const needs *wanted, int column_count, int *now)
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

static void
answers_fill(needs *wanted, const int *now)
{
    for (int i = 0; i < wanted->count; i++) {
        wanted->items[i].at = now[wanted->items[i].column];
        wanted->items[i].absorbed = false;
    }
}

static void
prune_filter(wr_plan_node *node, needs *wanted)
{
    wr_plan_node *input = node->inputs[0];
    needs below = needs_new(wanted->arena, input->schema.count);
    needs_pass(&below, wanted);
    needs_of(&below, node->u.filter.predicate);
    prune(input, &below);
    node->u.filter.predicate = answered(&below, node->u.filter.predicate);
    node->schema = input->schema;
    answers_pass(wanted, &below);
}

static void
prune_sort(wr_plan_node *node, needs *wanted)
{
    wr_plan_node *input = node->inputs[0];
    int key_count = node->u.sort.key_count;
    needs below = needs_new(wanted->arena, input->schema.count);
    needs_pass(&below, wanted);
    for (int i = 0; i < key_count; i++) {
        needs_of(&below, node->u.sort.keys[i].expr);
    }
    prune(input, &below);
    wr_plan_sort_key *keys = WR_NEW_ARRAY(wanted->arena, wr_plan_sort_key, key_count);
    for (int i = 0; i < key_count; i++) {
        keys[i] = node->u.sort.keys[i];
        keys[i].expr = answered(&below, keys[i].expr);
    }
    node->u.sort.keys = keys;
    node->schema = input->schema;
    answers_pass(wanted, &below);
}

static void
prune_through(wr_plan_node *node, needs *wanted)
{
    prune(node->inputs[0], wanted);
    node->schema = node->inputs[0]->schema;
}

static void
prune_window_assign(wr_plan_node *node, needs *wanted)
{
    wr_plan_node *input = node->inputs[0];
    int before = input->schema.count;
    needs below = needs_new(wanted->arena, before);
    for (int i = 0; i < wanted->count; i++) {
        const need *item = &wanted->items[i];
        if (item->column < before) {
            needs_add(&below, item->column, item->path, item->path_length);
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
        need *item = &wanted->items[i];
        if (item->column >= before) {
            item->at = after + item->column - before;
            continue;
        }
        const need *answer =
            &below.items[needs_find(&below, item->column, item->path, item->path_length)];
        item->at = answer->at;
        item->absorbed = answer->absorbed;
    }
}

static void
prune_project(wr_plan_node *node, needs *wanted)
{
    wr_arena *arena = wanted->arena;
    int *now = WR_NEW_ARRAY(arena, int, node->schema.count);
    int kept = columns_keep(wanted, node->schema.count, now);
    needs below = needs_new(arena, node->inputs[0]->schema.count);
    for (int c = 0; c < node->schema.count; c++) {
        if (now[c] >= 0) {
            needs_of(&below, node->u.project.exprs[c]);
        }
    }
    prune(node->inputs[0], &below);
    const wr_expr **exprs = WR_NEW_ARRAY(arena, const wr_expr *, kept);
    wr_schema schema = {WR_NEW_ARRAY(arena, wr_column, kept), kept};
    for (int c = 0; c < node->schema.count; c++) {
        if (now[c] >= 0) {
            exprs[now[c]] = answered(&below, node->u.project.exprs[c]);
            schema.columns[now[c]] = node->schema.columns[c];
        }
    }
    node->schema = schema;
    node->u.project.exprs = exprs;
    answers_fill(wanted, now);
}

/* The aggregate's items that are kept, with their arguments over the pruned input. */
static void
aggregate_items_keep(wr_plan_aggregate *aggregate, const needs *below, const int *now, int base)
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
            args[a] = answered(below, item->args[a]);
        }
        item->args = args;
        item->filter = answered(below, item->filter);
    }
    aggregate->items = items;
    aggregate->item_count = count;
}

static void
aggregate_needs(const wr_plan_aggregate *aggregate, const int *now, int base, needs *below)
{
    for (int i = 0; i < aggregate->key_count; i++) {
        needs_of(below, aggregate->keys[i]);
    }
    for (int i = 0; i < aggregate->item_count; i++) {
        const wr_plan_aggregate_item *item = &aggregate->items[i];
        for (int a = 0; now[base + i] >= 0 && a < item->arg_count; a++) {
            needs_of(below, item->args[a]);
        }
        if (now[base + i] >= 0) {
            needs_of(below, item->filter);
        }
    }
}

static void
prune_aggregate(wr_plan_node *node, needs *wanted)
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
    needs below = needs_new(arena, node->inputs[0]->schema.count);
    aggregate_needs(aggregate, now, base, &below);
    prune(node->inputs[0], &below);
    const wr_expr **keys = WR_NEW_ARRAY(arena, const wr_expr *, aggregate->key_count);
    for (int i = 0; i < aggregate->key_count; i++) {
        keys[i] = answered(&below, aggregate->keys[i]);
    }
    aggregate->keys = keys;
    aggregate_items_keep(aggregate, &below, now, base);
    wr_schema schema = {WR_NEW_ARRAY(arena, wr_column, kept), kept};
    for (int c = 0; c < node->schema.count; c++) {
        if (now[c] >= 0) {
            schema.columns[now[c]] = node->schema.columns[c];
        }
    }
    node->schema = schema;
    answers_fill(wanted, now);
}

static void
prune_union(wr_plan_node *node, needs *wanted)
{
    for (int i = 0; i < node->input_count; i++) {
        needs below = needs_new(wanted->arena, node->schema.count);
        for (int k = 0; k < wanted->count; k++) {
            needs_add(&below, wanted->items[k].column, NULL, 0);
        }
        prune(node->inputs[i], &below);
    }
    int *now = WR_NEW_ARRAY(wanted->arena, int, node->schema.count);
    int kept = columns_keep(wanted, node->schema.count, now);
    wr_schema schema = {WR_NEW_ARRAY(wanted->arena, wr_column, kept), kept};
    for (int c = 0; c < node->schema.count; c++) {
        if (now[c] >= 0) {
            schema.columns[now[c]] = node->schema.columns[c];
        }
    }
    node->schema = schema;
    answers_fill(wanted, now);
}

/* ── scans ──────────────────────────────────────────────────────────────────────────────────── */

typedef struct scan_layout {
    wr_plan_scan *scan;
    wr_decode_column *decode;
    int *declared_index;
    wr_column *columns;
    int count;
    wr_pseudo *pseudo;
} scan_layout;

/* Only where bytes are decoded: rows come with whole columns. */
static bool
scan_takes_paths(const wr_plan_scan *scan)
{
    return scan->source->needs_format && scan->format && strcmp(scan->format->name, "json") == 0;
}

static void
layout_add(scan_layout *layout, wr_arena *arena, int column, const need *item)
{
    const wr_column *declared = &layout->scan->declared.columns[column];
    wr_text *path = WR_NEW_ARRAY(arena, wr_text, 1 + item->path_length);
    path[0] = declared->name;
    for (int i = 0; i < item->path_length; i++) {
        path[i + 1] = item->path[i];
    }
    layout->decode[layout->count] =
        (wr_decode_column){.path = path,
                           .path_length = 1 + item->path_length,
                           .type = declared->type,
                           .not_null = item->path_length == 0 && declared->not_null,
                           .learned = layout->scan->learned && declared->type.id == WR_TYPE_BIGINT};
    layout->declared_index[layout->count] = column;
    layout->columns[layout->count] = *declared;
    for (int i = 0; i < item->path_length; i++) {
        wr_text *name = &layout->columns[layout->count].name;
        *name = wr_arena_printf(arena, "%.*s.%.*s", WR_TEXT_ARG(*name), WR_TEXT_ARG(item->path[i]));
    }
    layout->count++;
}

/* Declared columns in order, then paths. */
static void
layout_decoded(scan_layout *layout, needs *wanted)
{
    int declared_count = layout->scan->declared.count;
    bool paths = scan_takes_paths(layout->scan);
    int *now = WR_NEW_ARRAY(wanted->arena, int, declared_count);
    for (int i = 0; i < wanted->count; i++) {
        const need *item = &wanted->items[i];
        if (item->column < declared_count && (item->path_length == 0 || !paths)) {
            now[item->column] = 1;
        }
    }
    need plain = {0};
    for (int c = 0; c < declared_count; c++) {
        if (now[c]) {
            now[c] = layout->count;
            layout_add(layout, wanted->arena, c, &plain);
        }
    }
    for (int i = 0; i < wanted->count; i++) {
        need *item = &wanted->items[i];
        if (item->column >= declared_count) {
            continue;
        }
        item->absorbed = item->path_length > 0 && paths;
        item->at = item->absorbed ? layout->count : now[item->column];
        if (item->absorbed) {
            layout_add(layout, wanted->arena, item->column, item);
        }
    }
}

static void
layout_pseudo(scan_layout *layout, needs *wanted, const wr_schema *before)
{
    wr_plan_scan *scan = layout->scan;
    for (int p = 0; p < WR_PSEUDO_COUNT; p++) {
        bool used = false;
        for (int i = 0; i < wanted->count; i++) {
            need *item = &wanted->items[i];
            if (item->column == scan->declared.count + p) {
                item->at = layout->count;
                item->absorbed = false;
                used = true;
            }
        }
        if (used) {
            layout->columns[layout->count++] = before->columns[scan->declared.count + p];
            layout->pseudo[scan->pseudo_count++] = (wr_pseudo)p;
            scan->pseudo_mask |= 1u << p;
        }
    }
}

static void
prune_scan(wr_plan_node *node, needs *wanted)
{
    wr_arena *arena = wanted->arena;
    wr_plan_scan *scan = &node->u.scan;
    needs_of(wanted, scan->event_time);
    size_t capacity = (size_t)wanted->count + 1;
    scan_layout layout = {.scan = scan,
                          .decode = WR_NEW_ARRAY(arena, wr_decode_column, capacity),
                          .declared_index = WR_NEW_ARRAY(arena, int, capacity),
                          .columns = WR_NEW_ARRAY(arena, wr_column, capacity),
                          .pseudo = WR_NEW_ARRAY(arena, wr_pseudo, WR_PSEUDO_COUNT)};
    layout_decoded(&layout, wanted);
    scan->decode = layout.decode;
    scan->decode_count = layout.count;
    scan->declared_index = layout.declared_index;
    scan->pseudo_mask = 0;
    layout_pseudo(&layout, wanted, &node->schema);
    scan->pseudo = layout.pseudo;
    node->schema = (wr_schema){layout.columns, layout.count};
    scan->event_time = answered(wanted, scan->event_time);
}

static void
prune(wr_plan_node *node, needs *wanted)
{
    switch (node->kind) {
    case WR_PLAN_SCAN: prune_scan(node, wanted); break;
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
    needs all = needs_new(context->arena, schema.count);
    for (int c = 0; c < schema.count; c++) {
        needs_add(&all, c, NULL, 0);
    }
    prune(root->inputs[0], &all);
    root->schema = schema; /* a sink's names are its own */
}
