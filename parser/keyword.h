/* Keywords and units as words; see keyword_list.h for the lists. */
#ifndef WEIR_PARSER_KEYWORD_H
#define WEIR_PARSER_KEYWORD_H

#include "core/text.h"

/* A unit of durations: MINUTE, MINUTES, MIN. */
typedef struct wr_unit_words {
    const char *one, *many, *abbreviation;
} wr_unit_words;

/* The unit that `word` names in any case (m is MINUTE); NULL: none. Static. */
const wr_unit_words *wr_unit_find(wr_text word);

/* Every spelling but the short ones, for "did you mean"; at most `capacity`. Returns how many. */
int wr_unit_words_list(wr_text *words, int capacity);

/* Kind of a word when it is a keyword or unit; TK_ID if not. */
int wr_keyword_find(wr_text word);
/* Reserved words need quotes as names. */
bool wr_keyword_is_reserved(int kind);
/* Capitals, or the sign; NULL for kinds without a spelling of their own (names, numbers …). */
const char *wr_token_spelling(int kind);

#endif
