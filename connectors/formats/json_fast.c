/* Decodes records by prediction. Records of a stream are alike: the bytes between their values
 * repeat. So a record is compared with those bytes; only the values are read.
 *
 *   {"ts":1700000000000,"host":"server-000989","v":95.74}
 *   └─────┘ literal     └───────┘             └─────┘     └ tail
 *          INT: column 0         TEXT: column 1      DOUBLE: column 2
 *
 * Four shapes are kept, the one that fitted last is tried first.
 *
 * Invariants
 * 1. Literals are bytes of a record that passed the strict reader, and every value is checked by
 *    the same rules; so what fits a shape is valid, and has the same keys in the same places.
 * 2. A shape has no repeated wanted key and nothing wanted inside a value (json_project's trace).
 * 3. Whatever is unusual (a number that is none, NULL, an error) makes the attempt fail without a
 *    trace; the long way then decides. So both ways give the same rows and the same errors.
 * 4. In a chunk no part of a record may hold a newline. */
#include "connectors/formats/json_fast.h"

#include <assert.h>
#include <math.h>

enum { SHAPES = 4, LITERALS_MAX_BYTES = 4096, CREDIT_MAX = 64, CREDIT_PER_SHAPE = 16 };

typedef enum step_kind {
    STEP_INT,
    STEP_DOUBLE,
    STEP_TEXT,
    STEP_VALUE, /* wanted, of any other type */
    STEP_SKIP_TEXT,
    STEP_SKIP_NUMBER,
    STEP_SKIP_VALUE,
    STEP_END
} step_kind;

/* Literal bytes, then a value. The opening quote of a text belongs to the literal. */
typedef struct shape_step {
    const char *literal; /* 16 readable bytes at least */
    uint32_t literal_size;
    uint16_t literal_mask; /* of its bytes, up to 16 */
    uint16_t depth;
    step_kind kind;
    int column;
} shape_step;

typedef struct json_shape {
    shape_step steps[WR_JSON_LEAVES_MAX + 1]; /* the last one is STEP_END */
    int step_count;                           /* 0: there is no shape here */
    int *nulls; /* columns that such a record does not have, or has as null */
    int null_count;
    char literals[LITERALS_MAX_BYTES + 16];
} json_shape;

struct wr_json_fast {
    const wr_decode_spec *spec;
    json_shape shapes[SHAPES];
    int current, next_to_replace;
    int credit; /* shapes are learned while prediction pays */
};

wr_json_fast *
wr_json_fast_new(wr_arena *arena, const wr_decode_spec *spec)
{
    wr_json_fast *fast = WR_NEW(arena, wr_json_fast);
    fast->spec = spec;
    fast->credit = CREDIT_MAX;
    for (int i = 0; i < SHAPES; i++) {
        fast->shapes[i].nulls = WR_NEW_ARRAY(arena, int, spec->column_count + 1);
    }
    return fast;
}

/* ── reading by a shape ─────────────────────────────────────────────────────────────────────── */

static inline bool
literal_matches(const shape_step *step, const char *at, const char *end)
{
    if ((size_t)(end - at) < step->literal_size) {
        return false;
    }
#ifdef __SSE2__
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i wanted = _mm_loadu_si128((const __m128i *)(const void *)step->literal);
    unsigned equal = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted));
    if ((equal & step->literal_mask) != step->literal_mask) {
        return false;
    }
    return step->literal_size <= 16 ||
           memcmp(at + 16, step->literal + 16, step->literal_size - 16) == 0;
#else
    return memcmp(at, step->literal, step->literal_size) == 0;
#endif
}

/* Behind an opening quote: text with escapes or other than ASCII. */
static bool
text_read_slow(const char **at, const char *end, wr_arena *arena, wr_text *text)
{
    wr_json_string string;
    wr_json_fault fault;
    if (!wr_json_string_read(at, end, &string, &fault)) {
        return false;
    }
    *text = string.escaped && arena ? wr_json_unescape(&string, arena)
                                    : (wr_text){string.data, string.size};
    return true;
}

/* Behind an opening quote; arena NULL: the text itself is not wanted. */
static inline bool
text_read(const char **at, const char *end, wr_arena *arena, wr_text *text)
{
    bool high = false;
    const char *stop = wr_json_string_stop(*at, end, &high);
    if (stop < end && *stop == '"' && !high) {
        *text = (wr_text){*at, (size_t)(stop - *at)};
        *at = stop + 1;
        return true;
    }
    return text_read_slow(at, end, arena, text);
}

/* A value of which nothing is predicted but that it is there. */
static bool
value_read(wr_decode_frame *frame, const shape_step *step, const char **at, const char *end,
           bool is_line)
{
    const char *begin = *at;
    wr_json_fault fault;
    if (!wr_json_skip(at, end, step->depth, &fault) ||
        (is_line && (*begin == '{' || *begin == '[') &&
         memchr(begin, '\n', (size_t)(*at - begin)) != NULL)) {
        return false;
    }
    if (step->kind == STEP_SKIP_VALUE) {
        return true;
    }
    wr_json_value(frame, step->column, begin, *at);
    bool good = frame->slots[step->column].state == WR_SLOT_GOOD && *begin != 'n';
    return good;
}

static inline bool
int_store(wr_decode_frame *frame, int column, const wr_json_number *number)
{
    if (!number->integral || number->digit_count > 18) {
        return false;
    }
    int64_t value = (int64_t)number->mantissa;
    ((int64_t *)frame->out->batch->columns[column].data)[frame->row] =
        number->negative ? -value : value;
    return true;
}

static inline bool
double_store(wr_decode_frame *frame, int column, const wr_json_number *number)
{
    double value;
    if (!wr_json_number_double_fast(number, &value)) {
        value = wr_json_number_double(number);
        if (isinf(value)) {
            return false;
        }
    }
    ((double *)frame->out->batch->columns[column].data)[frame->row] = value;
    return true;
}

/* Reads the value of a step at *at into the current row; false: it is not as predicted. */
static inline bool
step_read(wr_decode_frame *frame, const shape_step *step, const char **at, const char *end,
          bool is_line)
{
    wr_json_number number;
    wr_text text;
    switch (step->kind) {
    case STEP_INT:
    case STEP_DOUBLE:
    case STEP_SKIP_NUMBER:
        if (!wr_json_number_read(*at, end, &number)) {
            return false;
        }
        *at = number.end;
        return step->kind == STEP_INT      ? int_store(frame, step->column, &number)
               : step->kind == STEP_DOUBLE ? double_store(frame, step->column, &number)
                                           : true;
    case STEP_TEXT:
        if (!text_read(at, end, frame->arena, &text) || text.size > UINT32_MAX) {
            return false;
        }
        ((wr_view *)frame->out->batch->columns[step->column].data)[frame->row] =
            wr_view_from(text.data, text.size);
        return true;
    case STEP_SKIP_TEXT:
        return text_read(at, end, NULL, &text);
    case STEP_VALUE:
    case STEP_SKIP_VALUE:
        return value_read(frame, step, at, end, is_line);
    case STEP_END:
        break;
    }
    return false;
}

/* The byte behind a record of this shape; NULL: it has another one. */
static inline const char *
shape_read(const json_shape *shape, wr_decode_frame *frame, const char *at, const char *end,
           bool is_line)
{
    for (const shape_step *step = shape->steps;; step++) {
        if (!literal_matches(step, at, end)) {
            return NULL;
        }
        at += step->literal_size;
        if (step->kind == STEP_END) {
            break;
        }
        if (!step_read(frame, step, &at, end, is_line)) {
            return NULL;
        }
    }
    bool is_line_end = is_line && (*at == '\n' || (end - at > 1 && *at == '\r' && at[1] == '\n'));
    if (at != end && !is_line_end) {
        return NULL;
    }
    for (int i = 0; i < shape->null_count; i++) {
        wr_decode_null(frame, shape->nulls[i]);
    }
    wr_decode_keep_good(frame);
    return at;
}

const char *
wr_json_fast_record(wr_json_fast *fast, wr_decode_frame *frame, const char *at, const char *end,
                    bool is_line)
{
    for (int i = 0; i < SHAPES; i++) {
        int index = (fast->current + i) % SHAPES;
        if (fast->shapes[index].step_count == 0) {
            continue;
        }
        const char *behind = shape_read(&fast->shapes[index], frame, at, end, is_line);
        if (behind) {
            fast->current = index;
            fast->credit += fast->credit < CREDIT_MAX;
            return behind;
        }
    }
    return NULL;
}

/* ── learning shapes ────────────────────────────────────────────────────────────────────────── */

static step_kind
leaf_kind(const wr_decode_spec *spec, const wr_json_leaf *leaf)
{
    char first = *leaf->begin;
    bool is_number = first == '-' || json_digit(first) <= 9;
    if (leaf->column < 0) {
        return first == '"' ? STEP_SKIP_TEXT : is_number ? STEP_SKIP_NUMBER : STEP_SKIP_VALUE;
    }
    wr_type type = spec->columns[leaf->column].type;
    if (is_number && type.id == WR_TYPE_BIGINT && (type.bits == 0 || type.bits == 64)) {
        return STEP_INT;
    }
    if (is_number && type.id == WR_TYPE_DOUBLE) {
        return STEP_DOUBLE;
    }
    return first == '"' && type.id == WR_TYPE_TEXT ? STEP_TEXT : STEP_VALUE;
}

/* Adds the literal [begin, end); false: no room. */
static bool
step_set_literal(json_shape *shape, shape_step *step, size_t *used, wr_text bytes)
{
    if (bytes.size > LITERALS_MAX_BYTES - *used) {
        return false;
    }
    char *literal = shape->literals + *used;
    memcpy(literal, bytes.data, bytes.size);
    *used += bytes.size;
    step->literal = literal;
    step->literal_size = (uint32_t)bytes.size;
    step->literal_mask = (uint16_t)(bytes.size >= 16 ? 0xFFFFu : (1u << bytes.size) - 1);
    return true;
}

static void
shape_set_nulls(json_shape *shape, const wr_decode_spec *spec, const wr_json_trace *trace)
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

/* False: such records cannot be predicted. */
static bool
shape_build(json_shape *shape, const wr_decode_spec *spec, const wr_json_trace *trace,
            wr_text record)
{
    size_t used = 0;
    const char *at = record.data;
    shape->step_count = 0;
    int count = 0;
    for (int i = 0; i < trace->count; i++) {
        const wr_json_leaf *leaf = &trace->leaves[i];
        if (leaf->column >= 0 && *leaf->begin == 'n') {
            continue; /* a wanted null is a part of the literal */
        }
        shape_step *step = &shape->steps[count++];
        step->kind = leaf_kind(spec, leaf);
        step->column = leaf->column;
        step->depth = (uint16_t)leaf->depth;
        if (trace->bare && (step->kind == STEP_VALUE || step->kind == STEP_SKIP_VALUE)) {
            return false; /* would take an object for a value */
        }
        const char *value = leaf->begin + (step->kind == STEP_TEXT || step->kind == STEP_SKIP_TEXT);
        if (!step_set_literal(shape, step, &used, (wr_text){at, (size_t)(value - at)})) {
            return false;
        }
        at = leaf->end;
    }
    shape_step *last = &shape->steps[count];
    last->kind = STEP_END;
    wr_text tail = {at, (size_t)(record.data + record.size - at)};
    if (!step_set_literal(shape, last, &used, tail)) {
        return false;
    }
    shape_set_nulls(shape, spec, trace);
    shape->step_count = count + 1;
    return true;
}

void
wr_json_fast_learn(wr_json_fast *fast, const wr_json_trace *trace, wr_text record)
{
    if (!trace->usable || fast->credit < CREDIT_PER_SHAPE) {
        fast->credit += fast->credit < CREDIT_MAX;
        return;
    }
    fast->credit -= CREDIT_PER_SHAPE;
    int index = fast->next_to_replace;
    if (shape_build(&fast->shapes[index], fast->spec, trace, record)) {
        fast->current = index;
        fast->next_to_replace = (index + 1) % SHAPES;
    }
}
