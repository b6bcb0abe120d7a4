/* What a source, a sink and a format are: three vtables. template_source.c is the file to copy.
 *
 *   source.poll ──block──▶ decoder ──batch──▶ operators ──batch──▶ sink (encoder inside)
 *
 * A source delivers blocks of one of three shapes:
 *   messages   Kafka, host raw messages: payload by payload, each with key, time, offset
 *   chunk      files, stdin: contiguous bytes of one partition; the decoder finds the records
 *   rows       generate, VALUES, host typed rows: vectors, nothing to decode
 *
 * Threads: all functions of one source or sink are called by one thread at a time, except wake. */
#ifndef WEIR_CONNECTORS_CONNECTOR_H
#define WEIR_CONNECTORS_CONNECTOR_H

#include "connectors/option.h"
#include "core/buffer.h"
#include "core/vector.h"

typedef struct wr_column {
    wr_text name;
    wr_type type;
    bool not_null;
} wr_column;

typedef struct wr_schema {
    wr_column *columns;
    int count;
} wr_schema;

/* Pseudo-columns a source can fill; never part of `*`. X(id, name, type) */
#define WR_PSEUDO_LIST(X)                    \
    X(KEY, "_key", TEXT)                     \
    X(TOPIC, "_topic", TEXT)                 \
    X(PARTITION, "_partition", BIGINT)       \
    X(OFFSET, "_offset", BIGINT)             \
    X(TIMESTAMP, "_timestamp", TIMESTAMP)    \
    X(HEADERS, "_headers", JSON)             \
    X(FILE, "_file", TEXT)                   \
    X(LINE, "_line", BIGINT)

typedef enum wr_pseudo {
#define WR_PSEUDO_ENUM(id, name, type) WR_PSEUDO_##id,
    WR_PSEUDO_LIST(WR_PSEUDO_ENUM)
#undef WR_PSEUDO_ENUM
    WR_PSEUDO_COUNT
} wr_pseudo;

/* ── blocks ─────────────────────────────────────────────────────────────────────────────────── */

typedef struct wr_message {
    const char *data; /* NULL: a tombstone; 64 readable bytes follow the payload */
    size_t size;
    const char *key; /* NULL: no key */
    size_t key_size;
    const char *headers; /* a JSON object as text; NULL: none (filled only if wanted) */
    size_t headers_size;
    int64_t timestamp_us; /* record or arrival time; WR_TIME_NONE: none */
    int64_t offset;
    int32_t partition;
} wr_message;

typedef enum wr_block_kind {
    WR_BLOCK_NONE,
    WR_BLOCK_MESSAGES,
    WR_BLOCK_CHUNK,
    WR_BLOCK_ROWS
} wr_block_kind;

/* What one poll took. Everything lives in the arena given to poll. */
typedef struct wr_block {
    wr_block_kind kind;
    /* MESSAGES, in arrival order; per partition in offset order */
    wr_message *messages;
    int message_count;
    /* CHUNK: whole records of one partition, except that the last record of the partition may lack
     * its newline. 64 readable bytes follow. A record never spans two chunks. */
    const char *chunk; /* NULL: only reserved, see wr_poll_limits.may_reserve */
    size_t chunk_bytes;   /* 0 and only reserved: not known yet */
    int64_t chunk_newlines; /* in its bytes */
    void *chunk_from;       /* reserved: the source's own, for fill */
    int64_t chunk_offset;  /* byte offset of chunk[0] in its file */
    int64_t chunk_line;    /* line number of chunk[0], from 1; 0: not counted, chunks
                              before it were only reserved */
    int64_t arrival_us;    /* _timestamp of its records */
    int32_t chunk_partition;
    bool chunk_first; /* starts at the beginning of the file: a CSV header is here */
    /* ROWS: batches with all columns of the source's schema, event_time unset; `row_partition` is
     * their partition, `row_offset` the number of the first row */
    wr_batch **batches;
    int batch_count;
    int32_t row_partition;
    int64_t row_offset;
    const int64_t *row_arrival_us; /* per row, running over all batches; NULL: arrival_us for all */
    /* host: behind the rows of this block the host said "no more rows before this" (the kind may be
     * NONE then) */
    int64_t manual_watermark_us; /* WR_TIME_NONE: not said */
} wr_block;

/* A partition as the watermark sees it. */
typedef struct wr_partition {
    wr_text name;        /* "3", "logs/a.json" */
    int64_t next_offset; /* behind the last row delivered */
    int64_t end_offset;  /* of the broker, when known; -1: unknown (for lag) */
    bool opened;         /* false: a file whose turn has not come; it holds the watermark back */
    bool at_end;         /* nothing more there at the moment */
    bool is_away;        /* not reachable at the moment: that it is silent says nothing */
    bool finished;       /* nothing more will ever come from it */
    bool empty_at_start; /* nothing lay between start position and end: idle until its first row */
    int64_t lost_count;  /* offsets skipped since they were no longer there (on_data_loss) */
} wr_partition;

/* Where a partition goes on: as a checkpoint recorded it. */
typedef struct wr_resume {
    wr_text partition; /* wr_partition.name */
    int64_t next_offset;
    wr_text guard; /* what wr_source_ops.guard gave then */
} wr_resume;

/* ── source ─────────────────────────────────────────────────────────────────────────────────── */

typedef struct wr_source wr_source;         /* each connector's own struct */
typedef struct wr_host_stream wr_host_stream; /* connectors/host.h */
typedef struct wr_format_ops wr_format_ops;

/* How a source is opened; everything lives in the query arena. */
typedef struct wr_source_config {
    wr_options options; /* checked */
    wr_arena *arena;    /* the query's */
    const wr_clock *clock;
    wr_schema schema;      /* rows sources: what they must deliver (generate has its own) */
    unsigned pseudo_mask;  /* 1 << wr_pseudo that the plan uses */
    bool until_end;        /* bounded: stop at the end seen at start */
    wr_text brokers;       /* kafka: from SET / environment when options have none */
    int64_t queue_bytes;   /* kafka.queue_limit for this source */
    int64_t connect_timeout_ms;
    wr_host_stream *host; /* connector host */
    wr_batch *const *values; /* connector values: its rows; they outlive the source */
    int values_count;
    const wr_format_ops *format; /* of the records, for cutting chunks; NULL: not known yet */
    int32_t lane, lane_count; /* which share of the partitions is ours */
    /* A job that goes on: these partitions from there, others (new since then) from their
     * beginning, whatever `start` says. What lies before next_offset must be what it was: E0705 /
     * WR_ERR_STATE name the partition, what is wanted and what is there. */
    bool is_resumed;
    const wr_resume *resume;
    int resume_count;
} wr_source_config;

typedef struct wr_poll_limits {
    int rows;          /* at most so many messages / rows */
    int lent_rows;     /* the same for rows that are lent as they are, where that is more */
    int64_t bytes;     /* stop after so many payload bytes (a single larger record still comes) */
    int64_t wait_us;   /* wait at most so long for the first one; 0: do not wait */
    int64_t gather_us; /* after the first one, gather at most so long; 0: take what is there */
    bool may_reserve;  /* a chunk may come without its bytes, for the source's fill to read */
} wr_poll_limits;

/* How several lanes may read one source. */
typedef enum wr_lane_share {
    WR_LANES_ONE,   /* not at all */
    WR_LANES_PIECES /* one instance, polled by one lane after another; its blocks are decoded side
                       by side and judged in the order in which they were polled */
} wr_lane_share;

typedef struct wr_source_ops {
    const char *name;              /* "kafka" */
    const char *positional;        /* option that the first argument stands for; NULL: none */
    const wr_option_spec *options; /* own options; common ones (format, columns, …) come on top */
    unsigned pseudo_mask;          /* pseudo-columns it has */
    bool live;                     /* may wait for more: skew and idle rules apply */
    bool endless;                  /* until = 'end' is only the end of now: more comes later */
    bool needs_format;             /* messages/chunk: a decoder is used */
    wr_lane_share lane_share;
    const char *option_prefix;     /* pass-through options, see wr_options_check; NULL: none */
    /* What the tables cannot say (missing options, pass-through ones), at bind time and again in
     * open. NULL: nothing more. */
    wr_status (*check)(wr_options options, wr_error *err);

    /* Rows sources with a schema of their own (generate): sets it. NULL: declared or learned. */
    wr_status (*describe)(const wr_source_config *config, wr_schema *schema, wr_error *err);
    /* Opens the outside resource. On failure *source may be set; close is called on it. */
    wr_status (*open)(const wr_source_config *config, wr_source **source, wr_error *err);
    /* Fills *block. WR_OK (kind NONE: nothing came within wait_us), WR_END when every partition is
     * finished and all was delivered, or an error. */
    wr_status (*poll)(wr_source *source, const wr_poll_limits *limits, wr_arena *arena,
                      wr_block *block, wr_error *err);
    /* Reads a reserved chunk into `arena`: sets chunk, newlines and, where its size was not known,
     * size, offset and line. Once for each, on the thread that polled it and before that polls
     * again, at the same time as other calls but close. NULL: the source reserves nothing. */
    wr_status (*fill)(wr_source *source, wr_arena *arena, wr_block *block, wr_error *err);
    /* Entry i describes partition number i (of wr_message.partition …); partitions of other lanes
     * are `finished`. Borrowed until the next call on the source. New ones may come at the end. */
    const wr_partition *(*partitions)(wr_source *source, int *count);
    /* A source that was opened before the plan was known: only these pseudo-columns are wanted from
     * the next poll on. NULL: they cost it nothing. */
    void (*narrow)(wr_source *source, unsigned pseudo_mask);
    /* Can it go on at a position after a restart? wr_partition.next_offset is then exactly behind
     * what polls have delivered. */
    bool resumes;
    /* Appends what tells later whether the data before next_offset of a partition are still the
     * same (a hash of the last bytes …); between polls, at each checkpoint, so cheap. NULL: it
     * cannot tell. */
    void (*guard)(wr_source *source, int partition, wr_buffer *out);
    /* From any thread: a poll that waits returns soon. */
    void (*wake)(wr_source *source);
    /* Safe after a failed open; NULL source is not passed. */
    void (*close)(wr_source *source);
} wr_source_ops;

const wr_source_ops *wr_source_find(wr_text name);
/* Adds the sources of a layer above, so that SQL can call them; not listed. Once for each, before
 * anybody may look for them; `sources` lives for ever. */
void wr_source_register(const wr_source_ops *const *sources, int count);
/* A source that was added by wr_source_register, or NULL. */
const wr_source_ops *wr_source_find_registered(wr_text name);
const wr_source_ops *const *wr_source_all(int *count);

/* ── sink ───────────────────────────────────────────────────────────────────────────────────── */

typedef struct wr_sink wr_sink;

/* The file with the state of the job, for a sink that writes into it. */
typedef struct wr_sink_state {
    const char *path;
    struct sqlite3 *db; /* its connection, which the sink may use in open, deliver and close */
    bool (*is_reserved)(const char *table); /* the name is one of weir's own */
} wr_sink_state;

typedef struct wr_sink_config {
    wr_options options;
    wr_arena *arena;
    const wr_clock *clock;
    wr_schema schema;            /* of the rows that come, names = the sink's column names */
    const wr_format_ops *format; /* NULL: the sink needs none, or its default */
    wr_text brokers;
    int64_t connect_timeout_ms;
    bool changelog; /* encode the row operation too ("op" column first) */
    bool exactly_once; /* frame and deliver are used, not write */
    bool is_resumed;   /* the job has written here before: its past decides, not `mode` */
    wr_text job_name;  /* of a named job; empty: none */
    const wr_sink_state *state; /* of a job with exactly_once; NULL: none that could be used */
} wr_sink_config;

/* ── exactly once: rows go into frames, frames into the state, and from there to the sink ────── */

typedef struct wr_sink_frame {
    int64_t epoch, seq;
    int64_t position; /* bytes of all frames before it, since the job began */
    wr_text bytes;    /* data NULL: they wait on disk, see wr_delivery_bytes */
} wr_sink_frame;

/* All frames of one epoch for one destination, in order. */
typedef struct wr_delivery {
    wr_text job_name, job_uuid;
    int64_t epoch;
    const wr_sink_frame *frames;
    int frame_count;
    /* the bytes of frame i that wait on disk; NULL: none do */
    wr_status (*load)(void *context, int i, wr_text *bytes, wr_error *err);
    void *load_context;
} wr_delivery;

/* What lies behind us when a job opens a sink again. */
typedef struct wr_sink_past {
    wr_text job_name, job_uuid;
    int64_t last_epoch;     /* e: the last one that held bytes for this destination; 0: none yet */
    int64_t delivered_epoch; /* up to here all is known to be delivered; the outbox has the rest */
    int64_t first_position; /* of the first frame in the outbox; = end_position: it is empty */
    int64_t end_position;   /* behind the last frame */
    wr_text identity;       /* as `identify` gave it; empty: never */
    const wr_delivery *waiting; /* what the outbox has, of all epochs; NULL: nothing */
    enum wr_sink_ahead { WR_AHEAD_REFUSE, WR_AHEAD_DUPLICATE, WR_AHEAD_SKIP } ahead;
} wr_sink_past;

/* The bytes of a frame; those of one that was loaded live until the next call, others as long as
 * the delivery. */
static inline wr_status
wr_delivery_bytes(const wr_delivery *delivery, int i, wr_text *bytes, wr_error *err)
{
    *bytes = delivery->frames[i].bytes;
    return bytes->data || bytes->size == 0 ? WR_OK
                                           : delivery->load(delivery->load_context, i, bytes, err);
}

typedef struct wr_sink_ops {
    const char *name;
    const char *positional; /* options that the first arguments stand for, separated by '|' */
    const wr_option_spec *options;
    const char *option_prefix;
    wr_status (*check)(wr_options options, wr_error *err); /* as a source's */
    const char *default_format; /* NULL: needs none */
    bool accepts_changes;       /* −U/−D rows are understood … */
    const char *changes_need;   /* … if this option is given; NULL: always */
    wr_status (*open)(const wr_sink_config *config, wr_sink **sink, wr_error *err);
    /* Takes the selected rows. WR_ERR_CLOSED: the reader went away, a clean stop. */
    wr_status (*write)(wr_sink *sink, const wr_batch *batch, wr_error *err);
    /* End of a micro-batch: what was written becomes visible. */
    wr_status (*flush)(wr_sink *sink, wr_error *err);
    /* Everything written is delivered, or an error tells what is not. */
    wr_status (*finish)(wr_sink *sink, wr_error *err);
    void (*close)(wr_sink *sink); /* safe after a failed open */

    /* Exactly once (all NULL: cannot). Then `frame` is called instead of write, and nothing is
     * written to the outside but by `deliver`. config->exactly_once is set at open. */
    /* The name of what is written to, the same for every sink that writes there ("file:/a/b"). */
    wr_status (*destination)(const wr_sink_config *config, wr_buffer *name, wr_error *err);
    /* Rows → bytes appended to a frame. Stepping thread, at the same time as deliver. */
    wr_status (*frame)(wr_sink *sink, const wr_batch *batch, wr_buffer *bytes, wr_error *err);
    /* Once after open: *epoch = M, the last one that was made visible (0: none by this job). What
     * lies in the outbox behind M is then delivered (again); a sink that cannot tell, because
     * repeating does no harm (a file), says past->delivered_epoch. A destination that does not fit
     * the past (of another job, shorter, replaced) is WR_ERR_STATE E0911 with what to do; M >
     * last_epoch is judged by the caller. May block. */
    wr_status (*recover)(wr_sink *sink, const wr_sink_past *past, int64_t *epoch, wr_error *err);
    /* Makes an epoch visible, with the marker that `recover` finds: all or nothing, again and again
     * with the same effect. Committing thread. WR_ERR_UNREACHABLE: try again later; another error
     * ends the job. */
    wr_status (*deliver)(wr_sink *sink, const wr_delivery *delivery, wr_error *err);
    /* Was it opened inside of the job's state? Then deliver is called within the transaction that
     * commits the epoch: it neither begins nor ends one and needs no marker, and the epoch that is
     * visible is always the state's. It may be called again for an epoch that was rolled back.
     * NULL: never. */
    bool (*is_inside)(const wr_sink *sink);
    /* What recover wants to see again (an inode); appended after open and after each deliver. */
    void (*identify)(wr_sink *sink, wr_buffer *identity);
} wr_sink_ops;

const wr_sink_ops *wr_sink_find(wr_text name);
const wr_sink_ops *const *wr_sink_all(int *count);

/* ── format ─────────────────────────────────────────────────────────────────────────────────── */

typedef struct wr_decoder wr_decoder;
typedef struct wr_encoder wr_encoder;

/* A column to decode: `path` has one name, or more for nested values (a.b.c; JSON only). */
typedef struct wr_decode_column {
    const wr_text *path;
    int path_length;
    wr_type type; /* JSON: the value's text */
    bool not_null;
    bool learned; /* a BIGINT from samples: a number that does not fit is `misfit`, not a bad row */
    uint64_t path_indexes; /* bit i: path[i] is no key but an array's index, as digits from 0 */
    bool derived; /* what an expression makes of the JSON value at the path. TEXT: a string's
                     content, others as they are written. BIGINT, DOUBLE: a plain number is itself,
                     all else spec->derive knows */
} wr_decode_column;

/* A rejected record: counted, shown or kept by the caller; nothing else happens to it. */
typedef struct wr_bad_row {
    wr_reason reason;
    int64_t byte;     /* position of the fault inside the record, -1: unknown */
    wr_text column;   /* which column, "" when the record as a whole */
    wr_text record;   /* its bytes */
    wr_origin origin;
    int64_t line; /* chunk sources: line number, 0: unknown */
    bool misfit;  /* see wr_decode_column.learned: the query stops with E0802 */
} wr_bad_row;

typedef void (*wr_reject)(void *context, const wr_bad_row *bad);

/* The derived value of the column-th column, from the text of a JSON value other than null: an
 * element of the column's type into *value, *is_null, or what is wrong; that is no bad row but an
 * error of the vector. */
typedef wr_reason (*wr_derive)(void *context, int column, wr_text json, void *value,
                               bool *is_null);

typedef struct wr_decode_spec {
    const wr_decode_column *columns; /* only those that the plan uses */
    int column_count;
    wr_schema declared;  /* all columns in order (CSV without header needs positions) */
    wr_options options;  /* format options, checked */
    bool bad_value_null; /* on_error = 'null': a bad value is NULL, the row stays */
    bool tombstone_rows; /* a tombstone gives a row of NULLs (else it is skipped without a row) */
    wr_reject reject;
    void *reject_context;
    wr_derive derive;
    void *derive_context;
} wr_decode_spec;

/* Where decoded rows go: the decoder fills columns[] of `batch` (column_count as in the spec), sets
 * batch->row_count, and for each row source_index (message number; for chunks: byte offset in the
 * chunk) and for chunks line numbers if `lines` is not NULL. */
typedef struct wr_decode_out {
    wr_batch *batch;
    uint32_t source_index[WR_BATCH_ROWS];
    int64_t *lines;
} wr_decode_out;

struct wr_format_ops {
    const char *name;       /* "json" */
    const char *extensions; /* "json|jsonl|ndjson"; NULL: none */
    const wr_option_spec *options;

    /* Does the first record of a partition say how to read the others? NULL: no. */
    bool (*has_header)(wr_options options);
    /* Can this record give more than one row? NULL: none can. */
    bool (*gives_many)(wr_text record);

    /* For sources of chunks: how many bytes of `data`, which starts at a record, make whole records
     * (0: not even one). Linear in size. NULL: up to and with the last newline. What it is given
     * must be asked again from its start when more bytes came. */
    size_t (*cut)(const char *data, size_t size, wr_options options);

    wr_status (*decoder_open)(wr_arena *arena, const wr_decode_spec *spec, wr_decoder **decoder,
                              wr_error *err);
    /* Decodes from block position *at (message number, or byte for chunks; a record that gives
     * many rows may be left half-way, the decoder remembers) until out is full or the block ends.
     * Advances *at. Bad rows go to reject, never stop it. WR_OK, or what ends the query. */
    wr_status (*decode)(wr_decoder *decoder, const wr_block *block, size_t *at, wr_decode_out *out,
                        wr_error *err);
    void (*decoder_close)(wr_decoder *decoder);

    /* Encoding. `end_of_row` (may be NULL) receives the buffer size behind each selected row.
     * The record separator is part of the row when `separated`. NULL: format cannot encode. */
    wr_status (*encoder_open)(wr_arena *arena, const wr_schema *schema, wr_options options,
                              bool separated, wr_encoder **encoder, wr_error *err);
    wr_status (*encode)(wr_encoder *encoder, const wr_batch *batch, wr_buffer *out,
                        size_t *end_of_row, wr_error *err);
    void (*encoder_close)(wr_encoder *encoder);
};

const wr_format_ops *wr_format_find(wr_text name);
/* NULL: unknown; looks through .gz. */
const wr_format_ops *wr_format_by_extension(wr_text path);
const wr_format_ops *const *wr_format_all(int *count);

/* ── learning (DIALECT §2) ──────────────────────────────────────────────────────────────────── */

typedef struct wr_learned {
    const wr_format_ops *format;
    wr_schema schema;   /* in order of first appearance */
    const int *digits;  /* by column: of its last sampled integer, a hint at the unit of a time; 0:
                           none; NULL: no column has any */
    bool key_is_bytes;  /* some sampled key is not UTF-8 */
} wr_learned;

/* What format and columns have these samples (blocks of messages or chunks, sorted by partition
 * and offset by the caller for messages)? `format` fixes the format (NULL: guess). `bounded_end`:
 * the input ended within the samples. Result in `arena`. E0804 when nothing can be learnt. */
wr_status wr_learn(wr_arena *arena, const wr_block *blocks, int block_count,
                   const wr_format_ops *format, wr_options options, bool bounded_end,
                   wr_learned *learned, wr_error *err);

#endif
