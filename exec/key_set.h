/* The keys that the group tables of an operator share: key → dense number, and their order. */
#ifndef WEIR_EXEC_KEY_SET_H
#define WEIR_EXEC_KEY_SET_H

#include "exec/key_columns.h"
#include "exec/order.h"

typedef struct wr_key_set {
    const wr_key_layout *layout;
    int use_count;     /* tables (and whoever makes tables) that hold it */
    wr_arena *memory;  /* key texts */
    uint64_t *slots;   /* salt, number; 0: free */
    size_t slot_count; /* a power of two */
    size_t slot_limit; /* so many keys, and there must be more slots */
    /* one integer key: map[key − map_base] = number + 1; 0: not here */
    uint32_t *map;
    uint64_t map_base, map_count;
    int64_t least_key, greatest_key;
    uint32_t count, capacity;
    uint64_t *hashes; /* by number */
    char *keys;       /* key rows by number */
    wr_order_item *order; /* the first `ordered_count` keys, sorted */
    uint32_t ordered_count;
    uint32_t common; /* bytes that the texts of the ordered keys begin with */
    uint64_t observed_in; /* observation that counted this set last: tables share it */
} wr_key_set;

/* Heap; each user holds it once, the last release ends it. One thread at a time. */
wr_key_set *wr_key_set_new(const wr_key_layout *layout);
wr_key_set *wr_key_set_retain(wr_key_set *set);
void wr_key_set_release(wr_key_set *set); /* NULL is fine */

/* numbers[i] = number of the key of row rows[i] (rows NULL: of row i); new keys are added. At most
 * WR_BATCH_ROWS rows. Without key columns every row has number 0, and `keys` may be NULL. */
void wr_key_set_find(wr_key_set *set, wr_key_columns *keys, const uint16_t *rows, int count,
                     uint32_t *numbers);
/* Room for one more key behind the last one. */
void wr_key_set_reserve(wr_key_set *set);
/* The number of a key row, added if it is new. The row is borrowed; it may lie behind the last key,
 * where it then stays. */
uint32_t wr_key_set_probe(wr_key_set *set, const char *key, uint64_t hash);
/* numbers[i] = number here of key first + i of `from`. */
void wr_key_set_match(wr_key_set *set, const wr_key_set *from, uint32_t first, uint32_t count,
                      uint32_t *numbers);

/* All keys in SQL order (NULLs last); valid until a key is added. */
const wr_order_item *wr_key_set_order(wr_key_set *set);
/* items[0, count), whose ids are numbers here, in SQL order; `scratch` has `count` places. */
void wr_key_set_sort(const wr_key_set *set, wr_order_item *items, wr_order_item *scratch,
                     uint32_t count);

/* A slot's upper half: that of the hash, never 0. */
static inline uint64_t
wr_key_salt(uint64_t hash)
{
    return hash >> 32 | 1u << 31;
}

/* Where probing begins: at the first of a pair of slots, so that both lie in one cache line. */
static inline size_t
wr_key_slot(const wr_key_set *set, uint64_t hash)
{
    return hash & (set->slot_count - 2);
}

static inline const char *
wr_key_set_row(const wr_key_set *set, uint32_t number)
{
    return set->keys + (size_t)number * (size_t)set->layout->row_bytes;
}

int64_t wr_key_set_bytes(const wr_key_set *set);

#endif
