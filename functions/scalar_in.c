/* x IN (a, b, …).
 *
 * Idea: a list of constants becomes a hash set once per plan; a batch is hashed in one go and
 * probed. Other lists are compared from left to right.
 *
 *   5 IN (1, 5)     true         5 IN (1, NULL)   NULL: it might be
 *   NULL IN (…)     NULL         5 IN (1, 2)      false
 *
 * 1. The set has at most half of its slots filled, so probing ends. */
#include "functions/kernel.h"

#include "core/hash.h"

typedef struct in_set {
    const wr_vector *values; /* constants, as given to prepare but copied into its arena */
    int32_t *slots;          /* value number + 1; 0: empty */
    uint32_t mask;
    bool has_null;
} in_set;

static uint64_t
constant_hash(const wr_vector *constant)
{
    uint64_t hash = 0;
    wr_hash_vector(constant, 1, false, &hash);
    return hash;
}

static bool
set_contains(const in_set *set, wr_type_id type, const void *value, uint64_t hash)
{
    for (uint32_t at = (uint32_t)hash & set->mask; set->slots[at] != 0; at = (at + 1) & set->mask) {
        if (wr_value_compare(type, set->values[set->slots[at] - 1].data, value) == 0) {
            return true;
        }
    }
    return false;
}

static void
set_insert(in_set *set, wr_vector *copy, int number)
{
    uint64_t hash = constant_hash(copy);
    if (set_contains(set, copy->type.id, copy->data, hash)) {
        return;
    }
    uint32_t at = (uint32_t)hash & set->mask;
    while (set->slots[at] != 0) {
        at = (at + 1) & set->mask;
    }
    set->slots[at] = number + 1;
}

static wr_vector
constant_copy(const wr_vector *constant, wr_arena *arena)
{
    wr_vector copy;
    wr_vector_init_constant(&copy, constant->type,
                            wr_vector_is_null(constant, 0) ? NULL : constant->data, arena);
    if (wr_type_is_view(constant->type.id)) {
        wr_view *view = copy.data;
        *view = wr_view_copy(arena, view);
    }
    return copy;
}

static wr_status
in_prepare(wr_arena *arena, const wr_vector *const *args, int arg_count, const void **prepared,
           wr_error *err)
{
    (void)err;
    *prepared = NULL;
    int count = arg_count - 1;
    for (int i = 1; i < arg_count; i++) {
        if (!args[i] || args[i]->kind != WR_CONSTANT ||
            wr_vector_error(args[i], 0) != WR_REASON_NONE) {
            return WR_OK;
        }
    }
    uint32_t capacity = 8;
    while (capacity < (uint32_t)count * 2) {
        capacity *= 2;
    }
    in_set *set = WR_NEW(arena, in_set);
    wr_vector *values = WR_NEW_ARRAY(arena, wr_vector, count);
    set->values = values;
    set->slots = WR_NEW_ARRAY(arena, int32_t, capacity);
    set->mask = capacity - 1;
    for (int i = 0; i < count; i++) {
        values[i] = constant_copy(args[i + 1], arena);
        if (wr_vector_is_null(&values[i], 0)) {
            set->has_null = true;
        } else {
            set_insert(set, &values[i], i);
        }
    }
    *prepared = set;
    return WR_OK;
}

static void
in_probe(wr_call *call, const in_set *set)
{
    const wr_vector *x = &call->args[0];
    uint8_t *out = call->out->data;
    uint64_t hashes[WR_BATCH_ROWS];
    wr_hash_vector(x, call->n, false, hashes);
    for (int i = 0; i < call->n; i++) {
        const void *value = wr_vector_element(x, wr_vector_slot(x, i));
        bool found = set_contains(set, x->type.id, value, hashes[i]);
        wr_reason reason = wr_vector_error(x, i);
        out[i] = found;
        if (reason != WR_REASON_NONE) {
            wr_call_mark(call, i, (int)reason);
        } else if (wr_vector_is_null(x, i) || (!found && set->has_null)) {
            wr_call_mark(call, i, WR_ROW_NULL);
        }
    }
}

/* true and false as such, or what wr_call_mark takes, negative. */
static int
in_search(const wr_call *call, int row)
{
    const wr_vector *x = &call->args[0];
    if (wr_vector_error(x, row) != WR_REASON_NONE) {
        return -(int)wr_vector_error(x, row);
    }
    bool maybe = wr_vector_is_null(x, row);
    for (int arg = 1; arg < call->arg_count; arg++) {
        const wr_vector *item = &call->args[arg];
        if (wr_vector_error(item, row) != WR_REASON_NONE) {
            return -(int)wr_vector_error(item, row);
        }
        if (maybe || wr_vector_is_null(item, row)) {
            maybe = true;
        }
        if (!wr_vector_is_null(x, row) && !wr_vector_is_null(item, row) &&
            wr_value_compare(x->type.id, wr_vector_element(x, wr_vector_slot(x, row)),
                             wr_vector_element(item, wr_vector_slot(item, row))) == 0) {
            return true;
        }
    }
    return maybe ? -WR_ROW_NULL : false;
}

static void
in_kernel(wr_call *call)
{
    if (call->prepared) {
        in_probe(call, call->prepared);
        return;
    }
    uint8_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        int outcome = in_search(call, i);
        out[i] = outcome == true;
        wr_call_mark(call, i, outcome < 0 ? -outcome : WR_ROW_OK);
    }
}

static const wr_function in_entries[] = {
    {.name = "in",
     .result = WR_TYPE_BOOLEAN,
     .args = {WR_ARG_SAME, WR_ARG_SAME},
     .flags = WR_FN_OPERATOR | WR_FN_NULL_AWARE | WR_FN_VARIADIC,
     .kernel = in_kernel,
     .prepare = in_prepare,
     .signature = "x IN (a, b, …)",
     .meaning = "Is x one of these?",
     .example = "2 IN (1, 2)",
     .example_result = "true"},
};

const wr_function_table wr_functions_in = WR_TABLE(in_entries);
