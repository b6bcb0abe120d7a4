/* Hashing of keys (xxh3 inside). Equal SQL values have equal hashes: −0.0 as +0.0, NaN as one NaN.
 * With WR_HASH_ZERO set (a test world) every hash is 0, so that collisions are everywhere. */
#ifndef WEIR_CORE_HASH_H
#define WEIR_CORE_HASH_H

#include "core/vector.h"

void wr_hash_set_zero(bool zero); /* process-wide; tests only */
bool wr_hash_is_zero(void);
uint64_t wr_hash_bytes(const void *data, size_t size, uint64_t seed);
uint64_t wr_hash_int64(int64_t value);
/* hashes[i] = hash of row i (combined into what is there when `combine`). NULL hashes to a fixed
 * value. `row_count` entries. */
void wr_hash_vector(const wr_vector *vector, int row_count, bool combine, uint64_t *hashes);

#endif
