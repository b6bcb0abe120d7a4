/* Text views: pointer and size, never owned, not NUL-terminated. And the comparisons that names,
 * options and messages need. */
#ifndef WEIR_CORE_TEXT_H
#define WEIR_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct wr_text {
    const char *data;
    size_t size;
} wr_text;

#define WR_TEXT(literal) ((wr_text){"" literal, sizeof(literal) - 1})
#define WR_TEXT_NONE ((wr_text){NULL, 0})
/* for printf: "%.*s", WR_TEXT_ARG(text) */
#define WR_TEXT_ARG(text) (int)(text).size, (text).data

wr_text wr_text_from(const char *nul_terminated); /* NULL gives WR_TEXT_NONE */
bool wr_text_equal(wr_text a, wr_text b);
bool wr_text_equal_nocase(wr_text a, wr_text b); /* ASCII letters without case */
int wr_text_compare(wr_text a, wr_text b);       /* by bytes, like memcmp, then by size */
bool wr_text_starts_with(wr_text text, wr_text prefix);
wr_text wr_text_trim(wr_text text); /* ASCII white space at both ends */

/* Edit distance with transpositions (Damerau–Levenshtein, restricted), without case;
 * stops early and returns limit + 1 when it is more than `limit`. */
int wr_text_distance(wr_text a, wr_text b, int limit);

/* "did you mean": among `count` candidates the nearest to `word`, or -1 when none is near enough
 * (distance ≤ 1 + size/4). Of equally near ones that with the same characters, else the first. */
int wr_text_nearest(wr_text word, const wr_text *candidates, int count);

/* Is it valid UTF-8 (no surrogates, no overlong forms, ≤ U+10FFFF)? */
bool wr_utf8_valid(const char *data, size_t size);
/* Bytes of the longest valid prefix. */
size_t wr_utf8_valid_prefix(const char *data, size_t size);

/* Strict numbers: the whole text must match (no white space); false otherwise and when the value
 * does not fit. int64: [+-]?digits. double: decimal or exponent form, inf/nan spelled as
 * "Infinity"/"NaN"/"inf" without case; correctly rounded (std::from_chars in a shim). */
bool wr_text_to_int64(wr_text text, int64_t *value);
bool wr_text_to_double(wr_text text, double *value);

/* Shortest form that reads back to the same double ("95.74", "1e+300", "NaN", "Infinity",
 * "-Infinity", "1" for 1.0); writes at most WR_DOUBLE_TEXT_MAX bytes, no NUL, returns the size. */
enum { WR_DOUBLE_TEXT_MAX = 32, WR_INT64_TEXT_MAX = 21 };
size_t wr_double_to_text(double value, char *out);
/* With `precision` ≤ 100 digits, as printf's %f, %e or %g (the letter) in the locale C: "95.74",
 * "NaN", "-Infinity"; at most WR_DOUBLE_FORMAT_MAX bytes, no NUL, returns the size. */
enum { WR_DOUBLE_FORMAT_MAX = 512 };
size_t wr_double_format(double value, char letter, int precision, char *out);
size_t wr_int64_to_text(int64_t value, char *out);

#endif
