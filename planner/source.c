/* Outside sources of a query: which connector, which options, what has to be learned first.
 *
 *     kafka('t')                         nothing is known: format and columns are learned
 *     file('a.csv')                      format by extension; columns are learned
 *     kafka('t', columns = 'v DOUBLE')   columns are known, the format is learned
 *     cpu                                as CREATE STREAM cpu says
 *
 * Invariant: options are checked before anything is opened, the same way for a function and for
 * CREATE STREAM … WITH. */
#include "planner/source.h"

#include "parser/parser.h"
#include "planner/bind.h"

#include <stdio.h>
#include <string.h>

enum { WHAT_MAX = 80 };

static bool
option_is_true(wr_options options, const wr_option_spec *table, const char *name)
{
    return wr_options_find(options, name) && wr_options_bool(options, table, name);
}

bool
wr_source_is_bounded(const wr_plan_context *context, const wr_source_ops *source,
                     wr_options options)
{
    if (context->planner->until_end) {
        return true;
    }
    const wr_option *until = wr_options_find(options, "until");
    if (until && wr_text_equal_nocase(until->value, WR_TEXT("end"))) {
        return true;
    }
    if (wr_text_equal(wr_text_from(source->name), WR_TEXT("stdin"))) {
        return true; /* it ends when the other side closes it, and people wait for that */
    }
    if (!source->live) {
        return !option_is_true(options, source->options, "follow");
    }
    return wr_options_find(options, "rows") != NULL;
}

bool
wr_source_goes_on(const wr_plan_context *context, const wr_source_ops *source, wr_options options)
{
    return context->planner->job &&
           (source->endless || option_is_true(options, source->options, "follow"));
}

static wr_status
options_check(wr_plan_context *context, const wr_source_ops *source, const wr_sink_ops *sink,
              wr_options options, const wr_format_ops *format, wr_error *err)
{
    char what[WHAT_MAX];
    const char *name = source ? source->name : sink->name;
    snprintf(what, sizeof what, "connector %s", name);
    const wr_option_spec *common = wr_source_common_options();
    const wr_option_spec *own = source ? source->options : sink->options;
    const wr_option_spec *const *tables = wr_option_tables(context, own, common, format);
    const char *prefix = source ? source->option_prefix : sink->option_prefix;
    if (source && sink &&
        source->options != sink->options) { /* a stream that is read and written */
        const wr_option_spec *const *more = wr_option_tables(context, sink->options, NULL, format);
        const wr_option_spec **both = WR_NEW_ARRAY(context->arena, const wr_option_spec *, 32);
        int count = 0;
        for (; *tables && count < 30; tables++) {
            both[count++] = *tables;
        }
        both[count++] = more[0];
        tables = both;
    }
    return wr_options_check(options, tables, prefix, what, err);
}

/* The connector's own check; its errors get a position if they have none. */
static wr_status
connector_check(wr_plan_context *context, const wr_source_ops *source, const wr_sink_ops *sink,
                wr_options options, wr_span span, wr_error *err)
{
    wr_status status = WR_OK;
    if (source && source->check) {
        status = source->check(options, err);
    } else if (!source && sink->check) {
        status = sink->check(options, err);
    }
    if (status != WR_OK && err && err->position < 0) {
        wr_span at = wr_plan_span(context, span);
        wr_error_at(err, at.position, at.length);
    }
    return status;
}

static const wr_format_ops *
format_by_path(const wr_source_ops *source, wr_options options)
{
    bool is_path = source->positional && strcmp(source->positional, "path") == 0;
    const wr_option *path = is_path ? wr_options_first(options, "path") : NULL;
    return path ? wr_format_by_extension(path->value) : NULL;
}

wr_status
wr_source_columns(wr_plan_context *context, wr_options options, const wr_ast_table **table,
                  wr_span *span, wr_error *err)
{
    *table = NULL;
    const wr_option *columns = wr_options_find(options, "columns");
    if (!columns) {
        return WR_OK;
    }
    wr_ast_table *parsed;
    *span = (wr_span){columns->position, columns->length};
    wr_status status = wr_parse_columns(context->arena, columns->value, &parsed, err);
    if (status != WR_OK) {
        wr_span at = wr_plan_span(context, *span);
        wr_error_at(err, at.position, at.length);
        return status;
    }
    wr_plan_inlined saved = wr_plan_enter(context, *span, WR_TEXT("the option columns"));
    for (int i = 0; i < parsed->column_count && status == WR_OK; i++) {
        wr_type type;
        bool typed = parsed->columns[i].kind == WR_AST_COLUMN_TYPED;
        status = typed ? wr_bind_type(context, parsed->columns[i].type, &type, err) : WR_OK;
    }
    wr_plan_leave(context, saved);
    *table = parsed;
    return status;
}

/* ── functions ──────────────────────────────────────────────────────────────────────────────── */

static wr_text
function_name(wr_plan_context *context, const wr_source_ops *source, wr_options options)
{
    const wr_option *first =
        source->positional ? wr_options_first(options, source->positional) : NULL;
    if (!first) {
        return wr_arena_printf(context->arena, "%s()", source->name);
    }
    return wr_arena_printf(context->arena, "%s('%.*s')", source->name, WR_TEXT_ARG(first->value));
}

static wr_status
source_of_function(wr_plan_context *context, const wr_relation *relation, const wr_ast_source *ast,
                   wr_plan_source *source, wr_error *err)
{
    const wr_source_ops *ops = relation->source;
    wr_options options;
    WR_TRY(wr_options_of_args(context, ast->args, ast->arg_count, ops->name, ops->positional,
                              &options, err));
    WR_TRY(wr_options_format(context, options, &source->format, err));
    if (!source->format && ops->needs_format) {
        source->format = format_by_path(ops, options);
    }
    WR_TRY(options_check(context, ops, NULL, options, source->format, err));
    WR_TRY(connector_check(context, ops, NULL, options, ast->span, err));
    const wr_ast_table *columns;
    wr_span span;
    WR_TRY(wr_source_columns(context, options, &columns, &span, err));
    bool format_known = source->format || !ops->needs_format;
    source->source = ops;
    source->options = options;
    source->name = function_name(context, ops, options);
    source->needs_learning = !ops->describe && (!columns || !format_known);
    source->until_end = wr_source_is_bounded(context, ops, options);
    return WR_OK;
}

/* ── declared streams ───────────────────────────────────────────────────────────────────────── */

static wr_status
connector_missing(wr_plan_context *context, const wr_option *option, wr_error *err)
{
    wr_text names[64];
    int count = 0, source_count, sink_count;
    const wr_source_ops *const *sources = wr_source_all(&source_count);
    const wr_sink_ops *const *sinks = wr_sink_all(&sink_count);
    for (int i = 0; i < source_count && count < 32; i++) {
        names[count++] = wr_text_from(sources[i]->name);
    }
    for (int i = 0; i < sink_count && count < 64; i++) {
        if (!wr_source_find(wr_text_from(sinks[i]->name))) {
            names[count++] = wr_text_from(sinks[i]->name);
        }
    }
    wr_span span = {option->position, option->length};
    wr_plan_error(context, err, span, "E0602", "no connector \"%.*s\"", WR_TEXT_ARG(option->value));
    wr_plan_suggest(err, option->value, names, count, "connectors");
    return WR_ERR_SQL;
}

wr_status
wr_stream_check(wr_plan_context *context, const wr_ast_table *table, wr_stream_info *info,
                wr_error *err)
{
    wr_options options;
    WR_TRY(wr_options_of_list(context, table->options, table->option_count, &options, err));
    const wr_option *connector = wr_options_find(options, "connector");
    if (!connector) {
        wr_plan_error(context, err, table->name.span, "E0603", "\"%.*s\" needs a connector",
                      WR_TEXT_ARG(table->name.text));
        wr_error_hint(err, wr_options_find(options, "kafka_topic")
                               ? "Write WITH (connector = 'kafka', topic = '…', format = '…')."
                               : "Add WITH (connector = 'kafka', topic = '…').");
        return WR_ERR_SQL;
    }
    info->connector_span = (wr_span){connector->position, connector->length};
    info->source = wr_source_find(connector->value);
    info->sink = wr_sink_find(connector->value);
    if (!info->source && !info->sink) {
        return connector_missing(context, connector, err);
    }
    info->options = wr_options_without(context, options, "connector");
    const wr_option *columns = wr_options_find(info->options, "columns");
    if (columns && table->column_count > 0) {
        wr_span span = {columns->position, columns->length};
        return wr_plan_error(context, err, span, "E0602",
                             "the columns are declared already, in parentheses");
    }
    WR_TRY(wr_options_format(context, info->options, &info->format, err));
    if (!info->format && info->source && info->source->needs_format) {
        info->format = format_by_path(info->source, info->options);
    }
    WR_TRY(options_check(context, info->source, info->sink, info->options, info->format, err));
    return connector_check(context, info->source, info->sink, info->options, info->connector_span,
                           err);
}

/* In test worlds the stream's host twin is read, under the stream's name. */
static void
source_to_host(wr_plan_context *context, const wr_relation *relation, wr_plan_source *source)
{
    wr_option *name = WR_NEW(context->arena, wr_option);
    *name = (wr_option){.name = WR_TEXT("name"), .value = relation->name};
    source->source = wr_source_find(WR_TEXT("host"));
    source->options = wr_options_without(context, source->options, "name");
    wr_option *items = WR_NEW_ARRAY(context->arena, wr_option, source->options.count + 1);
    items[0] = *name;
    memcpy(items + 1, source->options.items, (size_t)source->options.count * sizeof *items);
    source->options = (wr_options){items, source->options.count + 1};
}

static wr_status
source_of_stream(wr_plan_context *context, const wr_relation *relation, wr_plan_source *source,
                 wr_error *err)
{
    wr_stream_info info;
    WR_TRY(wr_stream_check(context, relation->table, &info, err));
    if (!info.source) {
        return wr_plan_error(context, err, relation->span, "E0301",
                             "\"%.*s\" can only be written: its connector \"%s\" reads nothing",
                             WR_TEXT_ARG(relation->name), info.sink->name);
    }
    const wr_ast_table *columns;
    wr_span span;
    WR_TRY(wr_source_columns(context, info.options, &columns, &span, err));
    bool host = wr_text_equal(wr_text_from(info.source->name), WR_TEXT("host"));
    bool declared = columns || relation->table->column_count > 0;
    source->name = relation->name;
    source->source = info.source;
    source->options = info.options;
    source->format = info.format;
    source->until_end = wr_source_is_bounded(context, info.source, info.options);
    bool host_named = wr_options_first(info.options, "name") != NULL;
    if (context->planner->host_sources || (host && !host_named)) {
        source_to_host(context, relation, source);
    }
    bool format_known = source->format || !source->source->needs_format;
    source->needs_learning = !source->source->describe && (!declared || !format_known);
    return WR_OK;
}

wr_status
wr_source_make(wr_plan_context *context, const wr_relation *relation, const wr_ast_source *ast,
               wr_plan_source *source, wr_error *err)
{
    wr_span at = wr_plan_span(context, ast->span);
    *source = (wr_plan_source){.ast = ast, .position = at.position};
    if (relation->source) {
        WR_TRY(source_of_function(context, relation, ast, source, err));
    } else {
        wr_plan_inlined saved = wr_plan_enter(context, ast->span, relation->name);
        wr_status status = source_of_stream(context, relation, source, err);
        wr_plan_leave(context, saved);
        WR_TRY(status);
    }
    const wr_option *brokers = wr_options_find(source->options, "brokers");
    source->brokers = brokers
                          ? brokers->value
                          : wr_arena_text(context->arena,
                                          wr_text_from(context->planner->settings->kafka_brokers));
    return WR_OK;
}
