/* Group tables: what makes a key equal, growth, collisions, combining, reuse. */
#include "tests/unit/exec_fixture.h"

#include "exec/group_table.h"
#include "exec/order.h"

#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct fixture {
    wr_arena *arena;
    wr_group_layout layout;
    wr_group_table *table;
    wr_key_columns keys;
    uint32_t groups[WR_BATCH_ROWS];
} fixture;

static void
begin(fixture *own, const wr_type *types, int count)
{
    static const wr_aggregate *aggregates[] = {&aggregate_count};
    own->arena = wr_arena_new(0);
    own->layout = (wr_group_layout){.aggregates = aggregates, .aggregate_count = 1};
    wr_key_layout_init(&own->layout.keys, own->arena, types, count);
    own->table = wr_group_table_new(&own->layout);
    wr_key_columns_init(&own->keys, &own->layout.keys, own->arena);
}

static void
end(fixture *own)
{
    wr_group_table_free(own->table);
    wr_arena_free(own->arena);
}

static void
find(fixture *own, const wr_vector *keys, int row_count)
{
    wr_key_columns_set(&own->keys, keys, row_count, own->arena);
    wr_group_table_find(own->table, &own->keys, NULL, row_count, own->groups);
}

static void
doubles_group_by_value(void **state)
{
    (void)state;
    fixture own;
    begin(&own, &WR_TYPE(DOUBLE), 1);
    wr_vector key;
    wr_vector_init_flat(&key, WR_TYPE(DOUBLE), 7, own.arena);
    memcpy(key.data, (double[]){-0.0, 0.0, NAN, -NAN, 1.5, 0.0, 0.0}, 7 * sizeof(double));
    wr_vector_set_null(&key, 5, 7, own.arena);
    wr_vector_set_null(&key, 6, 7, own.arena);
    find(&own, &key, 7);
    const uint32_t expected[] = {0, 0, 1, 1, 2, 3, 3};
    assert_memory_equal(own.groups, expected, sizeof(expected));
    wr_vector shown;
    wr_vector_init_flat(&shown, WR_TYPE(DOUBLE), 4, own.arena);
    const char *rows[4];
    for (uint32_t i = 0; i < 4; i++) {
        rows[i] = wr_group_key(own.table, i);
    }
    wr_key_rows_get(&own.layout.keys, 0, rows, 4, &shown, own.arena);
    assert_false(signbit(WR_VALUE(&shown, double, 0))); /* -0 and +0: the group shows +0 */
    assert_true(isnan(WR_VALUE(&shown, double, 1)));
    assert_true(wr_vector_is_null(&shown, 3));
    end(&own);
}

static void
texts_are_owned(void **state)
{
    (void)state;
    fixture own;
    begin(&own, &WR_TYPE(TEXT), 1);
    char bytes[64] = "a text of more than twelve bytes";
    wr_vector key;
    wr_vector_init_flat(&key, WR_TYPE(TEXT), 3, own.arena);
    wr_view *views = key.data;
    views[0] = wr_view_from(bytes, strlen(bytes));
    views[1] = wr_view_from("", 0);
    views[2] = wr_view_from("a text of more than twelve bytes", strlen(bytes));
    wr_vector_set_null(&key, 1, 3, own.arena);
    find(&own, &key, 3);
    assert_int_equal(own.groups[2], 0);
    assert_int_equal(own.groups[1], 1);
    memset(bytes, 'x', 32);
    views[0] = wr_view_from("", 0); /* the empty text is not NULL */
    find(&own, &key, 3);
    assert_int_equal(own.groups[0], 2);
    assert_int_equal(own.groups[1], 1);
    assert_int_equal(own.groups[2], 0);
    end(&own);
}

static void
many_groups(bool zero_hash, int64_t total)
{
    fixture own;
    const wr_type types[] = {WR_TYPE(BIGINT), WR_TYPE(BOOLEAN)};
    wr_hash_set_zero(zero_hash);
    begin(&own, types, 2);
    for (int round = 0; round < 2; round++) {
        for (int64_t start = 0; start < total; start += 1000) {
            wr_arena *arena = wr_arena_new(0);
            wr_vector keys[2];
            wr_vector_init_flat(&keys[0], types[0], 1000, arena);
            wr_vector_init_flat(&keys[1], types[1], 1000, arena);
            for (int i = 0; i < 1000; i++) {
                ((int64_t *)keys[0].data)[i] = (start + i) / 2;
                ((uint8_t *)keys[1].data)[i] = i & 1;
            }
            find(&own, keys, 1000);
            for (int i = 0; i < 1000; i++) {
                assert_int_equal(own.groups[i], start + i);
            }
            wr_arena_free(arena);
        }
        assert_int_equal(own.table->present_count, total);
        for (uint32_t i = 0; i < (uint32_t)total; i++) {
            *(int64_t *)wr_group_state(own.table, 0, i) += i;
        }
    }
    wr_group_table *into = wr_group_table_new(&own.layout);
    wr_group_table_combine(into, own.table);
    wr_group_table_combine(into, own.table);
    assert_int_equal(into->present_count, total);
    assert_int_equal(*(int64_t *)wr_group_state(into, 0, 7), 28);
    wr_group_table_free(into);
    wr_group_table_reset(own.table, 0);
    assert_int_equal(own.table->present_count, 0);
    wr_vector keys[2];
    wr_vector_init_flat(&keys[0], types[0], 1, own.arena);
    wr_vector_init_flat(&keys[1], types[1], 1, own.arena);
    ((int64_t *)keys[0].data)[0] = 5;
    ((uint8_t *)keys[1].data)[0] = 1;
    find(&own, keys, 1);
    assert_int_equal(*(int64_t *)wr_group_state(own.table, 0, 0), 0);
    end(&own);
    wr_hash_set_zero(false);
}

static void
grows_and_combines(void **state)
{
    (void)state;
    many_groups(false, 200000);
}

static void
works_when_every_hash_is_zero(void **state)
{
    (void)state;
    many_groups(true, 2000);
}

static void
keys_order_like_sql(void **state)
{
    (void)state;
    fixture own;
    begin(&own, &WR_TYPE(DOUBLE), 1);
    wr_vector key;
    wr_vector_init_flat(&key, WR_TYPE(DOUBLE), 5, own.arena);
    memcpy(key.data, (double[]){-1.0, 2.0, INFINITY, NAN, 0.0}, 5 * sizeof(double));
    wr_vector_set_null(&key, 4, 5, own.arena);
    find(&own, &key, 5);
    for (uint32_t i = 0; i + 1 < 5; i++) {
        const char *a = wr_group_key(own.table, i), *b = wr_group_key(own.table, i + 1);
        assert_true(wr_key_row_compare(&own.layout.keys, a, b) < 0);
        assert_true(wr_key_row_prefix(&own.layout.keys, a, 0) <
                    wr_key_row_prefix(&own.layout.keys, b, 0));
    }
    end(&own);
}

static int
row_compare(const void *context, uint32_t a, uint32_t b)
{
    const wr_group_table *table = context;
    return wr_key_row_compare(&table->layout->keys, wr_group_key(table, a),
                              wr_group_key(table, b));
}

/* Texts with a common start, prefixes of each other, bytes above 127, zero bytes, NULL. */
static void
texts_sort_by_their_prefix(void **state)
{
    (void)state;
    fixture own;
    begin(&own, &WR_TYPE(TEXT), 1);
    enum { COUNT = 500 };
    wr_vector key;
    wr_vector_init_flat(&key, WR_TYPE(TEXT), COUNT, own.arena);
    uint32_t random = 1;
    for (int i = 0; i < COUNT; i++) {
        char text[24] = "host-";
        size_t size = 5;
        while (size < sizeof(text) && (random = random * 1103515245 + 12345) >> 16 & 7) {
            text[size++] = "\0\x01" "az\xc3\xff"[(random >> 20) % 6];
        }
        ((wr_view *)key.data)[i] =
            wr_view_from(wr_arena_strndup(own.arena, text, size), size);
    }
    wr_vector_set_null(&key, 17, COUNT, own.arena);
    find(&own, &key, COUNT);
    uint32_t count = own.table->present_count, common = UINT32_MAX;
    wr_order_item items[COUNT], scratch[COUNT];
    for (uint32_t i = 0; i < count; i++) {
        common = wr_key_row_common(&own.layout.keys, wr_group_key(own.table, i),
                                   wr_group_key(own.table, 0), common);
    }
    assert_int_equal(common, 5);
    for (uint32_t i = 0; i < count; i++) {
        const char *row = wr_group_key(own.table, i);
        items[i] = (wr_order_item){wr_key_row_prefix(&own.layout.keys, row, common), i};
    }
    wr_order_sort(items, scratch, count, row_compare, own.table);
    for (uint32_t i = 0; i + 1 < count; i++) {
        assert_true(row_compare(own.table, items[i].id, items[i + 1].id) < 0);
    }
    end(&own);
}

/* ── texts of every length ──────────────────────────────────────────────────────────────────── */

enum { LONGEST = 40, LENGTHS = LONGEST + 1, VARIANTS = 4, TEXTS = LENGTHS * VARIANTS };

/* `size` bytes that end where readable memory ends. */
static char *
text_at_page_end(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(pages, MAP_FAILED);
    assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
    return pages + page - size;
}

/* Variant 0: "xx…x"; 1 and 2: another first or last byte; 3: zeros. So there are texts with the
 * same first 4, 8, 12 … bytes, and those that differ only by zeros at the end. */
static void
texts_make(wr_view *views)
{
    for (size_t i = 0; i < TEXTS; i++) {
        size_t size = i / VARIANTS, variant = i % VARIANTS;
        char *bytes = text_at_page_end(size);
        memset(bytes, variant == 3 ? 0 : 'x', size);
        if (size > 0 && variant > 0 && variant < 3) {
            bytes[variant == 1 ? 0 : size - 1] = 'y';
        }
        views[i] = wr_view_from(bytes, size);
    }
}

/* Which is the first text that is the same as this one? */
static size_t
texts_first(const wr_view *views, size_t i)
{
    size_t first = 0;
    while (!wr_text_equal(wr_view_text(&views[first]), wr_view_text(&views[i]))) {
        first++;
    }
    return first;
}

/* Rows of all texts, the last one NULL: groups are equal where texts are. The second time they come
 * backwards, from elsewhere. */
static void
texts_group(wr_vector *keys, int key_count, bool has_null)
{
    fixture own;
    const wr_type types[] = {WR_TYPE(TEXT), WR_TYPE(BIGINT)};
    begin(&own, types, key_count);
    wr_view views[TEXTS + 1] = {{0}}, backwards[TEXTS + 1] = {{0}}, again[TEXTS];
    texts_make(views);
    texts_make(again);
    for (int i = 0; i < TEXTS; i++) {
        backwards[i] = again[TEXTS - 1 - i];
    }
    keys[0].data = views;
    find(&own, keys, TEXTS + has_null);
    uint32_t groups[TEXTS + 1];
    memcpy(groups, own.groups, sizeof(groups));
    for (size_t i = 0; i < TEXTS; i++) {
        assert_int_equal(groups[i], groups[texts_first(views, i)]);
        for (size_t k = 0; k < i; k++) {
            bool is_same = texts_first(views, i) == texts_first(views, k);
            assert_true((groups[i] == groups[k]) == is_same);
        }
        assert_true(!has_null || groups[i] != groups[TEXTS]);
    }
    keys[0].data = backwards;
    find(&own, keys, TEXTS + has_null);
    for (int i = 0; i < TEXTS; i++) {
        assert_int_equal(own.groups[i], groups[TEXTS - 1 - i]);
        const char *row = wr_group_key(own.table, groups[i]);
        wr_view shown = wr_key_text_view((const void *)(row + own.layout.keys.columns[0].offset));
        assert_true(wr_view_equal(&shown, &views[i]));
    }
    assert_true(!has_null || own.groups[TEXTS] == groups[TEXTS]);
    end(&own);
}

static void
texts_of_every_length_group(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    for (int world_number = 0; world_number < 8; world_number++) {
        bool has_null = world_number & 1;
        wr_hash_set_zero(world_number & 2);
        wr_vector keys[2];
        wr_vector_init_flat(&keys[0], WR_TYPE(TEXT), TEXTS + 1, arena);
        wr_vector_init_flat(&keys[1], WR_TYPE(BIGINT), TEXTS + 1, arena);
        memset(keys[1].data, 0, (TEXTS + 1) * sizeof(int64_t));
        if (has_null) {
            wr_vector_set_null(&keys[0], TEXTS, TEXTS + 1, arena);
        }
        texts_group(keys, world_number & 4 ? 2 : 1, has_null);
    }
    wr_hash_set_zero(false);
    wr_arena_free(arena);
}

/* ── the sort of many ───────────────────────────────────────────────────────────────────────── */

enum { SORTED = 3000 };

typedef struct sort_world {
    uint8_t ranks[SORTED]; /* by id: decides between equal prefixes */
    wr_order_item items[SORTED], scratch[SORTED];
} sort_world;

static int
rank_compare(const void *context, uint32_t a, uint32_t b)
{
    const sort_world *sorted = context;
    return sorted->ranks[a] - sorted->ranks[b];
}

/* By prefix, then rank, then id: the sort is stable. */
static void
expect_sorted(sort_world *sorted)
{
    wr_order_sort(sorted->items, sorted->scratch, SORTED, rank_compare, sorted);
    for (int i = 0; i + 1 < SORTED; i++) {
        const wr_order_item *a = &sorted->items[i], *b = &sorted->items[i + 1];
        int order = a->prefix != b->prefix ? (a->prefix < b->prefix ? -1 : 1)
                                           : rank_compare(sorted, a->id, b->id);
        assert_true(order < 0 || (order == 0 && a->id < b->id));
    }
}

static void
many_sort_stably(void **state)
{
    (void)state;
    static sort_world sorted;
    const uint64_t masks[] = {UINT64_MAX, 0, 7, 0xFF00000000000000u, 0x0F0F00000F000F00u};
    for (size_t m = 0; m < sizeof(masks) / sizeof(masks[0]); m++) {
        uint64_t random = 1;
        for (uint32_t i = 0; i < SORTED; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            sorted.items[i] = (wr_order_item){(random ^ random >> 29) & masks[m], i};
            sorted.ranks[i] = (uint8_t)(random >> 40 & 15);
        }
        expect_sorted(&sorted);
        expect_sorted(&sorted); /* of what is in order already */
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(doubles_group_by_value),
                                       cmocka_unit_test(texts_are_owned),
                                       cmocka_unit_test(grows_and_combines),
                                       cmocka_unit_test(works_when_every_hash_is_zero),
                                       cmocka_unit_test(keys_order_like_sql),
                                       cmocka_unit_test(texts_sort_by_their_prefix),
                                       cmocka_unit_test(texts_of_every_length_group),
                                       cmocka_unit_test(many_sort_stably)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
