/* Values of any type as JSON texts: what to_json, json_object, json_agg and others put together. */
#ifndef WEIR_FUNCTIONS_JSON_COLUMN_H
#define WEIR_FUNCTIONS_JSON_COLUMN_H

#include "functions/kernel.h"

/* The first n rows of `values` (flat or constant; a constant stays one) as a vector of JSON: texts
 * and bytes as strings, other types as CAST has them. NULLs and errors stay what they are. */
wr_vector wr_json_column(const wr_vector *values, int n, wr_arena *arena);

#endif
