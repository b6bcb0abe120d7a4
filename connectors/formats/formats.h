/* The formats that there are. A new one is a line here and in registry.c. */
#ifndef WEIR_CONNECTORS_FORMATS_FORMATS_H
#define WEIR_CONNECTORS_FORMATS_FORMATS_H

#include "connectors/connector.h"

extern const wr_format_ops wr_format_json;
extern const wr_format_ops wr_format_csv;
extern const wr_format_ops wr_format_text;
extern const wr_format_ops wr_format_raw;

#endif
