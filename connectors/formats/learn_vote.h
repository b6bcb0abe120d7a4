/* What the samples say of each column: a ballot that formats fill and that ends as a schema. */
#ifndef WEIR_CONNECTORS_FORMATS_LEARN_VOTE_H
#define WEIR_CONNECTORS_FORMATS_LEARN_VOTE_H

#include "connectors/connector.h"

typedef enum wr_vote {
    WR_VOTE_NULL,
    WR_VOTE_INTEGER, /* written as one, and fits int64 */
    WR_VOTE_NUMBER,
    WR_VOTE_STRING,
    WR_VOTE_BOOL,
    WR_VOTE_NESTED, /* object or array */
    WR_VOTE_COUNT
} wr_vote;

typedef struct wr_ballot wr_ballot;

/* `empty_type`: of a column that is NULL in all samples. Lives in `arena`. */
wr_ballot *wr_ballot_new(wr_arena *arena, wr_type empty_type);
/* A new record: a column that votes again within it changes its vote. */
void wr_ballot_record(wr_ballot *ballot);
void wr_ballot_vote(wr_ballot *ballot, wr_text name, wr_vote vote);
/* The length of an integer that has just been voted for: a hint at the unit of a time. */
void wr_ballot_digits(wr_ballot *ballot, wr_text name, size_t digits);
/* The column is there, even if no record has it. */
void wr_ballot_declare(wr_ballot *ballot, wr_text name);
/* Its numbers are DOUBLE, always (bare numbers). */
void wr_ballot_force_double(wr_ballot *ballot, wr_text name);
/* Columns in order of first appearance. `complete`: there are no other records than the sampled. */
wr_schema wr_ballot_schema(const wr_ballot *ballot, wr_arena *arena, bool complete);
/* By column: the length of its last integer, 0: none. */
const int *wr_ballot_lengths(const wr_ballot *ballot, wr_arena *arena);

/* Is the text a number, an integer, true/false, or just text? "" is NULL. */
wr_vote wr_vote_of_text(wr_text text);

/* connectors/formats/learn_json.c: votes of one record; false: it is no JSON record (no vote). */
bool wr_learn_json_record(wr_ballot *ballot, wr_text record, wr_arena *arena);
/* Is it a JSON record (any value, white space around it)? */
bool wr_learn_json_valid(wr_text record);
/* connectors/formats/learn_csv.c: the files' headers and rows, at most row_limit rows of each
 * block. *cut: not all were taken. E0603 for messages. */
wr_status wr_learn_csv(wr_ballot *ballot, const wr_block *blocks, int block_count,
                       wr_options options, int row_limit, bool *cut, wr_arena *arena,
                       wr_error *err);

#endif
