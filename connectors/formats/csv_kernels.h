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

/* The loop of csv_run_read, made for one way to read values. */
static inline __attribute__((always_inline)) int
csv_column_read(wr_csv_run *run, wr_decode_frame *frame, int column, int field,
                const wr_csv_dialect *dialect, csv_value_read *read)
{
    void *values = frame->out->batch->columns[column].data;
    const char *chunk = run->chunk;
    const uint32_t *stop = run->stops + field;
    bool is_last = field + 1 == run->field_count, quoted = run->quoted;
    wr_text null_text = dialect->null_text;
    for (int i = 0; i < run->count; i++, stop += run->field_count) {
        uint32_t begin = stop[0] + 1;
        wr_text text = {chunk + begin, stop[1] - begin};
        text.size -= is_last && text.size > 0 && text.data[text.size - 1] == '\r';
        if (quoted && *text.data == '"') {
            text = csv_unquote(text, frame->arena);
        } else if (text.size == null_text.size || text.size == 0) {
            if (!dialect->bare && (text.size == 0 || wr_text_equal(text, null_text))) {
                if (frame->spec->columns[column].not_null ||
                    run->null_count == WR_CSV_RUN_NULLS_MAX) {
                    return i;
                }
                run->nulls[run->null_count++] = (wr_csv_null){column, i};
                continue;
            }
        }
        if (!read(values, frame->row + i, text) &&
            !csv_value_decode(frame, column, frame->row + i, text)) {
            return i;
        }
    }
    return run->count;
}

static inline int
csv_run_read(wr_csv_run *run, wr_decode_frame *frame, int column, int field,
             const wr_csv_dialect *dialect)
{
    wr_type type = frame->spec->columns[column].type;
    if (type.id == WR_TYPE_DOUBLE) {
        return csv_column_read(run, frame, column, field, dialect, csv_double_read);
    }
    if (type.id == WR_TYPE_BIGINT && type.bits % 64 == 0) {
        return csv_column_read(run, frame, column, field, dialect, csv_bigint_read);
    }
    if (type.id == WR_TYPE_TEXT) {
        return csv_column_read(run, frame, column, field, dialect, csv_text_read);
    }
    return csv_column_read(run, frame, column, field, dialect, csv_other_read);
}

#endif
