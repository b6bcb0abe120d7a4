/* Reads a host stream: host('name'), or a stream declared with connector = 'host'.
 *
 * Invariants
 * 1. The stream outlives its readers (they retain it); the queue does all the work.
 * 2. It ends when the host ends it; `until` changes nothing, since what the host pushes next is the
 *    host's business.
 * 3. A job that goes on takes what the host pushes now: the host knows where to go on. */
#include "connectors/host.h"
#include "connectors/registry.h"
#include "core/memory.h"

static const wr_option_spec host_options[] = {
    {.name = "name", .kind = WR_OPTION_TEXT, .doc = "name of the host stream"},
    {.name = "until", .kind = WR_OPTION_CHOICE, .choices = "end", .doc = "'end': as without"},
    {.name = NULL},
};

struct wr_source {
    wr_host_reader *reader; /* NULL: open failed */
};

static wr_status
host_open(const wr_source_config *config, wr_source **out, wr_error *err)
{
    wr_source *source = wr_alloc(sizeof *source);
    *out = source;
    if (!config->host) {
        wr_error_set(err, WR_ERR_UNREACHABLE, "E0706", "there is no host stream to read");
        wr_error_hint(err, "host streams are fed by a program through the library");
        return WR_ERR_UNREACHABLE;
    }
    source->reader = wr_host_reader_open(config->host, config->lane, config->lane_count);
    if (!source->reader) {
        return wr_error_set(err, WR_ERR_RUNTIME, "E0706", "no file descriptors left");
    }
    return WR_OK;
}

static wr_status
host_poll(wr_source *source, const wr_poll_limits *limits, wr_arena *arena, wr_block *block,
          wr_error *err)
{
    (void)err;
    return wr_host_reader_take(source->reader, limits, arena, block);
}

static const wr_partition *
host_partitions(wr_source *source, int *count)
{
    return wr_host_reader_partitions(source->reader, count);
}

static void
host_wake(wr_source *source)
{
    wr_host_reader_wake(source->reader);
}

static void
host_close(wr_source *source)
{
    if (source->reader) {
        wr_host_reader_close(source->reader);
    }
    wr_free(source);
}

const wr_source_ops wr_host_source = {
    .name = "host",
    .positional = "name",
    .options = host_options,
    .pseudo_mask = 1u << WR_PSEUDO_KEY | 1u << WR_PSEUDO_PARTITION | 1u << WR_PSEUDO_OFFSET |
                   1u << WR_PSEUDO_TIMESTAMP | 1u << WR_PSEUDO_HEADERS,
    .live = true,
    .open = host_open,
    .poll = host_poll,
    .partitions = host_partitions,
    .resumes = true,
    .wake = host_wake,
    .close = host_close,
};
