/* Reads objects by their keys, whatever their order: what no shape can predict. To be included once
 * by each kernels_*.c, which chooses the instructions.
 *
 *   {"v":1.5,"ts":17,"host":"a"}      marks : , } outside strings, 64 bytes at once
 *       :   ,    :  ,      :   }
 *   v     ▶ 1.5 of record 0           first the places of all values of all records, by member;
 *   ts    ▶ 17  of record 0           then member by member their values: no branch depends on
 *   host  ▶ "a" of record 0           which key comes next
 *
 * Idea: a mark is in no string if the quotes before it come in pairs, which is a prefix sum of
 * bits. Members then lie between marks, and a key is looked up by two words.
 *
 * 1. A string ends right before a mark, else the record is not read here: so what lies between two
 *    marks and begins with a quote is one string and nothing else.
 * 2. Control characters, white space beyond one blank behind marks, a column that comes twice, a
 *    key that is escaped: the strict reader decides. Values are checked by its rules. */
#ifndef WEIR_CONNECTORS_FORMATS_JSON_MEMBER_KERNELS_H
#define WEIR_CONNECTORS_FORMATS_JSON_MEMBER_KERNELS_H

#include "connectors/formats/byte_masks.h"
#include "connectors/formats/json_members.h"
#include "connectors/formats/json_numbers.h"
#include "connectors/formats/view_padded.h"

#include <limits.h>

/* ── marks ──────────────────────────────────────────────────────────────────────────────────── */

/* Goes through a record from mark to mark. */
typedef struct member_marks {
    const char *base, *end; /* of the 64 bytes that `left` is of; of the record */
    uint64_t left;          /* marks that were not taken yet */
    uint64_t in_string;     /* all bits: the next 64 bytes begin inside a string */
    uint64_t closed;        /* 1: a string ended with the last byte before them */
    uint64_t escaped;       /* 1: their first byte is escaped */
    uint64_t bad, backslashes, high; /* bytes so far that say so */
} member_marks;

/* The bytes behind backslashes that are no escaped ones themselves. */
static inline uint64_t
marks_escaped(member_marks *marks, uint64_t backslashes)
{
    uint64_t escaped = marks->escaped;
    backslashes &= ~escaped;
    marks->escaped = 0;
    while (backslashes) {
        uint64_t first = backslashes & -backslashes;
        marks->escaped = first >> 63;
        escaped |= first << 1;
        backslashes &= ~(first | first << 1);
    }
    return escaped;
}

static inline void
marks_load(member_marks *marks)
{
    const size_t size = (size_t)(marks->end - marks->base);
    const uint64_t inside = size < 64 ? ((uint64_t)1 << size) - 1 : UINT64_MAX;
    const member_masks masks = member_masks_of(marks->base);
    const uint64_t backslashes = masks.backslashes & inside;
    uint64_t quotes = masks.quotes & inside;
    if (backslashes | marks->escaped) {
        quotes &= ~marks_escaped(marks, backslashes);
    }
    uint64_t strings = quotes;
    for (int shift = 1; shift < 64; shift *= 2) {
        strings ^= strings << shift; /* from an opening quote up to before the closing one */
    }
    strings ^= marks->in_string;
    const uint64_t closing = quotes & ~strings;
    marks->left = masks.marks & inside & ~strings;
    marks->bad |= (masks.controls & inside) | ((closing << 1 | marks->closed) & ~marks->left);
    marks->backslashes |= backslashes;
    marks->high |= masks.high & inside;
    marks->in_string = (uint64_t)((int64_t)strings >> 63);
    marks->closed = closing >> 63;
}

/* From a byte on that is in no string. */
static inline void
marks_seek(member_marks *marks, const char *at)
{
    marks->base = at;
    marks->in_string = marks->closed = marks->escaped = 0;
    marks_load(marks);
}

/* The next mark; behind the last one a byte that is none. */
static inline const char *
marks_next(member_marks *marks)
{
    static const char none = '\0';
    while (marks->left == 0) {
        if (marks->end - marks->base <= 64) {
            return &none;
        }
        marks->base += 64;
        marks_load(marks);
    }
    const char *at = marks->base + __builtin_ctzll(marks->left);
    marks->left &= marks->left - 1;
    return at;
}

/* ── places ─────────────────────────────────────────────────────────────────────────────────── */

/* What a record has had so far. */
typedef struct member_seen {
    uint64_t members, columns, nulls;
} member_seen;

/* The member of a key; NULL: it is not known, then *unwanted tells whether that matters. */
static inline wr_json_member *
member_find(wr_json_members *members, wr_text key, bool *unwanted)
{
    if (key.size <= WR_JSON_MEMBER_KEY_MAX_BYTES) {
        uint64_t words[2];
        member_key_words(key.data, key.size, words);
        uint8_t found = members->slots[member_slot(members, words, key.size)];
        if (found > 0) {
            return &members->members[found - 1];
        }
    }
    *unwanted = wr_json_members_unwanted(members, key) && !memchr(key.data, '\\', key.size);
    return NULL;
}

/* Notes the value [at, end) of a member; false: it comes again, or is no null although it begins
 * like that. */
static inline bool
place_note(wr_json_members *members, wr_json_member *member, member_seen *seen, wr_json_place place)
{
    const uint64_t own = UINT64_C(1) << (member - members->members);
    const int column = member->step.column;
    const uint64_t column_bit = column >= 0 ? UINT64_C(1) << column : 0;
    if ((seen->members & own) | (seen->columns & column_bit)) {
        return false;
    }
    seen->members |= own;
    seen->columns |= column_bit;
    if (column_bit && *place.at == 'n') {
        seen->nulls |= column_bit;
        return place.end - place.at == 4 && memcmp(place.at, "null", 4) == 0;
    }
    member->places[member->place_count++] = place;
    return true;
}

/* A value whose end no mark tells, or that has no place: skipped. Its end, NULL: none. */
static inline const char *
value_behind(member_marks *marks, const char *at)
{
    wr_json_fault fault;
    if (!wr_json_skip(&at, marks->end, 1, &fault)) {
        return NULL;
    }
    marks_seek(marks, at);
    return at;
}

/* The member at *at, which moves to the mark behind it. */
static inline bool
member_place(wr_json_members *members, member_marks *marks, const char **at, int record,
             member_seen *seen)
{
    const char *colon = marks_next(marks);
    if (*colon != ':' || **at != '"' || colon[-1] != '"') {
        return false;
    }
    bool unwanted = false;
    wr_text key = {*at + 1, (size_t)(colon - *at) - 2};
    wr_json_member *member = member_find(members, key, &unwanted);
    const char *value = colon + 1 + (colon[1] == ' '), *behind = NULL;
    if ((!member && !unwanted) || value >= marks->end) {
        return false;
    }
    if (!member || *value == '{' || *value == '[') {
        behind = value_behind(marks, value);
        if (!behind) {
            return false;
        }
    }
    *at = marks_next(marks);
    if ((**at != ',' && **at != '}') || (behind && behind != *at)) {
        return false;
    }
    bool is_known = !member || (behind && member->step.column < 0);
    return is_known || place_note(members, member, seen, (wr_json_place){value, *at, record});
}

/* The places of a record's values; false: it is not one to be read here. */
static inline bool
record_place(wr_json_members *members, const char *begin, const char *end, int record)
{
    member_marks marks = {.end = end};
    member_seen seen = {0, 0, 0};
    const char *at = begin;
    if (begin >= end || *begin != '{') {
        return false;
    }
    marks_seek(&marks, begin);
    do {
        at++;
        at += *at == ' ';
        if (!member_place(members, &marks, &at, record, &seen)) {
            return false;
        }
    } while (*at == ',');
    const size_t size = (size_t)(end - begin);
    members->missing[record] = members->all & (~seen.columns | seen.nulls);
    members->escaped |= (uint64_t)(marks.backslashes != 0) << record;
    return *at == '}' && at + 1 == end && !marks.bad &&
           (!marks.high || wr_utf8_valid_prefix(begin, size) == size);
}

/* ── values ─────────────────────────────────────────────────────────────────────────────────── */

/* A value of which nothing is known but where it is. */
static inline bool
place_any(wr_decode_frame *frame, wr_json_step *step, const wr_json_place *place, int row)
{
    const char *at = place->at;
    return wr_json_shape_value(frame, step, row, &at, place->end) && at == place->end;
}

static inline __attribute__((always_inline)) int
places_number(const wr_json_member *member, wr_json_step_kind kind, int count, void *values,
              int row)
{
    for (int i = 0; i < count; i++) {
        const wr_json_place *place = &member->places[i];
        const char *at = place->at;
        if (!json_number_read(kind, &at, place->end, values, row + place->record) ||
            at != place->end) {
            return place->record;
        }
    }
    return INT_MAX;
}

static inline bool
place_text(const wr_json_members *members, wr_decode_frame *frame, const wr_json_place *place,
           wr_view *view)
{
    const char *at = place->at + 1;
    wr_text text = {at, (size_t)(place->end - at) - 1};
    bool escaped = members->escaped >> place->record & 1;
    if (escaped &&
        (!wr_json_shape_text(&at, place->end, frame->arena, &text) || at != place->end)) {
        return false;
    }
    *view = view_of_padded(text.data, text.size);
    return text.size <= UINT32_MAX;
}

static inline int
places_text(const wr_json_members *members, wr_decode_frame *frame, wr_json_member *member,
            int count)
{
    wr_view *views = (wr_view *)frame->out->batch->columns[member->step.column].data + frame->row;
    for (int i = 0; i < count; i++) {
        const wr_json_place *place = &member->places[i];
        bool good = *place->at == '"'
                        ? place_text(members, frame, place, &views[place->record])
                        : place_any(frame, &member->step, place, frame->row + place->record);
        if (!good) {
            return place->record;
        }
    }
    return INT_MAX;
}

/* Values that nobody wants may change their kind. */
static inline int
places_skip(const wr_json_members *members, const wr_json_member *member, int count)
{
    for (int i = 0; i < count; i++) {
        const wr_json_place *place = &member->places[i];
        const char *at = place->at;
        wr_json_fault fault;
        bool is_number = *at == '-' || json_digit(*at) <= 9;
        bool is_plain = *at == '"' && !(members->escaped >> place->record & 1);
        bool good = is_plain || (is_number ? json_number_skip(&at, place->end)
                                           : wr_json_skip(&at, place->end, 1, &fault));
        if (!good || (!is_plain && at != place->end)) {
            return place->record;
        }
    }
    return INT_MAX;
}

static inline int
places_any(wr_decode_frame *frame, wr_json_member *member, int count)
{
    for (int i = 0; i < count; i++) {
        const wr_json_place *place = &member->places[i];
        if (!place_any(frame, &member->step, place, frame->row + place->record)) {
            return place->record;
        }
    }
    return INT_MAX;
}

/* The values of one member into its column; the first record where that cannot be. */
static inline int
member_values(wr_json_members *members, wr_decode_frame *frame, wr_json_member *member, int count)
{
    const int column = member->step.column;
    void *values = column >= 0 ? frame->out->batch->columns[column].data : NULL;
    switch (member->step.kind) {
    case WR_JSON_INT:
        return places_number(member, WR_JSON_INT, count, values, frame->row);
    case WR_JSON_DOUBLE:
        return places_number(member, WR_JSON_DOUBLE, count, values, frame->row);
    case WR_JSON_TEXT:
        return places_text(members, frame, member, count);
    case WR_JSON_SKIP_TEXT:
    case WR_JSON_SKIP_NUMBER:
    case WR_JSON_SKIP_VALUE:
        return places_skip(members, member, count);
    case WR_JSON_VALUE:
    case WR_JSON_END:
        break;
    }
    return places_any(frame, member, count);
}

static inline int
json_members_read(wr_json_members *members, wr_decode_frame *frame, const wr_records *records,
                  int first, int count)
{
    int good = 0;
    members->escaped = 0;
    for (int i = 0; i < members->count; i++) {
        members->members[i].place_count = 0;
    }
    while (good < count && members->all && record_place(members, records->begin[first + good],
                                        records->end[first + good], good)) {
        good++;
    }
    for (int i = 0; i < members->count; i++) {
        wr_json_member *member = &members->members[i];
        int places = member->place_count;
        places -= places > 0 && member->places[places - 1].record >= good;
        int bad = member_values(members, frame, member, places);
        good = bad < good ? bad : good;
    }
    return wr_json_members_fill(members, frame, good);
}

#endif
