/* Scalar functions and aggregates: what an entry of the registry is, and how its kernel is called.
 * Everything that an expression does is such a call: operators, CASE, casts, IN, AND, too.
 *
 * To add a scalar function: write a kernel in the file of its topic, add one entry to that file's
 * table. The planner finds it by name and argument types, exec calls the kernel per batch. */
#ifndef WEIR_FUNCTIONS_FUNCTION_H
#define WEIR_FUNCTIONS_FUNCTION_H

#include "core/buffer.h"
#include "core/error.h"
#include "core/vector.h"

enum { WR_FUNCTION_ARGS_MAX = 6 };

/* Argument and result patterns beside wr_type_id. */
enum {
    WR_ARG_NONE = 0,
    WR_ARG_ANY = 200,  /* every type, taken as it is */
    WR_ARG_SAME = 201, /* all SAME arguments are cast to one common type (as argument 0 of them) */
    WR_RESULT_SAME = 201
};

typedef enum wr_function_flag {
    WR_FN_NULL_AWARE = 1, /* the kernel sees NULLs and errors and sets out's itself; without it the
                             caller has merged them already (NULL in → NULL out, error likewise) */
    WR_FN_CAN_FAIL = 2,   /* may set errors: not moved before a filter */
    WR_FN_VOLATILE = 4,   /* not folded: now(), random() */
    WR_FN_VARIADIC = 8,   /* the last argument pattern repeats 0..n times */
    WR_FN_OPERATOR = 16,  /* printed infix, not listed among functions */
    WR_FN_CASE_SHAPE = 32 /* args = cond, value, cond, value, …, else: values SAME, conds BOOLEAN */
} wr_function_flag;

/* One call of a kernel, for a whole batch.
 *
 * The caller has: flattened dictionaries (each arg is flat or constant; never all constant unless
 * n == 1), set out to a flat vector of n rows of the result type; for functions that are not
 * NULL_AWARE: out->valid / out->errors = merged from args (rows NULL or in error may be computed on
 * whatever lies there, what the kernel sets for them is ignored).
 * The kernel fills out->data; wr_vector_set_null / _set_error for single rows. It may replace *out
 * by a constant or dictionary vector. It keeps no pointer. `arena` is the batch arena. */
typedef struct wr_call {
    int n;
    int arg_count;
    const wr_vector *args;
    wr_vector *out;
    wr_arena *arena;
    int64_t now_us;       /* wall clock, one value per micro-batch */
    const void *prepared; /* what prepare() made of constant arguments, or NULL */
} wr_call;

typedef void (*wr_kernel)(wr_call *call);

typedef struct wr_function {
    const char *name;    /* lower case; operators by their sign: "+", "=", "like", "->>" */
    uint8_t result;      /* wr_type_id or WR_RESULT_SAME */
    uint8_t args[WR_FUNCTION_ARGS_MAX]; /* patterns; WR_ARG_NONE ends */
    unsigned flags;
    wr_kernel kernel;
    /* Optional: once per plan, in the query's arena; args[i] is NULL unless argument i is constant.
     * Compiles patterns, builds IN sets; NULL: nothing prepared. A bad constant is an error. */
    wr_status (*prepare)(wr_arena *arena, const wr_vector *const *args, int arg_count,
                         const void **prepared, wr_error *err);
    /* Optional: the result's type, where `result` does not tell all of it (DECIMAL's digits), from
     * those of the converted arguments; constants[i] is NULL unless argument i is constant. */
    wr_type (*result_type)(const wr_type *args, const wr_vector *const *constants, int arg_count);
    /* For docs/SQL.md, help and completion. */
    const char *signature, *meaning, *example, *example_result;
} wr_function;

/* Names of the forms that are no plain calls:
 *   -x "-" (one argument)   a AND b … "and", "or" (≥ 1 arguments), "not"   a || b … "||"
 *   x IS [NOT] NULL  "is null", "is not null"     IS [NOT] TRUE|FALSE  "is true", "is not true",
 *   IS [NOT] DISTINCT FROM  "is distinct from", "is not distinct from"   "is false", "is not false"
 *   x [NOT] LIKE p [ESCAPE e]  "like", "ilike" (2 or 3 arguments), under "not"
 *   x IN (a, b, …)  "in" (x, a, b, …)                x BETWEEN a AND b  "between" (x, a, b)
 *   CASE  "case" (cond, value, …, else: add a NULL when it was left out)
 *   j -> k  "->",  j ->> k  "->>",  j[k], j.k  "->"  (k TEXT or BIGINT) */

/* All entries of this name (any case), in the order in which overloads are tried; count 0: none. */
const wr_function *const *wr_function_find(wr_text name, int *count);
/* Every entry, for help and did-you-mean. */
const wr_function *const *wr_function_all(int *count);

/* The cast entry from one type to another; try_cast: NULL instead of an error. NULL: no such cast.
 * `to` may be narrow (bits) or have digits (DECIMAL): kernels of casts read the types from their
 * vectors. */
const wr_function *wr_function_cast(wr_type_id from, wr_type to, bool try_cast);

/* ── aggregates ─────────────────────────────────────────────────────────────────────────────── */

/* States lie in an array: state of group g of this aggregate is at states + g × state_bytes. They
 * start as zero bytes, move by memcpy, and may point into `memory` (an arena that lives as long as
 * the array), never into a batch. */
typedef struct wr_aggregate_call {
    void *states;
    const uint32_t *groups; /* group of rows[i]; NULL: all in group 0 */
    const uint16_t *rows;   /* NULL: rows 0..n-1 */
    int n;
    int arg_count;
    const wr_vector *args;         /* any vector kind, no errors at these rows */
    const int64_t *event_time_us;  /* by row; NULL: none */
    const wr_origins *origins;     /* NULL: order of arrival */
    wr_arena *memory;
} wr_aggregate_call;

/* States on their way to bytes or back: those of groups[0, n), 1 ≤ n ≤ WR_BATCH_ROWS. */
typedef struct wr_aggregate_states {
    void *states; /* save only reads them */
    size_t state_bytes;
    const uint32_t *groups;
    int n;
    const wr_type *args; /* of the arguments */
    wr_arena *memory;    /* load: what states point to */
} wr_aggregate_states;

typedef struct wr_aggregate {
    const char *name;
    uint8_t result; /* wr_type_id, or WR_RESULT_SAME as argument 0 */
    uint8_t args[WR_FUNCTION_ARGS_MAX];
    size_t state_bytes; /* multiple of 8 */
    bool counts_rows;   /* count(*): takes no argument */
    bool is_distinct;   /* made by wr_aggregate_distinct */
    void (*update)(const wr_aggregate_call *call); /* NULL arguments are skipped by the kernel */
    /* into[groups[i]] += from[i] for i in 0..n-1; groups NULL: into[i]. Exact, associative and
     * commutative (order-dependent ones by event time); a state of zero bytes changes nothing. */
    void (*combine)(void *into, const uint32_t *groups, const void *from, uint32_t n,
                    wr_arena *memory);
    /* Writes the results of states[groups[i]] to rows 0..n-1 of the flat vector `out`: value, NULL
     * or error. Text results are copied into `arena`. */
    void (*finalize)(const void *states, const uint32_t *groups, int n, wr_vector *out,
                     wr_arena *arena);
    /* Appends the states for checkpoints; takes them from the front of *bytes, which come from a
     * disk, in place of those that are there (WR_ERR_STATE: they are no such states). NULL: the
     * words of a state are all of it. */
    void (*save)(const wr_aggregate_states *call, wr_buffer *out);
    wr_status (*load)(const wr_aggregate_states *call, wr_text *bytes, wr_error *err);
    wr_type (*result_type)(const wr_type *args); /* NULL: `result` tells all of it */
    const char *signature, *meaning, *example, *example_result;
} wr_aggregate;

const wr_aggregate *const *wr_aggregate_find(wr_text name, int *count);
const wr_aggregate *const *wr_aggregate_all(int *count);

/* The type of an aggregate's result over arguments of these types. */
wr_type wr_aggregate_result_type(const wr_aggregate *aggregate, const wr_type *args);
/* As the vtable's save and load, and for those that have none. */
void wr_aggregate_save(const wr_aggregate *aggregate, const wr_aggregate_states *call,
                       wr_buffer *out);
wr_status wr_aggregate_load(const wr_aggregate *aggregate, const wr_aggregate_states *call,
                            wr_text *bytes, wr_error *err);

/* The DISTINCT form: a state is the set of values seen; combine is union; finalize feeds the set to
 * `inner`, in the values' order. `inner` must be an entry of the registry; one argument. The
 * returned vtable lives as long as the process. NULL: no room for one more kind of them. */
const wr_aggregate *wr_aggregate_distinct(const wr_aggregate *inner, wr_type argument);

#endif
