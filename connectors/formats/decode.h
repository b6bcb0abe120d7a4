/* What all decoders share: the rows being filled, one slot per column of the current record, and
 * the way of a bad row out.
 *
 *   begin ─▶ for each record:  record_begin · slots filled · record_end ─▶ row kept, or rejected
 *         ─▶ finish */
#ifndef WEIR_CONNECTORS_FORMATS_DECODE_H
#define WEIR_CONNECTORS_FORMATS_DECODE_H

#include "connectors/connector.h"

typedef enum wr_slot_state {
    WR_SLOT_MISSING, /* also: NULL was said */
    WR_SLOT_GOOD,    /* the value is in the vector, at the current row */
    WR_SLOT_BAD,
    WR_SLOT_ERROR    /* of a derived value: the row stays, the vector says what is wrong */
} wr_slot_state;

/* What the current record says of one column. */
typedef struct wr_slot {
    wr_slot_state state;
    wr_reason reason; /* BAD, ERROR */
    bool misfit;      /* BAD: see wr_decode_column.learned */
    const char *at;   /* BAD: where in the record; NULL: unknown */
} wr_slot;

typedef struct wr_decode_frame {
    const wr_decode_spec *spec;
    const wr_block *block;
    wr_decode_out *out;
    wr_arena *arena; /* the batch's: vectors, unescaped texts */
    wr_slot *slots;  /* [column_count] */
    int row;         /* being filled; == rows kept so far */
    wr_text record;
    size_t index;         /* message number, or byte in the chunk */
    int64_t line;         /* of the record, chunks only; 0: not counted */
    uint64_t reject_count; /* records rejected so far */
} wr_decode_frame;

/* Query lifetime: the slots. */
void wr_decode_frame_init(wr_decode_frame *frame, const wr_decode_spec *spec, wr_arena *arena);

/* One call of decode: makes the vectors of `out`. */
void wr_decode_begin(wr_decode_frame *frame, const wr_block *block, wr_decode_out *out);
void wr_decode_finish(wr_decode_frame *frame);
static inline bool
wr_decode_full(const wr_decode_frame *frame)
{
    return frame->row == WR_BATCH_ROWS;
}

/* Starts a record: every slot is MISSING. */
void wr_decode_record(wr_decode_frame *frame, wr_text record);
/* Ends it: the row stays, or a bad value rejects it. */
void wr_decode_keep(wr_decode_frame *frame);
/* A row of which all values are good already. */
static inline void
wr_decode_keep_good(wr_decode_frame *frame)
{
    frame->out->source_index[frame->row] = (uint32_t)frame->index;
    if (frame->out->lines) {
        frame->out->lines[frame->row] = frame->line;
    }
    frame->row++;
}
/* The current row has NULL in this column; for rows that wr_decode_keep_good ends. */
void wr_decode_null(wr_decode_frame *frame, int column);
/* The record as a whole is bad; `at` is a byte of it, or NULL. */
void wr_decode_reject(wr_decode_frame *frame, wr_reason reason, const char *at);

/* Values, into the current row. The bytes of texts are borrowed from the block or the batch. */
void wr_decode_bad(wr_decode_frame *frame, int column, wr_reason reason, const char *at);
void wr_decode_int64(wr_decode_frame *frame, int column, int64_t value, const char *at);
void wr_decode_double(wr_decode_frame *frame, int column, double value, const char *at);
/* From the digits of a number; not one, or too large for the column: bad. */
void wr_decode_decimal(wr_decode_frame *frame, int column, wr_text text);
void wr_decode_bool(wr_decode_frame *frame, int column, bool value);
void wr_decode_view(wr_decode_frame *frame, int column, wr_text text);
/* A derived value, from the text of any JSON value but null. */
void wr_decode_derive(wr_decode_frame *frame, int column, wr_text json);
/* TIMESTAMP, DATE, TIME, INTERVAL, by the column's type. */
void wr_decode_time(wr_decode_frame *frame, int column, wr_text text);
void wr_decode_base64(wr_decode_frame *frame, int column, wr_text text);
/* By the column's type from plain text that is valid UTF-8 (CSV fields, bare values). Numbers may
 * have white space around them. A learned column whose text is a number of a wider type: misfit. */
void wr_decode_text(wr_decode_frame *frame, int column, wr_text text);

/* The next line of a chunk from byte `at` on: without its line end (\n or \r\n) in *line; returns
 * the byte behind it. The last one may lack its newline. */
size_t wr_decode_line(const wr_block *block, size_t at, wr_text *line);
/* Where the records of a chunk begin: behind a byte order mark at the start of a file. */
size_t wr_decode_chunk_start(const wr_block *block);

/* Messages: is it a tombstone or empty? Then it is dealt with and needs no decoding. */
bool wr_decode_message_special(wr_decode_frame *frame, const wr_message *message);

#endif
