/* Durations and times as people write and read them on a command line. */
#ifndef WEIR_CLI_DURATION_H
#define WEIR_CLI_DURATION_H

#include "cli/text.h"

#include <stdint.h>

/* "90" (seconds), "5s", "2 minutes", "1.5h". false: not a duration. */
bool cli_duration_parse(const char *word, int64_t *us);
/* "0.4s", "40 s", "3 min": for status lines. */
void cli_duration_append(cli_text *out, int64_t us);
/* "12:05:00", or with the date when `reference_us` lies on another UTC day. */
void cli_time_append(cli_text *out, int64_t us, int64_t reference_us);
/* "2026-01-01". */
void cli_date_append(cli_text *out, int64_t us);
bool cli_same_day(int64_t a_us, int64_t b_us);
/* "2026-01-01 12:05:00", fraction only if any. */
void cli_timestamp_append(cli_text *out, int64_t us);

#endif
