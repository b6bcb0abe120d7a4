/* Parts: what went to disk in one go, as segments in order. They are known by number to the store
 * of a job: the next mark names them, and from then on they outlive a crash. */
#ifndef WEIR_EXEC_PART_H
#define WEIR_EXEC_PART_H

#include "exec/spill.h"

enum { WR_PART_SEGMENT_BYTES = 1 << 18, WR_PART_AT_ONCE = 8 /* segments in a transaction */ };

typedef struct wr_part {
    struct wr_part *next;
    int32_t number;       /* wr_window_id.part, from 1 */
    int level;            /* how often its rows were merged */
    bool is_named;        /* a checkpoint has it, or will have with the one being made */
    wr_segment *segments; /* ids and row counts; no bodies */
    int count, capacity;
    int64_t row_count;
} wr_part;

/* A new one, in a list that has the greatest number first; heap, freed with the list. */
wr_part *wr_part_add(wr_part **parts, int32_t number);
/* A segment of the store becomes one of the part that it names; the part is made if need be. */
wr_part *wr_part_adopt(wr_part **parts, const wr_segment *segment);
/* All of *from stand behind those of *into. */
void wr_parts_join(wr_part **into, wr_part **from);
/* The newest parts, which are of one level, leave the list: they are to become one of the next
 * level. NULL: they are not that many yet that a merge of all parts would take much memory. */
wr_part *wr_parts_take_many(wr_part **parts);
/* Parts that no checkpoint has yet go into this one, as parts of `window`; were there any? */
bool wr_parts_name(wr_part *parts, wr_window_id window, wr_commit *commit);
/* Frees the list, and on disk what no checkpoint has named; `spill` NULL: the disk is as it is. */
wr_status wr_parts_drop(wr_part **parts, wr_spill *spill, wr_error *err);

/* Fills a part: rows are added to the segment that wr_part_writer_segment gives (begun by the
 * caller if it has no rows), then _added is told. _end writes what is left; fini frees buffers. */
typedef struct wr_part_writer {
    wr_spill *spill;
    wr_part *part;
    wr_window_id window; /* of the part */
    wr_segment segments[WR_PART_AT_ONCE];
    int full_count; /* of these are to be written; the next one is being filled */
} wr_part_writer;

wr_segment *wr_part_writer_segment(wr_part_writer *writer);
wr_status wr_part_writer_added(wr_part_writer *writer, wr_error *err);
wr_status wr_part_writer_end(wr_part_writer *writer, wr_error *err);
void wr_part_writer_fini(wr_part_writer *writer);

#endif
