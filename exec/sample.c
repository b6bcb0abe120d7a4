/* Sampling an undeclared source, so that its columns can be learned before the query is planned.
 *
 *   partitions 0 1 2: the first ⌈1000/3⌉ = 334 messages of each, or all up to its end
 *   poll ▶ poll ▶ … ▶ enough ▶ learn(partition 0's first, then 1's, then 2's) ▶ take: every block
 *                                                                 that was polled, for the pipeline
 *
 * 1. What is learned depends on the first messages of each partition only, not on how polls cut or
 *    mix them: the sample is put in (partition, offset) order.
 * 2. No block is lost: all that was polled is handed to the pipeline in order of arrival.
 * 3. Chunks (files, stdin) are enough when about 1,000 lines are there. */
#include "exec/sample.h"

#include "core/memory.h"

#include <assert.h>

enum {
    SAMPLE_MESSAGES = 1000,
    SAMPLE_POLL_ROWS = 1000,
    SAMPLE_POLL_BYTES = 256 * 1024,
    SAMPLE_CONNECT_TIMEOUT_MS = 8000
};

struct wr_sampler {
    wr_plan_source *plan;
    wr_arena *query_arena;
    wr_source *source;
    wr_arena *arena; /* blocks and their bytes */
    wr_block *blocks; /* heap until taken */
    int block_count, block_capacity;
    int64_t *counts; /* messages by partition, heap */
    int count_capacity;
    int64_t message_count, line_count;
    bool ended;
};

wr_status
wr_sampler_open(wr_plan_source *source, wr_arena *query_arena, const wr_clock *clock,
                const wr_pipeline_config *config, wr_sampler **sampler, wr_error *err)
{
    wr_sampler *own = wr_alloc(sizeof(*own));
    own->plan = source;
    own->query_arena = query_arena;
    own->arena = wr_arena_new(0);
    *sampler = own;
    bool has_timeout = config && config->connect_timeout_ms > 0;
    wr_source_config open = {
        .options = source->options,
        .arena = query_arena,
        .clock = clock,
        .pseudo_mask = source->source->pseudo_mask,
        .until_end = source->until_end,
        .brokers = source->brokers,
        .queue_bytes = config ? config->queue_bytes : 0,
        .connect_timeout_ms = has_timeout ? config->connect_timeout_ms : SAMPLE_CONNECT_TIMEOUT_MS,
        .host = config && config->hosts ? config->hosts[0] : NULL,
        .format = source->format,
        .lane_count = 1};
    wr_status status = source->source->open(&open, &own->source, err);
    if (status != WR_OK) {
        wr_sampler_close(own);
        *sampler = NULL;
    }
    return status;
}

void
wr_sampler_close(wr_sampler *sampler)
{
    if (!sampler) {
        return;
    }
    if (sampler->source) {
        sampler->plan->source->close(sampler->source);
    }
    wr_arena_free(sampler->arena);
    wr_free(sampler->blocks);
    wr_free(sampler->counts);
    wr_free(sampler);
}

static void
sampler_count(wr_sampler *sampler, int32_t partition)
{
    if (partition >= sampler->count_capacity) {
        int capacity = 2 * partition + 16;
        sampler->counts =
            wr_realloc(sampler->counts, (size_t)capacity * sizeof(*sampler->counts));
        memset(sampler->counts + sampler->count_capacity, 0,
               (size_t)(capacity - sampler->count_capacity) * sizeof(*sampler->counts));
        sampler->count_capacity = capacity;
    }
    sampler->counts[partition]++;
}

static void
sampler_add_block(wr_sampler *sampler, const wr_block *block)
{
    sampler->blocks = wr_grow(sampler->blocks, sampler->block_count, &sampler->block_capacity,
                              sizeof(*sampler->blocks));
    sampler->blocks[sampler->block_count++] = *block;
    for (int i = 0; block->kind == WR_BLOCK_MESSAGES && i < block->message_count; i++) {
        sampler_count(sampler, block->messages[i].partition);
        sampler->message_count++;
    }
    if (block->kind == WR_BLOCK_CHUNK) {
        const char *at = block->chunk, *end = at + block->chunk_bytes;
        while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
            sampler->line_count++;
            at++;
        }
    }
}

/* ── enough? ────────────────────────────────────────────────────────────────────────────────── */

static bool
partition_has_enough(const wr_sampler *sampler, const wr_partition *partition, int64_t count,
                     int64_t wanted, bool came_empty)
{
    if (count >= wanted || partition->finished || partition->at_end || partition->empty_at_start) {
        return true;
    }
    bool is_live = sampler->plan->source->live && !sampler->plan->until_end;
    return is_live && partition->end_offset < 0 && came_empty;
}

static bool
sampler_has_enough(wr_sampler *sampler, bool came_empty)
{
    if (sampler->ended || sampler->line_count >= SAMPLE_MESSAGES) {
        return true;
    }
    if (sampler->block_count == 0) {
        return false;
    }
    int partition_count = 0;
    const wr_partition *partitions =
        sampler->plan->source->partitions(sampler->source, &partition_count);
    if (sampler->line_count > 0 || sampler->message_count == 0) {
        return came_empty;
    }
    int64_t wanted = (SAMPLE_MESSAGES + partition_count - 1) / partition_count;
    for (int i = 0; i < partition_count; i++) {
        int64_t count = i < sampler->count_capacity ? sampler->counts[i] : 0;
        if (!partition_has_enough(sampler, &partitions[i], count, wanted, came_empty)) {
            return false;
        }
    }
    return true;
}

/* ── the sample ─────────────────────────────────────────────────────────────────────────────── */

/* One block with the first messages of each partition, partition by partition. */
static wr_block
sampler_sorted_messages(wr_sampler *sampler)
{
    int partition_count = 0;
    sampler->plan->source->partitions(sampler->source, &partition_count);
    int64_t wanted = partition_count > 0
                         ? (SAMPLE_MESSAGES + partition_count - 1) / partition_count
                         : SAMPLE_MESSAGES;
    wr_block sorted = {.kind = WR_BLOCK_MESSAGES,
                       .messages = WR_NEW_ARRAY(sampler->arena, wr_message,
                                                sampler->message_count)};
    for (int32_t partition = 0; partition < sampler->count_capacity; partition++) {
        int64_t taken = 0;
        int64_t all = sampler->counts[partition] < wanted ? sampler->counts[partition] : wanted;
        for (int i = 0; i < sampler->block_count && taken < all; i++) {
            const wr_block *block = &sampler->blocks[i];
            for (int k = 0; block->kind == WR_BLOCK_MESSAGES && k < block->message_count; k++) {
                if (block->messages[k].partition == partition && taken < all) {
                    sorted.messages[sorted.message_count++] = block->messages[k];
                    taken++;
                }
            }
        }
    }
    return sorted;
}

/* Nothing more will come than what was sampled. */
static bool
sampler_is_at_the_end(wr_sampler *sampler)
{
    int count = 0;
    const wr_partition *partitions = sampler->plan->source->partitions(sampler->source, &count);
    bool all_finished = count > 0;
    for (int i = 0; i < count; i++) {
        all_finished = all_finished && partitions[i].finished;
    }
    return sampler->ended || all_finished;
}

/* Tombstones and empty messages teach nothing: a topic of those alone is as good as empty. */
static bool
sampler_has_content(const wr_sampler *sampler)
{
    for (int i = 0; i < sampler->block_count; i++) {
        const wr_block *block = &sampler->blocks[i];
        for (int k = 0; block->kind == WR_BLOCK_MESSAGES && k < block->message_count; k++) {
            if (block->messages[k].data && block->messages[k].size > 0) {
                return true;
            }
        }
    }
    return sampler->message_count == 0;
}

static wr_status
sampler_learn(wr_sampler *sampler, wr_error *err)
{
    wr_plan_source *plan = sampler->plan;
    const wr_block *blocks = sampler->blocks;
    int block_count = sampler->block_count;
    wr_block sorted;
    bool complete = sampler_is_at_the_end(sampler);
    if (sampler->message_count > 0) {
        sorted = sampler_sorted_messages(sampler);
        blocks = &sorted;
        block_count = 1;
        complete = complete && sorted.message_count == sampler->message_count;
    }
    return wr_learn(sampler->query_arena, blocks, block_count, plan->format, plan->options,
                    complete, &plan->learned, err);
}

wr_status
wr_sampler_step(wr_sampler *sampler, int64_t wait_us, wr_error *err)
{
    wr_poll_limits limits = {
        .rows = SAMPLE_POLL_ROWS, .bytes = SAMPLE_POLL_BYTES, .wait_us = wait_us};
    wr_block block = {.kind = WR_BLOCK_NONE, .manual_watermark_us = WR_TIME_NONE};
    wr_status status = sampler->plan->source->poll(sampler->source, &limits, sampler->arena,
                                                   &block, err);
    if (status != WR_OK && status != WR_AGAIN && status != WR_END) {
        return status;
    }
    sampler->ended = status == WR_END;
    bool came_empty = block.kind == WR_BLOCK_NONE;
    if (!came_empty || block.manual_watermark_us != WR_TIME_NONE) {
        sampler_add_block(sampler, &block);
    }
    if (!sampler_has_enough(sampler, came_empty)) {
        return WR_AGAIN;
    }
    if (!sampler_has_content(sampler) && !sampler_is_at_the_end(sampler)) {
        return WR_AGAIN;
    }
    return sampler_learn(sampler, err);
}

wr_opened_source
wr_sampler_take(wr_sampler *sampler)
{
    wr_block *blocks = WR_NEW_ARRAY(sampler->arena, wr_block, sampler->block_count);
    if (sampler->block_count > 0) {
        memcpy(blocks, sampler->blocks, (size_t)sampler->block_count * sizeof(*blocks));
    }
    wr_opened_source opened = {sampler->source, blocks, sampler->block_count, sampler->arena};
    sampler->source = NULL;
    sampler->arena = NULL;
    sampler->block_count = 0;
    return opened;
}

int64_t
wr_sampler_message_count(const wr_sampler *sampler)
{
    return sampler->message_count + sampler->line_count;
}

