/* LIKE and ILIKE.
 *
 *   'server-%-db'     segments:  "server-" at the start,  "-db" at the end
 *   '%a_c%'           segment:   a, any character, c, anywhere
 *
 * Idea: the pattern is cut at its % into segments; the first is held at the start of the text, the
 * last at its end, the others are found from left to right, each as early as possible. No segment
 * is ever tried again after a later one failed, so the time is bounded by text × pattern.
 *
 * 1. In a segment '_' is stored as the byte FF, which no UTF-8 text contains.
 * 2. A constant pattern is compiled once per plan, others once per row. */
#include "functions/kernel.h"
#include "functions/utf8_text.h"

enum { ANY_CHARACTER = 0xFF };

typedef struct like_pattern {
    wr_text *segments; /* at least one; empty ones stand for a leading or trailing % */
    int segment_count;
    bool has_wildcards; /* any '_' */
} like_pattern;

/* Cuts `pattern` into the arena. False: it ends with the escape character. */
static bool
pattern_compile(wr_text pattern, wr_text escape, bool fold, wr_arena *arena, like_pattern *out)
{
    int percent_count = 0;
    for (size_t i = 0; i < pattern.size; i++) {
        percent_count += pattern.data[i] == '%';
    }
    if (fold) {
        char *lower = wr_arena_bytes(arena, pattern.size * 3);
        pattern = (wr_text){lower, wr_utf8_lower(pattern, lower)};
    }
    char *bytes = wr_arena_bytes(arena, pattern.size);
    *out = (like_pattern){.segments = WR_NEW_ARRAY(arena, wr_text, percent_count + 1)};
    wr_text *segment = &out->segments[0];
    segment->data = bytes;
    for (size_t at = 0; at < pattern.size;) {
        wr_text rest = {pattern.data + at, pattern.size - at};
        bool escaped = escape.size > 0 && wr_text_starts_with(rest, escape);
        at += escaped ? escape.size : 0;
        if (at == pattern.size) {
            return false;
        }
        char c = pattern.data[at++];
        if (!escaped && c == '%') {
            segment++;
            segment->data = bytes;
        } else {
            bool any = !escaped && c == '_';
            out->has_wildcards = out->has_wildcards || any;
            *bytes++ = any ? (char)ANY_CHARACTER : c;
            segment->size++;
        }
    }
    out->segment_count = (int)(segment - out->segments) + 1;
    return true;
}

/* Bytes of `text` that the segment takes at its start; −1: it does not match there. */
static int64_t
segment_match(wr_text segment, wr_text text)
{
    size_t at = 0;
    for (size_t i = 0; i < segment.size; i++) {
        if (at >= text.size) {
            return -1;
        }
        if ((unsigned char)segment.data[i] == ANY_CHARACTER) {
            at += wr_utf8_step(text, at);
        } else if (segment.data[i] == text.data[at]) {
            at++;
        } else {
            return -1;
        }
    }
    return (int64_t)at;
}

/* Characters that a segment stands for. */
static int64_t
segment_count_characters(wr_text segment)
{
    return wr_utf8_count(segment); /* FF counts as the start of a character */
}

static bool
segment_matches_end(wr_text segment, wr_text text)
{
    int64_t missing = segment_count_characters(segment);
    size_t at = text.size;
    while (missing > 0 && at > 0) {
        at--;
        missing -= wr_utf8_is_start(text.data[at]);
    }
    wr_text end = {text.data + at, text.size - at};
    return missing == 0 && segment_match(segment, end) == (int64_t)end.size;
}

/* Moves `text` behind the first place where the segment matches. */
static bool
segment_skip(wr_text segment, bool has_wildcards, wr_text *text)
{
    if (!has_wildcards) {
        int64_t found = wr_text_find(*text, segment);
        if (found < 0) {
            return false;
        }
        text->data += (size_t)found + segment.size;
        text->size -= (size_t)found + segment.size;
        return true;
    }
    for (size_t at = 0; at <= text->size; at += at < text->size ? wr_utf8_step(*text, at) : 1) {
        wr_text rest = {text->data + at, text->size - at};
        int64_t taken = segment_match(segment, rest);
        if (taken >= 0) {
            *text = (wr_text){rest.data + taken, rest.size - (size_t)taken};
            return true;
        }
    }
    return false;
}

static bool
pattern_matches(const like_pattern *pattern, wr_text text)
{
    int last = pattern->segment_count - 1;
    int64_t taken = segment_match(pattern->segments[0], text);
    if (taken < 0 || last == 0) {
        return taken == (int64_t)text.size;
    }
    text.data += taken;
    text.size -= (size_t)taken;
    for (int i = 1; i < last; i++) {
        if (!segment_skip(pattern->segments[i], pattern->has_wildcards, &text)) {
            return false;
        }
    }
    return segment_matches_end(pattern->segments[last], text);
}

/* The escape character of a call: the third argument, a backslash when there is none. */
static bool
escape_is_valid(wr_text escape)
{
    return escape.size == 0 || wr_utf8_step(escape, 0) == escape.size;
}

static wr_status
like_prepare_fold(wr_arena *arena, const wr_vector *const *args, int arg_count, bool fold,
                  const void **prepared, wr_error *err)
{
    *prepared = NULL;
    for (int i = 1; i < arg_count; i++) {
        if (!args[i] || wr_vector_is_null(args[i], 0) ||
            wr_vector_error(args[i], 0) != WR_REASON_NONE) {
            return WR_OK;
        }
    }
    wr_text escape = arg_count > 2 ? wr_view_text(args[2]->data) : WR_TEXT("\\");
    like_pattern *pattern = WR_NEW(arena, like_pattern);
    *prepared = pattern;
    if (!escape_is_valid(escape)) {
        return wr_error_set(err, WR_ERR_SQL, "E0304", "ESCAPE takes one character, or none");
    }
    if (!pattern_compile(wr_view_text(args[1]->data), escape, fold, arena, pattern)) {
        return wr_error_set(err, WR_ERR_SQL, "E0304", "a LIKE pattern ends with its escape");
    }
    return WR_OK;
}

static wr_status
like_prepare(wr_arena *arena, const wr_vector *const *args, int arg_count, const void **prepared,
             wr_error *err)
{
    return like_prepare_fold(arena, args, arg_count, false, prepared, err);
}

static wr_status
ilike_prepare(wr_arena *arena, const wr_vector *const *args, int arg_count, const void **prepared,
              wr_error *err)
{
    return like_prepare_fold(arena, args, arg_count, true, prepared, err);
}

static void
like_rows(wr_call *call, bool fold)
{
    uint8_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        like_pattern own;
        const like_pattern *pattern = call->prepared;
        wr_text text = wr_arg_text(call, 0, i);
        out[i] = false;
        if (!pattern) {
            wr_text escape = call->arg_count > 2 ? wr_arg_text(call, 2, i) : WR_TEXT("\\");
            if (!escape_is_valid(escape) ||
                !pattern_compile(wr_arg_text(call, 1, i), escape, fold, call->arena, &own)) {
                wr_call_mark(call, i, WR_REASON_DOMAIN);
                continue;
            }
            pattern = &own;
        }
        if (fold) {
            char *lower = wr_arena_bytes(call->arena, text.size * 3);
            text = (wr_text){lower, wr_utf8_lower(text, lower)};
        }
        out[i] = pattern_matches(pattern, text);
    }
}

static void
like_kernel(wr_call *call)
{
    like_rows(call, false);
}

static void
ilike_kernel(wr_call *call)
{
    like_rows(call, true);
}

#define LIKE_ENTRY(name_, word, kernel_, prepare_, meaning_, example_, ...) \
    { \
        .name = name_, .result = WR_TYPE_BOOLEAN, .args = {WR_TYPE_TEXT, __VA_ARGS__}, \
        .flags = WR_FN_OPERATOR | WR_FN_CAN_FAIL, .kernel = kernel_, .prepare = prepare_, \
        .signature = "s " word " pattern [ESCAPE c]", .meaning = meaning_, .example = example_, \
        .example_result = "true" \
    }

#define LIKE_MEANING "% stands for any text, _ for any character."

static const wr_function like_entries[] = {
    LIKE_ENTRY("like", "LIKE", like_kernel, like_prepare, LIKE_MEANING, "'hello' LIKE 'h%o'",
               WR_TYPE_TEXT),
    LIKE_ENTRY("like", "LIKE", like_kernel, like_prepare, LIKE_MEANING,
               "'50%' LIKE '50!%' ESCAPE '!'", WR_TYPE_TEXT, WR_TYPE_TEXT),
    LIKE_ENTRY("ilike", "ILIKE", ilike_kernel, ilike_prepare, "LIKE without case.",
               "'HELLO' ILIKE 'h%o'", WR_TYPE_TEXT),
    LIKE_ENTRY("ilike", "ILIKE", ilike_kernel, ilike_prepare, "LIKE without case.",
               "'50% A' ILIKE '50!% a' ESCAPE '!'", WR_TYPE_TEXT, WR_TYPE_TEXT),
};

const wr_function_table wr_functions_like = WR_TABLE(like_entries);
