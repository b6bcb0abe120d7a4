/* Writes frames to a file so that each is there once, whatever happens in between.
 *
 *   what was there │ frame 1 │ frame 2 │ frame 3 │
 *                  base      │         └ base + end_position: more than that nobody has written
 *                            └ base + first_position: so much was recorded as delivered
 *
 * Every frame has its place, so writing it again changes nothing: a crash in the middle of a
 * delivery is repaired by delivering again, and a line that was half written is written over. The
 * file's length tells whether it fits the state:
 *
 *   length < base + first_position      rows are gone that were delivered        E0911
 *   between the two                     the frames of the outbox are written (again)
 *   length > base + end_position        the state is older than the file         E0911
 *
 * Invariants
 * 1. Nothing is written below `base`, the length of the file when the job began.
 * 2. Before each delivery the path must still lead to our file, and its length be what we made it:
 *    a file that somebody moved, cut off or writes to as well is never guessed at.
 * 3. An empty file counts as none: the run that made it may have been killed before its first
 *    checkpoint.
 * 4. The file is known again by its inode; the device's number, which a reboot may change, is kept
 *    for people.
 * 5. Below `skip_until` nothing is written: there lie rows of a run that a restored, older state
 *    does not know of (--sink-ahead=skip). */
#include "connectors/file_target.h"

#include "core/fault.h"
#include "core/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct wr_file_target {
    wr_file_target *next; /* in `targets` */
    int reference_count;
    wr_buffer name, job_name;
    char *path;
    wr_option option; /* for messages' positions */
    wr_file_mode mode;
    int fd; /* -1: not open yet */
    int64_t inode, device;
    int64_t base, skip_until;
    int64_t reach; /* so long the file may be */
    /* The job has written nothing yet; touched by the stepping thread after recover. */
    bool is_at_start;
    bool joins; /* what lies before `base` does not end its line */
};

/* Open ones of this process: sinks of one job meet here, those of two jobs must not. */
static pthread_mutex_t targets_lock = PTHREAD_MUTEX_INITIALIZER;
static wr_file_target *targets;

static wr_text
buffer_text(const wr_buffer *buffer)
{
    return (wr_text){buffer->size > 0 ? buffer->data : "", buffer->size};
}

/* ── errors ─────────────────────────────────────────────────────────────────────────────────── */

static wr_status
target_refused(const wr_option *path, const char *why, const char *hint, wr_error *err)
{
    wr_error_set(err, WR_ERR_UNREACHABLE, "E0704", "cannot write \"%.*s\"",
                 WR_TEXT_ARG(path->value));
    wr_error_detail(err, "%s", why);
    if (hint) {
        wr_error_hint(err, "%s", hint);
    }
    wr_error_at(err, path->position, path->length);
    return WR_ERR_UNREACHABLE;
}

static wr_status
special_refused(const wr_option *path, wr_error *err)
{
    wr_error_set(err, WR_ERR_SQL, "E0911", "\"%.*s\" is no regular file: rows cannot be written "
                 "exactly once", WR_TEXT_ARG(path->value));
    wr_error_hint(err, "say guarantee = 'at_least_once', or write to a file");
    wr_error_at(err, path->position, path->length);
    return WR_ERR_SQL;
}

/* The file does not fit the state; `hint` NULL: what helps after a restored savepoint. */
static wr_status
target_misfit(const wr_file_target *target, const char *what, wr_error *err)
{
    wr_error_set(err, WR_ERR_STATE, "E0911", "\"%s\" %s", target->path, what);
    wr_error_hint(err, "put the file back as it was; or say --sink-ahead=duplicate to go on behind "
                       "what is there (rows may be missing or come twice)");
    return WR_ERR_STATE;
}

static wr_status
write_failed(const wr_file_target *target, int code, wr_error *err)
{
    bool is_full = code == ENOSPC || code == EDQUOT;
    bool passes = is_full || code == EIO || code == EAGAIN || code == ENOMEM;
    wr_status status = passes ? WR_ERR_UNREACHABLE : WR_ERR_RUNTIME;
    wr_error_set(err, status, "E0704", is_full ? "cannot write \"%s\": the disk is full"
                                               : "cannot write \"%s\"", target->path);
    wr_error_detail(err, "%s", strerror(code));
    if (is_full) {
        wr_error_hint(err, "make room: it is tried again and again");
    }
    return status;
}

/* ── names ──────────────────────────────────────────────────────────────────────────────────── */

wr_status
wr_file_target_name(const wr_option *path, wr_buffer *name, wr_error *err)
{
    char folder[PATH_MAX], real[PATH_MAX];
    size_t folder_size = path->value.size;
    while (folder_size > 0 && path->value.data[folder_size - 1] != '/') {
        folder_size--;
    }
    if (path->value.size >= sizeof(folder) || memchr(path->value.data, '\0', path->value.size)) {
        return target_refused(path, strerror(EINVAL), NULL, err);
    }
    memcpy(folder, folder_size > 0 ? path->value.data : ".", folder_size > 0 ? folder_size : 1);
    folder[folder_size > 0 ? folder_size : 1] = '\0';
    if (!realpath(folder, real)) {
        return target_refused(path, strerror(errno), NULL, err);
    }
    wr_buffer_printf(name, "file:%s/%.*s", strcmp(real, "/") == 0 ? "" : real,
                     (int)(path->value.size - folder_size), path->value.data + folder_size);
    return WR_OK;
}

/* ── open ───────────────────────────────────────────────────────────────────────────────────── */

/* Whether a file that was just made is still there after a power cut is its folder's matter. */
static void
folder_sync(const char *path)
{
    char *folder = wr_strndup(path, strlen(path));
    *(strrchr(folder, '/') + 1) = '\0';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd); /* some file systems cannot, and need not */
        close(fd);
    }
    wr_free(folder);
}

/* Opens the path, locked against other processes. WR_END: there is none (without `create`). */
static wr_status
target_open_file(wr_file_target *target, bool create, int64_t *length, wr_error *err)
{
    struct stat status;
    if (lstat(target->path, &status) == 0 && !S_ISREG(status.st_mode) &&
        !S_ISLNK(status.st_mode)) {
        return special_refused(&target->option, err);
    }
    int fd = open(target->path,
                  O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (create ? O_CREAT : 0), 0666);
    if (fd < 0 && errno == ENOENT && !create) {
        return WR_END;
    }
    if (fd < 0) {
        return target_refused(&target->option,
                              errno == ELOOP ? "it is a symbolic link, which a sink does not follow"
                                             : strerror(errno), NULL, err);
    }
    target->fd = fd;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        return special_refused(&target->option, err);
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        return target_refused(&target->option, "another process writes it", NULL, err);
    }
    target->inode = (int64_t)status.st_ino;
    target->device = (int64_t)status.st_dev;
    *length = status.st_size;
    return WR_OK;
}

/* Does the byte before `at` end a line, or is there none? */
static bool
line_ends(const wr_file_target *target, int64_t at)
{
    char last;
    return at <= 0 || pread(target->fd, &last, 1, at - 1) != 1 || last == '\n';
}

/* As a job that has never written here. */
static wr_status
target_begin(wr_file_target *target, wr_error *err)
{
    int64_t length = 0;
    WR_TRY(target_open_file(target, true, &length, err));
    if (length > 0 && target->mode == WR_FILE_ERROR) {
        return target_refused(&target->option, "the file exists",
                              "say mode = 'append' or mode = 'overwrite'", err);
    }
    if (length > 0 && target->mode == WR_FILE_OVERWRITE) {
        if (ftruncate(target->fd, 0) != 0) {
            return write_failed(target, errno, err);
        }
        length = 0;
    }
    folder_sync(target->path);
    target->base = target->reach = length;
    target->is_at_start = true;
    target->joins = !line_ends(target, length);
    return WR_OK;
}

static wr_file_target *
target_new(const wr_sink_config *config, const wr_option *path, wr_file_mode mode)
{
    wr_file_target *target = wr_alloc(sizeof(*target));
    wr_buffer_init(&target->name);
    wr_buffer_init(&target->job_name);
    wr_buffer_text(&target->job_name, config->job_name);
    target->reference_count = 1;
    target->option = *path; /* its value is the statement's, which outlives the sink */
    target->mode = mode;
    target->fd = -1;
    return target;
}

/* targets_lock is held. */
static wr_status
target_share(wr_file_target *mine, wr_file_target **target, wr_error *err)
{
    for (wr_file_target *other = targets; other; other = other->next) {
        if (wr_text_equal(buffer_text(&other->name), buffer_text(&mine->name))) {
            bool same_job = mine->job_name.size > 0 &&
                            wr_text_equal(buffer_text(&other->job_name),
                                          buffer_text(&mine->job_name));
            if (!same_job) {
                return target_refused(&mine->option, "another job writes it", NULL, err);
            }
            other->reference_count++;
            *target = other;
            return WR_OK;
        }
    }
    mine->next = targets;
    targets = mine;
    return WR_OK;
}

/* Not linked, or not any more. */
static void
target_free(wr_file_target *target)
{
    if (target->fd >= 0) {
        close(target->fd);
    }
    wr_buffer_fini(&target->name);
    wr_buffer_fini(&target->job_name);
    wr_free(target->path);
    wr_free(target);
}

wr_status
wr_file_target_open(const wr_sink_config *config, const wr_option *path, wr_file_mode mode,
                    wr_file_target **out, wr_error *err)
{
    wr_file_target *mine = target_new(config, path, mode), *target = mine;
    wr_status status = wr_file_target_name(path, &mine->name, err);
    if (status == WR_OK) {
        mine->path = wr_strndup(mine->name.data + 5, mine->name.size - 5);
        pthread_mutex_lock(&targets_lock);
        status = target_share(mine, &target, err);
        pthread_mutex_unlock(&targets_lock);
    }
    if (status != WR_OK || target != mine) {
        target_free(mine);
        *out = status == WR_OK ? target : NULL;
        return status;
    }
    *out = target;
    return config->is_resumed ? WR_OK : target_begin(target, err);
}

void
wr_file_target_release(wr_file_target *target)
{
    if (!target) {
        return;
    }
    pthread_mutex_lock(&targets_lock);
    bool is_last = --target->reference_count == 0;
    wr_file_target **link = &targets;
    while (is_last && *link != target) {
        link = &(*link)->next;
    }
    if (is_last) {
        *link = target->next;
    }
    pthread_mutex_unlock(&targets_lock);
    if (is_last) {
        target_free(target);
    }
}

wr_file_front
wr_file_target_front(wr_file_target *target, wr_buffer *bytes)
{
    if (!target->is_at_start) {
        return WR_FILE_ROWS;
    }
    target->is_at_start = false;
    if (target->joins) {
        wr_buffer_char(bytes, '\n');
    }
    return target->base == 0 ? WR_FILE_HEADER : WR_FILE_ROWS;
}

/* ── identity ───────────────────────────────────────────────────────────────────────────────── */

enum { IDENTITY_DEVICE, IDENTITY_INODE, IDENTITY_BASE, IDENTITY_SKIP, IDENTITY_COUNT };

void
wr_file_target_identify(const wr_file_target *target, wr_buffer *identity)
{
    if (target->fd >= 0) {
        wr_buffer_printf(identity, "%" PRId64 ":%" PRId64 ":%" PRId64 ":%" PRId64, target->device,
                         target->inode, target->base, target->skip_until);
    }
}

static wr_status
identity_read(wr_text text, int64_t *numbers, wr_error *err)
{
    for (int i = 0; i < IDENTITY_COUNT; i++) {
        const char *colon = text.size > 0 ? memchr(text.data, ':', text.size) : NULL;
        size_t size = colon ? (size_t)(colon - text.data) : text.size;
        if (!wr_text_to_int64((wr_text){text.data, size}, &numbers[i])) {
            return wr_error_set(err, WR_ERR_STATE, "E0904",
                                "what the state knows of a file cannot be read");
        }
        size += colon != NULL;
        text = (wr_text){text.data + size, text.size - size};
    }
    return WR_OK;
}

/* ── recover ────────────────────────────────────────────────────────────────────────────────── */

static wr_status
length_misfit(const wr_file_target *target, const wr_sink_past *past, int64_t length,
              wr_error *err)
{
    int64_t least = target->base + past->first_position;
    bool is_short = length < least;
    (void)target_misfit(target, is_short ? "is shorter than what was written to it"
                                         : "holds more than the state knows of", err);
    wr_error_detail(err,
                    "it has %" PRId64 " bytes; the state expects %" PRId64 " to %" PRId64
                    " (inode %" PRId64 " of device %" PRId64 ")",
                    length, least, target->base + past->end_position, target->inode,
                    target->device);
    if (!is_short) {
        wr_error_hint(err, "after restoring an older savepoint say --sink-ahead=duplicate to go on "
                           "behind what is there, or --sink-ahead=skip to leave out as many bytes "
                           "as are there");
    }
    return WR_ERR_STATE;
}

/* Goes on behind what is there; a line that was never finished is ended first. */
static wr_status
target_move_behind(wr_file_target *target, const wr_sink_past *past, int64_t length,
                   wr_error *err)
{
    if (!line_ends(target, length)) {
        if (pwrite(target->fd, "\n", 1, length) != 1) {
            return write_failed(target, errno, err);
        }
        length++;
    }
    target->base = length - past->first_position;
    target->skip_until = 0;
    return WR_OK;
}

/* The length decides, or what was said about a file that does not fit. */
static wr_status
target_fit(wr_file_target *target, const wr_sink_past *past, int64_t length, wr_error *err)
{
    int64_t end = target->base + past->end_position;
    bool is_short = length < target->base + past->first_position;
    bool is_long = length > (end > target->skip_until ? end : target->skip_until);
    if ((is_short || is_long) && past->ahead == WR_AHEAD_DUPLICATE) {
        return target_move_behind(target, past, length, err);
    }
    if (is_long && past->ahead == WR_AHEAD_SKIP) {
        target->skip_until = length;
        return WR_OK;
    }
    return is_short || is_long ? length_misfit(target, past, length, err) : WR_OK;
}

static wr_status
target_reopen(wr_file_target *target, const wr_sink_past *past, wr_error *err)
{
    int64_t was[IDENTITY_COUNT], length = 0;
    WR_TRY(identity_read(past->identity, was, err));
    wr_status status =
        target_open_file(target, past->ahead == WR_AHEAD_DUPLICATE, &length, err);
    if (status == WR_END) {
        (void)target_misfit(target, "is not there any more", err);
        wr_error_detail(err, "the job has written %" PRId64 " bytes to it", past->first_position);
        return WR_ERR_STATE;
    }
    WR_TRY(status);
    bool is_other = target->inode != was[IDENTITY_INODE];
    if (is_other && past->ahead == WR_AHEAD_REFUSE) {
        (void)target_misfit(target, "is another file than the one that was written to", err);
        wr_error_detail(err,
                        "it has inode %" PRId64 " and %" PRId64 " bytes; the job wrote to inode "
                        "%" PRId64 ", to byte %" PRId64,
                        target->inode, length, was[IDENTITY_INODE],
                        was[IDENTITY_BASE] + past->first_position);
        return WR_ERR_STATE;
    }
    target->base = was[IDENTITY_BASE];
    target->skip_until = was[IDENTITY_SKIP];
    if (is_other && past->ahead == WR_AHEAD_DUPLICATE) {
        return target_move_behind(target, past, length, err);
    }
    return target_fit(target, past, length, err);
}

wr_status
wr_file_target_recover(wr_file_target *target, const wr_sink_past *past, int64_t *epoch,
                       wr_error *err)
{
    *epoch = past->delivered_epoch; /* writing again does no harm */
    if (past->identity.size == 0) {
        return target->fd >= 0 ? WR_OK : target_begin(target, err);
    }
    WR_TRY(target_reopen(target, past, err));
    int64_t end = target->base + past->end_position;
    target->reach = end > target->skip_until ? end : target->skip_until;
    target->is_at_start = past->end_position == 0;
    target->joins = target->is_at_start && !line_ends(target, target->base);
    return WR_OK;
}

/* ── deliver ────────────────────────────────────────────────────────────────────────────────── */

/* Nobody but us may have touched it. */
static wr_status
target_check(const wr_file_target *target, int64_t begin, int64_t end, wr_error *err)
{
    struct stat status;
    if (lstat(target->path, &status) != 0) {
        return errno == ENOENT ? target_misfit(target, "was removed while the job wrote it", err)
                               : write_failed(target, errno, err);
    }
    if ((int64_t)status.st_ino != target->inode) {
        return target_misfit(target, "was replaced while the job wrote it", err);
    }
    int64_t longest = end > target->reach ? end : target->reach;
    if (status.st_size >= begin && status.st_size <= longest) {
        return WR_OK;
    }
    (void)target_misfit(target,
                        status.st_size < begin ? "became shorter while the job wrote it"
                                               : "is written to by somebody else", err);
    wr_error_detail(err, "it has %" PRId64 " bytes; expected were %" PRId64 " to %" PRId64,
                    (int64_t)status.st_size, begin, longest);
    return WR_ERR_STATE;
}

static wr_status
frame_write(const wr_file_target *target, int64_t position, wr_text bytes, wr_error *err)
{
    int64_t at = target->base + position;
    int64_t end = at + (int64_t)bytes.size;
    const char *data = bytes.data;
    int64_t from = at < target->skip_until ? target->skip_until : at;
    while (from < end) {
        ssize_t count = pwrite(target->fd, data + (from - at), (size_t)(end - from), from);
        if (count > 0) {
            from += count;
        } else if (count == 0 || errno != EINTR) {
            return write_failed(target, count == 0 ? ENOSPC : errno, err);
        }
    }
    return WR_OK;
}

wr_status
wr_file_target_deliver(wr_file_target *target, const wr_delivery *delivery, wr_error *err)
{
    if (delivery->frame_count == 0) {
        return WR_OK;
    }
    const wr_sink_frame *last = &delivery->frames[delivery->frame_count - 1];
    int64_t begin = target->base + delivery->frames[0].position;
    int64_t end = target->base + last->position + (int64_t)last->bytes.size;
    WR_TRY(target_check(target, begin, end, err));
    WR_FAULT("file.before_write");
    for (int i = 0; i < delivery->frame_count; i++) {
        if (i > 0) {
            WR_FAULT("file.between_frames");
        }
        wr_text bytes;
        WR_TRY(wr_delivery_bytes(delivery, i, &bytes, err));
        WR_TRY(frame_write(target, delivery->frames[i].position, bytes, err));
    }
    WR_FAULT("file.after_write");
    if (fdatasync(target->fd) != 0) {
        return write_failed(target, errno, err);
    }
    WR_FAULT("file.after_sync");
    target->reach = end > target->reach ? end : target->reach;
    return WR_OK;
}
