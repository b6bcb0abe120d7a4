/* Learns format and columns of an undeclared source from its first records.
 *
 *   ≥ 90 % of the records are JSON   → json: columns by key, bare values as v
 *   ≥ 90 % are valid UTF-8           → text: v TEXT (DOUBLE if every record is a number)
 *   else                             → raw:  raw BYTES
 *
 * 1. Tombstones, empty messages and blank lines do not vote.
 * 2. Of a file the first ⌈1000 / partitions⌉ records vote, however large its chunks are; messages
 *    were counted out by the caller.
 * 3. Numbers of a column are BIGINT only if that is safe: see learn_vote.c. */
#include "connectors/formats/decode.h"
#include "connectors/formats/formats.h"
#include "connectors/formats/learn_vote.h"

enum { SAMPLES_MAX = 1000, SHOWN_BYTES = 60 };

/* The records of blocks, one after another. */
typedef struct sample_reader {
    const wr_block *blocks;
    int block_count, block; /* the current one */
    size_t at;              /* message number or byte */
    int chunk_limit, taken; /* records of a partition's chunks */
    bool started, cut;
} sample_reader;

static bool
text_is_blank(wr_text text)
{
    return wr_text_trim(text).size == 0;
}

/* The next message of the current block that votes. */
static bool
sample_next_message(sample_reader *reader, const wr_block *block, wr_text *record)
{
    while (reader->at < (size_t)block->message_count) {
        const wr_message *message = &block->messages[reader->at++];
        *record = (wr_text){message->data, message->size};
        if (message->data && !text_is_blank(*record)) {
            return true;
        }
    }
    return false;
}

static bool
sample_next_line(sample_reader *reader, const wr_block *block, wr_text *record)
{
    if (!reader->started) {
        reader->started = true;
        reader->at = wr_decode_chunk_start(block);
        reader->taken = block->chunk_first ? 0 : reader->taken;
    }
    while (reader->at < block->chunk_bytes) {
        if (reader->taken == reader->chunk_limit) {
            reader->cut = true;
            return false;
        }
        reader->at = wr_decode_line(block, reader->at, record);
        if (!text_is_blank(*record)) {
            reader->taken++;
            return true;
        }
    }
    return false;
}

static bool
sample_next(sample_reader *reader, wr_text *record)
{
    for (; reader->block < reader->block_count; reader->block++) {
        const wr_block *block = &reader->blocks[reader->block];
        bool got = block->kind == WR_BLOCK_MESSAGES ? sample_next_message(reader, block, record)
                   : block->kind == WR_BLOCK_CHUNK  ? sample_next_line(reader, block, record)
                                                    : false;
        if (got) {
            return true;
        }
        reader->at = 0;
        reader->started = false;
    }
    return false;
}

/* ⌈1000 / partitions⌉, where a partition is a file that starts here. */
static int
chunk_limit(const wr_block *blocks, int block_count)
{
    int partition_count = 0;
    for (int i = 0; i < block_count; i++) {
        partition_count += blocks[i].kind == WR_BLOCK_CHUNK && blocks[i].chunk_first;
    }
    partition_count = partition_count ? partition_count : 1;
    return (SAMPLES_MAX + partition_count - 1) / partition_count;
}

static sample_reader
sample_start(const wr_block *blocks, int block_count)
{
    return (sample_reader){.blocks = blocks,
                           .block_count = block_count,
                           .chunk_limit = chunk_limit(blocks, block_count)};
}

/* ── deciding ───────────────────────────────────────────────────────────────────────────────── */

/* `first` is the first record; without data: there is none. */
static wr_status
nothing_learnt(const wr_format_ops *format, wr_text first, wr_error *err)
{
    if (!first.data) {
        wr_error_set(err, WR_ERR_RUNTIME, "E0804",
                     "nothing to learn columns from: the input is empty");
        wr_error_hint(err, "declare the columns: columns = 'ts BIGINT, host TEXT, v DOUBLE'");
        return WR_ERR_RUNTIME;
    }
    wr_error_set(err, WR_ERR_RUNTIME, "E0804",
                 "nothing to learn columns from: no valid record of format %s", format->name);
    size_t shown = first.size < SHOWN_BYTES ? first.size : SHOWN_BYTES;
    while (shown > 0 && shown < first.size && ((unsigned char)first.data[shown] & 0xC0) == 0x80) {
        shown--;
    }
    wr_error_detail(err, "the first record is \"%.*s%s\"", (int)shown, first.data,
                    shown < first.size ? "…" : "");
    bool is_cut_json = format == &wr_format_json && (*first.data == '[' || *first.data == '{');
    wr_error_hint(err, is_cut_json ? "a JSON record is one line: jq -c . writes a file so"
                                   : "name the format: format = 'text', 'csv', 'json' or 'raw'");
    return WR_ERR_RUNTIME;
}

/* NULL: no record votes. */
static const wr_format_ops *
format_guess(const wr_block *blocks, int block_count)
{
    sample_reader reader = sample_start(blocks, block_count);
    int64_t total = 0;
    int64_t json = 0;
    int64_t utf8 = 0;
    for (wr_text record; sample_next(&reader, &record);) {
        total++;
        json += wr_learn_json_valid(record);
        utf8 += wr_utf8_valid(record.data, record.size);
    }
    if (total == 0) {
        return NULL;
    }
    return json * 10 >= total * 9   ? &wr_format_json
           : utf8 * 10 >= total * 9 ? &wr_format_text
                                    : &wr_format_raw;
}

static wr_schema
schema_of_one(wr_arena *arena, wr_text name, wr_type type)
{
    wr_schema schema = {WR_NEW(arena, wr_column), 1};
    schema.columns[0] = (wr_column){.name = name, .type = type};
    return schema;
}

/* v is DOUBLE if every record is a number, else TEXT. */
static wr_schema
learn_text(wr_arena *arena, const wr_block *blocks, int block_count)
{
    sample_reader reader = sample_start(blocks, block_count);
    int64_t total = 0;
    int64_t numbers = 0;
    for (wr_text record; sample_next(&reader, &record); total++) {
        wr_vote vote = wr_vote_of_text(record);
        numbers += vote == WR_VOTE_INTEGER || vote == WR_VOTE_NUMBER;
    }
    bool all_numbers = total > 0 && numbers == total;
    return schema_of_one(arena, WR_TEXT("v"), all_numbers ? WR_TYPE(DOUBLE) : WR_TYPE(TEXT));
}

static bool
learn_json(wr_ballot *ballot, const wr_block *blocks, int block_count, wr_arena *arena)
{
    sample_reader reader = sample_start(blocks, block_count);
    for (wr_text record; sample_next(&reader, &record);) {
        (void)wr_learn_json_record(ballot, record, arena);
    }
    return reader.cut;
}

static bool
keys_have_bytes(const wr_block *blocks, int block_count)
{
    for (int b = 0; b < block_count; b++) {
        for (int i = 0; blocks[b].kind == WR_BLOCK_MESSAGES && i < blocks[b].message_count; i++) {
            const wr_message *message = &blocks[b].messages[i];
            if (message->key && !wr_utf8_valid(message->key, message->key_size)) {
                return true;
            }
        }
    }
    return false;
}

/* Columns from the ballot of a format that has one. */
static wr_status
learn_ballot(wr_arena *arena, const wr_block *blocks, int block_count, wr_options options,
             bool bounded_end, wr_learned *learned, wr_error *err)
{
    bool is_csv = learned->format == &wr_format_csv;
    wr_ballot *ballot = wr_ballot_new(arena, is_csv ? WR_TYPE(TEXT) : WR_TYPE(JSON));
    bool cut = false;
    if (is_csv) {
        WR_TRY(wr_learn_csv(ballot, blocks, block_count, options,
                            chunk_limit(blocks, block_count), &cut, arena, err));
    } else {
        cut = learn_json(ballot, blocks, block_count, arena);
    }
    learned->schema = wr_ballot_schema(ballot, arena, bounded_end && !cut);
    learned->digits = wr_ballot_lengths(ballot, arena);
    if (learned->schema.count == 0) {
        sample_reader reader = sample_start(blocks, block_count);
        wr_text first;
        bool is_empty = !sample_next(&reader, &first);
        return nothing_learnt(learned->format, is_empty ? (wr_text){0} : first, err);
    }
    return WR_OK;
}

wr_status
wr_learn(wr_arena *arena, const wr_block *blocks, int block_count, const wr_format_ops *format,
         wr_options options, bool bounded_end, wr_learned *learned, wr_error *err)
{
    *learned = (wr_learned){.format = format ? format : format_guess(blocks, block_count)};
    learned->key_is_bytes = keys_have_bytes(blocks, block_count);
    if (!learned->format) {
        return nothing_learnt(NULL, (wr_text){0}, err);
    }
    if (learned->format == &wr_format_text) {
        learned->schema = learn_text(arena, blocks, block_count);
        return WR_OK;
    }
    if (learned->format == &wr_format_raw) {
        learned->schema = schema_of_one(arena, WR_TEXT("raw"), WR_TYPE(BYTES));
        return WR_OK;
    }
    return learn_ballot(arena, blocks, block_count, options, bounded_end, learned, err);
}
