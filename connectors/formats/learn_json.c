/* What one JSON record says of its columns.
 *
 *   {"ts":1,"ok":true}      ts integer, ok boolean
 *   12.5                    v number, and DOUBLE for ever
 *   [{"a":1},{"a":2}]       two records
 *
 * 1. A record votes only if it is valid to its end. */
#include "connectors/formats/json_scan.h"
#include "connectors/formats/learn_vote.h"

#define BARE_NAME WR_TEXT("v")

bool
wr_learn_json_valid(wr_text record)
{
    const char *end = record.data + record.size;
    const char *at = wr_json_space(record.data, end);
    wr_json_fault fault;
    return wr_json_skip(&at, end, 0, &fault) && wr_json_space(at, end) == end;
}

/* Of the checked value [begin, end). */
static wr_vote
value_vote(const char *begin, const char *end)
{
    switch (*begin) {
    case '"':
        return WR_VOTE_STRING;
    case '{':
    case '[':
        return WR_VOTE_NESTED;
    case 't':
    case 'f':
        return WR_VOTE_BOOL;
    case 'n':
        return WR_VOTE_NULL;
    default:
        return wr_vote_of_text((wr_text){begin, (size_t)(end - begin)});
    }
}

/* The members of the checked object at *at; moves behind it. */
static void
object_vote(wr_ballot *ballot, const char **at, const char *end, wr_arena *arena)
{
    wr_json_fault fault;
    *at = wr_json_space(*at + 1, end);
    while (**at != '}') {
        wr_json_string key;
        (*at)++;
        (void)wr_json_string_read(at, end, &key, &fault);
        wr_text name = key.escaped ? wr_json_unescape(&key, arena) : (wr_text){key.data, key.size};
        *at = wr_json_space(wr_json_space(*at, end) + 1, end);
        const char *begin = *at;
        (void)wr_json_skip(at, end, 0, &fault);
        wr_vote vote = value_vote(begin, *at);
        wr_ballot_vote(ballot, name, vote);
        if (vote == WR_VOTE_INTEGER) {
            wr_ballot_digits(ballot, name, (size_t)(*at - begin));
        }
        *at = wr_json_space(*at, end);
        *at = **at == ',' ? wr_json_space(*at + 1, end) : *at;
    }
    (*at)++;
}

/* A checked value that is one row. */
static void
row_vote(wr_ballot *ballot, const char **at, const char *end, wr_arena *arena)
{
    wr_ballot_record(ballot);
    if (**at == '{') {
        object_vote(ballot, at, end, arena);
        return;
    }
    const char *begin = *at;
    wr_json_fault fault;
    (void)wr_json_skip(at, end, 0, &fault);
    wr_vote vote = value_vote(begin, *at);
    wr_ballot_vote(ballot, BARE_NAME, vote);
    if (vote == WR_VOTE_INTEGER || vote == WR_VOTE_NUMBER) {
        wr_ballot_force_double(ballot, BARE_NAME);
    }
}

bool
wr_learn_json_record(wr_ballot *ballot, wr_text record, wr_arena *arena)
{
    if (!wr_learn_json_valid(record)) {
        return false;
    }
    const char *end = record.data + record.size;
    const char *at = wr_json_space(record.data, end);
    if (*at != '[') {
        row_vote(ballot, &at, end, arena);
        return true;
    }
    at = wr_json_space(at + 1, end);
    while (*at != ']') {
        row_vote(ballot, &at, end, arena);
        at = wr_json_space(at, end);
        at = *at == ',' ? wr_json_space(at + 1, end) : at;
    }
    return true;
}
