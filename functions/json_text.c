/* JSON text: skipping, checking and finding, one pass, without recursion.
 *
 *   {"a": [1, {"b": 2}], "c": "x"}       member "c": skip the value of "a", compare, return "x"
 *
 * Idea: a cursor; `skip` moves over one value, whose nesting is a stack of bits (array or object).
 *
 * 1. The cursor never passes the end; `take` functions move it only when they succeed.
 * 2. Skipping checks the grammar fully, so that "valid" is "skip, and nothing is left". */
#include "functions/json_text.h"

#include <string.h>

typedef struct cursor {
    const char *at, *end;
} cursor;

static void
skip_space(cursor *c)
{
    while (c->at < c->end &&
           (*c->at == ' ' || *c->at == '\n' || *c->at == '\t' || *c->at == '\r')) {
        c->at++;
    }
}

static bool
take(cursor *c, char wanted)
{
    if (c->at >= c->end || *c->at != wanted) {
        return false;
    }
    c->at++;
    return true;
}

static bool
take_word(cursor *c, const char *word)
{
    size_t size = strlen(word);
    if ((size_t)(c->end - c->at) < size || memcmp(c->at, word, size) != 0) {
        return false;
    }
    c->at += size;
    return true;
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Four hexadecimal digits; −1: not there. */
static int
take_hex4(cursor *c)
{
    if (c->end - c->at < 4) {
        return -1;
    }
    int value = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(c->at[i]);
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    c->at += 4;
    return value;
}

static bool
skip_string(cursor *c)
{
    if (!take(c, '"')) {
        return false;
    }
    while (c->at < c->end) {
        unsigned char byte = (unsigned char)*c->at++;
        if (byte == '"') {
            return true;
        }
        if (byte < 0x20) {
            return false;
        }
        if (byte == '\\') {
            if (c->at >= c->end) {
                return false;
            }
            char escape = *c->at++;
            bool known = escape == 'u' ? take_hex4(c) >= 0
                                       : escape != '\0' && strchr("\"\\/bfnrt", escape) != NULL;
            if (!known) {
                return false;
            }
        }
    }
    return false;
}

static bool
skip_digits(cursor *c)
{
    const char *start = c->at;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9') {
        c->at++;
    }
    return c->at > start;
}

static bool
skip_number(cursor *c)
{
    take(c, '-');
    if (!take(c, '0') && !skip_digits(c)) {
        return false;
    }
    if (take(c, '.') && !skip_digits(c)) {
        return false;
    }
    if (c->at < c->end && (*c->at | 0x20) == 'e') {
        c->at++;
        if (!take(c, '+')) {
            take(c, '-');
        }
        return skip_digits(c);
    }
    return true;
}

static wr_json_kind
kind_at(const cursor *c)
{
    if (c->at >= c->end) {
        return WR_JSON_INVALID;
    }
    switch (*c->at) {
    case '{': return WR_JSON_OBJECT;
    case '[': return WR_JSON_ARRAY;
    case '"': return WR_JSON_STRING;
    case 't':
    case 'f': return WR_JSON_BOOLEAN;
    case 'n': return WR_JSON_NULL;
    }
    return *c->at == '-' || (*c->at >= '0' && *c->at <= '9') ? WR_JSON_NUMBER : WR_JSON_INVALID;
}

static bool
skip_scalar(cursor *c)
{
    switch (kind_at(c)) {
    case WR_JSON_STRING: return skip_string(c);
    case WR_JSON_NUMBER: return skip_number(c);
    case WR_JSON_NULL: return take_word(c, "null");
    case WR_JSON_BOOLEAN: return take_word(c, "true") || take_word(c, "false");
    case WR_JSON_INVALID:
    case WR_JSON_ARRAY:
    case WR_JSON_OBJECT: return false;
    }
    return false;
}

/* "key" : with white space around it. */
static bool
skip_key(cursor *c, wr_text *key)
{
    skip_space(c);
    key->data = c->at;
    if (!skip_string(c)) {
        return false;
    }
    key->size = (size_t)(c->at - key->data);
    skip_space(c);
    bool has_colon = take(c, ':');
    skip_space(c);
    return has_colon;
}

typedef struct nesting {
    bool is_object[WR_JSON_DEPTH_MAX];
    int depth;
} nesting;

/* Opens arrays and objects until a value without inner ones has been passed. */
static bool
descend(cursor *c, nesting *open)
{
    for (;;) {
        wr_json_kind kind = kind_at(c);
        if (kind != WR_JSON_ARRAY && kind != WR_JSON_OBJECT) {
            return skip_scalar(c);
        }
        bool is_object = kind == WR_JSON_OBJECT;
        c->at++;
        skip_space(c);
        if (take(c, is_object ? '}' : ']')) {
            return true;
        }
        if (open->depth == WR_JSON_DEPTH_MAX) {
            return false;
        }
        open->is_object[open->depth++] = is_object;
        wr_text key;
        if (is_object && !skip_key(c, &key)) {
            return false;
        }
    }
}

/* Moves over one value; leading white space is gone already. */
static bool
skip_value(cursor *c)
{
    nesting open;
    open.depth = 0;
    for (;;) {
        if (!descend(c, &open)) {
            return false;
        }
        bool next = false;
        while (open.depth > 0 && !next) {
            bool is_object = open.is_object[open.depth - 1];
            skip_space(c);
            next = take(c, ',');
            if (!next && !take(c, is_object ? '}' : ']')) {
                return false;
            }
            open.depth -= !next;
            wr_text key;
            if (next && is_object && !skip_key(c, &key)) {
                return false;
            }
            skip_space(c);
        }
        if (open.depth == 0) {
            return true;
        }
    }
}

static cursor
cursor_start(wr_text json)
{
    cursor c = {json.data, json.data + json.size};
    skip_space(&c);
    return c;
}

wr_json_kind
wr_json_kind_of(wr_text json)
{
    cursor c = cursor_start(json);
    return kind_at(&c);
}

bool
wr_json_valid(wr_text json)
{
    cursor c = cursor_start(json);
    if (!skip_value(&c)) {
        return false;
    }
    skip_space(&c);
    return c.at == c.end;
}

/* The next value of the array or object that `c` is in; a key too for objects. False at its end. */
static bool
next_item(cursor *c, bool is_object, bool *first, wr_text *key, wr_text *value)
{
    skip_space(c);
    if (!*first && !take(c, ',')) {
        return false;
    }
    *first = false;
    if (is_object && !skip_key(c, key)) {
        return false;
    }
    skip_space(c);
    value->data = c->at;
    if (!skip_value(c)) {
        return false;
    }
    value->size = (size_t)(c->at - value->data);
    return true;
}

/* Is the JSON string `quoted` the text `key`? */
static bool
key_equal(wr_text quoted, wr_text key, bool nocase)
{
    wr_text inner = {quoted.data + 1, quoted.size - 2};
    char plain[256];
    if (memchr(inner.data, '\\', inner.size) != NULL) {
        if (quoted.size > sizeof(plain)) {
            return false;
        }
        inner = (wr_text){plain, wr_json_text_unescape(quoted, plain)};
    }
    return nocase ? wr_text_equal_nocase(inner, key) : wr_text_equal(inner, key);
}

bool
wr_json_member(wr_text json, wr_text key, wr_text *value)
{
    cursor c = cursor_start(json);
    if (!take(&c, '{')) {
        return false;
    }
    bool first = true, found = false, exact = false;
    wr_text name;
    wr_text item;
    while (next_item(&c, true, &first, &name, &item)) {
        bool is_exact = key_equal(name, key, false);
        if (is_exact || (!exact && key_equal(name, key, true))) {
            *value = item;
            found = true;
            exact |= is_exact;
        }
    }
    return found;
}

bool
wr_json_element(wr_text json, int64_t index, wr_text *value)
{
    if (index < 0) {
        int64_t count = wr_json_count(json);
        index += count > 0 ? count : 0;
    }
    cursor c = cursor_start(json);
    if (index < 0 || !take(&c, '[')) {
        return false;
    }
    bool first = true;
    wr_text key;
    while (next_item(&c, false, &first, &key, value)) {
        if (index-- == 0) {
            return true;
        }
    }
    return false;
}

int64_t
wr_json_count(wr_text json)
{
    cursor c = cursor_start(json);
    bool is_object = take(&c, '{');
    if (!is_object && !take(&c, '[')) {
        return -1;
    }
    int64_t count = 0;
    bool first = true;
    wr_text key;
    wr_text value;
    while (next_item(&c, is_object, &first, &key, &value)) {
        count++;
    }
    return count;
}

bool
wr_json_items_start(wr_text json, wr_json_items *items)
{
    cursor c = cursor_start(json);
    bool is_object = take(&c, '{');
    bool is_items = is_object || take(&c, '[');
    *items = (wr_json_items){c.at, c.end, is_object, true};
    return is_items;
}

bool
wr_json_items_next(wr_json_items *items, wr_text *key, wr_text *value)
{
    cursor c = {items->at, items->end};
    *key = WR_TEXT_NONE;
    bool found = next_item(&c, items->is_object, &items->is_first, key, value);
    items->at = c.at;
    return found;
}

static size_t
put_utf8(char *out, unsigned c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 63));
        out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63));
    out[3] = (char)(0x80 | (c & 63));
    return 4;
}

/* The character of a \u escape whose "\u" is passed, joining a surrogate pair. */
static unsigned
take_escaped_character(cursor *c)
{
    int high = take_hex4(c);
    if (high < 0 || (high >= 0xDC00 && high <= 0xDFFF)) {
        return 0xFFFD;
    }
    if (high < 0xD800 || high > 0xDBFF) {
        return (unsigned)high;
    }
    cursor pair = *c;
    int low = take_word(&pair, "\\u") ? take_hex4(&pair) : -1;
    if (low < 0xDC00 || low > 0xDFFF) {
        return 0xFFFD;
    }
    *c = pair;
    return 0x10000u + (((unsigned)high - 0xD800u) << 10) + ((unsigned)low - 0xDC00u);
}

size_t
wr_json_text_unescape(wr_text json, char *out)
{
    static const char letters[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    cursor c = cursor_start(json);
    size_t size = 0;
    take(&c, '"');
    while (c.at < c.end && *c.at != '"') {
        char byte = *c.at++;
        if (byte != '\\' || c.at >= c.end) {
            out[size++] = byte;
            continue;
        }
        byte = *c.at++;
        if (byte == 'u') {
            size += put_utf8(out + size, take_escaped_character(&c));
            continue;
        }
        const char *letter = byte != '\0' ? strchr(letters, byte) : NULL;
        out[size++] = letter ? meanings[letter - letters] : byte;
    }
    return size;
}
