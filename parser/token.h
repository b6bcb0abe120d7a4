/* Tokens: pieces of the text with a kind, nothing copied. Kinds are the TK_… of the grammar's
 * generated header, and the ones below. */
#ifndef WEIR_PARSER_TOKEN_H
#define WEIR_PARSER_TOKEN_H

#include "core/text.h"

typedef struct wr_token {
    int kind;
    int position, length;
} wr_token;

/* Kinds that never reach the grammar, but for END, which is its $. */
enum {
    WR_TOKEN_END = 0,     /* end of the text */
    WR_TOKEN_BAD = 1000,  /* a character that starts no token */
    WR_TOKEN_OPEN_STRING, /* '… without its end; reaches to the end of the text, as do these: */
    WR_TOKEN_OPEN_NAME,   /* "… */
    WR_TOKEN_OPEN_COMMENT,
    WR_TOKEN_BAD_UTF8, /* a string or name that is not UTF-8, or holds a NUL */
    WR_TOKEN_BAD_NUMBER /* 1e, ?99999999999 */
};

/* The token at or after `position`, white space and comments skipped. A word has the kind of its
 * keyword, whatever the context, else TK_ID. Beyond the end: WR_TOKEN_END with length 0. */
wr_token wr_token_next(wr_text sql, int position);

/* The first comment at or after `position` that stands before the next token, as a token of
 * length 0 when there is none. */
wr_token wr_comment_next(wr_text sql, int position);

/* Its bytes in `sql`. */
wr_text wr_token_text(wr_text sql, wr_token token);

#endif
