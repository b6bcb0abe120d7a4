/* A VFS that stands before the system's and counts what changes files.
 *
 *   SQLite ─▶ fault_vfs: count, fail or log ─▶ unix VFS ─▶ disk
 *
 * 1. Everything but write, sync and truncate is handed through.
 * 2. An operation that fails has not happened: a write of it leaves the file as it was. */
#include "tests/lib/fault_vfs.h"

#include "core/memory.h"

#include <sqlite3.h>
#include <string.h>

typedef struct fault_file {
    sqlite3_file base;
    char name[32];
    sqlite3_file *real; /* behind this struct */
} fault_file;

static sqlite3_vfs fault_vfs;
static sqlite3_vfs *real_vfs;

static struct {
    fault_kind kind;
    int64_t n, count;
    bool stays;
} failing;

static struct {
    bool on;
    fault_entry *entries;
    int count, capacity;
} logged;

void
fault_vfs_fail(fault_kind kind, int64_t n, bool stays)
{
    failing.kind = kind;
    failing.n = n;
    failing.stays = stays;
    failing.count = 0;
}

int64_t
fault_vfs_count(void)
{
    return failing.count;
}

static bool
operation_fails(void)
{
    failing.count++;
    return failing.kind != FAULT_NONE &&
           (failing.count == failing.n || (failing.stays && failing.count > failing.n));
}

static void
log_add(fault_step step, const char *name, int64_t offset, const void *data, size_t size)
{
    if (!logged.on) {
        return;
    }
    if (logged.count == logged.capacity) {
        logged.capacity = logged.capacity ? 2 * logged.capacity : 64;
        logged.entries =
            wr_realloc(logged.entries, (size_t)logged.capacity * sizeof(*logged.entries));
    }
    fault_entry *entry = &logged.entries[logged.count++];
    memset(entry, 0, sizeof(*entry));
    entry->step = step;
    entry->offset = offset;
    memcpy(entry->name, name, strnlen(name, sizeof(entry->name) - 1));
    wr_buffer_init(&entry->bytes);
    wr_buffer_append(&entry->bytes, data, size);
}

void
fault_vfs_log_begin(void)
{
    logged.on = true;
}

void
fault_vfs_mark(int64_t number)
{
    log_add(FAULT_MARK, "", number, "", 0);
}

const fault_entry *
fault_vfs_log_end(int *count)
{
    logged.on = false;
    *count = logged.count;
    return logged.entries;
}

void
fault_vfs_log_free(void)
{
    for (int i = 0; i < logged.count; i++) {
        wr_buffer_fini(&logged.entries[i].bytes);
    }
    wr_free(logged.entries);
    logged.entries = NULL;
    logged.count = logged.capacity = 0;
}

static sqlite3_file *
real_of(sqlite3_file *file)
{
    return ((fault_file *)file)->real;
}

static int
file_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
    if (operation_fails()) {
        return failing.kind == FAULT_DISK_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    }
    int rc = real_of(file)->pMethods->xWrite(real_of(file), data, size, offset);
    if (rc == SQLITE_OK) {
        log_add(FAULT_WRITE, ((fault_file *)file)->name, offset, data, (size_t)size);
    }
    return rc;
}

static int
file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    if (operation_fails()) {
        return SQLITE_IOERR_TRUNCATE;
    }
    log_add(FAULT_TRUNCATE, ((fault_file *)file)->name, size, "", 0);
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int
file_sync(sqlite3_file *file, int flags)
{
    if (operation_fails()) {
        return SQLITE_IOERR_FSYNC;
    }
    log_add(FAULT_SYNC, ((fault_file *)file)->name, 0, "", 0);
    return real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int
file_close(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int
file_read(sqlite3_file *file, void *data, int size, sqlite3_int64 offset)
{
    return real_of(file)->pMethods->xRead(real_of(file), data, size, offset);
}

static int
file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int
file_lock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int
file_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int
file_check_lock(sqlite3_file *file, int *result)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), result);
}

static int
file_control(sqlite3_file *file, int operation, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int
file_sector_size(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

/* Without powersafe overwrite and the like: SQLite is to expect the worst. */
static int
file_characteristics(sqlite3_file *file)
{
    (void)file;
    return 0;
}

static int
file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}

static int
file_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void
file_shm_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int
file_shm_unmap(sqlite3_file *file, int remove)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

static const sqlite3_io_methods file_methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

static int
vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags)
{
    (void)vfs;
    fault_file *own = (fault_file *)file;
    own->real = (sqlite3_file *)(own + 1);
    const char *slash = path ? strrchr(path, '/') : NULL;
    const char *name = slash ? slash + 1 : "";
    memset(own->name, 0, sizeof(own->name));
    memcpy(own->name, name, strnlen(name, sizeof(own->name) - 1));
    int rc = real_vfs->xOpen(real_vfs, path, own->real, flags, out_flags);
    own->base.pMethods = rc == SQLITE_OK ? &file_methods : NULL;
    return rc;
}

void
fault_vfs_install(void)
{
    if (real_vfs) {
        return;
    }
    real_vfs = sqlite3_vfs_find(NULL);
    fault_vfs = *real_vfs; /* the rest of its calls work on names, not on our files */
    fault_vfs.zName = "fault";
    fault_vfs.szOsFile = (int)sizeof(fault_file) + real_vfs->szOsFile;
    fault_vfs.xOpen = vfs_open;
    fault_vfs.pNext = NULL;
    sqlite3_vfs_register(&fault_vfs, 1);
}
