/* Functions that look into a state: SELECT … FROM weir_windows('hourly').
 *
 *   open   'hourly' → ~/.local/state/weir/jobs/hourly, './s' → ./s      read whole, closed again
 *   poll   batches of the snapshot, then the end
 *
 * 1. The store is opened for reading, so that the job may run; what is shown is its last checkpoint
 *    at the time of opening.
 * 2. The planner knows these sources by wr_source_register, since they stand above connectors. */
#include "engine/state_table.h"

#include "connectors/row_slice.h"
#include "core/memory.h"

#include <string.h>
#include <sys/stat.h>

static const wr_option_spec state_options[] = {
    {.name = "job", .kind = WR_OPTION_TEXT, .doc = "a job's name, or its state directory"},
    {.name = NULL},
};

struct wr_source {
    wr_arena *arena;
    state_table table;
    int batch, row; /* the next one to give */
    int64_t arrival_us;
    wr_partition partition;
};

static wr_status
state_check(wr_options options, wr_error *err)
{
    const wr_option *job = wr_options_first(options, "job");
    if (job && job->value.size > 0 && !memchr(job->value.data, '\0', job->value.size)) {
        return WR_OK;
    }
    wr_error_set(err, WR_ERR_SQL, "E0603", "which job? a name or a state directory is wanted");
    wr_error_hint(err, "weir_windows('hourly'), weir_windows('/var/lib/hourly')");
    return WR_ERR_SQL;
}

/* A directory that is there, or anything with a slash, is a directory; else it is a job's name. */
static const char *
state_dir(wr_text job, wr_arena *arena)
{
    struct stat status;
    const char *given = wr_arena_strndup(arena, job.data, job.size);
    bool is_dir = strchr(given, '/') || (stat(given, &status) == 0 && S_ISDIR(status.st_mode));
    const char *dir = is_dir || !wr_engine_job_name_is_valid(given)
                          ? NULL
                          : wr_engine_job_dir(arena, given);
    return dir ? dir : given;
}

static wr_status
state_describe(const state_table_kind *kind, wr_arena *arena, wr_schema *schema)
{
    schema->count = kind->column_count;
    schema->columns = WR_NEW_ARRAY(arena, wr_column, kind->column_count);
    memcpy(schema->columns, kind->columns, (size_t)kind->column_count * sizeof(wr_column));
    return WR_OK;
}

static wr_status
state_open(const state_table_kind *kind, const wr_source_config *config, wr_source **out,
           wr_error *err)
{
    WR_TRY(state_check(config->options, err));
    wr_source *source = wr_alloc(sizeof *source);
    *out = source;
    source->arena = source->table.arena = wr_arena_new(0);
    source->arrival_us = wr_clock_wall_us(config->clock);
    source->partition = (wr_partition){.name = WR_TEXT("state"), .end_offset = -1, .opened = true};
    WR_TRY(state_describe(kind, source->arena, &source->table.schema));
    wr_store *store = NULL;
    wr_store_config open = {
        .dir = state_dir(wr_options_first(config->options, "job")->value, source->arena),
        .read_only = true};
    wr_status status = config->lane == 0 ? wr_store_open(&open, &store, err) : WR_OK;
    if (store) {
        status = kind->fill(store, &source->table, err);
        wr_store_close(store);
    }
    return status;
}

static wr_status
state_poll(wr_source *source, const wr_poll_limits *limits, wr_arena *arena, wr_block *block,
           wr_error *err)
{
    (void)err;
    *block = (wr_block){.manual_watermark_us = WR_TIME_NONE,
                        .row_offset = source->partition.next_offset,
                        .arrival_us = source->arrival_us};
    if (source->batch < source->table.count) {
        wr_batch *batch = source->table.batches[source->batch];
        int room = limits->rows > 0 ? limits->rows : 1, left = batch->row_count - source->row;
        int count = left < room ? left : room;
        block->kind = WR_BLOCK_ROWS;
        block->batches = WR_NEW_ARRAY(arena, wr_batch *, 1);
        block->batches[0] = wr_row_slice(batch, source->row, count, arena);
        block->batch_count = 1;
        source->partition.next_offset += count;
        source->row = count == left ? 0 : source->row + count;
        source->batch += count == left;
        return WR_OK;
    }
    source->partition.finished = source->partition.at_end = true;
    return WR_END;
}

static const wr_partition *
state_partitions(wr_source *source, int *count)
{
    *count = 1;
    return &source->partition;
}

static void
state_wake(wr_source *source)
{
    (void)source; /* never waits */
}

static void
state_close(wr_source *source)
{
    wr_arena_free(source->arena);
    wr_free(source);
}

/* ── the list ───────────────────────────────────────────────────────────────────────────────── */

#define STATE_LIST(X) \
    X(jobs) X(operators) X(windows) X(segments) X(positions) X(outbox) X(dead_letters)

#define STATE_SOURCE(name_)                                                                        \
    static wr_status name_##_describe(const wr_source_config *config, wr_schema *schema,           \
                                      wr_error *err)                                               \
    {                                                                                              \
        (void)err;                                                                                 \
        return state_describe(&wr_state_##name_, config->arena, schema);                           \
    }                                                                                              \
    static wr_status name_##_open(const wr_source_config *config, wr_source **source,              \
                                  wr_error *err)                                                   \
    {                                                                                              \
        return state_open(&wr_state_##name_, config, source, err);                                 \
    }                                                                                              \
    static const wr_source_ops name_##_source = {.name = "weir_" #name_,                           \
                                                 .positional = "job",                              \
                                                 .options = state_options,                         \
                                                 .check = state_check,                             \
                                                 .describe = name_##_describe,                     \
                                                 .open = name_##_open,                             \
                                                 .poll = state_poll,                               \
                                                 .partitions = state_partitions,                   \
                                                 .wake = state_wake,                               \
                                                 .close = state_close};
STATE_LIST(STATE_SOURCE)

static const wr_source_ops *const state_sources[] = {
#define STATE_ENTRY(name_) &name_##_source,
    STATE_LIST(STATE_ENTRY)
#undef STATE_ENTRY
};

void
wr_engine_state_sources(void)
{
    wr_source_register(state_sources, sizeof state_sources / sizeof *state_sources);
}
