/* Views: order by bytes, and copies that outlive a batch.
 *
 * Idea: the four prefix bytes decide most comparisons; read as a big-endian number they order like
 * memcmp, and the zero bytes behind a short text order before every other byte. Equal prefixes
 * fall back to memcmp over both texts.
 *
 * 1. Views of ≤ 12 bytes are inline, always; beyond their size they are zero. */
#include "core/view.h"

static uint32_t
view_prefix_order(const wr_view *view)
{
    uint32_t prefix = 0;
    memcpy(&prefix, view->prefix, sizeof(prefix));
    return __builtin_bswap32(prefix);
}

int
wr_view_compare(const wr_view *a, const wr_view *b)
{
    uint32_t prefix_a = view_prefix_order(a);
    uint32_t prefix_b = view_prefix_order(b);
    if (prefix_a != prefix_b) {
        return prefix_a < prefix_b ? -1 : 1;
    }
    return wr_text_compare(wr_view_text(a), wr_view_text(b));
}

wr_view
wr_view_copy(wr_arena *arena, const wr_view *view)
{
    wr_view copy = *view;
    if (view->size > WR_VIEW_INLINE) {
        char *bytes = wr_arena_bytes(arena, view->size);
        memcpy(bytes, view->u.data, view->size);
        copy.u.data = bytes;
    }
    return copy;
}
