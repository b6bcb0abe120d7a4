/* For the files of aggregates: which row, which group, and reading stored states. */
#ifndef WEIR_FUNCTIONS_AGGREGATE_H
#define WEIR_FUNCTIONS_AGGREGATE_H

#include "functions/kernel.h"

static inline int
wr_aggregate_row(const wr_aggregate_call *call, int i)
{
    return call->rows ? call->rows[i] : i;
}

static inline uint32_t
wr_aggregate_group(const wr_aggregate_call *call, int i)
{
    return call->groups ? call->groups[i] : 0;
}

/* Are the values of argument 0 simply data[row], all valid? Then loops need no slots. */
static inline bool
wr_aggregate_is_plain(const wr_aggregate_call *call)
{
    return call->args[0].kind == WR_FLAT && !call->args[0].valid;
}

/* Runs  step(state, value)  for every row whose argument 0 is not NULL. `state_type` is what lies
 * in call->states, `c_type` the argument's element. A loop for whole batches of plain values, one
 * for some of their rows, one for everything else. */
#define WR_AGGREGATE_LOOP(call, state_type, c_type, step) \
    do { \
        state_type *states_ = (call)->states; \
        const wr_vector *vector_ = &(call)->args[0]; \
        const c_type *values_ = vector_->data; \
        const uint32_t *groups_ = (call)->groups; \
        const uint16_t *rows_ = (call)->rows; \
        const int n_ = (call)->n; \
        const bool is_plain_ = groups_ && wr_aggregate_is_plain(call); \
        if (is_plain_ && !rows_) { \
            for (int i_ = 0; i_ < n_; i_++) { \
                step(&states_[groups_[i_]], values_[i_]); \
            } \
            break; \
        } \
        if (is_plain_) { \
            for (int i_ = 0; i_ < n_; i_++) { \
                step(&states_[groups_[i_]], values_[rows_[i_]]); \
            } \
            break; \
        } \
        for (int i_ = 0; i_ < n_; i_++) { \
            int row_ = wr_aggregate_row(call, i_); \
            if (!wr_vector_is_null(vector_, row_)) { \
                step(&states_[wr_aggregate_group(call, i_)], \
                     values_[wr_vector_slot(vector_, row_)]); \
            } \
        } \
    } while (0)

/* A state that is its own bytes: exactly `size_bytes` of them. */
wr_status wr_aggregate_load_exactly(void *state, size_t size_bytes, wr_text bytes, wr_error *err);

#endif
