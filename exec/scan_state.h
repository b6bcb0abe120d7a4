/* What a scan keeps in a checkpoint: positions and watermarks of its partitions, counters, and what
 * was learned about its columns. */
#ifndef WEIR_EXEC_SCAN_STATE_H
#define WEIR_EXEC_SCAN_STATE_H

#include "exec/scan.h"

/* Adds a position for each partition to `commit`, and the scalars to `meta`. Between steps. */
void wr_scan_mark(wr_scan *scan, wr_commit *commit, wr_buffer *meta);

/* Before wr_scan_open: the scan will go on from these. Borrowed until the scan is closed. */
wr_status wr_scan_restore(wr_scan *scan, wr_text meta, const wr_position *positions,
                          int position_count, wr_error *err);
/* Where its source goes on; in `arena`. */
const wr_resume *wr_scan_resume(const wr_scan *scan, wr_arena *arena, int *count);
/* After the source is open: its partitions get back the watermarks that they had. */
void wr_scan_restore_partitions(wr_scan *scan);

/* The number of the plan's source that these scalars belong to, and what was learned about it, in
 * `arena`; *is_learned false: it was declared. */
wr_status wr_scan_learned(wr_text meta, wr_arena *arena, int *source_index, wr_learned *learned,
                          bool *is_learned, wr_error *err);

#endif
