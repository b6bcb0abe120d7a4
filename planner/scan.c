/* A source as a plan node: all its columns first; what nobody uses is dropped later (prune.c).
 *
 *     CREATE STREAM cpu (ms BIGINT, v DOUBLE, ts AS to_timestamp(ms, 'ms'),
 *                        k TEXT METADATA FROM '_key')
 *
 *     schema of the scan   ms  v  _key _topic … _line        declared, then all pseudo
 *     scope                ms→$0  v→$1  ts→to_timestamp($0, 'ms')  k→$2     and hidden: _key …
 *
 * Invariants
 * 1. Until pruning, column i < declared.count is declared column i, and declared.count + p is
 *    pseudo-column p, whether the source has it or not; those that it lacks cannot be named.
 * 2. Computed columns are expressions over the others and stand where they were declared. */
#include "planner/bind.h"
#include "planner/source.h"

static const wr_column pseudo_columns[] = {
#define PSEUDO_COLUMN(pseudo, name_, type_) \
    {{name_, sizeof(name_) - 1}, {.id = WR_TYPE_##type_}, false},
    WR_PSEUDO_LIST(PSEUDO_COLUMN)
#undef PSEUDO_COLUMN
};

typedef struct scan_build {
    wr_plan_context *context;
    const wr_plan_source *source;
    wr_plan_scan *scan;
    wr_plan_node *node;
} scan_build;

/* ── declared columns ───────────────────────────────────────────────────────────────────────── */

static wr_status
names_check(const wr_plan_context *context, const wr_ast_table *table, wr_error *err)
{
    if (table->column_count > WR_PLAN_COLUMNS_MAX) {
        return wr_plan_error(context, err, table->columns[WR_PLAN_COLUMNS_MAX].span, "E0901",
                             "more than %d columns", WR_PLAN_COLUMNS_MAX);
    }
    for (int i = 0; i < table->column_count; i++) {
        for (int k = 0; k < i; k++) {
            if (wr_text_equal(table->columns[i].name.text, table->columns[k].name.text)) {
                return wr_plan_error(context, err, table->columns[i].name.span, "E0202",
                                     "column \"%.*s\" is declared twice",
                                     WR_TEXT_ARG(table->columns[i].name.text));
            }
        }
    }
    return WR_OK;
}

/* The columns that the data has: typed ones, without METADATA. */
static wr_status
declared_of_table(const scan_build *build, const wr_ast_table *table, wr_schema *schema,
                  wr_error *err)
{
    WR_TRY(names_check(build->context, table, err));
    wr_arena *arena = build->context->arena;
    schema->columns = WR_NEW_ARRAY(arena, wr_column, table->column_count);
    schema->count = 0;
    for (int i = 0; i < table->column_count; i++) {
        const wr_ast_column *column = &table->columns[i];
        if (column->kind == WR_AST_COLUMN_COMPUTED || column->metadata) {
            continue;
        }
        wr_column *made = &schema->columns[schema->count++];
        made->name = wr_arena_text(arena, column->name.text);
        made->not_null = column->not_null;
        WR_TRY(wr_bind_type(build->context, column->type, &made->type, err));
    }
    return WR_OK;
}

static wr_status
declared_find(const scan_build *build, const wr_ast_table *table, wr_schema *schema, wr_error *err)
{
    const wr_plan_source *source = build->source;
    if (table && table->column_count > 0) {
        return declared_of_table(build, table, schema, err);
    }
    if (source->source->describe) {
        wr_source_config config = {.options = source->options, .arena = build->context->arena};
        return source->source->describe(&config, schema, err);
    }
    *schema = source->learned.schema;
    build->scan->learned = source->needs_learning;
    return WR_OK;
}

static void
node_schema_fill(const scan_build *build)
{
    const wr_schema *declared = &build->scan->declared;
    wr_schema *schema = &build->node->schema;
    schema->count = declared->count + WR_PSEUDO_COUNT;
    schema->columns = WR_NEW_ARRAY(build->context->arena, wr_column, schema->count);
    for (int i = 0; i < declared->count; i++) {
        schema->columns[i] = declared->columns[i];
    }
    for (int i = 0; i < WR_PSEUDO_COUNT; i++) {
        schema->columns[declared->count + i] = pseudo_columns[i];
    }
    if (build->scan->key_is_bytes) {
        schema->columns[declared->count + WR_PSEUDO_KEY].type = WR_TYPE(BYTES);
    }
}

/* ── scope ──────────────────────────────────────────────────────────────────────────────────── */

static const wr_expr *
column_expr(const scan_build *build, int column)
{
    return wr_expr_column(build->context->arena, column, build->node->schema.columns[column].type,
                          (wr_span){-1, 0});
}

static void
scope_add_pseudo(const scan_build *build, wr_scope *scope)
{
    for (int i = 0; i < WR_PSEUDO_COUNT; i++) {
        if (build->source->source->pseudo_mask & (1u << i)) {
            wr_scope_column column = {WR_SCOPE_PSEUDO, pseudo_columns[i].name,
                                      column_expr(build, build->scan->declared.count + i)};
            wr_scope_add(scope, build->context->arena, column);
        }
    }
}

static wr_status
metadata_find(const scan_build *build, const wr_ast_column *column, int *pseudo, wr_error *err)
{
    for (*pseudo = 0; *pseudo < WR_PSEUDO_COUNT; (*pseudo)++) {
        if (wr_text_equal_nocase(pseudo_columns[*pseudo].name, column->metadata_from) &&
            (build->source->source->pseudo_mask & (1u << *pseudo))) {
            return WR_OK;
        }
    }
    wr_plan_error(build->context, err, column->metadata_span, "E0203",
                  "connector %s has no metadata \"%.*s\"", build->source->source->name,
                  WR_TEXT_ARG(column->metadata_from));
    wr_error_hint(err, "Metadata are _key, _topic, _partition, _offset, _timestamp, _headers, "
                       "_file and _line, as the connector has them.");
    return WR_ERR_SQL;
}

/* METADATA FROM '_key' decides whether keys are TEXT or BYTES. */
static wr_status
metadata_key_type(const scan_build *build, const wr_ast_table *table, wr_error *err)
{
    for (int i = 0; table && i < table->column_count; i++) {
        const wr_ast_column *column = &table->columns[i];
        if (column->metadata && column->type &&
            wr_text_equal_nocase(column->metadata_from, WR_TEXT("_key"))) {
            wr_type type;
            WR_TRY(wr_bind_type(build->context, column->type, &type, err));
            build->scan->key_is_bytes = type.id == WR_TYPE_BYTES;
        }
    }
    return WR_OK;
}

static wr_status
metadata_bind(const scan_build *build, wr_binder *binder, const wr_ast_column *column,
              const wr_expr **expr, wr_error *err)
{
    int pseudo;
    wr_type type;
    WR_TRY(metadata_find(build, column, &pseudo, err));
    WR_TRY(wr_bind_type(build->context, column->type, &type, err));
    *expr = column_expr(build, build->scan->declared.count + pseudo);
    return wr_cast_written(binder, *expr, type, false, column->span, expr, err);
}

/* Adds the declared columns in their order; `physical` knows the ones with data. */
static wr_status
scope_add_table(const scan_build *build, const wr_ast_table *table, const wr_scope *physical,
                wr_scope *scope, wr_error *err)
{
    int next = 0;
    wr_binder binder = {.context = build->context, .scope = physical, .place = "a column"};
    for (int i = 0; i < table->column_count; i++) {
        const wr_ast_column *column = &table->columns[i];
        const wr_expr *expr;
        if (column->kind == WR_AST_COLUMN_COMPUTED) {
            WR_TRY(wr_bind_expr(&binder, column->computed, &expr, err));
        } else if (column->metadata) {
            WR_TRY(metadata_bind(build, &binder, column, &expr, err));
        } else {
            expr = column_expr(build, next++);
        }
        wr_text name = wr_arena_text(build->context->arena, column->name.text);
        wr_scope_add(scope, build->context->arena, (wr_scope_column){WR_SCOPE_VISIBLE, name, expr});
    }
    return WR_OK;
}

static void
scope_add_declared(const scan_build *build, wr_scope *scope)
{
    for (int i = 0; i < build->scan->declared.count; i++) {
        wr_scope_column column = {WR_SCOPE_VISIBLE, build->scan->declared.columns[i].name,
                                  column_expr(build, i)};
        wr_scope_add(scope, build->context->arena, column);
    }
}

/* Names of the columns; `scope` has alias and what already. */
static wr_status
scope_fill(const scan_build *build, const wr_ast_table *table, wr_scope *scope, wr_error *err)
{
    if (!table || table->column_count == 0) {
        scope_add_declared(build, scope);
        scope_add_pseudo(build, scope);
        return WR_OK;
    }
    wr_scope physical = {.alias = scope->alias, .what = scope->what};
    scope_add_declared(build, &physical);
    scope_add_pseudo(build, &physical);
    WR_TRY(scope_add_table(build, table, &physical, scope, err));
    scope_add_pseudo(build, scope);
    return WR_OK;
}

/* ── options ────────────────────────────────────────────────────────────────────────────────── */

static wr_on_error
scan_on_error(const wr_plan_context *context, wr_options options)
{
    const wr_option *option = wr_options_find(options, "on_error");
    if (option) {
        wr_text said = option->value;
        return wr_text_equal_nocase(said, WR_TEXT("fail"))          ? WR_ON_ERROR_FAIL
               : wr_text_equal_nocase(said, WR_TEXT("null"))        ? WR_ON_ERROR_NULL
               : wr_text_equal_nocase(said, WR_TEXT("dead_letter")) ? WR_ON_ERROR_DEAD_LETTER
                                                                    : WR_ON_ERROR_SKIP;
    }
    int setting = context->planner->settings->on_error;
    wr_on_error otherwise = context->planner->job ? WR_ON_ERROR_DEAD_LETTER : WR_ON_ERROR_SKIP;
    return setting < 0 ? otherwise : (wr_on_error)setting;
}

static int64_t
duration_option(wr_options options, const char *name, int64_t otherwise)
{
    return wr_options_find(options, name)
               ? wr_options_int(options, wr_source_common_options(), name)
               : otherwise;
}

static void
scan_options_fill(const scan_build *build)
{
    const wr_settings *settings = build->context->planner->settings;
    const wr_plan_source *source = build->source;
    wr_plan_scan *scan = build->scan;
    scan->source = source->source;
    scan->options = source->options;
    scan->name = source->name;
    scan->format = source->format ? source->format : source->learned.format;
    scan->until_end = source->until_end;
    scan->goes_on = wr_source_goes_on(build->context, source->source, source->options);
    scan->on_error = scan_on_error(build->context, source->options);
    scan->max_future_skew_us =
        duration_option(source->options, "max_future_skew", settings->max_future_skew_us);
    scan->idle_timeout_us =
        duration_option(source->options, "idle_timeout", settings->idle_timeout_us);
    scan->key_is_bytes = source->learned.key_is_bytes;
    bool arrival = source->source->pseudo_mask & (1u << WR_PSEUDO_TIMESTAMP);
    scan->has_event_time = arrival && source->source != wr_source_find(WR_TEXT("values"));
    if (wr_text_equal(wr_text_from(source->source->name), WR_TEXT("kafka"))) {
        scan->delay_us = WR_US_PER_S; /* undeclared record time, DIALECT §4 */
    }
}

/* ── the whole ──────────────────────────────────────────────────────────────────────────────── */

/* Columns and declared watermark of `table`, whose text may stand elsewhere. */
static wr_status
declaration_bind(const scan_build *build, const wr_ast_table *table, bool own_watermark,
                 wr_scope *scope, wr_error *err)
{
    WR_TRY(metadata_key_type(build, table, err));
    WR_TRY(declared_find(build, table, &build->scan->declared, err));
    node_schema_fill(build);
    WR_TRY(scope_fill(build, table, scope, err));
    if (!own_watermark && table && table->watermark) {
        return wr_event_time_bind(build->context, table->watermark, scope, build->scan, err);
    }
    return WR_OK;
}

wr_status
wr_scan_plan(wr_plan_context *context, const wr_plan_source *source, int index,
             const wr_scan_parts *parts, wr_plan_node **node, wr_scope *scope, wr_error *err)
{
    scan_build build = {.context = context, .source = source};
    build.node = WR_NEW(context->arena, wr_plan_node);
    build.node->kind = WR_PLAN_SCAN;
    build.scan = &build.node->u.scan;
    build.scan->source_index = index;
    scan_options_fill(&build);
    const wr_ast_table *table = parts->table;
    wr_span span = parts->span;
    bool inlined = parts->table_inlined;
    if (!table || table->column_count == 0) {
        const wr_ast_table *in_place;
        WR_TRY(wr_source_columns(context, source->options, &in_place, &span, err));
        table = in_place ? in_place : table;
        inlined |= in_place != NULL;
    }
    *scope = (wr_scope){.alias = parts->alias, .what = source->name};
    if (parts->table) {
        scope->what =
            wr_arena_printf(context->arena, "stream \"%.*s\"", WR_TEXT_ARG(parts->table_name));
    }
    wr_plan_inlined saved = {context->inlined_at, context->inlined_name};
    if (inlined) {
        wr_text name = parts->table ? parts->table_name : WR_TEXT("the option columns");
        saved = wr_plan_enter(context, span, name);
    }
    wr_status status = declaration_bind(&build, table, parts->watermark != NULL, scope, err);
    wr_plan_leave(context, saved);
    WR_TRY(status);
    if (parts->watermark) {
        WR_TRY(wr_event_time_bind(context, parts->watermark, scope, build.scan, err));
    }
    build.node->has_event_time = build.scan->has_event_time;
    *node = build.node;
    return WR_OK;
}
