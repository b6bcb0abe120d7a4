/* Where state goes that has no room in memory: a temporary store of the query, made when it is
 * first needed, gone with the process. Between rounds, on the stepping thread. */
#ifndef WEIR_EXEC_SPILL_H
#define WEIR_EXEC_SPILL_H

#include "exec/state/store.h"

typedef struct wr_spill wr_spill;

wr_spill *wr_spill_new(void);
void wr_spill_free(wr_spill *spill); /* NULL is fine */

/* Writes the segment's body and sets its id; E0910 if there is no room on the disk either. */
wr_status wr_spill_write(wr_spill *spill, wr_segment *segment, wr_error *err);
wr_status wr_spill_read(wr_spill *spill, int64_t id, wr_buffer *body, wr_error *err);
wr_status wr_spill_remove(wr_spill *spill, const int64_t *ids, int count, wr_error *err);

#endif
