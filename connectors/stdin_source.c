/* Reads standard input: one partition, live, finished when the other side closes.
 *
 * Invariants
 * 1. A line that trickles in is given at once; nobody waits for a chunk to fill.
 * 2. Descriptor 0 stays the process's: it is read through a duplicate and its flags are not
 *    touched. */
#include "connectors/chunk_reader.h"
#include "connectors/registry.h"
#include "core/memory.h"
#include "core/time.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const wr_option_spec stdin_options[] = {
    {.name = "until", .kind = WR_OPTION_CHOICE, .choices = "end", .doc = "'end': as without"},
    {.name = NULL},
};

struct wr_source {
    wr_chunk_reader reader;
    wr_waker waker;
    wr_partition partition;
    const wr_clock *clock;
};

static wr_status
stdin_open(const wr_source_config *config, wr_source **out, wr_error *err)
{
    wr_source *source = wr_alloc(sizeof *source);
    *out = source;
    source->reader.fd = -1;
    source->clock = config->clock;
    source->partition = (wr_partition){.name = WR_TEXT("stdin"), .end_offset = -1, .opened = true};
    if (!wr_waker_init(&source->waker)) {
        return wr_error_set(err, WR_ERR_RUNTIME, "E0706", "no file descriptors left");
    }
    int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    if (fd < 0) {
        wr_error_set(err, WR_ERR_UNREACHABLE, "E0703", "cannot read standard input");
        wr_error_detail(err, "%s", strerror(errno));
        return WR_ERR_UNREACHABLE;
    }
    wr_chunk_reader_init(&source->reader, fd, false, WR_TEXT("stdin"));
    source->reader.format = config->format;
    source->reader.options = config->options;
    source->partition.finished = config->lane != 0;
    return WR_OK;
}

static wr_status
stdin_poll(wr_source *source, const wr_poll_limits *limits, wr_arena *arena, wr_block *block,
           wr_error *err)
{
    *block = (wr_block){.manual_watermark_us = WR_TIME_NONE};
    if (source->partition.finished) {
        return WR_END;
    }
    wr_status status =
        wr_chunk_reader_next(&source->reader, limits, &source->waker, arena, block, err);
    block->arrival_us = wr_clock_wall_us(source->clock);
    source->partition.next_offset = source->reader.offset;
    source->partition.at_end = block->kind == WR_BLOCK_NONE;
    source->partition.finished = status == WR_END;
    return status;
}

static const wr_partition *
stdin_partitions(wr_source *source, int *count)
{
    *count = 1;
    return &source->partition;
}

static void
stdin_wake(wr_source *source)
{
    wr_waker_wake(&source->waker);
}

static void
stdin_close(wr_source *source)
{
    wr_chunk_reader_fini(&source->reader);
    wr_waker_fini(&source->waker);
    wr_free(source);
}

const wr_source_ops wr_stdin_source = {
    .name = "stdin",
    .options = stdin_options,
    .pseudo_mask = 1u << WR_PSEUDO_TIMESTAMP | 1u << WR_PSEUDO_LINE | 1u << WR_PSEUDO_OFFSET,
    .live = true,
    .needs_format = true,
    .lane_share = WR_LANES_PIECES,
    .open = stdin_open,
    .poll = stdin_poll,
    .partitions = stdin_partitions,
    .wake = stdin_wake,
    .close = stdin_close,
};
