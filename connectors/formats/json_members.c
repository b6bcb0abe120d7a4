/* Reads flat objects by their keys, whatever their order: what no shape can predict.
 *
 *   {"v":1.5,"ts":17,"host":"a"}      "v"    hash ─▶ DOUBLE, column 2    value read as such
 *                                     "ts"   hash ─▶ INT,    column 0
 *                                     "host" hash ─▶ TEXT,   column 1
 *
 * Keys are learnt with what followed them. A key that is new, long or escaped, a value of another
 * form, white space beyond one blank: the attempt fails, and the strict reader decides.
 *
 * 1. A key stands for its column whatever else the record has: a key that only resembles a column's
 *    name is not learnt as unwanted, and a column that comes twice makes the attempt fail.
 * 2. Values are checked by the strict reader's rules. */
#include "connectors/formats/json_members.h"

#include "connectors/formats/decimal.h"
#include "connectors/formats/view_padded.h"

enum { COLUMNS_MAX = 64 };

void
wr_json_members_init(wr_json_members *members, const wr_decode_spec *spec)
{
    int count = spec->column_count;
    members->spec = spec;
    members->all = count == 0 || count > COLUMNS_MAX ? 0 : UINT64_MAX >> (COLUMNS_MAX - count);
}

/* ── keys ───────────────────────────────────────────────────────────────────────────────────── */

/* The key's bytes in two words; 16 bytes at `data` are readable. */
static inline void
key_words(const char *data, size_t size, uint64_t words[2])
{
    static const unsigned char kept[32] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                           0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    uint64_t masks[2];
    memcpy(masks, kept + 16 - size, sizeof masks);
    memcpy(words, data, 2 * sizeof *words);
    words[0] &= masks[0];
    words[1] &= masks[1];
}

static inline unsigned
key_slot(const uint64_t words[2], size_t size)
{
    uint64_t mixed = (words[0] ^ (words[1] << 7) ^ size) * UINT64_C(0x9E3779B97F4A7C15);
    return (unsigned)(mixed >> 56);
}

/* The slot of a key: of its member, or the free one where it would be. */
static inline unsigned
slot_find(const wr_json_members *members, const uint64_t words[2], size_t size)
{
    unsigned slot = key_slot(words, size);
    for (; members->slots[slot]; slot = (slot + 1) % WR_JSON_MEMBER_SLOTS) {
        const wr_json_member *member = &members->members[members->slots[slot] - 1];
        if (member->key[0] == words[0] && member->key[1] == words[1] && member->size == size) {
            break;
        }
    }
    return slot;
}

/* "key": at *at, which moves to the value; NULL: not a key that is known. */
static inline wr_json_member *
key_read(wr_json_members *members, const char **at, const char *end)
{
    wr_json_string string;
    wr_json_fault fault;
    uint64_t words[2];
    const char *here = *at + 1;
    if (*at >= end || **at != '"' || !json_string_read(&here, end, &string, &fault) ||
        string.escaped || string.size > WR_JSON_MEMBER_KEY_MAX_BYTES || *here != ':') {
        return NULL;
    }
    here++;
    *at = here + (*here == ' ');
    key_words(string.data, string.size, words);
    uint8_t found = members->slots[slot_find(members, words, string.size)];
    return found > 0 && *at < end ? &members->members[found - 1] : NULL;
}

/* ── values ─────────────────────────────────────────────────────────────────────────────────── */

static inline bool
number_read(wr_decode_frame *frame, const wr_json_step *step, const char **at, const char *end)
{
    bool negative = **at == '-';
    const char *begin = *at + negative;
    decimal number = decimal_read(begin);
    bool fits = step->kind != WR_JSON_INT || number.fraction == 0;
    if (!fits || !decimal_is_json(begin, &number, end)) {
        return wr_json_shape_number(frame, step, frame->row, at, end);
    }
    *at = begin + number.width;
    if (step->kind == WR_JSON_INT) {
        int64_t value = (int64_t)number.mantissa;
        int64_t *values = frame->out->batch->columns[step->column].data;
        values[frame->row] = negative ? -value : value;
    } else if (step->kind == WR_JSON_DOUBLE) {
        double value = decimal_double(&number);
        double *values = frame->out->batch->columns[step->column].data;
        values[frame->row] = negative ? -value : value;
    }
    return true;
}

static inline bool
text_read(wr_decode_frame *frame, const wr_json_step *step, const char **at, const char *end)
{
    wr_json_string string;
    wr_json_fault fault;
    (*at)++;
    if (!json_string_read(at, end, &string, &fault) || string.size > UINT32_MAX) {
        return false;
    }
    if (step->kind == WR_JSON_TEXT) {
        wr_view *views = frame->out->batch->columns[step->column].data;
        wr_text text = {string.data, string.size};
        text = string.escaped ? wr_json_unescape(&string, frame->arena) : text;
        views[frame->row] = string.escaped ? wr_view_from(text.data, text.size)
                                           : view_of_padded(text.data, text.size);
    }
    return true;
}

static inline bool
value_read(wr_decode_frame *frame, wr_json_step *step, const char **at, const char *end)
{
    bool is_number = **at == '-' || json_digit(**at) <= 9;
    switch (step->kind) {
    case WR_JSON_INT:
    case WR_JSON_DOUBLE:
        return is_number && number_read(frame, step, at, end);
    case WR_JSON_SKIP_NUMBER:
    case WR_JSON_SKIP_VALUE:
        if (is_number) {
            return number_read(frame, step, at, end);
        }
        break;
    case WR_JSON_TEXT:
    case WR_JSON_SKIP_TEXT:
        if (**at == '"') {
            return text_read(frame, step, at, end);
        }
        break;
    case WR_JSON_VALUE:
    case WR_JSON_END:
        break;
    }
    if (step->column < 0) { /* a key that nobody wants may have any value */
        wr_json_fault fault;
        return wr_json_skip(at, end, step->depth, &fault);
    }
    return wr_json_shape_value(frame, step, frame->row, at, end);
}

/* ── records ────────────────────────────────────────────────────────────────────────────────── */

/* One member; a column that has come before makes it fail. */
static inline bool
member_read(wr_json_members *members, wr_decode_frame *frame, const char **at, const char *end,
            uint64_t *seen, uint64_t *null)
{
    wr_json_member *member = key_read(members, at, end);
    if (!member) {
        return false;
    }
    uint64_t column = member->step.column >= 0 ? UINT64_C(1) << member->step.column : 0;
    bool again = (*seen & column) != 0;
    *seen |= column;
    if (column && **at == 'n') {
        bool is_null = end - *at >= 4 && memcmp(*at, "null", 4) == 0;
        *at += 4;
        *null |= column;
        return is_null && !again;
    }
    return !again && value_read(frame, &member->step, at, end);
}

/* NULL where nothing was; false: where that is not allowed. */
static bool
missing_set(const wr_json_members *members, wr_decode_frame *frame, uint64_t missing)
{
    for (uint64_t left = missing; left; left &= left - 1) {
        if (members->spec->columns[__builtin_ctzll(left)].not_null) {
            return false;
        }
    }
    for (; missing; missing &= missing - 1) {
        wr_decode_null(frame, __builtin_ctzll(missing));
    }
    return true;
}

bool
wr_json_members_read(wr_json_members *members, wr_decode_frame *frame, const char *begin,
                     const char *end)
{
    const char *at = begin;
    uint64_t seen = 0, null = 0;
    if (members->count == 0 || at >= end || *at != '{') {
        return false;
    }
    do {
        at++;
        at += *at == ' ';
        if (!member_read(members, frame, &at, end, &seen, &null)) {
            return false;
        }
    } while (*at == ',');
    return *at == '}' && at + 1 == end &&
           missing_set(members, frame, members->all & (~seen | null));
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

static bool
key_resembles(const wr_decode_spec *spec, wr_text key)
{
    for (int c = 0; c < spec->column_count; c++) {
        if (wr_text_equal_nocase(spec->columns[c].path[0], key)) {
            return true;
        }
    }
    return false;
}

static void
member_learn(wr_json_members *members, const wr_json_leaf *leaf, wr_text key)
{
    char padded[WR_JSON_MEMBER_KEY_MAX_BYTES + 1] = {0};
    wr_json_member *member = &members->members[members->count];
    memcpy(padded, key.data, key.size);
    key_words(padded, key.size, member->key);
    member->size = key.size;
    unsigned slot = slot_find(members, member->key, key.size);
    if (members->slots[slot] == 0) {
        member->step = (wr_json_step){.kind = wr_json_leaf_kind(members->spec, leaf),
                                      .column = leaf->column,
                                      .depth = (uint16_t)leaf->depth};
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
        if (key.size > 0 && !is_null && (leaf->column >= 0 || !key_resembles(members->spec, key))) {
            member_learn(members, leaf, key);
        }
    }
}
