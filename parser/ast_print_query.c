/* Prints queries: clauses in the order WINDOW, WHERE, GROUP BY, HAVING, QUALIFY; tails in the order
 * ORDER BY, LIMIT, EMIT, LATE DATA.
 *
 *     WINDOW TUMBLING 5 MINUTES        WINDOW HOPPING (5 MINUTES, ADVANCE BY 10 SECONDS)
 *
 * 1. Aliases are printed with AS, windows with more than a size in parentheses. */
#include "parser/ast_print.h"

static void
print_source(const wr_printer *printer, const wr_ast_source *source)
{
    switch (source->kind) {
    case WR_AST_SOURCE_NAME: wr_print_name(printer, source->name); break;
    case WR_AST_SOURCE_FUNCTION:
        wr_print_name(printer, source->name);
        wr_print_put(printer, "(");
        wr_print_source_args(printer, source->args, source->arg_count);
        wr_print_put(printer, ")");
        break;
    case WR_AST_SOURCE_QUERY:
        wr_print_put(printer, "(");
        wr_print_query(printer, source->query);
        wr_print_put(printer, ")");
        break;
    }
    if (source->as_of != NULL) {
        wr_print_put(printer, " FOR SYSTEM_TIME AS OF ");
        wr_print_expr(printer, source->as_of, WR_LEVEL_ANY);
    }
    if (source->alias.text.size > 0) {
        wr_print_put(printer, " AS ");
        wr_print_name(printer, source->alias);
    }
    if (source->column_count > 0) {
        wr_print_put(printer, " ");
        wr_print_names(printer, source->columns, source->column_count);
    }
    if (source->watermark != NULL) {
        wr_print_put(printer, " ");
        wr_print_watermark(printer, source->watermark);
    }
}

static const char *
join_words(wr_ast_join_kind kind)
{
    switch (kind) {
    case WR_AST_JOIN_NONE: return "";
    case WR_AST_JOIN_COMMA: return ", ";
    case WR_AST_JOIN_INNER: return " JOIN ";
    case WR_AST_JOIN_LEFT: return " LEFT JOIN ";
    case WR_AST_JOIN_RIGHT: return " RIGHT JOIN ";
    case WR_AST_JOIN_FULL: return " FULL JOIN ";
    case WR_AST_JOIN_CROSS: return " CROSS JOIN ";
    }
    return "";
}

static void
print_from_item(const wr_printer *printer, const wr_ast_from_item *item)
{
    wr_print_put(printer, join_words(item->join));
    print_source(printer, &item->source);
    if (item->within) {
        wr_print_duration(printer, " WITHIN (", item->within_before);
        wr_print_duration(printer, ", ", item->within_after);
        wr_print_put(printer, ")");
    }
    if (item->on != NULL) {
        wr_print_put(printer, " ON ");
        wr_print_expr(printer, item->on, WR_LEVEL_ANY);
    }
    if (item->using_count > 0) {
        wr_print_put(printer, " USING ");
        wr_print_names(printer, item->using_columns, item->using_count);
    }
}

void
wr_print_watermark(const wr_printer *printer, const wr_ast_watermark *watermark)
{
    wr_print_put(printer, "WATERMARK FOR ");
    wr_print_expr(printer, watermark->event_time, WR_LEVEL_ANY);
    if (watermark->as != NULL) {
        wr_print_put(printer, " AS ");
        wr_print_expr(printer, watermark->as, WR_LEVEL_ANY);
    }
    wr_print_duration(printer, " DELAY ", watermark->delay);
    wr_print_duration(printer, " IDLE TIMEOUT ", watermark->idle_timeout);
}

static const char *
window_word(wr_ast_window_kind kind)
{
    switch (kind) {
    case WR_AST_WINDOW_TUMBLING: return "TUMBLING";
    case WR_AST_WINDOW_HOPPING: return "HOPPING";
    case WR_AST_WINDOW_SESSION: return "SESSION";
    case WR_AST_WINDOW_SLIDING: return "SLIDING";
    case WR_AST_WINDOW_CUMULATE: return "CUMULATE";
    case WR_AST_WINDOW_COUNT: return "COUNT";
    }
    return "";
}

static void
print_window_options(const wr_printer *printer, const wr_ast_window *window)
{
    wr_print_duration(printer, ", ADVANCE BY ", window->advance);
    if (window->advance_row_count > 0) {
        wr_buffer_printf(printer->out, ", ADVANCE BY %lld", (long long)window->advance_row_count);
    }
    wr_print_duration(printer, ", STEP ", window->step);
    wr_print_duration(printer, ", MAX ", window->max);
    wr_print_duration(printer, ", GRACE PERIOD ", window->grace);
    wr_print_duration(printer, ", OFFSET ", window->offset);
    wr_print_duration(printer, ", RETENTION ", window->retention);
    if (window->time_zone_span.length > 0) {
        wr_print_put(printer, ", IN TIME ZONE ");
        wr_print_string(printer, window->time_zone);
    }
}

void
wr_print_window(const wr_printer *printer, const wr_ast_window *window)
{
    bool options = window->advance.text.size > 0 || window->advance_row_count > 0 ||
                   window->step.text.size > 0 || window->max.text.size > 0 ||
                   window->grace.text.size > 0 || window->offset.text.size > 0 ||
                   window->retention.text.size > 0 || window->time_zone_span.length > 0;
    wr_buffer_printf(printer->out, "WINDOW %s %s", window_word(window->kind), options ? "(" : "");
    if (window->row_count > 0) {
        wr_buffer_printf(printer->out, "%lld ROWS", (long long)window->row_count);
    } else {
        wr_buffer_text(printer->out, window->size.text);
    }
    print_window_options(printer, window);
    wr_print_put(printer, options ? ")" : "");
}

static void
print_item(const wr_printer *printer, const wr_ast_item *item)
{
    switch (item->kind) {
    case WR_AST_ITEM_STAR: wr_print_put(printer, "*"); break;
    case WR_AST_ITEM_EXPR: wr_print_expr(printer, item->expr, WR_LEVEL_ANY); break;
    case WR_AST_ITEM_EXPR_STAR:
        wr_print_base(printer, item->expr, true);
        wr_print_put(printer, ".*");
        break;
    }
    if (item->alias.text.size > 0) {
        wr_print_put(printer, " AS ");
        wr_print_name(printer, item->alias);
    }
}

static void
print_group(const wr_printer *printer, const wr_ast_group *group)
{
    switch (group->kind) {
    case WR_AST_GROUP_EXPR: wr_print_expr(printer, group->expr, WR_LEVEL_ANY); return;
    case WR_AST_GROUP_SETS: wr_print_put(printer, "GROUPING SETS ("); break;
    case WR_AST_GROUP_ROLLUP: wr_print_put(printer, "ROLLUP ("); break;
    case WR_AST_GROUP_CUBE: wr_print_put(printer, "CUBE ("); break;
    }
    for (int i = 0; i < group->set_count; i++) {
        wr_print_put(printer, i > 0 ? ", (" : "(");
        wr_print_exprs(printer, group->sets[i]);
        wr_print_put(printer, ")");
    }
    wr_print_put(printer, ")");
}

static void
print_clause(const wr_printer *printer, const char *word, const wr_ast_expr *expr)
{
    if (expr != NULL) {
        wr_print_put(printer, word);
        wr_print_expr(printer, expr, WR_LEVEL_ANY);
    }
}

static void
print_select(const wr_printer *printer, const wr_ast_select *select)
{
    wr_print_put(printer, select->distinct ? "SELECT DISTINCT " : "SELECT ");
    for (int i = 0; i < select->item_count; i++) {
        wr_print_put(printer, i > 0 ? ", " : "");
        print_item(printer, &select->items[i]);
    }
    for (int i = 0; i < select->from_count; i++) {
        wr_print_put(printer, i == 0 ? " FROM " : "");
        print_from_item(printer, &select->from[i]);
    }
    if (select->window != NULL) {
        wr_print_put(printer, " ");
        wr_print_window(printer, select->window);
    }
    print_clause(printer, " WHERE ", select->where);
    for (int i = 0; i < select->group_count; i++) {
        wr_print_put(printer, i == 0 ? " GROUP BY " : ", ");
        print_group(printer, &select->groups[i]);
    }
    print_clause(printer, " HAVING ", select->having);
    print_clause(printer, " QUALIFY ", select->qualify);
}

static void
print_core(const wr_printer *printer, const wr_ast_core *core)
{
    switch (core->kind) {
    case WR_AST_CORE_SELECT: print_select(printer, core->select); break;
    case WR_AST_CORE_VALUES:
        wr_print_put(printer, "VALUES ");
        wr_print_rows(printer, core->rows, core->row_count);
        break;
    case WR_AST_CORE_QUERY:
        wr_print_put(printer, "(");
        wr_print_query(printer, core->query);
        wr_print_put(printer, ")");
        break;
    }
}

static void
print_emit(const wr_printer *printer, const wr_ast_emit *emit)
{
    switch (emit->kind) {
    case WR_AST_EMIT_DEFAULT: return;
    case WR_AST_EMIT_FINAL: wr_print_put(printer, " EMIT FINAL"); break;
    case WR_AST_EMIT_CHANGES: wr_print_put(printer, " EMIT CHANGES"); break;
    case WR_AST_EMIT_EVERY: wr_print_duration(printer, " EMIT EVERY ", emit->every); break;
    case WR_AST_EMIT_EVERY_AND_FINAL:
        wr_print_duration(printer, " EMIT EVERY ", emit->every);
        wr_print_put(printer, " AND FINAL");
        break;
    }
    switch (emit->fill) {
    case WR_AST_FILL_NONE: break;
    case WR_AST_FILL_PREVIOUS: wr_print_put(printer, " FILL PREVIOUS"); break;
    case WR_AST_FILL_VALUE: print_clause(printer, " FILL ", emit->fill_value); break;
    }
}

static void
print_late(const wr_printer *printer, const wr_ast_query *query)
{
    switch (query->late) {
    case WR_AST_LATE_DEFAULT: break;
    case WR_AST_LATE_DROP: wr_print_put(printer, " LATE DATA DROP"); break;
    case WR_AST_LATE_FAIL: wr_print_put(printer, " LATE DATA FAIL"); break;
    case WR_AST_LATE_TO:
        wr_print_put(printer, " LATE DATA TO ");
        wr_print_sink(printer, query->late_sink);
        break;
    }
}

static void
print_ctes(const wr_printer *printer, const wr_ast_query *query)
{
    for (int i = 0; i < query->cte_count; i++) {
        const wr_ast_cte *cte = &query->ctes[i];
        wr_print_put(printer, i == 0 ? "WITH " : ", ");
        wr_print_name(printer, cte->name);
        if (cte->column_count > 0) {
            wr_print_put(printer, " ");
            wr_print_names(printer, cte->columns, cte->column_count);
        }
        wr_print_put(printer, " AS (");
        wr_print_query(printer, cte->query);
        wr_print_put(printer, ")");
    }
    wr_print_put(printer, query->cte_count > 0 ? " " : "");
}

void
wr_print_query(const wr_printer *printer, const wr_ast_query *query)
{
    print_ctes(printer, query);
    for (int i = 0; i < query->core_count; i++) {
        wr_print_put(printer, i > 0 ? " UNION ALL " : "");
        print_core(printer, &query->cores[i]);
    }
    if (query->order_count > 0) {
        wr_print_put(printer, " ORDER BY ");
        wr_print_sorts(printer, query->order, query->order_count);
    }
    print_clause(printer, " LIMIT ", query->limit);
    print_clause(printer, " OFFSET ", query->offset);
    print_emit(printer, &query->emit);
    print_late(printer, query);
}

void
wr_print_sink(const wr_printer *printer, const wr_ast_sink *sink)
{
    wr_print_name(printer, sink->name);
    if (sink->function) {
        wr_print_put(printer, "(");
        wr_print_source_args(printer, sink->args, sink->arg_count);
        wr_print_put(printer, ")");
    }
    if (sink->column_count > 0) {
        wr_print_put(printer, " ");
        wr_print_names(printer, sink->columns, sink->column_count);
    }
}
