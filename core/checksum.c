/* Checksums of what is stored, by xxHash (github.com/Cyan4973/xxHash, doc/xxhash_spec.md: XXH64).
 *
 * 1. data may be NULL when size_bytes is 0. */
#include "core/checksum.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t
wr_checksum_more(uint64_t before, const void *data, size_t size_bytes)
{
    return XXH64(size_bytes > 0 ? data : "", size_bytes, before);
}

uint64_t
wr_checksum(const void *data, size_t size_bytes)
{
    return wr_checksum_more(0, data, size_bytes);
}
