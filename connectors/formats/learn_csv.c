/* What CSV files say of their columns: names from the header, types from the rows.
 *
 *   id,name,v        id: integer, name: string, v: number; a quoted number is a number all the same
 *   1,"x",2.5
 *
 * 1. Without a header the columns are column1, column2, …
 * 2. Rows with a wrong number of fields, broken quotes or invalid UTF-8 do not vote. */
#include "connectors/formats/csv_scan.h"
#include "connectors/formats/decode.h"
#include "connectors/formats/learn_vote.h"

typedef struct csv_names {
    wr_text *names;
    int count;
} csv_names;

/* Reads the record at `at` with all of its fields. */
static void
record_read_all(const char *at, const char *end, char delimiter, wr_csv_record *record,
                wr_arena *arena)
{
    wr_csv_record_read(at, end, delimiter, record);
    if (record->count > record->capacity) {
        record->capacity = record->count;
        record->fields = WR_NEW_ARRAY(arena, wr_csv_field, record->capacity);
        wr_csv_record_read(at, end, delimiter, record);
    }
}

static csv_names
names_take(const wr_csv_record *record, bool from_header, wr_ballot *ballot, wr_arena *arena)
{
    csv_names names = {WR_NEW_ARRAY(arena, wr_text, record->count), record->count};
    for (int i = 0; i < record->count; i++) {
        names.names[i] = from_header ? wr_csv_unquote(&record->fields[i], arena)
                                     : wr_arena_printf(arena, "column%d", i + 1);
        wr_ballot_declare(ballot, names.names[i]);
    }
    return names;
}

static bool
row_vote(wr_ballot *ballot, const wr_csv_record *record, const csv_names *names,
         const wr_csv_dialect *dialect, wr_arena *arena)
{
    bool is_blank = record->text.size == 0 && names->count > 1;
    if (is_blank || record->fault || record->count != names->count ||
        !wr_utf8_valid(record->text.data, record->text.size)) {
        return false;
    }
    wr_ballot_record(ballot);
    for (int i = 0; i < record->count; i++) {
        const wr_csv_field *field = &record->fields[i];
        wr_text text = wr_csv_unquote(field, arena);
        wr_vote vote = wr_csv_is_null(field, dialect) ? WR_VOTE_NULL : wr_vote_of_text(text);
        bool is_blank_text = vote == WR_VOTE_NULL && !wr_csv_is_null(field, dialect);
        wr_ballot_vote(ballot, names->names[i], is_blank_text ? WR_VOTE_STRING : vote);
        if (vote == WR_VOTE_INTEGER) {
            wr_ballot_digits(ballot, names->names[i], text.size);
        }
    }
    return true;
}

/* One block: pieces of one file follow each other, the first one brings the header. */
static int
block_vote(wr_ballot *ballot, const wr_block *block, const wr_csv_dialect *dialect,
           csv_names *names, int row_limit, wr_arena *arena)
{
    const char *at = block->chunk + wr_decode_chunk_start(block);
    const char *end = block->chunk + block->chunk_bytes;
    wr_csv_record record = {0};
    int row_count = 0;
    if (block->chunk_first && at < end) {
        record_read_all(at, end, dialect->delimiter, &record, arena);
        *names = names_take(&record, dialect->header, ballot, arena);
        at = dialect->header ? record.next : at;
    }
    while (at < end && row_count < row_limit) {
        record_read_all(at, end, dialect->delimiter, &record, arena);
        row_count += row_vote(ballot, &record, names, dialect, arena);
        at = record.next;
    }
    return at < end ? -1 : row_count;
}

wr_status
wr_learn_csv(wr_ballot *ballot, const wr_block *blocks, int block_count, wr_options options,
             int row_limit, bool *cut, wr_arena *arena, wr_error *err)
{
    wr_csv_dialect dialect;
    WR_TRY(wr_csv_dialect_read(options, &dialect, err));
    csv_names names = {NULL, 0};
    int left = 0;
    for (int i = 0; i < block_count; i++) {
        if (blocks[i].kind == WR_BLOCK_MESSAGES) {
            wr_error_set(err, WR_ERR_SQL, "E0603", "CSV messages need columns");
            wr_error_hint(err, "say them: columns = 'ts BIGINT, host TEXT, v DOUBLE'");
            return WR_ERR_SQL;
        }
        if (blocks[i].kind != WR_BLOCK_CHUNK || blocks[i].chunk_bytes == 0) {
            continue;
        }
        left = blocks[i].chunk_first ? row_limit : left;
        int taken = block_vote(ballot, &blocks[i], &dialect, &names, left, arena);
        *cut |= taken < 0;
        left = taken < 0 ? 0 : left - taken;
    }
    return WR_OK;
}
