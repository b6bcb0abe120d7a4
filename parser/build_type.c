/* Types and durations as written.
 *
 *     DECIMAL(10,2)            name, numbers 10 and 2
 *     5 MIN · INTERVAL '5' MINUTE · '5 minutes'   the same span of time, spelt "5 MINUTES",
 *                                                 "5 MINUTES" and "'5 minutes'"
 *
 * 1. duration.text is what the printer writes: number and unit, or a string with its quotes.
 * 2. Only OFFSET and INTERVAL literals may be negative. */
#include "core/time.h"
#include "parser/build.h"
#include "parser/keyword.h"

#include <string.h>

wr_ast_type *
wr_build_type(wr_parser *p, wr_ast_name name)
{
    wr_ast_type *type = WR_NEW(p->arena, wr_ast_type);
    type->name = name;
    type->span = wr_span_here(p, name.span.position);
    return type;
}

void
wr_build_type_number(wr_parser *p, wr_ast_type *type, wr_token number)
{
    int64_t value = wr_build_count(p, number, 0);
    if (value > 1000000) {
        wr_parse_fail(p, "E0105", wr_token_span(number), NULL, "this number is too large here");
        value = 0;
    }
    type->numbers[type->number_count++] = (int)value;
}

void
wr_build_type_elements(wr_parser *p, wr_ast_type *type, wr_list elements, wr_list fields)
{
    bool structure = wr_text_equal_nocase(type->name.text, WR_TEXT("STRUCT")) ||
                     wr_text_equal_nocase(type->name.text, WR_TEXT("ROW"));
    bool array = wr_text_equal_nocase(type->name.text, WR_TEXT("ARRAY"));
    type->elements = elements.items;
    type->element_count = elements.count;
    type->fields = fields.items;
    wr_depth_close(p, type->span.position);
    if (array ? fields.count > 0 : !structure || fields.count == 0) {
        wr_parse_fail(p, "E0101", type->name.span, "Write ARRAY<type> or STRUCT<name type, …>.",
                      "only ARRAY and STRUCT have types between < and >");
    }
}

static wr_ast_duration
duration_fail(wr_parser *p, wr_span span, wr_text text)
{
    wr_parse_fail(p, "E0105", span, "Write 5 MINUTES, 30s, INTERVAL '5' MINUTE or 'PT5M'.",
                  "%.*s is no duration", (int)(text.size < 80 ? text.size : 80), text.data);
    return (wr_ast_duration){.text = WR_TEXT("0 SECONDS"), .span = span};
}

/* "5" and "min" → "5 MINUTES" */
static wr_text
duration_spelling(wr_parser *p, wr_text number, wr_text unit)
{
    const wr_unit_words *words = wr_unit_find(unit);
    bool one = wr_text_equal(number, WR_TEXT("1")) || wr_text_equal(number, WR_TEXT("-1"));
    return wr_arena_printf(p->arena, "%.*s %s", WR_TEXT_ARG(number),
                           one ? words->one : words->many);
}

static wr_ast_duration
duration_from_unit(wr_parser *p, wr_text number, wr_token unit, wr_span span)
{
    wr_text word = wr_token_text(p->sql, unit);
    wr_ast_duration duration = {.span = span};
    if (number.size > 40 || !wr_interval_from_unit(number, word, &duration.interval)) {
        return duration_fail(p, span, wr_token_text(p->sql, (wr_token){.position = span.position,
                                                                       .length = span.length}));
    }
    duration.text = duration_spelling(p, number, word);
    return duration;
}

wr_ast_duration
wr_build_duration(wr_parser *p, wr_token number, wr_token unit)
{
    return duration_from_unit(p, wr_token_text(p->sql, number), unit,
                              wr_span_here(p, number.position));
}

/* The string's own text, quotes included, is its canonical spelling. */
static wr_ast_duration
duration_from_string(wr_parser *p, wr_token string, wr_span span)
{
    wr_ast_duration duration = {.span = span};
    wr_text text = wr_build_string(p, string);
    if (!wr_interval_parse(text, &duration.interval)) {
        return duration_fail(p, wr_token_span(string), wr_token_text(p->sql, string));
    }
    duration.text = wr_arena_text(p->arena, wr_token_text(p->sql, string));
    return duration;
}

wr_ast_duration
wr_build_string_duration(wr_parser *p, wr_token string)
{
    return duration_from_string(p, string, wr_token_span(string));
}

wr_ast_duration
wr_build_interval(wr_parser *p, wr_token word, wr_token string, wr_token unit)
{
    wr_span span = wr_span_here(p, word.position);
    if (!wr_text_equal_nocase(wr_token_text(p->sql, word), WR_TEXT("INTERVAL"))) {
        return duration_fail(p, wr_token_span(word), wr_token_text(p->sql, word));
    }
    if (unit.length == 0) {
        return duration_from_string(p, string, span);
    }
    return duration_from_unit(p, wr_text_trim(wr_build_string(p, string)), unit, span);
}

wr_ast_duration
wr_build_negative(wr_parser *p, wr_ast_duration duration, wr_token minus)
{
    duration.interval.months = -duration.interval.months;
    duration.interval.micros = -duration.interval.micros;
    duration.text = wr_arena_printf(p->arena, "-%.*s", WR_TEXT_ARG(duration.text));
    duration.span = wr_span_here(p, minus.position);
    return duration;
}

void
wr_build_check_positive(wr_parser *p, wr_ast_duration duration)
{
    if (duration.interval.months < 0 || duration.interval.micros < 0) {
        wr_parse_fail(p, "E0105", duration.span, NULL, "a duration cannot be negative here");
    }
}
