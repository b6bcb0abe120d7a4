/* The WINDOW clause: which options a kind needs and takes.
 *
 *     TUMBLING   size
 *     HOPPING    size, ADVANCE BY
 *     SESSION    gap             [MAX]
 *     SLIDING    size
 *     CUMULATE   size, STEP
 *     COUNT      number [ROWS]   [ADVANCE BY number]
 *     all: GRACE PERIOD, RETENTION, IN TIME ZONE, and in parentheses OFFSET
 *
 * 1. Every option at most once; each message names the kind as it is written. */
#include "parser/build.h"

#include "parser/grammar.h"
#include "parser/keyword.h"

#include <string.h>

#define BIT(kind) (1u << WR_WINDOW_OPTION_##kind)

typedef struct window_rule {
    int token;
    wr_ast_window_kind kind;
    unsigned needs, takes;
    const char *example;
} window_rule;

enum { COMMON = BIT(GRACE) | BIT(OFFSET) | BIT(RETENTION) | BIT(ZONE) };

static const window_rule rules[] = {
    {TK_TUMBLING, WR_AST_WINDOW_TUMBLING, BIT(SIZE), COMMON, "WINDOW TUMBLING 5 MINUTES"},
    {TK_HOPPING, WR_AST_WINDOW_HOPPING, BIT(SIZE) | BIT(ADVANCE), COMMON,
     "WINDOW HOPPING 5 MINUTES ADVANCE BY 10 SECONDS"},
    {TK_SESSION, WR_AST_WINDOW_SESSION, BIT(GAP), COMMON | BIT(MAX),
     "WINDOW SESSION 30 SECONDS, MAX 1 HOUR"},
    {TK_SLIDING, WR_AST_WINDOW_SLIDING, BIT(SIZE), COMMON, "WINDOW SLIDING 5 MINUTES"},
    {TK_CUMULATE, WR_AST_WINDOW_CUMULATE, BIT(SIZE) | BIT(STEP), COMMON,
     "WINDOW CUMULATE 1 DAY STEP 1 HOUR"},
    {TK_COUNT, WR_AST_WINDOW_COUNT, BIT(SIZE), COMMON | BIT(ROWS) | BIT(ADVANCE),
     "WINDOW COUNT 100 ROWS ADVANCE BY 10"},
};

static const char *
option_word(wr_window_option_kind kind)
{
    switch (kind) {
    case WR_WINDOW_OPTION_SIZE: return "SIZE";
    case WR_WINDOW_OPTION_GAP: return "GAP";
    case WR_WINDOW_OPTION_ADVANCE: return "ADVANCE BY";
    case WR_WINDOW_OPTION_ROWS: return "ROWS";
    case WR_WINDOW_OPTION_MAX: return "MAX";
    case WR_WINDOW_OPTION_STEP: return "STEP";
    case WR_WINDOW_OPTION_GRACE: return "GRACE PERIOD";
    case WR_WINDOW_OPTION_OFFSET: return "OFFSET";
    case WR_WINDOW_OPTION_RETENTION: return "RETENTION";
    case WR_WINDOW_OPTION_ZONE: return "IN TIME ZONE";
    }
    return "";
}

wr_window_option *
wr_build_window_option(wr_parser *p, wr_window_option_kind kind, int start)
{
    wr_window_option *option = WR_NEW(p->arena, wr_window_option);
    option->kind = kind;
    option->span = wr_span_here(p, start);
    return option;
}

static void
option_store(wr_ast_window *window, const wr_window_option *option)
{
    switch (option->kind) {
    case WR_WINDOW_OPTION_SIZE:
        window->row_count = option->number;
        window->size = option->duration;
        break;
    case WR_WINDOW_OPTION_GAP: window->size = option->duration; break;
    case WR_WINDOW_OPTION_ADVANCE:
        window->advance_row_count = option->number;
        window->advance = option->duration;
        break;
    case WR_WINDOW_OPTION_ROWS: break;
    case WR_WINDOW_OPTION_MAX: window->max = option->duration; break;
    case WR_WINDOW_OPTION_STEP: window->step = option->duration; break;
    case WR_WINDOW_OPTION_GRACE: window->grace = option->duration; break;
    case WR_WINDOW_OPTION_OFFSET: window->offset = option->duration; break;
    case WR_WINDOW_OPTION_RETENTION: window->retention = option->duration; break;
    case WR_WINDOW_OPTION_ZONE:
        window->time_zone = option->zone;
        window->time_zone_span = option->zone_span;
        break;
    }
}

/* 5 MINUETS: the grammar took the 5 alone, because the word behind it is no unit. */
static void
unit_fail(wr_parser *p, wr_token word)
{
    wr_text text = wr_token_text(p->sql, word);
    wr_text units[64];
    int count = wr_unit_words_list(units, 64);
    int nearest = wr_text_nearest(text, units, count);
    wr_text hint = nearest < 0 ? WR_TEXT("Write 5 MINUTES, 30s or 'PT5M'.")
                               : wr_arena_printf(p->arena, "did you mean %s?", units[nearest].data);
    wr_parse_fail(p, "E0101", wr_token_span(word), hint.data, "\"%.*s\" is no unit of time",
                  (int)(text.size < 80 ? text.size : 80), text.data);
}

/* Sizes of COUNT are numbers of rows, those of all other kinds durations. */
static void
option_check_unit(wr_parser *p, const window_rule *rule, const wr_window_option *option)
{
    bool sized = option->plain || option->kind == WR_WINDOW_OPTION_SIZE ||
                 option->kind == WR_WINDOW_OPTION_ADVANCE;
    bool rows = rule->kind == WR_AST_WINDOW_COUNT;
    if (!sized || rows == (option->number > 0)) {
        return;
    }
    wr_token word = wr_token_next(p->sql, p->end);
    if (!rows && word.kind == TK_ID) {
        unit_fail(p, word);
        return;
    }
    wr_text hint = wr_arena_printf(p->arena, "Write for example %s.", rule->example);
    wr_parse_fail(p, "E0104", option->span, hint.data,
                  rows ? "a COUNT window counts rows, it has no duration"
                       : "a number alone is no duration: a unit is missing");
}

static void
option_check(wr_parser *p, const window_rule *rule, const wr_window_option *option, unsigned seen)
{
    const char *word = option_word(option->kind);
    unsigned bit = 1u << option->kind;
    if ((seen & bit) != 0) {
        wr_parse_fail(p, "E0104", option->span, NULL, "%s is said twice", word);
    }
    if (((rule->needs | rule->takes) & bit) == 0) {
        wr_text hint = wr_arena_printf(p->arena, "Write for example %s.", rule->example);
        wr_parse_fail(p, "E0104", option->span, hint.data, "a %s window takes no %s",
                      wr_token_spelling(rule->token), word);
    }
    option_check_unit(p, rule, option);
}

wr_ast_window *
wr_build_window(wr_parser *p, wr_token kind, wr_list options, bool bare)
{
    const window_rule *rule = rules;
    while (rule->token != kind.kind) {
        rule++;
    }
    wr_ast_window *window = WR_NEW(p->arena, wr_ast_window);
    window->kind = rule->kind;
    wr_window_option *items = options.items;
    unsigned seen = 0;
    for (int i = 0; i < options.count; i++) {
        if (items[i].plain && rule->kind == WR_AST_WINDOW_SESSION) {
            items[i].kind = WR_WINDOW_OPTION_GAP;
        }
        option_check(p, rule, &items[i], seen);
        if (bare && items[i].kind == WR_WINDOW_OPTION_OFFSET) {
            wr_parse_fail(p, "E0104", items[i].span,
                          "Write WINDOW TUMBLING (1 DAY, OFFSET 6 HOURS).",
                          "OFFSET of a window stands in parentheses");
        }
        seen |= 1u << items[i].kind;
        option_store(window, &items[i]);
    }
    for (int i = 0; i <= (int)WR_WINDOW_OPTION_ZONE; i++) {
        if ((rule->needs & ~seen & (1u << i)) != 0) {
            wr_text hint = wr_arena_printf(p->arena, "Write for example %s.", rule->example);
            wr_parse_fail(p, "E0104", wr_token_span(kind), hint.data, "a %s window needs %s",
                          wr_token_spelling(rule->token),
                          option_word((wr_window_option_kind)i));
        }
    }
    return window;
}
