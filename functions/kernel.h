/* For the files of kernels: loops with constants folded, and the registry's tables.
 *
 *   WR_BINARY_KERNEL(compare_less_bigint, int64_t, int64_t, uint8_t, less_bigint)
 *
 * is a kernel that calls the inline function `less_bigint(a, b)` for every row, in three copies
 * (vector-vector, vector-constant, constant-vector) that the compiler can turn into SIMD. */
#ifndef WEIR_FUNCTIONS_KERNEL_H
#define WEIR_FUNCTIONS_KERNEL_H

#include "functions/function.h"

typedef struct wr_function_table {
    const wr_function *entries;
    int count;
} wr_function_table;

typedef struct wr_aggregate_table {
    const wr_aggregate *entries;
    int count;
} wr_aggregate_table;

#define WR_TABLE(entries) \
    { \
        (entries), (int)(sizeof(entries) / sizeof((entries)[0])) \
    }

/* out[i] = apply(a[i]) */
#define WR_UNARY_KERNEL(name, a_type, out_type, apply) \
    static void name(wr_call *call) \
    { \
        const a_type *restrict a = call->args[0].data; \
        out_type *restrict out = call->out->data; \
        for (int i = 0; i < call->n; i++) { \
            out[i] = apply(a[i]); \
        } \
    }

/* out[i] = apply(a[i], b[i]) */
#define WR_BINARY_KERNEL(name, a_type, b_type, out_type, apply) \
    static void name(wr_call *call) \
    { \
        const a_type *restrict a = call->args[0].data; \
        const b_type *restrict b = call->args[1].data; \
        out_type *restrict out = call->out->data; \
        int n = call->n; \
        if (call->args[0].kind == WR_CONSTANT) { \
            a_type a0 = a[0]; \
            for (int i = 0; i < n; i++) { \
                out[i] = apply(a0, b[i]); \
            } \
        } else if (call->args[1].kind == WR_CONSTANT) { \
            b_type b0 = b[0]; \
            for (int i = 0; i < n; i++) { \
                out[i] = apply(a[i], b0); \
            } \
        } else { \
            for (int i = 0; i < n; i++) { \
                out[i] = apply(a[i], b[i]); \
            } \
        } \
    }

/* What a step of a kernel that can fail says about its row. WR_ROW_NULL makes the row NULL, other
 * values are a wr_reason. */
enum { WR_ROW_OK = WR_REASON_NONE, WR_ROW_NULL = WR_REASON_COUNT };

/* Marks row `row` of the output as `outcome` says; rows that are NULL or in error stay so. */
void wr_call_mark(wr_call *call, int row, int outcome);

/* out[i] is set by  apply(a[i], b[i], &out[i]),  which says what became of it. The first pass only
 * notes whether any row failed; the second one, seldom needed, marks the rows. */
#define WR_BINARY_CHECKED_KERNEL(name, a_type, b_type, out_type, apply) \
    static void name(wr_call *call) \
    { \
        const a_type *restrict a = call->args[0].data; \
        const b_type *restrict b = call->args[1].data; \
        out_type *restrict out = call->out->data; \
        const int a_step = call->args[0].kind != WR_CONSTANT; \
        const int b_step = call->args[1].kind != WR_CONSTANT; \
        int failed = 0; \
        for (int i = 0; i < call->n; i++) { \
            failed |= apply(a[i * a_step], b[i * b_step], &out[i]); \
        } \
        for (int i = 0; failed && i < call->n; i++) { \
            wr_call_mark(call, i, apply(a[i * a_step], b[i * b_step], &out[i])); \
        } \
    }

#define WR_UNARY_CHECKED_KERNEL(name, a_type, out_type, apply) \
    static void name(wr_call *call) \
    { \
        const a_type *restrict a = call->args[0].data; \
        out_type *restrict out = call->out->data; \
        int failed = 0; \
        for (int i = 0; i < call->n; i++) { \
            failed |= apply(a[i], &out[i]); \
        } \
        for (int i = 0; failed && i < call->n; i++) { \
            wr_call_mark(call, i, apply(a[i], &out[i])); \
        } \
    }

/* Argument `arg` at `row`, for kernels that are not about single cycles. */
#define WR_ARG(call, ctype, arg, row) WR_VALUE(&(call)->args[arg], ctype, row)

static inline wr_text
wr_arg_text(const wr_call *call, int arg, int row)
{
    const wr_vector *vector = &call->args[arg];
    return wr_view_text(&((const wr_view *)vector->data)[wr_vector_slot(vector, row)]);
}

/* Is the row already NULL or in error (merged by the caller)? Then a slow kernel may pass over it;
 * what lies in out->data must be defined all the same. */
static inline bool
wr_call_skips(const wr_call *call, int row)
{
    return (call->out->valid && !wr_bit_get(call->out->valid, row)) ||
           (call->out->errors && call->out->errors[row] != WR_REASON_NONE);
}

/* Stores `text` as the result of `row`: the bytes are copied into the batch arena / borrowed (they
 * live as long as the batch: an argument's bytes, or the arena's). */
void wr_call_set_text(wr_call *call, int row, wr_text text);
static inline void
wr_call_set_view(wr_call *call, int row, wr_text text)
{
    ((wr_view *)call->out->data)[row] = wr_view_from(text.data, text.size);
}

/* No result of one row is larger than this. */
enum { WR_RESULT_BYTES_MAX = 16 * 1024 * 1024 };

/* For results that are written piece by piece: write(call, row, out) appends the row's result to
 * the empty `out` and says what became of it (WR_ROW_OK, WR_ROW_NULL or a wr_reason). Rows that are
 * NULL or in error already are passed over; too large results are errors. */
typedef int (*wr_row_writer)(const wr_call *call, int row, wr_buffer *out);
void wr_call_write(wr_call *call, wr_row_writer write);
/* One row's end: what is in `out` is its result, or `outcome` says why there is none. */
void wr_call_finish(wr_call *call, int row, int outcome, const wr_buffer *out);

/* Is constant `arg` of a prepare() there, and neither NULL nor an error? */
static inline bool
wr_constant_is_known(const wr_vector *const *args, int arg)
{
    return args[arg] && !wr_vector_is_null(args[arg], 0) &&
           wr_vector_error(args[arg], 0) == WR_REASON_NONE;
}

/* An entry of a topic's table; then the patterns of its arguments. */
#define WR_SCALAR(name_, result_, flags_, kernel_, prepare_, signature_, meaning_, example_, \
                  shown_, ...) \
    { \
        .name = name_, .result = WR_TYPE_##result_, .args = {__VA_ARGS__}, .flags = flags_, \
        .kernel = kernel_, .prepare = prepare_, .signature = signature_, .meaning = meaning_, \
        .example = example_, .example_result = shown_ \
    }

/* A kernel of the rows' writer. */
#define WR_WRITER_KERNEL(name, write) \
    static void name(wr_call *call) \
    { \
        wr_call_write(call, write); \
    }

/* Element `slot` of a vector's data, whatever its type. */
static inline void *
wr_vector_element(const wr_vector *vector, int slot)
{
    return (char *)vector->data + slot * wr_type_width(vector->type.id);
}

/* Sets `row` of the output to what argument `arg` has there: value, NULL or error. */
void wr_call_copy_row(wr_call *call, int row, int arg);

/* <0, 0, >0 of two values of a type, in SQL's order (NaN is greatest and equals itself). */
int wr_value_compare(wr_type_id type, const void *a, const void *b);

#endif
