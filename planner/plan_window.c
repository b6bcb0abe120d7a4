/* WINDOW: sizes in microseconds, and whether they fit together.
 *
 *     HOPPING 5 MINUTES ADVANCE BY 5 SECONDS     size 300 s, advance 5 s: 60 panes of gcd = 5 s
 *
 * Invariants: size ≥ advance > 0; a window has at most WINDOW_PANES_MAX panes of gcd(size, advance)
 * µs; lengths are fixed (no months) and below WINDOW_SIZE_MAX_US, so that no sum of times
 * overflows. */
#include "planner/query.h"

#include <string.h>

#define WINDOW_SIZE_MAX_US (36500 * WR_US_PER_DAY)
enum { WINDOW_PANES_MAX = 100000 };

static wr_status
length_read(const wr_plan_context *context, const wr_ast_duration *duration, const char *what,
            bool positive, int64_t *us, wr_error *err)
{
    if (duration->span.length == 0) {
        *us = 0;
        return WR_OK;
    }
    if (duration->interval.months != 0) {
        wr_plan_error(context, err, duration->span, "E0501",
                      "a window's %s in months or years is not supported yet", what);
        wr_error_hint(err, "Say it in days.");
        return WR_ERR_SQL;
    }
    *us = duration->interval.micros;
    if (positive && *us <= 0) {
        return wr_plan_error(context, err, duration->span, "E0404",
                             "the window's %s must be more than 0", what);
    }
    if (*us > WINDOW_SIZE_MAX_US || *us < -WINDOW_SIZE_MAX_US) {
        return wr_plan_error(context, err, duration->span, "E0404",
                             "the window's %s is more than 100 years", what);
    }
    return WR_OK;
}

static int64_t
greatest_common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static wr_status
window_of_kind(const wr_plan_context *context, const wr_ast_window *ast, wr_window_kind *kind,
               wr_error *err)
{
    switch (ast->kind) {
    case WR_AST_WINDOW_TUMBLING: *kind = WR_WINDOW_TUMBLING; return WR_OK;
    case WR_AST_WINDOW_HOPPING: *kind = WR_WINDOW_HOPPING; return WR_OK;
    case WR_AST_WINDOW_SESSION:
        return wr_plan_unsupported(context, ast->span, "WINDOW SESSION", err);
    case WR_AST_WINDOW_SLIDING:
        return wr_plan_unsupported(context, ast->span, "WINDOW SLIDING", err);
    case WR_AST_WINDOW_CUMULATE:
        return wr_plan_unsupported(context, ast->span, "WINDOW CUMULATE", err);
    case WR_AST_WINDOW_COUNT: return wr_plan_unsupported(context, ast->span, "WINDOW COUNT", err);
    }
    return WR_OK;
}

static wr_status
hopping_check(const wr_plan_context *context, const wr_ast_window *ast, const wr_window *window,
              wr_error *err)
{
    if (window->advance_us > window->size_us) {
        wr_plan_error(context, err, ast->advance.span, "E0404",
                      "the window advances by more than its size, so rows would fall between");
        wr_error_hint(err, "ADVANCE BY must be at most the size.");
        return WR_ERR_SQL;
    }
    int64_t pane_us = greatest_common_divisor(window->size_us, window->advance_us);
    if (window->size_us / pane_us > WINDOW_PANES_MAX) {
        wr_plan_error(context, err, ast->span, "E0404", "the window has %lld panes, more than %d",
                      (long long)(window->size_us / pane_us), WINDOW_PANES_MAX);
        wr_error_hint(err, "Take an advance that divides the size, or a longer one.");
        return WR_ERR_SQL;
    }
    return WR_OK;
}

static bool
length_is_in_weeks(const wr_ast_duration *duration)
{
    wr_text text = duration->text; /* of all units only weeks are spelt with a w */
    return text.size > 0 &&
           (memchr(text.data, 'W', text.size) || memchr(text.data, 'w', text.size));
}

/* Weeks begin on Monday: 1970-01-01 was a Thursday, the next Monday is four days on. 7 DAYS are
 * days, which are counted from 1970-01-01. */
static int64_t
week_offset(const wr_ast_window *ast, int64_t advance_us)
{
    bool is_week = (length_is_in_weeks(&ast->size) || length_is_in_weeks(&ast->advance)) &&
                   advance_us % (7 * WR_US_PER_DAY) == 0;
    return is_week ? 4 * WR_US_PER_DAY : 0;
}

wr_status
wr_plan_window(wr_plan_context *context, const wr_ast_window *ast, wr_window *window, wr_error *err)
{
    WR_TRY(window_of_kind(context, ast, &window->kind, err));
    if (ast->time_zone.size > 0) {
        return wr_plan_unsupported(context, ast->time_zone_span, "IN TIME ZONE", err);
    }
    WR_TRY(length_read(context, &ast->size, "size", true, &window->size_us, err));
    window->advance_us = window->size_us;
    if (window->kind == WR_WINDOW_HOPPING) {
        WR_TRY(length_read(context, &ast->advance, "advance", true, &window->advance_us, err));
        WR_TRY(hopping_check(context, ast, window, err));
    }
    WR_TRY(length_read(context, &ast->offset, "OFFSET", false, &window->offset_us, err));
    window->offset_us += week_offset(ast, window->advance_us);
    WR_TRY(length_read(context, &ast->grace, "GRACE PERIOD", false, &window->grace_us, err));
    if (window->grace_us < 0) {
        return wr_plan_error(context, err, ast->grace.span, "E0404",
                             "GRACE PERIOD cannot be negative");
    }
    if (ast->retention.span.length > 0) {
        wr_plan_notice(context,
                       "RETENTION is accepted and does nothing: results are kept by sinks");
    }
    return WR_OK;
}
