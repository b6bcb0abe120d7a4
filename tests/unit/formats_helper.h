/* For tests of formats: decode bytes into a table of texts, count bad rows, encode rows back.
 *
 *     decoded out;
 *     decode_messages(&out, "json", "a BIGINT, b.c TEXT", (const char *[]){"{…}", NULL});
 *     assert_string_equal(out.rows, "1|x\nNULL|y\n"); */
#ifndef WEIR_TESTS_UNIT_FORMATS_HELPER_H
#define WEIR_TESTS_UNIT_FORMATS_HELPER_H

#include "connectors/connector.h"
#include "connectors/formats/text_form.h"
#include "core/arena.h"
#include "core/buffer.h"
#include "core/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELPER __attribute__((unused)) static

enum { HELPER_COLUMNS_MAX = 32 };

typedef struct decoded {
    wr_buffer text; /* one line per row, values by | */
    wr_buffer bad;  /* one line per bad row: reason@byte column[!misfit] */
    const char *rows, *bad_rows;
    int64_t row_count, bad_count;
} decoded;

typedef struct decode_job {
    wr_arena *arena;
    wr_decode_column columns[HELPER_COLUMNS_MAX];
    wr_column declared[HELPER_COLUMNS_MAX];
    wr_option options[4];
    wr_decode_spec spec;
    decoded *out;
    int64_t *lines; /* of the rows, when wanted: room for WR_BATCH_ROWS */
} decode_job;

HELPER void
helper_reject(void *context, const wr_bad_row *bad)
{
    decoded *out = ((decode_job *)context)->out;
    out->bad_count++;
    wr_buffer_printf(&out->bad, "%s@%lld %.*s%s\n", wr_reason_text(bad->reason),
                     (long long)bad->byte, WR_TEXT_ARG(bad->column), bad->misfit ? "!" : "");
}

/* A number derived from a string is an error, from true and false NULL, from all else 7. */
HELPER wr_reason
helper_derive(void *context, int column, wr_text json, void *value, bool *is_null)
{
    const decode_job *job = context;
    double seven = 7;
    int64_t seven_too = 7;
    bool is_double = job->columns[column].type.id == WR_TYPE_DOUBLE;
    memcpy(value, is_double ? (void *)&seven : (void *)&seven_too, sizeof seven);
    *is_null = json.data[0] == 't' || json.data[0] == 'f';
    return json.data[0] == '"' ? WR_REASON_CAST : WR_REASON_NONE;
}

/* a.b[1] */
HELPER void
helper_path(decode_job *job, wr_decode_column *column, const char *path)
{
    wr_text *names = WR_NEW_ARRAY(job->arena, wr_text, 16);
    while (*path) {
        bool is_index = *path == '[';
        path += *path == '.' || is_index;
        size_t size = strcspn(path, is_index ? "]" : ".[");
        column->path_indexes |= (uint64_t)is_index << column->path_length;
        names[column->path_length++] = wr_arena_text(job->arena, (wr_text){path, size});
        path += size + is_index;
    }
    column->path = names;
}

/* "a.b[1] BIGINT DERIVED, v DOUBLE LEARNED, x TEXT NOT NULL" */
HELPER void
helper_columns(decode_job *job, const char *text)
{
    while (*text) {
        char path[64], type[32], flag[32] = "";
        int used = 0;
        if (sscanf(text, " %63[^ ] %31[A-Z]%n", path, type, &used) != 2) {
            abort();
        }
        text += used;
        if (sscanf(text, " %31[A-Z ]%n", flag, &used) == 1) {
            text += used;
        }
        text += *text == ',';
        wr_decode_column *column = &job->columns[job->spec.column_count];
        helper_path(job, column, path);
        if (!wr_type_from_word(wr_text_from(type), &column->type)) {
            abort();
        }
        column->learned = strstr(flag, "LEARNED") != NULL;
        column->not_null = strstr(flag, "NOT NULL") != NULL;
        column->derived = strstr(flag, "DERIVED") != NULL;
        job->declared[job->spec.column_count++] =
            (wr_column){.name = column->path[0], .type = column->type};
    }
    job->spec.columns = job->columns;
    job->spec.derive = helper_derive;
    job->spec.derive_context = job;
    job->spec.declared = (wr_schema){job->declared, job->spec.column_count};
}

HELPER void
helper_print_value(wr_buffer *out, const wr_vector *vector, int row)
{
    int slot = wr_vector_slot(vector, row);
    char number[64];
    if (wr_vector_error(vector, row)) {
        wr_buffer_text(out, WR_TEXT("ERROR"));
    } else if (wr_vector_is_null(vector, row)) {
        wr_buffer_text(out, WR_TEXT("NULL"));
    } else if (wr_type_is_view(vector->type.id)) {
        wr_buffer_text(out, wr_view_text(&((wr_view *)vector->data)[slot]));
    } else if (vector->type.id == WR_TYPE_DOUBLE) {
        size_t size = wr_double_to_text(((double *)vector->data)[slot], number);
        wr_buffer_append(out, number, size);
    } else if (vector->type.id == WR_TYPE_DECIMAL || vector->type.id == WR_TYPE_DATE ||
               vector->type.id == WR_TYPE_TIME || vector->type.id == WR_TYPE_INTERVAL) {
        wr_text_form_append(out, vector, slot);
    } else if (vector->type.id == WR_TYPE_BOOLEAN) {
        wr_buffer_printf(out, "%s", ((uint8_t *)vector->data)[slot] ? "true" : "false");
    } else {
        wr_buffer_printf(out, "%lld", (long long)((int64_t *)vector->data)[slot]);
    }
}

HELPER void
helper_print_batch(decoded *out, const wr_batch *batch)
{
    for (int row = 0; row < batch->row_count; row++) {
        for (int c = 0; c < batch->column_count; c++) {
            if (c > 0) {
                wr_buffer_char(&out->text, '|');
            }
            helper_print_value(&out->text, &batch->columns[c], row);
        }
        wr_buffer_char(&out->text, '\n');
    }
    out->row_count += batch->row_count;
}

HELPER void
decoded_reset(decoded *out)
{
    wr_buffer_init(&out->text);
    wr_buffer_init(&out->bad);
    out->rows = out->bad_rows = "";
    out->row_count = out->bad_count = 0;
}

HELPER void
decoded_free(decoded *out)
{
    wr_buffer_fini(&out->text);
    wr_buffer_fini(&out->bad);
}

/* Arenas are taken again: their pages need not be had anew for each of many small decodings. */
enum { HELPER_ARENAS = 4 };
static wr_arena *helper_arenas[HELPER_ARENAS]; /* idle ones, or NULL */

HELPER wr_arena *
helper_arena_take(void)
{
    for (int i = 0; i < HELPER_ARENAS; i++) {
        wr_arena *arena = helper_arenas[i];
        if (arena) {
            helper_arenas[i] = NULL;
            return arena;
        }
    }
    return wr_arena_new(0);
}

HELPER void
helper_arena_give(wr_arena *arena)
{
    for (int i = 0; i < HELPER_ARENAS; i++) {
        if (!helper_arenas[i]) {
            wr_arena_reset(arena);
            helper_arenas[i] = arena;
            return;
        }
    }
    wr_arena_free(arena);
}

HELPER void
helper_decode_block(decode_job *job, const wr_format_ops *ops, wr_decoder *decoder,
                    const wr_block *block)
{
    wr_arena *batch_arena = helper_arena_take();
    wr_decode_out *to = WR_NEW(job->arena, wr_decode_out);
    size_t size = block->kind == WR_BLOCK_CHUNK ? block->chunk_bytes
                                                : (size_t)block->message_count;
    to->lines = job->lines;
    for (size_t at = 0; at < size;) {
        size_t before = at;
        wr_error err = {0};
        wr_arena_reset(batch_arena);
        to->batch = wr_batch_new(batch_arena, job->spec.column_count);
        if (ops->decode(decoder, block, &at, to, &err) != WR_OK ||
            (at == before && to->batch->row_count == 0)) {
            fprintf(stderr, "the decoder makes no progress\n");
            abort();
        }
        helper_print_batch(job->out, to->batch);
    }
    helper_arena_give(batch_arena);
}

/* Decodes whole blocks with one decoder. */
HELPER void
helper_decode(decoded *out, decode_job *job, const char *format, const wr_block *blocks,
              int block_count)
{
    const wr_format_ops *ops = wr_format_find(wr_text_from(format));
    wr_decoder *decoder = NULL;
    wr_error err = {0};
    job->out = out;
    job->spec.reject = helper_reject;
    job->spec.reject_context = job;
    if (!ops || ops->decoder_open(job->arena, &job->spec, &decoder, &err) != WR_OK) {
        fprintf(stderr, "%s: %s\n", format, err.message);
        abort();
    }
    for (int b = 0; b < block_count; b++) {
        helper_decode_block(job, ops, decoder, &blocks[b]);
    }
    ops->decoder_close(decoder);
    out->rows = wr_buffer_cstr(&out->text);
    out->bad_rows = wr_buffer_cstr(&out->bad);
}

/* A copy with the 64 bytes of padding that sources promise. */
HELPER const char *
helper_padded(wr_arena *arena, const char *data, size_t size)
{
    char *copy = wr_arena_bytes(arena, size + 64);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    memset(copy + size, '"', 64); /* whoever reads on finds something dangerous */
    return copy;
}

HELPER wr_block
helper_messages(wr_arena *arena, const char *const *texts)
{
    wr_block block = {.kind = WR_BLOCK_MESSAGES};
    while (texts[block.message_count]) {
        block.message_count++;
    }
    block.messages = WR_NEW_ARRAY(arena, wr_message, block.message_count + 1);
    for (int i = 0; i < block.message_count; i++) {
        size_t size = strlen(texts[i]);
        bool is_tombstone = strcmp(texts[i], "<tombstone>") == 0;
        block.messages[i] =
            (wr_message){.data = is_tombstone ? NULL : helper_padded(arena, texts[i], size),
                         .size = is_tombstone ? 0 : size,
                         .timestamp_us = WR_TIME_NONE,
                         .offset = i};
    }
    return block;
}

HELPER wr_block
helper_chunk(wr_arena *arena, const char *data, size_t size)
{
    return (wr_block){.kind = WR_BLOCK_CHUNK,
                      .chunk = helper_padded(arena, data, size),
                      .chunk_bytes = size,
                      .chunk_line = 1,
                      .chunk_first = true};
}

HELPER void
job_init(decode_job *job, const char *columns)
{
    *job = (decode_job){.arena = wr_arena_new(0)};
    job->spec.options.items = job->options;
    helper_columns(job, columns);
}

HELPER void
job_option(decode_job *job, const char *name, const char *value)
{
    job->options[job->spec.options.count++] =
        (wr_option){.name = wr_text_from(name), .value = wr_text_from(value)};
}

/* The short ways. The caller frees `out`. */
HELPER void
decode_messages(decoded *out, const char *format, const char *columns, const char *const *texts)
{
    decode_job job;
    decoded_reset(out);
    job_init(&job, columns);
    job.spec.tombstone_rows = true;
    wr_block block = helper_messages(job.arena, texts);
    helper_decode(out, &job, format, &block, 1);
    wr_arena_free(job.arena);
}

HELPER void
decode_bytes(decoded *out, const char *format, const char *columns, const char *data, size_t size)
{
    decode_job job;
    decoded_reset(out);
    job_init(&job, columns);
    wr_message message = {.data = helper_padded(job.arena, data, size), .size = size};
    wr_block block = {.kind = WR_BLOCK_MESSAGES, .messages = &message, .message_count = 1};
    helper_decode(out, &job, format, &block, 1);
    wr_arena_free(job.arena);
}

HELPER void
decode_chunk(decoded *out, const char *format, const char *columns, const char *text)
{
    decode_job job;
    decoded_reset(out);
    job_init(&job, columns);
    wr_block block = helper_chunk(job.arena, text, strlen(text));
    helper_decode(out, &job, format, &block, 1);
    wr_arena_free(job.arena);
}

#endif
