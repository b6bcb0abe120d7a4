/* A stable sort of row numbers.
 *
 *   (prefix "000989", 7) (prefix "000012", 8) …     few: runs of 8 by insertion, then merged:
 *                                                   8 + 8 → 16, 16 + 16 → 32, …
 *   many: by their last byte, by the one before, … (bytes that all have in common are skipped);
 *         then items of equal prefixes are merged like few
 *
 * The prefixes lie in the array itself, so most comparisons touch no row at all.
 *
 * 1. Two halves that are in order already are only copied, so sorted input costs n comparisons;
 *    many items whose prefixes are in order already are not moved.
 * 2. Every pass over a byte is stable, so what the passes before it ordered stays ordered. */
#include "exec/order.h"

#include <stdbool.h>
#include <string.h>

enum { ORDER_RUN = 8, ORDER_MANY = 512, PREFIX_BYTES = 8, BYTE_VALUES = 256 };

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

static void
order_merge_sort(const order_by *by, wr_order_item *items, wr_order_item *scratch, uint32_t count)
{
    for (uint32_t start = 0; start < count; start += ORDER_RUN) {
        uint32_t rest = count - start;
        order_insert_run(by, items + start, rest < ORDER_RUN ? rest : ORDER_RUN);
    }
    wr_order_item *from = items, *to = scratch;
    for (uint64_t run = ORDER_RUN; run < count; run *= 2) {
        for (uint64_t start = 0; start < count; start += 2 * run) {
            uint64_t rest = count - start;
            uint64_t merged = rest < 2 * run ? rest : 2 * run;
            uint64_t middle = merged < run ? merged : run;
            order_merge_halves(by, from + start, (uint32_t)middle, (uint32_t)merged, to + start);
        }
        wr_order_item *swap = from;
        from = to;
        to = swap;
    }
    if (from != items && count > 0) {
        memcpy(items, from, count * sizeof(*items));
    }
}

/* ── many ───────────────────────────────────────────────────────────────────────────────────── */

typedef struct byte_counts {
    uint32_t of[PREFIX_BYTES][BYTE_VALUES]; /* [0]: the least significant byte */
} byte_counts;

/* Counts the values of all bytes; true: the prefixes are in order already. */
static bool
order_count_bytes(const wr_order_item *items, uint32_t count, byte_counts *counts)
{
    memset(counts, 0, sizeof(*counts));
    uint64_t before = 0;
    bool is_ordered = true;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t prefix = items[i].prefix;
        is_ordered = is_ordered && before <= prefix;
        before = prefix;
        for (int byte = 0; byte < PREFIX_BYTES; byte++) {
            counts->of[byte][prefix >> 8 * byte & 0xFF]++;
        }
    }
    return is_ordered;
}

/* to = from, by this byte of the prefix. `places` are the byte's counts, which end. */
static void
order_by_byte(const wr_order_item *from, uint32_t count, int byte, uint32_t *places,
              wr_order_item *to)
{
    uint32_t place = 0;
    for (int value = 0; value < BYTE_VALUES; value++) {
        uint32_t value_count = places[value];
        places[value] = place;
        place += value_count;
    }
    for (uint32_t i = 0; i < count; i++) {
        to[places[from[i].prefix >> 8 * byte & 0xFF]++] = from[i];
    }
}

static void
order_by_prefix(wr_order_item *items, wr_order_item *scratch, uint32_t count)
{
    byte_counts counts;
    if (order_count_bytes(items, count, &counts)) {
        return;
    }
    wr_order_item *from = items, *to = scratch;
    for (int byte = 0; byte < PREFIX_BYTES; byte++) {
        if (counts.of[byte][items[0].prefix >> 8 * byte & 0xFF] == count) {
            continue;
        }
        order_by_byte(from, count, byte, counts.of[byte], to);
        wr_order_item *swap = from;
        from = to;
        to = swap;
    }
    if (from != items) {
        memcpy(items, from, count * sizeof(*items));
    }
}

void
wr_order_sort(wr_order_item *items, wr_order_item *scratch, uint32_t count,
              wr_order_compare compare, const void *context)
{
    order_by by = {compare, context};
    if (count < ORDER_MANY) {
        order_merge_sort(&by, items, scratch, count);
        return;
    }
    order_by_prefix(items, scratch, count);
    for (uint32_t start = 0, end = 0; start < count; start = end) {
        for (end = start + 1; end < count && items[end].prefix == items[start].prefix;) {
            end++;
        }
        if (end - start > 1) {
            order_merge_sort(&by, items + start, scratch, end - start);
        }
    }
}
