/* Fields of an instant.
 *
 *   2026-01-01T13:05:30   hour 13   dow 4 (Thursday)   week 1   doy 1   truncated to month: …-01
 *
 * ISO weeks: the week of a day is the year's week in which its Thursday lies.
 *
 * 1. truncate(f, x) ≤ x, and truncating twice changes nothing. */
#include "functions/time_field.h"

static const struct {
    const char *name;
    wr_time_field field;
} field_names[] = {
    {"microsecond", WR_FIELD_MICROSECOND},
    {"us", WR_FIELD_MICROSECOND},
    {"millisecond", WR_FIELD_MILLISECOND},
    {"ms", WR_FIELD_MILLISECOND},
    {"second", WR_FIELD_SECOND},
    {"minute", WR_FIELD_MINUTE},
    {"hour", WR_FIELD_HOUR},
    {"day", WR_FIELD_DAY},
    {"week", WR_FIELD_WEEK},
    {"month", WR_FIELD_MONTH},
    {"quarter", WR_FIELD_QUARTER},
    {"year", WR_FIELD_YEAR},
    {"decade", WR_FIELD_DECADE},
    {"century", WR_FIELD_CENTURY},
    {"millennium", WR_FIELD_MILLENNIUM},
    {"dow", WR_FIELD_DOW},
    {"isodow", WR_FIELD_ISODOW},
    {"doy", WR_FIELD_DOY},
    {"isoyear", WR_FIELD_ISOYEAR},
    {"epoch", WR_FIELD_EPOCH},
};
enum { FIELD_NAME_COUNT = sizeof(field_names) / sizeof(field_names[0]) };

wr_time_field
wr_time_field_find(wr_text name)
{
    for (int i = 0; i < FIELD_NAME_COUNT; i++) {
        wr_text known = wr_text_from(field_names[i].name);
        bool plural =
            name.size == known.size + 1 && known.size > 2 && (name.data[known.size] | 0x20) == 's';
        if (plural ? wr_text_equal_nocase((wr_text){name.data, known.size}, known)
                   : wr_text_equal_nocase(name, known)) {
            return field_names[i].field;
        }
    }
    return WR_FIELD_NONE;
}

static int64_t
floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* Days since 1970-01-01; Monday is 1. */
static int64_t
iso_weekday(int64_t day)
{
    int64_t rest = (day + 3) % 7; /* day 0 was a Thursday */
    return (rest < 0 ? rest + 7 : rest) + 1;
}

static int64_t
year_start_day(int64_t year)
{
    int64_t us = 0;
    wr_civil_to_us(&(wr_civil){.year = year, .month = 1, .day = 1}, &us);
    return floor_divide(us, WR_US_PER_DAY);
}

static int64_t
extract_day_field(wr_time_field field, int64_t us, const wr_civil *civil)
{
    int64_t day = floor_divide(us, WR_US_PER_DAY);
    int64_t weekday = iso_weekday(day);
    if (field == WR_FIELD_ISODOW || field == WR_FIELD_DOW) {
        return field == WR_FIELD_DOW ? weekday % 7 : weekday;
    }
    if (field == WR_FIELD_DOY) {
        return day - year_start_day(civil->year) + 1;
    }
    int64_t thursday = day - weekday + 4;
    int64_t iso_year = civil->year;
    iso_year += thursday >= year_start_day(iso_year + 1) ? 1 : 0;
    iso_year -= thursday < year_start_day(iso_year) ? 1 : 0;
    if (field == WR_FIELD_ISOYEAR) {
        return iso_year;
    }
    return (thursday - year_start_day(iso_year)) / 7 + 1;
}

/* The part of `us` below `unit_us`, never negative. */
static int64_t
rest_below(int64_t us, int64_t unit_us)
{
    int64_t rest = us % unit_us;
    return rest < 0 ? rest + unit_us : rest;
}

/* Fields below the day need no calendar. */
static int64_t
extract_calendar_field(wr_time_field field, int64_t us)
{
    wr_civil civil = wr_civil_from_us(us);
    switch ((int)field) {
    case WR_FIELD_DAY: return civil.day;
    case WR_FIELD_MONTH: return civil.month;
    case WR_FIELD_QUARTER: return (civil.month + 2) / 3;
    case WR_FIELD_YEAR: return civil.year;
    case WR_FIELD_DECADE: return floor_divide(civil.year, 10);
    case WR_FIELD_CENTURY: return floor_divide(civil.year + 99, 100);
    case WR_FIELD_MILLENNIUM: return floor_divide(civil.year + 999, 1000);
    }
    return extract_day_field(field, us, &civil);
}

int64_t
wr_time_extract(wr_time_field field, int64_t us)
{
    switch (field) {
    case WR_FIELD_MICROSECOND: return rest_below(us, WR_US_PER_MIN);
    case WR_FIELD_MILLISECOND: return rest_below(us, WR_US_PER_MIN) / WR_US_PER_MS;
    case WR_FIELD_SECOND: return rest_below(us, WR_US_PER_MIN) / WR_US_PER_S;
    case WR_FIELD_MINUTE: return rest_below(us, WR_US_PER_HOUR) / WR_US_PER_MIN;
    case WR_FIELD_HOUR: return rest_below(us, WR_US_PER_DAY) / WR_US_PER_HOUR;
    case WR_FIELD_EPOCH: return floor_divide(us, WR_US_PER_S);
    case WR_FIELD_DAY:
    case WR_FIELD_WEEK:
    case WR_FIELD_MONTH:
    case WR_FIELD_QUARTER:
    case WR_FIELD_YEAR:
    case WR_FIELD_DECADE:
    case WR_FIELD_CENTURY:
    case WR_FIELD_MILLENNIUM:
    case WR_FIELD_DOW:
    case WR_FIELD_ISODOW:
    case WR_FIELD_DOY:
    case WR_FIELD_ISOYEAR: return extract_calendar_field(field, us);
    case WR_FIELD_NONE: return 0;
    }
    return 0;
}

bool
wr_time_field_interval(wr_time_field field, wr_interval *unit)
{
    static const wr_interval units[] = {
        [WR_FIELD_MICROSECOND] = {0, 1},
        [WR_FIELD_MILLISECOND] = {0, WR_US_PER_MS},
        [WR_FIELD_SECOND] = {0, WR_US_PER_S},
        [WR_FIELD_MINUTE] = {0, WR_US_PER_MIN},
        [WR_FIELD_HOUR] = {0, WR_US_PER_HOUR},
        [WR_FIELD_DAY] = {0, WR_US_PER_DAY},
        [WR_FIELD_WEEK] = {0, 7 * WR_US_PER_DAY},
        [WR_FIELD_MONTH] = {1, 0},
        [WR_FIELD_QUARTER] = {3, 0},
        [WR_FIELD_YEAR] = {12, 0},
        [WR_FIELD_DECADE] = {120, 0},
        [WR_FIELD_CENTURY] = {1200, 0},
        [WR_FIELD_MILLENNIUM] = {12000, 0},
    };
    if (field > WR_FIELD_MILLENNIUM) {
        return false;
    }
    *unit = units[field];
    return true;
}

bool
wr_time_truncate(wr_time_field field, int64_t us, int64_t *result)
{
    wr_interval unit;
    if (!wr_time_field_interval(field, &unit)) {
        return false;
    }
    if (unit.months == 0) {
        int64_t origin_us = field == WR_FIELD_WEEK ? -3 * WR_US_PER_DAY : 0;
        int64_t rest = (us % unit.micros - origin_us % unit.micros) % unit.micros;
        rest += rest < 0 ? unit.micros : 0;
        return !__builtin_sub_overflow(us, rest, result);
    }
    wr_civil civil = wr_civil_from_us(us);
    wr_civil start = {.year = civil.year, .month = 1, .day = 1};
    if (unit.months < 12) {
        start.month = (civil.month - 1) / (int)unit.months * (int)unit.months + 1;
    } else {
        int64_t years = unit.months / 12;
        int64_t first = years >= 100 ? 1 : 0; /* centuries begin with year 1 */
        start.year = floor_divide(civil.year - first, years) * years + first;
    }
    return wr_civil_to_us(&start, result);
}

static wr_status
field_unknown(wr_text name, wr_error *err)
{
    wr_text names[FIELD_NAME_COUNT];
    for (int i = 0; i < FIELD_NAME_COUNT; i++) {
        names[i] = wr_text_from(field_names[i].name);
    }
    int nearest = wr_text_nearest(name, names, FIELD_NAME_COUNT);
    wr_error_set(err, WR_ERR_SQL, "E0304", "no field of time \"%.*s\"", WR_TEXT_ARG(name));
    wr_error_detail(err, "fields: microsecond millisecond second minute hour day week month "
                         "quarter year decade century millennium dow isodow doy isoyear epoch");
    if (nearest >= 0) {
        wr_error_hint(err, "did you mean \"%.*s\"?", WR_TEXT_ARG(names[nearest]));
    }
    return WR_ERR_SQL;
}

wr_status
wr_time_field_prepare(wr_arena *arena, const wr_vector *const *args, int arg_count,
                      const void **prepared, wr_error *err)
{
    (void)arg_count;
    *prepared = NULL;
    if (!args[0] || wr_vector_is_null(args[0], 0) ||
        wr_vector_error(args[0], 0) != WR_REASON_NONE) {
        return WR_OK;
    }
    wr_text name = wr_view_text(args[0]->data);
    wr_time_field *field = WR_NEW(arena, wr_time_field);
    *field = wr_time_field_find(name);
    *prepared = field;
    return *field == WR_FIELD_NONE ? field_unknown(name, err) : WR_OK;
}

wr_time_field
wr_time_field_of(const wr_call *call, int row)
{
    const wr_time_field *prepared = call->prepared;
    return prepared ? *prepared : wr_time_field_find(wr_arg_text(call, 0, row));
}
