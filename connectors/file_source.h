/* The state of a source of files, shared by its two halves: reading, and going on. */
#ifndef WEIR_CONNECTORS_FILE_SOURCE_H
#define WEIR_CONNECTORS_FILE_SOURCE_H

#include "connectors/chunk_reader.h"
#include "connectors/file_guard.h"

#include <pthread.h>
#include <stdatomic.h>

typedef struct wr_source_file {
    wr_text path;
    wr_chunk_reader reader;
    bool ours; /* of this lane */
    bool opened, finished;
    atomic_int reserved; /* chunks that are not filled yet: the reader must stay */
    bool gzip;
    int64_t resume_offset; /* where a former run was; 0: nowhere */
    bool header_due;       /* it starts in the middle, and its header was not given yet */
    wr_file_guard guard;   /* of guard_offset */
    int64_t guard_offset;
    /* compressed and read by lanes */
    pthread_mutex_t inflating; /* from the poll that reserved a chunk to its fill: has the reader */
    wr_poll_limits limits;     /* of that chunk */
    bool in_turns;
    int64_t turn_offset; /* the reader's, at the file's last turn */
} wr_source_file;

struct wr_source {
    wr_source_config config;
    const char *pattern;
    bool follow, by_name, is_glob;
    wr_source_file **files;
    int file_count, file_capacity;
    int turn; /* file to read from next */
    int last_turn; /* compressed file that had its turn last */
    int closed_count; /* files in front whose readers are closed */
    wr_partition *partitions;
    wr_waker waker;
    int64_t glob_again_us;
};

/* ── file_source.c ──────────────────────────────────────────────────────────────────────────── */

wr_source_file *wr_files_find(const wr_source *source, wr_text path); /* NULL: not known */
wr_source_file *wr_files_add(wr_source *source, wr_text path);

/* ── file_resume.c ──────────────────────────────────────────────────────────────────────────── */

/* Behind all that was given of it. */
int64_t wr_source_file_offset(const wr_source_file *file);
/* Brings file->guard up to what was given; before its reader is closed, too. */
void wr_source_file_guard(wr_source_file *file);
/* Number of the file that is read now, when all are one partition. */
int wr_files_current(const wr_source *source);
void wr_files_guard(wr_source *source, int partition, wr_buffer *out); /* see wr_source_ops */
/* Before any file is open: checks those that were read in part (E0703, E0705), and sets where they
 * go on. */
wr_status wr_files_resume(wr_source *source, wr_error *err);

#endif
