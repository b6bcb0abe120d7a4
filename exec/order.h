/* A stable sort of row numbers. */
#ifndef WEIR_EXEC_ORDER_H
#define WEIR_EXEC_ORDER_H

#include <stdint.h>

/* < 0, 0, > 0: does row `a` come before, with or after row `b`? */
typedef int (*wr_order_compare)(const void *context, uint32_t a, uint32_t b);

/* Sorts `count` ids by `compare`, equal ones stay in their order; `scratch` has `count` places. */
void wr_order_sort(uint32_t *ids, uint32_t count, uint32_t *scratch, wr_order_compare compare,
                   const void *context);

#endif
