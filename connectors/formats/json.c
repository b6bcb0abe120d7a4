/* The format json: one record a message, or a line of a file.
 *
 * 1. This file only names the parts; decoding is in json_decode.c and json_project.c, encoding in
 *    json_encode.c. */
#include "connectors/formats/json.h"
#include "connectors/formats/json_scan.h"

#include "connectors/formats/formats.h"

static const wr_option_spec json_options[] = {{0}};

/* An array of rows. */
static bool
json_gives_many(wr_text record)
{
    const char *end = record.data + record.size, *at = wr_json_space(record.data, end);
    return at < end && *at == '[';
}

const wr_format_ops wr_format_json = {
    .name = "json",
    .extensions = "json|jsonl|ndjson",
    .options = json_options,
    .gives_many = json_gives_many,
    .decoder_open = wr_json_decoder_open,
    .decode = wr_json_decode,
    .decoder_close = wr_json_decoder_close,
    .encoder_open = wr_json_encoder_open,
    .encode = wr_json_encode,
    .encoder_close = wr_json_encoder_close,
};
