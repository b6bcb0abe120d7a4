/* For tests of functions: values, calls by name as exec makes them, results as text. */
#ifndef WEIR_TESTS_FUNCTION_TOOLS_H
#define WEIR_TESTS_FUNCTION_TOOLS_H

#include "core/memory.h"
#include "core/time.h"
#include "functions/function.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

typedef struct value {
    wr_type_id type;
    bool is_null;
    wr_reason reason;
    union {
        uint8_t boolean;
        int64_t bigint;
        double real;
        wr_view view;
        wr_interval interval;
    } u;
} value;

static inline value
big(int64_t x)
{
    return (value){.type = WR_TYPE_BIGINT, .u.bigint = x};
}

static inline value
real(double x)
{
    return (value){.type = WR_TYPE_DOUBLE, .u.real = x};
}

static inline value
boolean(bool x)
{
    return (value){.type = WR_TYPE_BOOLEAN, .u.boolean = x};
}

static inline value
view_value(wr_type_id type, const char *x)
{
    return (value){.type = type, .u.view = wr_view_from(x, strlen(x))};
}

#define text(x) view_value(WR_TYPE_TEXT, x)
#define bytes(x) view_value(WR_TYPE_BYTES, x)
#define json(x) view_value(WR_TYPE_JSON, x)

static inline value
ts(const char *x)
{
    value result = {.type = WR_TYPE_TIMESTAMP};
    assert_true(wr_time_parse(wr_text_from(x), &result.u.bigint));
    return result;
}

static inline value
span(const char *x)
{
    value result = {.type = WR_TYPE_INTERVAL};
    assert_true(wr_interval_parse(wr_text_from(x), &result.u.interval));
    return result;
}

static inline value
null_of(wr_type_id type)
{
    return (value){.type = type, .is_null = true};
}

static inline value
error_of(wr_type_id type, wr_reason reason)
{
    return (value){.type = type, .reason = reason};
}

/* A constant, or a flat vector of n equal rows. */
static inline wr_vector
value_vector(value x, int n, bool constant, wr_arena *arena)
{
    wr_vector vector;
    wr_type type = {.id = x.type};
    wr_vector_init_constant(&vector, type, x.is_null ? NULL : (const void *)&x.u, arena);
    if (x.reason != WR_REASON_NONE) {
        vector.errors = wr_arena_zalloc(arena, 1);
        vector.errors[0] = (uint8_t)x.reason;
    }
    return constant ? vector : wr_vector_flatten(&vector, n, arena);
}

static inline bool
pattern_matches(const wr_function *function, const value *args, int count)
{
    int same = WR_TYPE_NULL;
    int patterns = 0;
    while (patterns < WR_FUNCTION_ARGS_MAX && function->args[patterns] != WR_ARG_NONE) {
        patterns++;
    }
    bool variadic = function->flags & WR_FN_VARIADIC;
    if (count < patterns - (variadic ? 1 : 0) || (count > patterns && !variadic)) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        int pattern = function->args[i < patterns ? i : patterns - 1];
        if (function->flags & WR_FN_CASE_SHAPE) {
            pattern = i % 2 == 0 && i + 1 < count ? WR_TYPE_BOOLEAN : WR_ARG_SAME;
        }
        if (pattern == WR_ARG_SAME) {
            if (same != WR_TYPE_NULL && same != (int)args[i].type) {
                return false;
            }
            same = (int)args[i].type;
        } else if (pattern != WR_ARG_ANY && pattern != (int)args[i].type) {
            return false;
        }
    }
    return true;
}

static inline const wr_function *
find_function(const char *name, const value *args, int count)
{
    int overloads = 0;
    const wr_function *const *entries = wr_function_find(wr_text_from(name), &overloads);
    for (int i = 0; i < overloads; i++) {
        if (pattern_matches(entries[i], args, count)) {
            return entries[i];
        }
    }
    fail_msg("no overload of %s", name);
    return NULL;
}

static inline wr_type
result_type(const wr_function *function, const value *args, int count)
{
    if (function->result != WR_RESULT_SAME) {
        return (wr_type){.id = (wr_type_id)function->result};
    }
    for (int i = 0; i < count; i++) {
        int pattern = function->args[i < 2 ? i : i % 2];
        if (pattern == WR_ARG_SAME) {
            return (wr_type){.id = args[i].type};
        }
    }
    return (wr_type){.id = args[count - 1].type};
}

/* What exec does before it calls a kernel that is not NULL_AWARE. */
static inline void
merge_nulls(wr_call *call)
{
    for (int arg = 0; arg < call->arg_count; arg++) {
        for (int i = 0; i < call->n; i++) {
            if (wr_vector_is_null(&call->args[arg], i)) {
                wr_vector_set_null(call->out, i, call->n, call->arena);
            }
            if (wr_vector_error(&call->args[arg], i) != WR_REASON_NONE) {
                wr_vector_set_error(call->out, i, call->n, wr_vector_error(&call->args[arg], i),
                                    call->arena);
            }
        }
    }
}

/* Row `row` as text, in one of a few buffers that are used in turn. */
static inline const char *
show(const wr_vector *vector, int row)
{
    static char buffers[8][4096];
    static int next;
    char *out = buffers[next++ % 8];
    if (wr_vector_error(vector, row) != WR_REASON_NONE) {
        snprintf(out, 4096, "error: %s", wr_reason_text(wr_vector_error(vector, row)));
        return out;
    }
    if (wr_vector_is_null(vector, row)) {
        return "NULL";
    }
    const void *at =
        (const char *)vector->data + wr_vector_slot(vector, row) * wr_type_width(vector->type.id);
    size_t size = 0;
    switch ((int)vector->type.id) {
    case WR_TYPE_BOOLEAN: return *(const uint8_t *)at ? "true" : "false";
    case WR_TYPE_BIGINT: size = wr_int64_to_text(*(const int64_t *)at, out); break;
    case WR_TYPE_DOUBLE: size = wr_double_to_text(*(const double *)at, out); break;
    case WR_TYPE_TIMESTAMP: size = wr_time_print(*(const int64_t *)at, out); break;
    case WR_TYPE_INTERVAL: size = wr_interval_print(*(const wr_interval *)at, out); break;
    case WR_TYPE_TEXT:
    case WR_TYPE_BYTES:
    case WR_TYPE_JSON: {
        const wr_view *view = at;
        size = view->size < 4095 ? view->size : 4095;
        memcpy(out, wr_view_data(view), size);
        break;
    }
    }
    out[size] = '\0';
    return out;
}

/* Calls `function` over n rows; bit i of `constants` makes argument i a constant. */
static inline const char *
call_function(const wr_function *function, wr_type type, const value *args, int count, int n,
              unsigned constants)
{
    wr_arena *arena = wr_arena_new(0);
    wr_vector vectors[16];
    const wr_vector *known[16];
    for (int i = 0; i < count; i++) {
        bool constant = constants >> i & 1;
        vectors[i] = value_vector(args[i], n, constant, arena);
        known[i] = constant ? &vectors[i] : NULL;
    }
    wr_vector out;
    wr_vector_init_flat(&out, type, n, arena);
    wr_call call = {.n = n,
                    .arg_count = count,
                    .args = vectors,
                    .out = &out,
                    .arena = arena,
                    .now_us = 1767225600000000};
    wr_error err;
    const char *shown = NULL;
    if (function->prepare &&
        function->prepare(arena, known, count, &call.prepared, &err) != WR_OK) {
        shown = "prepare fails";
    } else {
        if (!(function->flags & WR_FN_NULL_AWARE)) {
            merge_nulls(&call);
        }
        function->kernel(&call);
        for (int i = 1; i < n; i++) {
            assert_string_equal(show(&out, i), show(&out, 0));
        }
        shown = show(&out, 0);
    }
    wr_arena_free(arena);
    return shown;
}

static inline void
check_function(const char *name, const char *wanted, const value *args, int count)
{
    const wr_function *function = find_function(name, args, count);
    if (!function) {
        return;
    }
    wr_type type = result_type(function, args, count);
    unsigned all = (1u << count) - 1;
    for (unsigned constants = 0; constants <= all && constants < 16; constants++) {
        int n = constants == all ? 1 : 70;
        const char *got = call_function(function, type, args, count, n, constants);
        if (strcmp(got, wanted) != 0) {
            fail_msg("%s, constants %u: got %s, wanted %s", name, constants, got, wanted);
        }
    }
}

/* check("+", "5", big(2), big(3)) */
#define check(name, wanted, ...) \
    check_function(name, wanted, (const value[]){__VA_ARGS__}, \
                   (int)(sizeof((const value[]){__VA_ARGS__}) / sizeof(value)))

static inline void
check_cast(value from, wr_type to, const char *wanted, const char *wanted_try)
{
    const wr_function *plain = wr_function_cast(from.type, to, false);
    const wr_function *forgiving = wr_function_cast(from.type, to, true);
    assert_non_null(plain);
    assert_non_null(forgiving);
    assert_string_equal(call_function(plain, to, &from, 1, 70, 0), wanted);
    assert_string_equal(call_function(plain, to, &from, 1, 1, 1), wanted);
    assert_string_equal(call_function(forgiving, to, &from, 1, 70, 0), wanted_try);
}

#endif
