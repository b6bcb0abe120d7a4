/* More texts out of texts: initcap, translate, overlay, insert, quote_literal, split, normalize.
 *
 *   translate('12345', '143', 'ax') = 'a2x5'         overlay('Txxxxas', 'hom', 2, 4) = 'Thomas'
 *
 * Positions and lengths count characters, from 1.
 *
 * 1. Letters and digits are Unicode's (utf8proc), without any language's rules. */
#include "functions/kernel.h"
#include "functions/utf8_text.h"

#include <utf8proc.h>

typedef enum character_class { CLASS_OTHER, CLASS_LETTER, CLASS_DIGIT } character_class;

static character_class
class_of(int32_t code)
{
    switch (utf8proc_category(code)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: return CLASS_LETTER;
    case UTF8PROC_CATEGORY_ND: return CLASS_DIGIT;
    /* everything else is none of both */
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
    case UTF8PROC_CATEGORY_SM:
    case UTF8PROC_CATEGORY_SC:
    case UTF8PROC_CATEGORY_SK:
    case UTF8PROC_CATEGORY_SO:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO: return CLASS_OTHER;
    }
    return CLASS_OTHER;
}

static void
put_code(wr_buffer *out, int32_t code)
{
    char *to = wr_buffer_reserve(out, 4);
    out->size += wr_utf8_put(to, code);
}

static int
initcap_row(const wr_call *call, int row, wr_buffer *out)
{
    wr_text text = wr_arg_text(call, 0, row);
    bool in_word = false;
    for (size_t at = 0; at < text.size; at += wr_utf8_step(text, at)) {
        int32_t code = wr_utf8_code(text, at);
        put_code(out, in_word ? utf8proc_tolower(code) : utf8proc_toupper(code));
        in_word = class_of(code) != CLASS_OTHER;
    }
    return WR_ROW_OK;
}

/* Each character of `from` becomes the one of `to` at its place, or nothing. */
static int
translate_row(const wr_call *call, int row, wr_buffer *out)
{
    wr_text text = wr_arg_text(call, 0, row);
    wr_text from = wr_arg_text(call, 1, row);
    wr_text to = wr_arg_text(call, 2, row);
    for (size_t at = 0; at < text.size; at += wr_utf8_step(text, at)) {
        wr_text one = {text.data + at, wr_utf8_step(text, at)};
        int64_t found = wr_text_find(from, one);
        if (found < 0) {
            wr_buffer_text(out, one);
            continue;
        }
        size_t target = wr_utf8_offset(to, wr_utf8_count((wr_text){from.data, (size_t)found}));
        if (target < to.size) {
            wr_buffer_append(out, to.data + target, wr_utf8_step(to, target));
        }
    }
    return WR_ROW_OK;
}

/* overlay(s, new, start[, count]): `count` characters, as many as `new` has, make room for it. */
static int
overlay_row(const wr_call *call, int row, wr_buffer *out)
{
    wr_text text = wr_arg_text(call, 0, row);
    wr_text placed = wr_arg_text(call, 1, row);
    int64_t start = WR_ARG(call, int64_t, 2, row);
    int64_t count = call->arg_count > 3 ? WR_ARG(call, int64_t, 3, row) : wr_utf8_count(placed);
    int64_t behind = 0;
    if (start < 1) {
        return WR_REASON_DOMAIN;
    }
    if (__builtin_add_overflow(start - 1, count, &behind)) {
        behind = INT64_MAX;
    }
    size_t rest = wr_utf8_offset(text, behind);
    wr_buffer_append(out, text.data, wr_utf8_offset(text, start - 1));
    wr_buffer_text(out, placed);
    wr_buffer_append(out, text.data + rest, text.size - rest);
    return WR_ROW_OK;
}

static void
quoted_write(wr_text text, char quote, wr_buffer *out)
{
    wr_buffer_char(out, quote);
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == quote) {
            wr_buffer_char(out, quote);
        }
        wr_buffer_char(out, text.data[i]);
    }
    wr_buffer_char(out, quote);
}

static int
quote_literal_row(const wr_call *call, int row, wr_buffer *out)
{
    quoted_write(wr_arg_text(call, 0, row), '\'', out);
    return WR_ROW_OK;
}

static int
quote_ident_row(const wr_call *call, int row, wr_buffer *out)
{
    quoted_write(wr_arg_text(call, 0, row), '"', out);
    return WR_ROW_OK;
}

/* NULL-aware: NULL is a word of its own. */
static int
quote_nullable_row(const wr_call *call, int row, wr_buffer *out)
{
    wr_reason reason = wr_vector_error(&call->args[0], row);
    if (reason != WR_REASON_NONE) {
        return (int)reason;
    }
    if (wr_vector_is_null(&call->args[0], row)) {
        wr_buffer_text(out, WR_TEXT("NULL"));
        return WR_ROW_OK;
    }
    return quote_literal_row(call, row, out);
}

/* split(s, separator) as a JSON array; an empty separator: one element a character. */
static int
split_row(const wr_call *call, int row, wr_buffer *out)
{
    wr_text text = wr_arg_text(call, 0, row);
    wr_text separator = wr_arg_text(call, 1, row);
    bool goes_on = separator.size > 0 || text.size > 0;
    wr_buffer_char(out, '[');
    while (goes_on) {
        int64_t found = wr_text_find(text, separator);
        goes_on = separator.size > 0 ? found >= 0 : wr_utf8_step(text, 0) < text.size;
        size_t size = separator.size == 0 ? wr_utf8_step(text, 0)
                      : goes_on           ? (size_t)found
                                          : text.size;
        wr_buffer_json_string(out, (wr_text){text.data, size});
        wr_buffer_append(out, ", ", goes_on ? 2 : 0);
        text.data += size + (goes_on ? separator.size : 0);
        text.size -= size + (goes_on ? separator.size : 0);
    }
    wr_buffer_char(out, ']');
    return WR_ROW_OK;
}

static int
space_row(const wr_call *call, int row, wr_buffer *out)
{
    int64_t count = WR_ARG(call, int64_t, 0, row);
    if (count > WR_RESULT_BYTES_MAX) {
        return WR_REASON_TOO_LARGE;
    }
    size_t size = count > 0 ? (size_t)count : 0;
    memset(wr_buffer_reserve(out, size + 1), ' ', size);
    out->size += size;
    return WR_ROW_OK;
}

/* ── Unicode's forms ────────────────────────────────────────────────────────────────────────── */

/* The text through utf8proc with these options, composed or decomposed characters. */
static int
unicode_map(const wr_call *call, int row, unsigned options, wr_buffer *out)
{
    wr_text text = wr_arg_text(call, 0, row);
    enum { GROWTH = 18 }; /* the longest decomposition of one character has 18 */
    size_t room = text.size * GROWTH + 1;
    if (text.size > WR_RESULT_BYTES_MAX / (GROWTH * sizeof(int32_t))) {
        return WR_REASON_TOO_LARGE;
    }
    utf8proc_int32_t *codes = wr_arena_alloc(call->arena, room * sizeof(*codes));
    utf8proc_ssize_t count =
        utf8proc_decompose((const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)text.size, codes,
                           (utf8proc_ssize_t)room, (utf8proc_option_t)options);
    if (count < 0 || (size_t)count > room) {
        return WR_REASON_UTF8;
    }
    count = utf8proc_normalize_utf32(codes, count, (utf8proc_option_t)options);
    for (utf8proc_ssize_t i = 0; i < count; i++) {
        put_code(out, codes[i]);
    }
    return count < 0 ? WR_REASON_UTF8 : WR_ROW_OK;
}

/* 0: no such form. */
static unsigned
form_options(wr_text name)
{
    static const struct {
        const char *name;
        unsigned options;
    } forms[] = {{"NFC", UTF8PROC_STABLE | UTF8PROC_COMPOSE},
                 {"NFD", UTF8PROC_STABLE | UTF8PROC_DECOMPOSE},
                 {"NFKC", UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT},
                 {"NFKD", UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT}};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (wr_text_equal_nocase(name, wr_text_from(forms[i].name))) {
            return forms[i].options;
        }
    }
    return 0;
}

static int
normalize_row(const wr_call *call, int row, wr_buffer *out)
{
    wr_text form = call->arg_count > 1 ? wr_arg_text(call, 1, row) : WR_TEXT("NFC");
    unsigned options = form_options(form);
    return options ? unicode_map(call, row, options, out) : WR_REASON_DOMAIN;
}

static int
unaccent_row(const wr_call *call, int row, wr_buffer *out)
{
    return unicode_map(call, row, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_STRIPMARK, out);
}

WR_WRITER_KERNEL(edit_initcap, initcap_row)
WR_WRITER_KERNEL(edit_translate, translate_row)
WR_WRITER_KERNEL(edit_overlay, overlay_row)
WR_WRITER_KERNEL(edit_quote_literal, quote_literal_row)
WR_WRITER_KERNEL(edit_quote_ident, quote_ident_row)
WR_WRITER_KERNEL(edit_quote_nullable, quote_nullable_row)
WR_WRITER_KERNEL(edit_split, split_row)
WR_WRITER_KERNEL(edit_space, space_row)
WR_WRITER_KERNEL(edit_normalize, normalize_row)
WR_WRITER_KERNEL(edit_unaccent, unaccent_row)

/* ── tests and places ───────────────────────────────────────────────────────────────────────── */

static bool
all_of(wr_text text, bool letters, bool digits)
{
    bool all = text.size > 0;
    for (size_t at = 0; all && at < text.size; at += wr_utf8_step(text, at)) {
        character_class class = class_of(wr_utf8_code(text, at));
        all = (letters && class == CLASS_LETTER) || (digits && class == CLASS_DIGIT);
    }
    return all;
}

static inline uint8_t
is_alpha(wr_view view)
{
    return all_of(wr_view_text(&view), true, false);
}

static inline uint8_t
is_digit(wr_view view)
{
    return all_of(wr_view_text(&view), false, true);
}

static inline uint8_t
is_alnum(wr_view view)
{
    return all_of(wr_view_text(&view), true, true);
}

static inline uint8_t
is_decimal(wr_view view)
{
    double value = 0;
    return wr_text_to_double(wr_view_text(&view), &value) && value - value == 0;
}

WR_UNARY_KERNEL(edit_is_alpha, wr_view, uint8_t, is_alpha)
WR_UNARY_KERNEL(edit_is_digit, wr_view, uint8_t, is_digit)
WR_UNARY_KERNEL(edit_is_alnum, wr_view, uint8_t, is_alnum)
WR_UNARY_KERNEL(edit_is_decimal, wr_view, uint8_t, is_decimal)

/* locate(part, s[, start]) */
static void
edit_locate(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_text text = wr_arg_text(call, 1, i);
        int64_t start = call->arg_count > 2 ? WR_ARG(call, int64_t, 2, i) : 1;
        size_t from = start > 0 ? wr_utf8_offset(text, start - 1) : 0;
        wr_text rest = {text.data + from, text.size - from};
        int64_t found = start > 0 && wr_utf8_count(text) + 1 >= start
                            ? wr_text_find(rest, wr_arg_text(call, 0, i))
                            : -1;
        out[i] = found < 0 ? 0 : wr_utf8_count((wr_text){text.data, from + (size_t)found}) + 1;
    }
}

static inline int64_t
bits_of(wr_view view)
{
    return (int64_t)view.size * 8;
}

WR_UNARY_KERNEL(edit_bit_length, wr_view, int64_t, bits_of)

/* What lies before the n-th separator, or behind the n-th from the end. */
static wr_text
before_separator(wr_text text, wr_text separator, int64_t n)
{
    size_t at = 0;
    for (; n > 0; n--) {
        wr_text rest = {text.data + at, text.size - at};
        int64_t found = wr_text_find(rest, separator);
        if (found < 0) {
            return text;
        }
        at += (size_t)found + separator.size;
    }
    return (wr_text){text.data, at - separator.size};
}

static wr_text
behind_separator(wr_text text, wr_text separator, int64_t n)
{
    for (size_t at = text.size; at >= separator.size; at--) {
        wr_text one = {text.data + at - separator.size, separator.size};
        if (wr_text_equal(one, separator) && ++n == 0) {
            return (wr_text){text.data + at, text.size - at};
        }
        if (wr_text_equal(one, separator)) {
            at -= separator.size - 1;
        }
        if (at == 0) {
            break;
        }
    }
    return text;
}

static void
edit_substring_index(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        wr_text text = wr_arg_text(call, 0, i);
        wr_text separator = wr_arg_text(call, 1, i);
        int64_t n = WR_ARG(call, int64_t, 2, i);
        wr_text part = WR_TEXT("");
        if (separator.size > 0 && n != 0) {
            part =
                n > 0 ? before_separator(text, separator, n) : behind_separator(text, separator, n);
        }
        wr_call_set_view(call, i, part);
    }
}

/* elt(n, a, b, …): the n-th of the texts; NULL when there is none. */
static void
edit_elt(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        wr_reason reason = wr_vector_error(&call->args[0], i);
        bool is_null = wr_vector_is_null(&call->args[0], i);
        int64_t n = is_null ? 0 : WR_ARG(call, int64_t, 0, i);
        wr_call_set_view(call, i, WR_TEXT(""));
        if (reason != WR_REASON_NONE) {
            wr_call_mark(call, i, (int)reason);
        } else if (n < 1 || n >= call->arg_count) {
            wr_call_mark(call, i, WR_ROW_NULL);
        } else {
            wr_call_copy_row(call, i, (int)n);
        }
    }
}

#define TT WR_TYPE_TEXT
#define TI WR_TYPE_BIGINT
#define FAILS WR_FN_CAN_FAIL
#define TEST(name, meaning, example, result) \
    WR_SCALAR(#name, BOOLEAN, 0, edit_##name, NULL, #name "(s)", meaning, example, result, TT)

static const wr_function edit_entries[] = {
    WR_SCALAR("initcap", TEXT, FAILS, edit_initcap, NULL, "initcap(s)",
              "Each word with a capital, the rest in lower case.", "initcap('hi THOMAS')",
              "Hi Thomas", TT),
    WR_SCALAR("translate", TEXT, FAILS, edit_translate, NULL, "translate(s, from, to)",
              "Each character of from replaced by that of to at its place, or removed.",
              "translate('12345', '143', 'ax')", "a2x5", TT, TT, TT),
    WR_SCALAR("overlay", TEXT, FAILS, edit_overlay, NULL, "overlay(s, new, start)",
              "new in place of as many characters.", "overlay('abcdef', 'XY', 3)", "abXYef", TT, TT,
              TI),
    WR_SCALAR("overlay", TEXT, FAILS, edit_overlay, NULL, "overlay(s, new, start, count)",
              "new in place of count characters.", "overlay('Txxxxas', 'hom', 2, 4)", "Thomas", TT,
              TT, TI, TI),
    WR_SCALAR("quote_literal", TEXT, FAILS, edit_quote_literal, NULL, "quote_literal(s)",
              "As a literal of SQL.", "quote_literal('it''s')", "'it''s'", TT),
    WR_SCALAR("quote_ident", TEXT, FAILS, edit_quote_ident, NULL, "quote_ident(s)",
              "As a name of SQL, in quotes.", "quote_ident('a b')", "\"a b\"", TT),
    WR_SCALAR("quote_nullable", TEXT, FAILS | WR_FN_NULL_AWARE, edit_quote_nullable, NULL,
              "quote_nullable(s)", "quote_literal, and the word NULL for NULL.",
              "quote_nullable(NULL)", "NULL", TT),
    WR_SCALAR("split", JSON, FAILS, edit_split, NULL, "split(s, separator)",
              "The parts between separators, as a JSON array.", "split('a,b,,c', ',')",
              "[\"a\", \"b\", \"\", \"c\"]", TT, TT),
    WR_SCALAR("space", TEXT, FAILS, edit_space, NULL, "space(n)", "n spaces.",
              "'a' || space(2) || 'b'", "a  b", TI),
    WR_SCALAR("normalize", TEXT, FAILS, edit_normalize, NULL, "normalize(s)",
              "In Unicode's form NFC.", "length(normalize('e' || chr(769)))", "1", TT),
    WR_SCALAR("normalize", TEXT, FAILS, edit_normalize, NULL, "normalize(s, form)",
              "In the form 'NFC', 'NFD', 'NFKC' or 'NFKD'.", "length(normalize('é', 'NFD'))", "2",
              TT, TT),
    WR_SCALAR("unaccent", TEXT, FAILS, edit_unaccent, NULL, "unaccent(s)", "Without accents.",
              "unaccent('Hôtel Älg')", "Hotel Alg", TT),
    WR_SCALAR("strip_accents", TEXT, FAILS, edit_unaccent, NULL, "strip_accents(s)",
              "Without accents.", "strip_accents('é')", "e", TT),
    TEST(is_alpha, "Are there letters, and nothing else?", "is_alpha('aß')", "true"),
    TEST(is_digit, "Are there digits, and nothing else?", "is_digit('42')", "true"),
    TEST(is_alnum, "Are there letters or digits, and nothing else?", "is_alnum('a-1')", "false"),
    TEST(is_decimal, "Is it a finite number?", "is_decimal('-1.5e3')", "true"),
    WR_SCALAR("locate", BIGINT, 0, edit_locate, NULL, "locate(part, s)",
              "Where the part starts, from 1; 0: nowhere.", "locate('l', 'hello')", "3", TT, TT),
    WR_SCALAR("locate", BIGINT, 0, edit_locate, NULL, "locate(part, s, start)",
              "Where it starts from a character on.", "locate('l', 'hello', 4)", "4", TT, TT, TI),
    WR_SCALAR("bit_length", BIGINT, 0, edit_bit_length, NULL, "bit_length(s)", "Number of bits.",
              "bit_length('ß')", "16", TT),
    WR_SCALAR("bit_length", BIGINT, 0, edit_bit_length, NULL, "bit_length(bytes)",
              "Number of bits.", "bit_length(CAST('ab' AS BYTES))", "16", WR_TYPE_BYTES),
    WR_SCALAR("substring_index", TEXT, 0, edit_substring_index, NULL,
              "substring_index(s, separator, n)",
              "What lies before separator n, or behind the n-th from the end for -n.",
              "substring_index('www.a.org', '.', -2)", "a.org", TT, TT, TI),
    WR_SCALAR("elt", TEXT, WR_FN_NULL_AWARE | WR_FN_VARIADIC, edit_elt, NULL, "elt(n, a, b, …)",
              "The n-th of the texts.", "elt(2, 'a', 'b')", "b", TI, TT),
};

const wr_function_table wr_functions_edit = WR_TABLE(edit_entries);
