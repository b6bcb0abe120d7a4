/* Where a statement stopped to be one: what syntax_error.c and syntax_habit.c look at. */
#ifndef WEIR_PARSER_SYNTAX_STAND_H
#define WEIR_PARSER_SYNTAX_STAND_H

#include "parser/grammar_state.h"

/* The parse in the state just before `token`. Tokens of length 0 stand for none. */
typedef struct wr_syntax_stand {
    wr_parser *p;
    const void *grammar; /* before `token` */
    const void *initial; /* before any token */
    wr_token token, after;
    wr_token before, earlier; /* the two before it, newest first */
    bool is_secret; /* CREATE SECRET: what is written in it is in no message */
} wr_syntax_stand;

/* Would the grammar take this kind of token here, as itself? */
bool wr_syntax_accepts(const wr_syntax_stand *stand, int kind);

/* What to type instead of something that other SQLs know; NULL: it is no known habit. `by_word`: it
 * is known by the token itself, else by what is before it and any word there.
 * *blames_before: not the token is wrong but the word before it, which was taken for a name. */
const char *wr_syntax_habit(const wr_syntax_stand *stand, bool by_word, bool *blames_before);

/* A comma, parenthesis or operator too many or too few, a clause behind a later one; NULL: none. */
const char *wr_syntax_slip(const wr_syntax_stand *stand);

#endif
