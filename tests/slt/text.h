/* Small things of the test runner: growing texts, lists of lines, times. */
#ifndef WEIR_SLT_TEXT_H
#define WEIR_SLT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct slt_text {
    char *data; /* NUL-terminated, NULL when empty and never used */
    size_t size, capacity;
} slt_text;

void slt_text_append(slt_text *text, const char *data, size_t size);
void slt_text_z(slt_text *text, const char *z);
void slt_text_format(slt_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void slt_text_fini(slt_text *text);

typedef struct slt_lines {
    char **items;
    int count;
} slt_lines;

void slt_lines_add(slt_lines *lines, const char *data, size_t size);
void slt_lines_sort(slt_lines *lines);
bool slt_lines_equal(const slt_lines *a, const slt_lines *b);
void slt_lines_reset(slt_lines *lines); /* frees everything */

/* "12:00:05" (on 2026-01-01), "2026-01-01T12:00:05.5Z", "1969-12-31 23:59:59"; UTC. */
bool slt_time_parse(const char *word, int64_t *us);
/* "5s", "10 min", "1h", "250ms". */
bool slt_duration_parse(const char *word, int64_t *us);

#endif
