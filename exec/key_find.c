/* Rows → numbers of their keys, for a whole run of rows at a time.
 *
 *   hash      slots               candidate      keys of the run and key rows, column by column
 *   7A…01 ──▶ [7A…│1][ free ] ──▶  1          ──▶  "b" = "b"                     it is group 1
 *   31…40 ──▶ [9C…│4][31…│0]  ──▶  0          ──▶  "x" ≠ "a"  (equal salts)  ┐ the long way, row
 *   D8…33 ──▶ [ free ][ free ] ─▶  none                                      ┘ by row: find, insert
 *
 * The candidate is the first group whose salt fits: nearly always the one, and nearly always in one
 * of the two slots that are looked at together. So the loops have no branch that is hard to
 * predict, and rows of known groups never have a key row made. A small table is in the cache, and
 * one loop does both steps; in a large one every step of a row is a miss, so each step is a loop of
 * its own that prefetches for the next.
 *
 * 1. Rows that go the long way do so in their order: groups are numbered by their first row.
 * 2. A candidate counts only if its whole key is equal; hashes decide nothing. */
#include "exec/key_set.h"

#include "functions/kernel.h"

enum {
    FIND_LARGE_SLOTS = 1 << 15, /* 256 KiB of slots, about 1 MiB with keys and texts */
    FIND_PREFETCH = 32
};

typedef struct find_run {
    wr_key_set *set;
    const wr_key_columns *keys;
    const uint64_t *hashes;
    const uint16_t *rows; /* NULL: 0 … count − 1 */
    int count;
    uint32_t *numbers;
    int missing_count;
    uint16_t missing[WR_BATCH_ROWS]; /* positions in the run */
} find_run;

static inline int
run_row(const find_run *run, int i)
{
    return run->rows ? run->rows[i] : i;
}

/* ── one integer key, close together ────────────────────────────────────────────────────────── */

static void
find_by_map(find_run *run)
{
    const uint64_t *values = run->keys->values[0].data;
    const uint32_t *map = run->set->map;
    const uint64_t base = run->set->map_base, map_count = run->set->map_count;
    const uint16_t *rows = run->rows;
    uint32_t *numbers = run->numbers;
    const int count = run->count;
    uint32_t any_missing = 0; /* rarely: they are listed by a loop of their own */
    for (int i = 0; i < count; i++) {
        uint64_t place = values[rows ? rows[i] : i] - base;
        uint32_t entry = place < map_count ? map[place] : 0;
        numbers[i] = entry - 1;
        any_missing |= entry == 0;
    }
    run->missing_count = 0;
    for (int i = 0; any_missing && i < count; i++) {
        if (numbers[i] == UINT32_MAX) {
            run->missing[run->missing_count++] = (uint16_t)i;
        }
    }
}

/* ── tables in the cache ────────────────────────────────────────────────────────────────────── */

/* The first slot that is free or whose salt fits; `mask` is the number of slots − 1. */
static inline __attribute__((always_inline)) uint64_t
table_slot(const uint64_t *slots, size_t mask, uint64_t hash)
{
    const uint64_t salt = wr_key_salt(hash);
    size_t at = hash & (mask - 1);
    uint64_t slot = slots[at + (slots[at] >> 32 != salt)]; /* an index is no branch */
    if (__builtin_expect(slot >> 32 != salt, 0)) {
        for (slot = slots[at]; slot != 0 && slot >> 32 != salt; slot = slots[at]) {
            at = (at + 1) & mask;
        }
    }
    return slot;
}

static inline __attribute__((always_inline)) bool
value_equals(const wr_key_values *values, wr_key_shape shape, bool has_nulls, int row,
             const char *key)
{
    bool is_null = has_nulls && wr_key_values_null(values, row);
    uint64_t null_bits = 0;
    memcpy(&null_bits, key, sizeof(null_bits));
    if (is_null || null_bits) {
        return is_null && null_bits;
    }
    const void *stored = key + sizeof(null_bits);
    if (shape == WR_KEY_ONE_TEXT) {
        return wr_key_text_equal((const wr_key_text *)values->data + row, stored);
    }
    return ((const uint64_t *)values->data)[row] == *(const uint64_t *)stored;
}

static inline __attribute__((always_inline)) void
find_in_cache(find_run *run, wr_key_shape shape, size_t row_bytes, bool has_nulls)
{
    const wr_key_values values = run->keys->values[0];
    const uint64_t *slots = run->set->slots, *hashes = run->hashes;
    const size_t mask = run->set->slot_count - 1;
    const char *keys = run->set->keys;
    const uint16_t *rows = run->rows;
    uint32_t *numbers = run->numbers;
    const int count = run->count;
    int missing_count = 0;
    for (int i = 0; i < count; i++) {
        int row = rows ? rows[i] : i;
        uint64_t slot = table_slot(slots, mask, hashes[row]);
        uint32_t number = (uint32_t)slot;
        numbers[i] = number;
        if (__builtin_expect(slot == 0 || !value_equals(&values, shape, has_nulls, row,
                                                        keys + number * row_bytes), 0)) {
            run->missing[missing_count++] = (uint16_t)i;
        }
    }
    run->missing_count = missing_count;
}

static __attribute__((noinline)) void
find_in_small(find_run *run, wr_key_shape shape, bool has_nulls)
{
    if (shape == WR_KEY_ONE_TEXT && !has_nulls) {
        find_in_cache(run, WR_KEY_ONE_TEXT, WR_KEY_ONE_TEXT_BYTES, false);
    } else if (shape == WR_KEY_ONE_TEXT) {
        find_in_cache(run, WR_KEY_ONE_TEXT, WR_KEY_ONE_TEXT_BYTES, true);
    } else {
        find_in_cache(run, WR_KEY_ONE_WORD, WR_KEY_ONE_WORD_BYTES, true);
    }
}

/* ── larger tables, more columns ────────────────────────────────────────────────────────────── */

/* numbers[i] = candidate, or 0 and differs[i] where there is none. */
static void
run_choose_candidates(const find_run *run, uint8_t *differs)
{
    const wr_key_set *set = run->set;
    const size_t row_bytes = (size_t)set->layout->row_bytes;
    for (int i = 0; i < run->count; i++) {
        if (i + FIND_PREFETCH < run->count) {
            uint64_t ahead = run->hashes[run_row(run, i + FIND_PREFETCH)];
            __builtin_prefetch(&set->slots[wr_key_slot(set, ahead)]);
        }
        uint64_t slot =
            table_slot(set->slots, set->slot_count - 1, run->hashes[run_row(run, i)]);
        uint32_t number = (uint32_t)slot;
        differs[i] = slot == 0;
        run->numbers[i] = number;
        const char *key = set->keys + number * row_bytes;
        __builtin_prefetch(key);
        __builtin_prefetch(key + row_bytes - 1);
    }
}

/* differs[i] |= is the value of this column not the candidate's? `equal` compares the values at
 * `value` and `stored`, of `value_bytes` each. */
#define COMPARE_LOOP(value_bytes, equal) \
    do { \
        for (int i = 0; i < run->count; i++) { \
            int row = run_row(run, i); \
            const char *key = keys + run->numbers[i] * row_bytes; \
            const void *stored = key + offset; \
            const void *value = data + (size_t)row * (value_bytes); \
            bool is_null = wr_key_values_null(values, row); \
            bool is_same = wr_key_row_is_null(key, column) == is_null && (is_null || (equal)); \
            differs[i] |= !is_same; \
        } \
    } while (0)

static inline bool
words_equal(const void *a, const void *b)
{
    return memcmp(a, b, 8) == 0;
}

static void
run_compare_column(const find_run *run, int column, uint8_t *differs)
{
    const wr_key_values *values = &run->keys->values[column];
    const wr_key_layout *layout = run->set->layout;
    const char *keys = run->set->keys, *data = values->data;
    const size_t row_bytes = (size_t)layout->row_bytes;
    const int offset = layout->columns[column].offset;
    wr_type_id type = layout->columns[column].type.id;
    if (wr_type_is_view(type)) {
        COMPARE_LOOP(sizeof(wr_key_text), wr_key_text_equal(value, stored));
    } else if (type == WR_TYPE_INTERVAL) {
        COMPARE_LOOP(sizeof(wr_interval), wr_value_compare(type, value, stored) == 0);
    } else if (type == WR_TYPE_DECIMAL) {
        COMPARE_LOOP(16, memcmp(value, stored, 16) == 0);
    } else {
        COMPARE_LOOP(8, words_equal(value, stored));
    }
}

static void
find_by_steps(find_run *run)
{
    uint8_t differs[WR_BATCH_ROWS];
    run_choose_candidates(run, differs);
    for (int i = 0; i < run->set->layout->column_count; i++) {
        run_compare_column(run, i, differs);
    }
    int missing_count = 0;
    for (int i = 0; i < run->count; i++) {
        run->missing[missing_count] = (uint16_t)i;
        missing_count += differs[i];
    }
    run->missing_count = missing_count;
}

/* ── the long way ───────────────────────────────────────────────────────────────────────────── */

/* The key row is written behind those of the numbers, where it stays if it is new. */
static void
find_missing(find_run *run, const uint64_t *hashes)
{
    wr_key_set *set = run->set;
    for (int k = 0; k < run->missing_count; k++) {
        int i = run->missing[k], row = run_row(run, i);
        wr_key_set_reserve(set);
        char *key = set->keys + (size_t)set->count * (size_t)set->layout->row_bytes;
        wr_key_columns_write(run->keys, row, key);
        run->numbers[i] = wr_key_set_probe(set, key, hashes[row]);
    }
}

void
wr_key_set_find(wr_key_set *set, wr_key_columns *keys, const uint16_t *rows, int count,
                    uint32_t *numbers)
{
    const wr_key_layout *layout = set->layout;
    if (layout->column_count == 0) {
        if (set->count == 0) {
            wr_key_set_probe(set, "", 0);
        }
        memset(numbers, 0, (size_t)count * sizeof(*numbers));
        return;
    }
    find_run run = {.set = set, .keys = keys, .rows = rows, .count = count, .numbers = numbers};
    if (set->count == 0) {
        run.missing_count = 1; /* the first row: then there is a number 0 to compare with */
        find_missing(&run, wr_key_columns_hashes(keys));
    }
    bool is_small = set->slot_count < FIND_LARGE_SLOTS;
    if (set->map && !keys->values[0].valid) {
        find_by_map(&run);
    } else {
        run.hashes = wr_key_columns_hashes(keys);
        if (is_small && layout->shape != WR_KEY_GENERAL) {
            find_in_small(&run, layout->shape, keys->values[0].valid != NULL);
        } else {
            find_by_steps(&run);
        }
    }
    if (run.missing_count > 0) {
        find_missing(&run, wr_key_columns_hashes(keys));
    }
}
