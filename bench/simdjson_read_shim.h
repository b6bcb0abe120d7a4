/* Readings by simdjson's On-Demand interface, as one would write it plainly. */
#ifndef WEIR_BENCH_SIMDJSON_READ_SHIM_H
#define WEIR_BENCH_SIMDJSON_READ_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct reading_text {
    const char *data;
    size_t size;
} reading_text;

/* Where readings go: arrays of one element a record, and bytes of texts (64 more than needed). */
typedef struct reading_columns {
    int64_t *ts;
    reading_text *host;
    double *v;
    char *text_bytes;
} reading_columns;

typedef struct simdjson_reader simdjson_reader;

/* For chunks of at most that many bytes. The caller closes it. */
simdjson_reader *simdjson_reader_open(size_t chunk_bytes);
void simdjson_reader_close(simdjson_reader *reader);

/* Reads all records of `chunk`, which has 64 bytes of padding: ts, host and v, or at.ts, a.host and
 * a.b[1].c. The number of records, or -1 if one of them cannot be read. */
int simdjson_read(simdjson_reader *reader, const char *chunk, size_t chunk_bytes, bool is_nested,
                  const reading_columns *columns);

#ifdef __cplusplus
}
#endif

#endif
