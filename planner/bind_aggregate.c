/* Aggregates: each different one of a SELECT is collected once, and the expression around it sees a
 * column that stands for its result.
 *
 *     SELECT avg(v) / 100, max(v) … HAVING avg(v) > 3
 *     list:  0 avg(v)   1 max(v)            avg(v) / 100  →  $aggregate0 / 100.0
 *
 * Invariants
 * 1. Arguments and FILTER are bound over the input's rows: no aggregate, no window column inside.
 * 2. Equal aggregates (arguments, FILTER, DISTINCT) share a place in the list. */
#include "planner/bind.h"

#include <string.h>

static wr_status
place_check(wr_binder *binder, const wr_ast_expr *ast, wr_error *err)
{
    const wr_ast_call *call = ast->u.call;
    wr_text name = call->name.text;
    if (call->over) {
        return wr_plan_unsupported(binder->context, call->over->span, "OVER", err);
    }
    if (binder->in_aggregate) {
        wr_plan_error(binder->context, err, ast->span, "E0401",
                      "aggregate \"%.*s\" stands inside an aggregate", WR_TEXT_ARG(name));
        wr_error_hint(err, "Aggregate in a subquery in FROM first.");
        return WR_ERR_SQL;
    }
    if (!binder->aggregates) {
        wr_plan_error(binder->context, err, ast->span, "E0401",
                      "aggregate \"%.*s\" cannot stand in %s", WR_TEXT_ARG(name), binder->place);
        if (strcmp(binder->place, "WHERE") == 0) {
            wr_error_hint(err, "Conditions on aggregates stand in HAVING.");
        } else if (strcmp(binder->place, "GROUP BY") == 0) {
            wr_error_hint(err, "Aggregate in a subquery in FROM first.");
        }
        return WR_ERR_SQL;
    }
    if (call->within_group) {
        return wr_plan_unsupported(binder->context, ast->span, "WITHIN GROUP", err);
    }
    if (call->order_count > 0) {
        return wr_plan_unsupported(binder->context, ast->span, "ORDER BY inside an aggregate", err);
    }
    return WR_OK;
}

static wr_status
args_bind(wr_binder *binder, const wr_ast_call *call, const wr_expr **args, wr_error *err)
{
    for (int i = 0; i < call->arg_count; i++) {
        if (call->args[i].kind != WR_AST_ARG_EXPR || call->args[i].name.text.size > 0) {
            return wr_plan_unsupported(binder->context, call->args[i].span,
                                       "an argument by name in an aggregate", err);
        }
        WR_TRY(wr_bind_expr(binder, call->args[i].value, &args[i], err));
    }
    return WR_OK;
}

static const wr_aggregate *
entry_choose(wr_text name, bool star, const wr_expr *const *args, int count)
{
    int entry_count, best_cost = -1;
    const wr_aggregate *const *entries = wr_aggregate_find(name, &entry_count);
    const wr_aggregate *best = NULL;
    for (int i = 0; i < entry_count; i++) {
        if (star != entries[i]->counts_rows) {
            continue;
        }
        int cost = star ? 0 : wr_overload_cost(entries[i]->args, 0, args, count);
        if (cost >= 0 && (!best || cost < best_cost)) {
            best = entries[i];
            best_cost = cost;
        }
    }
    return best;
}

static bool
item_equal(const wr_plan_aggregate_item *a, const wr_plan_aggregate_item *b)
{
    if (a->aggregate != b->aggregate || a->arg_count != b->arg_count ||
        (a->filter == NULL) != (b->filter == NULL)) {
        return false;
    }
    for (int i = 0; i < a->arg_count; i++) {
        if (!wr_expr_equal(a->args[i], b->args[i])) {
            return false;
        }
    }
    return !a->filter || wr_expr_equal(a->filter, b->filter);
}

static void
list_grow(wr_aggregate_list *list, wr_arena *arena)
{
    int capacity = list->capacity ? 2 * list->capacity : 8;
    wr_plan_aggregate_item *items = WR_NEW_ARRAY(arena, wr_plan_aggregate_item, capacity);
    wr_type *types = WR_NEW_ARRAY(arena, wr_type, capacity);
    wr_span *spans = WR_NEW_ARRAY(arena, wr_span, capacity);
    if (list->count > 0) {
        memcpy(items, list->items, (size_t)list->count * sizeof *items);
        memcpy(types, list->types, (size_t)list->count * sizeof *types);
        memcpy(spans, list->spans, (size_t)list->count * sizeof *spans);
    }
    *list = (wr_aggregate_list){items, types, spans, list->count, capacity};
}

/* Index of the item in the list, where it is put if it is new; -1: the list is full. */
static int
list_place(wr_aggregate_list *list, const wr_plan_aggregate_item *item, wr_type type, wr_span span,
           wr_arena *arena)
{
    for (int i = 0; i < list->count; i++) {
        if (item_equal(&list->items[i], item)) {
            return i;
        }
    }
    if (list->count == WR_PLAN_COLUMNS_MAX) {
        return -1;
    }
    if (list->count == list->capacity) {
        list_grow(list, arena);
    }
    list->items[list->count] = *item;
    list->types[list->count] = type;
    list->spans[list->count] = span;
    return list->count++;
}

/* min and max compare numbers, not the texts of JSON values. */
static wr_status
json_as_number(wr_binder *binder, const wr_ast_call *call, const wr_expr **args, wr_error *err)
{
    bool compares = wr_text_equal_nocase(call->name.text, WR_TEXT("min")) ||
                    wr_text_equal_nocase(call->name.text, WR_TEXT("max"));
    if (!compares || call->arg_count != 1 || args[0]->type.id != WR_TYPE_JSON) {
        return WR_OK;
    }
    return wr_cast_implicit(binder, args[0], WR_TYPE(DOUBLE), "this argument", &args[0], err);
}

/* Chooses entry and DISTINCT form, converts arguments. */
static wr_status
item_resolve(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **args,
             wr_plan_aggregate_item *item, wr_type *type, wr_error *err)
{
    const wr_ast_call *call = ast->u.call;
    WR_TRY(json_as_number(binder, call, args, err));
    const wr_aggregate *entry = entry_choose(call->name.text, call->star, args, call->arg_count);
    if (!entry) {
        wr_overload_refuse(binder, call->name.text, false, args, call->arg_count, ast->span, err);
        int known;
        const wr_aggregate *const *entries = wr_aggregate_find(call->name.text, &known);
        if (call->star) {
            wr_error_hint(err, "Only count takes *.");
        } else if (err && !err->hint[0] && entries[known - 1]->signature) {
            wr_error_hint(err, "It is %s.", entries[known - 1]->signature);
        }
        return WR_ERR_SQL;
    }
    wr_type same;
    WR_TRY(wr_overload_convert(binder, entry->args, 0, args, call->arg_count, &same, err));
    wr_type types[WR_FUNCTION_ARGS_MAX] = {0};
    for (int i = 0; i < call->arg_count; i++) {
        types[i] = args[i]->type;
    }
    *type = wr_aggregate_result_type(entry, types);
    if (type->id == WR_TYPE_NULL) {
        *type = WR_TYPE(TEXT);
    }
    if (call->distinct && (call->arg_count != 1 || call->star)) {
        return wr_plan_unsupported(binder->context, ast->span,
                                   "DISTINCT with other than one argument", err);
    }
    item->aggregate = call->distinct ? wr_aggregate_distinct(entry, args[0]->type) : entry;
    if (!item->aggregate) {
        return wr_plan_unsupported(binder->context, ast->span,
                                   "DISTINCT in so many different aggregates", err);
    }
    item->args = args;
    item->arg_count = call->arg_count;
    return WR_OK;
}

/* Arguments and FILTER, in which no aggregate may stand. */
static wr_status
inside_bind(wr_binder *binder, const wr_ast_call *call, const wr_expr **args,
            const wr_expr **filter, wr_error *err)
{
    WR_TRY(args_bind(binder, call, args, err));
    if (!call->filter) {
        *filter = NULL;
        return WR_OK;
    }
    return wr_bind_as(binder, call->filter, WR_TYPE(BOOLEAN), "FILTER", filter, err);
}

wr_status
wr_bind_aggregate(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr, wr_error *err)
{
    const wr_ast_call *call = ast->u.call;
    wr_arena *arena = binder->context->arena;
    WR_TRY(place_check(binder, ast, err));
    const wr_expr **args = WR_NEW_ARRAY(arena, const wr_expr *, call->arg_count);
    wr_plan_aggregate_item item = {0};
    binder->in_aggregate = true;
    wr_status status = inside_bind(binder, call, args, &item.filter, err);
    binder->in_aggregate = false;
    WR_TRY(status);
    wr_type type;
    WR_TRY(item_resolve(binder, ast, args, &item, &type, err));
    wr_span span = wr_plan_span(binder->context, ast->span);
    int index = list_place(binder->aggregates, &item, type, span, arena);
    if (index < 0) {
        return wr_plan_error(binder->context, err, ast->span, "E0901",
                             "more than %d aggregates in a SELECT", WR_PLAN_COLUMNS_MAX);
    }
    *expr = wr_expr_column(arena, WR_COLUMN_AGGREGATE + index, type, span);
    return WR_OK;
}
