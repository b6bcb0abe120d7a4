/* For the files of aggregates: which row, which group, and states as stored bytes. */
#ifndef WEIR_FUNCTIONS_AGGREGATE_H
#define WEIR_FUNCTIONS_AGGREGATE_H

#include "functions/function.h"
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

/* Where a row stands among all rows: by event time, then partition, then offset. Rows without these
 * have equal places. */
typedef struct wr_place {
    int64_t event_time_us, offset, partition;
} wr_place;

static inline wr_place
wr_place_of(const wr_aggregate_call *call, int row)
{
    wr_place place = {.event_time_us = call->event_time_us ? call->event_time_us[row] : 0};
    if (call->origins) {
        wr_origin origin = wr_origin_of(call->origins, row);
        place.partition = origin.partition;
        place.offset = origin.offset;
    }
    return place;
}

static inline int
wr_place_compare(const wr_place *a, const wr_place *b)
{
    if (a->event_time_us != b->event_time_us) {
        return a->event_time_us < b->event_time_us ? -1 : 1;
    }
    if (a->partition != b->partition) {
        return a->partition < b->partition ? -1 : 1;
    }
    return (a->offset > b->offset) - (a->offset < b->offset);
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

/* The vtable's combine and finalize, which loop over states, from functions for one of them:
 *   name_one(state_type *into, const state_type *from, memory)
 *   name_one(const state_type *state, out, row, row_count, arena) */
#define WR_AGGREGATE_COMBINE(name, state_type) \
    static void name(void *into, const uint32_t *groups, const void *from, uint32_t n, \
                     wr_arena *memory) \
    { \
        state_type *states_ = into; \
        const state_type *more_ = from; \
        for (uint32_t i_ = 0; i_ < n; i_++) { \
            name##_one(&states_[groups ? groups[i_] : i_], &more_[i_], memory); \
        } \
    }
#define WR_AGGREGATE_FINALIZE(name, state_type) \
    static void name(const void *states, const uint32_t *groups, int n, wr_vector *out, \
                     wr_arena *arena) \
    { \
        const state_type *states_ = states; \
        for (int i_ = 0; i_ < n; i_++) { \
            name##_one(&states_[groups[i_]], out, i_, n, arena); \
        } \
    }

/* An entry of a topic's table; then the patterns of its arguments. */
#define WR_AGGREGATE(name_, result_, state_type, prefix, finalize_, save_, load_, signature_, \
                     meaning_, example_, shown_, ...) \
    { \
        .name = name_, .result = result_, .args = {__VA_ARGS__}, \
        .state_bytes = sizeof(state_type), .update = prefix##_update, .combine = prefix##_combine, \
        .finalize = finalize_, .save = save_, .load = load_, .signature = signature_, \
        .meaning = meaning_, .example = example_, .example_result = shown_ \
    }

/* A result that was written piece by piece: the text, or the error; too long a text is one, too. */
void wr_aggregate_set_text(const wr_buffer *text, wr_reason reason, wr_vector *out, int row,
                           int row_count, wr_arena *arena);

/* State i of those that are saved or loaded. */
static inline void *
wr_aggregate_state(const wr_aggregate_states *call, int i)
{
    return (char *)call->states + call->groups[i] * call->state_bytes;
}

/* Words first … first + count − 1 of each state, word by word. */
void wr_aggregate_save_words(const wr_aggregate_states *call, int first, int count, wr_buffer *out);
wr_status wr_aggregate_load_words(const wr_aggregate_states *call, int first, int count,
                                  wr_text *bytes, wr_error *err);

/* Views at byte `offset` of each state, with their bytes. */
void wr_aggregate_save_views(const wr_aggregate_states *call, size_t offset, wr_buffer *out);
wr_status wr_aggregate_load_views(const wr_aggregate_states *call, size_t offset, wr_text *bytes,
                                  wr_error *err);

/* One value of a type: of fixed width as it is, a view as size and bytes. A taken view borrows the
 * bytes. */
void wr_aggregate_put_value(wr_type_id type, const void *value, wr_buffer *out);
bool wr_aggregate_take_value(wr_type_id type, wr_text *bytes, void *value);

/* What was stored is no state of this aggregate. */
wr_status wr_aggregate_damaged(wr_error *err);

#endif
