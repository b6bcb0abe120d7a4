/* Instants by a pattern, in the manner of strftime, always UTC and without a locale. */
#ifndef WEIR_FUNCTIONS_TIME_FORMAT_H
#define WEIR_FUNCTIONS_TIME_FORMAT_H

#include "core/buffer.h"
#include "core/time.h"
#include "functions/function.h"

/* Does every % of the pattern stand before a letter that is known? (All but %A %a %B %b %j %I %p
 * can be parsed, too.) */
bool wr_time_pattern_valid(wr_text pattern);
/* Appends the instant as the pattern says; unknown letters are copied. */
void wr_time_format(wr_text pattern, int64_t us, wr_buffer *out);
/* Reads what wr_time_format would have written; parts that the pattern does not have are those of
 * 1970-01-01 00:00. False: the text does not fit, or there is no such instant. */
bool wr_time_read(wr_text pattern, wr_text text, int64_t *us);

/* prepare() of functions whose argument 1 is a pattern: a constant one is checked. */
wr_status wr_time_pattern_prepare(wr_arena *arena, const wr_vector *const *args, int arg_count,
                                  const void **prepared, wr_error *err);

#endif
