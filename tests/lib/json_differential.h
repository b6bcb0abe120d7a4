/* Three decoders, one answer: prediction, the strict way, and simdjson's DOM. */
#ifndef WEIR_TESTS_LIB_JSON_DIFFERENTIAL_H
#define WEIR_TESTS_LIB_JSON_DIFFERENTIAL_H

#include <stdbool.h>
#include <stddef.h>

/* Decodes `record` after `seed` (which teaches its shape), alone, and between lines of a chunk;
 * compares rows and bad rows with each other and with the oracle. False: they differ, and what
 * differs is on stderr. */
bool json_differential(const char *seed, size_t seed_size, const char *record, size_t record_size);

/* The same with paths through objects and arrays, and derived values; the oracle does not know
 * them, but exactly the records that are good without are good with them. */
#define JSON_PATH_COLUMNS \
    "a.b[1].c DOUBLE DERIVED, a.h TEXT DERIVED, a.b[0] BIGINT DERIVED, a[1] JSON, a.b.c JSON, " \
    "v[0] TEXT DERIVED"
bool json_differential_paths(const char *seed, size_t seed_size, const char *record,
                             size_t record_size);

#endif
