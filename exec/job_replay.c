/* Dead letters of a job that are to be read again: before anything else is read, since they are
 * judged by the watermark that the job has when it starts.
 *
 *   step 1   scan 1: letters 7, 9 pushed      7, 9 replayed ┐ one commit: they are gone, and what
 *   step 2   scan 2: letter 8 pushed             8 replayed ┘ became of them is in the state
 *   step 3   what the sources have
 *
 * 1. A letter is noted as replayed in the step that pushed it: a commit has both or neither.
 * 2. No watermark moves before the last letter is read, also when all sources are idle: what the
 *    first page opened does not close before the second one. */
#include "exec/job.h"

#include "exec/scan.h"

void
wr_job_open_replay(wr_job *job)
{
    job->replays = WR_NEW_ARRAY(job->context->query_arena, wr_replay, job->scan_count);
    for (int i = 0; i < job->scan_count; i++) {
        job->replays[i] = (wr_replay){.operator_id = job->scans[i]->op.state_id};
    }
}

static wr_status
job_replay_page(wr_job *job, int scan, wr_arena *arena, int *count, wr_error *err)
{
    wr_dead_letter *letters = WR_NEW_ARRAY(arena, wr_dead_letter, WR_REPLAY_PAGE);
    WR_TRY(wr_store_read_replay(job->config->store, &job->replays[scan], arena, letters, count,
                                err));
    if (*count > 0) {
        job->context->now_us = wr_clock_wall_us(job->context->clock);
        WR_TRY(wr_scan_replay(job->scans[scan], letters, *count, err));
    }
    for (int i = 0; i < *count; i++) {
        wr_checkpoint_replayed(job->checkpoint, letters[i].id);
    }
    return WR_OK;
}

wr_status
wr_job_replay(wr_job *job, bool *any, wr_error *err)
{
    wr_status status = WR_OK;
    while (job->replaying < job->scan_count && !*any && status == WR_OK) {
        wr_arena *arena = wr_arena_new(0);
        int count = 0;
        status = job_replay_page(job, job->replaying, arena, &count, err);
        job->replaying += job->replays[job->replaying].ended;
        *any = count > 0;
        wr_arena_free(arena);
    }
    return status;
}

bool
wr_job_replays(const wr_job *job)
{
    return job->replaying < job->scan_count;
}
