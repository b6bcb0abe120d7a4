/* A stable sort of row numbers, mostly by an 8-byte prefix of their keys. */
#ifndef WEIR_EXEC_ORDER_H
#define WEIR_EXEC_ORDER_H

#include <stdint.h>

typedef struct wr_order_item {
    uint64_t prefix; /* a smaller one comes first; equal ones are compared in full */
    uint32_t id;
} wr_order_item;

/* < 0, 0, > 0: does row `a` come before, with or after row `b`? Asked when prefixes are equal. */
typedef int (*wr_order_compare)(const void *context, uint32_t a, uint32_t b);

/* Sorts `count` items; equal ones stay in their order; `scratch` has `count` places. */
void wr_order_sort(wr_order_item *items, wr_order_item *scratch, uint32_t count,
                   wr_order_compare compare, const void *context);

#endif
