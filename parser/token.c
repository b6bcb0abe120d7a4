/* Cuts text into tokens.
 *
 *     avg(v)>=1.5 -- note     →  ID avg · LP · ID v · RP · GE · NUMBER 1.5 · END
 *
 * 1. Every byte sequence is cut without reading past its end, whatever it holds.
 * 2. A token has at least one byte, but for END; so repeated calls come to the end.
 * 3. Strings and quoted names are whole with their quotes; '' and "" are undone by who copies them.
 * 4. Strings and names hold valid UTF-8 and no NUL byte, so that texts can be printed with %.*s.
 * 5. Bytes from 128 on belong to names when they form valid UTF-8, but for the white space and the
 *    typographic quotes among them. */
#include "parser/token.h"

#include "parser/grammar.h"
#include "parser/keyword.h"

#include <string.h>

/* At the end of the text a NUL is read, which belongs to no token. */
static char
byte_at(wr_text sql, size_t position)
{
    return position < sql.size ? sql.data[position] : '\0';
}

static bool
byte_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
byte_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Bytes of the UTF-8 character at `position`; 0 when there is none. */
static size_t
character_size(wr_text sql, size_t position)
{
    unsigned char lead = (unsigned char)byte_at(sql, position);
    size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (position + size > sql.size || !wr_utf8_valid(sql.data + position, size)) {
        return 0;
    }
    return size;
}

/* Does the text go on with these bytes? */
static bool
bytes_at(wr_text sql, size_t position, const char *bytes)
{
    size_t size = strlen(bytes);
    return position + size <= sql.size && memcmp(sql.data + position, bytes, size) == 0;
}

/* No-break space and byte order mark: pasted texts have them where people see a space. */
static size_t
wide_space_size(wr_text sql, size_t position)
{
    if (bytes_at(sql, position, "\xC2\xA0")) {
        return 2;
    }
    return bytes_at(sql, position, "\xEF\xBB\xBF") ? 3 : 0;
}

/* ‘ ’ “ ” look like quotes and are none. */
static bool
quote_is_typographic(wr_text sql, size_t position)
{
    return bytes_at(sql, position, "\xE2\x80\x98") || bytes_at(sql, position, "\xE2\x80\x99") ||
           bytes_at(sql, position, "\xE2\x80\x9C") || bytes_at(sql, position, "\xE2\x80\x9D");
}

/* Behind the comment that opens at `position`; comments nest. 0: it has no end. */
static size_t
comment_end(wr_text sql, size_t position)
{
    size_t depth = 0;
    while (position < sql.size) {
        if (bytes_at(sql, position, "/*")) {
            depth++;
            position += 2;
        } else if (bytes_at(sql, position, "*/")) {
            depth--;
            position += 2;
            if (depth == 0) {
                return position;
            }
        } else {
            position++;
        }
    }
    return 0;
}

static size_t
line_end(wr_text sql, size_t position)
{
    const char *found = memchr(sql.data + position, '\n', sql.size - position);
    return found != NULL ? (size_t)(found - sql.data) : sql.size;
}

/* First byte that is no white space. */
static size_t
blank_end(wr_text sql, size_t position)
{
    while (position < sql.size) {
        char c = sql.data[position];
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            position++;
            continue;
        }
        size_t wide = (unsigned char)c >= 0x80 ? wide_space_size(sql, position) : 0;
        if (wide == 0) {
            break;
        }
        position += wide;
    }
    return position;
}

/* Behind the comment that begins at `position`; `position` when there is none, or one without
 * end. */
static size_t
comment_skip(wr_text sql, size_t position)
{
    if (bytes_at(sql, position, "--")) {
        return line_end(sql, position);
    }
    size_t end = bytes_at(sql, position, "/*") ? comment_end(sql, position) : 0;
    return end > 0 ? end : position;
}

/* First byte that is neither white space nor in a comment; at a comment without end, its start. */
static size_t
space_end(wr_text sql, size_t position)
{
    for (;;) {
        size_t start = blank_end(sql, position);
        position = comment_skip(sql, start);
        if (position == start) {
            return start;
        }
    }
}

static wr_token
token_from(int kind, size_t start, size_t end)
{
    return (wr_token){.kind = kind, .position = (int)start, .length = (int)(end - start)};
}

/* '…' or "…", the quote doubled inside. */
static wr_token
token_quoted(wr_text sql, size_t start, char quote, int kind, int kind_open)
{
    size_t position = start + 1;
    while (position < sql.size) {
        const char *found = memchr(sql.data + position, quote, sql.size - position);
        if (found == NULL) {
            break;
        }
        position = (size_t)(found - sql.data) + 1;
        if (byte_at(sql, position) != quote) {
            bool valid = wr_utf8_valid(sql.data + start, position - start) &&
                         memchr(sql.data + start, '\0', position - start) == NULL;
            return token_from(valid ? kind : WR_TOKEN_BAD_UTF8, start, position);
        }
        position++;
    }
    return token_from(kind_open, start, sql.size);
}

static size_t
digits_end(wr_text sql, size_t position)
{
    while (byte_is_digit(byte_at(sql, position))) {
        position++;
    }
    return position;
}

static size_t
word_end(wr_text sql, size_t position)
{
    while (position < sql.size) {
        char c = sql.data[position];
        if (byte_is_letter(c) || byte_is_digit(c)) {
            position++;
            continue;
        }
        size_t size = (unsigned char)c < 0x80 ? 0 : character_size(sql, position);
        if (size == 0 || wide_space_size(sql, position) > 0 ||
            quote_is_typographic(sql, position)) {
            break;
        }
        position += size;
    }
    return position;
}

/* 12, 1.5, .5, 1e3, 1.5E-3. The letters of 5s or 5min are a token of their own; no other letters
 * touch a number: 1_000 is no 1 AS _000. */
static wr_token
token_number(wr_text sql, size_t start)
{
    size_t end = digits_end(sql, start);
    if (byte_at(sql, end) == '.' && byte_is_digit(byte_at(sql, end + 1))) {
        end = digits_end(sql, end + 1);
    }
    char c = byte_at(sql, end);
    if (c == 'e' || c == 'E') {
        char after = byte_at(sql, end + 1);
        size_t digits = end + 1 + (after == '+' || after == '-' ? 1 : 0);
        if (byte_is_digit(byte_at(sql, digits))) {
            end = digits_end(sql, digits);
        } else if (!byte_is_letter(after)) {
            return token_from(WR_TOKEN_BAD_NUMBER, start, end + 1);
        }
    }
    size_t behind = word_end(sql, end);
    bool is_joined = behind > end && wr_unit_find((wr_text){sql.data + end, behind - end}) == NULL;
    return token_from(is_joined ? WR_TOKEN_BAD_NUMBER : TK_NUMBER, start, is_joined ? behind : end);
}

/* ?, ?12 and :name */
static wr_token
token_parameter(wr_text sql, size_t start)
{
    if (sql.data[start] == '?') {
        size_t end = digits_end(sql, start + 1);
        return token_from(end - start > 6 ? WR_TOKEN_BAD_NUMBER : TK_PARAMETER, start, end);
    }
    size_t end = word_end(sql, start + 1);
    return token_from(end == start + 1 ? WR_TOKEN_BAD : TK_PARAMETER, start, end);
}

/* Kind of the two- or three-byte sign at `start`, its length in *length; 0 when there is none. */
static int
sign_long(wr_text sql, size_t start, size_t *length)
{
    static const struct {
        char sign[4];
        int kind;
    } signs[] = {
        {"->>", TK_ARROW_TEXT}, {"->", TK_ARROW},     {"=>", TK_FATARROW}, {"<>", TK_NE},
        {"!=", TK_NE},          {"<=", TK_LE},        {">=", TK_GE},       {"||", TK_CONCAT},
        {"::", TK_COLONCOLON},  {"==", WR_TOKEN_BAD},
    };
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (signs[i].sign[0] == sql.data[start] && bytes_at(sql, start, signs[i].sign)) {
            *length = strlen(signs[i].sign);
            return signs[i].kind;
        }
    }
    return 0;
}

static wr_token
token_sign(wr_text sql, size_t start)
{
    static const int kinds[128] = {
        ['('] = TK_LP,   [')'] = TK_RP,    ['['] = TK_LB,   [']'] = TK_RB,    [','] = TK_COMMA,
        [';'] = TK_SEMI, ['.'] = TK_DOT,   ['='] = TK_EQ,   ['<'] = TK_LT,    ['>'] = TK_GT,
        ['+'] = TK_PLUS, ['-'] = TK_MINUS, ['*'] = TK_STAR, ['/'] = TK_SLASH, ['%'] = TK_PERCENT,
    };
    unsigned char c = (unsigned char)sql.data[start];
    size_t length = 1;
    int kind = strchr("-=<>!|:", c) != NULL ? sign_long(sql, start, &length) : 0;
    if (kind == 0 && (c == '?' || c == ':')) {
        return token_parameter(sql, start);
    }
    if (kind == 0 && c < 128) {
        kind = kinds[c];
    }
    if (kind == 0) {
        kind = WR_TOKEN_BAD;
        length = character_size(sql, start);
    }
    return token_from(kind, start, start + (length > 0 ? length : 1));
}

wr_token
wr_comment_next(wr_text sql, int position)
{
    size_t start = blank_end(sql, (size_t)position);
    return token_from(0, start, comment_skip(sql, start));
}

wr_token
wr_token_next(wr_text sql, int position)
{
    size_t start = space_end(sql, (size_t)position);
    if (start >= sql.size) {
        return token_from(WR_TOKEN_END, sql.size, sql.size);
    }
    char c = sql.data[start];
    if (c == '\'') {
        return token_quoted(sql, start, c, TK_STRING, WR_TOKEN_OPEN_STRING);
    }
    if (c == '"') {
        return token_quoted(sql, start, c, TK_ID, WR_TOKEN_OPEN_NAME);
    }
    if (c == '/' && byte_at(sql, start + 1) == '*') {
        return token_from(WR_TOKEN_OPEN_COMMENT, start, sql.size);
    }
    if (byte_is_digit(c) || (c == '.' && byte_is_digit(byte_at(sql, start + 1)))) {
        return token_number(sql, start);
    }
    size_t end = word_end(sql, start);
    if (end > start) {
        wr_text word = {sql.data + start, end - start};
        return token_from(wr_keyword_find(word), start, end);
    }
    return token_sign(sql, start);
}

wr_text
wr_token_text(wr_text sql, wr_token token)
{
    return (wr_text){sql.data + token.position, (size_t)token.length};
}
