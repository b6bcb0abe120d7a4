/* Fuzzes the CSV decoder and its cutting: decoding a file in one piece, and in pieces that end
 * where `cut` says, gives the same rows and the same bad rows; so do records of a file, messages of
 * one poll and messages that come alone, which are read field by field, and lines of text likewise.
 * Learning from it must come back. */
#include "connectors/formats/csv_scan.h"
#include "tests/unit/formats_helper.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char columns[] = "a BIGINT, b DOUBLE, c TEXT, d BOOLEAN";

static void
decode_whole(decoded *out, const char *text, size_t size)
{
    decode_job job;
    decoded_reset(out);
    job_init(&job, columns);
    wr_block block = helper_chunk(job.arena, text, size);
    helper_decode(out, &job, "csv", &block, 1);
    wr_learned learned;
    (void)wr_learn(job.arena, &block, 1, NULL, (wr_options){0}, true, &learned, NULL);
    (void)wr_learn(job.arena, &block, 1, wr_format_find(WR_TEXT("csv")), (wr_options){0}, true,
                   &learned, NULL);
    wr_arena_free(job.arena);
}

/* As a file source does: reads pieces, cuts them, keeps the rest for the next one. */
static void
decode_pieces(decoded *out, const char *text, size_t size, size_t piece_size)
{
    enum { PIECES_MAX = 4096 };
    static wr_block blocks[PIECES_MAX];
    decode_job job;
    decoded_reset(out);
    job_init(&job, columns);
    int count = 0;
    size_t done = 0;
    for (size_t read = piece_size; done < size && count < PIECES_MAX; read += piece_size) {
        size_t got = read < size ? read - done : size - done;
        const wr_format_ops *csv = wr_format_find(WR_TEXT("csv"));
        size_t whole = csv->cut(text + done, got, (wr_options){0});
        whole = read >= size ? got : whole;
        if (whole > 0) {
            blocks[count] = helper_chunk(job.arena, text + done, whole);
            blocks[count++].chunk_first = done == 0;
            done += whole;
        }
    }
    helper_decode(out, &job, "csv", blocks, count);
    wr_arena_free(job.arena);
}

/* The records of a file as messages, without blank ones; of CSV with their line ends. */
static int
records_split(const char *text, size_t size, bool is_csv, wr_message *messages)
{
    int count = 0;
    wr_csv_field field;
    wr_csv_record record = {.fields = &field, .capacity = 1};
    for (const char *at = text, *end = text + size; at < end; at = record.next) {
        if (is_csv) {
            wr_csv_record_read(at, end, ',', &record);
            record.text.size = record.text.size > 0 ? (size_t)(record.next - at) : 0;
        } else {
            const char *newline = memchr(at, '\n', (size_t)(end - at));
            record.next = newline ? newline + 1 : end;
            record.text = (wr_text){at, (size_t)((newline ? newline : end) - at)};
            record.text.size -= record.text.size > 0 && at[record.text.size - 1] == '\r';
        }
        if (record.text.size > 0) {
            messages[count++] = (wr_message){.data = record.text.data, .size = record.text.size};
        }
    }
    return count;
}

static void
decode_blocks(decoded *out, const char *format, const char *schema, wr_block *blocks, int count)
{
    decode_job job;
    decoded_reset(out);
    job_init(&job, schema);
    helper_decode(out, &job, format, blocks, count);
    wr_arena_free(job.arena);
}

static void
decoded_compare(decoded *one, decoded *other, const char *what)
{
    if (one->row_count != other->row_count || strcmp(one->rows, other->rows) != 0 ||
        strcmp(one->bad_rows, other->bad_rows) != 0) {
        fprintf(stderr, "%s\none:\n%s%s\nother:\n%s%s\n", what, one->rows, one->bad_rows,
                other->rows, other->bad_rows);
        abort();
    }
    decoded_free(other);
}

/* A chunk, its records as messages of one block, and each as a block of its own. */
static void
records_compare(const char *text, size_t size, const char *format, const char *schema)
{
    enum { RECORDS_MAX = 4096 };
    static wr_message messages[RECORDS_MAX];
    static wr_block blocks[RECORDS_MAX];
    wr_arena *arena = wr_arena_new(0);
    bool is_csv = strcmp(format, "csv") == 0;
    wr_block chunk = helper_chunk(arena, text, size);
    chunk.chunk_first = false; /* no header, no mark */
    int count = records_split(chunk.chunk, size, is_csv, messages);
    wr_block together = {
        .kind = WR_BLOCK_MESSAGES, .messages = messages, .message_count = count};
    for (int i = 0; i < count; i++) {
        blocks[i] = (wr_block){
            .kind = WR_BLOCK_MESSAGES, .messages = messages + i, .message_count = 1};
    }
    decoded alone, other;
    decode_blocks(&alone, format, schema, blocks, count);
    decode_blocks(&other, format, schema, &together, 1);
    decoded_compare(&alone, &other, "messages alone, together");
    if (is_csv) { /* blank lines of text are told apart by more than their size */
        decode_blocks(&other, format, schema, &chunk, 1);
        decoded_compare(&alone, &other, "messages alone, a chunk");
    }
    decoded_free(&alone);
    wr_arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 4000) {
        return 0;
    }
    decoded whole, pieces;
    decode_whole(&whole, (const char *)data, size);
    decode_pieces(&pieces, (const char *)data, size, 1 + data[0] % 61);
    decoded_compare(&whole, &pieces, "whole, pieces");
    decoded_free(&whole);
    static const char *const formats[][2] = {
        {"csv", columns},      {"csv", "a BIGINT, b TEXT NOT NULL"},
        {"text", "v DOUBLE"},  {"text", "v TEXT"},
        {"text", "v DECIMAL"}, {"csv", "a DECIMAL, b DATE, c TIME, d INTERVAL"}};
    enum { FORMATS = sizeof formats / sizeof *formats };
    const char *const *format = formats[data[size - 1] % FORMATS];
    records_compare((const char *)data, size, format[0], format[1]);
    return 0;
}
