/* Texts by a format: format, printf, format_number.
 *
 *   format('%s is %.1f %%', 'load', 95.74) = 'load is 95.7 %'
 *
 * A directive is %[flags][width][.precision]letter, or %n$… for argument n. Letters: s any value as
 * its text, d a whole number, f e g a DOUBLE, x X o a whole number in base 16 or 8, c a code point,
 * b a BOOLEAN, I and L a name and a literal of SQL, %% is a %. Flags: - left, 0 zeros, + and space
 * for a sign.
 *
 * 1. Widths and precisions are bounded; nothing depends on the locale of the host program.
 * 2. A directive that does not fit its argument, or has none, is an error of the row. NULL prints
 *    as nothing, and as NULL with L. */
#include "functions/kernel.h"
#include "functions/utf8_text.h"

enum { FORMAT_WIDTH_MAX = 1000, FORMAT_PRECISION_MAX = 100 };

typedef struct directive {
    char letter;
    bool left, zero, plus, space;
    int width, precision; /* precision −1: none */
    int arg;              /* from 1; 0: the next one */
} directive;

/* Digits from the front of *text; −1: more than `most`. */
static int
take_number(wr_text *text, int most)
{
    int number = 0;
    while (text->size > 0 && text->data[0] >= '0' && text->data[0] <= '9') {
        number = number * 10 + (text->data[0] - '0');
        text->data++;
        text->size--;
        if (number > most) {
            return -1;
        }
    }
    return number;
}

static bool
take_flag(wr_text *text, directive *d)
{
    char c = text->size > 0 ? text->data[0] : '\0';
    bool *flag = c == '-'   ? &d->left
                 : c == '0' ? &d->zero
                 : c == '+' ? &d->plus
                 : c == ' ' ? &d->space
                            : NULL;
    if (flag) {
        *flag = true;
        text->data++;
        text->size--;
    }
    return flag != NULL;
}

/* What stands behind a '%'; false: no directive. */
static bool
take_directive(wr_text *text, directive *d)
{
    *d = (directive){.precision = -1};
    wr_text ahead = *text;
    int place = take_number(&ahead, FORMAT_WIDTH_MAX);
    if (place > 0 && ahead.size > 0 && ahead.data[0] == '$') {
        d->arg = place;
        *text = (wr_text){ahead.data + 1, ahead.size - 1};
    }
    while (take_flag(text, d)) {
    }
    d->width = take_number(text, FORMAT_WIDTH_MAX);
    if (text->size > 0 && text->data[0] == '.') {
        text->data++;
        text->size--;
        d->precision = take_number(text, FORMAT_PRECISION_MAX);
        d->width = d->precision < 0 ? -1 : d->width;
    }
    if (text->size == 0 || d->width < 0) {
        return false;
    }
    d->letter = text->data[0];
    text->data++;
    text->size--;
    return d->letter != '\0' && strchr("sdfegxXocbIL%", d->letter) != NULL;
}

static void
padded_write(const directive *d, wr_text text, wr_buffer *out)
{
    int64_t missing = d->width - wr_utf8_count(text);
    for (; !d->left && missing > 0; missing--) {
        wr_buffer_char(out, ' ');
    }
    wr_buffer_text(out, text);
    for (; missing > 0; missing--) {
        wr_buffer_char(out, ' ');
    }
}

/* A number's sign and digits to the width: zeros go between them, spaces around. */
static void
signed_write(const directive *d, bool is_negative, wr_text digits, wr_buffer *out)
{
    const char *sign = is_negative ? "-" : d->plus ? "+" : d->space ? " " : "";
    bool zeros = d->zero && !d->left && digits.data[0] <= '9';
    int64_t missing = d->width - (int64_t)(digits.size + strlen(sign));
    for (; !zeros && !d->left && missing > 0; missing--) {
        wr_buffer_char(out, ' ');
    }
    wr_buffer_append(out, sign, strlen(sign));
    for (; zeros && missing > 0; missing--) {
        wr_buffer_char(out, '0');
    }
    wr_buffer_text(out, digits);
    for (; missing > 0; missing--) {
        wr_buffer_char(out, ' ');
    }
}

/* d in base 10; x X o by the number's 64 bits, without a sign. */
static int
integer_write(const directive *d, int64_t value, wr_buffer *out)
{
    unsigned base = d->letter == 'd' ? 10 : d->letter == 'o' ? 8 : 16;
    bool is_negative = base == 10 && value < 0;
    const char *names = d->letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    uint64_t rest = is_negative ? 0 - (uint64_t)value : (uint64_t)value;
    char digits[FORMAT_PRECISION_MAX];
    size_t at = sizeof(digits);
    do {
        digits[--at] = names[rest % base];
        rest /= base;
    } while (rest > 0);
    while (at > 0 && (int)(sizeof(digits) - at) < d->precision) {
        digits[--at] = '0';
    }
    signed_write(d, is_negative, (wr_text){digits + at, sizeof(digits) - at}, out);
    return WR_ROW_OK;
}

static int
double_write(const directive *d, double value, wr_buffer *out)
{
    char text[WR_DOUBLE_FORMAT_MAX];
    int precision = d->precision < 0 ? 6 : d->precision;
    size_t size = wr_double_format(value, d->letter, precision, text);
    bool is_negative = size > 0 && text[0] == '-';
    signed_write(d, is_negative, (wr_text){text + is_negative, size - is_negative}, out);
    return WR_ROW_OK;
}

static void
quoted_write(char quote, wr_text text, wr_buffer *out)
{
    wr_buffer_char(out, quote);
    for (size_t i = 0; i < text.size; i++) {
        wr_buffer_append(out, &quote, text.data[i] == quote);
        wr_buffer_char(out, text.data[i]);
    }
    wr_buffer_char(out, quote);
}

typedef struct format_columns {
    const wr_vector *values; /* as they are */
    const wr_vector *texts;  /* as TEXT */
} format_columns;

static wr_text
text_of(const format_columns *columns, int arg, int row)
{
    const wr_vector *column = &columns->texts[arg];
    return wr_view_text(&((const wr_view *)column->data)[wr_vector_slot(column, row)]);
}

/* s, I, L, b: by the value's text. */
static int
text_write(const directive *d, wr_text text, wr_buffer *out)
{
    if (d->letter == 'I' || d->letter == 'L') {
        quoted_write(d->letter == 'I' ? '"' : '\'', text, out);
        return WR_ROW_OK;
    }
    if (d->precision >= 0) {
        text.size = wr_utf8_offset(text, d->precision);
    }
    padded_write(d, text, out);
    return WR_ROW_OK;
}

static int
argument_write(const directive *d, const format_columns *columns, int arg, int row, wr_buffer *out)
{
    const wr_vector *column = &columns->values[arg];
    bool is_double = column->type.id == WR_TYPE_DOUBLE;
    bool is_bigint = column->type.id == WR_TYPE_BIGINT;
    if (wr_vector_is_null(column, row)) {
        padded_write(d, d->letter == 'L' ? WR_TEXT("NULL") : WR_TEXT(""), out);
        return WR_ROW_OK;
    }
    if (strchr("sILb", d->letter)) {
        return text_write(d, text_of(columns, arg, row), out);
    }
    if (strchr("feg", d->letter)) {
        return is_double   ? double_write(d, WR_VALUE(column, double, row), out)
               : is_bigint ? double_write(d, (double)WR_VALUE(column, int64_t, row), out)
                           : WR_REASON_TYPE;
    }
    if (!is_bigint) {
        return WR_REASON_TYPE;
    }
    int64_t value = WR_VALUE(column, int64_t, row);
    if (d->letter != 'c') {
        return integer_write(d, value, out);
    }
    char character[4];
    if (value < 1 || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return WR_REASON_DOMAIN;
    }
    padded_write(d, (wr_text){character, wr_utf8_put(character, (int32_t)value)}, out);
    return WR_ROW_OK;
}

static int
format_row(const wr_call *call, const format_columns *columns, int row, wr_buffer *out)
{
    wr_text format = wr_arg_text(call, 0, row);
    int next = 1;
    int outcome = WR_ROW_OK;
    while (outcome == WR_ROW_OK && format.size > 0) {
        const char *percent = memchr(format.data, '%', format.size);
        size_t plain = percent ? (size_t)(percent - format.data) : format.size;
        wr_buffer_append(out, format.data, plain);
        format.data += plain + (percent != NULL);
        format.size -= plain + (percent != NULL);
        directive d;
        if (!percent) {
            break;
        }
        if (!take_directive(&format, &d)) {
            return WR_REASON_DOMAIN;
        }
        if (d.letter == '%') {
            wr_buffer_char(out, '%');
            continue;
        }
        int arg = d.arg ? d.arg : next++;
        outcome =
            arg < call->arg_count ? argument_write(&d, columns, arg, row, out) : WR_REASON_DOMAIN;
        outcome = out->size > WR_RESULT_BYTES_MAX ? WR_REASON_TOO_LARGE : outcome;
    }
    return outcome;
}

/* Each argument as TEXT, by the registry's cast; a type without one stays as it is. */
static wr_vector
column_text(const wr_vector *values, int n, wr_arena *arena)
{
    n = values->kind == WR_CONSTANT ? 1 : n;
    const wr_function *cast = wr_function_cast(values->type.id, WR_TYPE(TEXT), false);
    wr_vector out;
    wr_vector_init_flat(&out, WR_TYPE(TEXT), n, arena);
    wr_call call = {.n = n, .arg_count = 1, .args = values, .out = &out, .arena = arena};
    cast->kernel(&call);
    out.kind = values->kind == WR_CONSTANT ? WR_CONSTANT : out.kind;
    return out;
}

static int
row_outcome(const wr_call *call, int row)
{
    for (int arg = 0; arg < call->arg_count; arg++) {
        if (wr_vector_error(&call->args[arg], row) != WR_REASON_NONE) {
            return (int)wr_vector_error(&call->args[arg], row);
        }
    }
    return wr_vector_is_null(&call->args[0], row) ? WR_ROW_NULL : WR_ROW_OK;
}

static void
format_format(wr_call *call)
{
    wr_vector *texts = WR_NEW_ARRAY(call->arena, wr_vector, call->arg_count);
    for (int arg = 1; arg < call->arg_count; arg++) {
        texts[arg] = column_text(&call->args[arg], call->n, call->arena);
    }
    format_columns columns = {call->args, texts};
    wr_buffer out;
    wr_buffer_init(&out);
    for (int i = 0; i < call->n; i++) {
        wr_buffer_reset(&out);
        int outcome = row_outcome(call, i);
        outcome = outcome == WR_ROW_OK ? format_row(call, &columns, i, &out) : outcome;
        wr_call_finish(call, i, outcome, &out);
    }
    wr_buffer_fini(&out);
}

/* format_number(x, places): 12,345.68 */
static int
number_row(const wr_call *call, int row, wr_buffer *out)
{
    int64_t places = WR_ARG(call, int64_t, 1, row);
    char digits[WR_DOUBLE_FORMAT_MAX];
    if (places < 0 || places > FORMAT_PRECISION_MAX) {
        return WR_REASON_DOMAIN;
    }
    size_t size = wr_double_format(WR_ARG(call, double, 0, row), 'f', (int)places, digits);
    wr_text number = {digits, size};
    const char *point = memchr(number.data, '.', number.size);
    size_t whole = point ? (size_t)(point - number.data) : number.size;
    for (size_t i = 0; i < number.size; i++) {
        bool is_group = i < whole && i > 0 && (whole - i) % 3 == 0 && number.data[i - 1] != '-';
        bool is_digit = number.data[i] >= '0' && number.data[i] <= '9';
        wr_buffer_append(out, ",", is_group && is_digit);
        wr_buffer_char(out, number.data[i]);
    }
    return WR_ROW_OK;
}

WR_WRITER_KERNEL(format_number, number_row)

#define FORMAT_ENTRY(name) \
    WR_SCALAR(name, TEXT, WR_FN_NULL_AWARE | WR_FN_VARIADIC | WR_FN_CAN_FAIL, format_format, NULL, \
              name "(format, a, …)", \
              "By a format of %s %d %f %e %g %x %o %c %I %L, with flags, width and precision.", \
              name "('%s is %.1f %%', 'load', 95.74)", "load is 95.7 %", WR_TYPE_TEXT, WR_ARG_ANY)

static const wr_function format_entries[] = {
    FORMAT_ENTRY("format"),
    FORMAT_ENTRY("printf"),
    WR_SCALAR("format_number", TEXT, WR_FN_CAN_FAIL, format_number, NULL, "format_number(x, n)",
              "With n decimals, and commas between thousands.", "format_number(1234567.891, 2)",
              "1,234,567.89", WR_TYPE_DOUBLE, WR_TYPE_BIGINT),
};

const wr_function_table wr_functions_format = WR_TABLE(format_entries);
