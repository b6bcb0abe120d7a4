/* Small finished results made of texts: SHOW, DESCRIBE, EXPLAIN. */
#ifndef WEIR_ENGINE_TEXT_RESULT_H
#define WEIR_ENGINE_TEXT_RESULT_H

#include "engine/engine.h"

typedef struct text_result {
    weir_query *query;
    int column_count;
    wr_batch *batch; /* being filled; its texts live in the query's arena */
} text_result;

/* Gives the query `column_count` TEXT columns of these names. */
void wr_text_result_init(text_result *result, weir_query *query, int column_count,
                         const char *const *names);
/* Adds a row; a text with data NULL is SQL NULL. Texts are copied. */
void wr_text_result_add(text_result *result, const wr_text *values);
/* Hands the rows over. */
void wr_text_result_finish(text_result *result);
/* A row for each line of `text`. */
void wr_text_result_lines(text_result *result, wr_text text);

#endif
