/* The segment's own parts: writing (segment.c), vectors (segment_vector.c), loading
 * (segment_load.c), reading without a plan (segment_reader.c). */
#ifndef WEIR_EXEC_STATE_SEGMENT_PARTS_H
#define WEIR_EXEC_STATE_SEGMENT_PARTS_H

#include "core/packed.h"
#include "exec/state/segment.h"

enum { SEGMENT_VERSION = 1, SEGMENT_GROUPS = 1, SEGMENT_ROWS = 2 };

typedef struct segment_header {
    char magic[4];
    uint16_t version;
    uint16_t kind;
    uint64_t length; /* of all of it, with the checksum */
    uint32_t layout_bytes;
    uint32_t reserved;
} segment_header;

typedef struct segment_run {
    uint16_t row_count;
    uint8_t kind;  /* 0: states or rows. 1 is kept for keys that are no more */
    uint8_t parts; /* of rows: bits SEGMENT_HAS_… */
} segment_run;

enum { SEGMENT_HAS_TIMES = 1, SEGMENT_HAS_WATERMARKS = 2, SEGMENT_HAS_OPS = 4 };

/* A segment that was looked at: what lies behind the header. */
typedef struct segment_view {
    int kind;
    wr_text layout, runs;
} segment_view;

static const char segment_magic[4] = {'W', 'R', 'S', 'G'};

wr_status wr_segment_damaged(const char *what, wr_error *err); /* E0904 */
/* Header, length and checksum. */
wr_status wr_segment_open(wr_text body, segment_view *view, wr_error *err);
void wr_segment_put_layout(wr_buffer *out, const wr_group_layout *layout);
/* The next run's head; false: it is none. */
bool wr_segment_take_run(wr_text *runs, segment_run *run);

/* A flat vector of n rows, NULLs and errors included, and back. */
void wr_segment_put_vector(wr_buffer *out, const wr_vector *vector, int n);
bool wr_segment_take_vector(wr_text *from, wr_type type, int n, wr_vector *vector,
                            wr_arena *arena);

/* The type of an aggregate's results. */
wr_type wr_segment_result_type(const wr_group_layout *layout, int aggregate);

#endif
