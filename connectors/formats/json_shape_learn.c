/* Learns shapes: which bytes of a record are literal, and which of its values have a form that may
 * stay (json_shape.h).
 *
 *   record      {"ts":17,"host":"ab","v":95.74}
 *   parts       {"ts":  17    ,"host":"  ab    ","v":  95.74    }
 *   next        {"ts":18,"host":"cd","v":1.90}     same literals; v does not fit two digits, a
 *                                                  point, two digits: from now on v varies
 *
 * Invariants
 * 1. A pattern allows a value only if the strict reader would take it and as the same kind: no
 *    leading zero, no control character, nothing that is not ASCII unless it was there before.
 * 2. From a pattern's last byte to a multiple of WR_JSON_PATTERN_ALIGN every byte is allowed. */
#include "connectors/formats/json_shape.h"

#include "connectors/formats/byte_masks.h"

#include <string.h>

enum {
    FORM_TEXT_MAX_BYTES = 64, /* longer ones are read at the same speed where they stand */
    FORM_VALUE_MAX_BYTES = 256,
    DOUBLE_DIGITS_MAX = 15
};

/* A literal and the value behind it, in a record. */
typedef struct shape_piece {
    wr_json_step_kind kind;
    int column;
    uint16_t depth;
    wr_text literal, value;
} shape_piece;

static bool
piece_is_text(const shape_piece *piece)
{
    return piece->kind == WR_JSON_TEXT || piece->kind == WR_JSON_SKIP_TEXT;
}

/* ── a record as pieces ─────────────────────────────────────────────────────────────────────── */

wr_json_step_kind
wr_json_leaf_kind(const wr_decode_spec *spec, const wr_json_leaf *leaf)
{
    char first = *leaf->begin;
    bool is_number = first == '-' || json_digit(first) <= 9;
    if (leaf->column < 0) {
        return first == '"' ? WR_JSON_SKIP_TEXT
               : is_number  ? WR_JSON_SKIP_NUMBER
                            : WR_JSON_SKIP_VALUE;
    }
    wr_type type = spec->columns[leaf->column].type;
    if (is_number && type.id == WR_TYPE_BIGINT && (type.bits == 0 || type.bits == 64)) {
        return WR_JSON_INT;
    }
    if (is_number && type.id == WR_TYPE_DOUBLE) {
        return WR_JSON_DOUBLE;
    }
    return first == '"' && type.id == WR_TYPE_TEXT ? WR_JSON_TEXT : WR_JSON_VALUE;
}

/* How many; the last one is END. 0: such records cannot be predicted. */
static int
pieces_find(const wr_decode_spec *spec, const wr_json_trace *trace, wr_text record,
            shape_piece *pieces)
{
    const char *at = record.data;
    int count = 0;
    for (int i = 0; i < trace->count; i++) {
        const wr_json_leaf *leaf = &trace->leaves[i];
        if (leaf->column >= 0 && *leaf->begin == 'n') {
            continue; /* a wanted null is a part of the literal */
        }
        shape_piece *piece = &pieces[count++];
        piece->kind = wr_json_leaf_kind(spec, leaf);
        piece->column = leaf->column;
        piece->depth = (uint16_t)leaf->depth;
        if (trace->bare && (piece->kind == WR_JSON_VALUE || piece->kind == WR_JSON_SKIP_VALUE)) {
            return 0; /* would take an object for a value */
        }
        bool is_text = piece_is_text(piece);
        const char *value = leaf->begin + is_text;
        piece->literal = (wr_text){at, (size_t)(value - at)};
        piece->value = (wr_text){value, (size_t)(leaf->end - value) - is_text};
        at = leaf->end;
    }
    wr_text tail = {at, (size_t)(record.data + record.size - at)};
    pieces[count++] =
        (shape_piece){.kind = WR_JSON_END, .literal = tail, .value = {at + tail.size, 0}};
    return count;
}

/* ── patterns ───────────────────────────────────────────────────────────────────────────────── */

/* The pattern of one value, and for a number its digits. */
typedef struct value_form {
    unsigned char low[FORM_VALUE_MAX_BYTES], high[FORM_VALUE_MAX_BYTES];
    unsigned whole, fraction;
} value_form;

static void
form_allow(value_form *form, size_t at, unsigned char low, unsigned char high)
{
    form->low[at] = low;
    form->high[at] = high;
}

/* [-]digits[.digits] as digits of any value, what follows (an exponent) as it is in `value`. The
 * width of the former. */
static size_t
form_number(value_form *form, wr_text value)
{
    size_t at = 0, sign = value.data[0] == '-';
    for (size_t i = 0; i < value.size; i++) {
        form_allow(form, i, (unsigned char)value.data[i], (unsigned char)value.data[i]);
    }
    for (at = sign; at < value.size && json_digit(value.data[at]) <= 9; at++) {
        form_allow(form, at, '0', '9');
    }
    form->whole = (unsigned)(at - sign);
    form->fraction = 0;
    if (form->whole > 1) {
        form->low[sign] = '1';
    }
    if (at < value.size && value.data[at] == '.') {
        size_t point = at++;
        for (; at < value.size && json_digit(value.data[at]) <= 9; at++) {
            form_allow(form, at, '0', '9');
        }
        form->fraction = (unsigned)(at - point - 1);
    }
    return at;
}

/* Plain bytes may change; escapes and what is not ASCII stay what they are. */
static bool
form_text(value_form *form, wr_text value, bool only_plain)
{
    bool plain = true;
    for (size_t i = 0; i < value.size; i++) {
        unsigned char c = (unsigned char)value.data[i];
        size_t kept = c == '\\' ? (value.data[i + 1] == 'u' ? 6 : 2) : c >= 0x80;
        if (kept == 0) {
            form_allow(form, i, ' ', WR_BYTES_PLAIN_HIGH);
            continue;
        }
        plain = false;
        for (size_t k = 0; k < kept; k++) {
            c = (unsigned char)value.data[i + k];
            form_allow(form, i + k, c, c);
        }
        i += kept - 1;
    }
    return plain || !only_plain;
}

/* False: such a value is never part of a pattern. */
static bool
form_find(value_form *form, const shape_piece *piece)
{
    wr_text value = piece->value;
    switch (piece->kind) {
    case WR_JSON_INT:
        return value.size <= WR_DECIMAL_FORM_DIGITS_MAX + 1 &&
               form_number(form, value) == value.size && form->fraction == 0 &&
               form->whole <= WR_DECIMAL_FORM_DIGITS_MAX;
    case WR_JSON_DOUBLE:
        return value.size <= DOUBLE_DIGITS_MAX + 2 && form_number(form, value) == value.size &&
               form->whole + form->fraction <= DOUBLE_DIGITS_MAX;
    case WR_JSON_TEXT:
    case WR_JSON_SKIP_TEXT:
        return value.size <= FORM_TEXT_MAX_BYTES &&
               form_text(form, value, piece->kind == WR_JSON_TEXT);
    case WR_JSON_SKIP_NUMBER:
        return value.size <= FORM_VALUE_MAX_BYTES && form_number(form, value) > 0;
    case WR_JSON_SKIP_VALUE:
        for (size_t i = 0; i < value.size && i < FORM_VALUE_MAX_BYTES; i++) {
            form_allow(form, i, (unsigned char)value.data[i], (unsigned char)value.data[i]);
        }
        return value.size <= FORM_VALUE_MAX_BYTES;
    case WR_JSON_VALUE:
    case WR_JSON_END:
        break;
    }
    return false;
}

/* Adds `size` bytes to the pattern that is being made; false: no room. */
static bool
pattern_add(wr_json_shape *shape, const void *low, const void *high, size_t size)
{
    if (size > WR_JSON_PATTERNS_MAX_BYTES - shape->patterns_size) {
        return false;
    }
    memcpy(shape->low + shape->patterns_size, low, size);
    memcpy(shape->high + shape->patterns_size, high, size);
    shape->patterns_size += (uint32_t)size;
    shape->steps[shape->step_count].pattern_size += (uint32_t)size;
    return true;
}

static void
step_begin(wr_json_shape *shape)
{
    wr_json_step *step = &shape->steps[shape->step_count];
    uint32_t gap = -shape->patterns_size % WR_JSON_PATTERN_ALIGN;
    memset(shape->low + shape->patterns_size, 0, gap);
    memset(shape->high + shape->patterns_size, 0xFF, gap);
    shape->patterns_size += gap;
    step->pattern = shape->patterns_size;
    step->pattern_size = 0;
    step->first_field = shape->field_count;
}

/* ── the shape ──────────────────────────────────────────────────────────────────────────────── */

static void
shape_add_field(wr_json_shape *shape, const shape_piece *piece, const value_form *form,
                uint32_t offset)
{
    bool is_number = piece->kind != WR_JSON_TEXT;
    bool negative = is_number && piece->value.data[0] == '-';
    shape->fields[shape->field_count++] = (wr_json_field){
        .kind = piece->kind,
        .column = piece->column,
        .offset = offset + negative,
        .size = (uint32_t)piece->value.size - negative,
        .negative = negative,
        .form = is_number ? decimal_form_of(form->whole, form->fraction) : (decimal_form){0}};
}

/* The literal goes to the pattern, and the value too unless it varies: then it ends the step. */
static bool
shape_add_piece(wr_json_shape *shape, const shape_piece *piece, wr_json_part *part)
{
    value_form form;
    wr_json_step *step = &shape->steps[shape->step_count];
    wr_text literal = piece->literal;
    if (literal.size > WR_JSON_LITERALS_MAX_BYTES - shape->literals_size ||
        !pattern_add(shape, literal.data, literal.data, literal.size)) {
        return false;
    }
    memcpy(shape->literals + shape->literals_size, literal.data, literal.size);
    shape->literals_size += (uint32_t)literal.size;
    *part = (wr_json_part){piece->kind, piece->column, piece->depth, part->varies,
                           shape->patterns_size, (uint32_t)piece->value.size,
                           (uint32_t)literal.size};
    part->varies = part->varies || !form_find(&form, piece);
    if (part->varies) {
        step->kind = piece->kind;
        step->column = piece->column;
        step->depth = piece->depth;
        step->seen_size = 0;
        step->field_count = shape->field_count - step->first_field;
        shape->step_count++;
        step_begin(shape);
        return true;
    }
    uint32_t offset = step->pattern_size;
    if (!pattern_add(shape, form.low, form.high, piece->value.size)) {
        return false;
    }
    if (piece->column >= 0) {
        shape_add_field(shape, piece, &form, offset);
    }
    return !piece_is_text(piece) || pattern_add(shape, "\"", "\"", 1);
}

/* The parts say which values vary; all else is made anew. */
static bool
shape_make(wr_json_shape *shape, const shape_piece *pieces, int count)
{
    shape->step_count = shape->field_count = 0;
    shape->literals_size = shape->patterns_size = 0;
    shape->part_count = count;
    step_begin(shape);
    for (int i = 0; i < count; i++) {
        if (!shape_add_piece(shape, &pieces[i], &shape->parts[i])) {
            shape->step_count = 0;
            return false;
        }
    }
    return true;
}

static void
shape_set_nulls(wr_json_shape *shape, const wr_decode_spec *spec, const wr_json_trace *trace)
{
    shape->null_count = 0;
    for (int c = 0; c < spec->column_count; c++) {
        bool has_value = false;
        for (int i = 0; i < trace->count; i++) {
            has_value |= trace->leaves[i].column == c && *trace->leaves[i].begin != 'n';
        }
        if (!has_value) {
            shape->nulls[shape->null_count++] = c;
        }
    }
}

bool
wr_json_shape_build(wr_json_shape *shape, const wr_decode_spec *spec, const wr_json_trace *trace,
                    wr_text record)
{
    shape_piece pieces[WR_JSON_LEAVES_MAX + 1];
    int count = pieces_find(spec, trace, record, pieces);
    for (int i = 0; i < count; i++) {
        shape->parts[i].varies = false;
    }
    shape->step_count = 0;
    shape_set_nulls(shape, spec, trace);
    return count > 0 && shape_make(shape, pieces, count);
}

/* ── widening ───────────────────────────────────────────────────────────────────────────────── */

static bool
part_fits(const wr_json_shape *shape, const wr_json_part *part, wr_text value)
{
    bool fits = part->pattern_size == value.size;
    for (size_t i = 0; i < value.size && fits; i++) {
        unsigned char c = (unsigned char)value.data[i], high = shape->high[part->pattern + i];
        bool is_mark = high == WR_BYTES_PLAIN_HIGH && (c == '"' || c == '\\');
        fits = c >= shape->low[part->pattern + i] && c <= high && !is_mark;
    }
    return fits;
}

/* The same keys in the same order, written in the same way? */
static bool
shape_is_of(const wr_json_shape *shape, const shape_piece *pieces, int count)
{
    const char *literal = shape->literals;
    bool same = shape->step_count > 0 && shape->part_count == count;
    for (int i = 0; i < count && same; i++) {
        const wr_json_part *part = &shape->parts[i];
        wr_text other = pieces[i].literal;
        same = part->kind == pieces[i].kind && part->column == pieces[i].column &&
               part->depth == pieces[i].depth && part->literal_size == other.size &&
               memcmp(literal, other.data, other.size) == 0;
        literal += part->literal_size;
    }
    return same;
}

bool
wr_json_shape_widen(wr_json_shape *shape, const wr_decode_spec *spec, const wr_json_trace *trace,
                    wr_text record)
{
    shape_piece pieces[WR_JSON_LEAVES_MAX + 1];
    int count = pieces_find(spec, trace, record, pieces);
    if (count == 0 || !shape_is_of(shape, pieces, count)) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        wr_json_part *part = &shape->parts[i];
        part->varies = part->varies || !part_fits(shape, part, pieces[i].value);
    }
    return shape_make(shape, pieces, count);
}
