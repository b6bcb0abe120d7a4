/* Checks JSON values to their end without building anything: words, numbers, nesting.
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
