/* Key sets: an open-addressing hash table whose values are dense numbers, and the keys' order.
 *
 *   hash ──▶ slots  [ salt│2 | 0 ] [ salt│0 | salt│1 ]    salt: upper half of the hash
 *                          │              └▶ keys[0]
 *                          └───────────────▶ keys[2]      order  [ 2 0 1 ]
 *
 * Panes and windows of one operator mostly see the same keys. Their tables (group_table.c) share a
 * set, so that a key is added and sorted once, and equal numbers are equal keys in all of them.
 *
 * One integer key has a second way: when the keys lie close together, a map has the number of each
 * between the least and the greatest, and no row needs a hash. Looking rows up is key_find.c.
 *
 * 1. At most half of the slots are used, of many at most three quarters; a probe ends at the first
 *    free one.
 * 2. The salts are compared first, so a key is looked at about once per row.
 * 3. Keys are numbered in order of their first row, and are never taken out: a set ends as a whole.
 * 4. The order is made when it is asked for: keys that came since are sorted and merged in.
 * 5. The keys of a map lie in a span of at most twice their number (or MAP_MIN); what is in it is
 *    in the slots, too. It is made again when keys leave it, with room on both sides, so rarely. */
#include "exec/key_set.h"

#include "core/memory.h"
#include "core/region.h"

#include <assert.h>

enum {
    SET_SLOTS_MIN = 64,
    SET_KEYS_MIN = 16,
    SET_MANY_SLOTS = 1 << 16,
    SET_MAP_MIN = 4096,
    SET_PREFETCH = 16
};

/* All slots are free afterwards. */
static void
set_make_slots(wr_key_set *set, size_t slot_count)
{
    size_t old_bytes = set->slot_count * sizeof(*set->slots);
    set->slots = wr_region_grow(set->slots, old_bytes, slot_count * sizeof(*set->slots));
    memset(set->slots, 0, old_bytes);
    set->slot_count = slot_count;
    set->slot_limit = slot_count > SET_MANY_SLOTS ? slot_count / 4 * 3 : slot_count / 2;
}

static void
set_free_map(wr_key_set *set)
{
    wr_region_free(set->map, set->map_count * sizeof(*set->map));
    set->map = NULL;
    set->map_count = 0;
}

wr_key_set *
wr_key_set_new(const wr_key_layout *layout)
{
    wr_key_set *set = wr_alloc(sizeof(*set));
    set->layout = layout;
    set->use_count = 1;
    set->memory = wr_arena_new(0);
    set_make_slots(set, SET_SLOTS_MIN);
    set->least_key = INT64_MAX;
    set->greatest_key = INT64_MIN;
    set->common = UINT32_MAX;
    return set;
}

wr_key_set *
wr_key_set_retain(wr_key_set *set)
{
    set->use_count++;
    return set;
}

void
wr_key_set_release(wr_key_set *set)
{
    if (!set || --set->use_count > 0) {
        return;
    }
    wr_region_free(set->slots, set->slot_count * sizeof(*set->slots));
    set_free_map(set);
    wr_region_free(set->hashes, set->capacity * sizeof(*set->hashes));
    wr_region_free(set->keys, set->capacity * (size_t)set->layout->row_bytes);
    wr_free(set->order);
    wr_arena_free(set->memory);
    wr_free(set);
}

/* ── adding ─────────────────────────────────────────────────────────────────────────────────── */

static void
set_grow_keys(wr_key_set *set)
{
    size_t old_count = set->capacity, count = old_count ? 2 * old_count : SET_KEYS_MIN;
    assert(count < INT32_MAX);
    size_t hash_bytes = sizeof(*set->hashes), row_bytes = (size_t)set->layout->row_bytes;
    set->hashes = wr_region_grow(set->hashes, old_count * hash_bytes, count * hash_bytes);
    set->keys = wr_region_grow(set->keys, old_count * row_bytes, count * row_bytes);
    set->capacity = (uint32_t)count;
}

static inline uint64_t
slot_of(uint64_t hash, uint32_t number)
{
    return wr_key_salt(hash) << 32 | number;
}

static void
set_place(wr_key_set *set, uint64_t hash, uint32_t number)
{
    size_t mask = set->slot_count - 1, at = wr_key_slot(set, hash);
    while (set->slots[at]) {
        at = (at + 1) & mask;
    }
    set->slots[at] = slot_of(hash, number);
}

static void
set_grow_slots(wr_key_set *set)
{
    size_t slot_count = set->slot_count * (set->slot_count < SET_MANY_SLOTS ? 4 : 2);
    set_make_slots(set, slot_count);
    for (uint32_t number = 0; number < set->count; number++) {
        if (number + SET_PREFETCH < set->count) {
            uint64_t ahead = set->hashes[number + SET_PREFETCH];
            __builtin_prefetch(&set->slots[wr_key_slot(set, ahead)], 1);
        }
        set_place(set, set->hashes[number], number);
    }
}

/* ── the map of one integer key ─────────────────────────────────────────────────────────────── */

static bool
set_integer_key(const wr_key_set *set, uint32_t number, int64_t *key)
{
    const char *row = wr_key_set_row(set, number);
    memcpy(key, row + set->layout->columns[0].offset, sizeof(*key));
    return !wr_key_row_is_null(row, 0);
}

/* Makes the map new, from all keys; there is none when they lie too far from each other. */
static void
set_remake_map(wr_key_set *set)
{
    set_free_map(set);
    uint64_t span = (uint64_t)set->greatest_key - (uint64_t)set->least_key;
    if (span >= SET_MAP_MIN && span / 2 >= set->count) {
        return;
    }
    uint64_t map_count = 2;
    while (map_count < 2 * span + 2) {
        map_count *= 2;
    }
    set->map = wr_region_grow(NULL, 0, map_count * sizeof(*set->map));
    set->map_count = map_count;
    set->map_base = (uint64_t)set->least_key - (map_count - span) / 2;
    for (uint32_t number = 0; number < set->count; number++) {
        int64_t key = 0;
        if (set_integer_key(set, number, &key)) {
            set->map[(uint64_t)key - set->map_base] = number + 1;
        }
    }
}

static void
set_map_key(wr_key_set *set, uint32_t number)
{
    int64_t key = 0;
    if (!set_integer_key(set, number, &key)) {
        return;
    }
    set->least_key = key < set->least_key ? key : set->least_key;
    set->greatest_key = key > set->greatest_key ? key : set->greatest_key;
    if ((uint64_t)key - set->map_base < set->map_count) {
        set->map[(uint64_t)key - set->map_base] = number + 1;
    } else if (set->map || (set->count & (set->count - 1)) == 0) {
        set_remake_map(set); /* without a map: tried again when there are twice as many */
    }
}

/* ── one key ──────────────────────────────────────────────────────────────────────────────── */

void
wr_key_set_reserve(wr_key_set *set)
{
    if (set->count == set->capacity) {
        set_grow_keys(set);
    }
}

/* `at` is the slot where the probe for it ended. */
static __attribute__((noinline)) uint32_t
set_insert(wr_key_set *set, const char *key, uint64_t hash, size_t at)
{
    wr_key_set_reserve(set);
    uint32_t number = set->count++;
    size_t row_bytes = (size_t)set->layout->row_bytes;
    char *own = set->keys + (size_t)number * row_bytes;
    if (own != key) {
        memcpy(own, key, row_bytes);
    }
    wr_key_row_own(set->layout, own, set->memory);
    set->hashes[number] = hash;
    if (set->count > set->slot_limit) {
        set_grow_slots(set);
    } else {
        set->slots[at] = slot_of(hash, number);
    }
    if (set->layout->is_integer) {
        set_map_key(set, number);
    }
    return number;
}

static inline __attribute__((always_inline)) bool
key_equal(const wr_key_layout *layout, wr_key_shape shape, const char *a, const char *b)
{
    const uint64_t *x = (const uint64_t *)(const void *)a, *y = (const uint64_t *)(const void *)b;
    switch (shape) {
    case WR_KEY_ONE_WORD:
        return x[0] == y[0] && x[1] == y[1];
    case WR_KEY_ONE_TEXT:
        return x[0] == y[0] && wr_key_text_equal((const wr_key_text *)(const void *)(x + 1),
                                                 (const wr_key_text *)(const void *)(y + 1));
    case WR_KEY_GENERAL:
        return wr_key_row_equal(layout, a, b);
    }
    return false;
}

static inline __attribute__((always_inline)) uint32_t
set_probe(wr_key_set *set, wr_key_shape shape, size_t row_bytes, const char *key,
            uint64_t hash)
{
    size_t mask = set->slot_count - 1;
    uint64_t salt = wr_key_salt(hash);
    for (size_t at = wr_key_slot(set, hash);; at = (at + 1) & mask) {
        uint64_t slot = set->slots[at];
        if (slot == 0) {
            return set_insert(set, key, hash, at);
        }
        uint32_t number = (uint32_t)slot;
        if (slot >> 32 == salt && key_equal(set->layout, shape,
                                            set->keys + number * row_bytes, key)) {
            return number;
        }
    }
}

uint32_t
wr_key_set_probe(wr_key_set *set, const char *key, uint64_t hash)
{
    const wr_key_layout *layout = set->layout;
    switch (layout->shape) {
    case WR_KEY_ONE_WORD:
        return set_probe(set, WR_KEY_ONE_WORD, WR_KEY_ONE_WORD_BYTES, key, hash);
    case WR_KEY_ONE_TEXT:
        return set_probe(set, WR_KEY_ONE_TEXT, WR_KEY_ONE_TEXT_BYTES, key, hash);
    case WR_KEY_GENERAL:
        return set_probe(set, WR_KEY_GENERAL, (size_t)layout->row_bytes, key, hash);
    }
    return 0;
}

/* ── other sets' keys ───────────────────────────────────────────────────────────────────────── */

static inline __attribute__((always_inline)) void
set_match(wr_key_set *set, wr_key_shape shape, const wr_key_set *from, uint32_t first,
          uint32_t count, uint32_t *numbers)
{
    size_t row_bytes = (size_t)set->layout->row_bytes;
    for (uint32_t i = 0; i < count; i++) {
        if (i + SET_PREFETCH < count) {
            uint64_t ahead = from->hashes[first + i + SET_PREFETCH];
            __builtin_prefetch(&set->slots[wr_key_slot(set, ahead)]);
        }
        numbers[i] = set_probe(set, shape, row_bytes, from->keys + (first + i) * row_bytes,
                               from->hashes[first + i]);
    }
}

void
wr_key_set_match(wr_key_set *set, const wr_key_set *from, uint32_t first, uint32_t count,
                 uint32_t *numbers)
{
    switch (set->layout->shape) {
    case WR_KEY_ONE_WORD:
        set_match(set, WR_KEY_ONE_WORD, from, first, count, numbers);
        break;
    case WR_KEY_ONE_TEXT:
        set_match(set, WR_KEY_ONE_TEXT, from, first, count, numbers);
        break;
    case WR_KEY_GENERAL:
        set_match(set, WR_KEY_GENERAL, from, first, count, numbers);
        break;
    }
}

/* ── order ──────────────────────────────────────────────────────────────────────────────────── */

static int
set_order_compare(const void *context, uint32_t a, uint32_t b)
{
    const wr_key_set *set = context;
    return wr_key_row_compare(set->layout, wr_key_set_row(set, a), wr_key_set_row(set, b));
}

/* Bytes that the texts of items[0, count) have in common with `common` bytes of key `first`. */
static uint32_t
items_common(const wr_key_set *set, const wr_order_item *items, uint32_t count, uint32_t common)
{
    const char *other = wr_key_set_row(set, count > 0 ? items[0].id : 0);
    for (uint32_t i = 0; i < count && common > 0; i++) {
        common = wr_key_row_common(set->layout, wr_key_set_row(set, items[i].id), other, common);
    }
    return common;
}

static void
items_set_prefixes(const wr_key_set *set, wr_order_item *items, uint32_t count, uint32_t common)
{
    for (uint32_t i = 0; i < count; i++) {
        items[i].prefix =
            wr_key_row_prefix(set->layout, wr_key_set_row(set, items[i].id), common);
    }
}

void
wr_key_set_sort(const wr_key_set *set, wr_order_item *items, wr_order_item *scratch,
                uint32_t count)
{
    items_set_prefixes(set, items, count, items_common(set, items, count, UINT32_MAX));
    wr_order_sort(items, scratch, count, set_order_compare, set);
}

/* order[0, old) and more[0, count) are sorted; so is order[0, old + count) afterwards. */
static void
order_merge(const wr_key_set *set, wr_order_item *order, uint32_t old, const wr_order_item *more,
            uint32_t count)
{
    while (count > 0 && old > 0) {
        const wr_order_item *a = &order[old - 1], *b = &more[count - 1];
        bool old_is_last = a->prefix != b->prefix ? a->prefix > b->prefix
                                                  : set_order_compare(set, a->id, b->id) > 0;
        order[old + count - 1] = old_is_last ? *a : *b;
        old -= old_is_last;
        count -= !old_is_last;
    }
    memcpy(order, more, count * sizeof(*order));
}

const wr_order_item *
wr_key_set_order(wr_key_set *set)
{
    uint32_t old = set->ordered_count, count = set->count - old;
    if (count == 0) {
        return set->order;
    }
    set->order = wr_realloc(set->order, set->capacity * sizeof(*set->order));
    wr_order_item *more = set->order + old;
    for (uint32_t i = 0; i < count; i++) {
        more[i].id = old + i;
    }
    uint32_t common = items_common(set, more, count, set->common);
    if (old > 0) { /* a text of the old ones stands for all of them */
        common = wr_key_row_common(set->layout, wr_key_set_row(set, set->order[0].id),
                                   wr_key_set_row(set, more[0].id), common);
    }
    if (common != set->common) {
        set->common = common;
        items_set_prefixes(set, set->order, old, common);
    }
    items_set_prefixes(set, more, count, common);
    wr_order_item *scratch = wr_realloc(NULL, count * sizeof(*scratch));
    wr_order_sort(more, scratch, count, set_order_compare, set);
    if (old > 0) {
        memcpy(scratch, more, count * sizeof(*scratch));
        order_merge(set, set->order, old, scratch, count);
    }
    wr_free(scratch);
    set->ordered_count = set->count;
    return set->order;
}

int64_t
wr_key_set_bytes(const wr_key_set *set)
{
    size_t per_key = (size_t)set->layout->row_bytes + sizeof(*set->hashes) +
                     (set->order ? sizeof(*set->order) : 0);
    return (int64_t)(set->capacity * per_key + set->slot_count * sizeof(*set->slots) +
                     set->map_count * sizeof(*set->map) +
                     wr_arena_held_bytes(set->memory));
}
