/* How values look as text in every output format (DIALECT: text forms). */
#ifndef WEIR_CONNECTORS_FORMATS_TEXT_FORM_H
#define WEIR_CONNECTORS_FORMATS_TEXT_FORM_H

#include "connectors/connector.h"

/* Can values of this type be written? E0501 otherwise; `format` and the column are named. */
wr_status wr_text_form_check(const wr_schema *schema, const char *format, wr_error *err);
/* Appends the value of `slot` (no NULL), unquoted. TEXT and JSON as they are. */
void wr_text_form_append(wr_buffer *out, const wr_vector *vector, int slot);
/* Is this a type whose text form may hold any character (TEXT, JSON)? */
bool wr_text_form_is_free(wr_type_id id);

static inline int
wr_encode_row(const wr_batch *batch, int i)
{
    return batch->selection ? batch->selection[i] : i;
}

/* NULL, or an error that nobody withheld. */
static inline bool
wr_encode_is_null(const wr_vector *vector, int row)
{
    return wr_vector_is_null(vector, row) || wr_vector_error(vector, row) != WR_REASON_NONE;
}

static inline wr_text
wr_encode_text(const wr_vector *vector, int slot)
{
    return wr_view_text(&((const wr_view *)vector->data)[slot]);
}

#endif
