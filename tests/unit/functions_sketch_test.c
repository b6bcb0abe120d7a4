/* Aggregates whose result is bounded, not exact: their bounds as properties over random data; and
 * the exact ones beside them over states of many values. */
#include "core/memory.h"
#include "functions/function.h"
#include "tests/unit/function_tools.h"

#include <stdlib.h>

enum { VALUES_MAX = 200000, PARTS = 7 };

static uint64_t
next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 11;
}

/* The aggregate of `count` values of one type, in PARTS states that are saved, loaded and combined
 * from the last to the first; `share`: a second argument, none when negative. */
static wr_vector
aggregate_of(const char *name, wr_type_id type, void *values, int count, double share,
             wr_arena *arena)
{
    int overloads = 0;
    const wr_aggregate *aggregate = wr_aggregate_find(wr_text_from(name), &overloads)[0];
    char *states = wr_arena_zalloc(arena, aggregate->state_bytes * PARTS);
    wr_vector args[2] = {{.type = {.id = type}, .kind = WR_FLAT}};
    wr_vector_init_constant(&args[1], WR_TYPE(DOUBLE), &share, arena);
    for (int at = 0; at < count; at += WR_BATCH_ROWS) {
        args[0].data = (char *)values + (size_t)at * 8;
        wr_aggregate_call call = {.states = states + (size_t)(at / WR_BATCH_ROWS % PARTS) *
                                                         aggregate->state_bytes,
                                  .n = count - at < WR_BATCH_ROWS ? count - at : WR_BATCH_ROWS,
                                  .arg_count = share < 0 ? 1 : 2,
                                  .args = args,
                                  .memory = arena};
        aggregate->update(&call);
    }
    char *total = wr_arena_zalloc(arena, aggregate->state_bytes);
    for (uint32_t part = PARTS; part-- > 0;) {
        wr_buffer saved;
        wr_buffer_init(&saved);
        wr_type types[2] = {{.id = type}, WR_TYPE(DOUBLE)};
        wr_aggregate_states call = {states, aggregate->state_bytes, &part, 1, types, arena};
        wr_aggregate_save(aggregate, &call, &saved);
        char *loaded = wr_arena_zalloc(arena, aggregate->state_bytes);
        call.states = loaded;
        call.groups = &(uint32_t){0};
        wr_text bytes = {saved.data, saved.size};
        wr_error err;
        assert_int_equal(wr_aggregate_load(aggregate, &call, &bytes, &err), WR_OK);
        assert_int_equal(bytes.size, 0);
        aggregate->combine(total, &(uint32_t){0}, loaded, 1, arena);
        wr_buffer_fini(&saved);
    }
    wr_vector out;
    wr_vector_init_flat(&out, (wr_type){.id = (wr_type_id)aggregate->result}, 1, arena);
    aggregate->finalize(total, &(uint32_t){0}, 1, &out, arena);
    assert_int_equal(wr_vector_error(&out, 0), WR_REASON_NONE);
    return out;
}

static double
double_of(const char *name, double *values, int count, double share)
{
    wr_arena *arena = wr_arena_new(0);
    wr_vector out = aggregate_of(name, WR_TYPE_DOUBLE, values, count, share, arena);
    double result = *(double *)out.data;
    wr_arena_free(arena);
    return result;
}

/* 1.04 / sqrt(4096) = 1.63 %: over many sets the root mean square stays near it, and none is five
 * standard errors away. */
static void
distinct_counts_are_near(void **state)
{
    (void)state;
    static const int sizes[] = {1, 100, 256, 257, 1000, 3000, 10000, 30000, 200000};
    int64_t *values = wr_alloc_array(VALUES_MAX, sizeof(int64_t));
    uint64_t seed = 7;
    double squares = 0;
    int tries = 0;
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < sizes[s]; i++) {
                values[i] = (int64_t)(next(&seed) << 18 | (uint64_t)i); /* all differ */
            }
            wr_arena *arena = wr_arena_new(0);
            wr_vector out =
                aggregate_of("approx_count_distinct", WR_TYPE_BIGINT, values, sizes[s], -1, arena);
            double error = (double)*(int64_t *)out.data / sizes[s] - 1;
            wr_arena_free(arena);
            if (sizes[s] <= 256) {
                assert_true(error == 0);
                continue;
            }
            assert_true(fabs(error) < 5 * 0.0163);
            squares += error * error;
            tries++;
        }
    }
    assert_true(sqrt(squares / tries) < 1.5 * 0.0163);
    wr_free(values);
}

static int
order(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* approx_quantile is within 1 % of percentile_disc, which is the value at its rank; of numbers of
 * all sizes and both signs. */
static void
quantiles_are_near(void **state)
{
    (void)state;
    static const double shares[] = {0, 0.001, 0.25, 0.5, 0.9, 0.999, 1};
    double *values = wr_alloc_array(VALUES_MAX, sizeof(double));
    double *sorted = wr_alloc_array(VALUES_MAX, sizeof(double));
    uint64_t seed = 11;
    for (int spread = 1; spread <= 600; spread = spread * 5 + 1) {
        int count = 20000 + spread;
        for (int i = 0; i < count; i++) {
            double power = ((double)(next(&seed) % 2000001) / 1e6 - 1) * spread;
            values[i] = exp(power) * (next(&seed) % 3 ? 1 : -1);
        }
        memcpy(sorted, values, (size_t)count * sizeof(double));
        qsort(sorted, (size_t)count, sizeof(double), order);
        for (size_t s = 0; s < sizeof(shares) / sizeof(shares[0]); s++) {
            int rank = (int)ceil(shares[s] * count) - 1;
            double wanted = sorted[rank < 0 ? 0 : rank];
            assert_true(double_of("percentile_disc", values, count, shares[s]) == wanted);
            double got = double_of("approx_quantile", values, count, shares[s]);
            assert_true(fabs(got - wanted) <= 0.01 * fabs(wanted));
        }
    }
    wr_free(values);
    wr_free(sorted);
}

/* Against sums of deviations in long double, of values far from 0. */
static void
moments_are_true(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    double *values = wr_alloc_array(COUNT, sizeof(double));
    uint64_t seed = 3;
    for (double offset = 0; offset < 2e4; offset = offset * 10 + 1) {
        long double mean = 0;
        long double m2 = 0;
        long double m3 = 0;
        long double m4 = 0;
        for (int i = 0; i < COUNT; i++) {
            double u = (double)(next(&seed) % 1000000) / 1e6;
            values[i] = offset + 3 * u * u;
            mean += (long double)values[i] / COUNT;
        }
        for (int i = 0; i < COUNT; i++) {
            long double d = values[i] - mean;
            m2 += d * d / COUNT;
            m3 += d * d * d / COUNT;
            m4 += d * d * d * d / COUNT;
        }
        double n = COUNT;
        double skewness = sqrt(n * (n - 1)) / (n - 2) * (double)(m3 / (m2 * sqrtl(m2)));
        double kurtosis =
            (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (double)(m4 / (m2 * m2)) - 3 * (n - 1));
        assert_true(fabs(double_of("skewness", values, COUNT, -1) / skewness - 1) < 1e-9);
        assert_true(fabs(double_of("kurtosis", values, COUNT, -1) / kurtosis - 1) < 1e-9);
    }
    wr_free(values);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distinct_counts_are_near),
        cmocka_unit_test(quantiles_are_near),
        cmocka_unit_test(moments_are_true),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
