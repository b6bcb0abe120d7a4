/* Parts of the formatter; users take wr_format_script of parser.h.
 *
 *   text ── format.c ──▶ statements ── format_pieces.c ──▶ pieces ── format_layout.c ──▶ lines */
#ifndef WEIR_PARSER_FORMAT_H
#define WEIR_PARSER_FORMAT_H

#include "core/buffer.h"
#include "parser/build.h"

enum { WR_FORMAT_COLUMNS = 80, WR_FORMAT_INDENT = 4 };

/* Byte offsets of the words that the grammar took as names, rising: most keywords can be names, and
 * only the grammar knows which they are. */
typedef struct wr_words {
    const int *positions;
    int count;
} wr_words;

/* As wr_parse_statement, but for its words instead of its tree. `err` is not NULL. */
WR_MUST_USE wr_status wr_parse_words(wr_arena *arena, wr_text sql, size_t *consumed,
                                     wr_words *words, wr_error *err);

/* Positions are ints: larger texts are refused. */
WR_MUST_USE wr_status wr_sql_size_check(wr_text sql, wr_error *err);

/* A token as it will be written, with the comments around it. `width` and `breaks` are sums, so
 * that the width of any stretch, and whether it can be one line, is a subtraction. */
typedef struct wr_piece {
    int kind;        /* TK_…, as the grammar took it: TK_ID for every name */
    wr_text text;    /* as it is written */
    int64_t columns; /* of text */
    bool space;      /* a space before it, when it is not first in its line */
    int pair;        /* of ( [ CASE BEGIN: where it closes, and the other way round; else -1 */
    wr_list above;   /* wr_text: comments on lines of their own before it */
    wr_list behind;  /* wr_text: comments behind it; only the last one can end the line */
    int64_t width;   /* columns from the first piece to the end of `text`, all in one line */
    int breaks;      /* how many pieces, this one included, must begin a line */
} wr_piece;

typedef struct wr_pieces {
    wr_piece *items;
    int count;
} wr_pieces;

/* The statement at the beginning of `sql`, parsed before, whose semicolon or text ends at `end`, as
 * pieces; the semicolon, if there is one, is the last. Comments that stand before a semicolon or
 * comma come behind it; those on lines of their own before the semicolon are left in `rest`
 * (wr_text). Returns where the last piece ends. */
int wr_format_pieces(wr_arena *arena, wr_text sql, int end, wr_words words, wr_pieces *pieces,
                     wr_list *rest);

/* The bytes of a comment, without the space at the end of one that begins with --. */
wr_text wr_comment_text(wr_text sql, wr_token comment);
/* Does a comment end its line? */
bool wr_comment_ends_line(wr_text comment);

/* Writes the pieces of a statement, without a newline unless a comment ends its last line. */
void wr_format_layout(const wr_pieces *pieces, wr_buffer *out);

#endif
