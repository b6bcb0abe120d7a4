/* Finds and reads runs of plain CSV records. To be included once by each kernels_*.c.
 *
 *   17,alpha,1.5↵18,beta,2↵     masks of 64 bytes → stops → one loop per wanted column
 *
 * 1. What is read without a call is what wr_decode_text reads from the same bytes. */
#ifndef WEIR_CONNECTORS_FORMATS_CSV_KERNELS_H
#define WEIR_CONNECTORS_FORMATS_CSV_KERNELS_H

#include "connectors/formats/byte_masks.h"
#include "connectors/formats/csv_run.h"
#include "connectors/formats/decimal.h"
#include "connectors/formats/view_padded.h"

static inline void
csv_run_find(wr_csv_run *run, size_t size, char delimiter)
{
    int stop_count = 0, field = 0;
    int stop_limit = WR_CSV_RUN_MAX * run->field_count;
    stop_limit = stop_limit < WR_CSV_STOPS_MAX ? stop_limit : WR_CSV_STOPS_MAX;
    run->count = 0;
    run->high = false;
    run->null_count = 0;
    for (size_t block = run->begin; block < size; block += 64) {
        field_masks masks = field_masks_of(run->chunk + block, delimiter);
        uint64_t inside = size - block < 64 ? ((uint64_t)1 << (size - block)) - 1 : UINT64_MAX;
        uint64_t quotes = masks.quotes & inside;
        inside &= quotes ? (quotes & -quotes) - 1 : UINT64_MAX;
        run->high |= (masks.high & inside) != 0;
        for (uint64_t stops = masks.stops & inside; stops; stops &= stops - 1) {
            size_t stop = block + (size_t)__builtin_ctzll(stops);
            bool is_last = ++field == run->field_count;
            if ((run->chunk[stop] == '\n') != is_last || stop_count == stop_limit) {
                return;
            }
            run->stops[stop_count++] = (uint32_t)stop;
            run->count += is_last;
            field = is_last ? 0 : field;
        }
        if (quotes) {
            return;
        }
    }
}

/* Where a field of a record is: [*begin, the result), without the \r of a line end. */
static inline size_t
csv_field_find(const wr_csv_run *run, int record, int field, size_t *begin)
{
    int stop = record * run->field_count + field;
    size_t end = run->stops[stop];
    *begin = stop > 0 ? run->stops[stop - 1] + 1 : run->begin;
    bool is_last = field + 1 == run->field_count;
    return end - (is_last && end > *begin && run->chunk[end - 1] == '\r');
}

/* Any value, by the rules of all formats; false: bad. */
static inline bool
csv_value_read(wr_decode_frame *frame, int column, int row, wr_text text)
{
    int row_before = frame->row;
    frame->row = row;
    wr_decode_text(frame, column, text);
    frame->row = row_before;
    return frame->slots[column].state == WR_SLOT_GOOD;
}

/* Reads the number that fills `text`; false: it is not a short one. Zeros in front are left to
 * others. */
static inline bool
csv_decimal_read(wr_text text, bool *negative, decimal *number)
{
    *negative = *text.data == '-';
    *number = decimal_read(text.data + *negative);
    bool is_padded = text.data[*negative] == '0' && number->width > 1 &&
                     text.data[*negative + 1] != '.';
    return number->width > 0 && number->width + *negative == text.size && !is_padded;
}

static inline bool
csv_field_read(wr_decode_frame *frame, int column, int row, wr_text text)
{
    const wr_vector *vector = &frame->out->batch->columns[column];
    bool negative;
    decimal number;
    switch (vector->type.id) {
    case WR_TYPE_TEXT:
        ((wr_view *)vector->data)[row] = view_of_padded(text.data, text.size);
        return text.size <= UINT32_MAX;
    case WR_TYPE_DOUBLE:
        if (csv_decimal_read(text, &negative, &number)) {
            double value = decimal_double(&number);
            ((double *)vector->data)[row] = negative ? -value : value;
            return true;
        }
        break;
    case WR_TYPE_BIGINT:
        if (csv_decimal_read(text, &negative, &number) && number.fraction == 0 &&
            vector->type.bits % 64 == 0) {
            int64_t value = (int64_t)number.mantissa;
            ((int64_t *)vector->data)[row] = negative ? -value : value;
            return true;
        }
        break;
    case WR_TYPE_NULL:
    case WR_TYPE_BOOLEAN:
    case WR_TYPE_DECIMAL:
    case WR_TYPE_JSON:
    case WR_TYPE_BYTES:
    case WR_TYPE_TIMESTAMP:
    case WR_TYPE_DATE:
    case WR_TYPE_TIME:
    case WR_TYPE_INTERVAL:
    case WR_TYPE_ARRAY:
    case WR_TYPE_STRUCT:
        break;
    }
    return csv_value_read(frame, column, row, text);
}

static inline int
csv_run_read(wr_csv_run *run, wr_decode_frame *frame, int column, int field,
             const wr_csv_dialect *dialect)
{
    bool not_null = frame->spec->columns[column].not_null;
    wr_text null_text = dialect->null_text;
    for (int i = 0; i < run->count; i++) {
        size_t begin, end = csv_field_find(run, i, field, &begin);
        wr_text text = {run->chunk + begin, end - begin};
        if (text.size == 0 || (null_text.size == text.size && wr_text_equal(text, null_text))) {
            if (not_null || run->null_count == WR_CSV_RUN_NULLS_MAX) {
                return i;
            }
            run->nulls[run->null_count++] = (wr_csv_null){column, i};
        } else if (!csv_field_read(frame, column, frame->row + i, text)) {
            return i;
        }
    }
    return run->count;
}

#endif
