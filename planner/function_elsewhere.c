/* Functions of other SQLs, and what to write here: for those who type from habit.
 *
 *     TUMBLE(ts, INTERVAL '5' MINUTE) in GROUP BY      a window is a clause here
 *     group_concat(host)                               string_agg(host, ',')
 *
 * Invariant: what is named in a hint exists. */
#include "planner/bind.h"

#define WINDOW_TUMBLING "A window is a clause: FROM s WINDOW TUMBLING 5 MINUTES GROUP BY …"
#define WINDOW_HOPPING "A window is a clause: FROM s WINDOW HOPPING 5 MINUTES ADVANCE BY 1 MINUTE"
#define WINDOW_SESSION "A window is a clause: FROM s WINDOW SESSION 5 MINUTES"
#define WINDOW_START "With a WINDOW clause it is the column window_start."
#define WINDOW_END "With a WINDOW clause it is the column window_end."
#define TRUNC(unit) "Write date_trunc('" unit "', ts)."

const char *
wr_function_elsewhere(wr_text name)
{
    static const struct {
        const char *name, *here;
    } functions[] = {
        {"tumble", WINDOW_TUMBLING},
        {"tumbling", WINDOW_TUMBLING},
        {"hop", WINDOW_HOPPING},
        {"session", WINDOW_SESSION},
        {"session_window", WINDOW_SESSION},
        {"tumble_start", WINDOW_START},
        {"tumble_end", WINDOW_END},
        {"tumble_rowtime", "With a WINDOW clause it is the column window_time."},
        {"hop_start", WINDOW_START},
        {"hop_end", WINDOW_END},
        {"session_start", WINDOW_START},
        {"session_end", WINDOW_END},
        {"windowstart", WINDOW_START},
        {"windowend", WINDOW_END},
        {"time", "A window is a clause, and date_trunc('minute', ts) or date_bin cut times."},
        {"proctime", "Processing time is WATERMARK FOR now()."},
        {"latest_by_offset", "Write last(v)."},
        {"earliest_by_offset", "Write first(v)."},
        {"collect_list", "Write array_agg(v)."},
        {"collect_set", "Write array_agg(DISTINCT v)."},
        {"list", "Write array_agg(v)."},
        {"group_concat", "Write string_agg(v, ',')."},
        {"count_distinct", "Write count(DISTINCT v)."},
        {"uniq", "Write count(DISTINCT v), or approx_count_distinct(v)."},
        {"approx_distinct", "Write approx_count_distinct(v)."},
        {"mean", "Write avg(v)."},
        {"average", "Write avg(v)."},
        {"percentile", "Write quantile_cont(v, 0.95)."},
        {"percentile_approx", "Write approx_quantile(v, 0.95)."},
        {"approx_percentile", "Write approx_quantile(v, 0.95)."},
        {"quantile", "Write quantile_cont(v, 0.95)."},
        {"topk", "Write approx_top_k(v, n)."},
        {"topkdistinct", "Write approx_top_k(v, n)."},
        {"getdate", "Write now()."},
        {"sysdate", "Write now()."},
        {"curdate", "Write current_date."},
        {"curtime", "Write current_time."},
        {"date", "Write CAST(x AS DATE)."},
        {"timezone", "Write ts AT TIME ZONE 'Europe/Berlin'."},
        {"convert_tz", "Write ts AT TIME ZONE 'Europe/Berlin'."},
        {"convert_timezone", "Write ts AT TIME ZONE 'Europe/Berlin'."},
        {"to_char", "Write format_timestamp(ts, '%Y-%m-%d'), or CAST(v AS TEXT)."},
        {"date_format", "Write format_timestamp(ts, '%Y-%m-%d')."},
        {"timestamptostring", "Write format_timestamp(ts, '%Y-%m-%d')."},
        {"stringtotimestamp", "Write parse_timestamp(text, '%Y-%m-%d')."},
        {"str_to_date", "Write to_date(text, '%Y-%m-%d')."},
        {"datepart", "Write extract(hour FROM ts)."},
        {"tostartofminute", TRUNC("minute")},
        {"tostartofhour", TRUNC("hour")},
        {"tostartofday", TRUNC("day")},
        {"tostartofinterval", "Write date_bin(INTERVAL '5' MINUTE, ts)."},
        {"len", "Write length(text)."},
        {"char", "Write chr(n)."},
        {"charindex", "Write strpos(text, part)."},
        {"isnull", "Write v IS NULL, or coalesce(v, other)."},
        {"convert", "Write CAST(v AS TYPE)."},
        {"try_convert", "Write TRY_CAST(v AS TYPE)."},
        {"regexp_matches", "Write regexp_like(text, 'pattern')."},
        {"regexp", "Write regexp_like(text, 'pattern')."},
        {"rlike", "Write regexp_like(text, 'pattern')."},
        {"match", "Write regexp_like(text, 'pattern')."},
        {"extractjsonfield", "Write column.field, or json_value(column, '$.field')."},
        {"get_json_object", "Write column.field, or json_value(column, '$.field')."},
        {"jsonextractstring", "Write column.field, or json_value(column, '$.field')."},
        {"explode", "Arrays do not become rows yet; a message that is an array already does."},
        {"unnest", "Arrays do not become rows yet; a message that is an array already does."},
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (wr_text_equal_nocase(name, wr_text_from(functions[i].name))) {
            return functions[i].here;
        }
    }
    return NULL;
}
