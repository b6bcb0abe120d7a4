/* Checks JSON values to their end without building anything: strings, escapes, nesting.
 *
 * Idea: one loop over values; the open brackets are a bit stack (1 = object), so that depth costs a
 * bit, not a stack frame.
 *
 *   {"a":[1,{      open: object, array, object → bits 1 0 1
 *
 * 1. A value that passes is RFC 8259 JSON in valid UTF-8 without lone surrogates.
 * 2. Depth > WR_JSON_DEPTH_MAX is TOO_DEEP, before anything is stored.
 * 3. A fault names the byte where reading stopped. */
#include "connectors/formats/json_scan.h"

/* ── strings ────────────────────────────────────────────────────────────────────────────────── */

static int
hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Four hex digits at `at`; -1: they are none. */
static int32_t
hex_four(const char *at, const char *end)
{
    if (end - at < 4) {
        return -1;
    }
    int32_t code = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_value(at[i]);
        if (digit < 0) {
            return -1;
        }
        code = code * 16 + digit;
    }
    return code;
}

/* The code point of \uXXXX, or of a pair of them, at *at (on the backslash); moves behind it. */
static bool
escape_unicode(const char **at, const char *end, uint32_t *code, wr_json_fault *fault)
{
    const char *begin = *at;
    int32_t first = hex_four(begin + 2, end);
    if (first < 0) {
        return wr_json_fault_set(fault, WR_REASON_SYNTAX, begin);
    }
    *at = begin + 6;
    *code = (uint32_t)first;
    if (first < 0xD800 || first > 0xDFFF) {
        return true;
    }
    int32_t second = first < 0xDC00 && end - *at >= 6 && begin[6] == '\\' && begin[7] == 'u'
                         ? hex_four(begin + 8, end)
                         : -1;
    if (second < 0xDC00 || second > 0xDFFF) {
        return wr_json_fault_set(fault, WR_REASON_UTF8, begin); /* a surrogate alone */
    }
    *at = begin + 12;
    *code = 0x10000 + (((uint32_t)first - 0xD800) << 10) + ((uint32_t)second - 0xDC00);
    return true;
}

/* The character that \c stands for; 0: no such escape (u is not asked here). */
static char
escape_simple(char c)
{
    static const char pairs[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
    for (size_t i = 0; i + 1 < sizeof pairs; i += 2) {
        if (pairs[i] == c) {
            return pairs[i + 1];
        }
    }
    return 0;
}

/* *at is on a backslash; checks the escape and moves behind it. */
static bool
escape_check(const char **at, const char *end, wr_json_fault *fault)
{
    if (end - *at >= 2 && (*at)[1] == 'u') {
        uint32_t code;
        return escape_unicode(at, end, &code, fault);
    }
    if (end - *at < 2 || escape_simple((*at)[1]) == 0) {
        return wr_json_fault_set(fault, WR_REASON_SYNTAX, *at);
    }
    *at += 2;
    return true;
}

bool
wr_json_string_read(const char **at, const char *end, wr_json_string *string, wr_json_fault *fault)
{
    const char *begin = *at;
    const char *here = begin;
    bool high = false;
    bool escaped = false;
    for (;;) {
        here = wr_json_string_stop(here, end, &high);
        if (here == end || (unsigned char)*here < 0x20) {
            return wr_json_fault_set(fault, WR_REASON_SYNTAX, here);
        }
        if (*here == '"') {
            break;
        }
        escaped = true;
        if (!escape_check(&here, end, fault)) {
            return false;
        }
    }
    size_t size = (size_t)(here - begin);
    if (high) {
        size_t valid = wr_utf8_valid_prefix(begin, size);
        if (valid != size) {
            return wr_json_fault_set(fault, WR_REASON_UTF8, begin + valid);
        }
    }
    *string = (wr_json_string){begin, size, escaped};
    *at = here + 1;
    return true;
}

static size_t
utf8_put(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

wr_text
wr_json_unescape(const wr_json_string *string, wr_arena *arena)
{
    char *out = wr_arena_bytes(arena, string->size);
    size_t size = 0;
    const char *at = string->data;
    const char *end = at + string->size;
    while (at < end) {
        const char *backslash = memchr(at, '\\', (size_t)(end - at));
        size_t plain = (size_t)((backslash ? backslash : end) - at);
        memcpy(out + size, at, plain);
        size += plain;
        at += plain;
        if (at == end) {
            break;
        }
        if (at[1] == 'u') {
            uint32_t code = 0;
            wr_json_fault fault; /* the string was checked when it was read */
            (void)escape_unicode(&at, end, &code, &fault);
            size += utf8_put(code, out + size);
        } else {
            out[size++] = escape_simple(at[1]);
            at += 2;
        }
    }
    return (wr_text){out, size};
}

/* ── values ─────────────────────────────────────────────────────────────────────────────────── */

static bool
literal_skip(const char **at, const char *end, wr_json_fault *fault)
{
    static const wr_text words[] = {{"true", 4}, {"false", 5}, {"null", 4}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if ((size_t)(end - *at) >= words[i].size &&
            memcmp(*at, words[i].data, words[i].size) == 0) {
            *at += words[i].size;
            return true;
        }
    }
    return wr_json_fault_set(fault, WR_REASON_SYNTAX, *at);
}

static bool
scalar_skip(const char **at, const char *end, wr_json_fault *fault)
{
    if (*at == end) {
        return wr_json_fault_set(fault, WR_REASON_SYNTAX, *at);
    }
    if (**at == '"') {
        wr_json_string string;
        (*at)++;
        return json_string_read(at, end, &string, fault);
    }
    if (**at == '-' || json_digit(**at) <= 9) {
        wr_json_number number;
        bool good = wr_json_number_read(*at, end, &number);
        *at = number.end;
        return good || wr_json_fault_set(fault, WR_REASON_SYNTAX, number.end);
    }
    return literal_skip(at, end, fault);
}

/* "key" : at *at; moves to the value. */
static bool
key_skip(const char **at, const char *end, wr_json_fault *fault)
{
    *at = wr_json_space(*at, end);
    if (*at == end || **at != '"') {
        return wr_json_fault_set(fault, WR_REASON_SYNTAX, *at);
    }
    (*at)++;
    wr_json_string key;
    if (!json_string_read(at, end, &key, fault)) {
        return false;
    }
    *at = wr_json_space(*at, end);
    if (*at == end || **at != ':') {
        return wr_json_fault_set(fault, WR_REASON_SYNTAX, *at);
    }
    *at = wr_json_space(*at + 1, end);
    return true;
}

typedef struct open_brackets {
    uint64_t is_object[WR_JSON_DEPTH_MAX / 64 + 1];
    int depth, outer_depth;
} open_brackets;

/* *at is on a bracket; opens it. *empty: it was closed at once, and *at is behind it. */
static bool
bracket_open(open_brackets *open, const char **at, const char *end, bool *empty,
             wr_json_fault *fault)
{
    bool is_object = **at == '{';
    if (open->outer_depth + open->depth >= WR_JSON_DEPTH_MAX) {
        return wr_json_fault_set(fault, WR_REASON_TOO_DEEP, *at);
    }
    *at = wr_json_space(*at + 1, end);
    *empty = *at < end && **at == (is_object ? '}' : ']');
    if (*empty) {
        (*at)++;
        return true;
    }
    if (is_object) {
        wr_bit_set(open->is_object, open->depth);
    } else {
        wr_bit_clear(open->is_object, open->depth);
    }
    open->depth++;
    return !is_object || key_skip(at, end, fault);
}

/* Behind a value: closes what ends here, or moves to the next value. */
static bool
value_follow(open_brackets *open, const char **at, const char *end, wr_json_fault *fault)
{
    while (open->depth > 0) {
        bool is_object = wr_bit_get(open->is_object, open->depth - 1);
        *at = wr_json_space(*at, end);
        if (*at < end && **at == ',') {
            *at = wr_json_space(*at + 1, end);
            return !is_object || key_skip(at, end, fault);
        }
        if (*at == end || **at != (is_object ? '}' : ']')) {
            return wr_json_fault_set(fault, WR_REASON_SYNTAX, *at);
        }
        (*at)++;
        open->depth--;
    }
    return true;
}

bool
wr_json_skip(const char **at, const char *end, int depth, wr_json_fault *fault)
{
    if (*at == end || (**at != '{' && **at != '[')) {
        return scalar_skip(at, end, fault);
    }
    open_brackets open;
    open.depth = 0;
    open.outer_depth = depth;
    do {
        bool is_bracket = *at < end && (**at == '{' || **at == '[');
        bool complete = true;
        if (is_bracket) {
            if (!bracket_open(&open, at, end, &complete, fault)) {
                return false;
            }
        } else if (!scalar_skip(at, end, fault)) {
            return false;
        }
        if (complete && !value_follow(&open, at, end, fault)) {
            return false;
        }
    } while (open.depth > 0);
    return true;
}
