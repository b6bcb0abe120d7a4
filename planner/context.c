/* Errors of planning: each has a position in the statement, also when what is wrong stands in a
 * view, which has a text of its own.
 *
 *     CREATE VIEW v AS SELECT hots FROM cpu      (cpu was replaced since)
 *     SELECT * FROM v
 *                   ^ E0203: no column "hots" in stream "cpu"   detail: in view v
 *
 * Invariant: inside wr_plan_enter … wr_plan_leave every span is the place of the entering. */
#include "planner/context.h"

#include <stdarg.h>
#include <stdio.h>

wr_span
wr_plan_span(const wr_plan_context *context, wr_span span)
{
    return context->inlined_at.length > 0 ? context->inlined_at : span;
}

wr_status
wr_plan_error(const wr_plan_context *context, wr_error *err, wr_span span, const char *code,
              const char *format, ...)
{
    char message[WR_ERROR_MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    wr_error_set(err, WR_ERR_SQL, code, "%s", message);
    if (context->inlined_name.size > 0) {
        wr_error_detail(err, "in %.*s", WR_TEXT_ARG(context->inlined_name));
    }
    wr_span at = wr_plan_span(context, span);
    wr_error_at(err, at.position, at.length > 0 ? at.length : 1);
    return WR_ERR_SQL;
}

wr_status
wr_plan_unsupported(const wr_plan_context *context, wr_span span, const char *what, wr_error *err)
{
    return wr_plan_error(context, err, span, "E0501", "%s is not supported yet", what);
}

void
wr_plan_suggest(wr_error *err, wr_text word, const wr_text *names, int count, const char *what)
{
    int near = wr_text_nearest(word, names, count);
    if (near >= 0) {
        wr_error_hint(err, "did you mean \"%.*s\"?", WR_TEXT_ARG(names[near]));
        return;
    }
    char list[600];
    size_t size = 0;
    for (int i = 0; i < count && size + names[i].size + 3 < sizeof list; i++) {
        size += (size_t)snprintf(list + size, sizeof list - size, "%s%.*s", i == 0 ? "" : ", ",
                                 WR_TEXT_ARG(names[i]));
    }
    wr_error_detail(err, "%s are %.*s", what, (int)size, list);
}

void
wr_plan_notice(wr_plan_context *context, const char *text)
{
    if (!context->notice) {
        context->notice = text;
    }
}

wr_plan_inlined
wr_plan_enter(wr_plan_context *context, wr_span at, wr_text name)
{
    wr_plan_inlined saved = {context->inlined_at, context->inlined_name};
    context->inlined_at = wr_plan_span(context, at);
    if (context->inlined_at.length == 0) {
        context->inlined_at.length = 1;
    }
    context->inlined_name = name;
    return saved;
}

void
wr_plan_leave(wr_plan_context *context, wr_plan_inlined saved)
{
    context->inlined_at = saved.at;
    context->inlined_name = saved.name;
}
