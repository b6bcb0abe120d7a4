/* Reads records by their shape, a step at a time for all of them. To be included once by each
 * kernels_*.c, which chooses the instructions.
 *
 *   records   {"ts":17,"v":1.5}   {"ts":18,"v":22.5}   {"ts":19,"v":0.5}
 *   step 1     ────────▶           ────────▶            ────────▶          pattern {"ts":##,"v":
 *                                                                          column ts = 17 18 19
 *              ───────────▶        ────────────▶        ───────────▶       column v = 1.5 22.5 0.5
 *   step 2                 ▶                    ▶                   ▶      pattern }, end
 *
 * Idea: a pattern checks its bytes 16, 32 or 64 at once, and the values inside stand where they
 * stood in all records. Where a value that varies ends depends on the value before it, but not on
 * other records: going through the records for each step lets the processor work on several.
 *
 * 1. A record that does not fit ends the run there: later steps read only the ones before it.
 * 2. `at` never passes `end`: patterns lie within it, and what is read as a value and
 *    goes beyond it fails at the next step. */
#ifndef WEIR_CONNECTORS_FORMATS_JSON_KERNELS_H
#define WEIR_CONNECTORS_FORMATS_JSON_KERNELS_H

#include "connectors/formats/byte_masks.h"
#include "connectors/formats/decimal_column.h"
#include "connectors/formats/json_numbers.h"
#include "connectors/formats/view_padded.h"

#include <assert.h>

enum { LONG_NUMBERS = 8 };

/* The records that one step goes through. */
typedef struct step_run {
    const char **at;
    const char *const *end;
    int count;
    int row; /* of the first record */
    wr_decode_frame *frame;
} step_run;

/* ── patterns ───────────────────────────────────────────────────────────────────────────────── */

/* So much may be left of a record behind the step's pattern: nothing at the END. */
static inline size_t
pattern_rest_max(const wr_json_step *step)
{
    return step->kind == WR_JSON_END ? 0 : SIZE_MAX / 2;
}

/* Goes through the records as far as they have the step's pattern, and, at the END, no more. A
 * record that ends within it has, as an unsigned difference, too much left. */
static inline __attribute__((always_inline)) int
run_pattern_long(const step_run *run, const wr_json_shape *shape, const wr_json_step *step)
{
    const unsigned char *low = shape->low + step->pattern, *high = shape->high + step->pattern;
    const size_t size = step->pattern_size;
    const size_t rest_max = pattern_rest_max(step);
    const step_run all = *run;
    for (int i = 0; i < all.count; i++) {
        const char *at = all.at[i];
        uint64_t stray = (size_t)(all.end[i] - at) - size > rest_max;
        for (size_t k = 0; k < size && !stray; k += WR_TEXT_STEP) {
            stray = bytes_stray(at + k, bytes_pattern_at(low + k, high + k));
        }
        if (stray) {
            return i;
        }
    }
    return all.count;
}

/* The same for a pattern of so many steps, 64 bytes at most, which stay in registers. */
static inline __attribute__((always_inline)) int
run_pattern_short(const step_run *run, const wr_json_shape *shape, const wr_json_step *step,
                  const int text_steps)
{
    const unsigned char *low = shape->low + step->pattern, *high = shape->high + step->pattern;
    const size_t size = step->pattern_size;
    const size_t rest_max = pattern_rest_max(step);
    const step_run all = *run;
    bytes_pattern patterns[64 / WR_TEXT_STEP];
    for (int k = 0; k < text_steps; k++) {
        patterns[k] = bytes_pattern_at(low + k * WR_TEXT_STEP, high + k * WR_TEXT_STEP);
    }
    for (int i = 0; i < all.count; i++) {
        const char *at = all.at[i];
        uint64_t stray = (size_t)(all.end[i] - at) - size > rest_max;
        for (int k = 0; k < text_steps; k++) {
            stray |= bytes_stray(at + k * WR_TEXT_STEP, patterns[k]);
        }
        if (stray) {
            return i;
        }
    }
    return all.count;
}

/* The same for literal bytes that fit a word. */
static inline int
run_pattern_word(const step_run *run, const wr_json_shape *shape, const wr_json_step *step)
{
    const size_t size = step->pattern_size;
    const size_t rest_max = pattern_rest_max(step);
    const step_run all = *run;
    uint64_t literal, kept = 0;
    memset(&kept, 0xFF, size);
    memcpy(&literal, shape->low + step->pattern, sizeof literal);
    literal &= kept;
    for (int i = 0; i < all.count; i++) {
        uint64_t word;
        memcpy(&word, all.at[i], sizeof word);
        if (((size_t)(all.end[i] - all.at[i]) - size > rest_max) | ((word & kept) != literal)) {
            return i;
        }
    }
    return all.count;
}

static inline int
run_pattern(const step_run *run, const wr_json_shape *shape, const wr_json_step *step)
{
    const unsigned char *low = shape->low + step->pattern, *high = shape->high + step->pattern;
    if (step->pattern_size <= 8 && memcmp(low, high, step->pattern_size) == 0) {
        return run_pattern_word(run, shape, step);
    }
    if (step->pattern_size <= WR_TEXT_STEP) {
        return run_pattern_short(run, shape, step, 1);
    }
    if (WR_TEXT_STEP < 64 && step->pattern_size <= 2 * WR_TEXT_STEP) {
        return run_pattern_short(run, shape, step, 2);
    }
    return run_pattern_long(run, shape, step);
}

/* Copies of what the loops read: it cannot change with what they write. */
static inline void
field_ints(step_run run, wr_json_field field)
{
    int64_t *values = (int64_t *)run.frame->out->batch->columns[field.column].data + run.row;
    const int64_t sign = -(int64_t)field.negative;
    for (int i = 0; i < run.count; i++) {
        int64_t value = (int64_t)decimal_read_known(run.at[i] + field.offset, &field.form);
        values[i] = (value ^ sign) - sign;
    }
}

static inline void
field_doubles(step_run run, wr_json_field field)
{
    double *values = (double *)run.frame->out->batch->columns[field.column].data + run.row;
    const double power = field.negative ? -wr_json_powers10[field.form.fraction]
                                        : wr_json_powers10[field.form.fraction];
    for (int i = 0; i < run.count; i++) {
        uint64_t mantissa = decimal_read_known(run.at[i] + field.offset, &field.form);
        values[i] = (double)(int64_t)mantissa / power;
    }
}

static inline void
field_texts(step_run run, wr_json_field field)
{
    wr_view *views = (wr_view *)run.frame->out->batch->columns[field.column].data + run.row;
    for (int i = 0; i < run.count; i++) {
        views[i] = view_of_padded(run.at[i] + field.offset, field.size);
    }
}

/* The wanted values inside the step's pattern. */
static inline void
run_fields(const step_run *run, const wr_json_shape *shape, const wr_json_step *step)
{
    for (int k = 0; k < step->field_count; k++) {
        const wr_json_field *field = &shape->fields[step->first_field + k];
        if (field->kind == WR_JSON_INT) {
            field_ints(*run, *field);
        } else if (field->kind == WR_JSON_DOUBLE) {
            field_doubles(*run, *field);
        } else {
            field_texts(*run, *field);
        }
    }
}

/* ── values that vary ───────────────────────────────────────────────────────────────────────── */

#if defined(__SSE4_1__)

_Static_assert((int)DECIMAL_COLUMN_MAX >= (int)WR_RECORDS_MAX, "a run is a column");

/* Reads short numbers from record `first` on; the first one that has none. */
static inline __attribute__((always_inline)) int
run_short_numbers(const step_run *run, const wr_json_step *step, wr_json_step_kind kind, int first)
{
    const step_run all = *run;
    const size_t size = step->pattern_size;
    decimal_column numbers;
    char *values = (char *)run->frame->out->batch->columns[step->column].data;
    values += (size_t)(run->row + first) * sizeof(int64_t); /* or double */
    int i = first;
    for (; i < all.count; i++) {
        const char *at = all.at[i] + size;
        unsigned width =
            decimal_column_find(&numbers, i - first, at, all.end[i], kind == WR_JSON_INT);
        if (width == 0) {
            break;
        }
        all.at[i] = at + width;
    }
    decimal_column_end(&numbers, i - first);
    if (kind == WR_JSON_INT) {
        decimal_column_bigints(&numbers, i - first, (int64_t *)(void *)values);
    } else {
        decimal_column_doubles(&numbers, i - first, (double *)(void *)values);
    }
    return i;
}

#else

static inline int
run_short_numbers(const step_run *run, const wr_json_step *step, wr_json_step_kind kind, int first)
{
    (void)run, (void)step, (void)kind;
    return first;
}

#endif

/* Numbers of a stream are alike: behind one that is not short, some more are not tried as such. */
static inline __attribute__((always_inline)) int
run_number(const step_run *run, const wr_json_step *step, wr_json_step_kind kind)
{
    const bool is_wanted = kind != WR_JSON_SKIP_NUMBER;
    void *values = is_wanted ? run->frame->out->batch->columns[step->column].data : NULL;
    for (int i = 0;;) {
        i = is_wanted ? run_short_numbers(run, step, kind, i) : i;
        int until = run->count - i < LONG_NUMBERS ? run->count : i + LONG_NUMBERS;
        for (; i < until; i++) {
            const char *at = run->at[i] + step->pattern_size;
            if (!json_number_read(kind, &at, run->end[i], values, run->row + i)) {
                return i;
            }
            run->at[i] = at;
        }
        if (i == run->count) {
            return i;
        }
    }
}

/* Behind an opening quote; arena NULL: the text itself is not wanted. */
static inline bool
text_read(const char **at, const char *end, wr_arena *arena, wr_text *text)
{
    const char *here = *at;
    while (here < end) {
        text_masks masks = text_masks_of(here);
        if (masks.stops) {
            unsigned stop = (unsigned)__builtin_ctzll(masks.stops);
            uint64_t before = masks.stops ^ (masks.stops - 1);
            if (here[stop] == '"' && here + stop < end && (masks.high & before) == 0) {
                *text = (wr_text){*at, (size_t)(here + stop - *at)};
                *at = here + stop + 1;
                return true;
            }
            break;
        }
        if (masks.high) {
            break;
        }
        here += WR_TEXT_STEP;
    }
    return wr_json_shape_text(at, end, arena, text);
}

static inline int
run_text(const step_run *run, const wr_json_step *step)
{
    wr_view *views = (wr_view *)run->frame->out->batch->columns[step->column].data + run->row;
    wr_arena *arena = run->frame->arena;
    for (int i = 0; i < run->count; i++) {
        const char *at = run->at[i] + step->pattern_size;
        wr_text text;
        if (!text_read(&at, run->end[i], arena, &text) || text.size > UINT32_MAX) {
            return i;
        }
        views[i] = view_of_padded(text.data, text.size);
        run->at[i] = at;
    }
    return run->count;
}

static inline int
run_skip_text(const step_run *run, const wr_json_step *step)
{
    for (int i = 0; i < run->count; i++) {
        const char *at = run->at[i] + step->pattern_size;
        wr_text text;
        if (!text_read(&at, run->end[i], NULL, &text)) {
            return i;
        }
        run->at[i] = at;
    }
    return run->count;
}

static inline bool
value_was_seen(const wr_json_step *step, const char *at, const char *end)
{
    return step->seen_size > 0 && (size_t)(end - at) >= step->seen_size &&
           memcmp(at, step->seen, step->seen_size) == 0;
}

static inline int
run_value(const step_run *run, wr_json_step *step)
{
    for (int i = 0; i < run->count; i++) {
        const char *at = run->at[i] + step->pattern_size;
        if (value_was_seen(step, at, run->end[i])) {
            at += step->seen_size;
        } else if (!wr_json_shape_value(run->frame, step, run->row + i, &at, run->end[i])) {
            return i;
        }
        run->at[i] = at;
    }
    return run->count;
}

static inline int
json_shape_read(wr_json_shape *shape, wr_decode_frame *frame, wr_records *records, int first,
                int count)
{
    step_run run = {records->at + first, records->end + first, count, frame->row, frame};
    memcpy(run.at, records->begin + first, (size_t)count * sizeof *run.at);
    for (wr_json_step *step = shape->steps;; step++) {
        run.count = run_pattern(&run, shape, step);
        if (run.count == 0) {
            return 0;
        }
        run_fields(&run, shape, step);
        switch (step->kind) {
        case WR_JSON_INT:
            run.count = run_number(&run, step, WR_JSON_INT);
            break;
        case WR_JSON_DOUBLE:
            run.count = run_number(&run, step, WR_JSON_DOUBLE);
            break;
        case WR_JSON_TEXT:
            run.count = run_text(&run, step);
            break;
        case WR_JSON_SKIP_TEXT:
            run.count = run_skip_text(&run, step);
            break;
        case WR_JSON_SKIP_NUMBER:
            run.count = run_number(&run, step, WR_JSON_SKIP_NUMBER);
            break;
        case WR_JSON_VALUE:
        case WR_JSON_SKIP_VALUE:
            run.count = run_value(&run, step);
            break;
        case WR_JSON_END:
            return run.count;
        }
    }
}

#endif
