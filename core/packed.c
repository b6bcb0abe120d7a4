/* Packed columns: numbers as what they are more than the least, in as few bytes as that needs.
 *
 *   7007 7001 7300    ─▶    │ 2 │ 7001 │ 6  0  299 │      width 2: 1 + 8 + 3 × 2 bytes
 *   13 13 13 13       ─▶    │ 0 │ 13 │                    all the same: width 0
 *
 * Counts, sizes, offsets and the upper words of sums spread little within a run of groups, so a
 * checkpoint is about half of the memory that it is made of, and writing less is also faster.
 *
 * 1. A width is 0, 1, 2, 4 or 8 bytes. With 8 the least is not taken away: the words lie as they
 *    are.
 * 2. Numbers are signed when the least is sought; the difference is not.
 * 3. Nothing is reserved for a size that was read before so many bytes are known to be there. */
#include "core/packed.h"

#include <assert.h>
#include <string.h>

static int
packed_width(uint64_t spread)
{
    return spread == 0             ? 0
           : spread <= UINT8_MAX   ? 1
           : spread <= UINT16_MAX  ? 2
           : spread <= UINT32_MAX  ? 4
                                   : 8;
}

#define PACK_LOOP(c_type) \
    do { \
        for (int i = 0; i < n; i++) { \
            c_type less = (c_type)(numbers[i] - least); \
            memcpy(to + (size_t)i * sizeof(less), &less, sizeof(less)); \
        } \
    } while (0)

void
wr_packed_write(wr_buffer *out, const uint64_t *numbers, int n)
{
    assert(n > 0 && n <= WR_BATCH_ROWS);
    int64_t least_number = (int64_t)numbers[0], greatest_number = least_number;
    for (int i = 0; i < n; i++) {
        int64_t number = (int64_t)numbers[i];
        least_number = number < least_number ? number : least_number;
        greatest_number = number > greatest_number ? number : greatest_number;
    }
    uint64_t least = (uint64_t)least_number;
    int width = packed_width((uint64_t)greatest_number - least);
    least = width == 8 ? 0 : least;
    size_t size = 1 + sizeof(least) + (size_t)n * (size_t)width;
    char *to = wr_buffer_reserve(out, size);
    out->size += size;
    *to++ = (char)width;
    memcpy(to, &least, sizeof(least));
    to += sizeof(least);
    switch (width) {
    case 1:
        PACK_LOOP(uint8_t);
        break;
    case 2:
        PACK_LOOP(uint16_t);
        break;
    case 4:
        PACK_LOOP(uint32_t);
        break;
    case 8:
        memcpy(to, numbers, (size_t)n * sizeof(*numbers));
        break;
    default:
        break; /* all are the least */
    }
}

#define UNPACK_LOOP(c_type) \
    do { \
        for (int i = 0; i < n; i++) { \
            c_type more; \
            memcpy(&more, bytes + (size_t)i * sizeof(more), sizeof(more)); \
            numbers[i] = least + more; \
        } \
    } while (0)

bool
wr_packed_read(wr_text *from, uint64_t *numbers, int n)
{
    uint8_t width = 0;
    uint64_t least = 0;
    if (!wr_packed_take(from, &width, sizeof(width)) ||
        !wr_packed_take(from, &least, sizeof(least)) ||
        from->size < (size_t)n * (size_t)width) {
        return false;
    }
    const char *bytes = from->data;
    switch (width) {
    case 0:
        for (int i = 0; i < n; i++) {
            numbers[i] = least;
        }
        break;
    case 1:
        UNPACK_LOOP(uint8_t);
        break;
    case 2:
        UNPACK_LOOP(uint16_t);
        break;
    case 4:
        UNPACK_LOOP(uint32_t);
        break;
    case 8:
        UNPACK_LOOP(uint64_t);
        break;
    default:
        return false;
    }
    from->data += (size_t)n * width;
    from->size -= (size_t)n * width;
    return true;
}

/* ── texts ──────────────────────────────────────────────────────────────────────────────────── */

void
wr_packed_write_texts(wr_buffer *out, const wr_view *views, int n)
{
    assert(n > 0 && n <= WR_BATCH_ROWS);
    uint64_t sizes[WR_BATCH_ROWS];
    size_t total = 0;
    sizes[0] = 0; /* of n > 0 the compiler does not know */
    for (int i = 0; i < n; i++) {
        sizes[i] = views[i].size;
        total += views[i].size;
    }
    wr_packed_write(out, sizes, n);
    char *to = wr_buffer_reserve(out, total + 1);
    out->size += total;
    for (int i = 0; i < n; i++) {
        memcpy(to, wr_view_data(&views[i]), views[i].size);
        to += views[i].size;
    }
}

bool
wr_packed_read_texts(wr_text *from, wr_view *views, int n, wr_arena *arena)
{
    assert(n > 0 && n <= WR_BATCH_ROWS);
    uint64_t sizes[WR_BATCH_ROWS], total = 0;
    if (!wr_packed_read(from, sizes, n)) {
        return false;
    }
    for (int i = 0; i < n; i++) {
        if (sizes[i] > from->size - total) {
            return false;
        }
        total += sizes[i];
    }
    const char *bytes = total > 0 ? wr_arena_bytes_copy(arena, from->data, total) : "";
    for (int i = 0; i < n; i++) {
        views[i] = wr_view_from(bytes, sizes[i]);
        bytes += sizes[i];
    }
    from->data += total;
    from->size -= total;
    return true;
}

bool
wr_packed_take(wr_text *from, void *to, size_t size)
{
    if (from->size < size) {
        return false;
    }
    if (size > 0) {
        memcpy(to, from->data, size);
        from->data += size;
        from->size -= size;
    }
    return true;
}
