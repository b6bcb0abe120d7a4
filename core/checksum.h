/* Checksums of what is stored: XXH64 with seed 0, the same on every machine and in every version.
 * (Hashes of keys are core/hash.h's: they may change.) */
#ifndef WEIR_CORE_CHECKSUM_H
#define WEIR_CORE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

uint64_t wr_checksum(const void *data, size_t size_bytes);
/* Of several pieces: the checksum of one goes in as the next one's `before`; 0 for the first. */
uint64_t wr_checksum_more(uint64_t before, const void *data, size_t size_bytes);

#endif
