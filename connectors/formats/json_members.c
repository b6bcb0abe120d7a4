/* The keys that records were met with, and what each stands for: what json_member_kernels.h reads
 * objects by.
 *
 *   "v"    hash ─▶ DOUBLE, column 2
 *   "ts"   hash ─▶ INT,    column 0
 *   "seq"  hash ─▶ nobody wants it
 *
 * 1. A key stands for its column whatever else the record has: one that only resembles a column's
 *    name is never taken for unwanted, whether it was met before or not. */
#include "connectors/formats/json_members.h"

enum { COLUMNS_MAX = 64 };

void
wr_json_members_init(wr_json_members *members, const wr_decode_spec *spec, wr_arena *arena)
{
    int count = spec->column_count;
    members->spec = spec;
    members->arena = arena;
    members->all = count == 0 || count > COLUMNS_MAX ? 0 : UINT64_MAX >> (COLUMNS_MAX - count);
}

/* ── what is not worth a kernel ──────────────────────────────────────────────────────────────── */

bool
wr_json_members_unwanted(const wr_json_members *members, wr_text key)
{
    const wr_decode_spec *spec = members->spec;
    for (int c = 0; c < spec->column_count; c++) {
        if (wr_text_equal_nocase(spec->columns[c].path[0], key)) {
            return false;
        }
    }
    return true;
}

static bool
missing_allowed(const wr_decode_spec *spec, uint64_t missing)
{
    for (; missing; missing &= missing - 1) {
        if (spec->columns[__builtin_ctzll(missing)].not_null) {
            return false;
        }
    }
    return true;
}

int
wr_json_members_fill(const wr_json_members *members, wr_decode_frame *frame, int count)
{
    const int row = frame->row;
    int i = 0;
    for (; i < count; i++, frame->row++) {
        uint64_t missing = members->missing[i];
        if (missing && !missing_allowed(members->spec, missing)) {
            break;
        }
        for (; missing; missing &= missing - 1) {
            wr_decode_null(frame, __builtin_ctzll(missing));
        }
    }
    frame->row = row;
    return i;
}

/* ── learning ───────────────────────────────────────────────────────────────────────────────── */

/* The key right before the value at `value`, as it would be read; size 0: none that can be. */
static wr_text
key_before(const char *record, const char *value)
{
    const char *at = value - (value > record && value[-1] == ' ');
    if (at - record < 3 || at[-1] != ':' || at[-2] != '"') {
        return WR_TEXT_NONE;
    }
    const char *behind = at - 2;
    for (at = behind; at > record && at[-1] != '"'; at--) {
        if (at[-1] == '\\' || behind - at >= WR_JSON_MEMBER_KEY_MAX_BYTES) {
            return WR_TEXT_NONE;
        }
    }
    return at > record ? (wr_text){at, (size_t)(behind - at)} : WR_TEXT_NONE;
}

static void
member_learn(wr_json_members *members, const wr_json_leaf *leaf, wr_text key)
{
    char padded[WR_JSON_MEMBER_KEY_MAX_BYTES + 1] = {0};
    wr_json_member *member = &members->members[members->count];
    memcpy(padded, key.data, key.size);
    member_key_words(padded, key.size, member->key);
    member->size = key.size;
    unsigned slot = member_slot(members, member->key, key.size);
    if (members->slots[slot] == 0) {
        member->step = (wr_json_step){.kind = wr_json_leaf_kind(members->spec, leaf),
                                      .column = leaf->column,
                                      .depth = (uint16_t)leaf->depth};
        member->places =
            WR_NEW_ARRAY(members->arena, wr_json_place, WR_JSON_MEMBER_RECORDS_MAX);
        members->slots[slot] = (uint8_t)++members->count;
    }
}

void
wr_json_members_learn(wr_json_members *members, const wr_json_trace *trace)
{
    if (members->all == 0 || trace->bare || !trace->usable) {
        return;
    }
    for (int i = 0; i < trace->count && members->count < WR_JSON_MEMBERS_MAX; i++) {
        const wr_json_leaf *leaf = &trace->leaves[i];
        const char *from = i > 0 ? leaf[-1].end : trace->begin;
        wr_text key = leaf->depth == 1 ? key_before(from, leaf->begin) : WR_TEXT_NONE;
        bool is_null = leaf->column >= 0 && *leaf->begin == 'n';
        if (key.size > 0 && !is_null &&
            (leaf->column >= 0 || wr_json_members_unwanted(members, key))) {
            member_learn(members, leaf, key);
        }
    }
}
