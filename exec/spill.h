/* Where state goes that has no room in memory: into the job's store, or into a temporary one of the
 * query, made when it is first needed. Between rounds, on the stepping thread. */
#ifndef WEIR_EXEC_SPILL_H
#define WEIR_EXEC_SPILL_H

#include "exec/state/store.h"

typedef struct wr_spill wr_spill;

/* `store`: the job's, borrowed; NULL: none. */
wr_spill *wr_spill_new(wr_store *store);
void wr_spill_free(wr_spill *spill); /* NULL is fine */

/* Writes the segments' bodies and sets their ids; E0910 if there is no room on the disk either. */
wr_status wr_spill_write(wr_spill *spill, wr_segment *segments, int count, wr_error *err);
wr_status wr_spill_read(wr_spill *spill, int64_t id, wr_buffer *body, wr_error *err);
/* Only what no commit has named. */
wr_status wr_spill_remove(wr_spill *spill, const int64_t *ids, int count, wr_error *err);

#endif
