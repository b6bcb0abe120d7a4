/* Instants by a pattern.
 *
 *   %Y-%m-%d %H:%M:%S.%L   2026-01-01 13:05:30.250        %F = %Y-%m-%d   %T = %H:%M:%S
 *   %y %e %j %I %p %a %A %b %B   26 " 1" 001 01 PM Thu Thursday Jan January
 *   %f %L   microseconds (6 digits), milliseconds (3)     %s seconds since 1970   %z +0000   %%
 *
 * 1. English names, UTC, no locale: the same text on every machine. */
#include "functions/time_format.h"

#include <string.h>

static const char *const weekday_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                            "Thursday", "Friday", "Saturday"};
static const char *const month_names[] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};

bool
wr_time_pattern_valid(wr_text pattern)
{
    for (size_t i = 0; i < pattern.size; i++) {
        if (pattern.data[i] == '%') {
            i++;
            if (i == pattern.size || pattern.data[i] == '\0' ||
                !strchr("YmdHMSfLjybBaApIeFTzZs%", pattern.data[i])) {
                return false;
            }
        }
    }
    return true;
}

static int64_t
floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int
weekday_of(int64_t us)
{
    int64_t rest = (floor_divide(us, WR_US_PER_DAY) + 4) % 7; /* day 0 was a Thursday */
    return (int)(rest < 0 ? rest + 7 : rest);
}

static int
year_day(const wr_civil *civil)
{
    int day = civil->day;
    for (int month = 1; month < civil->month; month++) {
        day += wr_civil_month_days(civil->year, month);
    }
    return day;
}

static void
put_name(wr_buffer *out, const char *name, bool cut)
{
    wr_buffer_append(out, name, cut ? 3 : strlen(name));
}

/* The letters that are names. */
static bool
format_name(char letter, int64_t us, const wr_civil *civil, wr_buffer *out)
{
    switch (letter) {
    case 'a':
    case 'A': put_name(out, weekday_names[weekday_of(us)], letter == 'a'); return true;
    case 'b':
    case 'B': put_name(out, month_names[civil->month - 1], letter == 'b'); return true;
    case 'p': wr_buffer_append(out, civil->hour < 12 ? "AM" : "PM", 2); return true;
    case 'z': wr_buffer_append(out, "+0000", 5); return true;
    case 'Z': wr_buffer_append(out, "UTC", 3); return true;
    case '%': wr_buffer_char(out, '%'); return true;
    }
    return false;
}

static void
format_letter(char letter, int64_t us, const wr_civil *civil, wr_buffer *out)
{
    if (format_name(letter, us, civil, out)) {
        return;
    }
    switch (letter) {
    case 'Y': wr_buffer_printf(out, "%04lld", (long long)civil->year); break;
    case 'y': wr_buffer_printf(out, "%02d", (int)((civil->year % 100 + 100) % 100)); break;
    case 'm': wr_buffer_printf(out, "%02d", civil->month); break;
    case 'd': wr_buffer_printf(out, "%02d", civil->day); break;
    case 'e': wr_buffer_printf(out, "%2d", civil->day); break;
    case 'j': wr_buffer_printf(out, "%03d", year_day(civil)); break;
    case 'H': wr_buffer_printf(out, "%02d", civil->hour); break;
    case 'I': wr_buffer_printf(out, "%02d", (civil->hour + 11) % 12 + 1); break;
    case 'M': wr_buffer_printf(out, "%02d", civil->minute); break;
    case 'S': wr_buffer_printf(out, "%02d", civil->second); break;
    case 'f': wr_buffer_printf(out, "%06d", civil->micros); break;
    case 'L': wr_buffer_printf(out, "%03d", civil->micros / 1000); break;
    case 's': wr_buffer_printf(out, "%lld", (long long)floor_divide(us, WR_US_PER_S)); break;
    case 'F': wr_time_format(WR_TEXT("%Y-%m-%d"), us, out); break;
    case 'T': wr_time_format(WR_TEXT("%H:%M:%S"), us, out); break;
    default: wr_buffer_char(out, letter); break; /* tidy: allow default: any byte may stand here */
    }
}

void
wr_time_format(wr_text pattern, int64_t us, wr_buffer *out)
{
    wr_civil civil = wr_civil_from_us(us);
    for (size_t i = 0; i < pattern.size; i++) {
        if (pattern.data[i] == '%' && i + 1 < pattern.size) {
            format_letter(pattern.data[++i], us, &civil, out);
        } else {
            wr_buffer_char(out, pattern.data[i]);
        }
    }
}

/* ── reading ────────────────────────────────────────────────────────────────────────────────── */

typedef struct reading {
    wr_civil civil;
    int64_t offset_us; /* of %z; and what %s said, negative */
    bool has_epoch, is_afternoon, has_half;
} reading;

/* 1 to `most` digits. */
static bool
take_number(wr_text *text, int most, int64_t *value, int *digits)
{
    int taken = 0;
    *value = 0;
    while (taken < most && text->size > 0 && text->data[0] >= '0' && text->data[0] <= '9') {
        *value = *value * 10 + (text->data[0] - '0');
        text->data++;
        text->size--;
        taken++;
    }
    *digits = taken;
    return taken > 0;
}

static bool
take_int(wr_text *text, int most, int *value)
{
    int64_t wide = 0;
    int digits = 0;
    bool ok = take_number(text, most, &wide, &digits);
    *value = (int)wide;
    return ok;
}

static bool
take_name(wr_text *text, const char *const *names, int count, bool cut, int *number)
{
    for (int i = 0; i < count; i++) {
        wr_text name = wr_text_from(names[i]);
        name.size = cut ? 3 : name.size;
        if (text->size >= name.size &&
            wr_text_equal_nocase((wr_text){text->data, name.size}, name)) {
            text->data += name.size;
            text->size -= name.size;
            *number = i;
            return true;
        }
    }
    return false;
}

/* Digits as a fraction of a second, cut to microseconds. */
static bool
take_fraction(wr_text *text, int *micros)
{
    int64_t value = 0;
    int digits = 0;
    if (!take_number(text, 9, &value, &digits)) {
        return false;
    }
    for (; digits < 6; digits++) {
        value *= 10;
    }
    for (; digits > 6; digits--) {
        value /= 10;
    }
    *micros = (int)value;
    return true;
}

/* Z, +02, +0200, +02:00 */
static bool
take_offset(wr_text *text, int64_t *offset_us)
{
    static const char *const zones[] = {"UTC", "GMT", "Z"};
    int zone = 0;
    if (take_name(text, zones, 3, false, &zone)) {
        return true;
    }
    if (text->size == 0 || (text->data[0] != '+' && text->data[0] != '-')) {
        return false;
    }
    bool west = text->data[0] == '-';
    text->data++;
    text->size--;
    int hours = 0;
    int minutes = 0;
    if (!take_int(text, 2, &hours)) {
        return false;
    }
    if (text->size > 0 && text->data[0] == ':') {
        text->data++;
        text->size--;
    }
    take_int(text, 2, &minutes);
    *offset_us = (hours * WR_US_PER_HOUR + minutes * WR_US_PER_MIN) * (west ? -1 : 1);
    return hours <= 18 && minutes < 60;
}

static bool
read_epoch(wr_text *text, reading *read)
{
    int64_t seconds = 0;
    int digits = 0;
    bool negative = text->size > 0 && text->data[0] == '-';
    text->data += negative;
    text->size -= negative;
    read->has_epoch = true;
    if (!take_number(text, 12, &seconds, &digits)) {
        return false;
    }
    read->offset_us = (negative ? seconds : -seconds) * WR_US_PER_S;
    return true;
}

static bool
read_year(wr_text *text, int most, wr_civil *civil)
{
    int year = 0;
    bool ok = take_int(text, most, &year);
    civil->year = most == 4 ? year : year < 69 ? 2000 + year : 1900 + year;
    return ok;
}

static bool read_pattern(wr_text pattern, wr_text *text, reading *read);

static bool
read_letter(char letter, wr_text *text, reading *read)
{
    wr_civil *civil = &read->civil;
    int number = 0;
    switch (letter) {
    case 'Y': return read_year(text, 4, civil);
    case 'y': return read_year(text, 2, civil);
    case 'm': return take_int(text, 2, &civil->month);
    case 'e': *text = wr_text_trim(*text); return take_int(text, 2, &civil->day);
    case 'd': return take_int(text, 2, &civil->day);
    case 'I':
    case 'H': return take_int(text, 2, &civil->hour);
    case 'M': return take_int(text, 2, &civil->minute);
    case 'S': return take_int(text, 2, &civil->second);
    case 'L':
    case 'f': return take_fraction(text, &civil->micros);
    case 'F': return read_pattern(WR_TEXT("%Y-%m-%d"), text, read);
    case 'T': return read_pattern(WR_TEXT("%H:%M:%S"), text, read);
    case 's': return read_epoch(text, read);
    case 'z':
    case 'Z': return take_offset(text, &read->offset_us);
    case 'a':
    case 'A': return take_name(text, weekday_names, 7, letter == 'a', &number);
    case 'p':
        read->has_half = true;
        return take_name(text, (const char *const[]){"AM", "PM"}, 2, false, &number) &&
               (read->is_afternoon = number == 1, true);
    case 'b':
    case 'B':
        return take_name(text, month_names, 12, letter == 'b', &number) &&
               (civil->month = number + 1, true);
    }
    return false;
}

static bool
read_pattern(wr_text pattern, wr_text *text, reading *read)
{
    for (size_t i = 0; i < pattern.size; i++) {
        bool is_letter = pattern.data[i] == '%' && i + 1 < pattern.size;
        i += is_letter;
        if (is_letter && pattern.data[i] != '%') {
            if (!read_letter(pattern.data[i], text, read)) {
                return false;
            }
            continue;
        }
        if (text->size == 0 || text->data[0] != pattern.data[i]) {
            return false;
        }
        text->data++;
        text->size--;
    }
    return true;
}

bool
wr_time_read(wr_text pattern, wr_text text, int64_t *us)
{
    reading read = {.civil = {.year = 1970, .month = 1, .day = 1}};
    if (!read_pattern(pattern, &text, &read) || text.size > 0) {
        return false;
    }
    if (read.has_half) {
        read.civil.hour = read.civil.hour % 12 + (read.is_afternoon ? 12 : 0);
    }
    if (read.has_epoch) {
        *us = -read.offset_us + read.civil.micros;
        return true;
    }
    return wr_civil_to_us(&read.civil, us) && !__builtin_sub_overflow(*us, read.offset_us, us);
}
