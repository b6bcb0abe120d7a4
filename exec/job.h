/* The part of a pipeline that makes it a job: outbox, restoring, checkpoints. */
#ifndef WEIR_EXEC_JOB_H
#define WEIR_EXEC_JOB_H

#include "exec/pipeline.h"
#include "exec/state/checkpoint.h"

typedef struct wr_job {
    const wr_pipeline_job *config;
    const wr_plan *plan;
    wr_exec_context *context;
    wr_operator *const *operators;
    int operator_count;
    wr_scan *const *scans;
    int scan_count;
    wr_outbox *outbox; /* NULL: nothing is written exactly once */
    wr_holders holders;
    wr_checkpoint *checkpoint;
    wr_job_counters counters; /* as of the last step */
    wr_replay *replays;       /* by scan: its dead letters that are to be read again */
    int replaying;            /* the scan whose turn it is; scan_count: all is read */
    bool finished; /* it was over when it began, or is now */
} wr_job;

/* Before operators are opened: what their context says about the job. */
void wr_job_begin(wr_job *job);
/* Operators are open, scans not yet: they get back their state. */
wr_status wr_job_restore(wr_job *job, wr_error *err);
/* Scans are open: what was committed and not delivered is delivered; checkpoints begin. */
wr_status wr_job_open(wr_job *job, const wr_clock *clock, wr_error *err);
/* For the next checkpoint; borrowed for the call. */
void wr_job_dead_letter(wr_job *job, const wr_dead_letter *letter);
/* A row that this operator could not compute: its record if it has come straight from a source,
 * else the row itself as JSON. */
void wr_job_dead_result(wr_job *job, const wr_operator *op, const wr_bad_result *bad);
/* Scans are restored. */
void wr_job_open_replay(wr_job *job);
/* Instead of taking input: pushes a page of dead letters, if any are left. */
wr_status wr_job_replay(wr_job *job, bool *any, wr_error *err);
/* Are there letters left? Until all are judged no watermark moves. */
bool wr_job_replays(const wr_job *job);
/* At the end of a step. */
wr_status wr_job_turn(wr_job *job, wr_error *err);
/* How long a step may wait for input, at most wait_us. */
int64_t wr_job_wait_us(const wr_job *job, int64_t wait_us);
/* Instead of taking input, when none may be taken: rests a little; false: take. */
bool wr_job_holds_input(wr_job *job, int64_t wait_us);
/* After everything was emitted: the last checkpoint. */
wr_status wr_job_finish(wr_job *job, bool finished, wr_error *err);
/* The committing thread ends; before operators and their sinks are closed. */
void wr_job_close(wr_job *job);

#endif
