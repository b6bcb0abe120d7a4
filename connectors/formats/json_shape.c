/* The rare values of predicted records: texts with escapes, long numbers, values of any type.
 *
 * 1. The rules are the strict reader's; a value that would be NULL or bad makes the prediction
 *    fail, so that only the strict way decides what becomes of it. */
#include "connectors/formats/json_shape.h"

#include <math.h>

bool
wr_json_shape_text(const char **at, const char *end, wr_arena *arena, wr_text *text)
{
    wr_json_string string;
    wr_json_fault fault;
    bool high = false;
    const char *stop = wr_json_string_stop(*at, end, &high);
    if (arena && stop < end && *stop == '\\') {
        return wr_json_text_read(at, end, arena, text);
    }
    if (!wr_json_string_read(at, end, &string, &fault)) {
        return false;
    }
    *text = (wr_text){string.data, string.size};
    return true;
}

bool
wr_json_long_int(const char **at, const char *end, int64_t *value)
{
    wr_json_number number;
    if (!wr_json_number_read(*at, end, &number) || !number.integral || number.digit_count > 18) {
        return false;
    }
    *at = number.end;
    *value = number.negative ? -(int64_t)number.mantissa : (int64_t)number.mantissa;
    return true;
}

bool
wr_json_long_double(const char **at, const char *end, double *value)
{
    wr_json_number number;
    if (!wr_json_number_read(*at, end, &number)) {
        return false;
    }
    *at = number.end;
    *value = wr_json_number_double(&number);
    return !isinf(*value);
}

bool
wr_json_long_skip(const char **at, const char *end)
{
    wr_json_number number;
    bool good = wr_json_number_read(*at, end, &number);
    *at = number.end;
    return good;
}

/* A container or word that ends where it says, whatever follows, can be known by its bytes. */
static void
step_remember(wr_json_step *step, const char *begin, size_t size)
{
    bool is_number = *begin == '-' || json_digit(*begin) <= 9;
    if (!is_number && size <= WR_JSON_SEEN_MAX_BYTES) {
        memcpy(step->seen, begin, size);
        step->seen_size = (uint16_t)size;
    }
}

bool
wr_json_shape_value(wr_decode_frame *frame, wr_json_step *step, int row, const char **at,
                    const char *end)
{
    const char *begin = *at;
    wr_json_fault fault;
    if (!wr_json_skip(at, end, step->depth, &fault)) {
        return false;
    }
    if (step->kind == WR_JSON_SKIP_VALUE) {
        step_remember(step, begin, (size_t)(*at - begin));
        return true;
    }
    int row_before = frame->row;
    frame->row = row;
    wr_json_value(frame, step->column, begin, *at);
    frame->row = row_before;
    return frame->slots[step->column].state == WR_SLOT_GOOD && *begin != 'n';
}
