/* The proof that a file is still the one that was read: a hash of its first bytes and of the last
 * bytes before the place where reading goes on.
 *
 *     9a1f…:81920:412:o        hash of bytes [0, 4096) and [77824, 81920), next line is 412, open
 *                              (f: finished)
 *
 * 1. It says nothing about inodes: a file that was copied back is the same file.
 * 2. Of a compressed file the bytes on the disk are hashed, up to where the decompressor has read:
 *    no byte needs to be decompressed to know that nothing has changed.
 * 3. The first bytes hold a CSV file's header: with another one, rows mean another thing. */
#include "connectors/file_guard.h"

#include "core/checksum.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GUARD_BYTES = 4096 };

void
wr_file_guard_make(wr_file_guard *guard, int fd, int64_t raw_offset)
{
    char bytes[2 * GUARD_BYTES];
    size_t size = raw_offset < GUARD_BYTES ? (size_t)raw_offset : GUARD_BYTES;
    bool is_read = raw_offset > 0 && pread(fd, bytes, size, 0) == (ssize_t)size &&
                   pread(fd, bytes + size, size, raw_offset - (off_t)size) == (ssize_t)size;
    guard->raw_offset = is_read ? raw_offset : 0;
    guard->hash = is_read ? wr_checksum(bytes, 2 * size) : 0;
}

void
wr_file_guard_append(const wr_file_guard *guard, wr_buffer *out)
{
    wr_buffer_printf(out, "%016" PRIx64 ":%" PRId64 ":%" PRId64 ":%c", guard->hash,
                     guard->raw_offset, guard->line, guard->finished ? 'f' : 'o');
}

/* ── reading it ─────────────────────────────────────────────────────────────────────────────── */

static wr_text
field_take(wr_text *text)
{
    const char *colon = text->size > 0 ? memchr(text->data, ':', text->size) : NULL;
    size_t size = colon ? (size_t)(colon - text->data) : text->size;
    wr_text field = {text->data, size};
    size += colon != NULL;
    *text = (wr_text){text->data + size, text->size - size};
    return field;
}

static bool
hash_parse(wr_text text, uint64_t *hash)
{
    *hash = 0;
    for (size_t i = 0; i < text.size; i++) {
        static const char digits[] = "0123456789abcdef";
        const char *digit = text.data[i] != '\0' ? strchr(digits, text.data[i]) : NULL;
        if (!digit) {
            return false;
        }
        *hash = *hash << 4 | (uint64_t)(digit - digits);
    }
    return text.size == 16;
}

wr_status
wr_file_guard_damaged(wr_error *err)
{
    wr_error_set(err, WR_ERR_STATE, "E0904", "what the state knows of a file cannot be read");
    wr_error_detail(err, "it is no position of a file source");
    wr_error_hint(err, "restore a savepoint");
    return WR_ERR_STATE;
}

wr_status
wr_file_guard_take(wr_text *text, wr_file_guard *guard, wr_error *err)
{
    *guard = (wr_file_guard){0};
    if (text->size == 0) {
        return WR_OK;
    }
    bool valid = hash_parse(field_take(text), &guard->hash);
    valid &= wr_text_to_int64(field_take(text), &guard->raw_offset) && guard->raw_offset >= 0;
    valid &= wr_text_to_int64(field_take(text), &guard->line) && guard->line >= 0;
    wr_text last = field_take(text);
    guard->finished = wr_text_equal(last, WR_TEXT("f"));
    if (!valid || (!guard->finished && !wr_text_equal(last, WR_TEXT("o")))) {
        return wr_file_guard_damaged(err);
    }
    return WR_OK;
}

/* ── checking ───────────────────────────────────────────────────────────────────────────────── */

static wr_status
file_changed(const char *path, const char *what, wr_error *err)
{
    wr_error_set(err, WR_ERR_STATE, "E0705", "\"%s\" %s", path, what);
    wr_error_hint(err, "put the file back as it was, or start the job under another name");
    return WR_ERR_STATE;
}

static wr_status
open_file_check(const wr_file_guard *guard, int fd, const char *path, int64_t offset,
                wr_error *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        (void)file_changed(path, "is no regular file", err);
        wr_error_detail(err, "the job goes on at byte %" PRId64 ", which only files can", offset);
        return WR_ERR_STATE;
    }
    if (status.st_size < guard->raw_offset) {
        (void)file_changed(path, "is shorter than what was read of it", err);
        wr_error_detail(err, "wanted: at least %" PRId64 " bytes; it has %" PRId64,
                        guard->raw_offset, (int64_t)status.st_size);
        return WR_ERR_STATE;
    }
    wr_file_guard now = *guard;
    wr_file_guard_make(&now, fd, guard->raw_offset);
    if (now.hash != guard->hash || now.raw_offset != guard->raw_offset) {
        (void)file_changed(path, "was changed since it was read", err);
        wr_error_detail(err, "the job goes on at byte %" PRId64
                             ", and what lies before it is not what it was", offset);
        return WR_ERR_STATE;
    }
    return WR_OK;
}

wr_status
wr_file_guard_check(const wr_file_guard *guard, const char *path, int64_t offset,
                    int64_t *raw_size, wr_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        return WR_END;
    }
    if (fd < 0) {
        wr_error_set(err, WR_ERR_UNREACHABLE, "E0703", "cannot open \"%s\"", path);
        wr_error_detail(err, "%s", strerror(errno));
        return WR_ERR_UNREACHABLE;
    }
    wr_status status = open_file_check(guard, fd, path, offset, err);
    *raw_size = lseek(fd, 0, SEEK_END);
    close(fd);
    return status;
}
