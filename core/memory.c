/* The heap, with one rule: memory that cannot be had ends the process.
 *
 * Idea: a stream engine that has lost its memory cannot keep its promises, its last checkpoint can.
 * So no caller tests for NULL, and there is no half-working state behind an allocation.
 *
 * 1. Every block comes from here, so that wr_alloc_count() sees every allocation.
 * 2. The last message is written without allocating. */
#include "core/memory.h"

#include "core/fault.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GROW_FIRST_COUNT = 16 };

static atomic_size_t alloc_count;

_Noreturn void
wr_memory_exhausted(void)
{
    static const char line[] = "weir: out of memory\n";
    ssize_t written = write(STDERR_FILENO, line, sizeof(line) - 1);
    (void)written;
    abort();
}

void *
wr_alloc(size_t size_bytes)
{
    atomic_fetch_add_explicit(&alloc_count, 1, memory_order_relaxed);
    void *block = calloc(1, size_bytes ? size_bytes : 1);
    if (!block || WR_FAULT_FAILS("alloc")) {
        wr_memory_exhausted();
    }
    return block;
}

void *
wr_alloc_array(size_t count, size_t element_bytes)
{
    size_t size_bytes = 0;
    if (__builtin_mul_overflow(count, element_bytes, &size_bytes)) {
        wr_memory_exhausted();
    }
    return wr_alloc(size_bytes);
}

void *
wr_realloc(void *block, size_t size_bytes)
{
    atomic_fetch_add_explicit(&alloc_count, 1, memory_order_relaxed);
    void *grown = realloc(block, size_bytes ? size_bytes : 1);
    if (!grown || WR_FAULT_FAILS("alloc")) {
        wr_memory_exhausted();
    }
    return grown;
}

void *
wr_grow(void *items, int count, int *capacity, size_t item_bytes)
{
    if (count < *capacity) {
        return items;
    }
    *capacity = *capacity ? 2 * *capacity : GROW_FIRST_COUNT;
    return wr_realloc(items, (size_t)*capacity * item_bytes);
}

void
wr_free(void *block)
{
    free(block);
}

char *
wr_strndup(const char *data, size_t size)
{
    char *copy = wr_alloc(size + 1);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    return copy;
}

size_t
wr_alloc_count(void)
{
    return atomic_load_explicit(&alloc_count, memory_order_relaxed);
}

int64_t
wr_memory_machine_bytes(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
    return pages > 0 && page_bytes > 0 ? (int64_t)pages * page_bytes : (int64_t)1 << 30;
}
