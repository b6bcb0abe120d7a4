/* Tokens, keywords, and words that are keywords only next to others. */
#include "tests/unit/parser_tools.h"

#include "parser/grammar.h"
#include "parser/keyword.h"
#include "parser/token.h"
#include "parser/token_stream.h"

/* The kinds of a text as the grammar sees them, ended by 0. */
static void
check_kinds(const char *sql, const int *kinds)
{
    wr_token_stream stream;
    wr_token_stream_init(&stream, wr_text_from(sql), 0);
    for (int i = 0;; i++) {
        wr_token token = wr_token_stream_next(&stream);
        if (token.kind != kinds[i]) {
            fail_msg("%s: token %d is of kind %d, not %d", sql, i, token.kind, kinds[i]);
        }
        if (token.kind == WR_TOKEN_END) {
            return;
        }
    }
}

#define KINDS(sql, ...) check_kinds(sql, (const int[]){__VA_ARGS__, WR_TOKEN_END})

static void
text_is_cut_into_tokens(void **state)
{
    (void)state;
    KINDS("avg(v)>=1.5 -- note", TK_ID, TK_LP, TK_ID, TK_RP, TK_GE, TK_NUMBER);
    KINDS("5s 5min 1e3 .5 1.5E-3 1.x", TK_NUMBER, TK_UNIT, TK_NUMBER, TK_UNIT, TK_NUMBER, TK_NUMBER,
          TK_NUMBER, TK_NUMBER, TK_DOT, TK_ID);
    KINDS("a->b->>c::x||e=>f<>g!=i", TK_ID, TK_ARROW, TK_ID, TK_ARROW_TEXT, TK_ID, TK_COLONCOLON,
          TK_ID, TK_CONCAT, TK_ID, TK_FATARROW, TK_ID, TK_NE, TK_ID, TK_NE, TK_ID);
    KINDS("? ?12 :name 'it''s' \"a\"\"b\"", TK_PARAMETER, TK_PARAMETER, TK_PARAMETER, TK_STRING,
          TK_ID);
    KINDS("größe\xC2\xA0x \xEF\xBB\xBFz", TK_ID, TK_ID, TK_ID);
    KINDS("a /* x /* y */ */ b--c\ne", TK_ID, TK_ID, TK_ID);
}

static void
words_depend_on_their_neighbours(void **state)
{
    (void)state;
    KINDS("LATE DATA late", TK_LATE, TK_DATA, TK_ID);
    KINDS("a.from b.c", TK_ID, TK_DOT, TK_ID, TK_ID, TK_DOT, TK_ID);
    KINDS("a AS order, b AS SELECT c", TK_ID, TK_AS, TK_ID, TK_COMMA, TK_ID, TK_AS, TK_SELECT,
          TK_ID);
    KINDS("group = 1, on => 2", TK_ID, TK_EQ, TK_NUMBER, TK_COMMA, TK_ID, TK_FATARROW, TK_NUMBER);
    KINDS("left(a) LEFT JOIN", TK_ID, TK_LP, TK_ID, TK_RP, TK_LEFT, TK_JOIN);
    KINDS("a IN (1)", TK_ID, TK_IN_LIST, TK_LP, TK_NUMBER, TK_RP);
    KINDS("position(a IN b)", TK_ID, TK_LP, TK_ID, TK_IN, TK_ID, TK_RP);
    KINDS("x = SECRET n", TK_ID, TK_EQ, TK_SECRET_OF, TK_ID);
    KINDS("x = secret AND", TK_ID, TK_EQ, TK_SECRET, TK_AND);
    KINDS("interval '5' m", TK_ID, TK_STRING, TK_UNIT);
    KINDS("interval '5 minutes' m", TK_ID, TK_STRING, TK_ID);
    KINDS("DATE 'x' d", TK_ID, TK_STRING, TK_ID);
    KINDS("WITHIN GROUP (", TK_WITHIN_GROUP, TK_GROUP, TK_LP);
    KINDS("x at time zone", TK_ID, TK_AT, TK_TIME, TK_ZONE);
    KINDS("x at z", TK_ID, TK_ID, TK_ID);
    KINDS("double /* */ precision x", TK_ID, TK_ID);
}

static void
keywords_are_found(void **state)
{
    (void)state;
    int count = 0;
    const wr_keyword *keywords = wr_keywords(&count);
    for (int i = 0; i < count; i++) {
        if (i > 0 && strcmp(keywords[i - 1].word, keywords[i].word) >= 0) {
            fail_msg("keyword_list.h: %s stands before %s", keywords[i - 1].word, keywords[i].word);
        }
        int kind = wr_keyword_find(wr_text_from(keywords[i].word));
        assert_string_equal(wr_token_spelling(kind), keywords[i].word);
        assert_int_equal(wr_keyword_is_reserved(kind), keywords[i].reserved);
    }
    assert_int_equal(wr_keyword_find(WR_TEXT("select")), TK_SELECT);
    assert_int_equal(wr_keyword_find(WR_TEXT("Minutes")), TK_UNIT);
    assert_int_equal(wr_keyword_find(WR_TEXT("selects")), TK_ID);
    assert_int_equal(wr_keyword_find(WR_TEXT("a_very_long_word_that_is_none")), TK_ID);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keywords_are_found),
        cmocka_unit_test(text_is_cut_into_tokens),
        cmocka_unit_test(words_depend_on_their_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
