/* Event time: what WATERMARK FOR says, or what a source has by itself.
 *
 *     WATERMARK FOR ts                                TIMESTAMP as it is, TEXT and JSON as ISO 8601
 *     WATERMARK FOR to_timestamp(ms, 'ms') DELAY 5 s  any expression
 *     WATERMARK FOR ts AS ts - INTERVAL '5' SECOND    the same as DELAY 5 s
 *     WATERMARK FOR now()                             processing time
 *     nothing: _timestamp, if the source has it (not files); of Kafka with a delay of 1 s
 *
 * Invariant: a number is never taken for a time; the error proposes to_timestamp with a unit. */
#include "planner/bind.h"
#include "planner/source.h"

#include <string.h>

static bool
call_is(const wr_expr *expr, const char *name, int arg_count)
{
    return expr->kind == WR_EXPR_CALL && expr->arg_count == arg_count &&
           strcmp(expr->function->name, name) == 0;
}

static wr_status
duration_fixed(const wr_plan_context *context, const wr_ast_duration *duration, const char *what,
               int64_t *us, wr_error *err)
{
    if (duration->interval.months != 0) {
        return wr_plan_error(context, err, duration->span, "E0404",
                             "%s cannot be months or years, which have no fixed length", what);
    }
    *us = duration->interval.micros;
    return WR_OK;
}

/* The unit by magnitude, of a time between 1973 and 5138: 10 digits are seconds, 13 ms, …; NULL: no
 * sample tells. */
static const char *
number_unit(const wr_plan_context *context, int column, const wr_plan_scan *scan)
{
    bool is_column = column >= 0 && column < scan->declared.count;
    bool is_learned = is_column && scan->learned && scan->source_index < context->source_count;
    const wr_plan_source *source = is_learned ? &context->sources[scan->source_index] : NULL;
    int digits = source && source->learned.digits && column < source->learned.schema.count
                     ? source->learned.digits[column]
                     : 0;
    return digits == 0    ? NULL
           : digits <= 11 ? "s"
           : digits <= 14 ? "ms"
           : digits <= 17 ? "us"
                          : "ns";
}

static wr_status
number_refuse(wr_plan_context *context, const wr_ast_watermark *watermark, const wr_expr *expr,
              const wr_plan_scan *scan, wr_error *err)
{
    wr_span span = watermark->event_time->span;
    char name[40];
    wr_plan_error(context, err, span, "E0403", "a %s is no time: its unit is not known",
                  wr_type_name(expr->type, name));
    wr_text sql = context->planner->sql;
    bool inside = context->inlined_at.length == 0 && span.position >= 0 && span.length <= 60 &&
                  (size_t)(span.position + span.length) <= sql.size;
    wr_text text = inside ? (wr_text){sql.data + span.position, (size_t)span.length} : WR_TEXT("…");
    const char *unit = number_unit(context, expr->kind == WR_EXPR_COLUMN ? expr->column : -1, scan);
    if (unit) {
        wr_error_hint(err, "Write to_timestamp(%.*s, '%s').", WR_TEXT_ARG(text), unit);
        return WR_ERR_SQL;
    }
    wr_error_hint(err,
                  "Write to_timestamp(%.*s, 'ms'); 's' for numbers of 10 digits, 'ms' for 13, 'us' "
                  "for 16.",
                  WR_TEXT_ARG(text));
    return WR_ERR_SQL;
}

/* The delay in AS e2: e - INTERVAL, or e itself. */
static wr_status
as_delay(wr_plan_context *context, const wr_ast_watermark *watermark, const wr_expr *event_time,
         const wr_expr *as, int64_t *delay_us, wr_error *err)
{
    *delay_us = 0;
    if (wr_expr_equal(as, event_time)) {
        return WR_OK;
    }
    bool fits = call_is(as, "-", 2) && wr_expr_equal(as->args[0], event_time) &&
                as->args[1]->kind == WR_EXPR_CONSTANT && as->args[1]->type.id == WR_TYPE_INTERVAL &&
                !wr_expr_is_null(as->args[1]);
    if (fits) {
        wr_interval interval = *(const wr_interval *)as->args[1]->constant.data;
        *delay_us = interval.micros;
        fits = interval.months == 0 && interval.micros >= 0;
    }
    if (!fits) {
        wr_plan_unsupported(context, watermark->as->span,
                            "an AS other than the event time minus an INTERVAL", err);
        wr_error_hint(err, "Write WATERMARK FOR ts DELAY 5 SECONDS.");
        return WR_ERR_SQL;
    }
    return WR_OK;
}

static wr_status
event_time_expr(const wr_ast_watermark *watermark, wr_binder *binder, const wr_plan_scan *scan,
                const wr_expr **expr, wr_error *err)
{
    WR_TRY(wr_bind_expr(binder, watermark->event_time, expr, err));
    wr_type type = (*expr)->type;
    if (type.id == WR_TYPE_BIGINT || type.id == WR_TYPE_DOUBLE) {
        return number_refuse(binder->context, watermark, *expr, scan, err);
    }
    if (type.id == WR_TYPE_TEXT) {
        return wr_cast_written(binder, *expr, WR_TYPE(TIMESTAMP), false,
                               watermark->event_time->span, expr, err);
    }
    return wr_cast_implicit(binder, *expr, WR_TYPE(TIMESTAMP), "WATERMARK FOR", expr, err);
}

wr_status
wr_event_time_bind(wr_plan_context *context, const wr_ast_watermark *watermark,
                   const wr_scope *scope, wr_plan_scan *scan, wr_error *err)
{
    wr_binder binder = {.context = context, .scope = scope, .place = "WATERMARK FOR"};
    const wr_expr *event_time;
    WR_TRY(event_time_expr(watermark, &binder, scan, &event_time, err));
    scan->delay_us = 0;
    if (watermark->as) {
        const wr_expr *as;
        WR_TRY(wr_bind_expr(&binder, watermark->as, &as, err));
        WR_TRY(as_delay(context, watermark, event_time, as, &scan->delay_us, err));
    }
    if (watermark->delay.span.length > 0) {
        WR_TRY(duration_fixed(context, &watermark->delay, "DELAY", &scan->delay_us, err));
    }
    if (watermark->idle_timeout.span.length > 0) {
        WR_TRY(duration_fixed(context, &watermark->idle_timeout, "IDLE TIMEOUT",
                              &scan->idle_timeout_us, err));
    }
    scan->processing_time = call_is(event_time, "now", 0);
    scan->event_time = scan->processing_time ? NULL : event_time;
    scan->has_event_time = true;
    return WR_OK;
}

/* ── windows need it ────────────────────────────────────────────────────────────────────────── */

/* The column that looks most like an event time; -1: none. */
static int
likely_column(const wr_schema *schema)
{
    static const char *const words[] = {"ts", "time", "timestamp", "event_time", "date", "at"};
    for (int i = 0; i < schema->count; i++) {
        if (schema->columns[i].type.id == WR_TYPE_TIMESTAMP) {
            return i;
        }
    }
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        wr_text word = wr_text_from(words[w]);
        for (int i = 0; i < schema->count; i++) {
            wr_text name = schema->columns[i].name;
            bool ends =
                name.size >= word.size &&
                wr_text_equal_nocase((wr_text){name.data + name.size - word.size, word.size}, word);
            bool starts = name.size > word.size &&
                          wr_text_equal_nocase((wr_text){name.data, word.size}, word);
            if (ends || (starts && word.size > 2)) {
                return i;
            }
        }
    }
    return -1;
}

static wr_status
scan_without_time(const wr_plan_context *context, const wr_plan_scan *scan, wr_span span,
                  wr_error *err)
{
    wr_plan_error(context, err, span, "E0403", "the window needs an event time, %.*s has none",
                  WR_TEXT_ARG(scan->name));
    int likely = likely_column(&scan->declared);
    if (likely < 0) {
        wr_error_hint(err, "Say WATERMARK FOR column behind the source.");
        return WR_ERR_SQL;
    }
    const wr_column *column = &scan->declared.columns[likely];
    bool number = column->type.id == WR_TYPE_BIGINT || column->type.id == WR_TYPE_DOUBLE;
    if (number) {
        const char *unit = number_unit(context, likely, scan);
        wr_error_hint(err, "Say WATERMARK FOR to_timestamp(%.*s, '%s') behind the source.",
                      WR_TEXT_ARG(column->name), unit ? unit : "ms");
    } else {
        wr_error_hint(err, "Say WATERMARK FOR %.*s behind the source.", WR_TEXT_ARG(column->name));
    }
    return WR_ERR_SQL;
}

wr_status
wr_event_time_require(wr_plan_context *context, wr_plan_node *node, wr_span span, wr_error *err)
{
    if (node->kind == WR_PLAN_SCAN) {
        if (!node->u.scan.has_event_time) {
            return scan_without_time(context, &node->u.scan, span, err);
        }
        node->u.scan.event_time_needed = true;
        return WR_OK;
    }
    if (node->kind == WR_PLAN_AGGREGATE) {
        if (node->u.aggregate.window.kind == WR_WINDOW_NONE) {
            wr_plan_error(context, err, span, "E0403",
                          "the window needs an event time, and results without a window have none");
            wr_error_hint(err, "Give the inner query a WINDOW, too.");
            return WR_ERR_SQL;
        }
        return WR_OK;
    }
    for (int i = 0; i < node->input_count; i++) {
        WR_TRY(wr_event_time_require(context, node->inputs[i], span, err));
    }
    return WR_OK;
}
