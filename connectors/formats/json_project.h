/* The columns that a query uses, as a tree of names and indexes: what to look for in each object
 * and array.
 *
 *   columns  a.b  a.c[1]  v    root ─ a ─ b (column 0)
 *                                   │   └ c ─ [1] (column 1)
 *                                   └ v (column 2) */
#ifndef WEIR_CONNECTORS_FORMATS_JSON_PROJECT_H
#define WEIR_CONNECTORS_FORMATS_JSON_PROJECT_H

#include "connectors/formats/decode.h"
#include "connectors/formats/json_scan.h"

typedef struct wr_json_node wr_json_node;
struct wr_json_node {
    wr_text name;
    bool is_index; /* of an array; `name` are its digits: */
    int64_t index;
    wr_json_node *parent, *sibling, *child;
    const int *columns; /* that end here */
    int column_count;
    uint64_t child_marks; /* of the names of all children: see json_project.c */
    /* of the current object, not for an index */
    bool seen;  /* its key was there */
    bool exact; /* … spelled as the name is */
};

/* Notes where each leaf value of a record stood, for the speculating path. */
typedef struct wr_json_leaf {
    const char *begin, *end;
    int column; /* -1: nobody wants it */
    int depth;  /* brackets open around it */
} wr_json_leaf;

enum { WR_JSON_LEAVES_MAX = 64 };

typedef struct wr_json_trace {
    wr_json_leaf leaves[WR_JSON_LEAVES_MAX];
    int count;
    const char *begin; /* of the record */
    bool usable; /* false: a record of this shape cannot be predicted (duplicate keys, …) */
    bool bare;   /* the one leaf is the whole record */
} wr_json_trace;

typedef struct wr_json_reader {
    wr_decode_frame *frame;
    wr_arena *arena; /* of the tree */
    wr_json_node *root;
    wr_json_node *bare; /* the column `v` for bare values; NULL: not wanted */
    int node_count;
    wr_json_trace trace;
    wr_json_fault fault;
} wr_json_reader;

void wr_json_reader_init(wr_json_reader *reader, wr_decode_frame *frame, wr_arena *arena);
/* The object at *at (on its brace) into the slots of the frame; moves behind it. False: fault. */
bool wr_json_object(wr_json_reader *reader, const char **at, const char *end);
/* A value that is no object, as the bare column; moves behind it. */
bool wr_json_bare(wr_json_reader *reader, const char **at, const char *end);

/* connectors/formats/json_value.c: the checked value [begin, end) into a column's slot. */
void wr_json_value(wr_decode_frame *frame, int column, const char *begin, const char *end);
/* The same when the value is known to be a number. */
void wr_json_value_number(wr_decode_frame *frame, int column, const wr_json_number *number);

#endif
