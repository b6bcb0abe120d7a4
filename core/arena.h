/* Arena: memory that ends all at once. Statement, query and batch each have one.
 * Not thread-safe: one arena, one thread at a time. */
#ifndef WEIR_CORE_ARENA_H
#define WEIR_CORE_ARENA_H

#include "core/text.h"

#include <stddef.h>

typedef struct wr_arena wr_arena;

/* A new arena whose chunks have at least `chunk_bytes` (0: 64 KiB); wr_arena_free ends it. */
wr_arena *wr_arena_new(size_t chunk_bytes);
void wr_arena_free(wr_arena *arena); /* NULL is fine */

/* `size_bytes` bytes, zeroed / not zeroed, aligned to 16; live until reset or free. size 0 gives a
 * valid pointer. */
void *wr_arena_zalloc(wr_arena *arena, size_t size_bytes);
void *wr_arena_alloc(wr_arena *arena, size_t size_bytes);

/* `size_bytes` bytes without alignment or zeroing: payload bytes. 64 readable bytes follow the
 * block (the padding that SIMD decoders want); their content is undefined. */
char *wr_arena_bytes(wr_arena *arena, size_t size_bytes);

/* Gives back what lies behind the first `size_bytes` of `block`, the last one that was taken. */
void wr_arena_bytes_shrink(wr_arena *arena, char *block, size_t size_bytes);

/* A copy of `size_bytes` bytes, padded like wr_arena_bytes; NULL of NULL (no key, a tombstone). */
char *wr_arena_bytes_copy(wr_arena *arena, const void *data, size_t size_bytes);

/* Copies; the result of strndup is NUL-terminated, and so is text's (beyond its size). */
char *wr_arena_strndup(wr_arena *arena, const char *data, size_t size);
wr_text wr_arena_text(wr_arena *arena, wr_text text);
wr_text wr_arena_printf(wr_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Typed shorthands, zeroed. */
#define WR_NEW(arena, type) ((type *)wr_arena_zalloc((arena), sizeof(type)))
#define WR_NEW_ARRAY(arena, type, count) \
    ((type *)wr_arena_zalloc((arena), sizeof(type) * (size_t)(count)))

/* Calls end(argument) when the arena is reset or freed, the last one deferred first: for what other
 * libraries hold outside of the arena. */
void wr_arena_defer(wr_arena *arena, void (*end)(void *argument), void *argument);

/* Empties the arena and keeps its chunks (up to a few MiB) for reuse. */
void wr_arena_reset(wr_arena *arena);

/* Bytes handed out since the last reset / bytes held from the heap. */
size_t wr_arena_used_bytes(const wr_arena *arena);
size_t wr_arena_held_bytes(const wr_arena *arena);

#endif
