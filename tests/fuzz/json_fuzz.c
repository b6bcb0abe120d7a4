/* Fuzzes the JSON decoder: the first line teaches a shape, the rest is a record. All ways to decode
 * it must agree (tests/lib/json_differential). */
#include "connectors/connector.h"
#include "tests/lib/json_differential.h"
#include "tests/lib/json_oracle.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *newline = size ? memchr(text, '\n', size) : NULL;
    size_t seed_size = newline ? (size_t)(newline - text) : 0;
    size_t from = newline ? seed_size + 1 : 0;
    if (!json_differential(text, seed_size, text + from, size - from)) {
        abort();
    }
    return 0;
}
