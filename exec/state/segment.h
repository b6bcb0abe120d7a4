/* Segments: groups of a window as bytes, in runs of up to WR_BATCH_ROWS, column by column.
 *
 *   header │ run: row count, keys by column, states by aggregate │ run │ …      docs/STATE.md
 *
 * A segment describes itself: types of its keys, names and argument types of its aggregates. What
 * is read is checked, never trusted (tests/fuzz/segment_fuzz.c). Little endian. */
#ifndef WEIR_EXEC_STATE_SEGMENT_H
#define WEIR_EXEC_STATE_SEGMENT_H

#include "exec/group_table.h"
#include "exec/state/commit.h"

/* Bytes after which a segment is full and the next one is begun. */
enum { WR_SEGMENT_BYTES = 1 << 20 };

/* Begins a segment of a table of this layout: writes its header. */
void wr_segment_begin(wr_segment *segment, const wr_group_layout *layout);
/* Appends groups[0, count) of the table as one run; count ≤ WR_BATCH_ROWS. `scratch` is an arena
 * that the caller resets. */
void wr_segment_add(wr_segment *segment, const wr_group_table *table, const uint32_t *groups,
                    int count, wr_arena *scratch);

/* Puts every group of the segment into `table`: a group that is there is replaced. E0904 if the
 * bytes are no segment of this layout. */
wr_status wr_segment_load(wr_text body, wr_group_table *table, wr_error *err);

/* Reading without a plan, for `weir state`: key columns and finalized aggregates as text. */
typedef struct wr_segment_reader wr_segment_reader;
wr_status wr_segment_reader_open(wr_text body, wr_arena *arena, wr_segment_reader **reader,
                                 wr_error *err);
/* The next run as a batch: keys, then results of the aggregates; names in *schema. WR_END: none. */
wr_status wr_segment_reader_next(wr_segment_reader *reader, wr_batch **batch, wr_schema *schema,
                                 wr_error *err);

#endif
