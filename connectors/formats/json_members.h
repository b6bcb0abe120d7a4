/* Reading flat objects by their keys, in whatever order these come: for records that are alike in
 * all but that. */
#ifndef WEIR_CONNECTORS_FORMATS_JSON_MEMBERS_H
#define WEIR_CONNECTORS_FORMATS_JSON_MEMBERS_H

#include "connectors/formats/json_shape.h"

enum {
    WR_JSON_MEMBERS_MAX = 64,
    WR_JSON_MEMBER_SLOTS = 256,
    WR_JSON_MEMBER_KEY_MAX_BYTES = 15
};

/* A key that was met, and how its value is read. */
typedef struct wr_json_member {
    uint64_t key[2]; /* the key's bytes, zeros behind */
    uint64_t size;   /* of the key */
    wr_json_step step;
} wr_json_member;

typedef struct wr_json_members {
    const wr_decode_spec *spec;
    uint64_t all; /* a bit a column; 0: too many columns, or none */
    int count;
    uint8_t slots[WR_JSON_MEMBER_SLOTS]; /* by the key's hash: index of a member + 1; 0: free */
    wr_json_member members[WR_JSON_MEMBERS_MAX];
} wr_json_members;

/* `members` is zeroed; borrows `spec`. */
void wr_json_members_init(wr_json_members *members, const wr_decode_spec *spec);
/* Learns the keys of a record that was decoded the long way and kept. */
void wr_json_members_learn(wr_json_members *members, const wr_json_trace *trace);
/* The record [begin, end) into the current row, which the caller then keeps. False: not a flat
 * object of known keys; nothing of it counts. 64 bytes behind `end` are readable. */
bool wr_json_members_read(wr_json_members *members, wr_decode_frame *frame, const char *begin,
                          const char *end);

#endif
