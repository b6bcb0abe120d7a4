/* Window aggregates: small cases by hand, and random rows against a naive evaluator, in many cuts
 * and worlds. */
#include "tests/unit/exec_fixture.h"

#include "exec/aggregate.h"
#include "exec/watermark.h"
#include "exec/window.h"
#include "tests/lib/random.h"

#define MS WR_US_PER_MS

/* count(*), sum(value) by key: input columns 0 key, 1 value. */
static const wr_plan_node *
aggregate_node(world *own, wr_window window, wr_emit emit, bool has_key)
{
    wr_plan_aggregate_item *items = WR_NEW_ARRAY(own->arena, wr_plan_aggregate_item, 2);
    const wr_expr **exprs = WR_NEW_ARRAY(own->arena, const wr_expr *, 2);
    exprs[0] = column_expr(own->arena, WR_TYPE(BIGINT), 0);
    exprs[1] = column_expr(own->arena, WR_TYPE(BIGINT), 1);
    items[0].aggregate = &aggregate_count;
    items[1] = (wr_plan_aggregate_item){.aggregate = &aggregate_sum,
                                        .args = &exprs[1],
                                        .arg_count = 1};
    int columns = (window.kind == WR_WINDOW_NONE ? 0 : 3) + has_key + 2;
    wr_plan_node *node = WR_NEW(own->arena, wr_plan_node);
    wr_plan_node **inputs = WR_NEW_ARRAY(own->arena, wr_plan_node *, 1);
    inputs[0] = WR_NEW(own->arena, wr_plan_node);
    inputs[0]->schema = world_schema(own, 2, WR_TYPE(BIGINT));
    *node = (wr_plan_node){.kind = WR_PLAN_AGGREGATE,
                           .schema = world_schema(own, columns, WR_TYPE(BIGINT)),
                           .inputs = inputs,
                           .input_count = 1};
    node->u.aggregate = (wr_plan_aggregate){.window = window,
                                            .emit = emit,
                                            .keys = &exprs[0],
                                            .key_count = has_key,
                                            .items = items,
                                            .item_count = 2,
                                            .global = !has_key};
    return node;
}

/* Rows (t, key, value), all with this watermark before them. */
static void
push(world *own, int64_t watermark_us, int count, const int64_t (*rows)[3])
{
    int64_t *columns[3], *watermarks = WR_NEW_ARRAY(own->arena, int64_t, count);
    for (int k = 0; k < 3; k++) {
        columns[k] = WR_NEW_ARRAY(own->arena, int64_t, count);
        for (int i = 0; i < count; i++) {
            columns[k][i] = rows[i][k];
            watermarks[i] = watermark_us;
        }
    }
    wr_batch *batch =
        bigint_batch(own->arena, count, 2, (const int64_t *[]){columns[1], columns[2]});
    batch->event_time_us = columns[0];
    batch->watermark_us = watermarks;
    assert_int_equal(wr_operator_push(own->op, 0, batch, NULL), WR_OK);
}

static void
advance(world *own, int64_t watermark_us)
{
    assert_int_equal(wr_operator_advance(own->op, 0, watermark_us, NULL), WR_OK);
}

static const wr_emit emit_final = {.kind = WR_EMIT_FINAL};
static const wr_emit emit_changes = {.kind = WR_EMIT_CHANGES};

static void
tumbling_emits_in_key_order_and_passes_time(void **state)
{
    (void)state;
    world own;
    world_init(&own, WR_BATCH_ROWS);
    own.parent.shows_watermarks = true;
    world_open(&own, aggregate_node(&own, (wr_window){WR_WINDOW_TUMBLING, 5 * MS, 5 * MS, 0, 0},
                                    emit_final, true));
    push(&own, WR_TIME_NONE, 4,
         (const int64_t[][3]){{3 * MS, 2, 10}, {7 * MS, 1, 1}, {-1, 1, 5}, {4 * MS, 1, 20}});
    advance(&own, 4 * MS);
    world_expect(&own, "-5000 0 -1000 1 1 5\nW 4000\n");
    advance(&own, 5 * MS);
    world_expect(&own, "0 5000 4000 1 1 20\n0 5000 4000 2 1 10\nW 5000\n");
    push(&own, 5 * MS, 1, (const int64_t[][3]){{4 * MS, 1, 9}});
    assert_int_equal(own.late_count, 1);
    advance(&own, 5 * MS);
    world_expect(&own, "");
    advance(&own, WR_TIME_END);
    world_expect(&own, "5000 10000 9000 1 1 1\nW END 0\n");
    world_fini(&own);
}

/* Three windows of the same key: their states, and the keys that they share, once. */
static void
figures_count_shared_keys_once(void **state)
{
    (void)state;
    world own;
    world_init(&own, WR_BATCH_ROWS);
    world_open(&own, aggregate_node(&own, (wr_window){WR_WINDOW_TUMBLING, 5 * MS, 5 * MS, 0, 0},
                                    emit_final, true));
    push(&own, WR_TIME_NONE, 3, (const int64_t[][3]){{1, 7, 1}, {6 * MS, 7, 1}, {12 * MS, 7, 1}});
    const wr_window_aggregate *aggregate = (const wr_window_aggregate *)own.op;
    assert_int_equal(aggregate->pane_count, 3);
    int64_t expected_bytes = wr_key_set_bytes(aggregate->keys);
    assert_true(expected_bytes > 0);
    for (int i = 0; i < 3; i++) {
        assert_ptr_equal(aggregate->panes[i]->groups->keys, aggregate->keys);
        expected_bytes += wr_group_table_bytes(aggregate->panes[i]->groups);
    }
    for (int again = 0; again < 2; again++) {
        wr_operator_figures figures;
        own.op->ops->observe(own.op, &figures);
        assert_int_equal(figures.state_bytes, expected_bytes);
        assert_int_equal(figures.groups, 3);
    }
    advance(&own, WR_TIME_END);
    world_fini(&own);
}

static void
grace_waits_and_holds_time_back(void **state)
{
    (void)state;
    world own;
    world_init(&own, WR_BATCH_ROWS);
    own.parent.shows_watermarks = true;
    world_open(&own,
               aggregate_node(&own, (wr_window){WR_WINDOW_TUMBLING, 5 * MS, 5 * MS, 0, 2 * MS},
                              emit_final, false));
    push(&own, WR_TIME_NONE, 1, (const int64_t[][3]){{3 * MS, 0, 10}});
    advance(&own, 6 * MS);
    world_expect(&own, "W 4000\n"); /* a result of [0, 5) may still come, at 4.000 ms */
    push(&own, 6 * MS + 999, 1, (const int64_t[][3]){{4 * MS, 0, 20}});
    push(&own, 7 * MS, 1, (const int64_t[][3]){{4 * MS, 0, 40}});
    assert_int_equal(own.late_count, 1);
    advance(&own, 7 * MS);
    world_expect(&own, "0 5000 4000 2 30\nW 7000\n");
    world_fini(&own);
}

static void
hopping_lateness_is_per_window(void **state)
{
    (void)state;
    world own;
    world_init(&own, WR_BATCH_ROWS);
    world_open(&own, aggregate_node(&own, (wr_window){WR_WINDOW_HOPPING, 10 * MS, 4 * MS, 0, 0},
                                    emit_final, false));
    push(&own, WR_TIME_NONE, 1, (const int64_t[][3]){{5 * MS, 0, 1}});
    /* [-4,6) [0,10) [4,14) contain 5; at watermark 6 only the last two admit, at 10 the last */
    push(&own, 6 * MS, 1, (const int64_t[][3]){{5 * MS, 0, 10}});
    push(&own, 10 * MS, 1, (const int64_t[][3]){{5 * MS, 0, 100}});
    push(&own, 14 * MS, 1, (const int64_t[][3]){{5 * MS, 0, 1000}});
    assert_int_equal(own.late_count, 1);
    advance(&own, WR_TIME_END);
    world_expect(&own, "-4000 6000 5000 1 1\n0 10000 9000 2 11\n4000 14000 13000 3 111\n");
    world_fini(&own);
}

static void
without_window_one_result_at_the_end(void **state)
{
    (void)state;
    for (int has_rows = 0; has_rows < 2; has_rows++) {
        for (int has_key = 0; has_key < 2; has_key++) {
            world own;
            world_init(&own, WR_BATCH_ROWS);
            world_open(&own, aggregate_node(&own, (wr_window){0}, emit_final, has_key));
            if (has_rows) {
                push(&own, 0, 3, (const int64_t[][3]){{1, 2, 5}, {2, 1, 6}, {3, 2, 7}});
            }
            advance(&own, 100);
            world_expect(&own, "");
            advance(&own, WR_TIME_END);
            world_expect(&own, has_key ? has_rows ? "1 1 6\n2 2 12\n" : ""
                               : has_rows ? "3 18\n"
                                          : "0 0\n");
            world_fini(&own);
        }
    }
}

static void
changes_carry_operations(void **state)
{
    (void)state;
    world own;
    world_init(&own, 3);
    world_open(&own, aggregate_node(&own, (wr_window){0}, emit_changes, true));
    push(&own, 0, 2, (const int64_t[][3]){{1, 2, 5}, {2, 1, 6}});
    assert_int_equal(wr_operator_flush(own.op, NULL), WR_OK);
    world_expect(&own, "1 1 6\n2 1 5\n");
    assert_int_equal(wr_operator_flush(own.op, NULL), WR_OK);
    world_expect(&own, "");
    push(&own, 0, 2, (const int64_t[][3]){{3, 2, 5}, {4, 3, 1}});
    assert_int_equal(wr_operator_flush(own.op, NULL), WR_OK);
    world_expect(&own, "-U 2 1 5\n+U 2 2 10\n3 1 1\n");
    assert_int_equal(own.parent.flush_count, 3);
    world_fini(&own);
}

static void
changes_of_windows(void **state)
{
    (void)state;
    world own;
    world_init(&own, WR_BATCH_ROWS);
    world_open(&own, aggregate_node(&own, (wr_window){WR_WINDOW_HOPPING, 10, 5, 0, 0},
                                    emit_changes, false));
    push(&own, WR_TIME_NONE, 1, (const int64_t[][3]){{7, 0, 1}});
    assert_int_equal(wr_operator_flush(own.op, NULL), WR_OK);
    world_expect(&own, "0 10 -990 1 1\n5 15 -985 1 1\n");
    push(&own, 7, 1, (const int64_t[][3]){{12, 0, 2}});
    advance(&own, 10);
    assert_int_equal(wr_operator_flush(own.op, NULL), WR_OK);
    world_expect(&own, "-U 5 15 -985 1 1\n+U 5 15 -985 2 3\n10 20 -980 1 2\n");
    advance(&own, WR_TIME_END);
    world_expect(&own, "");
    world_fini(&own);
}

static void
every_waits_for_the_wall_clock(void **state)
{
    (void)state;
    world own;
    world_init(&own, WR_BATCH_ROWS);
    own.context.now_us = 1000;
    wr_emit every = {.kind = WR_EMIT_EVERY, .every_us = 100};
    world_open(&own, aggregate_node(&own, (wr_window){0}, every, false));
    push(&own, 0, 1, (const int64_t[][3]){{1, 0, 1}});
    assert_int_equal(wr_operator_flush(own.op, NULL), WR_OK);
    own.context.now_us = 1099;
    assert_int_equal(wr_operator_flush(own.op, NULL), WR_OK);
    world_expect(&own, "");
    own.context.now_us = 1100;
    assert_int_equal(wr_operator_flush(own.op, NULL), WR_OK);
    world_expect(&own, "1 1\n");
    world_fini(&own);
}

/* sum(1 / value) FILTER (WHERE value > limit): the error counts only where the filter lets it. */
static void
bad_rows_touch_nothing(void **state)
{
    (void)state;
    for (int has_filter = 0; has_filter < 2; has_filter++) {
        world own;
        world_init(&own, WR_BATCH_ROWS);
        const wr_plan_node *node = aggregate_node(&own, (wr_window){0}, emit_final, false);
        wr_plan_aggregate_item *item = (wr_plan_aggregate_item *)&node->u.aggregate.items[1];
        const wr_expr *value = column_expr(own.arena, WR_TYPE(BIGINT), 1);
        const wr_expr *quotient = call_expr(own.arena, &function_divide, WR_TYPE(BIGINT),
                                            bigint_expr(own.arena, 100), value);
        item->args = &quotient;
        if (has_filter) {
            item->filter = call_expr(own.arena, &function_greater, WR_TYPE(BOOLEAN), value,
                                     bigint_expr(own.arena, 10));
        }
        world_open(&own, node);
        push(&own, 0, 3, (const int64_t[][3]){{1, 0, 5}, {2, 0, 0}, {3, 0, 50}});
        advance(&own, WR_TIME_END);
        world_expect(&own, has_filter ? "3 2\n" : "2 22\n");
        assert_int_equal(own.bad_count, has_filter ? 0 : 1);
        world_fini(&own);
    }
}

static void
late_fail_ends_the_query(void **state)
{
    (void)state;
    world own;
    world_init(&own, WR_BATCH_ROWS);
    const wr_plan_node *node = aggregate_node(
        &own, (wr_window){WR_WINDOW_TUMBLING, 5, 5, 0, 0}, emit_final, false);
    ((wr_plan_node *)node)->u.aggregate.late = WR_LATE_FAIL;
    world_open(&own, node);
    const int64_t t[] = {3}, w[] = {5}, v[] = {1};
    wr_batch *batch = bigint_batch(own.arena, 1, 2, (const int64_t *[]){v, v});
    batch->event_time_us = t;
    batch->watermark_us = w;
    wr_error err = {0};
    assert_int_equal(wr_operator_push(own.op, 0, batch, &err), WR_ERR_RUNTIME);
    assert_string_equal(err.code, "E0803");
    world_fini(&own);
}

/* ── random rows against a naive evaluator ──────────────────────────────────────────────────── */

enum { RANDOM_ROWS = 700, RANDOM_PARTITIONS = 3, RANDOM_RESULTS = 200000, RANDOM_TABLE = 6000 };

typedef struct random_row {
    int64_t t, key, value;
    int partition;
    bool key_is_null;
} random_row;

typedef struct result_row {
    int64_t end, key;
    bool key_is_null;
    int64_t count, sum;
} result_row;

static int
result_compare(const void *a, const void *b)
{
    const result_row *x = a, *y = b;
    if (x->end != y->end) {
        return x->end < y->end ? -1 : 1;
    }
    if (x->key_is_null != y->key_is_null) {
        return x->key_is_null ? 1 : -1;
    }
    return x->key < y->key ? -1 : x->key > y->key;
}

/* For each row, each window that contains it and that its partition's watermark has not closed. */
static int
naive_results(const random_row *rows, const wr_window *window, int64_t delay, result_row *results,
              int64_t *late_count)
{
    int count = 0;
    int64_t max[RANDOM_PARTITIONS] = {WR_TIME_NONE, WR_TIME_NONE, WR_TIME_NONE};
    *late_count = 0;
    for (int i = 0; i < RANDOM_ROWS; i++) {
        const random_row *row = &rows[i];
        int64_t *partition_max = &max[row->partition];
        bool any = false;
        for (int64_t k = -400; k < 400; k++) {
            int64_t start = window->offset_us + k * window->advance_us;
            int64_t end = start + window->size_us;
            bool is_closed = *partition_max != WR_TIME_NONE &&
                             end + window->grace_us <= *partition_max - delay;
            if (row->t < start || row->t >= end || is_closed) {
                continue;
            }
            any = true;
            result_row wanted = {end, row->key_is_null ? 0 : row->key, row->key_is_null, 0, 0};
            int at = 0;
            while (at < count && result_compare(&results[at], &wanted) != 0) {
                at++;
            }
            if (at == count) {
                results[count++] = wanted;
            }
            results[at].count++;
            results[at].sum += row->value;
        }
        *late_count += !any;
        *partition_max = row->t > *partition_max ? row->t : *partition_max;
    }
    qsort(results, (size_t)count, sizeof(*results), result_compare);
    return count;
}

static void
expect_naive(world *own, const result_row *results, int count, int64_t size)
{
    wr_buffer expected;
    wr_buffer_init(&expected);
    for (int i = 0; i < count; i++) {
        const result_row *row = &results[i];
        wr_buffer_printf(&expected, "%lld %lld %lld ", (long long)(row->end - size),
                         (long long)row->end, (long long)(row->end - MS));
        if (row->key_is_null) {
            wr_buffer_printf(&expected, "NULL");
        } else {
            wr_buffer_printf(&expected, "%lld", (long long)row->key);
        }
        wr_buffer_printf(&expected, " %lld %lld\n", (long long)row->count, (long long)row->sum);
    }
    world_expect(own, wr_buffer_cstr(&expected));
    wr_buffer_fini(&expected);
}

/* Pushes rows [first, first + count) as one batch, as a scan would. */
static void
push_random(world *own, wr_watermark *watermark, const random_row *rows, int count)
{
    wr_arena *arena = wr_arena_new(0);
    int64_t *t = WR_NEW_ARRAY(arena, int64_t, count), *before = WR_NEW_ARRAY(arena, int64_t, count);
    int64_t *key = WR_NEW_ARRAY(arena, int64_t, count);
    int64_t *value = WR_NEW_ARRAY(arena, int64_t, count);
    wr_origin *origins = WR_NEW_ARRAY(arena, wr_origin, count);
    for (int i = 0; i < count; i++) {
        t[i] = rows[i].t;
        key[i] = rows[i].key;
        value[i] = rows[i].value;
        origins[i] = (wr_origin){rows[i].partition, i};
    }
    wr_batch *batch = bigint_batch(arena, count, 2, (const int64_t *[]){key, value});
    for (int i = 0; i < count; i++) {
        if (rows[i].key_is_null) {
            wr_vector_set_null(&batch->columns[0], i, count, arena);
        }
    }
    wr_watermark_rows observed = {.event_time_us = t, .origins = origins, .count = count};
    wr_watermark_observe(watermark, &observed, 0, 0, before);
    batch->event_time_us = t;
    batch->watermark_us = before;
    wr_arena_reset(own->context.batch_arena);
    assert_int_equal(wr_operator_push(own->op, 0, batch, NULL), WR_OK);
    wr_arena_free(arena); /* nothing may keep a pointer into the batch */
}

/* By window end, then key: as the naive results are sorted. */
static int
line_compare(const void *a, const void *b)
{
    long long x_end = 0, y_end = 0, x_key = INT64_MAX, y_key = INT64_MAX; /* NULL: last */
    sscanf(a, "%*d %lld %*d %lld", &x_end, &x_key);
    sscanf(b, "%*d %lld %*d %lld", &y_end, &y_key);
    return x_end != y_end ? (x_end < y_end ? -1 : 1) : x_key < y_key ? -1 : x_key > y_key;
}

/* Applies a changelog, line by line, to a table of (window and key → values), then shows the table
 * in order. A −U must take away exactly what is there. */
static void
apply_changelog(world *own)
{
    static char lines[RANDOM_TABLE][96];
    char text[96];
    int count = 0, used = 0;
    for (const char *at = wr_buffer_cstr(&own->parent.text);
         sscanf(at, "%95[^\n]\n%n", text, &used) == 1; at += used) {
        bool is_before = strncmp(text, "-U ", 3) == 0, is_after = strncmp(text, "+U ", 3) == 0;
        char *row = text + (is_before || is_after ? 3 : 0);
        int key_size = 0;
        sscanf(row, "%*s %*s %*s %*s%n", &key_size);
        int place = 0;
        while (place < count && strncmp(lines[place], row, (size_t)key_size + 1) != 0) {
            place++;
        }
        if (is_before) {
            assert_string_equal(lines[place], row);
            continue;
        }
        assert_true(is_after == (place < count)); /* +I of what is there, +U of what is not */
        count += place == count;
        assert_true(count < RANDOM_TABLE);
        memcpy(lines[place], row, strlen(row) + 1);
    }
    qsort(lines, (size_t)count, sizeof(lines[0]), line_compare);
    wr_buffer_reset(&own->parent.text);
    for (int i = 0; i < count; i++) {
        wr_buffer_printf(&own->parent.text, "%s\n", lines[i]);
    }
}

static void
run_random(const random_row *rows, const wr_window *window, int64_t delay, int max_batch,
           wr_emit emit, result_row *results)
{
    world own;
    world_init(&own, max_batch < 4 ? max_batch : WR_BATCH_ROWS);
    world_open(&own, aggregate_node(&own, *window, emit, true));
    wr_watermark watermark;
    wr_watermark_init(&watermark, &(wr_watermark_config){.delay_us = delay});
    const wr_partition partition = {.opened = true};
    const wr_partition partitions[RANDOM_PARTITIONS] = {partition, partition, partition};
    wr_watermark_refresh(&watermark, partitions, RANDOM_PARTITIONS, 0);
    for (int first = 0; first < RANDOM_ROWS;) {
        int count = 1 + (int)random_below((size_t)max_batch);
        count = count < RANDOM_ROWS - first ? count : RANDOM_ROWS - first;
        push_random(&own, &watermark, rows + first, count);
        first += count;
        if (random_below(3) > 0) {
            advance(&own, wr_watermark_advance(&watermark, 0, 0, WR_TIME_NONE));
        }
        if (random_below(4) == 0) {
            assert_int_equal(wr_operator_flush(own.op, NULL), WR_OK);
        }
    }
    advance(&own, WR_TIME_END);
    if (emit.kind != WR_EMIT_FINAL) {
        apply_changelog(&own);
    }
    int64_t late_count = 0;
    int count = naive_results(rows, window, delay, results, &late_count);
    expect_naive(&own, results, count, window->size_us);
    assert_int_equal(own.late_count, late_count);
    wr_watermark_fini(&watermark);
    world_fini(&own);
}

static void
equals_naive_in_every_cut(void **state)
{
    (void)state;
    const wr_window windows[] = {{WR_WINDOW_TUMBLING, 10, 10, 0, 0},
                                 {WR_WINDOW_TUMBLING, 7, 7, 3, 5},
                                 {WR_WINDOW_HOPPING, 10, 4, 0, 0},
                                 {WR_WINDOW_HOPPING, 12, 3, 1, 4},
                                 {WR_WINDOW_HOPPING, 30, 30, 0, 2},
                                 {WR_WINDOW_HOPPING, 9, 1, -2, 1}};
    static random_row rows[RANDOM_ROWS];
    result_row *results = calloc(RANDOM_RESULTS, sizeof(*results));
    for (int seed = 0; seed < 24; seed++) {
        random_seed((uint64_t)seed * 77 + 1);
        wr_window window = windows[seed % 6];
        size_t disorder = 1 + random_below(30);
        int64_t delay = random_below(12);
        for (int i = 0; i < RANDOM_ROWS; i++) {
            rows[i] = (random_row){.t = -100 + i / 2 - (int)random_below(disorder),
                                   .key = random_below(5),
                                   .value = random_below(1000),
                                   .partition = (int)random_below(RANDOM_PARTITIONS),
                                   .key_is_null = random_below(9) == 0};
        }
        wr_hash_set_zero(seed % 5 == 4);
        run_random(rows, &window, delay, 1, emit_final, results);
        run_random(rows, &window, delay, 3, emit_final, results);
        run_random(rows, &window, delay, 500, emit_final, results);
        run_random(rows, &window, delay, 40, emit_changes, results);
        wr_hash_set_zero(false);
    }
    free(results);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tumbling_emits_in_key_order_and_passes_time),
        cmocka_unit_test(grace_waits_and_holds_time_back),
        cmocka_unit_test(hopping_lateness_is_per_window),
        cmocka_unit_test(without_window_one_result_at_the_end),
        cmocka_unit_test(changes_carry_operations),
        cmocka_unit_test(changes_of_windows),
        cmocka_unit_test(every_waits_for_the_wall_clock),
        cmocka_unit_test(bad_rows_touch_nothing),
        cmocka_unit_test(figures_count_shared_keys_once),
        cmocka_unit_test(late_fail_ends_the_query),
        cmocka_unit_test(equals_naive_in_every_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
