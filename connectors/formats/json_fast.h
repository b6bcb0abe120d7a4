/* Decoding by prediction: records that look like an earlier one are compared with it. */
#ifndef WEIR_CONNECTORS_FORMATS_JSON_FAST_H
#define WEIR_CONNECTORS_FORMATS_JSON_FAST_H

#include "connectors/formats/json_shape.h"

typedef struct wr_json_fast wr_json_fast;

wr_json_fast *wr_json_fast_new(wr_arena *arena, const wr_decode_spec *spec);

/* Reads records from `first` on as shapes that are known, as many as fit and have room in the
 * batch; keeps their rows, moves frame->line (that of record `first`) on, and returns how many it
 * were. The record behind them, if any, is to be decoded the long way. */
int wr_json_fast_run(wr_json_fast *fast, wr_decode_frame *frame, wr_records *records, int first);
/* Learns the shape of a record that was decoded the long way and kept; `trace` is of it. */
void wr_json_fast_learn(wr_json_fast *fast, const wr_json_trace *trace, wr_text record);

#endif
