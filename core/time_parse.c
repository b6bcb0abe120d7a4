/* ISO 8601 in and out: instants, dates, times of a day.
 *
 *   2026-01-01   2026-01-01T00:05Z   2026-01-01 00:05:30.25 +02:00   T24:00:00
 *
 * Idea: fixed places for date and time, then an optional fraction (1 to 9 digits, cut to
 * microseconds) and an optional offset; the text must end there.
 *
 * 1. Years are 0001..9999 as written; what is printed for an instant parses to the same one. */
#include "core/time.h"

#include <stdio.h>
#include <string.h>

/* `count` digits at *text as a number, -1: not there. Moves on. */
static int
take_digits(wr_text *text, int count)
{
    if (text->size < (size_t)count) {
        return -1;
    }
    int value = 0;
    for (int i = 0; i < count; i++) {
        unsigned digit = (unsigned char)text->data[i] - (unsigned)'0';
        if (digit > 9) {
            return -1;
        }
        value = value * 10 + (int)digit;
    }
    text->data += count;
    text->size -= (size_t)count;
    return value;
}

static bool
take_char(wr_text *text, char c)
{
    if (text->size == 0 || text->data[0] != c) {
        return false;
    }
    text->data++;
    text->size--;
    return true;
}

static bool
take_date(wr_text *text, wr_civil *civil)
{
    civil->year = take_digits(text, 4);
    if (civil->year < 1 || !take_char(text, '-')) {
        return false;
    }
    civil->month = take_digits(text, 2);
    if (!take_char(text, '-')) {
        return false;
    }
    civil->day = take_digits(text, 2);
    return true;
}

/* ".123456789" → micros, cut. */
static bool
take_fraction(wr_text *text, int *micros)
{
    int value = 0;
    int digits = 0;
    while (text->size > 0 && text->data[0] >= '0' && text->data[0] <= '9') {
        if (digits < 6) {
            value = value * 10 + (text->data[0] - '0');
        }
        digits++;
        text->data++;
        text->size--;
    }
    for (int i = digits; i < 6; i++) {
        value *= 10;
    }
    *micros = value;
    return digits >= 1 && digits <= 9;
}

static bool
take_time(wr_text *text, wr_civil *civil)
{
    civil->hour = take_digits(text, 2);
    if (!take_char(text, ':')) {
        return false;
    }
    civil->minute = take_digits(text, 2);
    if (take_char(text, ':')) {
        civil->second = take_digits(text, 2);
        if (take_char(text, '.') || take_char(text, ',')) {
            return take_fraction(text, &civil->micros);
        }
    }
    return true;
}

/* "Z", "+02", "+0200", "+02:00", "+00:53:28", "" → microseconds east of UTC. */
static bool
take_offset(wr_text *text, int64_t *offset_us)
{
    *offset_us = 0;
    if (text->size == 0) {
        return true;
    }
    if (take_char(text, 'Z') || take_char(text, 'z')) {
        return true;
    }
    take_char(text, ' ');
    bool west = take_char(text, '-');
    if (!west && !take_char(text, '+')) {
        return false;
    }
    int hours = take_digits(text, 2);
    int minutes = 0;
    if (take_char(text, ':') || text->size > 0) {
        minutes = take_digits(text, 2);
    }
    int seconds = take_char(text, ':') ? take_digits(text, 2) : 0;
    if (hours < 0 || hours > 18 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59) {
        return false;
    }
    int64_t magnitude_us = hours * WR_US_PER_HOUR + minutes * WR_US_PER_MIN + seconds * WR_US_PER_S;
    *offset_us = west ? -magnitude_us : magnitude_us;
    return true;
}

bool
wr_time_parse(wr_text text, int64_t *us)
{
    wr_civil civil = {0};
    int64_t offset_us = 0;
    if (!take_date(&text, &civil)) {
        return false;
    }
    if (text.size > 0) {
        bool has_separator =
            take_char(&text, 'T') || take_char(&text, ' ') || take_char(&text, 't');
        if (!has_separator || !take_time(&text, &civil) || !take_offset(&text, &offset_us)) {
            return false;
        }
    }
    bool is_midnight =
        civil.hour == 24 && civil.minute == 0 && civil.second == 0 && civil.micros == 0;
    if (is_midnight) {
        civil.hour = 0;
        offset_us -= WR_US_PER_DAY;
    }
    int64_t local_us = 0;
    if (text.size > 0 || !wr_civil_to_us(&civil, &local_us)) {
        return false;
    }
    *us = local_us - offset_us; /* far from overflow: years have four digits */
    return true;
}

bool
wr_date_parse(wr_text text, int32_t *days)
{
    wr_civil civil = {0};
    int64_t us = 0;
    if (!take_date(&text, &civil) || text.size > 0 || !wr_civil_to_us(&civil, &us)) {
        return false;
    }
    *days = wr_date_of(us);
    return true;
}

bool
wr_daytime_parse(wr_text text, int64_t *us)
{
    wr_civil civil = {.year = 1970, .month = 1, .day = 1};
    return take_time(&text, &civil) && text.size == 0 && wr_civil_to_us(&civil, us);
}

static size_t
put_digits(char *out, int value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return (size_t)count;
}

static size_t
put_year(char *out, int64_t year)
{
    if (year >= 0 && year <= 9999) {
        return put_digits(out, (int)year, 4);
    }
    out[0] = year < 0 ? '-' : '+';
    int64_t magnitude = year < 0 ? -year : year;
    return 1 + put_digits(out + 1, (int)magnitude, 6);
}

static size_t
put_date(char *out, const wr_civil *civil)
{
    size_t size = put_year(out, civil->year);
    out[size++] = '-';
    size += put_digits(out + size, civil->month, 2);
    out[size++] = '-';
    return size + put_digits(out + size, civil->day, 2);
}

static size_t
put_daytime(char *out, const wr_civil *civil)
{
    size_t size = put_digits(out, civil->hour, 2);
    out[size++] = ':';
    size += put_digits(out + size, civil->minute, 2);
    out[size++] = ':';
    size += put_digits(out + size, civil->second, 2);
    if (civil->micros != 0) {
        bool is_ms = civil->micros % 1000 == 0;
        out[size++] = '.';
        size += put_digits(out + size, is_ms ? civil->micros / 1000 : civil->micros, is_ms ? 3 : 6);
    }
    return size;
}

size_t
wr_time_print(int64_t us, char *out)
{
    wr_civil civil = wr_civil_from_us(us);
    size_t size = put_date(out, &civil);
    out[size++] = 'T';
    size += put_daytime(out + size, &civil);
    out[size++] = 'Z';
    return size;
}

size_t
wr_date_print(int32_t days, char *out)
{
    wr_civil civil = wr_civil_from_days(days);
    return put_date(out, &civil);
}

size_t
wr_daytime_print(int64_t us, char *out)
{
    wr_civil civil = wr_civil_from_us(us);
    return put_daytime(out, &civil);
}
