/* Dead letters as input: the records of bad rows are decoded again, as messages.
 *
 *   letter 7: partition "3", offset 17, {"v":"n/a"}     rows of partition 3, offset 17
 *   letter 9: partition "5", offset 4, broken           a bad row again: a new dead letter
 *
 * 1. A block holds letters of one partition, since a chunk's name belongs to the block.
 * 2. All rows are judged by the watermark of the source as it was before them. */
#include "exec/scan.h"

#include <string.h>

/* The number of the partition; the first one that there is not: it is gone. */
static int
partition_number(const wr_scan *scan, wr_text name)
{
    int count = 0, at = 0;
    const wr_partition *partitions = scan->plan->source->partitions(scan->source, &count);
    while (at < count && !wr_text_equal(partitions[at].name, name)) {
        at++;
    }
    return at;
}

static wr_message
letter_message(const wr_dead_letter *letter, int partition)
{
    return (wr_message){.data = letter->record.data,
                        .size = letter->record.size,
                        .key = letter->key.data,
                        .key_size = letter->key.size,
                        .timestamp_us = letter->timestamp_us,
                        .offset = letter->offset,
                        .partition = partition};
}

void
wr_scan_judge_replay(wr_scan *scan, const wr_batch *batch)
{
    for (int row = 0; row < batch->row_count; row++) {
        scan->watermarks[row] = scan->watermark.current_us;
    }
}

/* Letters 0 … count − 1 of one partition. */
static wr_status
scan_push_letters(wr_scan *scan, const wr_dead_letter *letters, int count, wr_error *err)
{
    wr_arena *arena = wr_arena_new(0);
    int partition = partition_number(scan, letters[0].partition);
    wr_block block = {.kind = WR_BLOCK_MESSAGES,
                      .messages = WR_NEW_ARRAY(arena, wr_message, count),
                      .message_count = count,
                      .chunk_partition = partition,
                      .arrival_us = scan->op.context->now_us,
                      .manual_watermark_us = WR_TIME_NONE};
    for (int i = 0; i < count; i++) {
        block.messages[i] = letter_message(&letters[i], partition);
    }
    scan->blocks = &block;
    scan->block_count = 1;
    scan->counters.bytes += (uint64_t)wr_block_bytes(&block);
    wr_status status = wr_scan_push(scan, err);
    scan->blocks = NULL;
    wr_arena_free(arena);
    return status;
}

wr_status
wr_scan_replay(wr_scan *scan, const wr_dead_letter *letters, int count, wr_error *err)
{
    wr_status status = WR_OK;
    scan->replays = true;
    memset(scan->lines, 0, sizeof(scan->lines)); /* nobody knows them any more */
    for (int first = 0, end; first < count && status == WR_OK; first = end) {
        for (end = first + 1; end < count; end++) {
            if (!wr_text_equal(letters[end].partition, letters[first].partition)) {
                break;
            }
        }
        status = scan_push_letters(scan, letters + first, end - first, err);
    }
    scan->replays = false;
    return status;
}
