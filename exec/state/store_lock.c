/* The directory of a store: who may use it, and what it was last seen to hold.
 *
 *   DIR/lock    flock'd by the process that runs the job; its text is the record:
 *               "weir 550e8400-e29b-41d4-a716-446655440000 epoch 0000…0042 pid 0000004711\n"
 *
 * The record is written after each commit and never synced: it is never newer than the commits that
 * are durable, so a state older than it has lost something that was acknowledged: weir.db-wal taken
 * away, an older copy put in its place. Without a record nothing is compared.
 *
 * 1. The lock belongs to the open file: it ends with the process, however that ends.
 * 2. The record is never a reason to write nothing: failing to write it is no error. */
#include "exec/state/store_base.h"

#include "core/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    RECORD_UUID = 5,
    RECORD_EPOCH = 48,
    RECORD_EPOCH_DIGITS = 20,
    RECORD_PID = 73,
    RECORD_PID_DIGITS = 10,
    RECORD_SIZE = 84
};

static wr_status
lock_failed(const char *what, const char *path, wr_error *err)
{
    return wr_error_set(err, WR_ERR_RUNTIME, "E0910", "cannot %s %s: %s", what, path,
                        strerror(errno));
}

/* What is there may be a link to a directory, but nothing else. */
static wr_status
directory_make(const char *path, wr_error *err)
{
    struct stat there;
    if (mkdir(path, 0700) == 0) {
        return WR_OK;
    }
    if (errno == EEXIST && (stat(path, &there) != 0 || !S_ISDIR(there.st_mode))) {
        errno = ENOTDIR;
    }
    return errno == EEXIST ? WR_OK : lock_failed("make directory", path, err);
}

wr_status
wr_store_make_dir(const char *dir, wr_error *err)
{
    char *path = wr_strndup(dir, strlen(dir));
    wr_status status = WR_OK;
    for (char *at = path + 1; status == WR_OK && at[-1]; at++) {
        char c = *at;
        if (c == '/' || c == '\0') {
            *at = '\0';
            status = directory_make(path, err);
            *at = c;
        }
    }
    wr_free(path);
    return status;
}

wr_status
wr_store_sync_dir(const char *dir, wr_error *err)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return lock_failed("open directory", dir, err);
    }
    wr_status status = fsync(fd) == 0 ? WR_OK : lock_failed("sync directory", dir, err);
    close(fd);
    return status;
}

static void
lock_path(const wr_store *store, wr_buffer *path)
{
    wr_buffer_init(path);
    wr_buffer_printf(path, "%s/lock", store->dir);
    wr_buffer_cstr(path);
}

/* Who has the lock, as far as the record tells. */
static wr_status
lock_refused(const wr_store *store, int fd, wr_error *err)
{
    char record[RECORD_SIZE];
    int64_t pid = 0;
    wr_error_set(err, WR_ERR_STATE, "E0907", "another process runs the job in %s", store->dir);
    if (pread(fd, record, sizeof(record), 0) == RECORD_SIZE &&
        wr_text_to_int64((wr_text){record + RECORD_PID, RECORD_PID_DIGITS}, &pid)) {
        wr_error_detail(err, "process %lld", (long long)pid);
    }
    wr_error_hint(err, "weir status tells of it, weir stop ends it.");
    return WR_ERR_STATE;
}

wr_status
wr_store_lock(wr_store *store, wr_error *err)
{
    wr_buffer path;
    lock_path(store, &path);
    wr_status status = WR_OK;
    int fd = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && errno == ELOOP) {
        status = wr_error_set(err, WR_ERR_STATE, "E0908", "%s is no regular file", path.data);
    } else if (fd < 0) {
        status = lock_failed("open", path.data, err);
    } else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        status = errno == EWOULDBLOCK ? lock_refused(store, fd, err)
                                      : lock_failed("lock", path.data, err);
        close(fd);
    } else {
        store->lock_fd = fd;
    }
    wr_buffer_fini(&path);
    return status;
}

wr_status
wr_store_check_writable(const wr_store *store, wr_error *err)
{
    if (faccessat(AT_FDCWD, store->dir, W_OK | X_OK, AT_EACCESS) != 0) {
        return lock_failed("write into", store->dir, err);
    }
    bool refuses = faccessat(AT_FDCWD, store->path, W_OK, AT_EACCESS) != 0 && errno != ENOENT;
    return refuses ? lock_failed("write", store->path, err) : WR_OK;
}

void
wr_store_record(wr_store *store)
{
    if (store->lock_fd < 0) {
        return;
    }
    char record[RECORD_SIZE + 1];
    int size = snprintf(record, sizeof(record), "weir %.36s epoch %020lld pid %010ld\n",
                        store->job.uuid.data, (long long)store->counts.epoch, (long)getpid());
    ssize_t written = pwrite(store->lock_fd, record, (size_t)size, 0);
    (void)written;
}

void
wr_store_forget(wr_store *store)
{
    int ignored = ftruncate(store->lock_fd, 0);
    (void)ignored;
}

/* False: there is no record, or none that could have been written. */
static bool
record_read(const wr_store *store, char *uuid, int64_t *epoch)
{
    char record[RECORD_SIZE];
    wr_buffer path;
    lock_path(store, &path);
    int fd = open(path.data, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    wr_buffer_fini(&path);
    if (fd < 0) {
        return false;
    }
    ssize_t size = pread(fd, record, sizeof(record), 0);
    close(fd);
    memcpy(uuid, record + RECORD_UUID, 36);
    return size == RECORD_SIZE && memcmp(record, "weir ", RECORD_UUID) == 0 &&
           record[RECORD_SIZE - 1] == '\n' &&
           wr_text_to_int64((wr_text){record + RECORD_EPOCH, RECORD_EPOCH_DIGITS}, epoch);
}

wr_status
wr_store_check_record(wr_store *store, bool exists, wr_error *err)
{
    char uuid[36];
    int64_t epoch = 0;
    if (!record_read(store, uuid, &epoch) || (!exists && epoch == 0)) {
        return WR_OK;
    }
    if (!exists) {
        wr_error_set(err, WR_ERR_STATE, "E0904", "%s is gone; it had %lld checkpoints", store->path,
                     (long long)epoch);
    } else if (memcmp(uuid, store->job.uuid.data, sizeof(uuid)) != 0) {
        wr_error_set(err, WR_ERR_STATE, "E0904", "%s is not the state that was last used here",
                     store->path);
    } else if (store->counts.epoch < epoch) {
        wr_error_set(err, WR_ERR_STATE, "E0904",
                     "%s is older than the last checkpoint: it has %lld of %lld", store->path,
                     (long long)store->counts.epoch, (long long)epoch);
        wr_error_detail(err, "Was %s-wal taken away, or an older copy put in its place?",
                        store->path);
    } else {
        return WR_OK;
    }
    wr_error_hint(err,
                  "Put the file back (with its -wal), restore a savepoint into a new directory, "
                  "or remove %s/lock if this state is the one to go on from.",
                  store->dir);
    return WR_ERR_STATE;
}
