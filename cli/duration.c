/* Durations and times as people write and read them: `-t 90s`, `idle 40 s`, `12:05:00`.
 *
 * 1. Everything is UTC, as in results.
 * 2. A time is written without its date when a reference of the same day stands next to it. */
#include "cli/duration.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const int64_t SECOND_US = 1000000, DAY_US = 86400 * INT64_C(1000000);

static const struct {
    const char *name;
    double seconds;
} UNITS[] = {
    {"", 1},        {"us", 1e-6},    {"ms", 1e-3}, {"s", 1},       {"sec", 1},      {"second", 1},
    {"seconds", 1}, {"m", 60},       {"min", 60},  {"minute", 60}, {"minutes", 60}, {"h", 3600},
    {"hour", 3600}, {"hours", 3600}, {"d", 86400}, {"day", 86400}, {"days", 86400},
};

bool
cli_duration_parse(const char *word, int64_t *us)
{
    char *unit;
    errno = 0;
    double number = strtod(word, &unit);
    if (unit == word || errno != 0 || !(number >= 0))
        return false;
    while (*unit == ' ')
        unit++;
    for (size_t i = 0; i < sizeof(UNITS) / sizeof(UNITS[0]); i++) {
        double total = number * UNITS[i].seconds * 1e6;
        if (strcmp(unit, UNITS[i].name) == 0 && total < 9e18) {
            *us = (int64_t)llround(total);
            return true;
        }
    }
    return false;
}

void
cli_duration_append(cli_text *out, int64_t us)
{
    double seconds = (double)us / 1e6;
    if (seconds < 10)
        cli_text_format(out, "%.1f s", seconds);
    else if (seconds < 120)
        cli_text_format(out, "%.0f s", seconds);
    else if (seconds < 7200)
        cli_text_format(out, "%.0f min", seconds / 60);
    else if (seconds < 172800)
        cli_text_format(out, "%.0f h", seconds / 3600);
    else
        cli_text_format(out, "%.0f days", seconds / 86400);
}

/* Rounds down, also before 1970. */
static int64_t
divide_down(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static void
time_append(cli_text *out, int64_t us, const char *format)
{
    time_t seconds = (time_t)divide_down(us, SECOND_US);
    int64_t fraction = us - (int64_t)seconds * SECOND_US;
    struct tm parts;
    char text[64];
    if (gmtime_r(&seconds, &parts) == NULL || strftime(text, sizeof(text), format, &parts) == 0) {
        cli_text_append_z(out, "?");
        return;
    }
    cli_text_append_z(out, text);
    if (fraction % 1000 != 0)
        cli_text_format(out, ".%06d", (int)fraction);
    else if (fraction != 0)
        cli_text_format(out, ".%03d", (int)(fraction / 1000));
}

bool
cli_same_day(int64_t a_us, int64_t b_us)
{
    return divide_down(a_us, DAY_US) == divide_down(b_us, DAY_US);
}

void
cli_date_append(cli_text *out, int64_t us)
{
    time_append(out, divide_down(us, DAY_US) * DAY_US, "%Y-%m-%d");
}

void
cli_time_append(cli_text *out, int64_t us, int64_t reference_us)
{
    if (cli_same_day(us, reference_us))
        time_append(out, us, "%H:%M:%S");
    else
        cli_timestamp_append(out, us);
}

void
cli_timestamp_append(cli_text *out, int64_t us)
{
    time_append(out, us, "%Y-%m-%d %H:%M:%S");
}
