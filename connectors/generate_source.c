/* Makes rows out of nothing: for demos, tests and measuring.
 *
 *     generate(rows = 3, keys = 2)      n  ts                        key    v
 *                                       0  2026-01-01T00:00:00Z      key-1  43.79
 *                                       1  2026-01-01T00:00:00.001Z  key-0  7.5
 *                                       2  2026-01-01T00:00:00.002Z  key-1  91.02
 *
 * Invariants
 * 1. Row n depends on n, seed, keys, start and step only: the same statement gives the same rows.
 * 2. ts = start + n · step, and it is the row's _timestamp too, so windows work without WATERMARK.
 * 3. With `rate`, row n is not given before start of the run + n / rate; start is then the wall
 *    clock at open and step 1 s / rate, unless they are said.
 * 4. Lane l of L gives the rows with n mod L = l, as its own partition l.
 * 5. A job goes on at its row, with the start of its first run (the guard) and at its rate: rows
 *    that were due while it was down are not made up for. */
#include "connectors/registry.h"
#include "connectors/waker.h"
#include "core/memory.h"
#include "core/time.h"

#include <math.h>

enum { GENERATE_ROW_BYTES = 64, WAIT_MAX_US = 1000000 };

static const wr_option_spec generate_options[] = {
    {.name = "rows", .kind = WR_OPTION_INT, .doc = "stop after so many rows; without: never"},
    {.name = "rate",
     .kind = WR_OPTION_INT,
     .min = 1,
     .max = 1000000000,
     .doc = "rows per second; without: as fast as they are taken"},
    {.name = "seed", .kind = WR_OPTION_INT, .default_text = "0", .doc = "other random numbers"},
    {.name = "keys",
     .kind = WR_OPTION_INT,
     .default_text = "10",
     .min = 1,
     .max = 1000000000,
     .doc = "how many different keys there are"},
    {.name = "start", .kind = WR_OPTION_TEXT, .doc = "ts of the first row, as ISO time"},
    {.name = "step",
     .kind = WR_OPTION_DURATION,
     .min = 0,
     .max = 1000 * WR_US_PER_DAY,
     .doc = "time between two rows; without: 1 ms, or 1 s / rate"},
    {.name = "until", .kind = WR_OPTION_CHOICE, .choices = "end", .doc = "'end': needs rows"},
    {.name = NULL},
};

enum { COLUMN_N, COLUMN_TS, COLUMN_KEY, COLUMN_V, COLUMN_COUNT };

struct wr_source {
    int64_t row_limit; /* INT64_MAX: endless */
    int64_t next;      /* n of the next row of this lane */
    int64_t first;     /* the next row when it was opened: due at once */
    int64_t lane_count;
    int64_t rate; /* 0: as fast as can be */
    int64_t start_us, step_us;
    int64_t opened_us; /* monotonic */
    uint64_t seed;
    int64_t keys;
    int32_t partition_number;
    const wr_clock *clock;
    wr_partition *partitions;
    wr_waker waker;
};

/* ── options ────────────────────────────────────────────────────────────────────────────────── */

static wr_status
generate_check(wr_options options, wr_error *err)
{
    const wr_option *start = wr_options_find(options, "start");
    int64_t us;
    if (start && !wr_time_parse(start->value, &us)) {
        wr_error_set(err, WR_ERR_SQL, "E0602", "generate: start is no time");
        wr_error_hint(err, "write it as '2026-01-01T00:00:00Z'");
        wr_error_at(err, start->position, start->length);
        return WR_ERR_SQL;
    }
    return WR_OK;
}

static wr_status
generate_describe(const wr_source_config *config, wr_schema *schema, wr_error *err)
{
    (void)err;
    schema->count = COLUMN_COUNT;
    schema->columns = WR_NEW_ARRAY(config->arena, wr_column, COLUMN_COUNT);
    schema->columns[COLUMN_N] = (wr_column){WR_TEXT("n"), WR_TYPE(BIGINT), true};
    schema->columns[COLUMN_TS] = (wr_column){WR_TEXT("ts"), WR_TYPE(TIMESTAMP), true};
    schema->columns[COLUMN_KEY] = (wr_column){WR_TEXT("key"), WR_TYPE(TEXT), true};
    schema->columns[COLUMN_V] = (wr_column){WR_TEXT("v"), WR_TYPE(DOUBLE), true};
    return WR_OK;
}

static void
times_read(wr_source *source, wr_options options)
{
    int64_t us = 1767225600 * WR_US_PER_S; /* 2026-01-01 */
    if (source->rate > 0) {
        us = wr_clock_wall_us(source->clock);
    }
    wr_text start = wr_options_text(options, generate_options, "start");
    if (start.data && !wr_time_parse(start, &us)) {
        us = 0; /* checked before */
    }
    source->start_us = us;
    source->step_us = source->rate > 0 ? WR_US_PER_S / source->rate : WR_US_PER_MS;
    if (wr_options_find(options, "step")) {
        source->step_us = wr_options_int(options, generate_options, "step");
    }
}

/* Where a former run was, and when its first one began. */
static wr_status
generate_resume(wr_source *source, const wr_source_config *config, wr_error *err)
{
    const wr_resume *resume = &config->resume[0];
    bool valid = resume->next_offset >= 0 &&
                 !__builtin_mul_overflow(resume->next_offset, source->lane_count, &source->next) &&
                 !__builtin_add_overflow(source->next, config->lane, &source->next) &&
                 wr_text_to_int64(resume->guard, &source->start_us);
    if (!valid) {
        return wr_error_set(err, WR_ERR_STATE, "E0904",
                            "what the state knows of generate cannot be read");
    }
    source->first = source->next;
    wr_text start = wr_options_text(config->options, generate_options, "start");
    if (start.data && !wr_time_parse(start, &source->start_us)) {
        source->start_us = 0; /* checked before */
    }
    return WR_OK;
}

static wr_status
generate_open(const wr_source_config *config, wr_source **out, wr_error *err)
{
    WR_TRY(generate_check(config->options, err));
    wr_source *source = wr_alloc(sizeof *source);
    *out = source;
    wr_options options = config->options;
    bool endless = wr_options_find(options, "rows") == NULL;
    source->row_limit = endless ? INT64_MAX : wr_options_int(options, generate_options, "rows");
    source->lane_count = config->lane_count > 0 ? config->lane_count : 1;
    source->partition_number = config->lane;
    source->next = source->first = config->lane;
    source->rate = wr_options_int(options, generate_options, "rate");
    source->seed = (uint64_t)wr_options_int(options, generate_options, "seed");
    source->keys = wr_options_int(options, generate_options, "keys");
    source->clock = config->clock;
    source->opened_us = wr_clock_monotonic_us(config->clock);
    source->partitions = WR_NEW_ARRAY(config->arena, wr_partition, source->lane_count);
    times_read(source, options);
    if (config->is_resumed && config->resume_count > 0) {
        WR_TRY(generate_resume(source, config, err));
    }
    if (!wr_waker_init(&source->waker)) {
        return wr_error_set(err, WR_ERR_RUNTIME, "E0706", "no file descriptors left");
    }
    if (endless && config->until_end) {
        wr_error_set(err, WR_ERR_SQL, "E0603", "generate without rows has no end");
        wr_error_hint(err, "say how many: generate(rows = 1000)");
        return WR_ERR_SQL;
    }
    return WR_OK;
}

/* ── rows ───────────────────────────────────────────────────────────────────────────────────── */

/* splitmix64: every n gives another well mixed number. */
static uint64_t
number_mix(uint64_t n)
{
    uint64_t z = (n + 1) * 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

/* n · step added to start without overflow: the last instant stands for all beyond. */
static int64_t
row_time(const wr_source *source, int64_t n)
{
    int64_t span, us;
    if (__builtin_mul_overflow(n, source->step_us, &span) ||
        __builtin_add_overflow(source->start_us, span, &us)) {
        return INT64_MAX - 1;
    }
    return us;
}

static wr_batch *
rows_make(wr_source *source, int count, int64_t *times, wr_arena *arena)
{
    wr_batch *batch = wr_batch_new(arena, COLUMN_COUNT);
    wr_type types[COLUMN_COUNT] = {WR_TYPE(BIGINT), WR_TYPE(TIMESTAMP), WR_TYPE(TEXT),
                                   WR_TYPE(DOUBLE)};
    for (int i = 0; i < COLUMN_COUNT; i++) {
        wr_vector_init_flat(&batch->columns[i], types[i], count, arena);
    }
    int64_t *n = batch->columns[COLUMN_N].data;
    int64_t *ts = batch->columns[COLUMN_TS].data;
    wr_view *key = batch->columns[COLUMN_KEY].data;
    double *v = batch->columns[COLUMN_V].data;
    uint64_t seed = number_mix(source->seed);
    for (int i = 0; i < count; i++) {
        uint64_t random = number_mix((uint64_t)source->next ^ seed);
        char name[40] = "key-";
        size_t size = 4 + wr_int64_to_text((int64_t)(random % (uint64_t)source->keys), name + 4);
        n[i] = source->next;
        ts[i] = times[i] = row_time(source, source->next);
        key[i] = size <= WR_VIEW_INLINE ? wr_view_from(name, size)
                                        : wr_view_from(wr_arena_strndup(arena, name, size), size);
        v[i] = (double)((random >> 40) % 10001) / 100.0;
        source->next += source->lane_count;
    }
    batch->row_count = count;
    batch->selected_count = count;
    return batch;
}

/* Rows of this lane that are due now, at most `room`. */
static int64_t
rows_due(const wr_source *source, int64_t room)
{
    int64_t end = source->row_limit;
    if (source->rate > 0) {
        int64_t elapsed_us = wr_clock_monotonic_us(source->clock) - source->opened_us;
        double due = floor((double)elapsed_us * (double)source->rate / (double)WR_US_PER_S) + 1 +
                     (double)source->first;
        end = due < (double)end ? (int64_t)due : end;
    }
    int64_t left = end - source->next;
    int64_t count = left > 0 ? (left - 1) / source->lane_count + 1 : 0;
    return count < room ? count : room;
}

static int64_t
next_due_us(const wr_source *source)
{
    double at = (double)(source->next - source->first) / (double)source->rate * (double)WR_US_PER_S;
    int64_t elapsed_us = wr_clock_monotonic_us(source->clock) - source->opened_us;
    return at < 1e15 ? (int64_t)at + 1 - elapsed_us : INT64_MAX;
}

static void
block_fill(wr_source *source, int64_t count, wr_arena *arena, wr_block *block)
{
    int64_t batches = (count + WR_BATCH_ROWS - 1) / WR_BATCH_ROWS;
    int64_t *times = wr_arena_alloc(arena, sizeof *times * (size_t)count);
    block->kind = WR_BLOCK_ROWS;
    block->batches = WR_NEW_ARRAY(arena, wr_batch *, batches);
    block->row_partition = source->partition_number;
    block->row_offset = source->next / source->lane_count;
    block->row_arrival_us = times;
    for (int64_t done = 0; done < count; done += WR_BATCH_ROWS) {
        int rows = count - done < WR_BATCH_ROWS ? (int)(count - done) : WR_BATCH_ROWS;
        block->batches[block->batch_count++] = rows_make(source, rows, times + done, arena);
    }
}

static wr_status
generate_poll(wr_source *source, const wr_poll_limits *limits, wr_arena *arena, wr_block *block,
              wr_error *err)
{
    (void)err;
    *block = (wr_block){.manual_watermark_us = WR_TIME_NONE};
    if (source->next >= source->row_limit) {
        return WR_END;
    }
    int64_t room = limits->bytes / GENERATE_ROW_BYTES;
    room = room < limits->rows ? room : limits->rows;
    room = room > 0 ? room : 1;
    int64_t count = rows_due(source, room);
    if (count == 0 && limits->wait_us > 0) {
        int64_t wait_us = next_due_us(source);
        wait_us = wait_us < limits->wait_us ? wait_us : limits->wait_us;
        wr_waker_wait(&source->waker, -1, wait_us < WAIT_MAX_US ? wait_us : WAIT_MAX_US);
        count = rows_due(source, room);
    }
    if (count > 0) {
        block_fill(source, count, arena, block);
    }
    return WR_OK;
}

static const wr_partition *
generate_partitions(wr_source *source, int *count)
{
    *count = (int)source->lane_count;
    for (int i = 0; i < *count; i++) {
        bool ours = i == source->partition_number;
        bool finished = !ours || source->next >= source->row_limit;
        source->partitions[i] = (wr_partition){
            .name = WR_TEXT("generate"),
            .next_offset = ours ? source->next / source->lane_count : 0,
            .end_offset = -1,
            .opened = true,
            .at_end = finished || (source->rate > 0 && rows_due(source, 1) == 0),
            .finished = finished,
        };
    }
    return source->partitions;
}

static void
generate_guard(wr_source *source, int partition, wr_buffer *out)
{
    (void)partition;
    char text[WR_INT64_TEXT_MAX];
    wr_buffer_append(out, text, wr_int64_to_text(source->start_us, text));
}

static void
generate_wake(wr_source *source)
{
    wr_waker_wake(&source->waker);
}

static void
generate_close(wr_source *source)
{
    wr_waker_fini(&source->waker);
    wr_free(source);
}

const wr_source_ops wr_generate_source = {
    .name = "generate",
    .options = generate_options,
    .pseudo_mask = 1u << WR_PSEUDO_TIMESTAMP | 1u << WR_PSEUDO_OFFSET | 1u << WR_PSEUDO_PARTITION,
    .live = true,
    .check = generate_check,
    .describe = generate_describe,
    .open = generate_open,
    .poll = generate_poll,
    .partitions = generate_partitions,
    .resumes = true,
    .guard = generate_guard,
    .wake = generate_wake,
    .close = generate_close,
};
