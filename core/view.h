/* The 16-byte text of a vector: size, 4 bytes of prefix, the rest inline (≤ 12 bytes) or by
 * pointer. Most comparisons end at the first 8 bytes. Inline bytes beyond the size are zero, so
 * that two short equal views are equal as 16 bytes.
 *
 *   size │ h o s t - 0 0 7              size ≤ 12: all inline
 *   size │ s e r v │ pointer ───────▶   "server-000989.example" (all bytes of it) */
#ifndef WEIR_CORE_VIEW_H
#define WEIR_CORE_VIEW_H

#include "core/arena.h"

#include <string.h>

enum { WR_VIEW_INLINE = 12 };

typedef struct wr_view {
    uint32_t size;
    char prefix[4]; /* the inline bytes go on in `rest` */
    union {
        char rest[8];
        const char *data;
    } u;
} wr_view;

_Static_assert(sizeof(wr_view) == 16, "a view is 16 bytes");

/* Borrow: the bytes must live as long as the view. */
static inline wr_view
wr_view_from(const char *data, size_t size)
{
    wr_view view = {.size = (uint32_t)size};
    if (size == 0) {
        return view; /* data may be NULL */
    }
    if (size <= WR_VIEW_INLINE) {
        memcpy((char *)&view + 4, data, size);
    } else {
        memcpy(view.prefix, data, 4);
        view.u.data = data;
    }
    return view;
}

/* The bytes; for an inline view they live inside *view. */
static inline const char *
wr_view_data(const wr_view *view)
{
    return view->size <= WR_VIEW_INLINE ? (const char *)view + 4 : view->u.data;
}

static inline wr_text
wr_view_text(const wr_view *view)
{
    return (wr_text){wr_view_data(view), view->size};
}

static inline uint64_t
wr_view_word(const char *at)
{
    uint64_t word = 0;
    memcpy(&word, at, sizeof(word));
    return word;
}

/* Are these texts of 8 or more bytes the same? Up to 32 bytes by words that overlap. */
static inline bool
wr_view_bytes_equal(const char *a, const char *b, size_t size)
{
    if (size > 32) {
        return a == b || memcmp(a, b, size) == 0;
    }
    uint64_t differs = (wr_view_word(a) ^ wr_view_word(b)) |
                       (wr_view_word(a + size - 8) ^ wr_view_word(b + size - 8));
    if (size > 16) {
        differs |= (wr_view_word(a + 8) ^ wr_view_word(b + 8)) |
                   (wr_view_word(a + size - 16) ^ wr_view_word(b + size - 16));
    }
    return differs == 0;
}

static inline bool
wr_view_equal(const wr_view *a, const wr_view *b)
{
    if (memcmp(a, b, 8) != 0) {
        return false;
    }
    if (a->size <= WR_VIEW_INLINE) {
        return memcmp(a->u.rest, b->u.rest, 8) == 0;
    }
    return wr_view_bytes_equal(a->u.data, b->u.data, a->size);
}

int wr_view_compare(const wr_view *a, const wr_view *b); /* by bytes */

/* A view whose bytes are copied into the arena (inline ones need none). */
wr_view wr_view_copy(wr_arena *arena, const wr_view *view);

#endif
