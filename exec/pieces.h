/* Pieces: a bounded source that several lanes read, one after another. */
#ifndef WEIR_EXEC_PIECES_H
#define WEIR_EXEC_PIECES_H

#include "connectors/connector.h"

struct wr_scan;

/* A block and its place in the input. */
typedef struct wr_piece {
    wr_block block;
    int64_t ticket; /* 0, 1, 2 … in the order in which they were polled */
    /* The first record of its partition, where that says how to read the others; NULL: none. */
    const wr_block *header;
} wr_piece;

typedef struct wr_pieces wr_pieces;

/* `owner` has source, sampled blocks and watermark open, and outlives the pieces. Heap. */
wr_pieces *wr_pieces_new(struct wr_scan *owner);
void wr_pieces_free(wr_pieces *pieces); /* NULL is fine; no lane is at work */

/* Between rounds, on the stepping thread: the next one has at most `count` pieces; its first poll
 * may wait. */
void wr_pieces_begin(wr_pieces *pieces, int count, int64_t wait_us);
/* How many pieces were taken since begin. */
int wr_pieces_taken(const wr_pieces *pieces);

/* The next piece; its bytes live in `arena`. *took false: none is left in this round. A failed poll
 * ends the round; piece->ticket says where in the input it was. Any lane. */
wr_status wr_pieces_take(wr_pieces *pieces, wr_arena *arena, wr_piece *piece, bool *took,
                         wr_error *err);
/* No lane takes another piece in this round. Any lane. */
void wr_pieces_stop(wr_pieces *pieces);
/* Waits until all pieces before this one have had their turn; returns the greatest event time of
 * its partition before it and makes `max_event_us` count (WR_TIME_NONE: it has no row with one).
 * Once for each piece taken, also for one that could not be decoded. Any lane. */
int64_t wr_pieces_turn(wr_pieces *pieces, const wr_piece *piece, int64_t max_event_us);

/* The name of a partition, borrowed from the source. Any lane. */
wr_text wr_pieces_partition_name(wr_pieces *pieces, int partition);

#endif
