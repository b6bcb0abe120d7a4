/* Functions of text. Positions and lengths count characters, from 1.
 *
 *   substr('straße', 5, 2) = 'ße'      position('ß' IN 'straße') = 5      octet_length('ß') = 2
 *
 * 1. Input is valid UTF-8, output too: texts are cut between characters only.
 * 2. Results that are parts of an argument share its bytes; new bytes lie in the batch arena.
 * 3. No result is larger than WR_RESULT_BYTES_MAX: the row is an error instead. */
#include "functions/kernel.h"
#include "functions/utf8_text.h"

/* ── numbers about texts ────────────────────────────────────────────────────────────────────── */

static void
text_length(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        out[i] = wr_utf8_count(wr_arg_text(call, 0, i));
    }
}

static void
text_octet_length(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        out[i] = (int64_t)wr_arg_text(call, 0, i).size;
    }
}

/* In characters from 1; 0: not there. */
static int64_t
character_position(wr_text text, wr_text part)
{
    int64_t offset = wr_text_find(text, part);
    return offset < 0 ? 0 : wr_utf8_count((wr_text){text.data, (size_t)offset}) + 1;
}

static void
text_position(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        out[i] = character_position(wr_arg_text(call, 1, i), wr_arg_text(call, 0, i));
    }
}

static void
text_strpos(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        out[i] = character_position(wr_arg_text(call, 0, i), wr_arg_text(call, 1, i));
    }
}

static void
text_ascii(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_text text = wr_arg_text(call, 0, i);
        out[i] = text.size > 0 ? wr_utf8_code(text, 0) : 0;
    }
}

/* ── tests ──────────────────────────────────────────────────────────────────────────────────── */

static inline uint8_t
starts_with(wr_view a, wr_view b)
{
    return wr_text_starts_with(wr_view_text(&a), wr_view_text(&b));
}

static inline uint8_t
ends_with(wr_view a, wr_view b)
{
    wr_text text = wr_view_text(&a);
    wr_text end = wr_view_text(&b);
    return text.size >= end.size &&
           wr_text_equal((wr_text){text.data + text.size - end.size, end.size}, end);
}

static inline uint8_t
contains(wr_view a, wr_view b)
{
    return wr_text_find(wr_view_text(&a), wr_view_text(&b)) >= 0;
}

WR_BINARY_KERNEL(text_starts_with, wr_view, wr_view, uint8_t, starts_with)
WR_BINARY_KERNEL(text_ends_with, wr_view, wr_view, uint8_t, ends_with)
WR_BINARY_KERNEL(text_contains, wr_view, wr_view, uint8_t, contains)

/* ── parts of a text ────────────────────────────────────────────────────────────────────────── */

/* Stores a part of argument `arg`; an inline argument's bytes are copied with the view. */
static void
set_part(wr_call *call, int row, wr_text part)
{
    wr_call_set_view(call, row, part);
}

/* Characters [from, to), 0-based, as far as they are there. */
static wr_text
character_range(wr_text text, int64_t from, int64_t to)
{
    size_t start = wr_utf8_offset(text, from);
    wr_text rest = {text.data + start, text.size - start};
    rest.size = to > from ? wr_utf8_offset(rest, to - from) : 0;
    return rest;
}

static void
text_substring(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        wr_text text = wr_arg_text(call, 0, i);
        int64_t from = WR_ARG(call, int64_t, 1, i);
        int64_t length = call->arg_count > 2 ? WR_ARG(call, int64_t, 2, i) : INT64_MAX;
        int64_t to = 0;
        if (length < 0) {
            wr_call_mark(call, i, WR_REASON_DOMAIN);
            continue;
        }
        if (call->arg_count < 3 || __builtin_add_overflow(from, length, &to)) {
            to = INT64_MAX;
        }
        from = from > 1 ? from : 1;
        set_part(call, i, character_range(text, from - 1, to > from ? to - 1 : from - 1));
    }
}

/* left: the first n characters, or all but the last −n; right the other way round. */
static void
text_side(wr_call *call, bool left)
{
    for (int i = 0; i < call->n; i++) {
        wr_text text = wr_arg_text(call, 0, i);
        int64_t n = WR_ARG(call, int64_t, 1, i);
        int64_t count = wr_utf8_count(text);
        int64_t kept = n < 0 ? (n < -count ? 0 : count + n) : n < count ? n : count;
        set_part(call, i,
                 left ? character_range(text, 0, kept)
                      : character_range(text, count - kept, count));
    }
}

static void
text_left(wr_call *call)
{
    text_side(call, true);
}

static void
text_right(wr_call *call)
{
    text_side(call, false);
}

static bool
has_character(wr_text characters, wr_text character)
{
    for (size_t at = 0; at < characters.size; at += wr_utf8_step(characters, at)) {
        wr_text one = {characters.data + at, wr_utf8_step(characters, at)};
        if (wr_text_equal(one, character)) {
            return true;
        }
    }
    return false;
}

static wr_text
trim_start(wr_text text, wr_text characters)
{
    while (text.size > 0) {
        size_t step = wr_utf8_step(text, 0);
        if (!has_character(characters, (wr_text){text.data, step})) {
            break;
        }
        text.data += step;
        text.size -= step;
    }
    return text;
}

static wr_text
trim_end(wr_text text, wr_text characters)
{
    while (text.size > 0) {
        size_t start = text.size - 1;
        while (start > 0 && !wr_utf8_is_start(text.data[start])) {
            start--;
        }
        if (!has_character(characters, (wr_text){text.data + start, text.size - start})) {
            break;
        }
        text.size = start;
    }
    return text;
}

static void
text_trim_sides(wr_call *call, bool start, bool end)
{
    for (int i = 0; i < call->n; i++) {
        wr_text text = wr_arg_text(call, 0, i);
        wr_text characters = call->arg_count > 1 ? wr_arg_text(call, 1, i) : WR_TEXT(" ");
        text = start ? trim_start(text, characters) : text;
        set_part(call, i, end ? trim_end(text, characters) : text);
    }
}

static void
text_trim(wr_call *call)
{
    text_trim_sides(call, true, true);
}

static void
text_ltrim(wr_call *call)
{
    text_trim_sides(call, true, false);
}

static void
text_rtrim(wr_call *call)
{
    text_trim_sides(call, false, true);
}

/* Part `n` ≥ 1 between separators; an empty text beyond the last. */
static wr_text
part_number(wr_text text, wr_text separator, int64_t n)
{
    for (;;) {
        int64_t end = separator.size > 0 ? wr_text_find(text, separator) : -1;
        if (n == 1) {
            return (wr_text){text.data, end < 0 ? text.size : (size_t)end};
        }
        if (end < 0) {
            return (wr_text){text.data + text.size, 0};
        }
        text.data += (size_t)end + separator.size;
        text.size -= (size_t)end + separator.size;
        n--;
    }
}

static int64_t
part_count(wr_text text, wr_text separator)
{
    int64_t count = 1;
    int64_t end = 0;
    while (separator.size > 0 && (end = wr_text_find(text, separator)) >= 0) {
        text.data += (size_t)end + separator.size;
        text.size -= (size_t)end + separator.size;
        count++;
    }
    return count;
}

static void
text_split_part(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        wr_text text = wr_arg_text(call, 0, i);
        wr_text separator = wr_arg_text(call, 1, i);
        int64_t n = WR_ARG(call, int64_t, 2, i);
        if (n == 0) {
            wr_call_mark(call, i, WR_REASON_DOMAIN);
            continue;
        }
        int64_t count = n < 0 ? part_count(text, separator) : 0;
        n = n < 0 ? (n < -count ? 0 : count + n + 1) : n;
        set_part(call, i, n == 0 ? WR_TEXT("") : part_number(text, separator, n));
    }
}

/* ── new texts ──────────────────────────────────────────────────────────────────────────────── */

/* Room for `size` bytes of a result; NULL: too many, the row is marked. */
static char *
result_bytes(wr_call *call, int row, size_t size)
{
    if (size > WR_RESULT_BYTES_MAX) {
        wr_call_mark(call, row, WR_REASON_TOO_LARGE);
        return NULL;
    }
    return wr_arena_bytes(call->arena, size);
}

static void
text_map_case(wr_call *call, size_t (*map)(wr_text text, char *out))
{
    for (int i = 0; i < call->n; i++) {
        wr_text text = wr_arg_text(call, 0, i);
        bool is_ascii = wr_utf8_count(text) == (int64_t)text.size;
        char *out = result_bytes(call, i, is_ascii ? text.size : text.size * 3);
        if (out) {
            wr_call_set_view(call, i, (wr_text){out, map(text, out)});
        }
    }
}

static void
text_lower(wr_call *call)
{
    text_map_case(call, wr_utf8_lower);
}

static void
text_upper(wr_call *call)
{
    text_map_case(call, wr_utf8_upper);
}

static char *
put_text(char *out, wr_text text)
{
    if (text.size > 0) {
        memcpy(out, text.data, text.size);
    }
    return out + text.size;
}

/* A chain a || b || c is one call: each text is copied once, however long the chain. */
static void
text_join(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        size_t size = 0;
        for (int arg = 0; arg < call->arg_count; arg++) {
            size += wr_arg_text(call, arg, i).size;
        }
        char *start = result_bytes(call, i, size);
        char *out = start;
        for (int arg = 0; out && arg < call->arg_count; arg++) {
            out = put_text(out, wr_arg_text(call, arg, i));
        }
        if (start) {
            wr_call_set_view(call, i, (wr_text){start, size});
        }
    }
}

/* Arguments from `first` on, NULLs left out, with a separator between. */
static void
join_row(wr_call *call, int row, int first, wr_text separator)
{
    size_t size = 0;
    for (int arg = first; arg < call->arg_count; arg++) {
        size += wr_arg_text(call, arg, row).size + separator.size;
    }
    char *start = result_bytes(call, row, size);
    char *out = start;
    bool is_first = true;
    for (int arg = first; out && arg < call->arg_count; arg++) {
        if (!wr_vector_is_null(&call->args[arg], row)) {
            out = is_first ? out : put_text(out, separator);
            out = put_text(out, wr_arg_text(call, arg, row));
            is_first = false;
        }
    }
    if (start) {
        wr_call_set_view(call, row, (wr_text){start, (size_t)(out - start)});
    }
}

/* NULL-aware: an error in any argument is the row's. */
static void
text_concat_from(wr_call *call, int first)
{
    for (int i = 0; i < call->n; i++) {
        wr_reason reason = WR_REASON_NONE;
        for (int arg = 0; arg < call->arg_count && reason == WR_REASON_NONE; arg++) {
            reason = wr_vector_error(&call->args[arg], i);
        }
        if (reason != WR_REASON_NONE) {
            wr_call_mark(call, i, (int)reason);
        } else if (first == 1 && wr_vector_is_null(&call->args[0], i)) {
            wr_call_mark(call, i, WR_ROW_NULL);
        } else {
            join_row(call, i, first, first == 1 ? wr_arg_text(call, 0, i) : WR_TEXT(""));
        }
    }
}

static void
text_concat(wr_call *call)
{
    text_concat_from(call, 0);
}

static void
text_concat_ws(wr_call *call)
{
    text_concat_from(call, 1);
}

static void
text_replace(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        wr_text text = wr_arg_text(call, 0, i);
        wr_text from = wr_arg_text(call, 1, i);
        wr_text to = wr_arg_text(call, 2, i);
        int64_t found = from.size > 0 ? part_count(text, from) - 1 : 0;
        if (found == 0) {
            set_part(call, i, text);
            continue;
        }
        size_t size = text.size - (size_t)found * from.size + (size_t)found * to.size;
        char *out = result_bytes(call, i, size);
        if (!out) {
            continue;
        }
        wr_call_set_view(call, i, WR_TEXT(""));
        char *start = out;
        for (; found > 0; found--) {
            wr_text part = part_number(text, from, 1);
            out = put_text(put_text(out, part), to);
            text.data += part.size + from.size;
            text.size -= part.size + from.size;
        }
        put_text(out, text);
        wr_call_set_view(call, i, (wr_text){start, size});
    }
}

static void
text_repeat(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        wr_text text = wr_arg_text(call, 0, i);
        int64_t times = WR_ARG(call, int64_t, 1, i);
        size_t size = 0;
        if (times <= 0 || text.size == 0) {
            wr_call_set_view(call, i, WR_TEXT(""));
            continue;
        }
        if (__builtin_mul_overflow(text.size, (size_t)times, &size)) {
            size = SIZE_MAX;
        }
        char *out = result_bytes(call, i, size);
        for (size_t at = 0; out && at < size; at += text.size) {
            memcpy(out + at, text.data, text.size);
        }
        if (out) {
            wr_call_set_view(call, i, (wr_text){out, size});
        }
    }
}

static void
text_reverse(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        wr_text text = wr_arg_text(call, 0, i);
        char *out = wr_arena_bytes(call->arena, text.size);
        for (size_t at = 0; at < text.size;) {
            size_t step = wr_utf8_step(text, at);
            memcpy(out + text.size - at - step, text.data + at, step);
            at += step;
        }
        wr_call_set_view(call, i, (wr_text){out, text.size});
    }
}

/* To exactly n characters: filled at one side by repeating `fill`, or cut at the end. */
static void
pad_row(wr_call *call, int row, bool left)
{
    wr_text text = wr_arg_text(call, 0, row);
    int64_t n = WR_ARG(call, int64_t, 1, row);
    wr_text fill = call->arg_count > 2 ? wr_arg_text(call, 2, row) : WR_TEXT(" ");
    int64_t count = wr_utf8_count(text);
    if (n <= count || fill.size == 0) {
        set_part(call, row, character_range(text, 0, n > 0 ? n : 0));
        return;
    }
    if (n > WR_RESULT_BYTES_MAX) {
        wr_call_mark(call, row, WR_REASON_TOO_LARGE);
        return;
    }
    int64_t fill_count = wr_utf8_count(fill);
    int64_t missing = n - count;
    wr_text rest = character_range(fill, 0, missing % fill_count);
    size_t pad_bytes = (size_t)(missing / fill_count) * fill.size + rest.size;
    char *out = result_bytes(call, row, pad_bytes + text.size);
    if (!out) {
        return;
    }
    char *at = left ? out : put_text(out, text);
    for (int64_t i = 0; i < missing / fill_count; i++) {
        at = put_text(at, fill);
    }
    at = put_text(at, rest);
    if (left) {
        put_text(at, text);
    }
    wr_call_set_view(call, row, (wr_text){out, pad_bytes + text.size});
}

static void
text_lpad(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        pad_row(call, i, true);
    }
}

static void
text_rpad(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        pad_row(call, i, false);
    }
}

static void
text_chr(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        int64_t c = WR_ARG(call, int64_t, 0, i);
        if (c < 1 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
            wr_call_mark(call, i, WR_REASON_DOMAIN);
            continue;
        }
        char out[4];
        wr_call_set_view(call, i, (wr_text){out, wr_utf8_put(out, (int32_t)c)});
    }
}

#define TEXT_ENTRY(name_, result_, flags_, kernel_, signature_, meaning_, example_, shown_, ...) \
    { \
        .name = name_, .result = WR_TYPE_##result_, .args = {__VA_ARGS__}, .flags = flags_, \
        .kernel = kernel_, .signature = signature_, .meaning = meaning_, .example = example_, \
        .example_result = shown_ \
    }

#define TT WR_TYPE_TEXT
#define TI WR_TYPE_BIGINT

static const wr_function text_entries[] = {
    TEXT_ENTRY("length", BIGINT, 0, text_length, "length(s)", "Number of characters.",
               "length('straße')", "6", TT),
    TEXT_ENTRY("length", BIGINT, 0, text_octet_length, "length(bytes)", "Number of bytes.",
               "length(CAST('ß' AS BYTES))", "2", WR_TYPE_BYTES),
    TEXT_ENTRY("char_length", BIGINT, 0, text_length, "char_length(s)", "Number of characters.",
               "char_length('straße')", "6", TT),
    TEXT_ENTRY("character_length", BIGINT, 0, text_length, "character_length(s)",
               "Number of characters.", "character_length('abc')", "3", TT),
    TEXT_ENTRY("octet_length", BIGINT, 0, text_octet_length, "octet_length(s)", "Number of bytes.",
               "octet_length('ß')", "2", TT),
    TEXT_ENTRY("octet_length", BIGINT, 0, text_octet_length, "octet_length(bytes)",
               "Number of bytes.", "octet_length(CAST('ab' AS BYTES))", "2", WR_TYPE_BYTES),
    TEXT_ENTRY("lower", TEXT, 0, text_lower, "lower(s)", "In lower case.", "lower('ÄB')", "äb", TT),
    TEXT_ENTRY("upper", TEXT, 0, text_upper, "upper(s)", "In upper case.", "upper('äb')", "ÄB", TT),
    TEXT_ENTRY("lcase", TEXT, 0, text_lower, "lcase(s)", "In lower case.", "lcase('AB')", "ab", TT),
    TEXT_ENTRY("ucase", TEXT, 0, text_upper, "ucase(s)", "In upper case.", "ucase('ab')", "AB", TT),
    TEXT_ENTRY("btrim", TEXT, 0, text_trim, "btrim(s)", "Without spaces at both ends.",
               "btrim(' a ')", "a", TT),
    TEXT_ENTRY("trim", TEXT, 0, text_trim, "trim(s)", "Without spaces at both ends.", "trim(' a ')",
               "a", TT),
    TEXT_ENTRY("trim", TEXT, 0, text_trim, "trim(s, characters)",
               "Without any of these characters at both ends.", "trim('xyaxy', 'xy')", "a", TT, TT),
    TEXT_ENTRY("btrim", TEXT, 0, text_trim, "btrim(s, characters)",
               "Without any of these characters at both ends.", "btrim('xyaxy', 'xy')", "a", TT,
               TT),
    TEXT_ENTRY("ltrim", TEXT, 0, text_ltrim, "ltrim(s)", "Without spaces at the start.",
               "ltrim(' a')", "a", TT),
    TEXT_ENTRY("ltrim", TEXT, 0, text_ltrim, "ltrim(s, characters)",
               "Without any of these characters at the start.", "ltrim('xya', 'xy')", "a", TT, TT),
    TEXT_ENTRY("rtrim", TEXT, 0, text_rtrim, "rtrim(s)", "Without spaces at the end.",
               "rtrim('a ')", "a", TT),
    TEXT_ENTRY("rtrim", TEXT, 0, text_rtrim, "rtrim(s, characters)",
               "Without any of these characters at the end.", "rtrim('axy', 'xy')", "a", TT, TT),
    TEXT_ENTRY("substr", TEXT, 0, text_substring, "substr(s, start)",
               "From a character on, counted from 1.", "substr('hello', 3)", "llo", TT, TI),
    TEXT_ENTRY("substr", TEXT, WR_FN_CAN_FAIL, text_substring, "substr(s, start, count)",
               "So many characters from there.", "substr('hello', 2, 3)", "ell", TT, TI, TI),
    TEXT_ENTRY("substring", TEXT, 0, text_substring, "substring(s FROM start)",
               "From a character on, counted from 1.", "substring('hello' FROM 3)", "llo", TT, TI),
    TEXT_ENTRY("substring", TEXT, WR_FN_CAN_FAIL, text_substring,
               "substring(s FROM start FOR count)", "So many characters from there.",
               "substring('hello' FROM 2 FOR 3)", "ell", TT, TI, TI),
    TEXT_ENTRY("left", TEXT, 0, text_left, "left(s, n)",
               "The first n characters; all but the last -n.", "left('hello', 2)", "he", TT, TI),
    TEXT_ENTRY("right", TEXT, 0, text_right, "right(s, n)",
               "The last n characters; all but the first -n.", "right('hello', 2)", "lo", TT, TI),
    TEXT_ENTRY("position", BIGINT, 0, text_position, "position(part IN s)",
               "Where the part starts, from 1; 0: nowhere.", "position('l' IN 'hello')", "3", TT,
               TT),
    TEXT_ENTRY("strpos", BIGINT, 0, text_strpos, "strpos(s, part)",
               "Where the part starts, from 1; 0: nowhere.", "strpos('hello', 'l')", "3", TT, TT),
    TEXT_ENTRY("instr", BIGINT, 0, text_strpos, "instr(s, part)",
               "Where the part starts, from 1; 0: nowhere.", "instr('hello', 'l')", "3", TT, TT),
    TEXT_ENTRY("replace", TEXT, WR_FN_CAN_FAIL, text_replace, "replace(s, from, to)",
               "Every occurrence replaced.", "replace('hello', 'l', 'L')", "heLLo", TT, TT, TT),
    TEXT_ENTRY("||", TEXT, WR_FN_OPERATOR | WR_FN_VARIADIC | WR_FN_CAN_FAIL, text_join, "s || t",
               "Both joined.", "'a' || 'b'", "ab", TT, TT),
    TEXT_ENTRY("concat", TEXT, WR_FN_NULL_AWARE | WR_FN_VARIADIC | WR_FN_CAN_FAIL, text_concat,
               "concat(s, …)", "All joined, NULLs left out.", "concat('a', NULL, 'b')", "ab", TT),
    TEXT_ENTRY("concat_ws", TEXT, WR_FN_NULL_AWARE | WR_FN_VARIADIC | WR_FN_CAN_FAIL,
               text_concat_ws, "concat_ws(separator, s, …)",
               "All joined with a separator between, NULLs left out.",
               "concat_ws(',', 'a', NULL, 'b')", "a,b", TT, TT),
    TEXT_ENTRY("starts_with", BOOLEAN, 0, text_starts_with, "starts_with(s, t)",
               "Does s start with t?", "starts_with('hello', 'he')", "true", TT, TT),
    TEXT_ENTRY("ends_with", BOOLEAN, 0, text_ends_with, "ends_with(s, t)", "Does s end with t?",
               "ends_with('hello', 'lo')", "true", TT, TT),
    TEXT_ENTRY("startswith", BOOLEAN, 0, text_starts_with, "startswith(s, t)",
               "Does s start with t?", "startswith('hello', 'he')", "true", TT, TT),
    TEXT_ENTRY("endswith", BOOLEAN, 0, text_ends_with, "endswith(s, t)", "Does s end with t?",
               "endswith('hello', 'lo')", "true", TT, TT),
    TEXT_ENTRY("contains", BOOLEAN, 0, text_contains, "contains(s, t)", "Is t a part of s?",
               "contains('hello', 'ell')", "true", TT, TT),
    TEXT_ENTRY("repeat", TEXT, WR_FN_CAN_FAIL, text_repeat, "repeat(s, n)", "n times.",
               "repeat('ab', 3)", "ababab", TT, TI),
    TEXT_ENTRY("reverse", TEXT, 0, text_reverse, "reverse(s)", "The characters backwards.",
               "reverse('abc')", "cba", TT),
    TEXT_ENTRY("lpad", TEXT, WR_FN_CAN_FAIL, text_lpad, "lpad(s, n)",
               "To n characters, with spaces at the start, or cut.", "lpad('a', 3)", "  a", TT, TI),
    TEXT_ENTRY("lpad", TEXT, WR_FN_CAN_FAIL, text_lpad, "lpad(s, n, fill)",
               "To n characters, filled at the start, or cut.", "lpad('7', 3, '0')", "007", TT, TI,
               TT),
    TEXT_ENTRY("rpad", TEXT, WR_FN_CAN_FAIL, text_rpad, "rpad(s, n)",
               "To n characters, with spaces at the end, or cut.", "rpad('a', 3) || '.'", "a  .",
               TT, TI),
    TEXT_ENTRY("rpad", TEXT, WR_FN_CAN_FAIL, text_rpad, "rpad(s, n, fill)",
               "To n characters, filled at the end, or cut.", "rpad('a', 3, '.')", "a..", TT, TI,
               TT),
    TEXT_ENTRY("split_part", TEXT, WR_FN_CAN_FAIL, text_split_part, "split_part(s, separator, n)",
               "Part n, from 1, or from the end with -1.", "split_part('a,b,c', ',', 2)", "b", TT,
               TT, TI),
    TEXT_ENTRY("ascii", BIGINT, 0, text_ascii, "ascii(s)", "Code point of the first character.",
               "ascii('A')", "65", TT),
    TEXT_ENTRY("chr", TEXT, WR_FN_CAN_FAIL, text_chr, "chr(n)", "The character of a code point.",
               "chr(65)", "A", TI),
};

const wr_function_table wr_functions_text = WR_TABLE(text_entries);
