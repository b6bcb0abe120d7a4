/* Decoding by prediction: a record that looks like an earlier one is compared with it. */
#ifndef WEIR_CONNECTORS_FORMATS_JSON_FAST_H
#define WEIR_CONNECTORS_FORMATS_JSON_FAST_H

#include "connectors/formats/json_project.h"

typedef struct wr_json_fast wr_json_fast;

wr_json_fast *wr_json_fast_new(wr_arena *arena, const wr_decode_spec *spec);

/* Tries the record that starts at `at` as one of the known shapes. On success its row is kept, and
 * the byte behind the record is returned: `end` itself, or, when `is_line`, where its line end
 * starts (which must be there before `end`, or the bytes end). NULL: not predicted, nothing was
 * done, decode it the long way. */
const char *wr_json_fast_record(wr_json_fast *fast, wr_decode_frame *frame, const char *at,
                                const char *end, bool is_line);
/* Learns the shape of a record that was decoded the long way and kept; `trace` is of it. */
void wr_json_fast_learn(wr_json_fast *fast, const wr_json_trace *trace, wr_text record);

#endif
