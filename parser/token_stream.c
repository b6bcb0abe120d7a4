/* Decides what a word is by its neighbours, so that new words stay usable as names.
 *
 *     a.order         word after or before a dot                      → name
 *     a AS order,     reserved word after AS, item ends               → name
 *     group = 'g'     reserved word before = or =>: an option         → name
 *     left(a, 3)      LEFT, RIGHT, NULL before (                      → name
 *     LATE DATA       LATE, AT TIME, GROUPING SETS, CUBE(, OVER( …    → keyword only so
 *     x IN (1, 2)     IN_LIST; IN in position(a IN b), IN TIME ZONE
 *     = SECRET n      SECRET_OF
 *     INTERVAL '5' m  UNIT after a string only here
 *
 * 1. `current.kind` is what the grammar saw, `ahead` is raw.
 * 2. open[0] is 0; depth stops at WR_STREAM_DEPTH_MAX + 1. */
#include "parser/token_stream.h"

#include "parser/grammar.h"
#include "parser/keyword.h"

static bool
word_is(const wr_token_stream *stream, wr_token token, wr_text word)
{
    return wr_text_equal_nocase(wr_token_text(stream->sql, token), word);
}

/* Letters, not a quoted name or sign. */
static bool
token_is_word(const wr_token_stream *stream, wr_token token)
{
    if (token.length == 0 || token.kind >= WR_TOKEN_BAD) {
        return false;
    }
    unsigned char c = (unsigned char)stream->sql.data[token.position];
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static bool
token_can_be_name(const wr_token_stream *stream, wr_token token)
{
    return token.kind == TK_ID ||
           (token_is_word(stream, token) && !wr_keyword_is_reserved(token.kind));
}

static bool
kind_is_literal(int kind)
{
    return kind == TK_NULL || kind == TK_TRUE || kind == TK_FALSE;
}

/* Does an item of a list, or the statement, end before a token of this kind? */
static bool
kind_ends_item(int kind)
{
    return kind == TK_COMMA || kind == TK_FROM || kind == TK_RP || kind == TK_SEMI ||
           kind == WR_TOKEN_END;
}

/* INTERVAL '5' MINUTE has a unit; INTERVAL '5 minutes' m and DATE '…' d have an alias. */
static bool
unit_follows_interval(const wr_token_stream *stream)
{
    if (!word_is(stream, stream->before[0], WR_TEXT("INTERVAL"))) {
        return false;
    }
    wr_text string = wr_token_text(stream->sql, stream->current);
    for (size_t i = 1; i + 1 < string.size; i++) {
        char c = string.data[i];
        if ((c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != ' ') {
            return false;
        }
    }
    return true;
}

static int
in_kind(const wr_token_stream *stream)
{
    bool zone = stream->ahead[0].kind == TK_TIME && stream->ahead[1].kind == TK_ZONE;
    bool position = stream->open[stream->depth] == 'P';
    return zone || position ? TK_IN : TK_IN_LIST;
}

/* Words that are keywords only before a certain token: returns that token's kind, or -1. */
static int
kind_needs_next(int kind)
{
    switch (kind) {
    case TK_AT: return TK_TIME;
    case TK_GROUPING: return TK_SETS;
    case TK_ROLLUP:
    case TK_CUBE:
    case TK_OVER:
    case TK_FILTER:
    case TK_CAST:
    case TK_TRY_CAST: return TK_LP;
    case TK_ARRAY: return TK_LB;
    case TK_LATE: return TK_DATA;
    default: return -1;
    }
}

/* A word that only its neighbours make a name; every other word keeps its kind. */
static bool
word_is_name_here(const wr_token_stream *stream, int kind)
{
    int next = stream->ahead[0].kind;
    int previous = stream->current.kind;
    bool reserved = wr_keyword_is_reserved(kind) && !kind_is_literal(kind);
    if (previous == TK_DOT || next == TK_DOT || next == TK_FATARROW) {
        return true;
    }
    if (reserved && (next == TK_EQ || (previous == TK_AS && kind_ends_item(next)))) {
        return true;
    }
    if (next == TK_LP && (kind == TK_LEFT || kind == TK_RIGHT || kind == TK_NULL)) {
        return true;
    }
    int needed = kind_needs_next(kind);
    return needed >= 0 && next != needed;
}

/* AS BEGIN opens the block of a job, unless BEGIN is an alias. */
static bool
begin_opens_block(const wr_token_stream *stream)
{
    int next = stream->ahead[0].kind;
    return stream->current.kind == TK_AS &&
           (next == TK_INSERT || next == TK_END || stream->ahead[1].kind == TK_INTO);
}

static bool
word_is_trim_side(const wr_token_stream *stream)
{
    int next = stream->ahead[0].kind;
    return stream->current.kind == TK_LP &&
           word_is(stream, stream->before[0], WR_TEXT("TRIM")) && next != TK_RP &&
           next != TK_COMMA;
}

static int
word_kind(const wr_token_stream *stream, int kind)
{
    int previous = stream->current.kind;
    if (kind == TK_ID || word_is_name_here(stream, kind)) {
        return TK_ID;
    }
    switch (kind) {
    case TK_IN: return in_kind(stream);
    case TK_BEGIN: return begin_opens_block(stream) ? kind : TK_ID;
    case TK_WITHIN: return stream->ahead[0].kind == TK_GROUP ? TK_WITHIN_GROUP : TK_WITHIN;
    case TK_UNIT: return previous == TK_STRING && !unit_follows_interval(stream) ? TK_ID : TK_UNIT;
    case TK_BOTH:
    case TK_LEADING:
    case TK_TRAILING: return word_is_trim_side(stream) ? kind : TK_ID;
    case TK_SECRET:
        if ((previous == TK_EQ || previous == TK_FATARROW) &&
            token_can_be_name(stream, stream->ahead[0])) {
            return TK_SECRET_OF;
        }
        return kind;
    default: return kind;
    }
}

static void
depth_push(wr_token_stream *stream, uint8_t open)
{
    if (stream->depth <= WR_STREAM_DEPTH_MAX) {
        stream->depth++;
        stream->open[stream->depth] = open;
    }
}

static void
depth_follow(wr_token_stream *stream, wr_token token)
{
    switch (token.kind) {
    case TK_LP:
        depth_push(stream, word_is(stream, stream->current, WR_TEXT("POSITION")) ? 'P' : '(');
        break;
    case TK_LB: depth_push(stream, '['); break;
    case TK_CASE: depth_push(stream, 'C'); break;
    case TK_RP:
    case TK_RB: stream->depth -= stream->depth > 0; break;
    case TK_END:
        if (stream->open[stream->depth] == 'C') {
            stream->depth--;
        } else if (stream->current.kind == TK_SEMI || stream->current.kind == TK_BEGIN) {
            stream->in_block = false;
        }
        break;
    case TK_BEGIN: stream->in_block = true; break;
    default: break;
    }
}

static void
stream_shift(wr_token_stream *stream)
{
    wr_token last = stream->ahead[WR_STREAM_AHEAD - 1];
    for (int i = 0; i + 1 < WR_STREAM_AHEAD; i++) {
        stream->ahead[i] = stream->ahead[i + 1];
    }
    stream->ahead[WR_STREAM_AHEAD - 1] =
        wr_token_next(stream->sql, last.position + last.length);
}

void
wr_token_stream_init(wr_token_stream *stream, wr_text sql, int position)
{
    *stream = (wr_token_stream){.sql = sql};
    stream->ahead[WR_STREAM_AHEAD - 1] = (wr_token){.position = position};
    for (int i = 0; i < WR_STREAM_AHEAD; i++) {
        stream_shift(stream);
    }
}

wr_token
wr_token_stream_next(wr_token_stream *stream)
{
    wr_token token = stream->ahead[0];
    stream_shift(stream);
    if (token_is_word(stream, token)) {
        wr_token next = stream->ahead[0];
        if (word_is(stream, token, WR_TEXT("DOUBLE")) &&
            word_is(stream, next, WR_TEXT("PRECISION"))) {
            token.length = next.position + next.length - token.position;
            stream_shift(stream);
        }
        token.kind = word_kind(stream, token.kind);
    }
    depth_follow(stream, token);
    stream->before[1] = stream->before[0];
    stream->before[0] = stream->current;
    stream->current = token;
    return token;
}
