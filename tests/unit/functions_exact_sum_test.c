/* Exact sums against Python's math.fsum, in every order and by every way of adding. */
#include "functions/exact_sum.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static bool
same_bits(double a, double b)
{
    a = a == 0 ? 0 : a;
    b = b == 0 ? 0 : b;
    return isnan(a) ? isnan(b) : memcmp(&a, &b, sizeof(a)) == 0;
}

static double
read_double(FILE *cases)
{
    uint64_t bits = 0;
    assert_int_equal(fscanf(cases, "%16" SCNx64, &bits), 1);
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static void
check_every_way(const double *values, int count, double wanted)
{
    wr_arena *arena = wr_arena_new(0);
    wr_exact_sum forward = {0};
    wr_exact_sum backward = {0};
    wr_exact_sum parts[3] = {{0}};
    wr_exact_sum many = {0};
    wr_exact_sum_add_many(&many, values, count, arena);
    for (int i = 0; i < count; i++) {
        wr_exact_sum_add(&forward, values[i], arena);
        wr_exact_sum_add(&backward, values[count - 1 - i], arena);
        wr_exact_sum_add(&parts[i * 7 % 3], values[i], arena);
    }
    wr_exact_sum_combine(&parts[2], &parts[0], arena);
    wr_exact_sum_combine(&parts[2], &parts[1], arena);
    assert_true(same_bits(wr_exact_sum_value(&forward), wanted));
    assert_true(same_bits(wr_exact_sum_value(&backward), wanted));
    assert_true(same_bits(wr_exact_sum_value(&parts[2]), wanted));
    assert_true(same_bits(wr_exact_sum_value(&many), wanted));
    for (int i = 0; i < count; i++) {
        wr_exact_sum_subtract(&forward, values[i], arena);
    }
    assert_true(wr_exact_sum_value(&forward) == 0);
    wr_arena_free(arena);
}

static void
sums_are_those_of_fsum(void **state)
{
    (void)state;
    FILE *cases = popen("python3 tests/unit/exact_sum_cases.py", "r");
    assert_non_null(cases);
    int case_count = 0;
    int count = 0;
    while (fscanf(cases, "%d", &count) == 1) {
        double *values = malloc(sizeof(*values) * ((size_t)count + 1));
        for (int i = 0; i <= count; i++) {
            values[i] = read_double(cases);
        }
        check_every_way(values, count, values[count]);
        free(values);
        case_count++;
    }
    pclose(cases);
    assert_true(case_count > 500);
}

static double
sum_of(const double *values, int count)
{
    wr_arena *arena = wr_arena_new(0);
    wr_exact_sum sum = {0};
    wr_exact_sum_add_many(&sum, values, count, arena);
    double value = wr_exact_sum_value(&sum);
    wr_arena_free(arena);
    return value;
}

static void
specials(void **state)
{
    (void)state;
    const double inf = (double)INFINITY;
    assert_true(isnan(sum_of((double[]){inf, -inf}, 2)));
    assert_true(isnan(sum_of((double[]){inf, (double)NAN}, 2)));
    assert_true(sum_of((double[]){1e308, 1e308}, 2) == inf);
    assert_true(sum_of((double[]){-1e308, -1e308}, 2) == -inf);
    assert_true(!signbit(sum_of((double[]){-0.0, -0.0}, 2)));
}

static void
save_and_load(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    wr_buffer buffer;
    wr_buffer_init(&buffer);
    wr_exact_sum sums[2] = {{0}};
    wr_exact_sum_add(&sums[0], -95.74, arena);
    wr_exact_sum_add(&sums[1], 1e300, arena);
    wr_exact_sum_add(&sums[1], 1e-300, arena);
    wr_exact_sum back[2];
    wr_aggregate_states call = {.states = sums,
                                .state_bytes = sizeof(*sums),
                                .groups = (const uint32_t[]){0, 1},
                                .n = 2,
                                .memory = arena};
    wr_exact_sums_save(&call, 0, &buffer);
    call.states = back;
    wr_error err;
    for (size_t size = 0; size < buffer.size; size++) {
        wr_text cut = {buffer.data, size};
        assert_int_equal(wr_exact_sums_load(&call, 0, &cut, &err), WR_ERR_STATE);
    }
    wr_text bytes = {buffer.data, buffer.size};
    assert_int_equal(wr_exact_sums_load(&call, 0, &bytes, &err), WR_OK);
    for (int i = 0; i < 2; i++) {
        wr_exact_sum_subtract(&back[i], i == 0 ? -95.74 : 1e300, arena);
        assert_true(wr_exact_sum_value(&back[i]) == (i == 0 ? 0 : 1e-300));
    }
    assert_int_equal(bytes.size, 0);
    wr_buffer_fini(&buffer);
    wr_arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_those_of_fsum),
        cmocka_unit_test(specials),
        cmocka_unit_test(save_and_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
