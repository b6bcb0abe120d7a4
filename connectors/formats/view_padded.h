/* Views of texts that are followed by readable bytes: no loop over the few bytes of short ones.
 *
 *   "abc",…    12 bytes read, 3 kept */
#ifndef WEIR_CONNECTORS_FORMATS_VIEW_PADDED_H
#define WEIR_CONNECTORS_FORMATS_VIEW_PADDED_H

#include "core/view.h"

/* wr_view_from without a loop: 16 bytes at `data` are readable. */
static inline wr_view
view_of_padded(const char *data, size_t size)
{
    wr_view view;
    if (size > WR_VIEW_INLINE) {
        view.size = (uint32_t)size;
        memcpy(view.prefix, data, 4);
        view.u.data = data;
        return view;
    }
    static const unsigned char kept[WR_VIEW_INLINE * 2] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                                           0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    uint32_t first, first_kept;
    uint64_t rest, rest_kept;
    memcpy(&first, data, 4);
    memcpy(&rest, data + 4, 8);
    memcpy(&first_kept, kept + WR_VIEW_INLINE - size, 4);
    memcpy(&rest_kept, kept + WR_VIEW_INLINE - size + 4, 8);
    first &= first_kept;
    rest &= rest_kept;
    view.size = (uint32_t)size;
    memcpy(view.prefix, &first, 4);
    memcpy(view.u.rest, &rest, 8);
    return view;
}

#endif
