/* Expression programs: NULLs, errors, constants, sharing, reuse of slots, very long chains. */
#include "tests/unit/exec_fixture.h"

#include "exec/program.h"

typedef struct fixture {
    wr_arena *arena;
    const wr_expr *a, *b;
    wr_batch *batch;
} fixture;

static int
setup(void **state)
{
    fixture *own = calloc(1, sizeof(*own));
    own->arena = wr_arena_new(0);
    own->a = column_expr(own->arena, WR_TYPE(BIGINT), 0);
    own->b = column_expr(own->arena, WR_TYPE(BIGINT), 1);
    const int64_t a[] = {1, 2, 3, 4}, b[] = {10, 0, 30, 40};
    own->batch = bigint_batch(own->arena, 4, 2, (const int64_t *[]){a, b});
    *state = own;
    return 0;
}

static int
teardown(void **state)
{
    fixture *own = *state;
    wr_arena_free(own->arena);
    free(own);
    return 0;
}

static wr_vector
run(fixture *own, const wr_expr *expr)
{
    wr_program *program = wr_program_new(own->arena, &expr, 1);
    wr_vector out;
    wr_program_eval(program, own->batch, 0, own->arena, &out);
    return out;
}

static void
borrows_columns(void **state)
{
    fixture *own = *state;
    assert_ptr_equal(run(own, own->a).data, own->batch->columns[0].data);
}

static void
merges_nulls_and_errors(void **state)
{
    fixture *own = *state;
    wr_vector_set_null(&own->batch->columns[0], 1, 4, own->arena);
    wr_vector_set_null(&own->batch->columns[1], 2, 4, own->arena);
    wr_vector_set_error(&own->batch->columns[1], 2, 4, WR_REASON_CAST, own->arena);
    wr_vector out = run(own, call_expr(own->arena, &function_add, WR_TYPE(BIGINT), own->a, own->b));
    assert_int_equal(WR_VALUE(&out, int64_t, 0), 11);
    assert_true(wr_vector_is_null(&out, 1));
    assert_int_equal(wr_vector_error(&out, 2), WR_REASON_CAST);
    assert_int_equal(WR_VALUE(&out, int64_t, 3), 44);
    assert_false(wr_vector_is_null(&out, 3));
    assert_null(own->batch->columns[0].errors);
}

static void
kernels_set_errors(void **state)
{
    fixture *own = *state;
    wr_vector out =
        run(own, call_expr(own->arena, &function_divide, WR_TYPE(BIGINT), own->a, own->b));
    assert_int_equal(wr_vector_error(&out, 0), WR_REASON_NONE);
    assert_int_equal(wr_vector_error(&out, 1), WR_REASON_DOMAIN);
}

static void
computes_constants_once(void **state)
{
    fixture *own = *state;
    const wr_expr *two = call_expr(own->arena, &function_add, WR_TYPE(BIGINT),
                                   bigint_expr(own->arena, 1), bigint_expr(own->arena, 1));
    wr_vector out = run(own, two);
    assert_int_equal(out.kind, WR_CONSTANT);
    assert_int_equal(WR_VALUE(&out, int64_t, 3), 2);
    out = run(own, call_expr(own->arena, &function_add, WR_TYPE(BIGINT), own->a, two));
    assert_int_equal(WR_VALUE(&out, int64_t, 3), 6);
    const wr_expr *bad = call_expr(own->arena, &function_divide, WR_TYPE(BIGINT), two,
                                   bigint_expr(own->arena, 0));
    out = run(own, call_expr(own->arena, &function_add, WR_TYPE(BIGINT), own->a, bad));
    assert_int_equal(wr_vector_error(&out, 2), WR_REASON_DOMAIN);
}

static void
constant_null_decides(void **state)
{
    fixture *own = *state;
    wr_expr *null = WR_NEW(own->arena, wr_expr);
    *null = (wr_expr){.kind = WR_EXPR_CONSTANT, .type = WR_TYPE(BIGINT)};
    wr_vector_init_constant(&null->constant, WR_TYPE(BIGINT), NULL, own->arena);
    wr_vector out = run(own, call_expr(own->arena, &function_add, WR_TYPE(BIGINT), own->a, null));
    assert_true(wr_vector_is_null(&out, 0) && wr_vector_is_null(&out, 3));
}

static void
flattens_dictionaries(void **state)
{
    fixture *own = *state;
    uint16_t index[] = {1, 0, 0, 1};
    own->batch->columns[0].kind = WR_DICTIONARY;
    own->batch->columns[0].dictionary_size = 4;
    own->batch->columns[0].index = index;
    wr_vector out = run(own, call_expr(own->arena, &function_add, WR_TYPE(BIGINT), own->a, own->b));
    assert_int_equal(WR_VALUE(&out, int64_t, 0), 12);
    assert_int_equal(WR_VALUE(&out, int64_t, 3), 42);
}

static void
several_results_keep_their_values(void **state)
{
    fixture *own = *state;
    const wr_expr *sum = call_expr(own->arena, &function_add, WR_TYPE(BIGINT), own->a, own->b);
    const wr_expr *same = call_expr(own->arena, &function_add, WR_TYPE(BIGINT), own->a, own->b);
    const wr_expr *more = call_expr(own->arena, &function_add, WR_TYPE(BIGINT), sum, own->a);
    const wr_expr *last = call_expr(own->arena, &function_add, WR_TYPE(BIGINT), more, more);
    const wr_expr *exprs[] = {sum, last, same, more};
    wr_program *program = wr_program_new(own->arena, exprs, 4);
    wr_vector outs[4];
    wr_program_eval(program, own->batch, 0, own->arena, outs);
    assert_ptr_equal(outs[0].data, outs[2].data); /* equal parts are computed once */
    assert_int_equal(WR_VALUE(&outs[0], int64_t, 3), 44);
    assert_int_equal(WR_VALUE(&outs[1], int64_t, 3), 96);
    assert_int_equal(WR_VALUE(&outs[3], int64_t, 3), 48);
}

static void
borrowed_results_survive(void **state)
{
    fixture *own = *state;
    const wr_expr *sum = call_expr(own->arena, &function_add, WR_TYPE(BIGINT), own->a, own->b);
    const wr_expr *same = call_expr(own->arena, &function_same, WR_TYPE(BIGINT), sum, NULL);
    const wr_expr *one = bigint_expr(own->arena, 1);
    const wr_expr *other = call_expr(own->arena, &function_add, WR_TYPE(BIGINT), own->b, one);
    const wr_expr *exprs[] = {same, other};
    wr_program *program = wr_program_new(own->arena, exprs, 2);
    wr_vector outs[2];
    wr_program_eval(program, own->batch, 0, own->arena, outs);
    assert_int_equal(WR_VALUE(&outs[0], int64_t, 0), 11);
    assert_int_equal(WR_VALUE(&outs[1], int64_t, 0), 11);
    assert_int_equal(WR_VALUE(&outs[0], int64_t, 3), 44);
    assert_int_equal(WR_VALUE(&outs[1], int64_t, 3), 41);
}

static void
long_chains_need_little_memory(void **state)
{
    fixture *own = *state;
    const wr_expr *chain = own->a;
    for (int i = 0; i < 100000; i++) {
        chain = call_expr(own->arena, &function_add, WR_TYPE(BIGINT), chain,
                          bigint_expr(own->arena, i));
    }
    size_t before = wr_arena_used_bytes(own->arena);
    wr_vector out = run(own, chain);
    assert_int_equal(WR_VALUE(&out, int64_t, 3), 4 + 4999950000LL);
    assert_true(wr_arena_used_bytes(own->arena) - before < 100u * 1024 * 1024);
}

static void
steady_state_allocates_nothing(void **state)
{
    fixture *own = *state;
    const wr_expr *sum = call_expr(own->arena, &function_add, WR_TYPE(BIGINT), own->a, own->b);
    wr_program *program = wr_program_new(own->arena, &sum, 1);
    wr_vector out;
    wr_program_eval(program, own->batch, 0, own->arena, &out);
    size_t before = wr_arena_used_bytes(own->arena);
    wr_program_eval(program, own->batch, 0, own->arena, &out);
    assert_int_equal(wr_arena_used_bytes(own->arena), before);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {TEST(borrows_columns),
                                       TEST(merges_nulls_and_errors),
                                       TEST(kernels_set_errors),
                                       TEST(computes_constants_once),
                                       TEST(constant_null_decides),
                                       TEST(flattens_dictionaries),
                                       TEST(several_results_keep_their_values),
                                       TEST(borrowed_results_survive),
                                       TEST(long_chains_need_little_memory),
                                       TEST(steady_state_allocates_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
