/* The smaller operators: filter, project, limit, sort, union, window_assign. */
#include "tests/unit/exec_fixture.h"

#include "exec/operator.h"

#define MS WR_US_PER_MS

static wr_plan_node *
node_new(world *own, wr_plan_kind kind, int columns, int inputs)
{
    wr_plan_node *node = WR_NEW(own->arena, wr_plan_node);
    wr_plan_node *input = WR_NEW(own->arena, wr_plan_node);
    wr_plan_node **list = WR_NEW_ARRAY(own->arena, wr_plan_node *, inputs);
    for (int i = 0; i < inputs; i++) {
        list[i] = input;
    }
    *node = (wr_plan_node){.kind = kind,
                           .schema = world_schema(own, columns, WR_TYPE(BIGINT)),
                           .inputs = list,
                           .input_count = inputs};
    return node;
}

/* A batch of one column; its values are the event times too. */
static wr_batch *
values_batch(world *own, int count, const int64_t *values)
{
    wr_batch *batch = bigint_batch(own->arena, count, 1, &values);
    batch->event_time_us = values;
    batch->watermark_us = WR_NEW_ARRAY(own->arena, int64_t, count);
    for (int i = 0; i < count; i++) {
        ((int64_t *)(uintptr_t)batch->watermark_us)[i] = WR_TIME_NONE;
    }
    return batch;
}

static void
push(world *own, int input, const wr_batch *batch)
{
    assert_int_equal(wr_operator_push(own->op, input, batch, NULL), WR_OK);
}

static void
advance(world *own, int input, int64_t watermark_us)
{
    assert_int_equal(wr_operator_advance(own->op, input, watermark_us, NULL), WR_OK);
}

static void
filter_keeps_true_rows(void **state)
{
    (void)state;
    world own;
    world_init(&own, WR_BATCH_ROWS);
    wr_plan_node *node = node_new(&own, WR_PLAN_FILTER, 1, 1);
    const wr_expr *column = column_expr(own.arena, WR_TYPE(BIGINT), 0);
    node->u.filter.predicate = call_expr(own.arena, &function_greater, WR_TYPE(BOOLEAN), column,
                                         bigint_expr(own.arena, 2));
    world_open(&own, node);
    wr_batch *batch = values_batch(&own, 5, (const int64_t[]){1, 5, 2, 3, 9});
    push(&own, 0, batch);
    world_expect(&own, "5\n3\n9\n");
    const uint16_t selection[] = {0, 3, 4};
    batch->selection = selection;
    batch->selected_count = 3;
    push(&own, 0, batch);
    world_expect(&own, "3\n9\n");
    wr_vector_set_null(&batch->columns[0], 3, 5, own.arena);
    wr_vector_set_error(&batch->columns[0], 4, 5, WR_REASON_CAST, own.arena);
    push(&own, 0, batch);
    world_expect(&own, "");
    assert_int_equal(own.bad_count, 1);
    world_fini(&own);
}

static void
fail_on_bad_result_is_an_error(void **state)
{
    (void)state;
    world own;
    world_init(&own, WR_BATCH_ROWS);
    own.context.fail_on_bad_result = true;
    world_open(&own, node_new(&own, WR_PLAN_RESULT, 1, 1));
    wr_batch *batch = values_batch(&own, 2, (const int64_t[]){1, 5});
    wr_vector_set_error(&batch->columns[0], 1, 2, WR_REASON_OVERFLOW, own.arena);
    wr_error err = {0};
    assert_int_equal(wr_operator_push(own.op, 0, batch, &err), WR_ERR_RUNTIME);
    assert_string_equal(err.code, "E0801");
    world_fini(&own);
}

static void
project_computes_and_borrows(void **state)
{
    (void)state;
    world own;
    world_init(&own, WR_BATCH_ROWS);
    wr_plan_node *node = node_new(&own, WR_PLAN_PROJECT, 2, 1);
    const wr_expr *column = column_expr(own.arena, WR_TYPE(BIGINT), 0);
    const wr_expr *exprs[] = {call_expr(own.arena, &function_add, WR_TYPE(BIGINT), column, column),
                              column};
    node->u.project.exprs = exprs;
    world_open(&own, node);
    push(&own, 0, values_batch(&own, 2, (const int64_t[]){1, 5}));
    world_expect(&own, "2 1\n10 5\n");
    world_fini(&own);
}

static void
limit_ends_what_is_above(void **state)
{
    (void)state;
    world own;
    world_init(&own, WR_BATCH_ROWS);
    own.parent.shows_watermarks = true;
    wr_plan_node *node = node_new(&own, WR_PLAN_LIMIT, 1, 1);
    node->u.limit.limit = 2;
    node->u.limit.offset = 1;
    world_open(&own, node);
    push(&own, 0, values_batch(&own, 2, (const int64_t[]){10, 20}));
    world_expect(&own, "20\n");
    assert_false(own.context.done);
    push(&own, 0, values_batch(&own, 2, (const int64_t[]){30, 40}));
    world_expect(&own, "30\nW END 0\n");
    assert_true(own.context.done);
    push(&own, 0, values_batch(&own, 1, (const int64_t[]){50}));
    advance(&own, 0, WR_TIME_END);
    world_expect(&own, "");
    world_fini(&own);
}

static void
limit_below_a_union_ends_its_branch_only(void **state)
{
    (void)state;
    world own;
    world_init(&own, WR_BATCH_ROWS);
    own.parent_node.input_count = 2;
    wr_plan_node *node = node_new(&own, WR_PLAN_LIMIT, 1, 1);
    node->u.limit.limit = 1;
    world_open(&own, node);
    push(&own, 0, values_batch(&own, 2, (const int64_t[]){10, 20}));
    world_expect(&own, "10\n");
    assert_false(own.context.done);
    world_fini(&own);
}

static void
union_takes_the_least_time(void **state)
{
    (void)state;
    world own;
    world_init(&own, WR_BATCH_ROWS);
    own.parent.shows_watermarks = true;
    world_open(&own, node_new(&own, WR_PLAN_UNION, 1, 2));
    advance(&own, 0, 10);
    push(&own, 1, values_batch(&own, 1, (const int64_t[]){3}));
    advance(&own, 1, 7);
    advance(&own, 1, 8);
    advance(&own, 1, WR_TIME_END);
    advance(&own, 0, WR_TIME_END);
    world_expect(&own, "3\nW 7\nW 8\nW 10\nW END 0\n");
    world_fini(&own);
}

static wr_plan_node *
sort_node(world *own, bool per_window, int64_t limit, int64_t offset, bool descending)
{
    wr_plan_node *node = node_new(own, WR_PLAN_SORT, 2, 1);
    wr_plan_sort_key *key = WR_NEW(own->arena, wr_plan_sort_key);
    key->expr = column_expr(own->arena, WR_TYPE(BIGINT), 0);
    key->descending = descending;
    node->u.sort.keys = key;
    node->u.sort.key_count = 1;
    node->u.sort.per_window = per_window;
    node->u.sort.limit = limit;
    node->u.sort.offset = offset;
    return node;
}

static wr_batch *
pairs_batch(world *own, int count, const int64_t *a, const int64_t *b, const int64_t *times)
{
    wr_batch *batch = bigint_batch(own->arena, count, 2, (const int64_t *[]){a, b});
    wr_batch *with_times = values_batch(own, count, times);
    batch->event_time_us = with_times->event_time_us;
    batch->watermark_us = with_times->watermark_us;
    return batch;
}

static void
sort_at_the_end_is_stable(void **state)
{
    (void)state;
    world own;
    world_init(&own, 2);
    own.parent.shows_watermarks = true;
    world_open(&own, sort_node(&own, false, -1, 0, false));
    wr_batch *batch = pairs_batch(&own, 4, (const int64_t[]){2, 1, 2, 0},
                                  (const int64_t[]){1, 2, 3, 4}, (const int64_t[]){5, 5, 5, 5});
    wr_vector_set_null(&batch->columns[0], 3, 4, own.arena);
    push(&own, 0, batch);
    advance(&own, 0, 5);
    push(&own, 0, pairs_batch(&own, 2, (const int64_t[]){1, 2}, (const int64_t[]){5, 6},
                              (const int64_t[]){6, 6}));
    advance(&own, 0, WR_TIME_END);
    world_expect(&own, "1 2\n1 5\n2 1\n2 3\n2 6\nNULL 4\nW END 0\n");
    world_fini(&own);
}

static void
sort_per_window_with_limit(void **state)
{
    (void)state;
    world own;
    world_init(&own, WR_BATCH_ROWS);
    own.parent.shows_watermarks = true;
    world_open(&own, sort_node(&own, true, 2, 1, true));
    push(&own, 0, pairs_batch(&own, 6, (const int64_t[]){1, 9, 3, 7, 5, 4},
                              (const int64_t[]){1, 2, 3, 4, 5, 6},
                              (const int64_t[]){10, 20, 10, 10, 20, 10}));
    advance(&own, 0, 10);
    world_expect(&own, "W 10\n");
    advance(&own, 0, 11);
    world_expect(&own, "4 6\n3 3\nW 11\n");
    advance(&own, 0, WR_TIME_END);
    world_expect(&own, "5 5\nW END 0\n");
    world_fini(&own);
}

static void
sort_with_limit_forgets_the_rest(void **state)
{
    (void)state;
    world own;
    world_init(&own, WR_BATCH_ROWS);
    world_open(&own, sort_node(&own, false, 3, 1, false));
    for (int i = 0; i < 100; i++) {
        int64_t a[1000], times[1000] = {0};
        for (int k = 0; k < 1000; k++) {
            a[k] = (i * 1000 + k) * 7919 % 100000;
        }
        push(&own, 0, pairs_batch(&own, 1000, a, a, times));
    }
    advance(&own, 0, WR_TIME_END);
    world_expect(&own, "1 1\n2 2\n3 3\n");
    world_fini(&own);
}

static void
window_assign_multiplies_rows(void **state)
{
    (void)state;
    world own;
    world_init(&own, 2);
    own.parent.shows_watermarks = true;
    wr_plan_node *node = node_new(&own, WR_PLAN_WINDOW_ASSIGN, 4, 1);
    node->u.window = (wr_window){WR_WINDOW_HOPPING, 10 * MS, 5 * MS, 0, 0};
    world_open(&own, node);
    push(&own, 0, values_batch(&own, 2, (const int64_t[]){7 * MS, 3 * MS}));
    world_expect(&own, "7000 0 10000 9000\n7000 5000 15000 14000\n"
                       "3000 -5000 5000 4000\n3000 0 10000 9000\n");
    advance(&own, 0, 10 * MS);
    push(&own, 0, values_batch(&own, 2, (const int64_t[]){7 * MS, 3 * MS}));
    world_expect(&own, "W 10000\n7000 5000 15000 14000\n");
    assert_int_equal(own.late_count, 1);
    world_fini(&own);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(filter_keeps_true_rows),
                                       cmocka_unit_test(fail_on_bad_result_is_an_error),
                                       cmocka_unit_test(project_computes_and_borrows),
                                       cmocka_unit_test(limit_ends_what_is_above),
                                       cmocka_unit_test(limit_below_a_union_ends_its_branch_only),
                                       cmocka_unit_test(union_takes_the_least_time),
                                       cmocka_unit_test(sort_at_the_end_is_stable),
                                       cmocka_unit_test(sort_per_window_with_limit),
                                       cmocka_unit_test(sort_with_limit_forgets_the_rest),
                                       cmocka_unit_test(window_assign_multiplies_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
