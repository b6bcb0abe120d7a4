/* Finds and counts lines, 64 bytes at a time. To be included once by each kernels_*.c.
 *
 *   chunk    {"a":1}\n{"a":2}\r\n{"a":3}          records  [0, 7) [8, 15) [17, 24)
 *   newlines        1          1
 *
 * 1. Lines are taken until their bytes or their number fill the cache, but one at least. */
#ifndef WEIR_CONNECTORS_FORMATS_LINES_KERNELS_H
#define WEIR_CONNECTORS_FORMATS_LINES_KERNELS_H

#include "connectors/formats/byte_masks.h"
#include "connectors/formats/kernels.h"

enum { LINES_MAX_BYTES = 16 * 1024 };

static inline void
records_add(wr_records *records, const char *chunk, size_t begin, size_t end)
{
    int i = records->count++;
    records->index[i] = (uint32_t)begin;
    records->begin[i] = chunk + begin;
    records->end[i] = chunk + end - (end > begin && chunk[end - 1] == '\r');
}

static inline size_t
lines_find(const char *chunk, size_t at, size_t size, wr_records *records)
{
    size_t begin = at, limit = at + LINES_MAX_BYTES, block = at;
    records->count = 0;
    for (; block < size && records->count < WR_RECORDS_MAX; block += 64) {
        if (block >= limit && records->count > 0) {
            return begin;
        }
        uint64_t newlines = newline_mask(chunk + block);
        newlines &= size - block < 64 ? ((uint64_t)1 << (size - block)) - 1 : UINT64_MAX;
        for (; newlines && records->count < WR_RECORDS_MAX; newlines &= newlines - 1) {
            size_t newline = block + (size_t)__builtin_ctzll(newlines);
            records_add(records, chunk, begin, newline);
            begin = newline + 1;
        }
    }
    if (begin < size && records->count < WR_RECORDS_MAX) {
        records_add(records, chunk, begin, size);
        begin = size;
    }
    return begin;
}

static inline int64_t
newlines_count(const char *data, size_t size)
{
    int64_t count = 0;
    size_t at = 0;
    for (; at + 64 <= size; at += 64) {
        count += __builtin_popcountll(newline_mask(data + at));
    }
    uint64_t rest = ((uint64_t)1 << (size - at)) - 1;
    return count + (at < size ? __builtin_popcountll(newline_mask(data + at) & rest) : 0);
}

#endif
