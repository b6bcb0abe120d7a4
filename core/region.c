/* Growing arrays of hash tables, up to gigabytes.
 *
 *   1 MiB ── realloc ──▶ 2 MiB ── copied once ──▶ mapping of 4 MiB ── mremap ──▶ 8 MiB ──▶ …
 *
 * Random access to hundreds of megabytes spends more time on page tables than on memory, unless
 * pages are huge; and doubling by copy touches every byte again. A mapping has neither fault: it
 * starts at a multiple of a huge page, new pages come zeroed, untouched ones cost nothing.
 *
 * 1. A region of REGION_MAP_BYTES or more is a mapping, a smaller one is on the heap: its size
 *    alone says which.
 * 2. A mapping's length is its size rounded up to whole huge pages.
 * 3. Without mremap and madvise (not Linux) all regions are on the heap. */
#define _GNU_SOURCE
#include "core/region.h"

#include "core/fault.h"
#include "core/memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifdef __linux__
#include <sys/mman.h>

enum { REGION_PAGE_BYTES = 2 << 20, REGION_MAP_BYTES = 4 << 20 };

static size_t
region_length(size_t size_bytes)
{
    return (size_bytes + REGION_PAGE_BYTES - 1) & ~(size_t)(REGION_PAGE_BYTES - 1);
}

static bool
region_is_mapped(size_t size_bytes)
{
    return size_bytes >= REGION_MAP_BYTES;
}

/* `length` bytes of address space that start at a huge page; NULL: there are none. */
static char *
region_reserve(size_t length)
{
    size_t all = length + REGION_PAGE_BYTES;
    char *begin = mmap(NULL, all, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (begin == MAP_FAILED) {
        return NULL;
    }
    size_t head = (size_t)(-(uintptr_t)begin) & (REGION_PAGE_BYTES - 1);
    if (head > 0) {
        munmap(begin, head);
    }
    munmap(begin + head + length, REGION_PAGE_BYTES - head);
    return begin + head;
}

static void *
region_map(size_t size_bytes)
{
    size_t length = region_length(size_bytes);
    char *region = region_reserve(length);
    if (!region || WR_FAULT_FAILS("alloc")) {
        wr_memory_exhausted();
    }
    (void)madvise(region, length, MADV_HUGEPAGE); /* a wish */
    return region;
}

/* The pages move to a larger place that starts at a huge page, too: otherwise they are split. */
static void *
region_remap(void *region, size_t old_length, size_t length)
{
    if (length == old_length) {
        return region;
    }
    if (mremap(region, old_length, length, 0) == region) {
        return region;
    }
    char *place = region_reserve(length);
    if (!place || mremap(region, old_length, length, MREMAP_MAYMOVE | MREMAP_FIXED, place) !=
                      (void *)place) {
        wr_memory_exhausted();
    }
    return place;
}

static void
region_unmap(void *region, size_t size_bytes)
{
    munmap(region, region_length(size_bytes));
}

#else

static bool
region_is_mapped(size_t size_bytes)
{
    (void)size_bytes;
    return false;
}

#endif

static void *
region_grow_heap(void *region, size_t old_bytes, size_t new_bytes)
{
    char *grown = wr_realloc(region, new_bytes);
    memset(grown + old_bytes, 0, new_bytes - old_bytes);
    return grown;
}

void *
wr_region_grow(void *region, size_t old_bytes, size_t new_bytes)
{
    if (!region_is_mapped(new_bytes)) {
        return region_grow_heap(region, old_bytes, new_bytes);
    }
#ifdef __linux__
    if (region_is_mapped(old_bytes)) {
        return region_remap(region, region_length(old_bytes), region_length(new_bytes));
    }
    char *mapped = region_map(new_bytes);
    if (old_bytes > 0) {
        memcpy(mapped, region, old_bytes);
    }
    wr_free(region);
    return mapped;
#endif
}

void
wr_region_free(void *region, size_t size_bytes)
{
    if (!region_is_mapped(size_bytes)) {
        wr_free(region);
        return;
    }
#ifdef __linux__
    region_unmap(region, size_bytes);
#endif
}
