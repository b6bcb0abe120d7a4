/* Sampling: opens an undeclared source and takes blocks until the learner has enough (DIALECT §2):
 * the first ⌈1000/partitions⌉ messages of each partition, or fewer where a partition is at its end.
 * Never blocks longer than wait_us: an empty topic keeps answering WR_AGAIN. */
#ifndef WEIR_EXEC_SAMPLE_H
#define WEIR_EXEC_SAMPLE_H

#include "exec/pipeline.h"

typedef struct wr_sampler wr_sampler;

wr_status wr_sampler_open(wr_plan_source *source, wr_arena *query_arena, const wr_clock *clock,
                          const wr_pipeline_config *config, wr_sampler **sampler, wr_error *err);
/* WR_OK: source->learned is set; WR_AGAIN: not yet. */
wr_status wr_sampler_step(wr_sampler *sampler, int64_t wait_us, wr_error *err);
/* The opened source and its blocks, for wr_pipeline_config.opened. The sampler is empty then. */
wr_opened_source wr_sampler_take(wr_sampler *sampler);
int64_t wr_sampler_message_count(const wr_sampler *sampler);
void wr_sampler_close(wr_sampler *sampler);

#endif
