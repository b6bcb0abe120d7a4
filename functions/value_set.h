/* Sets of values of one type, and how often each was seen: what DISTINCT, mode, histogram and
 * others keep. A set lies in an arena, and takes memory by the number of different values. */
#ifndef WEIR_FUNCTIONS_VALUE_SET_H
#define WEIR_FUNCTIONS_VALUE_SET_H

#include "functions/aggregate.h"

typedef struct wr_value_set {
    wr_vector values; /* flat, `count` of `capacity`, in order of arrival */
    int64_t *times;   /* how often each was seen; NULL: not counted */
    uint32_t *table;  /* value number + 1, 0: empty; 2 × capacity entries */
    uint64_t *hashes;
    int count, capacity;
} wr_value_set;

wr_value_set *wr_value_set_new(wr_type type, bool counts, wr_arena *memory);
/* One more value, seen `times` times; a text is copied. Equal values (as wr_value_compare says) are
 * one. */
void wr_value_set_add(wr_value_set *set, const void *value, int64_t times, wr_arena *memory);
/* into += from, both of the same kind. */
void wr_value_set_merge(wr_value_set *into, const wr_value_set *from, wr_arena *memory);
/* The numbers of all values, in SQL's order of the values, in `arena`. */
uint32_t *wr_value_set_sorted(const wr_value_set *set, wr_arena *arena);

/* For states with a pointer to a set (NULL: none yet) at byte `offset`: checkpoints. */
void wr_value_sets_save(const wr_aggregate_states *call, size_t offset, wr_buffer *out);
wr_status wr_value_sets_load(const wr_aggregate_states *call, size_t offset, wr_type type,
                             bool counts, wr_text *bytes, wr_error *err);

#endif
