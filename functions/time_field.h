/* Fields of an instant: what EXTRACT, date_trunc, date_add and date_diff call by name. */
#ifndef WEIR_FUNCTIONS_TIME_FIELD_H
#define WEIR_FUNCTIONS_TIME_FIELD_H

#include "core/error.h"
#include "core/time.h"
#include "functions/kernel.h"

typedef enum wr_time_field {
    WR_FIELD_MICROSECOND,
    WR_FIELD_MILLISECOND,
    WR_FIELD_SECOND,
    WR_FIELD_MINUTE,
    WR_FIELD_HOUR,
    WR_FIELD_DAY,
    WR_FIELD_WEEK,
    WR_FIELD_MONTH,
    WR_FIELD_QUARTER,
    WR_FIELD_YEAR,
    WR_FIELD_DECADE,
    WR_FIELD_CENTURY,
    WR_FIELD_MILLENNIUM,
    WR_FIELD_DOW,    /* Sunday is 0 */
    WR_FIELD_ISODOW, /* Monday is 1, Sunday 7 */
    WR_FIELD_DOY,
    WR_FIELD_ISOYEAR,
    WR_FIELD_EPOCH,
    WR_FIELD_NONE /* no such field */
} wr_time_field;

/* By name without case, singular or plural ("hours"); NONE: no such field. */
wr_time_field wr_time_field_find(wr_text name);
/* The field as EXTRACT gives it; whole numbers, cut. */
int64_t wr_time_extract(wr_time_field field, int64_t us);
/* The start of the unit in which the instant lies; false: a field that is no unit, or overflow. */
bool wr_time_truncate(wr_time_field field, int64_t us, int64_t *result);
/* The length of a unit; false: it is none. */
bool wr_time_field_interval(wr_time_field field, wr_interval *unit);

/* prepare() of functions whose argument 0 names a field: *prepared is a const wr_time_field *. */
wr_status wr_time_field_prepare(wr_arena *arena, const wr_vector *const *args, int arg_count,
                                const void **prepared, wr_error *err);
/* The field of `row`: the prepared one, or by the argument's text. */
wr_time_field wr_time_field_of(const wr_call *call, int row);

#endif
