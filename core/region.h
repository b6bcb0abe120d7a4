/* Zeroed memory that grows: small regions lie on the heap, large ones in mappings of their own, of
 * huge pages where the system has them, and are moved by changing page tables instead of copying.
 * One thread at a time. The owner remembers the size and frees with wr_region_free. */
#ifndef WEIR_CORE_REGION_H
#define WEIR_CORE_REGION_H

#include <stddef.h>

/* `region` (NULL: none yet, old_bytes 0) with new_bytes ≥ old_bytes bytes; the new ones are zero.
 * The old pointer ends. */
void *wr_region_grow(void *region, size_t old_bytes, size_t new_bytes);
/* NULL is fine. `size_bytes` as it was grown to last. */
void wr_region_free(void *region, size_t size_bytes);

/* Loads the cache line of `at`. For many in a row: of prefetches the processor drops those for
 * which it has no room. */
static inline void
wr_region_touch(const void *at)
{
    (void)*(const volatile char *)at;
}

#endif
