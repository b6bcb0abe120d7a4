/* What simdjson's DOM makes of a record: the second opinion on our JSON decoder. */
#ifndef WEIR_TESTS_LIB_JSON_ORACLE_H
#define WEIR_TESTS_LIB_JSON_ORACLE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The columns that the oracle knows how to read. */
#define JSON_ORACLE_COLUMNS "a BIGINT, b DOUBLE, c TEXT, d.e DOUBLE, f BOOLEAN, v DOUBLE"

typedef enum json_verdict {
    JSON_ACCEPTED, /* `rows` holds the expected rows and `bad_count` the bad values' rows */
    JSON_REFUSED,  /* no row, one bad row */
    JSON_NO_OPINION /* numbers and depths that the two may judge differently */
} json_verdict;

/* Writes the rows as the test helper prints them (values by |, rows by newline) into `rows`, at
 * most `capacity` bytes with its NUL; more than that is JSON_NO_OPINION. */
json_verdict json_oracle(const char *data, size_t size, char *rows, size_t capacity,
                         int *bad_count);

#ifdef __cplusplus
}
#endif

#endif
