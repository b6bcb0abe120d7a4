/* Instants are int64 microseconds since 1970-01-01 00:00 UTC. This is the only layer that reads a
 * clock; everybody else gets time as an argument or a wr_clock. */
#ifndef WEIR_CORE_TIME_H
#define WEIR_CORE_TIME_H

#include "core/text.h"
#include "core/type.h"

#define WR_TIME_NONE INT64_MIN /* no watermark yet; less than every instant */
#define WR_TIME_END INT64_MAX  /* end of input: everything closes */

#define WR_US_PER_MS 1000LL
#define WR_US_PER_S 1000000LL
#define WR_US_PER_MIN (60 * WR_US_PER_S)
#define WR_US_PER_HOUR (3600 * WR_US_PER_S)
#define WR_US_PER_DAY (86400 * WR_US_PER_S)

/* A clock that a test or host may set. manual: wall_us counts, monotonic follows it. */
typedef struct wr_clock {
    bool manual;
    int64_t wall_us;
} wr_clock;

int64_t wr_clock_wall_us(const wr_clock *clock);      /* NULL: the machine's */
int64_t wr_clock_monotonic_us(const wr_clock *clock); /* for intervals */
void wr_sleep_us(int64_t us);

typedef struct wr_civil {
    int64_t year;
    int month, day, hour, minute, second, micros; /* month 1..12 */
} wr_civil;

wr_civil wr_civil_from_us(int64_t us);           /* proleptic Gregorian, UTC, any int64 */
bool wr_civil_to_us(const wr_civil *civil, int64_t *us); /* false: no such date or overflow */
int wr_civil_month_days(int64_t year, int month);        /* 28..31, month 1..12 */

/* ISO 8601: 2026-01-01, 2026-01-01T00:05:00Z, 2026-01-01 00:05, …:30.123456, +02:00, +0200, +02;
 * no offset: UTC. Years 0001..9999. False: not that form or no such instant. */
bool wr_time_parse(wr_text text, int64_t *us);
/* "2026-01-01T00:05:00Z", with 3 or 6 digits of fraction if any; returns the size, no NUL. */
enum { WR_TIME_TEXT_MAX = 40 };
size_t wr_time_print(int64_t us, char *out);

/* DATE: days since 1970-01-01, those whose instants are int64 microseconds: within ±106,751,990.
 * "2026-01-31"; years 0001..9999 as written. Printed: no NUL, returns the size. */
enum { WR_DATE_DAYS_MAX = 106751990, WR_DATE_TEXT_MAX = 16 };
bool wr_date_parse(wr_text text, int32_t *days);
size_t wr_date_print(int32_t days, char *out);
/* The day in which an instant lies. */
int32_t wr_date_of(int64_t us);
wr_civil wr_civil_from_days(int64_t days); /* its midnight; |days| < 2^60 */

/* TIME: microseconds since midnight, less than a day. "13:05", "13:05:30.250": 3 or 6 digits of
 * fraction if any. */
enum { WR_DAYTIME_TEXT_MAX = 16 };
bool wr_daytime_parse(wr_text text, int64_t *us);
size_t wr_daytime_print(int64_t us, char *out);

/* A span: "5 minutes", "5m", "1h 30m", "PT5M", "P1DT2H", "250 ms", "1 month", "-1 hour"; units
 * microsecond(s)/us … year(s)/y/mon/w/d/h/m/min/s/ms. A bare number is seconds. */
bool wr_interval_parse(wr_text text, wr_interval *interval);
/* One number and a unit word, as in  5 MINUTES ; false: no such unit or overflow. */
bool wr_interval_from_unit(wr_text number, wr_text unit, wr_interval *interval);
/* "5 minutes", "1 hour 30 minutes", "250 ms" into `out`, no NUL; parses back to the same. */
enum { WR_INTERVAL_TEXT_MAX = 112 };
size_t wr_interval_print(wr_interval interval, char *out);
/* <0, 0, >0; a month counts as 30 days, so "1 month" equals "30 days". */
int wr_interval_compare(wr_interval a, wr_interval b);
/* us + interval, months by civil date (day clamped to the month); false on overflow. */
bool wr_time_add(int64_t us, wr_interval interval, int64_t *result);
/* "256 MB", "64KiB", "1 GB": KB = KiB = 1,024 B; a bare number is bytes. */
bool wr_size_parse(wr_text text, int64_t *size_bytes);

#endif
