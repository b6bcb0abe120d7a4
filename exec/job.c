/* Jobs: a pipeline whose state outlives the process.
 *
 *   begin ─ operators open ─ restore ─ scans open at their positions ─ open ─ steps ─ finish
 *             sinks join the outbox                       undelivered frames go out first
 *
 * 1. A job that is finished opens its sinks only: what was not delivered is, nothing else happens.
 * 2. With guarantee = 'none' checkpoints do not wait for sinks. */
#include "exec/job.h"

#include <stdlib.h>
#include <string.h>

enum { JOB_REST_US = 5000 };

/* A number of the stats that an earlier run has written; 0: it is not there. */
static int64_t
stats_number(wr_text stats, const char *name)
{
    const char *at = stats.data ? strstr(stats.data, name) : NULL; /* its texts end in NUL */
    return at ? strtoll(at + strlen(name), NULL, 10) : 0;
}

void
wr_job_begin(wr_job *job)
{
    const wr_store_job *past = wr_store_job_of(job->config->store);
    job->finished = past->finished;
    job->context->job_name = job->config->name;
    job->context->keeps_state = true;
    job->context->goes_on = past->epoch > 0;
    if (job->config->guarantee == WR_GUARANTEE_EXACTLY_ONCE) {
        job->outbox = wr_outbox_new(job->config->store, job->config->sink_ahead,
                                    job->config->outbox_bytes);
    }
    job->context->outbox = job->outbox;
    job->counters =
        (wr_job_counters){.rows_late = stats_number(past->stats, "\"rows_late\":"),
                          .results_bad = (uint64_t)stats_number(past->stats, "\"results_bad\":"),
                          .rows_out = (uint64_t)stats_number(past->stats, "\"rows_out\":")};
}

wr_status
wr_job_restore(wr_job *job, wr_error *err)
{
    job->holders = wr_holders_find(job->plan, job->context->query_arena, job->operators,
                                   job->operator_count, job->scans, job->scan_count);
    return job->finished ? WR_OK : wr_holders_restore(&job->holders, job->config->store, err);
}

wr_status
wr_job_open(wr_job *job, const wr_clock *clock, wr_error *err)
{
    if (job->outbox) {
        WR_TRY(wr_outbox_recover(job->outbox, err));
    }
    bool settles = job->config->guarantee != WR_GUARANTEE_NONE;
    wr_checkpoint_config config = {.store = job->config->store,
                                   .clock = clock,
                                   .interval_us = job->config->checkpoint_interval_us,
                                   .holders = &job->holders,
                                   .operators = job->operators,
                                   .operator_count = settles ? job->operator_count : 0,
                                   .outbox = job->outbox,
                                   .counters = &job->counters,
                                   .dead_letters_max = job->config->dead_letters_max};
    wr_job_open_replay(job);
    return job->finished ? WR_OK : wr_checkpoint_open(&config, &job->checkpoint, err);
}

wr_status
wr_job_turn(wr_job *job, wr_error *err)
{
    return job->checkpoint ? wr_checkpoint_turn(job->checkpoint, err) : WR_OK;
}

int64_t
wr_job_wait_us(const wr_job *job, int64_t wait_us)
{
    if (!job->checkpoint) {
        return wait_us;
    }
    int64_t due_us = wr_checkpoint_due_in_us(job->checkpoint);
    return wr_checkpoint_is_saving(job->checkpoint) ? 0 : due_us < wait_us ? due_us : wait_us;
}

bool
wr_job_holds_input(wr_job *job, int64_t wait_us)
{
    if (!job->checkpoint || !wr_checkpoint_holds_input(job->checkpoint)) {
        return false;
    }
    wr_sleep_us(wait_us < JOB_REST_US ? wait_us : JOB_REST_US);
    return true;
}

wr_status
wr_job_finish(wr_job *job, bool finished, wr_error *err)
{
    if (!job->checkpoint) {
        return WR_OK;
    }
    job->finished = finished;
    return wr_checkpoint_finish(job->checkpoint, finished, err);
}

void
wr_job_close(wr_job *job)
{
    wr_checkpoint_close(job->checkpoint);
    wr_outbox_free(job->outbox);
    job->checkpoint = NULL;
    job->outbox = NULL;
}
