"""Why cases of the other engine differ: (pattern, reason); the first that fits counts.

A pattern is looked for in `topic id`, query and what came instead.

A reason that no case has any more makes the test fail, so what was built leaves this list.
"""
NOT_THERE = "not there: "
OTHERWISE = "on purpose: "

DIFFERENCES = [
    # ── what weir does not have, yet or at all ────────────────────────────────────────────────
    (r"timestamp_ns", NOT_THERE + "nanoseconds: a TIMESTAMP has microseconds"),
    (r"at time zone|timezone|with time zone|timestamptz|session_timezone",
     NOT_THERE + "zones of a session, of a column, of local times; TIMESTAMP WITH TIME ZONE"),
    (r"to_char", NOT_THERE + "to_char; format_timestamp has strftime's patterns"),
    (r"to_date|make_date|make_time",
     OTHERWISE + "to_date has strftime's patterns; years are 1 to 9999, without BC"),
    (r"\bdate\b|\btime\b", NOT_THERE + "date(x), TIME * n, a TIME compared with an INTERVAL"),
    (r"to_timestamp", OTHERWISE + "to_timestamp(text, unit) has a unit; parse_timestamp a pattern"),
    (r"jsonb", NOT_THERE + "jsonb, its functions and operators; JSON keeps its text"),
    (r"array|\bbool\[|regexp_match\(|regexp_matches",
     NOT_THERE + "ARRAY, and functions that give one"),
    (r"similar to", NOT_THERE + "SIMILAR TO; regexp_like"),
    (r"pg_regrex_match_op|!~|~\*|\s~\s",
     NOT_THERE + "operators of regular expressions; regexp_like"),
    (r"collat", NOT_THERE + "COLLATE: texts are compared by bytes"),
    (r"dollar_quoted_string", NOT_THERE + "$$…$$"),
    (r"escape_string|\be'", NOT_THERE + "E'…' with backslashes"),
    (r"\^|\d \| \d", NOT_THERE + "the operators ^ # & |; power, bitwise_…"),
    (r"\bexcept\b", NOT_THERE + "* EXCEPT (…)"),
    (r"order by .*\)|string_agg\(|array_agg", NOT_THERE + "ORDER BY inside an aggregate"),
    (r"\b(all|any|some)\s*\(", NOT_THERE + "ALL, ANY, SOME"),
    (r"placing", NOT_THERE + "OVERLAY(x PLACING y …); overlay(x, y, start)"),
    (r"\btrim\(", NOT_THERE + "TRIM(FROM x), TRIM(LEADING, …)"),
    (r"escape'|'escape'|convert_from|convert_to",
     NOT_THERE + "the encoding 'escape', convert_from"),
    (r"\|\||booleq|is (not )?unknown", NOT_THERE + "booleq, boolne, IS UNKNOWN, ||/"),
    (r"SELECT DISTINCT with aggregates", NOT_THERE + "SELECT DISTINCT over aggregates"),
    (r"regexp_replace\(.*\d", NOT_THERE + "regexp_replace with a place and a count"),
    # ── what weir does otherwise ──────────────────────────────────────────────────────────────
    (r"interval", OTHERWISE + "intervals are printed with names of units; months stay months"),
    (r"\bas (true|false)\b|^types\.boolean",
     OTHERWISE + "true and false are words of the language"),
    (r"arg_min\(v3", OTHERWISE + "min_by gives the NULL that has the least key, as Spark does"),
    (r"functions\.round", OTHERWISE + "halves of a DOUBLE are rounded away from zero"),
    (r"concat.*true", OTHERWISE + "true as text is 'true', not 't'"),
    (r"encdec", OTHERWISE + "BYTES are written as base64, a backslash is itself"),
    (r"bytea", OTHERWISE + "BYTES are written as base64"),
    (r"::(decimal|numeric)",
     OTHERWISE + "DECIMAL without digits is DECIMAL(38, 0); it has no NaN and no infinities"),
    (r"9223372036854775808|does not fit BIGINT",
     OTHERWISE + "a number that does not fit BIGINT is no DECIMAL"),
]
