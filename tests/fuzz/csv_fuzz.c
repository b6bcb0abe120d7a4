/* Fuzzes the CSV decoder and its cutting: decoding a file in one piece, and in pieces that end
 * where `cut` says, gives the same rows and the same bad rows; learning from it must come back. */
#include "connectors/connector.h"
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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 4000) {
        return 0;
    }
    decoded whole, pieces;
    decode_whole(&whole, (const char *)data, size);
    decode_pieces(&pieces, (const char *)data, size, 1 + data[0] % 61);
    if (whole.row_count != pieces.row_count || strcmp(whole.rows, pieces.rows) != 0 ||
        strcmp(whole.bad_rows, pieces.bad_rows) != 0) {
        fprintf(stderr, "whole:\n%s%s\npieces:\n%s%s\n", whole.rows, whole.bad_rows, pieces.rows,
                pieces.bad_rows);
        abort();
    }
    decoded_free(&whole);
    decoded_free(&pieces);
    return 0;
}
