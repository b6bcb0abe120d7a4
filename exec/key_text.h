/* Texts of key rows: 24 bytes that hold up to 20 of the text, so that a candidate's key is compared
 * without following a pointer.
 *
 *   size │ s e r v e r - 0 0 0 1 2 │ 3 · · · · · · ·     size ≤ 20: all inline, zeros behind it
 *   size │ 12 bytes of the text    │ pointer ──────▶     all bytes of it
 *
 * 1. Equal texts of up to 20 bytes are equal as three words; the size tells "a" from "a\0".
 * 2. The first 16 bytes of a text of at most 12 are a wr_view.
 * 3. Nothing outside of a text is read. */
#ifndef WEIR_EXEC_KEY_TEXT_H
#define WEIR_EXEC_KEY_TEXT_H

#include "core/hash.h"
#include "core/int128.h"
#include "core/view.h"

enum { WR_KEY_TEXT_START = 12, WR_KEY_TEXT_INLINE = 20 };

typedef struct wr_key_text {
    uint32_t size;
    char start[WR_KEY_TEXT_START]; /* the inline bytes go on in `rest` */
    union {
        char rest[8];
        const char *data;
    } u;
} wr_key_text;

_Static_assert(sizeof(wr_key_text) == 24, "a key text is 24 bytes");

/* A long text is borrowed. Where the words of a short one lie is chosen without a branch: its last
 * bytes are read together with those before them, which are then shifted out. Written by words,
 * since that is how it will be read. */
static inline __attribute__((always_inline)) void
wr_key_text_init(wr_key_text *text, const wr_view *view)
{
    const size_t size = view->size;
    const bool is_inline = size <= WR_VIEW_INLINE;
    const char *middle = is_inline ? view->u.rest : view->u.data + sizeof(view->prefix);
    const uint64_t words[2] = {wr_view_word((const char *)view), wr_view_word(middle)};
    memcpy(text, &words[0], 8);
    memcpy(text->start + 4, &words[1], 8);
    if (__builtin_expect(size > WR_KEY_TEXT_INLINE, 0)) {
        text->u.data = view->u.data;
        return;
    }
    const char *last = is_inline ? view->u.rest : view->u.data + size - 8;
    uint64_t rest = wr_view_word(last) >> ((WR_KEY_TEXT_INLINE - size) * 8 & 63);
    rest = is_inline ? 0 : rest;
    memcpy(text->u.rest, &rest, 8);
}

/* A view of the same bytes; those of 13 … 20 lie inside *text. */
static inline wr_view
wr_key_text_view(const wr_key_text *text)
{
    wr_view view;
    memcpy(&view, text, sizeof(view));
    if (text->size > WR_VIEW_INLINE) {
        view.u.data = text->size > WR_KEY_TEXT_INLINE ? text->u.data : text->start;
    }
    return view;
}

static inline __attribute__((always_inline)) bool
wr_key_text_equal(const wr_key_text *a, const wr_key_text *b)
{
    uint64_t start = (wr_view_word((const char *)a) ^ wr_view_word((const char *)b)) |
                     (wr_view_word(a->start + 4) ^ wr_view_word(b->start + 4));
    if ((start | (wr_view_word(a->u.rest) ^ wr_view_word(b->u.rest))) == 0) {
        return true;
    }
    return start == 0 && a->size > WR_KEY_TEXT_INLINE &&
           memcmp(a->u.data + WR_KEY_TEXT_START, b->u.data + WR_KEY_TEXT_START,
                  a->size - WR_KEY_TEXT_START) == 0;
}

/* All of its words; of a long one whatever distinguishes its bytes. Tests that want collisions are
 * served by whoever calls. */
static inline __attribute__((always_inline)) uint64_t
wr_key_text_hash(const wr_key_text *text)
{
    if (__builtin_expect(text->size > WR_KEY_TEXT_INLINE, 0)) {
        return wr_hash_bytes(text->u.data, text->size, 0);
    }
    uint64_t first = wr_view_word((const char *)text) ^ 0x9E3779B97F4A7C15u;
    uint64_t last = (wr_view_word(text->u.rest) * 0xC2B2AE3D27D4EB4Fu) ^
                    wr_view_word(text->start + 4) ^ 0xD6E8FEB86659FD93u;
    wr_uint128 product = (wr_uint128)first * last;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

#endif
