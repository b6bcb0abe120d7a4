/* A disk that fails, under SQLite: a VFS in front of the system's.
 *
 * Fails the n-th write, sync or truncation with an I/O error or "disk full"; or writes down all of
 * them, so that a test can make the files that a power cut at any of these points would leave. */
#ifndef WEIR_TESTS_LIB_FAULT_VFS_H
#define WEIR_TESTS_LIB_FAULT_VFS_H

#include "core/buffer.h"

/* Becomes the VFS of all connections that are opened from now on. */
void fault_vfs_install(void);

typedef enum fault_kind { FAULT_NONE, FAULT_IO_ERROR, FAULT_DISK_FULL } fault_kind;
/* The n-th operation from now (1: the next) fails, and all after it if it `stays`. Syncs fail with
 * an I/O error always. FAULT_NONE: nothing fails; the count begins anew all the same. */
void fault_vfs_fail(fault_kind kind, int64_t n, bool stays);
/* Operations since fault_vfs_fail. */
int64_t fault_vfs_count(void);

typedef enum fault_step { FAULT_WRITE, FAULT_SYNC, FAULT_TRUNCATE, FAULT_MARK } fault_step;
typedef struct fault_entry {
    fault_step step;
    char name[32];  /* the file's, without its directory */
    int64_t offset; /* of a truncation: the new size; of a mark: its number */
    wr_buffer bytes;
} fault_entry;

/* Begins a log; marks are the test's own entries in it. */
void fault_vfs_log_begin(void);
void fault_vfs_mark(int64_t number);
/* Ends it; the entries are the test's until fault_vfs_log_free. */
const fault_entry *fault_vfs_log_end(int *count);
void fault_vfs_log_free(void);

#endif
