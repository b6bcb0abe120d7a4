/* What aggregates share: states as bytes of checkpoints, a run of them at a time, column by column.
 *
 *   states   { total 7, count 2 } { total 9, count 2 }   ─▶   7 9 │ 2 2     each column packed
 *
 * Most states are words and nothing else. Those that point to something store what it is.
 *
 * 1. Stored bytes come from a disk: what does not fit is an error, never an assertion.
 * 2. A load replaces the whole state. */
#include "functions/aggregate.h"

#include "core/packed.h"

wr_status
wr_aggregate_damaged(wr_error *err)
{
    return wr_error_set(err, WR_ERR_STATE, "E0904", "a stored aggregate cannot be read");
}

void
wr_aggregate_save_words(const wr_aggregate_states *call, int first, int count, wr_buffer *out)
{
    uint64_t words[WR_BATCH_ROWS];
    for (int word = first; word < first + count; word++) {
        const char *states = (const char *)call->states + (size_t)word * sizeof(*words);
        for (int i = 0; i < call->n; i++) {
            memcpy(&words[i], states + call->groups[i] * call->state_bytes, sizeof(*words));
        }
        wr_packed_write(out, words, call->n);
    }
}

wr_status
wr_aggregate_load_words(const wr_aggregate_states *call, int first, int count, wr_text *bytes,
                        wr_error *err)
{
    uint64_t words[WR_BATCH_ROWS];
    for (int word = first; word < first + count; word++) {
        char *states = (char *)call->states + (size_t)word * sizeof(*words);
        if (!wr_packed_read(bytes, words, call->n)) {
            return wr_aggregate_damaged(err);
        }
        for (int i = 0; i < call->n; i++) {
            memcpy(states + call->groups[i] * call->state_bytes, &words[i], sizeof(*words));
        }
    }
    return WR_OK;
}

void
wr_aggregate_save_views(const wr_aggregate_states *call, size_t offset, wr_buffer *out)
{
    wr_view views[WR_BATCH_ROWS];
    for (int i = 0; i < call->n; i++) {
        memcpy(&views[i], (const char *)wr_aggregate_state(call, i) + offset, sizeof(*views));
    }
    wr_packed_write_texts(out, views, call->n);
}

wr_status
wr_aggregate_load_views(const wr_aggregate_states *call, size_t offset, wr_text *bytes,
                        wr_error *err)
{
    wr_view views[WR_BATCH_ROWS];
    if (!wr_packed_read_texts(bytes, views, call->n, call->memory)) {
        return wr_aggregate_damaged(err);
    }
    for (int i = 0; i < call->n; i++) {
        memcpy((char *)wr_aggregate_state(call, i) + offset, &views[i], sizeof(*views));
    }
    return WR_OK;
}

wr_type
wr_aggregate_result_type(const wr_aggregate *aggregate, const wr_type *args)
{
    if (aggregate->result_type) {
        return aggregate->result_type(args);
    }
    return aggregate->result == WR_RESULT_SAME ? args[0]
                                               : (wr_type){.id = (wr_type_id)aggregate->result};
}

void
wr_aggregate_save(const wr_aggregate *aggregate, const wr_aggregate_states *call, wr_buffer *out)
{
    if (aggregate->save) {
        aggregate->save(call, out);
    } else {
        wr_aggregate_save_words(call, 0, (int)(call->state_bytes / sizeof(uint64_t)), out);
    }
}

wr_status
wr_aggregate_load(const wr_aggregate *aggregate, const wr_aggregate_states *call, wr_text *bytes,
                  wr_error *err)
{
    if (aggregate->load) {
        return aggregate->load(call, bytes, err);
    }
    int count = (int)(call->state_bytes / sizeof(uint64_t));
    return wr_aggregate_load_words(call, 0, count, bytes, err);
}

void
wr_aggregate_put_value(wr_type_id type, const void *value, wr_buffer *out)
{
    if (wr_type_is_view(type)) {
        const wr_view *view = value;
        wr_buffer_append(out, (const char *)&view->size, sizeof(view->size));
        wr_buffer_text(out, wr_view_text(view));
    } else {
        wr_buffer_append(out, value, (size_t)wr_type_width(type));
    }
}

bool
wr_aggregate_take_value(wr_type_id type, wr_text *bytes, void *value)
{
    if (!wr_type_is_view(type)) {
        return wr_packed_take(bytes, value, (size_t)wr_type_width(type));
    }
    uint32_t size = 0;
    if (!wr_packed_take(bytes, &size, sizeof(size)) || bytes->size < size) {
        return false;
    }
    *(wr_view *)value = wr_view_from(bytes->data, size);
    bytes->data += size;
    bytes->size -= size;
    return true;
}

void
wr_aggregate_set_text(const wr_buffer *text, wr_reason reason, wr_vector *out, int row,
                      int row_count, wr_arena *arena)
{
    bool fits = text->size <= WR_RESULT_BYTES_MAX;
    wr_view *view = &((wr_view *)out->data)[row];
    *view = wr_view_from(NULL, 0);
    if (reason != WR_REASON_NONE || !fits) {
        wr_vector_set_error(out, row, row_count, fits ? reason : WR_REASON_TOO_LARGE, arena);
    } else {
        *view = wr_view_from(wr_arena_bytes_copy(arena, text->data, text->size), text->size);
    }
}
