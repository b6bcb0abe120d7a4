/* Reading objects by their keys, in whatever order these come: for records that are alike in all
 * but that. */
#ifndef WEIR_CONNECTORS_FORMATS_JSON_MEMBERS_H
#define WEIR_CONNECTORS_FORMATS_JSON_MEMBERS_H

#include "connectors/formats/json_shape.h"

enum {
    WR_JSON_MEMBERS_MAX = 64,
    WR_JSON_MEMBER_SLOTS = 256,
    WR_JSON_MEMBER_KEY_MAX_BYTES = 15,
    WR_JSON_MEMBER_RECORDS_MAX = 64 /* are read together */
};

/* Where a record has the value of a member: [at, end). */
typedef struct wr_json_place {
    const char *at, *end;
    int record; /* of those that are read together */
} wr_json_place;

/* A key that was met, and how its value is read. */
typedef struct wr_json_member {
    uint64_t key[2]; /* the key's bytes, zeros behind */
    uint64_t size;   /* of the key */
    wr_json_step step;
    wr_json_place *places; /* [WR_JSON_MEMBER_RECORDS_MAX] of the values, by record */
    int place_count;
} wr_json_member;

typedef struct wr_json_members {
    const wr_decode_spec *spec;
    wr_arena *arena;
    uint64_t all; /* a bit a column; 0: too many columns, or none */
    int count;
    uint8_t slots[WR_JSON_MEMBER_SLOTS]; /* by the key's hash: index of a member + 1; 0: free */
    wr_json_member members[WR_JSON_MEMBERS_MAX];
    /* of the records that are read together */
    uint64_t escaped;                             /* a bit for each with a backslash */
    uint64_t missing[WR_JSON_MEMBER_RECORDS_MAX]; /* columns without a value, a bit each */
} wr_json_members;

/* Reads records `first` … `first + count − 1` (count ≤ WR_JSON_MEMBER_RECORDS_MAX) into rows from
 * frame->row on; the number of leading ones that could be read. The others, of which nothing
 * counts, are no objects that can be told by their members. */
typedef int wr_json_members_read(wr_json_members *members, wr_decode_frame *frame,
                                 const wr_records *records, int first, int count);

/* `members` is zeroed; borrows both, `arena` for as long as it is used. */
void wr_json_members_init(wr_json_members *members, const wr_decode_spec *spec, wr_arena *arena);
/* Learns the keys of a record that was decoded the long way and kept. */
void wr_json_members_learn(wr_json_members *members, const wr_json_trace *trace);

/* ── what is not worth a kernel ──────────────────────────────────────────────────────────────── */

/* Is a key that was never met one that no column is called like, in any case? */
bool wr_json_members_unwanted(const wr_json_members *members, wr_text key);
/* NULL where nothing was, for `count` records; how many until one where that is not allowed. */
int wr_json_members_fill(const wr_json_members *members, wr_decode_frame *frame, int count);

/* The key's bytes in two words; 16 bytes at `data` are readable. */
static inline void
member_key_words(const char *data, size_t size, uint64_t words[2])
{
    static const unsigned char kept[32] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                           0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    uint64_t masks[2];
    memcpy(masks, kept + 16 - size, sizeof masks);
    memcpy(words, data, 2 * sizeof *words);
    words[0] &= masks[0];
    words[1] &= masks[1];
}

/* The slot of a key: of its member, or the free one where it would be. */
static inline unsigned
member_slot(const wr_json_members *members, const uint64_t words[2], size_t size)
{
    uint64_t mixed = (words[0] ^ (words[1] << 7) ^ size) * UINT64_C(0x9E3779B97F4A7C15);
    unsigned slot = (unsigned)(mixed >> 56);
    for (; members->slots[slot]; slot = (slot + 1) % WR_JSON_MEMBER_SLOTS) {
        const wr_json_member *member = &members->members[members->slots[slot] - 1];
        if (member->key[0] == words[0] && member->key[1] == words[1] && member->size == size) {
            break;
        }
    }
    return slot;
}

#endif
