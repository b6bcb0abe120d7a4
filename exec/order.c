/* A stable merge sort of row numbers.
 *
 *   runs of 8 by insertion, then merged: 8 + 8 → 16, 16 + 16 → 32, …
 *
 * 1. Two halves that are in order already are only copied, so sorted input costs n comparisons. */
#include "exec/order.h"

#include <stdbool.h>
#include <string.h>

enum { ORDER_RUN = 8 };

static void
order_insert_run(uint32_t *ids, uint32_t count, wr_order_compare compare, const void *context)
{
    for (uint32_t i = 1; i < count; i++) {
        uint32_t id = ids[i], place = i;
        while (place > 0 && compare(context, ids[place - 1], id) > 0) {
            ids[place] = ids[place - 1];
            place--;
        }
        ids[place] = id;
    }
}

typedef struct order_merge {
    wr_order_compare compare;
    const void *context;
} order_merge;

/* from[0, middle) and from[middle, count) are in order; so is to[0, count) afterwards. */
static void
order_merge_halves(const order_merge *merge, const uint32_t *from, uint32_t middle, uint32_t count,
                   uint32_t *to)
{
    if (middle >= count || merge->compare(merge->context, from[middle - 1], from[middle]) <= 0) {
        memcpy(to, from, count * sizeof(*to));
        return;
    }
    uint32_t left = 0, right = middle;
    for (uint32_t i = 0; i < count; i++) {
        bool take_left = right >= count ||
                         (left < middle &&
                          merge->compare(merge->context, from[left], from[right]) <= 0);
        to[i] = take_left ? from[left++] : from[right++];
    }
}

void
wr_order_sort(uint32_t *ids, uint32_t count, uint32_t *scratch, wr_order_compare compare,
              const void *context)
{
    order_merge merge = {compare, context};
    for (uint32_t start = 0; start < count; start += ORDER_RUN) {
        uint32_t rest = count - start;
        order_insert_run(ids + start, rest < ORDER_RUN ? rest : ORDER_RUN, compare, context);
    }
    uint32_t *from = ids, *to = scratch;
    for (uint64_t run = ORDER_RUN; run < count; run *= 2) {
        for (uint64_t start = 0; start < count; start += 2 * run) {
            uint64_t rest = count - start;
            uint64_t merged = rest < 2 * run ? rest : 2 * run;
            uint64_t middle = merged < run ? merged : run;
            order_merge_halves(&merge, from + start, (uint32_t)middle, (uint32_t)merged,
                               to + start);
        }
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != ids && count > 0) {
        memcpy(ids, from, count * sizeof(*ids));
    }
}
