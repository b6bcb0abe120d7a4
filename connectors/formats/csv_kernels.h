/* Finds and reads runs of CSV records. To be included once by each kernels_*.c.
 *
 *   17,"al,pha",1.5↵18,beta,2↵     masks of 64 bytes → stops → one loop per wanted column
 *
 * Idea: the places are written down without asking what they are. Afterwards, when every n-th stop
 * of a run is a newline, and there are no other newlines, all its records have n fields.
 *
 * 1. What is read without a call is what wr_decode_text reads from the same bytes. */
#ifndef WEIR_CONNECTORS_FORMATS_CSV_KERNELS_H
#define WEIR_CONNECTORS_FORMATS_CSV_KERNELS_H

#include "connectors/formats/csv_quotes.h"
#include "connectors/formats/csv_run.h"
#include "connectors/formats/decimal_column.h"
#include "connectors/formats/decimal_field.h"
#include "connectors/formats/view_padded.h"

enum { CSV_RUN_BYTES = 16 * 1024 /* with its columns it fits the first-level cache */ };

/* ── finding ────────────────────────────────────────────────────────────────────────────────── */

/* The masks of the block at `at`, of which `size` bytes count. */
static inline field_masks
csv_masks(const char *at, size_t size, char delimiter)
{
    field_masks masks = field_masks_of(at, delimiter);
    uint64_t within = size < 64 ? ((uint64_t)1 << size) - 1 : UINT64_MAX;
    masks.stops &= within;
    masks.newlines &= within;
    masks.quotes &= within;
    masks.high &= within;
    return masks;
}

/* Appends base + place of every bit, eight at a step: how many there are is hard to predict. Up to
 * 71 entries are written. */
static inline int
csv_stops_write(uint32_t *stops, uint64_t mask, uint32_t base)
{
    int count = __builtin_popcountll(mask);
    for (int done = 0; done < count; done += 8) {
        for (int i = 0; i < 8; i++) {
            stops[done + i] = base + (uint32_t)__builtin_ctzll(mask | (uint64_t)1 << 63);
            mask &= mask - 1;
        }
    }
    return count;
}

/* How many of the first `found` records have all their fields and no more. */
static inline int
csv_run_regular(const wr_csv_run *run, int found)
{
    for (int i = 0; i < found; i++) {
        const uint32_t *stops = run->stops + 1 + i * run->field_count;
        for (int field = 0; field < run->field_count; field++) {
            if ((run->chunk[stops[field]] == '\n') != (field + 1 == run->field_count)) {
                return i;
            }
        }
    }
    return found;
}

static inline void
csv_run_find(wr_csv_run *run, size_t size, const wr_csv_dialect *dialect)
{
    const char *chunk = run->chunk;
    int stop_limit = run->wanted * run->field_count, stop_count = 0, newline_count = 0;
    stop_limit = stop_limit < WR_CSV_STOPS_MAX ? stop_limit : WR_CSV_STOPS_MAX;
    size_t last = run->begin + CSV_RUN_BYTES;
    uint64_t high = 0, content = 0, good = UINT64_MAX;
    quote_state quotes = {.may_open = 1};
    run->quoted = false;
    run->multiline = false;
    run->null_count = 0;
    run->stops[0] = (uint32_t)run->begin - 1;
    for (size_t block = run->begin; block < size && stop_count < stop_limit; block += 64) {
        if ((block >= last && newline_count > 0) || good != UINT64_MAX) {
            break;
        }
        field_masks masks = csv_masks(chunk + block, size - block, dialect->delimiter);
        if ((masks.quotes | quotes.inside | quotes.closed) && !dialect->bare) {
            good = quotes_apply(&quotes, &masks, chunk + block, chunk + size, &content);
            masks.stops &= good;
            masks.newlines &= good;
            run->quoted = true;
            run->multiline |= content != 0;
        } else {
            quotes.may_open = masks.stops >> 63;
        }
        high |= masks.high;
        newline_count += __builtin_popcountll(masks.newlines);
        stop_count += csv_stops_write(run->stops + 1 + stop_count, masks.stops, (uint32_t)block);
    }
    int found = stop_count / run->field_count, ended = 0;
    for (int i = 1; i <= found; i++) {
        ended += chunk[run->stops[i * run->field_count]] == '\n';
    }
    bool is_regular = ended == found && newline_count == found;
    run->count = is_regular ? found : csv_run_regular(run, found);
    run->stopped = !is_regular || good != UINT64_MAX;
    run->high = high != 0;
}

static inline size_t
csv_whole(const char *data, size_t size, char delimiter, bool *irregular)
{
    size_t whole = 0;
    uint64_t content, good = UINT64_MAX;
    char tail[64] = {0};
    quote_state quotes = {.may_open = 1};
    for (size_t block = 0; block < size && good == UINT64_MAX; block += 64) {
        const char *at = data + block, *end = data + size;
        if (size - block < 64) {
            memcpy(tail, at, size - block);
            at = tail;
            end = tail + (size - block);
        }
        field_masks masks = csv_masks(at, size - block, delimiter);
        if (masks.quotes | quotes.inside | quotes.closed) {
            good = quotes_apply(&quotes, &masks, at, end, &content);
        } else {
            quotes.may_open = masks.stops >> 63;
        }
        uint64_t newlines = masks.newlines & good;
        whole = newlines ? block + 64 - (size_t)__builtin_clzll(newlines) : whole;
    }
    *irregular = good != UINT64_MAX;
    return whole;
}

/* ── reading ────────────────────────────────────────────────────────────────────────────────── */

/* Text to a value at values[row], when it is of the usual form; false: ask the rules of all
 * formats. */
typedef bool csv_value_read(void *values, int row, wr_text text);

static inline bool
csv_double_read(void *values, int row, wr_text text)
{
    bool negative;
    decimal number;
    if (!decimal_field(text.data, text.size, &negative, &number)) {
        return false;
    }
    double value = decimal_double(&number);
    ((double *)values)[row] = negative ? -value : value;
    return true;
}

static inline bool
csv_bigint_read(void *values, int row, wr_text text)
{
    bool negative;
    decimal number;
    if (!decimal_field(text.data, text.size, &negative, &number) || number.fraction > 0) {
        return false;
    }
    int64_t value = (int64_t)number.mantissa;
    ((int64_t *)values)[row] = negative ? -value : value;
    return true;
}

static inline bool
csv_text_read(void *values, int row, wr_text text)
{
    ((wr_view *)values)[row] = view_of_padded(text.data, text.size);
    return true;
}

static inline bool
csv_other_read(void *values, int row, wr_text text)
{
    (void)values;
    (void)row;
    (void)text;
    return false;
}

/* Any value, by the rules of all formats; false: bad. */
static inline bool
csv_value_decode(wr_decode_frame *frame, int column, int row, wr_text text)
{
    int row_before = frame->row;
    frame->row = row;
    wr_decode_text(frame, column, text);
    frame->row = row_before;
    return frame->slots[column].state == WR_SLOT_GOOD;
}

/* What stands between the quotes around `text`. */
static inline wr_text
csv_unquote(wr_text text, wr_arena *arena)
{
    size_t size = text.size > 2 ? text.size - 2 : 0;
    wr_csv_field field = {.data = text.data + 1, .size = size, .quoted = true};
    field.doubled = memchr(field.data, '"', field.size) != NULL;
    return wr_csv_unquote(&field, arena);
}

/* A column that is being read: its field of all records of a run. */
typedef struct csv_column {
    wr_csv_run *run;
    wr_decode_frame *frame;
    const wr_csv_dialect *dialect;
    int column, field;
} csv_column;

/* What most texts are is read in one loop, which lists the records left to the rules. */
typedef struct csv_left {
    int count;
    uint16_t records[WR_CSV_RUN_FOUND_MAX];
} csv_left;

static inline void
csv_left_add(csv_left *left, int record)
{
    left->records[left->count++] = (uint16_t)record;
}

/* The text of the record whose stops these are. */
static inline wr_text
csv_text_at(const char *chunk, const uint32_t *stop, bool is_last)
{
    uint32_t begin = stop[0] + 1, size = stop[1] - begin;
    size -= is_last && chunk[begin + size - (size > 0)] == '\r';
    return (wr_text){chunk + begin, size};
}

/* The value of one record, whatever its text is; false: bad, or it must not be NULL. */
static inline bool
csv_field_read(const csv_column *at, int record, csv_value_read *read)
{
    wr_csv_run *run = at->run;
    const uint32_t *stop = run->stops + record * run->field_count + at->field;
    wr_text text = csv_text_at(run->chunk, stop, at->field + 1 == run->field_count);
    if (run->quoted && *text.data == '"') {
        text = csv_unquote(text, at->frame->arena);
    } else if (!at->dialect->bare &&
               (text.size == 0 || wr_text_equal(text, at->dialect->null_text))) {
        bool is_full = run->null_count == WR_CSV_RUN_NULLS_MAX;
        if (at->frame->spec->columns[at->column].not_null || is_full) {
            return false;
        }
        run->nulls[run->null_count++] = (wr_csv_null){at->column, record};
        return true;
    }
    int row = at->frame->row + record;
    return read(at->frame->out->batch->columns[at->column].data, row, text) ||
           csv_value_decode(at->frame, at->column, row, text);
}

static inline void *
csv_column_values(const csv_column *at, size_t size)
{
    return (char *)at->frame->out->batch->columns[at->column].data + (size_t)at->frame->row * size;
}

static inline void
csv_all_left(const csv_column *at, csv_left *left)
{
    for (int i = 0; i < at->run->count; i++) {
        csv_left_add(left, i);
    }
}

#if defined(__SSE4_1__)

_Static_assert((int)DECIMAL_COLUMN_MAX >= (int)WR_CSV_RUN_FOUND_MAX, "a run is a column");

/* Takes the numbers of all records; what is no number by itself is left. */
static inline __attribute__((always_inline)) void
csv_numbers_take(const csv_column *at, bool is_last, bool whole, decimal_column *numbers,
                 csv_left *left)
{
    const char *chunk = at->run->chunk;
    const uint32_t *stop = at->run->stops + at->field;
    int count = at->run->count, step = at->run->field_count;
    for (int i = 0; i < count; i++, stop += step) {
        if (!decimal_column_take(numbers, i, csv_text_at(chunk, stop, is_last), whole)) {
            csv_left_add(left, i);
        }
    }
    decimal_column_end(numbers, count);
}

/* False: none is taken, since what looks like a number may be NULL. */
static inline __attribute__((always_inline)) bool
csv_numbers_read(const csv_column *at, bool whole, decimal_column *numbers, csv_left *left)
{
    wr_text null_text = at->dialect->null_text;
    if (null_text.size > 0 && (*null_text.data == '-' || (unsigned)*null_text.data - '0' < 10)) {
        csv_all_left(at, left);
        return false;
    }
    if (at->field + 1 == at->run->field_count) {
        csv_numbers_take(at, true, whole, numbers, left);
    } else {
        csv_numbers_take(at, false, whole, numbers, left);
    }
    return true;
}

static inline void
csv_doubles_read(const csv_column *at, csv_left *left)
{
    decimal_column numbers;
    if (csv_numbers_read(at, false, &numbers, left)) {
        decimal_column_doubles(&numbers, at->run->count, csv_column_values(at, sizeof(double)));
    }
}

static inline void
csv_bigints_read(const csv_column *at, csv_left *left)
{
    decimal_column numbers;
    if (csv_numbers_read(at, true, &numbers, left)) {
        decimal_column_bigints(&numbers, at->run->count, csv_column_values(at, sizeof(int64_t)));
    }
}

#else

static inline void
csv_doubles_read(const csv_column *at, csv_left *left)
{
    csv_all_left(at, left);
}

static inline void
csv_bigints_read(const csv_column *at, csv_left *left)
{
    csv_all_left(at, left);
}

#endif

static inline void
csv_texts_read(const csv_column *at, csv_left *left)
{
    wr_view *views = csv_column_values(at, sizeof(wr_view));
    const char *chunk = at->run->chunk;
    const uint32_t *stop = at->run->stops + at->field;
    int count = at->run->count, step = at->run->field_count;
    size_t null_size = at->dialect->null_text.size;
    bool quoted = at->run->quoted, is_last = at->field + 1 == step;
    for (int i = 0; i < count; i++, stop += step) {
        wr_text text = csv_text_at(chunk, stop, is_last);
        views[i] = view_of_padded(text.data, text.size);
        if (text.size == 0 || text.size == null_size || (quoted && *text.data == '"')) {
            csv_left_add(left, i);
        }
    }
}

/* Those that are left, in their order; the number of leading records that are good or NULL. */
static inline __attribute__((always_inline)) int
csv_left_read(const csv_column *at, const csv_left *left, csv_value_read *read)
{
    for (int i = 0; i < left->count; i++) {
        if (!csv_field_read(at, left->records[i], read)) {
            return left->records[i];
        }
    }
    return at->run->count;
}

static inline int
csv_run_read(const csv_column *at)
{
    wr_type type = at->frame->spec->columns[at->column].type;
    csv_left left;
    left.count = 0;
    if (type.id == WR_TYPE_DOUBLE) {
        csv_doubles_read(at, &left);
        return csv_left_read(at, &left, csv_double_read);
    }
    if (type.id == WR_TYPE_BIGINT && type.bits % 64 == 0) {
        csv_bigints_read(at, &left);
        return csv_left_read(at, &left, csv_bigint_read);
    }
    if (type.id == WR_TYPE_TEXT) {
        csv_texts_read(at, &left);
        return csv_left_read(at, &left, csv_text_read);
    }
    csv_all_left(at, &left);
    return csv_left_read(at, &left, csv_other_read);
}

#endif
