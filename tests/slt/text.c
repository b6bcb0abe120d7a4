/* Small things of the test runner.
 *
 * 1. A time without a date lies on 2026-01-01, so that tests are short to write and to read. */
#include "tests/slt/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
grow(void *memory, size_t size)
{
    void *larger = realloc(memory, size);
    if (larger == NULL)
        abort();
    return larger;
}

void
slt_text_append(slt_text *text, const char *data, size_t size)
{
    if (text->size + size + 1 > text->capacity) {
        text->capacity = (text->size + size + 1) * 2;
        text->data = grow(text->data, text->capacity);
    }
    if (size > 0)
        memcpy(text->data + text->size, data, size);
    text->size += size;
    text->data[text->size] = '\0';
}

void
slt_text_z(slt_text *text, const char *z)
{
    slt_text_append(text, z, strlen(z));
}

void
slt_text_format(slt_text *text, const char *format, ...)
{
    char small[1024];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int size = vsnprintf(small, sizeof(small), format, args);
    if (size >= (int)sizeof(small)) {
        char *large = grow(NULL, (size_t)size + 1);
        vsnprintf(large, (size_t)size + 1, format, again);
        slt_text_append(text, large, (size_t)size);
        free(large);
    } else {
        slt_text_append(text, small, (size_t)size);
    }
    va_end(again);
    va_end(args);
}

void
slt_text_fini(slt_text *text)
{
    free(text->data);
    *text = (slt_text){0};
}

void
slt_lines_add(slt_lines *lines, const char *data, size_t size)
{
    lines->items = grow(lines->items, (size_t)(lines->count + 1) * sizeof(char *));
    char *copy = grow(NULL, size + 1);
    memcpy(copy, data, size);
    copy[size] = '\0';
    lines->items[lines->count++] = copy;
}

static int
line_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void
slt_lines_sort(slt_lines *lines)
{
    if (lines->count > 1)
        qsort(lines->items, (size_t)lines->count, sizeof(char *), line_compare);
}

bool
slt_lines_equal(const slt_lines *a, const slt_lines *b)
{
    if (a->count != b->count)
        return false;
    for (int i = 0; i < a->count; i++) {
        if (strcmp(a->items[i], b->items[i]) != 0)
            return false;
    }
    return true;
}

void
slt_lines_reset(slt_lines *lines)
{
    for (int i = 0; i < lines->count; i++)
        free(lines->items[i]);
    free(lines->items);
    *lines = (slt_lines){0};
}

/* Days since 1970-01-01 of a date in the Gregorian calendar. */
static int64_t
days_of_date(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

bool
slt_time_parse(const char *word, int64_t *us)
{
    int year = 2026, month = 1, day = 1, hour, minute, used = 0;
    double second = 0;
    if (sscanf(word, "%4d-%2d-%2d%*1[T ]%n", &year, &month, &day, &used) == 3 && used > 0)
        word += used;
    else
        year = 2026, month = day = 1;
    used = 0;
    if (sscanf(word, "%2d:%2d%n", &hour, &minute, &used) != 2 || used == 0)
        return false;
    word += used;
    used = 0;
    if (sscanf(word, ":%lf%n", &second, &used) == 1)
        word += used;
    if (*word == 'Z')
        word++;
    if (*word != '\0')
        return false;
    int64_t seconds = days_of_date(year, month, day) * 86400 + hour * 3600 + minute * 60;
    *us = seconds * 1000000 + (int64_t)(second * 1e6 + 0.5);
    return true;
}

bool
slt_duration_parse(const char *word, int64_t *us)
{
    static const struct {
        const char *unit;
        double scale;
    } UNITS[] = {{"us", 1}, {"ms", 1e3}, {"s", 1e6}, {"min", 6e7}, {"h", 3.6e9}, {"d", 8.64e10}};
    char *unit;
    double number = strtod(word, &unit);
    while (*unit == ' ')
        unit++;
    for (size_t i = 0; unit != word && i < sizeof(UNITS) / sizeof(UNITS[0]); i++) {
        if (strcmp(unit, UNITS[i].unit) == 0) {
            *us = (int64_t)(number * UNITS[i].scale);
            return true;
        }
    }
    return false;
}
