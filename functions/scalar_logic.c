/* Three-valued logic: AND, OR, NOT, and the tests that end it (IS NULL, IS TRUE).
 *
 * Left to right, an error counts only for rows that reach it:
 *
 *   AND     false  true   NULL   error b          false AND error   is false
 *   false   false  false  false  false            NULL  AND error   is the error
 *   true    false  true   NULL   error            error AND false   is the error
 *   NULL    false  NULL   NULL   error
 *
 * 1. A state of a row is 0 false, 1 true, 2 NULL, 3 + reason: an error.
 * 2. Chains have any number of operands; without NULLs and errors they are bytewise loops. */
#include "functions/kernel.h"

enum { LOGIC_NULL = 2, LOGIC_ERROR = 3 };

static bool
vector_is_plain(const wr_vector *vector)
{
    return !vector->valid && !vector->errors;
}

static inline int
row_state(const wr_vector *vector, int row)
{
    int slot = wr_vector_slot(vector, row);
    if (vector->errors && vector->errors[slot] != WR_REASON_NONE) {
        return LOGIC_ERROR + vector->errors[slot];
    }
    if (vector->valid && !wr_bit_get(vector->valid, slot)) {
        return LOGIC_NULL;
    }
    return ((const uint8_t *)vector->data)[slot] != 0;
}

/* `stop` is the value that decides: false for AND, true for OR. */
static inline int
state_combine(int state, int next, int stop)
{
    if (state == stop || state >= LOGIC_ERROR || next >= LOGIC_ERROR || next == stop) {
        return state == stop || state >= LOGIC_ERROR ? state : next;
    }
    return state == LOGIC_NULL ? state : next;
}

static void
states_write(wr_call *call, const uint8_t *states)
{
    uint8_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        out[i] = states[i] == 1;
        if (states[i] >= LOGIC_ERROR) {
            wr_call_mark(call, i, states[i] - LOGIC_ERROR);
        } else if (states[i] == LOGIC_NULL) {
            wr_call_mark(call, i, WR_ROW_NULL);
        }
    }
}

/* out &= or |= one operand without NULLs and errors. */
static void
plain_combine(uint8_t *restrict out, const wr_vector *operand, int n, bool stop)
{
    const uint8_t *restrict values = operand->data;
    if (operand->kind == WR_CONSTANT) {
        if ((values[0] != 0) == stop) {
            memset(out, stop, (size_t)n);
        }
    } else if (stop) {
        for (int i = 0; i < n; i++) {
            out[i] |= values[i];
        }
    } else {
        for (int i = 0; i < n; i++) {
            out[i] &= values[i];
        }
    }
}

static void
logic_chain(wr_call *call, bool stop)
{
    bool plain = true;
    for (int arg = 0; arg < call->arg_count; arg++) {
        plain = plain && vector_is_plain(&call->args[arg]);
    }
    uint8_t *states = plain ? call->out->data : wr_arena_alloc(call->arena, (size_t)call->n);
    memset(states, !stop, (size_t)call->n);
    for (int arg = 0; arg < call->arg_count; arg++) {
        if (plain) {
            plain_combine(states, &call->args[arg], call->n, stop);
            continue;
        }
        for (int i = 0; i < call->n; i++) {
            states[i] = (uint8_t)state_combine(states[i], row_state(&call->args[arg], i), stop);
        }
    }
    if (!plain) {
        states_write(call, states);
    }
}

static void
logic_and(wr_call *call)
{
    logic_chain(call, false);
}

static void
logic_or(wr_call *call)
{
    logic_chain(call, true);
}

static inline uint8_t
negate(uint8_t a)
{
    return a == 0;
}

WR_UNARY_KERNEL(logic_not, uint8_t, uint8_t, negate)

/* out = is the row's state `wanted`, or is it not; of any type for NULL. Errors stay errors. */
static void
logic_is(wr_call *call, int wanted, bool negated)
{
    const wr_vector *operand = &call->args[0];
    uint8_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        int state = wr_vector_is_null(operand, i) ? LOGIC_NULL : 0;
        if (wanted != LOGIC_NULL) {
            state = row_state(operand, i);
        }
        out[i] = (state == wanted) != negated;
        wr_call_mark(call, i, (int)wr_vector_error(operand, i));
    }
}

#define LOGIC_IS(name, wanted, negated) \
    static void name(wr_call *call) \
    { \
        logic_is(call, wanted, negated); \
    }

LOGIC_IS(logic_is_null, LOGIC_NULL, false)
LOGIC_IS(logic_is_not_null, LOGIC_NULL, true)
LOGIC_IS(logic_is_true, 1, false)
LOGIC_IS(logic_is_not_true, 1, true)
LOGIC_IS(logic_is_false, 0, false)
LOGIC_IS(logic_is_not_false, 0, true)

#define LOGIC_IS_ENTRY(name_, arg, kernel_, meaning_, example_, result_) \
    { \
        .name = name_, .result = WR_TYPE_BOOLEAN, .args = {arg}, \
        .flags = WR_FN_OPERATOR | WR_FN_NULL_AWARE, .kernel = kernel_, .signature = "x " name_, \
        .meaning = meaning_, .example = example_, .example_result = result_ \
    }

static const wr_function logic_entries[] = {
    {.name = "and",
     .result = WR_TYPE_BOOLEAN,
     .args = {WR_TYPE_BOOLEAN, WR_TYPE_BOOLEAN},
     .flags = WR_FN_OPERATOR | WR_FN_NULL_AWARE | WR_FN_VARIADIC,
     .kernel = logic_and,
     .signature = "a AND b",
     .meaning = "False as soon as one is false, left to right.",
     .example = "true AND false",
     .example_result = "false"},
    {.name = "or",
     .result = WR_TYPE_BOOLEAN,
     .args = {WR_TYPE_BOOLEAN, WR_TYPE_BOOLEAN},
     .flags = WR_FN_OPERATOR | WR_FN_NULL_AWARE | WR_FN_VARIADIC,
     .kernel = logic_or,
     .signature = "a OR b",
     .meaning = "True as soon as one is true, left to right.",
     .example = "true OR false",
     .example_result = "true"},
    {.name = "not",
     .result = WR_TYPE_BOOLEAN,
     .args = {WR_TYPE_BOOLEAN},
     .flags = WR_FN_OPERATOR,
     .kernel = logic_not,
     .signature = "NOT a",
     .meaning = "The opposite; of NULL it is NULL.",
     .example = "NOT true",
     .example_result = "false"},
    LOGIC_IS_ENTRY("is null", WR_ARG_ANY, logic_is_null, "Is there no value?", "1 IS NULL",
                   "false"),
    LOGIC_IS_ENTRY("is not null", WR_ARG_ANY, logic_is_not_null, "Is there a value?",
                   "1 IS NOT NULL", "true"),
    LOGIC_IS_ENTRY("is true", WR_TYPE_BOOLEAN, logic_is_true, "True, and not NULL.", "true IS TRUE",
                   "true"),
    LOGIC_IS_ENTRY("is not true", WR_TYPE_BOOLEAN, logic_is_not_true, "False or NULL.",
                   "true IS NOT TRUE", "false"),
    LOGIC_IS_ENTRY("is false", WR_TYPE_BOOLEAN, logic_is_false, "False, and not NULL.",
                   "true IS FALSE", "false"),
    LOGIC_IS_ENTRY("is not false", WR_TYPE_BOOLEAN, logic_is_not_false, "True or NULL.",
                   "true IS NOT FALSE", "true"),
};

const wr_function_table wr_functions_logic = WR_TABLE(logic_entries);
