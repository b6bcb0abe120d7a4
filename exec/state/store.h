/* The store: all that a job must not lose, in one SQLite file, DIR/weir.db (docs/STATE.md).
 *
 *   open: lock the directory ─▶ verify all ─▶ read        commit: one transaction, FULL
 *
 * One process has a store: an flock on DIR/lock says so; readers with sqlite3 may look at any time.
 * Everything in it carries a checksum, the small rows one together, so that what was flipped, cut
 * or taken away is WR_ERR_STATE (E0904 …) with what and where, never a wrong answer.
 *
 * Threads: open, close and the read functions before the first commit: the stepping thread. From
 * then on commit, and read_segment, are called by one thread at a time (the committing one). */
#ifndef WEIR_EXEC_STATE_STORE_H
#define WEIR_EXEC_STATE_STORE_H

#include "exec/state/commit.h"

typedef struct wr_store wr_store;

typedef struct wr_store_config {
    const char *dir;    /* made (0700) if it is not there; the file gets 0600 */
    wr_text job_name;   /* E0905 if the store is another job's; empty: whosever */
    wr_text sql;        /* the job's text, recorded with the next commit; empty: as it is */
    bool create;        /* false: E0906 when there is none yet */
    bool temporary;     /* for spilling only: nothing survives, no sync, no lock; dir may be NULL */
    bool read_only;     /* for `weir state`: no lock, nothing is changed; the job may run */
    int64_t hold_bytes; /* so much of what is spilled waits in memory while the disk is full */
} wr_store_config;

/* What the store says about the job. The lists are those of opening; epoch, time, finished and the
 * counts follow the commits. Texts live as long as the store and end in NUL. */
typedef struct wr_store_job {
    wr_text name, uuid, sql;
    int64_t epoch;   /* of the last commit, 0: none yet */
    int64_t wall_us; /* of the last commit */
    bool finished;
    wr_text stats;
    const wr_operator_state *operators;
    int operator_count;
    const wr_position *positions;
    int position_count;
    const wr_destination_state *destinations;
    int destination_count;
    const wr_frame *frames; /* not delivered as far as the store knows; bytes are read on demand */
    int frame_count;
    int64_t dead_letter_count, dead_letters_removed;
} wr_store_job;

/* On an error *store is NULL and nothing is locked. WR_ERR_STATE with its code: somebody else has
 * it (E0907), not a state of weir (E0908), damaged (E0904), of a newer version (E0909), another
 * job's (E0905), missing (E0906). */
wr_status wr_store_open(const wr_store_config *config, wr_store **store, wr_error *err);
void wr_store_close(wr_store *store); /* NULL is fine */
const wr_store_job *wr_store_job_of(const wr_store *store);
/* What a sink needs that writes its tables into the store's file. */
const struct wr_sink_state *wr_store_as_sink(const wr_store *store);

/* The segments of one operator in order of writing (ids, windows, row counts; no bodies). The array
 * belongs to `arena`. */
wr_status wr_store_list_segments(wr_store *store, int32_t operator_id, wr_arena *arena,
                                 wr_segment **segments, int *count, wr_error *err);
/* The body of a listed or spilled segment, its checksum compared, appended to `body`. */
wr_status wr_store_read_segment(wr_store *store, int64_t id, wr_buffer *body, wr_error *err);
/* Also while wr_commit.deliver_inside is called, by the thread that commits. */
wr_status wr_store_read_frame(wr_store *store, int32_t destination, int64_t seq, wr_buffer *bytes,
                              wr_error *err);

/* All of it or nothing, durable when it returns WR_OK. commit->epoch must be the store's + 1. Sets
 * the ids of commit->segments. After a failure (disk full, I/O error) the store is as it was before
 * and the same commit may be tried again: WR_ERR_RUNTIME, E0910 with the reason. */
wr_status wr_store_commit(wr_store *store, const wr_commit *commit, wr_error *err);
/* A checkpoint of the WAL into the file when it has grown; between commits, off the row's path. */
wr_status wr_store_tidy(wr_store *store, wr_error *err);

/* Segments that no commit names yet: spilled between checkpoints. They are gone after a restart
 * unless `wr_store_commit` was told of them by wr_commit.segments with their id set. When the disk
 * is full the next commit writes or deletes them; E0910 when that were more than hold_bytes. */
wr_status wr_store_spill(wr_store *store, wr_segment *segments, int count, wr_error *err);
wr_status wr_store_unspill(wr_store *store, const int64_t *ids, int count, wr_error *err);
/* Does anything spilled wait for the next commit? Any thread. */
bool wr_store_owes(const wr_store *store);

/* Dead letters, oldest first, behind id `after`, at most `max`; texts in `arena`. */
wr_status wr_store_dead_letters(wr_store *store, int64_t after, int max, wr_arena *arena,
                                wr_dead_letter **letters, int *count, wr_error *err);

/* Marks dead letters to be read again by the job when it starts next; those that no scan can read
 * are left as they are. Durable when it returns. A letter that is gone counts as neither. */
wr_status wr_store_mark_replay(wr_store *store, const int64_t *ids, int count, int *marked,
                               int *left, wr_error *err);

/* A scan's dead letters that are marked, page by page in order of their ids. */
typedef struct wr_replay {
    int32_t operator_id;
    int64_t after; /* the last one that was looked at */
    bool ended;
} wr_replay;
/* The next page, about a mebibyte of them; texts in `arena`, and 64 readable bytes behind each
 * record. *count may be 0 before `ended`. What is damaged is left out and stays. */
wr_status wr_store_read_replay(wr_store *store, wr_replay *replay, wr_arena *arena,
                               wr_dead_letter *letters, int *count, wr_error *err);
enum { WR_REPLAY_PAGE = 1024 }; /* room for so many */

/* The declarations that are kept here, a script; "" when there are none. In `arena`. */
wr_status wr_store_read_catalog(wr_store *store, wr_arena *arena, wr_text *sql, wr_error *err);
/* From now on these; durable when it returns. Between commits. */
wr_status wr_store_write_catalog(wr_store *store, wr_text sql, wr_error *err);

/* A consistent copy as one file (0600, made anew, renamed into place), while the job runs. */
wr_status wr_store_savepoint(wr_store *store, const char *path, wr_error *err);
/* Makes DIR's store from a savepoint; DIR must not have one. `fork_name`: the copy is another job
 * of this name, with a new uuid and nothing delivered yet (every e = 0); NULL: the same job. */
wr_status wr_store_restore(const char *dir, const char *path, const char *fork_name, wr_error *err);

#endif
