/* Cuts a stream of bytes into chunks of whole records, read once and copied as little as can be.
 *
 *   regular file   read() straight into the arena:   [pending tail][256 KiB read    |cut| tail ]
 *   pipe, terminal, long record                      pending grows on the heap, then one copy
 *   reserved chunks              only the newline before their end is looked for; who takes them
 *                                reads them
 *
 * Invariants
 * 1. Every byte of the input is given in exactly one chunk, in order, but a byte order mark.
 * 2. A chunk ends where a record ends, or where the input ends and will not go on.
 * 3. `offset` and `line` always describe the next byte to give; lines are not counted any more when
 *    a chunk was reserved.
 * 4. Looking for the end of one long record costs O(size · log size): reads double. */
#include "connectors/chunk_reader.h"

#include "connectors/formats/kernels.h"
#include "core/time.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
    ROWS_COUNTED_MAX = 16384,
    RECORD_TRIES_MAX = 64,
    READ_BYTES_MIN = 1 << 12,
    CACHE_LINE_BYTES = 64,
    PIPE_READ_BYTES = 1 << 16,
    WINDOW_BYTES = 1 << 12
};
static const size_t record_bytes_max = (size_t)512 << 20;

void
wr_chunk_reader_init(wr_chunk_reader *reader, int fd, bool gzip, wr_text name)
{
    struct stat status;
    *reader = (wr_chunk_reader){.fd = fd, .name = name, .line = 1, .final = true};
    wr_buffer_init(&reader->pending);
    reader->waits = fstat(fd, &status) != 0 || !S_ISREG(status.st_mode);
    if (gzip) {
        reader->gzip = gzdopen(fd, "rb");
        gzbuffer(reader->gzip, 1 << 17);
    }
}

void
wr_chunk_reader_fini(wr_chunk_reader *reader)
{
    if (reader->gzip) {
        gzclose_r(reader->gzip);
    } else if (reader->fd >= 0) {
        close(reader->fd);
    }
    reader->gzip = NULL;
    reader->fd = -1;
    wr_buffer_fini(&reader->pending);
}

/* ── reading ────────────────────────────────────────────────────────────────────────────────── */

static wr_status
gzip_read(wr_chunk_reader *reader, char *out, size_t room, size_t *got, wr_error *err)
{
    int count = gzread(reader->gzip, out, (unsigned)room);
    int code = Z_OK;
    const char *text = gzerror(reader->gzip, &code);
    if (count < 0 || (count == 0 && code != Z_OK && code != Z_STREAM_END)) {
        wr_error_set(err, WR_ERR_RUNTIME, "E0706", "cannot decompress \"%.*s\"",
                     WR_TEXT_ARG(reader->name));
        wr_error_detail(err, "%s", code == Z_BUF_ERROR ? "the file ends too early" : text);
        return WR_ERR_RUNTIME;
    }
    *got = (size_t)count;
    return WR_OK;
}

static wr_status
cannot_read(const wr_chunk_reader *reader, const char *why, wr_error *err)
{
    wr_error_set(err, WR_ERR_RUNTIME, "E0706", "cannot read \"%.*s\"",
                 WR_TEXT_ARG(reader->name));
    wr_error_detail(err, "%s", why);
    return WR_ERR_RUNTIME;
}

/* One read; *got 0: the end (at_end is set) or, after a poll that erred, nothing yet. */
static wr_status
reader_read(wr_chunk_reader *reader, char *out, size_t room, size_t *got, wr_error *err)
{
    *got = 0;
    if (reader->gzip) {
        WR_TRY(gzip_read(reader, out, room, got, err));
        reader->at_end = *got == 0;
        return WR_OK;
    }
    ssize_t count;
    do {
        count = read(reader->fd, out, room);
    } while (count < 0 && errno == EINTR);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        return WR_OK;
    }
    if (count < 0) {
        return cannot_read(reader, strerror(errno), err);
    }
    *got = (size_t)count;
    reader->at_end = count == 0;
    return WR_OK;
}

/* ── where records end ──────────────────────────────────────────────────────────────────────── */

/* End of the last whole record in the range; 0: there is none. */
static size_t
records_end(const wr_chunk_reader *reader, const char *data, size_t size)
{
    if (reader->format && reader->format->cut) {
        return size > 0 ? reader->format->cut(data, size, reader->options) : 0;
    }
    while (size > 0 && data[size - 1] != '\n') {
        size--;
    }
    return size;
}

/* End of the first `rows` records, of which the range has at least one. A record with very many
 * newlines inside ends the counting: then all whole records come. */
static size_t
rows_end(const wr_chunk_reader *reader, const char *data, size_t size, int rows)
{
    size_t start = 0, at = 0;
    int tries = 0;
    while (rows > 0 && at < size) {
        const char *newline = memchr(data + at, '\n', size - at);
        if (!newline) {
            break;
        }
        at = (size_t)(newline - data) + 1;
        if (records_end(reader, data + start, at - start) == at - start) {
            start = at;
            rows--;
            tries = 0;
        } else if (++tries > RECORD_TRIES_MAX) {
            return records_end(reader, data, size);
        }
    }
    return start;
}

/* How much of the range one chunk takes, `take` bytes where a record is not longer; 0: no whole
 * record. */
static size_t
chunk_end(const wr_chunk_reader *reader, const char *data, size_t size, size_t take, int rows)
{
    size_t end = 0;
    for (take += take == 0; end == 0 && take < size; take *= 2) {
        end = records_end(reader, data, take);
    }
    if (end == 0) {
        end = records_end(reader, data, size);
    }
    if (end > 0 && rows <= ROWS_COUNTED_MAX) {
        size_t counted = rows_end(reader, data, end, rows);
        end = counted > 0 ? counted : end;
    }
    return end;
}

/* ── giving ─────────────────────────────────────────────────────────────────────────────────── */

static void
block_fill(wr_chunk_reader *reader, const char *data, size_t size, bool first, wr_block *block)
{
    block->kind = WR_BLOCK_CHUNK;
    block->chunk = data;
    block->chunk_bytes = size;
    block->chunk_offset = reader->offset;
    block->chunk_line = reader->line;
    block->chunk_newlines = wr_kernels_best()->newlines_count(data, size);
    block->chunk_first = first;
    reader->offset += (int64_t)size;
    reader->line += reader->line > 0 ? block->chunk_newlines : 0;
}

/* Bytes of a UTF-8 mark at the start of the input; UTF-16 is refused, since no format reads it. */
static wr_status
mark_size(const wr_chunk_reader *reader, const char *data, size_t size, size_t *mark, wr_error *err)
{
    *mark = size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    if (size >= 2 && (memcmp(data, "\xFF\xFE", 2) == 0 || memcmp(data, "\xFE\xFF", 2) == 0)) {
        wr_error_set(err, WR_ERR_RUNTIME, "E0706", "\"%.*s\" is UTF-16, not UTF-8",
                     WR_TEXT_ARG(reader->name));
        wr_error_hint(err, "convert it: iconv -f UTF-16 -t UTF-8");
        return WR_ERR_RUNTIME;
    }
    return WR_OK;
}

static size_t
pending_size(const wr_chunk_reader *reader)
{
    return reader->pending.size - reader->begin;
}

/* Looks only at new bytes; a long record with newlines inside is looked through again when it has
 * grown by a quarter. */
static bool
pending_has_record(wr_chunk_reader *reader)
{
    const char *data = reader->pending.data + reader->begin;
    size_t size = pending_size(reader), scanned = reader->scanned;
    if (size == scanned || !memchr(data + scanned, '\n', size - scanned)) {
        return false;
    }
    if (scanned > WR_CHUNK_BYTES && size < scanned + scanned / 4 && !reader->at_end) {
        return false;
    }
    if (records_end(reader, data, size) > 0) {
        return true;
    }
    reader->scanned = size;
    return false;
}

/* Gives records out of `pending`, or nothing when no whole one is there. */
static wr_status
pending_give(wr_chunk_reader *reader, const wr_poll_limits *limits, wr_arena *arena,
             wr_block *block, wr_error *err)
{
    size_t size = pending_size(reader);
    bool first = reader->offset == 0;
    size_t end = pending_has_record(reader)
                     ? chunk_end(reader, reader->pending.data + reader->begin, size,
                                 (size_t)limits->bytes, limits->rows)
                     : 0;
    if (end == 0 && reader->at_end && reader->final) {
        end = size;
    }
    if (end == 0) {
        return WR_OK;
    }
    size_t mark = 0;
    if (first) {
        WR_TRY(mark_size(reader, reader->pending.data, end, &mark, err));
        reader->offset = (int64_t)mark;
    }
    const char *data = reader->pending.data + reader->begin;
    char *copy = wr_arena_bytes(arena, end - mark);
    memcpy(copy, data + mark, end - mark);
    reader->begin += end;
    reader->scanned = 0;
    if (reader->begin == reader->pending.size) {
        wr_buffer_reset(&reader->pending);
        reader->begin = 0;
    }
    if (end > mark) {
        block_fill(reader, copy, end - mark, first, block);
    }
    return WR_OK;
}

/* Reads at most `room` bytes to the end of `pending`. */
static wr_status
pending_read(wr_chunk_reader *reader, size_t room, size_t *got, wr_error *err)
{
    size_t held = pending_size(reader);
    if (held > record_bytes_max) {
        wr_error_set(err, WR_ERR_RUNTIME, "E0901", "a record of \"%.*s\" is longer than %zu MiB",
                     WR_TEXT_ARG(reader->name), record_bytes_max >> 20);
        wr_error_detail(err, "it starts at byte %lld", (long long)reader->offset);
        return WR_ERR_RUNTIME;
    }
    if (reader->begin > 0) {
        memmove(reader->pending.data, reader->pending.data + reader->begin, held);
        reader->pending.size = held;
        reader->begin = 0;
    }
    char *out = wr_buffer_reserve(&reader->pending, room);
    WR_TRY(reader_read(reader, out, room, got, err));
    reader->pending.size += *got;
    return WR_OK;
}

/* ── two ways to read on ────────────────────────────────────────────────────────────────────── */

/* Room for `size` bytes behind `held` ones, at the start of a cache line: where it begins in the
 * middle of one, processors may copy a third as fast. */
static char *
arena_aligned(wr_arena *arena, size_t held, size_t size)
{
    char *data = wr_arena_bytes(arena, held + CACHE_LINE_BYTES + size);
    return data + (-((uintptr_t)data + held) & (CACHE_LINE_BYTES - 1));
}

/* A regular file: one read into the arena behind the begun record; what follows the last whole
 * record becomes pending. */
static wr_status
direct_next(wr_chunk_reader *reader, const wr_poll_limits *limits, wr_arena *arena, wr_block *block,
            wr_error *err)
{
    size_t held = pending_size(reader), got;
    size_t room = limits->bytes < WR_CHUNK_BYTES ? (size_t)limits->bytes : WR_CHUNK_BYTES;
    room = room > READ_BYTES_MIN ? room : READ_BYTES_MIN;
    char *data = arena_aligned(arena, held, room);
    if (held > 0) {
        memcpy(data, reader->pending.data + reader->begin, held);
    }
    WR_TRY(reader_read(reader, data + held, room, &got, err));
    size_t size = held + got, mark = 0;
    /* The begun record comes on top of the limit, or the next chunk would be a record or two. */
    size_t end = chunk_end(reader, data, size, held + (size_t)limits->bytes, limits->rows);
    if (end == 0 && reader->at_end && reader->final) {
        end = size;
    }
    bool first = reader->offset == 0;
    if (end > 0 && first) {
        WR_TRY(mark_size(reader, data, end, &mark, err));
        reader->offset = (int64_t)mark;
    }
    wr_buffer_reset(&reader->pending);
    reader->begin = 0;
    reader->scanned = 0;
    wr_buffer_append(&reader->pending, data + end, size - end);
    if (end > mark) {
        block_fill(reader, data + mark, end - mark, first, block);
    }
    return WR_OK;
}

/* A pipe or terminal: what comes first is given at once, unless the caller wants to gather. */
static wr_status
waiting_next(wr_chunk_reader *reader, const wr_poll_limits *limits, wr_waker *waker, wr_error *err)
{
    int64_t until_us = wr_clock_monotonic_us(NULL) + limits->wait_us;
    bool has_record = false;
    for (;;) {
        int64_t wait_us = until_us - wr_clock_monotonic_us(NULL);
        size_t got = 0;
        if (wr_waker_wait(waker, reader->fd, wait_us) != WR_WAIT_READY) {
            reader->scanned = 0; /* quiet: look again, whatever the size */
            return WR_OK;
        }
        WR_TRY(pending_read(reader, PIPE_READ_BYTES, &got, err));
        if (!has_record && pending_has_record(reader)) {
            has_record = true;
            until_us = wr_clock_monotonic_us(NULL) + limits->gather_us;
        }
        bool full = has_record && (int64_t)pending_size(reader) >= limits->bytes;
        if (reader->at_end || full) {
            return WR_OK;
        }
    }
}

/* A record that is longer than a chunk: read in doubling steps until its end is there. */
static wr_status
long_record_read(wr_chunk_reader *reader, wr_error *err)
{
    size_t got;
    do {
        size_t held = pending_size(reader);
        WR_TRY(pending_read(reader, held > WR_CHUNK_BYTES ? held : WR_CHUNK_BYTES, &got, err));
    } while (got > 0 && !pending_has_record(reader));
    return WR_OK;
}

/* ── reserving: which bytes come next, without reading them ─────────────────────────────────── */

/* Behind the last newline in [begin, end) of the file; 0: there is none, or no telling. */
static int64_t
file_line_end(int fd, int64_t begin, int64_t end)
{
    char window[WINDOW_BYTES];
    while (end > begin) {
        int64_t from = end - begin < WINDOW_BYTES ? begin : end - WINDOW_BYTES;
        ssize_t got = pread(fd, window, (size_t)(end - from), from);
        if (got != end - from) {
            return 0;
        }
        while (got > 0 && window[got - 1] != '\n') {
            got--;
        }
        if (got > 0) {
            return from + got;
        }
        end = from;
    }
    return 0;
}

bool
wr_chunk_reader_reserve(wr_chunk_reader *reader, const wr_poll_limits *limits, wr_block *block)
{
    struct stat status;
    bool by_bytes = limits->rows > ROWS_COUNTED_MAX && limits->bytes > 0;
    bool by_newline = !reader->format || !reader->format->cut;
    if (reader->waits || reader->gzip || !reader->final || reader->offset == 0 || !by_bytes ||
        !by_newline || fstat(reader->fd, &status) != 0) {
        return false;
    }
    int64_t size = limits->bytes < WR_CHUNK_BYTES ? limits->bytes : WR_CHUNK_BYTES;
    int64_t end = status.st_size - reader->offset > size
                      ? file_line_end(reader->fd, reader->offset, reader->offset + size)
                      : 0;
    if (end == 0) {
        return false;
    }
    block->kind = WR_BLOCK_CHUNK;
    block->chunk = NULL;
    block->chunk_offset = reader->offset;
    block->chunk_bytes = (size_t)(end - reader->offset);
    reader->offset = end;
    reader->line = 0;
    reader->is_ahead = true;
    return true;
}

wr_status
wr_chunk_reader_fill(const wr_chunk_reader *reader, wr_arena *arena, wr_block *block,
                     wr_error *err)
{
    char *data = arena_aligned(arena, 0, block->chunk_bytes);
    for (size_t at = 0; at < block->chunk_bytes;) {
        ssize_t got = pread(reader->fd, data + at, block->chunk_bytes - at,
                            block->chunk_offset + (off_t)at);
        if (got <= 0 && (got == 0 || errno != EINTR)) {
            return cannot_read(reader, got == 0 ? "it became shorter" : strerror(errno), err);
        }
        at += got > 0 ? (size_t)got : 0;
    }
    block->chunk = data;
    block->chunk_newlines = wr_kernels_best()->newlines_count(data, block->chunk_bytes);
    return WR_OK;
}

/* Back to reading one chunk after another: what was read ahead has been reserved since. */
static wr_status
reader_catch_up(wr_chunk_reader *reader, wr_error *err)
{
    wr_buffer_reset(&reader->pending);
    reader->begin = reader->scanned = 0;
    reader->is_ahead = false;
    return lseek(reader->fd, reader->offset, SEEK_SET) < 0
               ? cannot_read(reader, strerror(errno), err)
               : WR_OK;
}

/* ── going on in the middle ─────────────────────────────────────────────────────────────────── */

static wr_status
reader_misses(const wr_chunk_reader *reader, int64_t offset, int64_t have, wr_error *err)
{
    wr_error_set(err, WR_ERR_STATE, "E0705", "\"%.*s\" is shorter than what was read of it",
                 WR_TEXT_ARG(reader->name));
    wr_error_detail(err, "wanted: byte %lld; it has %lld bytes", (long long)offset,
                    (long long)have);
    return WR_ERR_STATE;
}

/* Puts the descriptor to `at` (gzip: to the start); nothing is pending any more. */
static wr_status
reader_seek(wr_chunk_reader *reader, int64_t at, wr_error *err)
{
    bool moved = reader->gzip ? gzrewind(reader->gzip) == 0
                              : lseek(reader->fd, at, SEEK_SET) == at;
    wr_buffer_reset(&reader->pending);
    reader->begin = reader->scanned = 0;
    reader->is_ahead = reader->at_end = false;
    return moved ? WR_OK : cannot_read(reader, "it cannot be read from the middle", err);
}

/* The last line was given without a newline: what follows must be one. */
static wr_status
line_end_skip(wr_chunk_reader *reader, wr_error *err)
{
    for (size_t got = 1; got > 0 && pending_size(reader) < 2;) {
        WR_TRY(pending_read(reader, 2 - pending_size(reader), &got, err));
    }
    const char *data = reader->pending.data;
    size_t size = pending_size(reader);
    bool is_crlf = size > 1 && memcmp(data, "\r\n", 2) == 0;
    size_t skip = size > 0 && data[0] == '\n' ? 1 : is_crlf ? 2 : 0;
    if (size > 0 && skip == 0) {
        wr_error_set(err, WR_ERR_STATE, "E0705", "the last line of \"%.*s\" has grown since it was "
                     "read", WR_TEXT_ARG(reader->name));
        wr_error_detail(err, "it was read to byte %lld, as a record without a newline",
                        (long long)reader->offset);
        wr_error_hint(err, "start the job under another name; follow = true waits for newlines");
        return WR_ERR_STATE;
    }
    reader->begin = skip;
    reader->offset += (int64_t)skip;
    reader->line += skip > 0;
    return WR_OK;
}

wr_status
wr_chunk_reader_resume(wr_chunk_reader *reader, int64_t offset, int64_t line, wr_error *err)
{
    char bytes[WINDOW_BYTES], last = '\n';
    bool from_start = reader->gzip || line == 0 || offset <= 3;
    int64_t at = from_start ? 0 : offset - 1, newlines = 0;
    WR_TRY(reader_seek(reader, at, err));
    while (at < offset) {
        size_t room = offset - at < WINDOW_BYTES ? (size_t)(offset - at) : WINDOW_BYTES, got;
        WR_TRY(reader_read(reader, bytes, room, &got, err));
        if (got == 0) {
            return reader_misses(reader, offset, at, err);
        }
        newlines += wr_kernels_best()->newlines_count(bytes, got);
        last = bytes[got - 1];
        at += (int64_t)got;
    }
    if (offset == 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) { /* a mark: nothing was given yet */
        reader->offset = 0;
        return reader_seek(reader, 0, err);
    }
    reader->offset = offset;
    reader->line = line > 0 ? line : newlines + 1;
    return last == '\n' ? WR_OK : line_end_skip(reader, err);
}

wr_status
wr_chunk_reader_next(wr_chunk_reader *reader, const wr_poll_limits *limits, wr_waker *waker,
                     wr_arena *arena, wr_block *block, wr_error *err)
{
    if (reader->is_ahead) {
        WR_TRY(reader_catch_up(reader, err));
    }
    WR_TRY(pending_give(reader, limits, arena, block, err));
    if (block->kind != WR_BLOCK_NONE) {
        return WR_OK;
    }
    if (reader->waits && !reader->at_end) {
        WR_TRY(waiting_next(reader, limits, waker, err));
        WR_TRY(pending_give(reader, limits, arena, block, err));
    } else if (!reader->waits) {
        WR_TRY(direct_next(reader, limits, arena, block, err));
        if (block->kind == WR_BLOCK_NONE && !reader->at_end) {
            WR_TRY(long_record_read(reader, err));
            WR_TRY(pending_give(reader, limits, arena, block, err));
        }
    }
    bool drained = pending_size(reader) == 0 || !reader->final;
    return block->kind == WR_BLOCK_NONE && reader->at_end && drained ? WR_END : WR_OK;
}
