/* What the files of the pipeline share: the struct, and what one does for another. */
#ifndef WEIR_EXEC_PIPELINE_PARTS_H
#define WEIR_EXEC_PIPELINE_PARTS_H

#include "exec/job.h"
#include "exec/lanes.h"
#include "exec/pipeline.h"
#include "exec/scan.h"

#include <pthread.h>

struct wr_pipeline {
    wr_pipeline_config config;
    wr_exec_context context;
    wr_operator **operators; /* by node id; NULL: a scan */
    wr_scan **scans;
    wr_scan **readers; /* those of them that read a source, each its own */
    int scan_count, reader_count, operator_count;
    wr_lanes *lanes; /* NULL: the scans and operators do all themselves */
    wr_job *job;     /* NULL: an ephemeral query */
    int next_to_wait;
    bool ended;
    int64_t late_count;
    uint64_t bad_result_count;
    uint64_t past_rows_out; /* of a job, before this run */
    uint64_t noticed_future_count;
    int64_t noticed_at_us;
    int64_t stats_at_us;
    int64_t measure_at; /* state is measured again when scans have taken so many bytes */
    pthread_mutex_t stats_lock;
    wr_pipeline_stats stats; /* published */
};

/* pipeline_open.c: a line for the user. */
void wr_pipeline_notice(wr_pipeline *pipeline, const char *line);

/* pipeline_stats.c: when the last window that holds rows closes, in time of the scan's own
 * watermark: what operators on the way hold back comes on top. */
int64_t wr_pipeline_last_close(const wr_scan *scan);
/* What a checkpoint made now says about the job. */
void wr_pipeline_count_job(wr_pipeline *pipeline);
/* Figures for other threads: every tenth of a second, or `always`. */
void wr_pipeline_publish(wr_pipeline *pipeline, bool always);
/* Rows ahead of the clock are told of once a minute. */
void wr_pipeline_notice_future(wr_pipeline *pipeline);

/* pipeline_memory.c: of a memory_limit, the bytes that state may have. */
int64_t wr_memory_room(int64_t limit_bytes);
/* How many bytes of input can be taken before state has to be measured. */
int64_t wr_pipeline_input_room(const wr_pipeline *pipeline);
/* Operators spill if their state is too much. */
wr_status wr_pipeline_limit_memory(wr_pipeline *pipeline, wr_error *err);

#endif
