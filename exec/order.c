/* A stable merge sort of row numbers.
 *
 *   (prefix "000989", 7) (prefix "000012", 8) …     runs of 8 by insertion, then merged:
 *                                                   8 + 8 → 16, 16 + 16 → 32, …
 *
 * The prefixes lie in the array itself, so most comparisons touch no row at all.
 *
 * 1. Two halves that are in order already are only copied, so sorted input costs n comparisons. */
#include "exec/order.h"

#include <stdbool.h>
#include <string.h>

enum { ORDER_RUN = 8 };

typedef struct order_by {
    wr_order_compare compare;
    const void *context;
} order_by;

/* Does b come strictly before a? */
static inline bool
order_is_after(const order_by *by, const wr_order_item *a, const wr_order_item *b)
{
    if (a->prefix != b->prefix) {
        return a->prefix > b->prefix;
    }
    return by->compare(by->context, a->id, b->id) > 0;
}

static void
order_insert_run(const order_by *by, wr_order_item *items, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        wr_order_item item = items[i];
        uint32_t place = i;
        while (place > 0 && order_is_after(by, &items[place - 1], &item)) {
            items[place] = items[place - 1];
            place--;
        }
        items[place] = item;
    }
}

/* from[0, middle) and from[middle, count) are in order; so is to[0, count) afterwards. */
static void
order_merge_halves(const order_by *by, const wr_order_item *from, uint32_t middle, uint32_t count,
                   wr_order_item *to)
{
    if (middle >= count || !order_is_after(by, &from[middle - 1], &from[middle])) {
        memcpy(to, from, count * sizeof(*to));
        return;
    }
    uint32_t left = 0, right = middle;
    for (uint32_t i = 0; i < count; i++) {
        bool take_left = right >= count ||
                         (left < middle && !order_is_after(by, &from[left], &from[right]));
        to[i] = take_left ? from[left++] : from[right++];
    }
}

void
wr_order_sort(wr_order_item *items, wr_order_item *scratch, uint32_t count,
              wr_order_compare compare, const void *context)
{
    order_by by = {compare, context};
    for (uint32_t start = 0; start < count; start += ORDER_RUN) {
        uint32_t rest = count - start;
        order_insert_run(&by, items + start, rest < ORDER_RUN ? rest : ORDER_RUN);
    }
    wr_order_item *from = items, *to = scratch;
    for (uint64_t run = ORDER_RUN; run < count; run *= 2) {
        for (uint64_t start = 0; start < count; start += 2 * run) {
            uint64_t rest = count - start;
            uint64_t merged = rest < 2 * run ? rest : 2 * run;
            uint64_t middle = merged < run ? merged : run;
            order_merge_halves(&by, from + start, (uint32_t)middle, (uint32_t)merged, to + start);
        }
        wr_order_item *swap = from;
        from = to;
        to = swap;
    }
    if (from != items && count > 0) {
        memcpy(items, from, count * sizeof(*items));
    }
}
