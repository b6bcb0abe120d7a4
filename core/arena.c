/* Arenas: many small blocks that end together.
 *
 * Idea: a list of chunks; the current one has a cursor that only moves forward.
 *
 *   first ──▶ [used used used] ──▶ [used used │ free      ] ──▶ [kept from before a reset]
 *                                             ▲ cursor    ▲ end
 *
 * 1. Blocks never move; chunks before `current` are not touched again until a reset.
 * 2. Each chunk has ARENA_PADDING bytes behind its usable end, so that reading 64 bytes past any
 *    block stays inside the chunk.
 * 3. A reset keeps at most ARENA_KEEP_BYTES: a step in steady state takes nothing from the heap. */
#include "core/arena.h"

#include "core/memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    ARENA_CHUNK_BYTES = 64 * 1024,
    ARENA_PADDING = 64,
    ARENA_ALIGNMENT = 16,
    ARENA_GROWTH_BYTES = 1024 * 1024, /* chunks grow with the arena, up to this */
    ARENA_KEEP_BYTES = 8 * 1024 * 1024
};

typedef struct arena_chunk {
    struct arena_chunk *next;
    size_t capacity;
    _Alignas(ARENA_ALIGNMENT) char data[];
} arena_chunk;

typedef struct arena_deferred {
    struct arena_deferred *next;
    void (*end)(void *argument);
    void *argument;
} arena_deferred;

struct wr_arena {
    char *cursor, *end; /* of the current chunk */
    arena_chunk *first, *current;
    size_t chunk_bytes;
    size_t full_bytes; /* used in the chunks before the current one */
    size_t held_bytes;
    arena_deferred *deferred; /* the last one first; they lie in the arena */
};

wr_arena *
wr_arena_new(size_t chunk_bytes)
{
    wr_arena *arena = wr_alloc(sizeof(*arena));
    arena->chunk_bytes = chunk_bytes ? chunk_bytes : ARENA_CHUNK_BYTES;
    return arena;
}

static void
arena_free_chunks(wr_arena *arena, arena_chunk *chunk)
{
    while (chunk) {
        arena_chunk *next = chunk->next;
        arena->held_bytes -= chunk->capacity;
        wr_free(chunk);
        chunk = next;
    }
}

void
wr_arena_defer(wr_arena *arena, void (*end)(void *argument), void *argument)
{
    arena_deferred *deferred = WR_NEW(arena, arena_deferred);
    *deferred = (arena_deferred){arena->deferred, end, argument};
    arena->deferred = deferred;
}

static void
arena_end_deferred(wr_arena *arena)
{
    for (const arena_deferred *one = arena->deferred; one; one = one->next) {
        one->end(one->argument);
    }
    arena->deferred = NULL;
}

void
wr_arena_free(wr_arena *arena)
{
    if (arena) {
        arena_end_deferred(arena);
        arena_free_chunks(arena, arena->first);
        wr_free(arena);
    }
}

static arena_chunk *
arena_new_chunk(wr_arena *arena, size_t size_bytes)
{
    size_t grown = arena->held_bytes < ARENA_GROWTH_BYTES ? arena->held_bytes : ARENA_GROWTH_BYTES;
    size_t capacity = arena->chunk_bytes > grown ? arena->chunk_bytes : grown;
    if (capacity < size_bytes) {
        capacity = size_bytes;
    }
    arena_chunk *chunk = wr_realloc(NULL, sizeof(*chunk) + capacity + ARENA_PADDING);
    chunk->capacity = capacity;
    memset(chunk->data + capacity, 0, ARENA_PADDING);
    arena->held_bytes += capacity;
    return chunk;
}

static void
arena_enter_chunk(wr_arena *arena, arena_chunk *chunk)
{
    arena->current = chunk;
    arena->cursor = chunk->data;
    arena->end = chunk->data + chunk->capacity;
}

/* Makes the current chunk one with room for `size_bytes`: a kept one, or a new one after it. */
static void
arena_advance(wr_arena *arena, size_t size_bytes)
{
    arena_chunk *last = arena->current;
    if (last) {
        arena->full_bytes += (size_t)(arena->cursor - last->data);
    }
    arena_chunk *kept = last ? last->next : arena->first;
    while (kept && kept->capacity < size_bytes) {
        last = kept;
        kept = kept->next;
    }
    if (!kept) {
        kept = arena_new_chunk(arena, size_bytes);
        kept->next = NULL;
        *(last ? &last->next : &arena->first) = kept;
    }
    arena_enter_chunk(arena, kept);
}

void *
wr_arena_alloc(wr_arena *arena, size_t size_bytes)
{
    size_t gap = (size_t)(-(uintptr_t)arena->cursor) & (ARENA_ALIGNMENT - 1);
    if (size_bytes + gap > (size_t)(arena->end - arena->cursor) || !arena->cursor) {
        assert(size_bytes < SIZE_MAX / 2);
        arena_advance(arena, size_bytes);
        gap = 0;
    }
    char *block = arena->cursor + gap;
    arena->cursor = block + size_bytes;
    return block;
}

void *
wr_arena_zalloc(wr_arena *arena, size_t size_bytes)
{
    void *block = wr_arena_alloc(arena, size_bytes);
    memset(block, 0, size_bytes);
    return block;
}

char *
wr_arena_bytes(wr_arena *arena, size_t size_bytes)
{
    if (size_bytes > (size_t)(arena->end - arena->cursor) || !arena->cursor) {
        assert(size_bytes < SIZE_MAX / 2);
        arena_advance(arena, size_bytes);
    }
    char *block = arena->cursor;
    arena->cursor += size_bytes;
    return block;
}

void
wr_arena_bytes_shrink(wr_arena *arena, char *block, size_t size_bytes)
{
    assert(block >= arena->current->data && size_bytes <= (size_t)(arena->cursor - block));
    arena->cursor = block + size_bytes;
}

char *
wr_arena_bytes_copy(wr_arena *arena, const void *data, size_t size_bytes)
{
    if (!data) {
        return NULL;
    }
    char *copy = wr_arena_bytes(arena, size_bytes);
    memcpy(copy, data, size_bytes);
    return copy;
}

char *
wr_arena_strndup(wr_arena *arena, const char *data, size_t size)
{
    char *copy = wr_arena_bytes(arena, size + 1);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    copy[size] = '\0';
    return copy;
}

wr_text
wr_arena_text(wr_arena *arena, wr_text text)
{
    return (wr_text){wr_arena_strndup(arena, text.data, text.size), text.size};
}

wr_text
wr_arena_printf(wr_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(size >= 0);
    char *text = wr_arena_bytes(arena, (size_t)size + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)size + 1, format, args);
    va_end(args);
    return (wr_text){text, (size_t)size};
}

void
wr_arena_reset(wr_arena *arena)
{
    arena_end_deferred(arena);
    size_t kept_bytes = 0;
    arena_chunk **link = &arena->first;
    while (*link && kept_bytes + (*link)->capacity <= ARENA_KEEP_BYTES) {
        kept_bytes += (*link)->capacity;
        link = &(*link)->next;
    }
    arena_free_chunks(arena, *link);
    *link = NULL;
    arena->full_bytes = 0;
    arena->current = NULL;
    arena->cursor = arena->end = NULL;
    if (arena->first) {
        arena_enter_chunk(arena, arena->first);
    }
}

size_t
wr_arena_used_bytes(const wr_arena *arena)
{
    return arena->full_bytes +
           (arena->current ? (size_t)(arena->cursor - arena->current->data) : 0);
}

size_t
wr_arena_held_bytes(const wr_arena *arena)
{
    return arena->held_bytes;
}
