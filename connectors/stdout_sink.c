/* Writes rows to standard output, visible at the end of every micro-batch. */
#include "connectors/fd_writer.h"
#include "connectors/registry.h"
#include "core/memory.h"

#include <unistd.h>

static const wr_option_spec stdout_options[] = {{.name = NULL}};

struct wr_sink {
    wr_fd_writer writer;
};

static wr_status
stdout_open(const wr_sink_config *config, wr_sink **out, wr_error *err)
{
    wr_sink *sink = wr_alloc(sizeof *sink);
    *out = sink;
    return wr_fd_writer_init(&sink->writer, STDOUT_FILENO, WR_TEXT("stdout"), config, "json", err);
}

static wr_status
stdout_write(wr_sink *sink, const wr_batch *batch, wr_error *err)
{
    return wr_fd_writer_batch(&sink->writer, batch, err);
}

static wr_status
stdout_flush(wr_sink *sink, wr_error *err)
{
    return wr_fd_writer_flush(&sink->writer, err);
}

static void
stdout_close(wr_sink *sink)
{
    wr_fd_writer_fini(&sink->writer);
    wr_free(sink);
}

const wr_sink_ops wr_stdout_sink = {
    .name = "stdout",
    .options = stdout_options,
    .default_format = "json",
    .open = stdout_open,
    .write = stdout_write,
    .flush = stdout_flush,
    .finish = stdout_flush,
    .close = stdout_close,
};
