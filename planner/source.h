/* Outside sources: options checked, format and columns as far as they are known. Internal to
 * planner/. */
#ifndef WEIR_PLANNER_SOURCE_H
#define WEIR_PLANNER_SOURCE_H

#include "planner/relation.h"
#include "planner/scope.h"

/* Options that every source (and declared stream) has beside its own. */
const wr_option_spec *wr_source_common_options(void);

/* Arguments of a function, or WITH's options, as options. */
wr_status wr_options_of_args(wr_plan_context *context, const wr_ast_arg *args, int arg_count,
                             const char *what, const char *positional, wr_options *options,
                             wr_error *err);
wr_status wr_options_of_list(wr_plan_context *context, const wr_ast_option *list, int count,
                             wr_options *options, wr_error *err);
/* The same options without the one of this name. */
wr_options wr_options_without(wr_plan_context *context, wr_options options, const char *name);

/* Tables of all formats (or of `format` alone when given), `own`, `common`; NULL-terminated. */
const wr_option_spec *const *wr_option_tables(wr_plan_context *context, const wr_option_spec *own,
                                              const wr_option_spec *common,
                                              const wr_format_ops *format);
/* The format that the options name; NULL: none is said. */
wr_status wr_options_format(wr_plan_context *context, wr_options options,
                            const wr_format_ops **format, wr_error *err);

/* The outside source that `relation` reads. */
wr_status wr_source_make(wr_plan_context *context, const wr_relation *relation,
                         const wr_ast_source *ast, wr_plan_source *source, wr_error *err);
/* Connector and checked options of a declared stream; `source` is NULL for one that is a sink only.
 * Used for reading, for writing, and by CREATE STREAM. */
typedef struct wr_stream_info {
    const wr_source_ops *source;
    const wr_sink_ops *sink;
    wr_options options;
    const wr_format_ops *format;
    wr_span connector_span;
} wr_stream_info;
wr_status wr_stream_check(wr_plan_context *context, const wr_ast_table *table, wr_stream_info *info,
                          wr_error *err);

/* CREATE TABLE: its key, said once and of columns that are written (table.c). */
wr_status wr_table_key_check(wr_plan_context *context, const wr_ast_table *table, wr_error *err);
/* The options with key = ("a", "b"). */
wr_options wr_table_key_option(wr_plan_context *context, const wr_ast_table *table,
                               wr_options options);

/* Appends what the query reads to context->sources. */
wr_status wr_find_sources(wr_plan_context *context, const wr_ast_query *query, wr_error *err);

/* Does the source end by itself? */
bool wr_source_is_bounded(const wr_plan_context *context, const wr_source_ops *source,
                          wr_options options);

/* Of a job: is its end (--until-eof, until = 'end') only the end of now? Then windows stay open. */
bool wr_source_goes_on(const wr_plan_context *context, const wr_source_ops *source,
                       wr_options options);

/* Column list of `columns = '…'`; NULL: no such option. Enter with *span before binding it. */
wr_status wr_source_columns(wr_plan_context *context, wr_options options,
                            const wr_ast_table **table, wr_span *span, wr_error *err);

/* A scan of `source` (number `index` in the plan) with all columns, and what may be named. `table`
 * is its declaration or NULL; `watermark` and `alias` are FROM's. */
typedef struct wr_scan_parts {
    const wr_ast_table *table;
    bool table_inlined; /* the declaration is not part of the statement */
    wr_text table_name;
    wr_span span; /* of the FROM item */
    const wr_ast_watermark *watermark;
    wr_text alias;
} wr_scan_parts;
wr_status wr_scan_plan(wr_plan_context *context, const wr_plan_source *source, int index,
                       const wr_scan_parts *parts, wr_plan_node **node, wr_scope *scope,
                       wr_error *err);

/* Binds a WATERMARK clause over `scope` into the scan. */
wr_status wr_event_time_bind(wr_plan_context *context, const wr_ast_watermark *watermark,
                             const wr_scope *scope, wr_plan_scan *scan, wr_error *err);
/* A window over `node` needs its event time: marks the scans below, E0403 when one has none. */
wr_status wr_event_time_require(wr_plan_context *context, wr_plan_node *node, wr_span span,
                                wr_error *err);

#endif
