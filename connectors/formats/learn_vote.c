/* Counts what kinds of values each column had, and decides its type.
 *
 *   numbers  integers  strings  others          type
 *   120      120       –        –               BIGINT   (≥ 100, or all there is)
 *   120      119       –        –               DOUBLE
 *   95       any       5        –               number: strings are ≤ 10 %
 *   80       any       20       –               TEXT     (numbers as they are written)
 *   any      any       any      booleans        TEXT; only booleans: BOOLEAN
 *   any      any       any      objects, arrays JSON
 *   –        –         –        only null       what the format says
 *
 * 1. Columns stand in the order in which they were first met.
 * 2. Votes do not depend on how the samples were cut into blocks. */
#include "connectors/formats/learn_vote.h"

#include "connectors/formats/json_number.h"
#include "core/hash.h"

#include <string.h>

enum { INTEGERS_ENOUGH = 100, SLOTS_FIRST = 64 };

typedef struct ballot_column {
    wr_text name;
    int64_t votes[WR_VOTE_COUNT];
    int64_t record; /* of the last vote */
    wr_vote last;
    int digits;
    bool force_double;
} ballot_column;

struct wr_ballot {
    wr_arena *arena;
    wr_type empty_type;
    ballot_column *columns;
    int count, capacity;
    int *slots; /* hash table: column + 1, 0: free; twice the capacity, a power of two */
    int slot_count;
    int64_t record_count;
};

static void
ballot_grow(wr_ballot *ballot)
{
    int capacity = ballot->capacity ? ballot->capacity * 2 : SLOTS_FIRST / 2;
    ballot_column *columns = WR_NEW_ARRAY(ballot->arena, ballot_column, capacity);
    if (ballot->count > 0) {
        memcpy(columns, ballot->columns, (size_t)ballot->count * sizeof *columns);
    }
    ballot->columns = columns;
    ballot->capacity = capacity;
    ballot->slot_count = capacity * 2;
    ballot->slots = WR_NEW_ARRAY(ballot->arena, int, ballot->slot_count);
    for (int i = 0; i < ballot->count; i++) {
        unsigned mask = (unsigned)ballot->slot_count - 1;
        unsigned slot = (unsigned)wr_hash_bytes(columns[i].name.data, columns[i].name.size, 0);
        while (ballot->slots[slot & mask]) {
            slot++;
        }
        ballot->slots[slot & mask] = i + 1;
    }
}

wr_ballot *
wr_ballot_new(wr_arena *arena, wr_type empty_type)
{
    wr_ballot *ballot = WR_NEW(arena, wr_ballot);
    ballot->arena = arena;
    ballot->empty_type = empty_type;
    ballot_grow(ballot);
    return ballot;
}

void
wr_ballot_record(wr_ballot *ballot)
{
    ballot->record_count++;
}

static ballot_column *
ballot_column_of(wr_ballot *ballot, wr_text name)
{
    unsigned mask = (unsigned)ballot->slot_count - 1;
    unsigned slot = (unsigned)wr_hash_bytes(name.data, name.size, 0);
    for (; ballot->slots[slot & mask]; slot++) {
        ballot_column *column = &ballot->columns[ballot->slots[slot & mask] - 1];
        if (wr_text_equal(column->name, name)) {
            return column;
        }
    }
    if (ballot->count == ballot->capacity) {
        ballot_grow(ballot);
        return ballot_column_of(ballot, name);
    }
    ballot->slots[slot & mask] = ++ballot->count;
    ballot_column *column = &ballot->columns[ballot->count - 1];
    column->name = wr_arena_text(ballot->arena, name);
    return column;
}

void
wr_ballot_declare(wr_ballot *ballot, wr_text name)
{
    (void)ballot_column_of(ballot, name);
}

void
wr_ballot_force_double(wr_ballot *ballot, wr_text name)
{
    ballot_column_of(ballot, name)->force_double = true;
}

void
wr_ballot_vote(wr_ballot *ballot, wr_text name, wr_vote vote)
{
    ballot_column *column = ballot_column_of(ballot, name);
    if (column->record == ballot->record_count) {
        column->votes[column->last]--; /* the same key again: the last one wins */
    }
    column->record = ballot->record_count;
    column->last = vote;
    column->votes[vote]++;
}

void
wr_ballot_digits(wr_ballot *ballot, wr_text name, size_t digits)
{
    ballot_column_of(ballot, name)->digits = digits < 100 ? (int)digits : 0;
}

static wr_type
column_type(const ballot_column *column, wr_type empty_type, bool complete)
{
    const int64_t *votes = column->votes;
    int64_t numbers = votes[WR_VOTE_INTEGER] + votes[WR_VOTE_NUMBER];
    int64_t strings = votes[WR_VOTE_STRING];
    int64_t bools = votes[WR_VOTE_BOOL];
    if (votes[WR_VOTE_NESTED] > 0) {
        return WR_TYPE(JSON);
    }
    if (numbers + strings + bools == 0) {
        return empty_type;
    }
    if (numbers + strings == 0) {
        return WR_TYPE(BOOLEAN);
    }
    bool is_number = bools == 0 && numbers > 0 && strings * 10 <= numbers + strings;
    if (!is_number) {
        return WR_TYPE(TEXT);
    }
    bool is_integer = votes[WR_VOTE_NUMBER] == 0 && !column->force_double &&
                      (complete || numbers >= INTEGERS_ENOUGH);
    return is_integer ? WR_TYPE(BIGINT) : WR_TYPE(DOUBLE);
}

wr_schema
wr_ballot_schema(const wr_ballot *ballot, wr_arena *arena, bool complete)
{
    wr_schema schema = {WR_NEW_ARRAY(arena, wr_column, ballot->count + 1), ballot->count};
    for (int i = 0; i < ballot->count; i++) {
        const ballot_column *column = &ballot->columns[i];
        schema.columns[i].name = wr_arena_text(arena, column->name);
        schema.columns[i].type = column_type(column, ballot->empty_type, complete);
    }
    return schema;
}

const int *
wr_ballot_lengths(const wr_ballot *ballot, wr_arena *arena)
{
    int *digits = WR_NEW_ARRAY(arena, int, ballot->count + 1);
    for (int i = 0; i < ballot->count; i++) {
        digits[i] = ballot->columns[i].digits;
    }
    return digits;
}

wr_vote
wr_vote_of_text(wr_text text)
{
    text = wr_text_trim(text);
    if (text.size == 0) {
        return WR_VOTE_NULL;
    }
    wr_json_number number;
    const char *end = text.data + text.size;
    int64_t integer;
    if (wr_json_number_read(text.data, end, &number) && number.end == end) {
        bool is_integer = number.integral && wr_json_number_int64(&number, &integer);
        return is_integer ? WR_VOTE_INTEGER : WR_VOTE_NUMBER;
    }
    bool is_bool =
        wr_text_equal_nocase(text, WR_TEXT("true")) || wr_text_equal_nocase(text, WR_TEXT("false"));
    return is_bool ? WR_VOTE_BOOL : WR_VOTE_STRING;
}
