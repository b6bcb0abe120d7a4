/* The source to copy: small, complete, compiled and tested like any other.
 *
 *     FROM template('hello', count = 2)      "hello 1", "hello 2"      one message a poll, or more
 *
 * To write your own: copy this file, rename `template`, replace what is marked (1) to (5), add it
 * to registry.h and registry.c, and give it a line in tests/conformance/source_suite.c.
 *
 * Invariants (every source keeps them; the suite checks)
 * 1. Everything a poll gives lives in the arena given to it; nothing of it is touched afterwards.
 * 2. poll waits at most wait_us, and a wake from another thread ends the wait. Between two polls
 *    the source does nothing that the caller could notice.
 * 3. partitions() tells the truth after each poll: next_offset is behind the last row given.
 * 4. close is safe after open failed half-way. */
#include "connectors/registry.h"
#include "connectors/waker.h"
#include "core/memory.h"
#include "core/time.h"

/* (1) Options: the table checks, documents and completes them. */
static const wr_option_spec template_options[] = {
    {.name = "text", .kind = WR_OPTION_TEXT, .doc = "what each message says"},
    {.name = "count", .kind = WR_OPTION_INT, .default_text = "3", .doc = "number of messages"},
    {.name = NULL},
};

/* (2) The state of one open source; nothing global. */
struct wr_source {
    wr_text text;
    int64_t count;
    const wr_clock *clock;
    wr_partition partition;
    wr_waker waker;
};

/* (3) What the table cannot say: missing options, options that exclude each other. */
static wr_status
template_check(wr_options options, wr_error *err)
{
    if (wr_options_first(options, "text")) {
        return WR_OK;
    }
    wr_error_set(err, WR_ERR_SQL, "E0603", "connector template needs a text");
    wr_error_hint(err, "template('hello')");
    return WR_ERR_SQL;
}

static wr_status
template_open(const wr_source_config *config, wr_source **out, wr_error *err)
{
    WR_TRY(template_check(config->options, err));
    wr_source *source = wr_alloc(sizeof *source);
    *out = source; /* from here on close() is called, whatever happens */
    source->text = wr_options_first(config->options, "text")->value;
    source->count = wr_options_int(config->options, template_options, "count");
    source->clock = config->clock;
    source->partition = (wr_partition){.name = WR_TEXT("0"), .opened = true};
    source->partition.end_offset = source->count;
    source->partition.finished = config->lane != 0; /* (4) shared out over lanes */
    if (config->is_resumed && config->resume_count > 0) { /* a job goes on; see also `guard` */
        source->partition.next_offset = config->resume[0].next_offset;
    }
    if (!wr_waker_init(&source->waker)) {
        return wr_error_set(err, WR_ERR_RUNTIME, "E0706", "no file descriptors left");
    }
    return WR_OK;
}

/* (5) Take what is there. A source that has to wait does so in wr_waker_wait, which also polls a
 * descriptor if there is one. */
static wr_status
template_poll(wr_source *source, const wr_poll_limits *limits, wr_arena *arena, wr_block *block,
              wr_error *err)
{
    (void)err;
    *block = (wr_block){.manual_watermark_us = WR_TIME_NONE};
    wr_partition *partition = &source->partition;
    if (partition->finished) {
        return WR_END;
    }
    int64_t left = source->count - partition->next_offset, taken_bytes = 0;
    block->messages = WR_NEW_ARRAY(arena, wr_message, left < limits->rows ? left : limits->rows);
    while (left > 0 && block->message_count < limits->rows && taken_bytes < limits->bytes) {
        int64_t offset = partition->next_offset++;
        wr_text text = wr_arena_printf(arena, "%.*s %lld%64s", WR_TEXT_ARG(source->text),
                                       (long long)offset + 1, ""); /* 64 readable bytes behind */
        block->messages[block->message_count++] = (wr_message){
            .data = text.data,
            .size = text.size - 64,
            .timestamp_us = wr_clock_wall_us(source->clock),
            .offset = offset,
        };
        taken_bytes += (int64_t)text.size - 64;
        left--;
    }
    block->kind = block->message_count > 0 ? WR_BLOCK_MESSAGES : WR_BLOCK_NONE;
    partition->finished = partition->at_end = left == 0;
    return block->kind == WR_BLOCK_NONE ? WR_END : WR_OK;
}

static const wr_partition *
template_partitions(wr_source *source, int *count)
{
    *count = 1;
    return &source->partition;
}

static void
template_wake(wr_source *source)
{
    wr_waker_wake(&source->waker);
}

static void
template_close(wr_source *source)
{
    wr_waker_fini(&source->waker);
    wr_free(source);
}

const wr_source_ops wr_template_source = {
    .name = "template",
    .positional = "text",
    .options = template_options,
    .pseudo_mask = 1u << WR_PSEUDO_TIMESTAMP | 1u << WR_PSEUDO_OFFSET | 1u << WR_PSEUDO_PARTITION,
    .needs_format = true,
    .check = template_check,
    .open = template_open,
    .poll = template_poll,
    .partitions = template_partitions,
    .resumes = true,
    .wake = template_wake,
    .close = template_close,
};
