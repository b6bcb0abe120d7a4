/* Instants ↔ civil dates, proleptic Gregorian, UTC, for every int64 of microseconds.
 *
 * Idea: count years from 1 March, so that the leap day is a year's last. A 400-year cycle has
 * 146,097 days; within it, a day's year follows by taking out the leap days before it:
 *
 *   year = (day − day/1460 + day/36524 − day/146096) / 365         (day of the cycle, 0-based)
 *   day of the year → month: (5·day + 2) / 153, months counted from March
 *
 * 1. to_us(from_us(x)) = x for every x. */
#include "core/time.h"

enum { DAYS_PER_CYCLE = 146097, EPOCH_DAY = 719468 /* days from 0000-03-01 to 1970-01-01 */ };

static int64_t
floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int32_t
wr_date_of(int64_t us)
{
    return (int32_t)floor_divide(us, WR_US_PER_DAY);
}

wr_civil
wr_civil_from_days(int64_t days)
{
    days += EPOCH_DAY;
    int64_t cycle = floor_divide(days, DAYS_PER_CYCLE);
    int64_t day = days - cycle * DAYS_PER_CYCLE;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t year_day = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * year_day + 2) / 153;
    return (wr_civil){
        .year = cycle * 400 + year + (month >= 10),
        .month = (int)(month < 10 ? month + 3 : month - 9),
        .day = (int)(year_day - (153 * month + 2) / 5 + 1),
    };
}

wr_civil
wr_civil_from_us(int64_t us)
{
    int64_t rest_us = us % WR_US_PER_DAY + (us % WR_US_PER_DAY < 0 ? WR_US_PER_DAY : 0);
    wr_civil civil = wr_civil_from_days(floor_divide(us, WR_US_PER_DAY));
    civil.hour = (int)(rest_us / WR_US_PER_HOUR);
    civil.minute = (int)(rest_us / WR_US_PER_MIN % 60);
    civil.second = (int)(rest_us / WR_US_PER_S % 60);
    civil.micros = (int)(rest_us % WR_US_PER_S);
    return civil;
}

int
wr_civil_month_days(int64_t year, int month)
{
    if (month == 2) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
    }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static bool
civil_is_valid(const wr_civil *civil)
{
    return civil->year > -400000 && civil->year < 400000 && civil->month >= 1 &&
           civil->month <= 12 && civil->day >= 1 &&
           civil->day <= wr_civil_month_days(civil->year, civil->month) && civil->hour >= 0 &&
           civil->hour < 24 && civil->minute >= 0 && civil->minute < 60 && civil->second >= 0 &&
           civil->second < 60 && civil->micros >= 0 && civil->micros < WR_US_PER_S;
}

bool
wr_civil_to_us(const wr_civil *civil, int64_t *us)
{
    if (!civil_is_valid(civil)) {
        return false;
    }
    int64_t month = civil->month > 2 ? civil->month - 3 : civil->month + 9;
    int64_t year = civil->year - (civil->month <= 2);
    int64_t cycle = floor_divide(year, 400);
    int64_t cycle_year = year - cycle * 400;
    int64_t day = 365 * cycle_year + cycle_year / 4 - cycle_year / 100 + (153 * month + 2) / 5 +
                  civil->day - 1;
    int64_t days = cycle * DAYS_PER_CYCLE + day - EPOCH_DAY;
    int64_t rest_us = civil->hour * WR_US_PER_HOUR + civil->minute * WR_US_PER_MIN +
                      civil->second * WR_US_PER_S + civil->micros;
    if (days < 0) { /* the first representable day begins before INT64_MIN */
        days += 1;
        rest_us -= WR_US_PER_DAY;
    }
    int64_t midnight_us = 0;
    return !__builtin_mul_overflow(days, WR_US_PER_DAY, &midnight_us) &&
           !__builtin_add_overflow(midnight_us, rest_us, us);
}

bool
wr_time_add(int64_t us, wr_interval interval, int64_t *result)
{
    if (interval.months != 0) {
        wr_civil civil = wr_civil_from_us(us);
        int64_t month = 0;
        if (__builtin_add_overflow(civil.year * 12 + civil.month - 1, interval.months, &month)) {
            return false;
        }
        civil.year = floor_divide(month, 12);
        civil.month = (int)(month - civil.year * 12) + 1;
        int month_days = wr_civil_month_days(civil.year, civil.month);
        civil.day = civil.day < month_days ? civil.day : month_days;
        if (!wr_civil_to_us(&civil, &us)) {
            return false;
        }
    }
    return !__builtin_add_overflow(us, interval.micros, result);
}
