/* What one checkpoint puts into the store, as one transaction.
 *
 *   stepping thread                                        committing thread
 *   mark ─▶ save, slice by slice ─▶ seal ──wr_commit──▶ COMMIT ─▶ deliver frames to destinations
 *
 * A commit is built by the stepping thread, then belongs to the committing one until it is freed.
 * Whatever it points to lives in its arena or its buffers. */
#ifndef WEIR_EXEC_STATE_COMMIT_H
#define WEIR_EXEC_STATE_COMMIT_H

#include "connectors/connector.h"

/* Which window (pane) of which operator a segment belongs to. An operator without windows has one:
 * start WR_TIME_NONE, first and last end WR_TIME_END. */
typedef struct wr_window_id {
    int32_t operator_id;
    int32_t part; /* 0 … : parts of one window are combined when it is loaded (lanes, spills) */
    int64_t start_us, first_end_us, last_end_us;
} wr_window_id;

/* A run of (key, state), encoded by segment.h. Of one window and part, later segments replace
 * earlier ones key by key. */
typedef struct wr_segment {
    wr_window_id window;
    bool is_base; /* the window's (and part's) segments before it are dropped */
    int64_t row_count;
    wr_buffer body;
    int64_t id; /* in the store; 0: not there yet */
} wr_segment;

/* Scalars of a stateful operator or scan: small, written with each checkpoint. */
typedef struct wr_operator_state {
    int32_t operator_id;
    wr_text name;        /* "aggregate 1": stable over restarts */
    wr_text fingerprint; /* hexadecimal: what its state means; another one does not fit */
    wr_text description; /* its line of EXPLAIN, for people */
    wr_text meta;        /* the operator's own bytes */
} wr_operator_state;

/* How far a partition of a source has been read. */
typedef struct wr_position {
    int32_t operator_id; /* of the scan */
    wr_text source, partition;
    int64_t next_offset;
    wr_text guard;        /* by which the source knows its data again; may be empty */
    int64_t max_event_us; /* of its watermark */
    int64_t floor_us;
} wr_position;

/* Encoded rows that go to a destination together: ≤ about 1 MiB, many records. */
typedef struct wr_frame {
    int32_t destination; /* number of the job's destination, from 0 */
    int64_t epoch, seq;  /* seq: counts the frames of a destination */
    int64_t position;    /* bytes that all frames before it hold, since the job began */
    int64_t row_count;
    wr_buffer bytes;
    int64_t id, size_bytes; /* of a body that lies in the store already; id 0: it is in `bytes` */
} wr_frame;

typedef struct wr_destination_state {
    int32_t number;
    wr_text name;          /* wr_sink_ops.destination: "kafka:topic", "file:/a/b" */
    int64_t last_epoch;    /* e: the last one that held frames for it; 0: none yet */
    int64_t position;      /* behind its last frame */
    wr_text identity;      /* what the sink wants to know again: an inode … */
    int64_t delivered_epoch; /* frames up to this one are delivered and go with this commit */
} wr_destination_state;

/* A row that could not be used, with all that is known about it (DIALECT §8). */
typedef struct wr_dead_letter {
    int64_t id; /* in the store; 0: new */
    int32_t operator_id; /* of the scan that can read `record` again; 0: none can */
    bool replay;         /* the job is to read it again when it starts next */
    int64_t at_us;
    wr_text source, partition;
    int64_t offset, byte; /* −1: unknown */
    wr_text reason, column;
    wr_text key, record; /* bytes */
    int64_t timestamp_us;
} wr_dead_letter;

typedef struct wr_commit {
    wr_arena *arena;
    int64_t epoch;
    int64_t wall_us;
    bool finished; /* the job is over: a run of it delivers what is left and does nothing more */
    wr_segment *segments; /* in order of writing */
    int segment_count, segment_capacity;
    wr_window_id *dropped; /* windows (all parts if part is −1) that are no more */
    int dropped_count, dropped_capacity;
    wr_operator_state *operators;
    int operator_count;
    wr_position *positions;
    int position_count;
    wr_frame *frames;
    int frame_count, frame_capacity;
    wr_destination_state *destinations;
    int destination_count;
    wr_dead_letter *dead_letters;
    int dead_letter_count, dead_letter_capacity;
    int64_t dead_letter_bytes;
    int64_t dead_letters_dropped; /* more came than are kept; the newest are here */
    int64_t dead_letters_max; /* older ones go */
    int64_t *replayed; /* ids of dead letters that became input; they go before new ones come */
    int replayed_count, replayed_capacity;
    wr_text stats; /* counters since the job began, as a JSON object */
    /* Within the transaction, when the frames are in it; again if it is tried again. NULL: nothing
     * is delivered inside. WR_ERR_RUNTIME: try again later. */
    wr_status (*deliver_inside)(void *context, const struct wr_commit *commit, wr_error *err);
    void *deliver_context;
} wr_commit;

enum { WR_LETTER_BYTES_MAX = 1 << 20, WR_LETTERS_BYTES = 16 << 20 };

wr_commit *wr_commit_new(int64_t epoch);
void wr_commit_free(wr_commit *commit); /* NULL is fine */
/* A new, empty segment or frame at the end; borrowed until the next one is added. */
wr_segment *wr_commit_add_segment(wr_commit *commit, const wr_window_id *window, bool is_base);
wr_frame *wr_commit_add_frame(wr_commit *commit, int32_t destination);
void wr_commit_drop(wr_commit *commit, const wr_window_id *window);
/* Copied into the commit, a key or record of more than WR_LETTER_BYTES_MAX cut and marked. The
 * newest dead_letters_max stay, up to twice as many; at most twice WR_LETTERS_BYTES of them. What
 * was cut cannot be read again. */
void wr_commit_add_dead_letter(wr_commit *commit, const wr_dead_letter *letter);
/* This dead letter has become input, which the commit covers. */
void wr_commit_add_replayed(wr_commit *commit, int64_t id);
/* Bytes that it holds. */
int64_t wr_commit_bytes(const wr_commit *commit);

#endif
