/* Cuts a statement into pieces: tokens with their spelling, the space before them, their comments.
 *
 *     select a, -- first          SELECT · a · ,{behind: -- first} · b{above: -- second} · …
 *       -- second
 *       b from t
 *
 * 1. A comment belongs to the token before it if it stands on that token's line, else to the token
 *    behind it. Commas and semicolons come before it: `a -- x` `, b` is written `a, -- x` `b`.
 * 2. Only the case of keywords and the space between tokens differ from the text; no two tokens are
 *    brought together that could be read as one. */
#include "parser/format.h"

#include "parser/grammar.h"
#include "parser/keyword.h"
#include "parser/token_stream.h"

#include <string.h>

typedef struct cutter {
    wr_arena *arena;
    wr_text sql;
    wr_words words;
    int next_word;  /* the first of words that is not behind us */
    wr_list pieces; /* wr_piece */
    wr_list open;   /* int: pieces whose bracket is open */
    wr_list above;  /* comments for the next piece */
} cutter;

/* The piece so many before the one that comes next; NULL: there is none. */
static wr_piece *
piece_before(const cutter *cut, int distance)
{
    wr_piece *items = cut->pieces.items;
    return cut->pieces.count >= distance ? &items[cut->pieces.count - distance] : NULL;
}

/* ── spelling ── */

/* A word that is a keyword here and not a name. Both lists rise. */
static bool
token_is_keyword(cutter *cut, wr_token token)
{
    while (cut->next_word < cut->words.count &&
           cut->words.positions[cut->next_word] < token.position) {
        cut->next_word++;
    }
    bool named =
        cut->next_word < cut->words.count && cut->words.positions[cut->next_word] == token.position;
    return !named && token.kind != TK_ID &&
           wr_keyword_find(wr_token_text(cut->sql, token)) != TK_ID;
}

/* MINUTES, but min and the s of 5s as they are. */
static bool
unit_is_long(wr_text text)
{
    const wr_unit_words *unit = wr_unit_find(text);
    return unit != NULL && (wr_text_equal_nocase(text, wr_text_from(unit->one)) ||
                            wr_text_equal_nocase(text, wr_text_from(unit->many)));
}

static wr_text
text_upper(wr_arena *arena, wr_text text)
{
    char *upper = wr_arena_strndup(arena, text.data, text.size);
    for (size_t i = 0; i < text.size; i++) {
        if (upper[i] >= 'a' && upper[i] <= 'z') {
            upper[i] = (char)(upper[i] - 'a' + 'A');
        }
    }
    return (wr_text){upper, text.size};
}

static wr_text
keyword_spelling(const cutter *cut, wr_token token)
{
    wr_text text = wr_token_text(cut->sql, token);
    const wr_piece *last = piece_before(cut, 1);
    bool setting =
        token.kind == TK_ON && last != NULL && (last->kind == TK_EQ || last->kind == TK_TO);
    if (setting || (token.kind == TK_UNIT && !unit_is_long(text))) {
        return text;
    }
    return text_upper(cut->arena, text);
}

/* ── spaces ── */

/* Can an operand end with it? What follows then is a binary operator. */
static bool
kind_ends_operand(int kind)
{
    switch (kind) {
    case TK_ID:
    case TK_NUMBER:
    case TK_STRING:
    case TK_PARAMETER:
    case TK_RP:
    case TK_RB:
    case TK_NULL:
    case TK_TRUE:
    case TK_FALSE:
    case TK_END:
    case TK_UNIT: return true;
    default: return false;
    }
}

static bool
kind_is_sign(int kind)
{
    return kind == TK_MINUS || kind == TK_PLUS;
}

/* Is the last piece a sign that stands before its operand? */
static bool
last_is_prefix(const cutter *cut)
{
    const wr_piece *last = piece_before(cut, 1), *before = piece_before(cut, 2);
    return kind_is_sign(last->kind) && (before == NULL || !kind_ends_operand(before->kind));
}

/* Does what is in parentheses begin like a list of names? (a, …  or (a) */
static bool
names_follow(const cutter *cut, wr_token open)
{
    wr_token name = wr_token_next(cut->sql, open.position + open.length);
    wr_token after = wr_token_next(cut->sql, name.position + name.length);
    return name.kind == TK_ID && (after.kind == TK_COMMA || after.kind == TK_RP);
}

/* CREATE STREAM s (…), INSERT INTO s (a, b): a list behind a name, and no call. */
static bool
name_takes_list(const cutter *cut, wr_token open)
{
    const wr_piece *before = piece_before(cut, 2);
    if (before != NULL && before->kind == TK_INTO) {
        return names_follow(cut, open);
    }
    const wr_piece *first = cut->pieces.items;
    return cut->open.count == 0 && first->kind == TK_CREATE;
}

static bool
space_before_paren(const cutter *cut, wr_token token)
{
    switch (piece_before(cut, 1)->kind) {
    case TK_ID: return name_takes_list(cut, token);
    case TK_CAST:
    case TK_TRY_CAST:
    case TK_TABLE:
    case TK_LP:
    case TK_LB: return false;
    default: return true;
    }
}

/* Nothing stands before these, nothing behind those. */
static bool
kind_joins_before(int kind)
{
    return kind == TK_COMMA || kind == TK_SEMI || kind == TK_DOT || kind == TK_COLONCOLON ||
           kind == TK_RP || kind == TK_RB || kind == TK_LB;
}

static bool
kind_joins_behind(int kind)
{
    return kind == TK_DOT || kind == TK_COLONCOLON || kind == TK_LP || kind == TK_LB;
}

static bool
space_before(const cutter *cut, wr_token token, int kind)
{
    const wr_piece *last = piece_before(cut, 1);
    if (last == NULL || kind_joins_before(kind) || kind_joins_behind(last->kind)) {
        return false;
    }
    if (last_is_prefix(cut)) {
        return kind_is_sign(kind); /* - -1: two signs would be a comment */
    }
    if (kind == TK_UNIT && last->kind == TK_NUMBER) {
        return last->text.data + last->text.size != cut->sql.data + token.position; /* 5s, 5 s */
    }
    return kind == TK_LP ? space_before_paren(cut, token) : true;
}

/* ── brackets ── */

/* The < of ARRAY<t> and STRUCT<…> and its > are brackets, and get their kinds. */
static int
bracket_kind(const cutter *cut, int kind)
{
    const wr_piece *last = piece_before(cut, 1);
    if (kind == TK_LT && last != NULL && last->kind == TK_ID &&
        (wr_text_equal_nocase(last->text, WR_TEXT("array")) ||
         wr_text_equal_nocase(last->text, WR_TEXT("struct")))) {
        return TK_LB;
    }
    const int *open = cut->open.items;
    const wr_piece *items = cut->pieces.items;
    bool in_angle = cut->open.count > 0 && items[open[cut->open.count - 1]].text.data[0] == '<';
    return kind == TK_GT && in_angle ? TK_RB : kind;
}

/* Pairs a closing piece with the one that it closes; a column called array before a < leaves one
 * open that nothing closes. */
static void
bracket_close(cutter *cut, int index)
{
    wr_piece *items = cut->pieces.items;
    const int *opened = cut->open.items;
    bool angle = items[index].text.data[0] == '>';
    while (cut->open.count > 0) {
        int open = opened[--cut->open.count];
        if (angle || items[open].text.data[0] != '<') {
            items[open].pair = index;
            items[index].pair = open;
            return;
        }
    }
}

static void
bracket_follow(cutter *cut, int index)
{
    const wr_piece *items = cut->pieces.items;
    switch (items[index].kind) {
    case TK_LP:
    case TK_LB:
    case TK_CASE:
    case TK_BEGIN: cut->open = WR_LIST_ADD(cut, cut->open, index); break;
    case TK_RP:
    case TK_RB:
    case TK_END: bracket_close(cut, index); break;
    default: break;
    }
}

/* ── comments ── */

bool
wr_comment_ends_line(wr_text comment)
{
    return comment.data[0] == '-' || memchr(comment.data, '\n', comment.size) != NULL;
}

static bool
comment_can_follow(const wr_piece *piece)
{
    const wr_text *behind = piece->behind.items;
    int count = piece->behind.count;
    return count == 0 || !wr_comment_ends_line(behind[count - 1]);
}

wr_text
wr_comment_text(wr_text sql, wr_token comment)
{
    wr_text text = wr_token_text(sql, comment);
    while (text.data[0] == '-' && memchr(" \t\r", text.data[text.size - 1], 3) != NULL) {
        text.size--;
    }
    return text;
}

/* The comments between `position` and the next token. */
static void
comments_take(cutter *cut, int position)
{
    wr_piece *last = piece_before(cut, 1);
    for (;;) {
        wr_token comment = wr_comment_next(cut->sql, position);
        if (comment.length == 0) {
            return;
        }
        wr_text text = wr_comment_text(cut->sql, comment);
        size_t gap = (size_t)(comment.position - position);
        bool same_line = memchr(cut->sql.data + position, '\n', gap) == NULL;
        if (same_line && cut->above.count == 0 && last != NULL && comment_can_follow(last)) {
            last->behind = WR_LIST_ADD(cut, last->behind, text);
        } else {
            cut->above = WR_LIST_ADD(cut, cut->above, text);
        }
        position = comment.position + comment.length;
    }
}

/* Gives the new piece its comments; a comma or semicolon goes before those that stand before it. */
static void
comments_give(cutter *cut, wr_piece *piece)
{
    wr_piece *last = piece_before(cut, 1);
    if (last != NULL && (piece->kind == TK_COMMA || piece->kind == TK_SEMI)) {
        piece->behind = last->behind;
        last->behind = (wr_list){0};
    } else {
        piece->above = cut->above;
        cut->above = (wr_list){0};
    }
}

static void
piece_add(cutter *cut, wr_token token)
{
    wr_text text = wr_token_text(cut->sql, token);
    bool keyword = token_is_keyword(cut, token);
    bool word = wr_keyword_find(text) != TK_ID;
    wr_piece piece = {.pair = -1};
    piece.kind = bracket_kind(cut, word && !keyword ? TK_ID : token.kind);
    piece.text = keyword ? keyword_spelling(cut, token) : text;
    piece.space = space_before(cut, token, piece.kind);
    comments_give(cut, &piece);
    cut->pieces = WR_LIST_ADD(cut, cut->pieces, piece);
    bracket_follow(cut, cut->pieces.count - 1);
}

/* ── widths ── */

static int64_t
text_columns(wr_text text)
{
    int64_t columns = 0;
    for (size_t i = 0; i < text.size; i++) {
        columns += ((unsigned char)text.data[i] & 0xC0) != 0x80;
    }
    return columns;
}

static int64_t
behind_columns(const wr_piece *piece)
{
    const wr_text *behind = piece->behind.items;
    int64_t columns = 0;
    for (int i = 0; i < piece->behind.count; i++) {
        columns += text_columns(behind[i]) + 1;
    }
    return columns;
}

/* Fills in the sums: columns, width, breaks. */
static void
pieces_measure(wr_pieces *pieces)
{
    int64_t width = 0;
    int breaks = 0;
    bool line_ended = false;
    for (int i = 0; i < pieces->count; i++) {
        wr_piece *piece = &pieces->items[i];
        piece->columns = text_columns(piece->text);
        piece->width = width + piece->space + piece->columns;
        breaks += piece->above.count > 0 || line_ended;
        piece->breaks = breaks;
        width = piece->width + behind_columns(piece);
        line_ended = !comment_can_follow(piece) || piece->kind == TK_BEGIN;
    }
}

int
wr_format_pieces(wr_arena *arena, wr_text sql, int end, wr_words words, wr_pieces *pieces,
                 wr_list *rest)
{
    cutter cut = {.arena = arena, .sql = sql, .words = words};
    wr_token_stream stream;
    wr_token_stream_init(&stream, sql, 0);
    int position = 0;
    for (;;) {
        wr_token token = wr_token_stream_next(&stream);
        if (token.kind == WR_TOKEN_END || token.position >= end) {
            break;
        }
        comments_take(&cut, position);
        piece_add(&cut, token);
        position = token.position + token.length;
    }
    *pieces = (wr_pieces){cut.pieces.items, cut.pieces.count};
    *rest = cut.above;
    pieces_measure(pieces);
    return position;
}
