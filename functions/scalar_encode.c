/* Bytes as text and back: hex, base64, url_encode, encode, decode; numbers in other bases.
 *
 *   encode('ab', 'hex') = '6162'      decode('6162', 'hex') = \x6162      to_base(255, 16) = 'ff'
 *
 * 1. Base64 is RFC 4648's, without line breaks; it is read with or without its '='.
 * 2. What cannot be decoded is an error of the row. */
#include "functions/kernel.h"

enum { BASE_MIN = 2, BASE_MAX = 36 };

static void
hex_write(wr_text text, const char *digits, wr_buffer *out)
{
    char *to = wr_buffer_reserve(out, 2 * text.size);
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        to[2 * i] = digits[byte >> 4];
        to[2 * i + 1] = digits[byte & 15];
    }
    out->size += 2 * text.size;
}

/* The value of a digit of any base; BASE_MAX: it is none. */
static int
digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'z' ? lower - 'a' + 10 : BASE_MAX;
}

static int
hex_read(wr_text text, wr_buffer *out)
{
    if (text.size % 2 != 0) {
        return WR_REASON_SYNTAX;
    }
    char *to = wr_buffer_reserve(out, text.size / 2);
    for (size_t i = 0; i < text.size; i += 2) {
        int high = digit_value(text.data[i]);
        int low = digit_value(text.data[i + 1]);
        if (high > 15 || low > 15) {
            return WR_REASON_SYNTAX;
        }
        to[i / 2] = (char)(high * 16 + low);
    }
    out->size += text.size / 2;
    return WR_ROW_OK;
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void
base64_write(wr_text text, wr_buffer *out)
{
    char *to = wr_buffer_reserve(out, (text.size + 2) / 3 * 4);
    for (size_t i = 0; i < text.size; i += 3) {
        size_t left = text.size - i;
        uint32_t bits = (uint32_t)(unsigned char)text.data[i] << 16;
        bits |= left > 1 ? (uint32_t)(unsigned char)text.data[i + 1] << 8 : 0;
        bits |= left > 2 ? (unsigned char)text.data[i + 2] : 0;
        *to++ = base64_digits[bits >> 18];
        *to++ = base64_digits[bits >> 12 & 63];
        *to++ = left > 1 ? base64_digits[bits >> 6 & 63] : '=';
        *to++ = left > 2 ? base64_digits[bits & 63] : '=';
    }
    out->size += (text.size + 2) / 3 * 4;
}

/* −1: none of them; '-' and '_' are those of URLs. */
static int
base64_value(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

static int
base64_read(wr_text text, wr_buffer *out)
{
    text = wr_text_trim(text);
    for (int i = 0; i < 2 && text.size > 0 && text.data[text.size - 1] == '='; i++) {
        text.size--;
    }
    uint32_t bits = 0;
    int count = 0;
    char *to = wr_buffer_reserve(out, text.size);
    for (size_t i = 0; i < text.size; i++) {
        int value = base64_value(text.data[i]);
        bool is_break = text.data[i] == '\n' || text.data[i] == '\r';
        if (value < 0 && !is_break) {
            return WR_REASON_SYNTAX;
        }
        if (is_break) {
            continue;
        }
        bits = bits << 6 | (uint32_t)value;
        count++;
        if (count % 4 != 1) {
            to[out->size++] = (char)(bits >> (6 - 2 * ((count - 1) % 4)));
        }
    }
    return count % 4 == 1 ? WR_REASON_SYNTAX : WR_ROW_OK;
}

/* As forms of HTML have it: a space is '+', letters, digits and *-._ stay. */
static void
url_write(wr_text text, wr_buffer *out)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        bool stays = digit_value(c) < BASE_MAX || c == '*' || c == '-' || c == '.' || c == '_';
        if (stays || c == ' ') {
            wr_buffer_char(out, c == ' ' ? '+' : c);
        } else {
            wr_buffer_char(out, '%');
            hex_write((wr_text){&text.data[i], 1}, "0123456789ABCDEF", out);
        }
    }
}

static int
url_read(wr_text text, wr_buffer *out)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c != '%') {
            wr_buffer_char(out, c == '+' ? ' ' : c);
            continue;
        }
        if (text.size - i < 3 || hex_read((wr_text){&text.data[i + 1], 2}, out) != WR_ROW_OK) {
            return WR_REASON_SYNTAX;
        }
        i += 2;
    }
    return wr_utf8_valid(out->data, out->size) ? WR_ROW_OK : WR_REASON_UTF8;
}

static int
hex_lower(const wr_call *call, int row, wr_buffer *out)
{
    hex_write(wr_arg_text(call, 0, row), "0123456789abcdef", out);
    return WR_ROW_OK;
}

static int
hex_upper(const wr_call *call, int row, wr_buffer *out)
{
    hex_write(wr_arg_text(call, 0, row), "0123456789ABCDEF", out);
    return WR_ROW_OK;
}

static int
hex_bytes(const wr_call *call, int row, wr_buffer *out)
{
    return hex_read(wr_arg_text(call, 0, row), out);
}

static int
base64_text(const wr_call *call, int row, wr_buffer *out)
{
    base64_write(wr_arg_text(call, 0, row), out);
    return WR_ROW_OK;
}

static int
base64_bytes(const wr_call *call, int row, wr_buffer *out)
{
    return base64_read(wr_arg_text(call, 0, row), out);
}

static int
url_encode(const wr_call *call, int row, wr_buffer *out)
{
    url_write(wr_arg_text(call, 0, row), out);
    return WR_ROW_OK;
}

static int
url_decode(const wr_call *call, int row, wr_buffer *out)
{
    return url_read(wr_arg_text(call, 0, row), out);
}

/* encode(bytes, format), decode(text, format) */
static int
encode_as(const wr_call *call, int row, wr_buffer *out)
{
    wr_text format = wr_arg_text(call, 1, row);
    if (wr_text_equal_nocase(format, WR_TEXT("hex"))) {
        return hex_lower(call, row, out);
    }
    return wr_text_equal_nocase(format, WR_TEXT("base64")) ? base64_text(call, row, out)
                                                           : WR_REASON_DOMAIN;
}

static int
decode_from(const wr_call *call, int row, wr_buffer *out)
{
    wr_text format = wr_arg_text(call, 1, row);
    if (wr_text_equal_nocase(format, WR_TEXT("hex"))) {
        return hex_bytes(call, row, out);
    }
    return wr_text_equal_nocase(format, WR_TEXT("base64")) ? base64_bytes(call, row, out)
                                                           : WR_REASON_DOMAIN;
}

static wr_status
format_prepare(wr_arena *arena, const wr_vector *const *args, int arg_count, const void **prepared,
               wr_error *err)
{
    (void)arena;
    (void)arg_count;
    *prepared = NULL;
    if (!wr_constant_is_known(args, 1)) {
        return WR_OK;
    }
    wr_text format = wr_view_text(args[1]->data);
    if (!wr_text_equal_nocase(format, WR_TEXT("hex")) &&
        !wr_text_equal_nocase(format, WR_TEXT("base64"))) {
        wr_error_set(err, WR_ERR_SQL, "E0304", "no encoding \"%.*s\"", WR_TEXT_ARG(format));
        wr_error_hint(err, "encodings: 'hex', 'base64'");
        return WR_ERR_SQL;
    }
    return WR_OK;
}

/* ── numbers in other bases ─────────────────────────────────────────────────────────────────── */

static void
number_write(uint64_t number, unsigned base, const char *digits, wr_buffer *out)
{
    char reversed[64];
    size_t count = 0;
    do {
        reversed[count++] = digits[number % base];
        number /= base;
    } while (number > 0);
    while (count > 0) {
        wr_buffer_char(out, reversed[--count]);
    }
}

static const char lower_digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

static int
number_hex(const wr_call *call, int row, wr_buffer *out)
{
    number_write((uint64_t)WR_ARG(call, int64_t, 0, row), 16, lower_digits, out);
    return WR_ROW_OK;
}

static int
number_hex_upper(const wr_call *call, int row, wr_buffer *out)
{
    number_write((uint64_t)WR_ARG(call, int64_t, 0, row), 16, "0123456789ABCDEF", out);
    return WR_ROW_OK;
}

static int
number_bin(const wr_call *call, int row, wr_buffer *out)
{
    number_write((uint64_t)WR_ARG(call, int64_t, 0, row), 2, lower_digits, out);
    return WR_ROW_OK;
}

static int
number_oct(const wr_call *call, int row, wr_buffer *out)
{
    number_write((uint64_t)WR_ARG(call, int64_t, 0, row), 8, lower_digits, out);
    return WR_ROW_OK;
}

static int
number_to_base(const wr_call *call, int row, wr_buffer *out)
{
    int64_t number = WR_ARG(call, int64_t, 0, row);
    int64_t base = WR_ARG(call, int64_t, 1, row);
    if (base < BASE_MIN || base > BASE_MAX) {
        return WR_REASON_DOMAIN;
    }
    if (number < 0) {
        wr_buffer_char(out, '-');
    }
    number_write(number < 0 ? 0 - (uint64_t)number : (uint64_t)number, (unsigned)base, lower_digits,
                 out);
    return WR_ROW_OK;
}

static int
base_read(wr_text text, int64_t base, int64_t *result)
{
    bool is_negative = text.size > 0 && text.data[0] == '-';
    bool has_sign = is_negative || (text.size > 0 && text.data[0] == '+');
    *result = 0;
    if (base < BASE_MIN || base > BASE_MAX) {
        return WR_REASON_DOMAIN;
    }
    if (text.size == (size_t)has_sign) {
        return WR_REASON_CAST;
    }
    for (size_t i = has_sign; i < text.size; i++) {
        int digit = digit_value(text.data[i]);
        if (digit >= base) {
            return WR_REASON_CAST;
        }
        if (__builtin_mul_overflow(*result, base, result) ||
            __builtin_add_overflow(*result, is_negative ? -digit : digit, result)) {
            *result = 0;
            return WR_REASON_RANGE;
        }
    }
    return WR_ROW_OK;
}

static void
number_from_base(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_call_mark(call, i,
                     base_read(wr_arg_text(call, 0, i), WR_ARG(call, int64_t, 1, i), &out[i]));
    }
}

WR_WRITER_KERNEL(encode_hex_lower, hex_lower)
WR_WRITER_KERNEL(encode_hex_upper, hex_upper)
WR_WRITER_KERNEL(encode_unhex, hex_bytes)
WR_WRITER_KERNEL(encode_base64, base64_text)
WR_WRITER_KERNEL(encode_unbase64, base64_bytes)
WR_WRITER_KERNEL(encode_url, url_encode)
WR_WRITER_KERNEL(encode_unurl, url_decode)
WR_WRITER_KERNEL(encode_format, encode_as)
WR_WRITER_KERNEL(encode_unformat, decode_from)
WR_WRITER_KERNEL(encode_number_hex, number_hex)
WR_WRITER_KERNEL(encode_number_hex_upper, number_hex_upper)
WR_WRITER_KERNEL(encode_number_bin, number_bin)
WR_WRITER_KERNEL(encode_number_oct, number_oct)
WR_WRITER_KERNEL(encode_to_base, number_to_base)

#define TT WR_TYPE_TEXT
#define TB WR_TYPE_BYTES
#define TI WR_TYPE_BIGINT
#define FAILS WR_FN_CAN_FAIL
/* Of TEXT and of BYTES. */
#define OF_BOTH(name, kernel, meaning, argument, result) \
    WR_SCALAR(name, TEXT, FAILS, kernel, NULL, name "(s)", meaning, name "(" argument ")", result, \
              TT), \
        WR_SCALAR(name, TEXT, FAILS, kernel, NULL, name "(bytes)", meaning, \
                  name "(CAST(" argument " AS BYTES))", result, TB)

static const wr_function encode_entries[] = {
    OF_BOTH("hex", encode_hex_upper, "The bytes as upper-case hexadecimal digits.", "'jk'", "6A6B"),
    WR_SCALAR("hex", TEXT, FAILS, encode_number_hex_upper, NULL, "hex(n)",
              "A number in base 16, in upper case; negative ones as of 64 bits.", "hex(255)", "FF",
              TI),
    OF_BOTH("to_hex", encode_hex_lower, "The bytes as hexadecimal digits.", "'jk'", "6a6b"),
    WR_SCALAR("to_hex", TEXT, FAILS, encode_number_hex, NULL, "to_hex(n)",
              "A number in base 16; negative ones as of 64 bits.", "to_hex(255)", "ff", TI),
    WR_SCALAR("unhex", BYTES, FAILS, encode_unhex, NULL, "unhex(s)",
              "The bytes of hexadecimal digits.", "CAST(unhex('6A6b') AS TEXT)", "jk", TT),
    WR_SCALAR("from_hex", BYTES, FAILS, encode_unhex, NULL, "from_hex(s)",
              "The bytes of hexadecimal digits.", "CAST(from_hex('6A6b') AS TEXT)", "jk", TT),
    OF_BOTH("base64", encode_base64, "The bytes in base64.", "'abcd'", "YWJjZA=="),
    OF_BOTH("to_base64", encode_base64, "The bytes in base64.", "'abcd'", "YWJjZA=="),
    WR_SCALAR("from_base64", BYTES, FAILS, encode_unbase64, NULL, "from_base64(s)",
              "The bytes of base64, with or without '='.", "CAST(from_base64('YWJjZA==') AS TEXT)",
              "abcd", TT),
    WR_SCALAR("encode", TEXT, FAILS, encode_format, format_prepare,
              "encode(bytes, 'hex' | 'base64')", "Bytes as text.",
              "encode(CAST('ab' AS BYTES), 'hex')", "6162", TB, TT),
    WR_SCALAR("encode", TEXT, FAILS, encode_format, format_prepare, "encode(s, 'hex' | 'base64')",
              "The bytes of a text as text.", "encode('ab', 'base64')", "YWI=", TT, TT),
    WR_SCALAR("decode", BYTES, FAILS, encode_unformat, format_prepare,
              "decode(s, 'hex' | 'base64')", "Back from encode.",
              "CAST(decode('6162', 'hex') AS TEXT)", "ab", TT, TT),
    WR_SCALAR("url_encode", TEXT, FAILS, encode_url, NULL, "url_encode(s)",
              "As a value in a URL's query; a space becomes +.", "url_encode('a b/ß')",
              "a+b%2F%C3%9F", TT),
    WR_SCALAR("url_decode", TEXT, FAILS, encode_unurl, NULL, "url_decode(s)",
              "Back from url_encode.", "url_decode('a+b%2F%C3%9F')", "a b/ß", TT),
    WR_SCALAR("bin", TEXT, FAILS, encode_number_bin, NULL, "bin(n)",
              "In base 2; negative numbers as of 64 bits.", "bin(10)", "1010", TI),
    WR_SCALAR("to_bin", TEXT, FAILS, encode_number_bin, NULL, "to_bin(n)",
              "In base 2; negative numbers as of 64 bits.", "to_bin(10)", "1010", TI),
    WR_SCALAR("to_oct", TEXT, FAILS, encode_number_oct, NULL, "to_oct(n)",
              "In base 8; negative numbers as of 64 bits.", "to_oct(10)", "12", TI),
    WR_SCALAR("to_base", TEXT, FAILS, encode_to_base, NULL, "to_base(n, base)",
              "In a base of 2 to 36.", "to_base(-255, 16)", "-ff", TI, TI),
    WR_SCALAR("from_base", BIGINT, FAILS, number_from_base, NULL, "from_base(s, base)",
              "The number of a text in a base of 2 to 36.", "from_base('-ff', 16)", "-255", TT, TI),
};

const wr_function_table wr_functions_encode = WR_TABLE(encode_entries);
