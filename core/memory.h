/* Heap memory. The only place that calls malloc; everything else asks here or an arena.
 *
 * Out of memory ends the process with one line on stderr: a stream engine that has lost its memory
 * cannot keep its promises, and its checkpoint can. So callers never test for NULL. */
#ifndef WEIR_CORE_MEMORY_H
#define WEIR_CORE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* A new block of `size_bytes` (≥ 1), zeroed, aligned for any type. Owner frees with wr_free. */
void *wr_alloc(size_t size_bytes);

/* `count` zeroed elements of `element_bytes`; overflow of the product ends the process too. */
void *wr_alloc_array(size_t count, size_t element_bytes);

/* Grow or shrink; new bytes are NOT zeroed. wr_realloc(NULL, n) allocates. */
void *wr_realloc(void *block, size_t size_bytes);

/* Room for one more item behind the first `count` of a list that holds *capacity: the list, which
 * may have moved; *capacity doubles when it was full. NULL: an empty list (count, *capacity 0). */
void *wr_grow(void *items, int count, int *capacity, size_t item_bytes);

/* Says so and ends the process; for those who ask the system themselves. */
_Noreturn void wr_memory_exhausted(void);

/* NULL is fine. */
void wr_free(void *block);

/* A NUL-terminated heap copy of `size` bytes. */
char *wr_strndup(const char *data, size_t size);

/* The machine's memory in bytes; 1 GiB when the system does not tell. */
int64_t wr_memory_machine_bytes(void);

/* Number of wr_alloc/wr_realloc calls so far in this process (any thread): benches and tests
 * assert with it that a step in steady state allocates nothing. */
size_t wr_alloc_count(void);

#endif
