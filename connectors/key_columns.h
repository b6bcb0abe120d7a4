/* `key = col` and `key = (cols)` of sinks. */
#ifndef WEIR_CONNECTORS_KEY_COLUMNS_H
#define WEIR_CONNECTORS_KEY_COLUMNS_H

#include "connectors/connector.h"

/* Numbers of the columns that the option names, in `arena`; none without option. E0203: there is no
 * such column. */
wr_status wr_key_columns_find(const wr_option *option, const wr_schema *schema, wr_arena *arena,
                              int **columns, int *count, wr_error *err);

#endif
