/* Scalars as bytes and back: what operators and scans put into their meta bytes. Little endian, as
 * everything in the state. Reading is checked: after a failure everything reads as 0 or empty. */
#ifndef WEIR_EXEC_STATE_SCALARS_H
#define WEIR_EXEC_STATE_SCALARS_H

#include "core/buffer.h"
#include "core/error.h"

#include <string.h>

static inline void
wr_put_int64(wr_buffer *out, int64_t value)
{
    wr_buffer_append(out, (const char *)&value, sizeof(value));
}

static inline void
wr_put_text(wr_buffer *out, wr_text text)
{
    wr_put_int64(out, (int64_t)text.size);
    wr_buffer_text(out, text);
}

/* What is left to read. */
typedef struct wr_scalars {
    wr_text rest;
    bool failed;
} wr_scalars;

/* A view of the next `size` bytes; empty if there are not so many. */
static inline wr_text
wr_take_bytes(wr_scalars *from, int64_t size)
{
    if (from->failed || size < 0 || (uint64_t)size > from->rest.size) {
        from->failed = true;
        return WR_TEXT_NONE;
    }
    wr_text taken = {from->rest.data, (size_t)size};
    from->rest = (wr_text){from->rest.data + size, from->rest.size - (size_t)size};
    return taken;
}

static inline int64_t
wr_take_int64(wr_scalars *from)
{
    int64_t value = 0;
    wr_text bytes = wr_take_bytes(from, sizeof(value));
    if (bytes.size == sizeof(value)) {
        memcpy(&value, bytes.data, sizeof(value));
    }
    return value;
}

static inline wr_text
wr_take_text(wr_scalars *from)
{
    return wr_take_bytes(from, wr_take_int64(from));
}

/* E0904 unless all was there and nothing is left. `what`: whose scalars they are. */
static inline wr_status
wr_scalars_end(const wr_scalars *from, const char *what, wr_error *err)
{
    return !from->failed && from->rest.size == 0
               ? WR_OK
               : wr_error_set(err, WR_ERR_STATE, "E0904", "the state of %s is damaged", what);
}

#endif
