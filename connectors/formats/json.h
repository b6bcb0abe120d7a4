/* The parts of the JSON format that connectors/formats/json.c puts together. */
#ifndef WEIR_CONNECTORS_FORMATS_JSON_H
#define WEIR_CONNECTORS_FORMATS_JSON_H

#include "connectors/connector.h"

wr_status wr_json_decoder_open(wr_arena *arena, const wr_decode_spec *spec, wr_decoder **decoder,
                               wr_error *err);
wr_status wr_json_decode(wr_decoder *decoder, const wr_block *block, size_t *at,
                         wr_decode_out *out, wr_error *err);
void wr_json_decoder_close(wr_decoder *decoder);

wr_status wr_json_encoder_open(wr_arena *arena, const wr_schema *schema, wr_options options,
                               bool separated, wr_encoder **encoder, wr_error *err);
wr_status wr_json_encode(wr_encoder *encoder, const wr_batch *batch, wr_buffer *out,
                         size_t *end_of_row, wr_error *err);
void wr_json_encoder_close(wr_encoder *encoder);

#endif
