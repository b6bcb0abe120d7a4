/* Checkpoints of a job: when one is due, what goes into it, who writes it, what happens then.
 *
 *   IDLE ──due──▶ SAVING ──all saved──▶ sealed, given to the committing thread ──▶ IDLE
 *                                          COMMIT ▶ deliver frames ▶ (told with the next commit)
 *
 * One commit is under way at most: when the next one is sealed before that is done, the step waits
 * (back-pressure). Committing and delivering happen on a thread of their own. */
#ifndef WEIR_EXEC_STATE_CHECKPOINT_H
#define WEIR_EXEC_STATE_CHECKPOINT_H

#include "exec/state/identity.h"
#include "exec/state/outbox.h"

typedef struct wr_checkpoint wr_checkpoint;

/* What no operator counts for itself; it goes on over restarts. */
typedef struct wr_job_counters {
    int64_t rows_late;
    uint64_t results_bad, rows_out;
} wr_job_counters;

typedef struct wr_checkpoint_config {
    wr_store *store; /* borrowed, as all here */
    const wr_clock *clock;
    int64_t interval_us;
    const wr_holders *holders;     /* who has state */
    wr_operator *const *operators; /* all of the pipeline, to settle */
    int operator_count;
    wr_outbox *outbox; /* NULL: no destination is exactly once */
    const wr_job_counters *counters;
    int64_t dead_letters_max; /* so many are kept; the oldest go */
} wr_checkpoint_config;

/* Operators and scans are open and restored. Starts the committing thread. */
wr_status wr_checkpoint_open(const wr_checkpoint_config *config, wr_checkpoint **checkpoint,
                             wr_error *err);
/* After every micro-batch. Does what is due, a few milliseconds at most unless the one before is
 * still being written. An error ends the job; a store that cannot be written for now is none. */
wr_status wr_checkpoint_turn(wr_checkpoint *checkpoint, wr_error *err);
/* A mark has been made and not all of it saved: turns should come soon. */
bool wr_checkpoint_is_saving(const wr_checkpoint *checkpoint);
/* How long until the next one is due: a step should not wait for input much longer. */
int64_t wr_checkpoint_due_in_us(const wr_checkpoint *checkpoint);
/* Is the outbox full, the last commit failing, or does the store owe? Then no input may be taken,
 * only turns. */
bool wr_checkpoint_holds_input(wr_checkpoint *checkpoint);
/* From any thread: one is due now. Returns its number, for wr_checkpoint_done. */
int64_t wr_checkpoint_request(wr_checkpoint *checkpoint);
bool wr_checkpoint_done(wr_checkpoint *checkpoint, int64_t number);
/* Copies the store, as of the last commit, to one file (wr_store_savepoint); from any thread, waits
 * until the committing thread has done it. */
wr_status wr_checkpoint_savepoint(wr_checkpoint *checkpoint, const char *path, wr_error *err);
/* The last one: all saved, committed, delivered. `finished`: the job is over. */
wr_status wr_checkpoint_finish(wr_checkpoint *checkpoint, bool finished, wr_error *err);
/* A bad row or result, for the dead letters of the next commit; stepping thread. */
void wr_checkpoint_dead_letter(wr_checkpoint *checkpoint, const wr_dead_letter *letter);
/* This dead letter was pushed as input since the last mark; stepping thread. */
void wr_checkpoint_replayed(wr_checkpoint *checkpoint, int64_t id);
/* Without a last checkpoint, if finish was not called: as a crash would. */
void wr_checkpoint_close(wr_checkpoint *checkpoint); /* NULL is fine */

typedef struct wr_checkpoint_stats {
    int64_t epoch, committed_us; /* wall clock; WR_TIME_NONE: none yet */
    int64_t duration_us, pause_us, bytes; /* of the last one; the longest pause of a step in it */
    int64_t outbox_bytes, dead_letters;
    bool degraded; /* the store cannot be written; it is tried again */
    char problem[256];
} wr_checkpoint_stats;
/* Any thread. */
void wr_checkpoint_stats_get(wr_checkpoint *checkpoint, wr_checkpoint_stats *stats);

#endif
