/* SQL's order of values, and a stable sort of row numbers. */
#ifndef WEIR_EXEC_ORDER_H
#define WEIR_EXEC_ORDER_H

#include "core/vector.h"

/* < 0, 0, > 0 for two values of this type at `a` and `b` (not NULL): numbers by value with NaN
 * greatest, text by bytes, false before true, intervals by length (30-day months). */
int wr_value_compare(wr_type_id id, const void *a, const void *b);

typedef int (*wr_order_compare)(const void *context, uint32_t a, uint32_t b);

/* Sorts `count` ids by `compare`, equal ones stay in their order; `scratch` has `count` places. */
void wr_order_sort(uint32_t *ids, uint32_t count, uint32_t *scratch, wr_order_compare compare,
                   const void *context);

#endif
