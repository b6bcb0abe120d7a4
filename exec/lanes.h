/* Lanes: several threads that share the work of one query. */
#ifndef WEIR_EXEC_LANES_H
#define WEIR_EXEC_LANES_H

#include "exec/scan.h"

typedef struct wr_lanes wr_lanes;

/* At most plan->lanes lanes that read `scan` (open, not used yet) and aggregate for `aggregate`
 * (open), the operator of plan->lane_top. Threads start when there is work for them. `config` is
 * the pipeline's; it, `scan` and `aggregate` outlive the lanes. Heap; on error *lanes can be
 * closed. */
wr_status wr_lanes_open(const wr_pipeline_config *config, wr_scan *scan, wr_operator *aggregate,
                        wr_lanes **lanes, wr_error *err);

/* Every lane takes pieces and pushes them; waits at most wait_us for the first one, and takes no
 * more when most_bytes of input were taken. *any: there was one. When it returns no lane is at
 * work, and bad rows, late rows and figures have been told. Stepping thread. */
wr_status wr_lanes_round(wr_lanes *lanes, int64_t wait_us, int64_t most_bytes, bool *any,
                         wr_error *err);

void wr_lanes_close(wr_lanes *lanes); /* NULL is fine */

#endif
