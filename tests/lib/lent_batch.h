/* Columns in a program's own memory, lent to a stream as an Arrow batch: for tests and benchmarks.
 *
 *   lent_batch_init(&batch, row_count);
 *   lent_batch_add(&batch, "k", "l", NULL, keys, NULL);          once for each column
 *   results = lent_batch_push(&batch, stream, query);             or weir_append_batch
 *
 * The batch and the columns are the caller's and stay until `released_count` says that they are
 * free again; then the batch is begun anew. */
#ifndef WEIR_TESTS_LIB_LENT_BATCH_H
#define WEIR_TESTS_LIB_LENT_BATCH_H

#include "core/arrow.h"
#include "weir.h"

#include <string.h>

enum { LENT_COLUMNS_MAX = 8 };

typedef struct lent_batch {
    struct ArrowSchema schema, fields[LENT_COLUMNS_MAX];
    struct ArrowArray array, columns[LENT_COLUMNS_MAX];
    struct ArrowSchema *field_list[LENT_COLUMNS_MAX];
    struct ArrowArray *column_list[LENT_COLUMNS_MAX];
    const void *buffers[LENT_COLUMNS_MAX][3], *none[1];
    int column_count, released_count;
} lent_batch;

static inline void
lent_batch_release(struct ArrowArray *array)
{
    ((lent_batch *)array->private_data)->released_count++;
    array->release = NULL;
}

static inline void
lent_schema_release(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static inline void
lent_batch_init(lent_batch *batch, int64_t row_count)
{
    memset(batch, 0, sizeof *batch);
    batch->schema = (struct ArrowSchema){
        .format = "+s", .name = "", .children = batch->field_list, .release = lent_schema_release};
    batch->array = (struct ArrowArray){.length = row_count,
                                       .n_buffers = 1,
                                       .buffers = batch->none,
                                       .children = batch->column_list,
                                       .release = lent_batch_release,
                                       .private_data = batch};
}

/* `valid` NULL: no NULLs; `bytes` NULL: no third buffer. */
static inline void
lent_batch_add(lent_batch *batch, const char *name, const char *format, const void *valid,
               const void *values, const void *bytes)
{
    int i = batch->column_count++;
    batch->buffers[i][0] = valid;
    batch->buffers[i][1] = values;
    batch->buffers[i][2] = bytes;
    batch->fields[i] = (struct ArrowSchema){.format = format, .name = name};
    batch->columns[i] = (struct ArrowArray){.length = batch->array.length,
                                            .null_count = valid ? -1 : 0,
                                            .n_buffers = bytes ? 3 : 2,
                                            .buffers = batch->buffers[i]};
    batch->field_list[i] = &batch->fields[i];
    batch->column_list[i] = &batch->columns[i];
    batch->schema.n_children = batch->array.n_children = batch->column_count;
}

/* Pushes the batch and steps until it is released; the rows that came out, or an error's code. */
static inline int64_t
lent_batch_push(lent_batch *batch, weir_stream *stream, weir_query *query)
{
    int64_t row_count = 0;
    int rc = weir_append_batch(stream, &batch->array, &batch->schema);
    while (rc >= 0 && batch->released_count == 0) {
        rc = weir_step(query, 0);
        row_count += rc == WEIR_ROW;
    }
    return rc < 0 ? rc : row_count;
}

/* Why a push or a step gave `code` (< 0); borrowed until the next call on either. */
static inline const char *
lent_batch_error(int64_t code, const weir_stream *stream, const weir_query *query)
{
    return code == WEIR_MISUSE ? weir_stream_error(stream)
                               : weir_error_message(weir_query_error(query));
}

#endif
