/* A running query: its sources, its operators, and the step that drives them. */
#ifndef WEIR_EXEC_PIPELINE_H
#define WEIR_EXEC_PIPELINE_H

#include "exec/operator.h"
#include "planner/settings.h"

typedef struct wr_pipeline wr_pipeline;

/* A source that sampling has opened already, with the blocks it took: they are processed first. */
typedef struct wr_opened_source {
    wr_source *source; /* NULL: the pipeline opens it */
    const wr_block *blocks;
    int block_count;
    wr_arena *arena; /* holds the blocks; freed by the pipeline when they are processed */
} wr_opened_source;

/* What makes a pipeline a job: it goes on where the store says, and keeps that up to date. */
typedef struct wr_pipeline_job {
    wr_text name;
    struct wr_store *store; /* borrowed, outlives the pipeline */
    int64_t checkpoint_interval_us;
    int64_t outbox_bytes; /* beyond it no input is taken */
    wr_guarantee guarantee;
    enum wr_sink_ahead sink_ahead;
    int64_t dead_letters_max;
    bool drain; /* when all inputs have ended, endless ones too: close everything, finish */
} wr_pipeline_job;

typedef struct wr_pipeline_config {
    const wr_plan *plan;
    wr_arena *query_arena;
    const wr_clock *clock;
    wr_opened_source *opened; /* plan->source_count of them, or NULL; sources are taken over */
    wr_host_stream *const *hosts; /* per plan source; NULL entries */
    /* micro-batch bounds; 0: adaptive default */
    int batch_rows;
    int64_t batch_bytes, batch_interval_us;
    int vector_rows; /* rows per batch vector, ≤ WR_BATCH_ROWS; 0: that (a test world sets 1, 3) */
    int64_t queue_bytes;        /* kafka.queue_limit */
    int64_t memory_bytes;       /* of operators' state; 0: no limit, −1: as if none were left */
    int64_t connect_timeout_ms; /* 0: 8 s, so that a user hears within 10 */
    /* Result rows (plan root RESULT). The batch is borrowed for the call. */
    wr_status (*on_rows)(void *context, const wr_batch *batch, wr_error *err);
    /* Bad input rows, bad results, late rows, warnings: called on the stepping thread. */
    void (*on_bad_row)(void *context, const wr_plan_scan *scan, const wr_partition *partition,
                       const wr_bad_row *bad);
    void (*on_notice)(void *context, const char *line);
    void *callback_context;
    const wr_pipeline_job *job; /* NULL: an ephemeral query */
} wr_pipeline_config;

/* Opens sources, sinks and operators. On error everything is closed again. */
wr_status wr_pipeline_open(const wr_pipeline_config *config, wr_pipeline **pipeline, wr_error *err);

/* One turn: take a micro-batch (waiting at most wait_us for it), push it through, let time pass,
 * emit. WR_OK: something happened; WR_AGAIN: nothing came; WR_END: all inputs ended and everything
 * is emitted and delivered; or an error. */
wr_status wr_pipeline_step(wr_pipeline *pipeline, int64_t wait_us, wr_error *err);

/* Ends the inputs now, as if they had ended (drain: closes all windows, watermark = END; a job is
 * finished) or not (open windows are dropped; a job's last checkpoint has them); sinks are
 * finished. Afterwards step gives WR_END. */
wr_status wr_pipeline_stop(wr_pipeline *pipeline, bool drain, wr_error *err);

void wr_pipeline_close(wr_pipeline *pipeline);

/* The checkpoints of a job, for requests and figures from any thread; NULL: no job. */
struct wr_checkpoint *wr_pipeline_checkpoint(const wr_pipeline *pipeline);

/* Figures for the status line; consistent enough, from any thread. */
typedef struct wr_pipeline_stats {
    uint64_t rows_in, bytes_in, rows_out, rows_late, rows_bad, rows_future, tombstones;
    int64_t watermark_us;     /* of the query; WR_TIME_NONE: none yet */
    int64_t next_close_us;    /* end + grace of the next window to close; WR_TIME_NONE: none open */
    int64_t lag;              /* records behind the ends that are known; -1: unknown */
    int64_t state_bytes;
    int64_t groups;           /* keys in open windows */
    int partitions, partitions_idle;
    char holder[64];          /* partition that holds the watermark back; "" none */
    int64_t holder_watermark_us;
    int64_t holder_quiet_us;  /* since it last gave a row */
    bool finished;            /* a job that is over */
} wr_pipeline_stats;
void wr_pipeline_stats_get(wr_pipeline *pipeline, wr_pipeline_stats *stats);

#endif
