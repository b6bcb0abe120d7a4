/* Takes every row and forgets it: for measuring, and for queries that are run for their errors. */
#include "connectors/registry.h"
#include "core/memory.h"

static const wr_option_spec null_options[] = {{.name = NULL}};

struct wr_sink {
    int64_t row_count;
};

static wr_status
null_open(const wr_sink_config *config, wr_sink **sink, wr_error *err)
{
    (void)config;
    (void)err;
    *sink = wr_alloc(sizeof **sink);
    return WR_OK;
}

static wr_status
null_write(wr_sink *sink, const wr_batch *batch, wr_error *err)
{
    (void)err;
    sink->row_count += batch->selected_count;
    return WR_OK;
}

static wr_status
null_flush(wr_sink *sink, wr_error *err)
{
    (void)sink;
    (void)err;
    return WR_OK;
}

static void
null_close(wr_sink *sink)
{
    wr_free(sink);
}

const wr_sink_ops wr_null_sink = {
    .name = "null",
    .options = null_options,
    .accepts_changes = true,
    .open = null_open,
    .write = null_write,
    .flush = null_flush,
    .finish = null_flush,
    .close = null_close,
};
