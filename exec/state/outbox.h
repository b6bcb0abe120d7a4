/* The outbox: rows for destinations between the operator that made them and the sink, so that what
 * is committed is delivered, once, whatever happens in between.
 *
 *   op_sink ──frame──▶ [ frames of epoch k ] ──seal──▶ commit k ──COMMIT──▶ sink.deliver(k)
 *
 * A destination inside of the state is delivered within the commit, the others after it. Several
 * INSERTs into one destination share its frames and its marker. */
#ifndef WEIR_EXEC_STATE_OUTBOX_H
#define WEIR_EXEC_STATE_OUTBOX_H

#include "exec/state/store.h"

typedef struct wr_outbox wr_outbox;

/* The store is borrowed and outlives the outbox. `limit_bytes`: when so much is not delivered, or
 * a quarter of it in one epoch, it is full. */
wr_outbox *wr_outbox_new(wr_store *store, enum wr_sink_ahead ahead, int64_t limit_bytes);
void wr_outbox_free(wr_outbox *outbox); /* NULL is fine */
/* A sink that was opened exactly once; *number is its destination's. The sink stays the caller's
 * and outlives the outbox's deliveries. Before recover. */
wr_status wr_outbox_add_sink(wr_outbox *outbox, const wr_sink_ops *ops,
                             const wr_sink_config *config, wr_sink *sink, int32_t *number,
                             wr_error *err);
/* Has the job written to where this sink would write? (Not if it is a fork of one that has.) */
wr_status wr_outbox_knows(const wr_outbox *outbox, const wr_sink_ops *ops,
                          const wr_sink_config *config, bool *known, wr_error *err);
/* For sinks that write into the state. */
const wr_sink_state *wr_outbox_state(const wr_outbox *outbox);
/* Asks every destination what it has, delivers what it lacks. */
wr_status wr_outbox_recover(wr_outbox *outbox, wr_error *err);
/* Where encoded rows of this destination go now; frames are begun as they fill up. Stepping
 * thread. */
wr_buffer *wr_outbox_buffer(wr_outbox *outbox, int32_t destination);
wr_status wr_outbox_added(wr_outbox *outbox, int32_t destination, int64_t row_count, wr_error *err);
/* Everything since the last seal becomes frames of `commit`, with the destinations' states. */
void wr_outbox_seal(wr_outbox *outbox, wr_commit *commit);
/* Frames of a commit that is durable. Committing thread; blocks, retries within its patience. */
wr_status wr_outbox_deliver(wr_outbox *outbox, const wr_commit *commit, wr_error *err);
/* Bytes not delivered yet; full: no input should be taken. Any thread. */
int64_t wr_outbox_bytes(const wr_outbox *outbox);
bool wr_outbox_is_full(const wr_outbox *outbox);
/* Enough for an epoch of its own: the next one fills while this one is delivered. */
bool wr_outbox_is_due(const wr_outbox *outbox);

#endif
