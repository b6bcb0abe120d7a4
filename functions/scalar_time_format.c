/* format_timestamp and parse_timestamp.
 *
 *   format_timestamp(ts, '%Y-%m-%d %H:%M')      parse_timestamp('01/02/2026', '%d/%m/%Y')
 *
 * 1. A constant pattern is checked when the plan is made; others are taken as they are. */
#include "functions/kernel.h"
#include "functions/time_format.h"

wr_status
wr_time_pattern_prepare(wr_arena *arena, const wr_vector *const *args, int arg_count,
                        const void **prepared, wr_error *err)
{
    (void)arena;
    (void)arg_count;
    *prepared = NULL;
    if (!args[1] || wr_vector_is_null(args[1], 0) ||
        wr_vector_error(args[1], 0) != WR_REASON_NONE) {
        return WR_OK;
    }
    wr_text pattern = wr_view_text(args[1]->data);
    if (!wr_time_pattern_valid(pattern)) {
        wr_error_set(err, WR_ERR_SQL, "E0304", "bad pattern of time \"%.*s\"",
                     WR_TEXT_ARG(pattern));
        wr_error_detail(err, "%%Y %%m %%d %%H %%M %%S %%f %%L %%F %%T %%y %%e %%j %%I %%p %%a %%A "
                             "%%b %%B %%z %%Z %%s %%%%");
        wr_error_hint(err, "as in '%%Y-%%m-%%d %%H:%%M:%%S'");
        return WR_ERR_SQL;
    }
    return WR_OK;
}

static void
time_format(wr_call *call)
{
    wr_buffer out;
    wr_buffer_init(&out);
    for (int i = 0; i < call->n; i++) {
        wr_buffer_reset(&out);
        wr_time_format(wr_arg_text(call, 1, i), WR_ARG(call, int64_t, 0, i), &out);
        wr_call_set_text(call, i, (wr_text){out.data, out.size});
    }
    wr_buffer_fini(&out);
}

static void
time_parse(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        out[i] = 0;
        if (!wr_time_read(wr_arg_text(call, 1, i), wr_arg_text(call, 0, i), &out[i])) {
            out[i] = 0;
            wr_call_mark(call, i, WR_REASON_CAST);
        }
    }
}

static const wr_function time_format_entries[] = {
    {.name = "format_timestamp",
     .result = WR_TYPE_TEXT,
     .args = {WR_TYPE_TIMESTAMP, WR_TYPE_TEXT},
     .kernel = time_format,
     .prepare = wr_time_pattern_prepare,
     .signature = "format_timestamp(ts, pattern)",
     .meaning = "By a pattern of %Y %m %d %H %M %S %f %L %F %T …, in UTC.",
     .example = "format_timestamp(TIMESTAMP '2026-01-01T13:05:00Z', '%d.%m.%Y %H:%M')",
     .example_result = "01.01.2026 13:05"},
    {.name = "parse_timestamp",
     .result = WR_TYPE_TIMESTAMP,
     .args = {WR_TYPE_TEXT, WR_TYPE_TEXT},
     .flags = WR_FN_CAN_FAIL,
     .kernel = time_parse,
     .prepare = wr_time_pattern_prepare,
     .signature = "parse_timestamp(s, pattern)",
     .meaning = "Reads what format_timestamp writes.",
     .example = "parse_timestamp('01.02.2026', '%d.%m.%Y')",
     .example_result = "2026-02-01T00:00:00Z"},
    WR_SCALAR("strftime", TEXT, 0, time_format, wr_time_pattern_prepare, "strftime(ts, pattern)",
              "format_timestamp.", "strftime(TIMESTAMP '2026-01-01', '%d.%m.%Y')", "01.01.2026",
              WR_TYPE_TIMESTAMP, WR_TYPE_TEXT),
    WR_SCALAR("strptime", TIMESTAMP, WR_FN_CAN_FAIL, time_parse, wr_time_pattern_prepare,
              "strptime(s, pattern)", "parse_timestamp.", "strptime('01.02.2026', '%d.%m.%Y')",
              "2026-02-01T00:00:00Z", WR_TYPE_TEXT, WR_TYPE_TEXT),
};

const wr_function_table wr_functions_time_format = WR_TABLE(time_format_entries);
