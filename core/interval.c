/* Spans of time, in and out.
 *
 *   "1h 30m"  "90 minutes"  "PT1H30M"  "01:30:00"  "1.5 hours"      → 5,400,000,000 µs
 *   "1 year 2 months"                                              → 14 months
 *
 * Idea: a sum of (number, unit) pairs; a unit is so many months or so many microseconds. Numbers
 * are digits and a power of ten, so that fractions are exact ("0.1 s" is 100,000 µs).
 *
 * 1. Months stay apart from microseconds: a fraction of a month is refused unless it is whole.
 * 2. What is printed parses to the same interval. */
#include "core/time.h"

#include <string.h>

__extension__ typedef __int128 int128;

typedef struct unit {
    const char *name;
    int64_t months, micros;
} unit;

static const unit units[] = {
    {"us", 0, 1},
    {"usec", 0, 1},
    {"microsecond", 0, 1},
    {"\xC2\xB5s", 0, 1},
    {"ms", 0, WR_US_PER_MS},
    {"msec", 0, WR_US_PER_MS},
    {"millisecond", 0, WR_US_PER_MS},
    {"s", 0, WR_US_PER_S},
    {"sec", 0, WR_US_PER_S},
    {"second", 0, WR_US_PER_S},
    {"m", 0, WR_US_PER_MIN},
    {"min", 0, WR_US_PER_MIN},
    {"minute", 0, WR_US_PER_MIN},
    {"h", 0, WR_US_PER_HOUR},
    {"hr", 0, WR_US_PER_HOUR},
    {"hour", 0, WR_US_PER_HOUR},
    {"d", 0, WR_US_PER_DAY},
    {"day", 0, WR_US_PER_DAY},
    {"w", 0, 7 * WR_US_PER_DAY},
    {"week", 0, 7 * WR_US_PER_DAY},
    {"mon", 1, 0},
    {"month", 1, 0},
    {"quarter", 3, 0},
    {"y", 12, 0},
    {"yr", 12, 0},
    {"year", 12, 0},
};

static const unit *
unit_find(wr_text word)
{
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        wr_text name = wr_text_from(units[i].name);
        if (wr_text_equal_nocase(word, name)) {
            return &units[i];
        }
        bool plural =
            word.size == name.size + 1 && name.size > 2 && (word.data[name.size] | 0x20) == 's';
        if (plural && wr_text_equal_nocase((wr_text){word.data, name.size}, name)) {
            return &units[i];
        }
    }
    return NULL;
}

/* digits / 10^places, with a sign. */
typedef struct quantity {
    int64_t digits, scale;
    bool negative;
} quantity;

static char
peek(wr_text text)
{
    return text.size > 0 ? text.data[0] : '\0';
}

static void
skip(wr_text *text, size_t count)
{
    text->data += count;
    text->size -= count;
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
take_quantity(wr_text *text, quantity *result)
{
    *result = (quantity){.scale = 1};
    if (peek(*text) == '-' || peek(*text) == '+') {
        result->negative = peek(*text) == '-';
        skip(text, 1);
    }
    bool has_digits = false;
    bool is_fraction = false;
    for (;; skip(text, 1)) {
        char c = peek(*text);
        if (c == '.' && !is_fraction) {
            is_fraction = true;
            continue;
        }
        if (!is_digit(c)) {
            return has_digits;
        }
        has_digits = true;
        if ((is_fraction && __builtin_mul_overflow(result->scale, 10, &result->scale)) ||
            __builtin_mul_overflow(result->digits, 10, &result->digits) ||
            __builtin_add_overflow(result->digits, c - '0', &result->digits)) {
            return false;
        }
    }
}

/* *sum += quantity × per_unit, exact for months, rounded toward zero for microseconds. */
static bool
add_scaled(int64_t *sum, quantity number, int64_t per_unit, bool exact)
{
    int128 product = (int128)number.digits * per_unit;
    if (exact && product % number.scale != 0) {
        return false;
    }
    product /= number.scale;
    product = *sum + (number.negative ? -product : product);
    *sum = (int64_t)product;
    return *sum == product;
}

static bool
add_units(wr_interval *interval, quantity number, const unit *of)
{
    return add_scaled(&interval->months, number, of->months, true) &&
           add_scaled(&interval->micros, number, of->micros, false);
}

static bool
is_unit_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static wr_text
take_unit_word(wr_text *text)
{
    wr_text word = *text;
    while (is_unit_char(peek(*text))) {
        skip(text, 1);
    }
    word.size -= text->size;
    return word;
}

/* P[n]Y[n]M[n]W[n]DT[n]H[n]M[n]S without its sign, after the P. */
static bool
parse_iso(wr_text text, wr_interval *interval)
{
    static const char date_letters[] = "YMWD";
    static const char *const date_units[] = {"year", "month", "week", "day"};
    static const char time_letters[] = "HMS";
    static const char *const time_units[] = {"hour", "minute", "second"};
    bool in_time = false;
    bool has_part = false;
    while (text.size > 0) {
        if (!in_time && (peek(text) == 'T' || peek(text) == 't')) {
            in_time = true;
            has_part = false;
            skip(&text, 1);
            continue;
        }
        quantity number;
        if (!take_quantity(&text, &number) || text.size == 0) {
            return false;
        }
        char letter = (char)(peek(text) & ~0x20);
        const char *letters = in_time ? time_letters : date_letters;
        const char *at = letter ? strchr(letters, letter) : NULL;
        if (!at) {
            return false;
        }
        const char *name = (in_time ? time_units : date_units)[at - letters];
        if (!add_units(interval, number, unit_find(wr_text_from(name)))) {
            return false;
        }
        has_part = true;
        skip(&text, 1);
    }
    return has_part;
}

/* ":30" or ":30:15.5" behind the hours. */
static bool
take_clock(wr_text *text, quantity hours, wr_interval *interval)
{
    if (!add_units(interval, hours, unit_find(WR_TEXT("hour")))) {
        return false;
    }
    static const char *const parts[] = {"minute", "second"};
    for (int i = 0; i < 2 && peek(*text) == ':'; i++) {
        skip(text, 1);
        quantity number;
        bool is_signed = peek(*text) == '-' || peek(*text) == '+';
        if (is_signed || !take_quantity(text, &number) || number.digits / number.scale >= 60) {
            return false;
        }
        number.negative = hours.negative;
        if (!add_units(interval, number, unit_find(wr_text_from(parts[i])))) {
            return false;
        }
    }
    return true;
}

static bool
interval_negate(wr_interval *interval)
{
    return !__builtin_sub_overflow(0, interval->months, &interval->months) &&
           !__builtin_sub_overflow(0, interval->micros, &interval->micros);
}

/* One "5 minutes", "5m" or "01:30:00" at the start of `text`. */
static bool
take_pair(wr_text *text, wr_interval *interval)
{
    quantity number;
    if (!take_quantity(text, &number)) {
        return false;
    }
    if (peek(*text) == ':') {
        return take_clock(text, number, interval);
    }
    *text = wr_text_trim(*text);
    const unit *of = unit_find(take_unit_word(text));
    return of && add_units(interval, number, of);
}

bool
wr_interval_parse(wr_text text, wr_interval *interval)
{
    *interval = (wr_interval){0};
    text = wr_text_trim(text);
    wr_text number_text = text;
    quantity number;
    if (take_quantity(&number_text, &number) && number_text.size == 0) {
        return add_units(interval, number, unit_find(WR_TEXT("second")));
    }
    bool negative = peek(text) == '-';
    wr_text iso = text;
    skip(&iso, negative || peek(text) == '+' ? 1 : 0);
    if (peek(iso) == 'P' || peek(iso) == 'p') {
        skip(&iso, 1);
        return parse_iso(iso, interval) && (!negative || interval_negate(interval));
    }
    if (text.size == 0) {
        return false;
    }
    while (text.size > 0) {
        if (!take_pair(&text, interval)) {
            return false;
        }
        text = wr_text_trim(text);
        if (peek(text) == ',') {
            skip(&text, 1);
            text = wr_text_trim(text);
        }
    }
    return true;
}

bool
wr_interval_from_unit(wr_text number_text, wr_text unit_word, wr_interval *interval)
{
    *interval = (wr_interval){0};
    quantity number;
    const unit *of = unit_find(unit_word);
    return of && take_quantity(&number_text, &number) && number_text.size == 0 &&
           add_units(interval, number, of);
}

/* Appends " 5 minutes" when count is not 0. */
static size_t
put_part(char *out, size_t size, int64_t count, const char *name)
{
    if (count == 0) {
        return size;
    }
    if (size > 0) {
        out[size++] = ' ';
    }
    size += wr_int64_to_text(count, out + size);
    out[size++] = ' ';
    size_t name_size = strlen(name);
    memcpy(out + size, name, name_size);
    size += name_size;
    if (name_size > 2 && count != 1 && count != -1) {
        out[size++] = 's';
    }
    return size;
}

size_t
wr_interval_print(wr_interval interval, char *out)
{
    size_t size = put_part(out, 0, interval.months / 12, "year");
    size = put_part(out, size, interval.months % 12, "month");
    size = put_part(out, size, interval.micros / WR_US_PER_DAY, "day");
    size = put_part(out, size, interval.micros / WR_US_PER_HOUR % 24, "hour");
    size = put_part(out, size, interval.micros / WR_US_PER_MIN % 60, "minute");
    size = put_part(out, size, interval.micros / WR_US_PER_S % 60, "second");
    size = put_part(out, size, interval.micros / WR_US_PER_MS % 1000, "ms");
    size = put_part(out, size, interval.micros % 1000, "us");
    if (size == 0) {
        memcpy(out, "0 seconds", 9);
        size = 9;
    }
    return size;
}

int
wr_interval_compare(wr_interval a, wr_interval b)
{
    int128 a_us = (int128)a.months * (30 * WR_US_PER_DAY) + a.micros;
    int128 b_us = (int128)b.months * (30 * WR_US_PER_DAY) + b.micros;
    return (a_us > b_us) - (a_us < b_us);
}

bool
wr_size_parse(wr_text text, int64_t *size_bytes)
{
    static const struct {
        const char *name;
        int shift;
    } sizes[] = {{"", 0},     {"b", 0},   {"k", 10},   {"kb", 10}, {"kib", 10},
                 {"m", 20},   {"mb", 20}, {"mib", 20}, {"g", 30},  {"gb", 30},
                 {"gib", 30}, {"t", 40},  {"tb", 40},  {"tib", 40}};
    quantity number;
    text = wr_text_trim(text);
    if (!take_quantity(&text, &number) || number.negative) {
        return false;
    }
    text = wr_text_trim(text);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        if (wr_text_equal_nocase(text, wr_text_from(sizes[i].name))) {
            *size_bytes = 0;
            return add_scaled(size_bytes, number, 1LL << sizes[i].shift, false);
        }
    }
    return false;
}
