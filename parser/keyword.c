/* Words to token kinds and back.
 *
 *     FROM → TK_FROM     minutes → TK_UNIT     host → TK_ID     TK_ARROW_TEXT → "->>"
 *
 * 1. keywords[] is sorted by word, so a word is found by halving.
 * 2. Every kind but names, numbers, strings and parameters has a spelling. */
#include "parser/token.h"

#include "parser/grammar.h"
#include "parser/keyword.h"
#include "parser/keyword_list.h"
#include "parser/parser.h"

#include <stdlib.h>
#include <string.h>

enum { WORD_MAX = 16 }; /* no keyword is longer */

enum { KIND_MAX = 256 };

static const wr_keyword keywords[] = {
#define KEYWORD_ENTRY(word, is_reserved) {#word, is_reserved},
    WR_KEYWORD_LIST(KEYWORD_ENTRY)
#undef KEYWORD_ENTRY
};
enum { KEYWORD_COUNT = sizeof(keywords) / sizeof(keywords[0]) };

static const uint16_t kinds[KEYWORD_COUNT] = {
#define KEYWORD_KIND(word, is_reserved) TK_##word,
    WR_KEYWORD_LIST(KEYWORD_KIND)
#undef KEYWORD_KIND
};

static const wr_unit_words units[] = {
#define UNIT_ENTRY(one, many, abbreviation) {one, many, abbreviation},
    WR_UNIT_LIST(UNIT_ENTRY)
#undef UNIT_ENTRY
};
enum { UNIT_COUNT = sizeof(units) / sizeof(units[0]) };

static const bool reserved_kinds[KIND_MAX] = {
#define KEYWORD_RESERVED(word, is_reserved) [TK_##word] = is_reserved,
    WR_KEYWORD_LIST(KEYWORD_RESERVED)
#undef KEYWORD_RESERVED
    [TK_IN_LIST] = true,
};

static const char *const spellings[KIND_MAX] = {
#define KEYWORD_SPELLING(word, is_reserved) [TK_##word] = #word,
    WR_KEYWORD_LIST(KEYWORD_SPELLING)
#undef KEYWORD_SPELLING
    [TK_LP] = "(",         [TK_RP] = ")",          [TK_LB] = "[",
    [TK_RB] = "]",         [TK_COMMA] = ",",       [TK_SEMI] = ";",
    [TK_DOT] = ".",        [TK_EQ] = "=",          [TK_NE] = "<>",
    [TK_LT] = "<",         [TK_LE] = "<=",         [TK_GT] = ">",
    [TK_GE] = ">=",        [TK_PLUS] = "+",        [TK_MINUS] = "-",
    [TK_STAR] = "*",       [TK_SLASH] = "/",       [TK_PERCENT] = "%",
    [TK_CONCAT] = "||",    [TK_ARROW] = "->",      [TK_ARROW_TEXT] = "->>",
    [TK_FATARROW] = "=>",  [TK_COLONCOLON] = "::", [TK_IN_LIST] = "IN",
    [TK_SECRET_OF] = "SECRET", [TK_WITHIN_GROUP] = "WITHIN",
};

static int
keyword_compare(const void *word, const void *entry)
{
    return strcmp((const char *)word, ((const wr_keyword *)entry)->word);
}

/* Capitals into `out`; false when it is too long or has a character that no keyword has. */
static bool
word_upper(wr_text word, char out[WORD_MAX + 1])
{
    if (word.size == 0 || word.size > WORD_MAX) {
        return false;
    }
    for (size_t i = 0; i < word.size; i++) {
        char c = word.data[i];
        if (c >= 'a' && c <= 'z') {
            c = (char)(c - 'a' + 'A');
        } else if ((c < 'A' || c > 'Z') && c != '_') {
            return false;
        }
        out[i] = c;
    }
    out[word.size] = '\0';
    return true;
}

static bool
word_equal(const char *a, const char *b)
{
    return a[0] == b[0] && strcmp(a, b) == 0; /* mostly settled by the first letter */
}

const wr_unit_words *
wr_unit_find(wr_text word)
{
    char upper[WORD_MAX + 1];
    if (!word_upper(word, upper)) {
        return NULL;
    }
    if (strcmp(upper, "M") == 0) {
        return wr_unit_find(WR_TEXT("MINUTE"));
    }
    for (int i = 0; i < UNIT_COUNT; i++) {
        if (word_equal(upper, units[i].one) || word_equal(upper, units[i].many) ||
            word_equal(upper, units[i].abbreviation)) {
            return &units[i];
        }
    }
    return NULL;
}

int
wr_unit_words_list(wr_text *words, int capacity)
{
    int count = 0;
    for (int i = 0; i < UNIT_COUNT && count + 2 <= capacity; i++) {
        words[count++] = wr_text_from(units[i].many);
        words[count++] = wr_text_from(units[i].one);
    }
    return count;
}

int
wr_keyword_find(wr_text word)
{
    char upper[WORD_MAX + 1];
    if (!word_upper(word, upper)) {
        return TK_ID;
    }
    const wr_keyword *found =
        bsearch(upper, keywords, KEYWORD_COUNT, sizeof(keywords[0]), keyword_compare);
    if (found != NULL) {
        return kinds[found - keywords];
    }
    return wr_unit_find(word) != NULL ? TK_UNIT : TK_ID;
}

bool
wr_keyword_is_reserved(int kind)
{
    return kind > 0 && kind < KIND_MAX && reserved_kinds[kind];
}

const char *
wr_token_spelling(int kind)
{
    return kind > 0 && kind < KIND_MAX ? spellings[kind] : NULL;
}

const wr_keyword *
wr_keywords(int *count)
{
    *count = KEYWORD_COUNT;
    return keywords;
}
