/* Pieces: a source that several lanes read, one after another. */
#ifndef WEIR_EXEC_PIECES_H
#define WEIR_EXEC_PIECES_H

#include "exec/watermark.h"

struct wr_scan;

/* A block and its place in the input. */
typedef struct wr_piece {
    wr_block block;
    int64_t ticket; /* 0, 1, 2 … in the order in which they were polled */
    bool is_full;   /* the poll stopped at its limit: more was there */
    /* The first record of its partition, where that says how to read the others; NULL: none. */
    const wr_block *header;
    int64_t limit_us; /* event times beyond it move no watermark */
    /* by partition for messages, one for a chunk; set by the decoding lane */
    wr_watermark_span *spans;
    int span_count;
    int64_t lines_before; /* after its turn: what its line numbers count from */
} wr_piece;

typedef struct wr_pieces wr_pieces;

/* `owner` has source, sampled blocks and watermark open, and outlives the pieces. Heap. */
wr_pieces *wr_pieces_new(struct wr_scan *owner);
void wr_pieces_free(wr_pieces *pieces); /* NULL is fine; no lane is at work */

/* Between rounds, on the stepping thread: a round begins, whose first poll may wait. It ends when
 * nothing is there, `round_us` after the first piece, or when most_bytes of input were taken. */
void wr_pieces_begin(wr_pieces *pieces, int64_t round_us, int64_t most_bytes, int64_t wait_us);
/* How many pieces were taken since begin. Stepping thread. */
int64_t wr_pieces_taken(const wr_pieces *pieces);

/* The next piece; its bytes live in `arena`, or are read by wr_pieces_fill. *took false: none is
 * left in this round. A failed poll ends the round; piece->ticket says where in the input it was.
 * The lane that takes a piece fills it before it calls anything else here. Any lane. */
wr_status wr_pieces_take(wr_pieces *pieces, wr_arena *arena, wr_piece *piece, bool *took,
                         wr_error *err);
/* Reads the bytes of a chunk that was only reserved. Any lane. */
wr_status wr_pieces_fill(wr_pieces *pieces, wr_piece *piece, wr_arena *arena, wr_error *err);
/* No lane takes another piece in this round. Any lane. */
void wr_pieces_stop(wr_pieces *pieces);
/* Have all pieces before this one had their turn? Any lane. */
bool wr_pieces_is_turn(wr_pieces *pieces, const wr_piece *piece);
/* Waits for that; then the spans count, and know what came before them. Once for each piece taken,
 * also for one that could not be decoded (which has no spans). Any lane. */
void wr_pieces_turn(wr_pieces *pieces, wr_piece *piece);

/* The name of a partition, borrowed from the source. Any lane. */
wr_text wr_pieces_partition_name(wr_pieces *pieces, int partition);

#endif
