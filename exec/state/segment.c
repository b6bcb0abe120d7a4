/* Segments are written: groups of a window as columns of bytes.
 *
 *   WRSG 1 │ TEXT → avg(DOUBLE), count() │ 3 groups │ 1 1 2 · "a" "b" "cc" │ sums │ counts │ xxh64
 *            └ layout, once                └ run: keys column by column, then states
 *
 * A run is what fits a vector, so that every loop runs over arrays of known size, and a window of a
 * million groups is 500 of them. Numbers are packed (core/packed.c).
 *
 * 1. The layout's bytes are equal for equal layouts and for these only: loading compares them.
 * 2. States go through their aggregate, which alone knows what they point to.
 * 3. Under EMIT CHANGES the cells last emitted go with the group: they decide between +I and −U +U.
 * 4. Padding and reserved bytes are zero: the same state is the same bytes. */
#include "exec/state/segment_parts.h"

#include "core/checksum.h"

#include <assert.h>

_Static_assert(sizeof(segment_header) == 24, "the header has no padding");
_Static_assert(sizeof(segment_run) == 4, "the head of a run has no padding");

static void
put_type(wr_buffer *out, wr_type type)
{
    const uint8_t bytes[4] = {(uint8_t)type.id, type.bits, type.precision, type.scale};
    wr_buffer_append(out, (const char *)bytes, sizeof(bytes));
}

static void
put_count(wr_buffer *out, int count)
{
    uint16_t number = (uint16_t)count;
    assert(number == count);
    wr_buffer_append(out, (const char *)&number, sizeof(number));
}

void
wr_segment_put_layout(wr_buffer *out, const wr_group_layout *layout)
{
    put_count(out, layout->keys.column_count);
    put_count(out, layout->aggregate_count);
    wr_buffer_char(out, layout->tracks_changes);
    for (int i = 0; i < layout->keys.column_count; i++) {
        put_type(out, layout->keys.columns[i].type);
    }
    for (int i = 0; i < layout->aggregate_count; i++) {
        const wr_aggregate *aggregate = layout->aggregates[i];
        wr_text name = wr_text_from(aggregate->name);
        const wr_group_args *args = &layout->args[i];
        wr_buffer_char(out, (char)name.size);
        wr_buffer_text(out, name);
        wr_buffer_char(out, aggregate->is_distinct);
        wr_buffer_char(out, (char)args->count);
        for (int k = 0; k < args->count; k++) {
            put_type(out, args->types[k]);
        }
    }
}

/* The header, whose lengths are known later. */
static void
segment_put_header(wr_segment *segment, int kind)
{
    segment_header header = {.version = SEGMENT_VERSION, .kind = (uint16_t)kind};
    memcpy(header.magic, segment_magic, sizeof(header.magic));
    wr_buffer_reset(&segment->body);
    segment->row_count = 0;
    wr_buffer_append(&segment->body, (const char *)&header, sizeof(header));
}

static void
segment_end_layout(wr_segment *segment)
{
    uint32_t layout_bytes = (uint32_t)(segment->body.size - sizeof(segment_header));
    memcpy(segment->body.data + offsetof(segment_header, layout_bytes), &layout_bytes,
           sizeof(layout_bytes));
}

void
wr_segment_begin(wr_segment *segment, const wr_group_layout *layout)
{
    segment_put_header(segment, SEGMENT_GROUPS);
    wr_segment_put_layout(&segment->body, layout);
    segment_end_layout(segment);
}

void
wr_segment_begin_rows(wr_segment *segment, const wr_type *types, int count)
{
    segment_put_header(segment, SEGMENT_ROWS);
    put_count(&segment->body, count);
    for (int i = 0; i < count; i++) {
        put_type(&segment->body, types[i]);
    }
    segment_end_layout(segment);
}

void
wr_segment_end(wr_segment *segment)
{
    wr_buffer *body = &segment->body;
    uint64_t sum = 0, length = body->size + sizeof(sum);
    memcpy(body->data + offsetof(segment_header, length), &length, sizeof(length));
    sum = wr_checksum(body->data, body->size);
    wr_buffer_append(body, (const char *)&sum, sizeof(sum));
}

static void
segment_begin_run(wr_segment *segment, int row_count, int parts)
{
    assert(row_count > 0 && row_count <= WR_BATCH_ROWS);
    segment_run run = {.row_count = (uint16_t)row_count, .parts = (uint8_t)parts};
    segment->row_count += row_count;
    wr_buffer_append(&segment->body, (const char *)&run, sizeof(run));
}

/* ── groups ─────────────────────────────────────────────────────────────────────────────────── */

static void
put_keys(wr_buffer *out, const wr_key_layout *layout, const char **keys, int count,
         wr_arena *scratch)
{
    for (int i = 0; i < layout->column_count; i++) {
        wr_vector column;
        wr_vector_init_flat(&column, layout->columns[i].type, count, scratch);
        wr_key_rows_get(layout, i, keys, count, &column, scratch);
        wr_segment_put_vector(out, &column, count);
    }
}

wr_type
wr_segment_result_type(const wr_group_layout *layout, int aggregate)
{
    return wr_aggregate_result_type(layout->aggregates[aggregate], layout->args[aggregate].types);
}

/* What EMIT CHANGES remembers: who changed since, who was emitted, and as what. */
static void
put_changes(wr_buffer *out, const wr_group_table *table, const uint32_t *groups, int count,
            wr_arena *scratch)
{
    uint8_t marks[WR_BATCH_ROWS];
    for (int i = 0; i < count; i++) {
        marks[i] = (uint8_t)(wr_bit_get(table->changed, (int)groups[i]) |
                             wr_bit_get(table->emitted, (int)groups[i]) << 1);
    }
    wr_buffer_append(out, (const char *)marks, (size_t)count);
    for (int k = 0; k < table->layout->aggregate_count; k++) {
        wr_vector cells;
        wr_vector_init_flat(&cells, wr_segment_result_type(table->layout, k), count, scratch);
        for (int i = 0; i < count; i++) {
            wr_emitted_cell_write(wr_group_cells(table, groups[i]) + k, &cells, i, count, scratch);
        }
        wr_segment_put_vector(out, &cells, count);
    }
}

void
wr_segment_add_groups(wr_segment *segment, const wr_group_layout *layout,
                      const wr_result_groups *groups, wr_arena *scratch)
{
    wr_buffer *out = &segment->body;
    segment_begin_run(segment, groups->count, 0);
    put_keys(out, &layout->keys, groups->keys, groups->count, scratch);
    for (int i = 0; i < layout->aggregate_count; i++) {
        wr_aggregate_states call = {.states = groups->states[i],
                                    .state_bytes = layout->aggregates[i]->state_bytes,
                                    .groups = groups->groups,
                                    .n = groups->count,
                                    .args = layout->args[i].types};
        wr_aggregate_save(layout->aggregates[i], &call, out);
    }
}

void
wr_segment_add(wr_segment *segment, const wr_group_table *table, const uint32_t *groups, int count,
               wr_arena *scratch)
{
    const char *keys[WR_BATCH_ROWS];
    for (int i = 0; i < count; i++) {
        keys[i] = wr_group_key(table, groups[i]);
    }
    const wr_result_groups all = {keys, table->states, groups, count};
    wr_segment_add_groups(segment, table->layout, &all, scratch);
    if (table->layout->tracks_changes) {
        put_changes(&segment->body, table, groups, count, scratch);
    }
}

/* ── rows ───────────────────────────────────────────────────────────────────────────────────── */

void
wr_segment_add_rows(wr_segment *segment, const wr_batch *batch)
{
    assert(!batch->selection);
    int n = batch->row_count;
    wr_buffer *out = &segment->body;
    segment_begin_run(segment, n, (batch->event_time_us ? SEGMENT_HAS_TIMES : 0) |
                                      (batch->watermark_us ? SEGMENT_HAS_WATERMARKS : 0) |
                                      (batch->row_ops ? SEGMENT_HAS_OPS : 0));
    for (int i = 0; i < batch->column_count; i++) {
        wr_segment_put_vector(out, &batch->columns[i], n);
    }
    if (batch->event_time_us) {
        wr_packed_write(out, (const uint64_t *)batch->event_time_us, n);
    }
    if (batch->watermark_us) {
        wr_packed_write(out, (const uint64_t *)batch->watermark_us, n);
    }
    if (batch->row_ops) {
        wr_buffer_append(out, (const char *)batch->row_ops, (size_t)n);
    }
}
