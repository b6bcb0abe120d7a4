/* Segments: groups of a window, or rows that wait, as bytes, in runs of up to WR_BATCH_ROWS, column
 * by column.
 *
 *   header, layout │ run: keys by column, states by aggregate │ run │ … │ checksum    docs/STATE.md
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
/* Appends groups[0, count) of the table as one run; 1 ≤ count ≤ WR_BATCH_ROWS. `scratch` is an
 * arena that the caller resets. */
void wr_segment_add(wr_segment *segment, const wr_group_table *table, const uint32_t *groups,
                    int count, wr_arena *scratch);
/* The same for groups that are in no table; a layout that tracks no changes. */
void wr_segment_add_groups(wr_segment *segment, const wr_group_layout *layout,
                           const wr_result_groups *groups, wr_arena *scratch);
/* Begins a segment of rows; appends all rows of a batch of flat columns without errors. */
void wr_segment_begin_rows(wr_segment *segment, const wr_type *types, int count);
void wr_segment_add_rows(wr_segment *segment, const wr_batch *batch);
/* No more is added: length and checksum are written. */
void wr_segment_end(wr_segment *segment);

/* Puts every group of the segment into `table`: a group that is there is replaced. E0904 if the
 * bytes are no segment of this layout; then some of its groups may be in the table. */
wr_status wr_segment_load(wr_text body, wr_group_table *table, wr_error *err);

/* The same run by run: the groups of the next one go into `table`; WR_END: there was none. The body
 * must outlive the loader. */
typedef struct wr_segment_loader wr_segment_loader;
wr_status wr_segment_loader_open(wr_text body, const wr_group_layout *layout,
                                 wr_segment_loader **loader, wr_error *err);
wr_status wr_segment_loader_next(wr_segment_loader *loader, wr_group_table *table, int *row_count,
                                 wr_error *err);
void wr_segment_loader_close(wr_segment_loader *loader); /* NULL is fine */

/* Reading without a plan, for `weir state`: key columns and finalized aggregates as text. */
typedef struct wr_segment_reader wr_segment_reader;
/* Checks the whole segment; `body` and `arena` must outlive the reader, which needs no close. */
wr_status wr_segment_reader_open(wr_text body, wr_arena *arena, wr_segment_reader **reader,
                                 wr_error *err);
/* How many of its columns are keys; −1: it holds rows, which have none. */
int wr_segment_reader_key_count(const wr_segment_reader *reader);
/* Is it a segment of rows with columns of these types? */
bool wr_segment_reader_has_rows(const wr_segment_reader *reader, const wr_type *types, int count);
/* The next run as a batch in the arena: keys, then results of the aggregates (of a segment of rows:
 * its columns); names in *schema. WR_END: none. */
wr_status wr_segment_reader_next(wr_segment_reader *reader, wr_batch **batch, wr_schema *schema,
                                 wr_error *err);

#endif
