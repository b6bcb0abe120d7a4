/* The connectors that are built in; one line each here and in registry.c. */
#ifndef WEIR_CONNECTORS_REGISTRY_H
#define WEIR_CONNECTORS_REGISTRY_H

#include "connectors/connector.h"

extern const wr_source_ops wr_kafka_source;
extern const wr_source_ops wr_file_source;
extern const wr_source_ops wr_stdin_source;
extern const wr_source_ops wr_generate_source;
extern const wr_source_ops wr_host_source;
/* Behind SQL's VALUES and SELECT without FROM; found by name "values", but not listed. */
extern const wr_source_ops wr_values_source;
/* The file to copy; found by name "template", but not listed. */
extern const wr_source_ops wr_template_source;

extern const wr_sink_ops wr_kafka_sink;
extern const wr_sink_ops wr_file_sink;
extern const wr_sink_ops wr_sqlite_sink;
extern const wr_sink_ops wr_stdout_sink;
extern const wr_sink_ops wr_null_sink;

#endif
