/* Says what is wrong with a statement that the grammar refused, and what was probably meant.
 *
 *     SELECT a FORM t         the grammar took FORM as an alias and stumbled over t
 *       unexpected "FORM" after "a"      FROM would fit there, with t behind it
 *       did you mean FROM?
 *
 * The statement is parsed once more up to the bad token; there, and at the token before it, the
 * parser's tables are asked which tokens they would take.
 *
 * 1. A keyword is proposed only where it fits together with the token behind it.
 * 2. The error keeps the position of the bad token, unless the word before it is the culprit. */
#include "core/memory.h"
#include "parser/grammar.h"
#include "parser/grammar_state.h"
#include "parser/keyword.h"
#include "parser/parser.h"
#include "parser/syntax_stand.h"
#include "parser/token_stream.h"

#include <string.h>

enum { EXPECTED_MAX = 12, SHOWN_MAX = 40, WORDS_MAX = 256 };

typedef wr_syntax_stand stand;

static bool
accepts(const stand *s, int kind)
{
    return wr_syntax_accepts(s, kind);
}

bool
wr_syntax_accepts(const wr_syntax_stand *s, int kind)
{
    return wr_grammar_accepts(s->grammar, &kind, 1);
}

/* `kind` as itself, and behind it `next`, be it as a name. */
static bool
accepts_two(const void *grammar, int kind, int next)
{
    int kinds[2] = {kind, next == WR_TOKEN_END ? TK_SEMI : next};
    if (wr_grammar_accepts(grammar, kinds, 2)) {
        return true;
    }
    bool word =
        next == TK_UNIT || (wr_token_spelling(next) != NULL && wr_token_spelling(next)[0] >= 'A');
    kinds[1] = TK_ID;
    return word && !wr_keyword_is_reserved(next) && wr_grammar_accepts(grammar, kinds, 2);
}

static bool
token_is_plain_word(const stand *s, wr_token token)
{
    return token.kind == TK_ID && token.length > 0 && s->p->sql.data[token.position] != '"';
}

/* The token's text for a message, cut to a readable length. */
static wr_text
token_shown(const stand *s, wr_token token)
{
    wr_text text = wr_token_text(s->p->sql, token);
    if (s->is_secret &&
        (token.kind == TK_STRING || token.kind == TK_ID || token.kind == TK_NUMBER)) {
        return WR_TEXT("'…'");
    }
    if (text.size <= SHOWN_MAX) {
        return text;
    }
    size_t size = wr_utf8_valid_prefix(text.data, SHOWN_MAX);
    return wr_arena_printf(s->p->arena, "%.*s…", (int)size, text.data);
}

/* ── what was expected ── */

static bool
kind_is_operand(int kind)
{
    static const int kinds[] = {TK_NUMBER,    TK_STRING,   TK_LP,    TK_PLUS,     TK_MINUS,
                                TK_ID,        TK_NULL,     TK_TRUE,  TK_FALSE,    TK_CASE,
                                TK_CAST,      TK_NOT,      TK_ARRAY, TK_TRY_CAST, TK_EXISTS,
                                TK_PARAMETER, TK_SECRET_OF};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i] == kind) {
            return true;
        }
    }
    return false;
}

static bool
kind_is_operator(int kind)
{
    static const int kinds[] = {
        TK_OR,         TK_AND,   TK_IS,   TK_IN_LIST,    TK_IN,      TK_LIKE,   TK_ILIKE,
        TK_BETWEEN,    TK_EQ,    TK_NE,   TK_LT,         TK_LE,      TK_GT,     TK_GE,
        TK_PLUS,       TK_MINUS, TK_STAR, TK_SLASH,      TK_PERCENT, TK_CONCAT, TK_ARROW,
        TK_ARROW_TEXT, TK_AT,    TK_NOT,  TK_COLONCOLON, TK_LB,      TK_DOT,    TK_LP};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i] == kind) {
            return true;
        }
    }
    return false;
}

typedef struct expected_list {
    wr_buffer text;
    int count;
} expected_list;

static void
expected_add(expected_list *list, const char *what, bool quoted)
{
    list->count++;
    if (list->count > EXPECTED_MAX) {
        return;
    }
    const char *quote = quoted ? "\"" : "";
    wr_buffer_printf(&list->text, "%s%s%s%s", list->count > 1 ? ", " : "", quote, what, quote);
}

/* Names, numbers … that are not part of a whole expression. */
static void
expected_add_classes(const stand *s, expected_list *list, bool operand, bool operators)
{
    bool name = accepts(s, TK_ID);
    bool number = accepts(s, TK_NUMBER);
    bool string = accepts(s, TK_STRING) && !operators; /* behind a name: TIMESTAMP '…' */
    if (operand) {
        expected_add(list, "an expression", false);
    } else if (name && number && string && !accepts(s, TK_NULL)) {
        expected_add(list, "a duration (5 MINUTES)", false);
    } else {
        if (name) {
            expected_add(list, "a name", false);
        }
        if (number) {
            expected_add(list, "a number", false);
        }
        if (string) {
            expected_add(list, "a string", false);
        }
    }
}

static void
expected_collect(const stand *s, expected_list *list)
{
    bool operand = accepts(s, TK_NUMBER) && accepts(s, TK_LP) && accepts(s, TK_CASE);
    bool operators = accepts(s, TK_CONCAT);
    expected_add_classes(s, list, operand, operators);
    if (operators) {
        expected_add(list, "an operator", false);
    }
    if (accepts(s, TK_UNIT)) {
        expected_add(list, "a unit (SECONDS, MINUTES, HOURS, …)", false);
    }
    for (int kind = 1; kind < WORDS_MAX; kind++) {
        const char *spelling = kind == TK_SEMI ? NULL : wr_token_spelling(kind);
        if (spelling == NULL || (operand && kind_is_operand(kind)) ||
            (operators && kind_is_operator(kind)) || !accepts(s, kind)) {
            continue;
        }
        bool sign = spelling[0] < 'A' || spelling[0] > 'Z';
        expected_add(list, spelling, sign);
    }
    if (list->count > EXPECTED_MAX) {
        wr_buffer_printf(&list->text, ", …");
    } else if (accepts(s, TK_SEMI)) {
        expected_add(list, "the end of the statement", false);
    }
}

static void
expected_tell(const stand *s)
{
    if (s->before.length == 0 && accepts(s, TK_CREATE)) {
        wr_error_detail(s->p->err, "expected a statement: SELECT, INSERT, CREATE, DROP, SET, "
                                   "SHOW, DESCRIBE, EXPLAIN, …");
        return;
    }
    expected_list list = {.count = 0};
    wr_buffer_init(&list.text);
    expected_collect(s, &list);
    if (list.count > 0) {
        wr_error_detail(s->p->err, "expected %s", wr_buffer_cstr(&list.text));
    }
    wr_buffer_fini(&list.text);
}

/* ── what was meant ── */

/* The keyword that s->token misspells: one that fits here, with the token behind it. NULL: none. */
static const char *
keyword_meant(const stand *s)
{
    wr_text word = wr_token_text(s->p->sql, s->token);
    if (!token_is_plain_word(s, s->token) || word.size < 2 || wr_keyword_find(word) != TK_ID) {
        return NULL;
    }
    wr_text candidates[2 * WORDS_MAX];
    int count = 0;
    if (accepts_two(s->grammar, TK_UNIT, s->after.kind)) {
        count = wr_unit_words_list(candidates, WORDS_MAX);
    }
    for (int kind = 1; kind < WORDS_MAX; kind++) {
        const char *spelling = wr_token_spelling(kind);
        bool keyword = spelling != NULL && spelling[0] >= 'A';
        if (keyword && accepts_two(s->grammar, kind, s->after.kind)) {
            candidates[count++] = wr_text_from(spelling);
        }
    }
    int nearest = wr_text_nearest(word, candidates, count);
    return nearest < 0 ? NULL : candidates[nearest].data;
}

/* Would a statement end before s->token, and another begin with it? */
static bool
semicolon_missing(const stand *s)
{
    int kind = wr_keyword_find(wr_token_text(s->p->sql, s->token));
    return kind != TK_ID && accepts(s, TK_SEMI) && accepts_two(s->initial, kind, s->after.kind);
}

/* SELECT a, FROM t has a comma too many; SELECT from, to FROM t uses a reserved word. */
static bool
reserved_as_name(const stand *s)
{
    bool clause = s->token.kind == TK_FROM && s->after.kind == TK_ID;
    return wr_keyword_is_reserved(s->token.kind) && !clause &&
           accepts_two(s->grammar, TK_ID, s->after.kind);
}

/* Adds the hint that fits a misspelt word; false when there is none. */
static bool
word_tell(const stand *s)
{
    wr_text shown = token_shown(s, s->token);
    const char *meant = keyword_meant(s);
    if (meant != NULL) {
        wr_error_hint(s->p->err, "did you mean %s?", meant);
    } else if (semicolon_missing(s)) {
        wr_error_hint(s->p->err, "A semicolon is missing before %.*s.", WR_TEXT_ARG(shown));
    } else if (reserved_as_name(s)) {
        wr_error_hint(s->p->err, "%.*s is a reserved word; as a name it takes quotes: \"%.*s\".",
                      WR_TEXT_ARG(shown), WR_TEXT_ARG(shown));
    } else {
        return false;
    }
    return true;
}

static void
message_tell(const stand *s, wr_token token, wr_token before)
{
    wr_parser *p = s->p;
    wr_text shown = token_shown(s, token);
    wr_text behind = token_shown(s, before);
    bool ended = token.kind == WR_TOKEN_END || token.kind == TK_SEMI;
    bool string = !ended && (shown.data[0] == '\'' || shown.data[0] == '"');
    wr_text what =
        ended ? WR_TEXT("end of statement")
              : wr_arena_printf(p->arena, string ? "%.*s" : "\"%.*s\"", WR_TEXT_ARG(shown));
    if (before.length == 0) {
        (void)wr_error_set(p->err, WR_ERR_SQL, "E0101", "unexpected %.*s", WR_TEXT_ARG(what));
    } else {
        bool quoted = behind.data[0] != '\'' && behind.data[0] != '"';
        (void)wr_error_set(p->err, WR_ERR_SQL, "E0101",
                           quoted ? "unexpected %.*s after \"%.*s\"" : "unexpected %.*s after %.*s",
                           WR_TEXT_ARG(what), WR_TEXT_ARG(behind));
    }
    wr_error_at(p->err, token.position, token.length > 0 ? token.length : 1);
}

/* A word that the grammar took as a name must look much like a keyword to be taken for one: host is
 * no NOT. */
static bool
keyword_is_near(const stand *s)
{
    const char *meant = keyword_meant(s);
    wr_text word = wr_token_text(s->p->sql, s->token);
    int limit = 1 + (int)(word.size / 6);
    return meant != NULL && word.size > 2 &&
           wr_text_distance(word, wr_text_from(meant), limit) <= limit;
}

/* Is the word before the bad token, which the grammar took as a name, the culprit? Tells so. */
static bool
culprit_tell(const stand *s)
{
    bool keyword_as_name = s->token.kind != TK_ID &&
                           wr_keyword_find(wr_token_text(s->p->sql, s->token)) != TK_ID &&
                           !(wr_keyword_is_reserved(s->token.kind) && accepts(s, s->token.kind));
    if (!keyword_is_near(s) && !(keyword_as_name && semicolon_missing(s))) {
        return false;
    }
    message_tell(s, s->token, s->before);
    expected_tell(s);
    return word_tell(s);
}

/* The token that the grammar refused: as a habit of other SQLs, a misspelt word or a slip. */
static void
refusal_tell(const stand *s)
{
    bool blames_before = false;
    const char *habit = wr_syntax_habit(s, true, &blames_before);
    if (habit == NULL && keyword_meant(s) == NULL) {
        habit = wr_syntax_habit(s, false, &blames_before);
    }
    if (blames_before) {
        message_tell(s, s->before, s->earlier);
    } else {
        message_tell(s, s->token, s->before);
        expected_tell(s);
    }
    if (habit == NULL && !word_tell(s)) {
        habit = wr_syntax_slip(s);
    }
    if (habit != NULL) {
        wr_error_hint(s->p->err, "%s", habit);
    }
}

void
wr_syntax_error_explain(wr_parser *p, int first, int start, wr_token bad)
{
    wr_parser again = {.arena = p->arena, .sql = p->sql, .end = start};
    void *initial = wr_grammarAlloc(wr_alloc, &again);
    void *grammar = wr_grammarAlloc(wr_alloc, &again);
    wr_token_stream stream;
    wr_token_stream_init(&stream, p->sql, start);
    if (first != 0) {
        wr_grammar(grammar, first, (wr_token){.kind = first, .position = start});
    }
    stand here = {.p = p, .grammar = grammar, .initial = initial};
    bool told = false;
    wr_token token = wr_token_stream_next(&stream);
    while (!told && token.position < bad.position) {
        wr_token_stream peek = stream;
        here.token = token;
        here.after = wr_token_stream_next(&peek);
        if (here.after.position == bad.position) {
            told = culprit_tell(&here);
        }
        wr_grammar(grammar, token.kind, token);
        again.end = token.position + token.length;
        here.is_secret |= token.kind == TK_SECRET && (here.before.kind == TK_CREATE ||
                                                      here.before.kind == TK_REPLACE);
        here.earlier = here.before;
        here.before = token;
        token = wr_token_stream_next(&stream);
    }
    if (!told) {
        here.token = token;
        here.after = wr_token_stream_next(&stream);
        refusal_tell(&here);
    }
    wr_grammarFree(grammar, wr_free);
    wr_grammarFree(initial, wr_free);
}
