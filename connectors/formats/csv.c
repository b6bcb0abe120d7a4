/* The format csv: RFC 4180 with a header line in files.
 *
 * 1. This file only names the parts; decoding is in csv_decode.c, encoding in csv_encode.c. */
#include "connectors/formats/csv.h"

#include "connectors/formats/csv_scan.h"
#include "connectors/formats/formats.h"

static bool
csv_has_header(wr_options options)
{
    return wr_options_bool(options, wr_csv_options, "header");
}

const wr_format_ops wr_format_csv = {
    .name = "csv",
    .extensions = "csv",
    .options = wr_csv_options,
    .has_header = csv_has_header,
    .cut = wr_csv_cut,
    .decoder_open = wr_csv_decoder_open,
    .decode = wr_csv_decode,
    .decoder_close = wr_csv_decoder_close,
    .encoder_open = wr_csv_encoder_open,
    .encode = wr_csv_encode,
    .encoder_close = wr_csv_encoder_close,
};
