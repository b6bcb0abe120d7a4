/* Parts on their way to disk, into a checkpoint, and away.
 *
 *   rows ─▶ [ segment ][ segment ] … 8 ─▶ one transaction ─▶ ids in the part
 *
 * 1. Of a named part nothing is removed here: the mark that drops it does. */
#include "exec/part.h"

#include "core/memory.h"
#include "exec/state/segment.h"

enum { PARTS_MANY = 16 /* merged, each has a segment and a run of its rows in memory: 10 MiB */ };

wr_part *
wr_part_add(wr_part **parts, int32_t number)
{
    wr_part *part = wr_alloc(sizeof(*part));
    while (*parts && (*parts)->number > number) {
        parts = &(*parts)->next;
    }
    part->number = number;
    part->next = *parts;
    *parts = part;
    return part;
}

static void
part_take(wr_part *part, const wr_segment *segment)
{
    part->segments =
        wr_grow(part->segments, part->count, &part->capacity, sizeof(*part->segments));
    wr_segment *own = &part->segments[part->count++];
    *own = *segment;
    own->is_base = part->count == 1;
    own->body = (wr_buffer){0};
    part->row_count += segment->row_count;
}

wr_part *
wr_part_adopt(wr_part **parts, const wr_segment *segment)
{
    wr_part *part = *parts;
    while (part && part->number != segment->window.part) {
        part = part->next;
    }
    if (!part) {
        part = wr_part_add(parts, segment->window.part);
        part->is_named = true;
    }
    part_take(part, segment);
    return part;
}

void
wr_parts_join(wr_part **into, wr_part **from)
{
    while (*into) {
        into = &(*into)->next;
    }
    *into = *from;
    *from = NULL;
}

wr_part *
wr_parts_take_many(wr_part **parts)
{
    int count = 0;
    wr_part **end = parts, *first = *parts;
    while (*end && (*end)->level == first->level) {
        end = &(*end)->next;
        count++;
    }
    if (count < PARTS_MANY) {
        return NULL;
    }
    *parts = *end;
    *end = NULL;
    return first;
}

bool
wr_parts_name(wr_part *parts, wr_window_id window, wr_commit *commit)
{
    bool any = false;
    for (wr_part *part = parts; part; part = part->next) {
        window.part = part->number;
        for (int i = 0; i < part->count && !part->is_named; i++) {
            wr_segment *segment =
                wr_commit_add_segment(commit, &window, part->segments[i].is_base);
            segment->id = part->segments[i].id;
            segment->row_count = part->segments[i].row_count;
        }
        any = any || !part->is_named;
        part->is_named = true;
    }
    return any;
}

static wr_status
part_remove(const wr_part *part, wr_spill *spill, wr_error *err)
{
    int64_t *ids = wr_alloc_array((size_t)part->count + 1, sizeof(*ids));
    for (int i = 0; i < part->count; i++) {
        ids[i] = part->segments[i].id;
    }
    wr_status status = part->count > 0 ? wr_spill_remove(spill, ids, part->count, err) : WR_OK;
    wr_free(ids);
    return status;
}

wr_status
wr_parts_drop(wr_part **parts, wr_spill *spill, wr_error *err)
{
    wr_status status = WR_OK;
    while (*parts) {
        wr_part *part = *parts;
        *parts = part->next;
        if (spill && status == WR_OK && !part->is_named) {
            status = part_remove(part, spill, err);
        }
        wr_free(part->segments);
        wr_free(part);
    }
    return status;
}

/* ── writing ────────────────────────────────────────────────────────────────────────────────── */

wr_segment *
wr_part_writer_segment(wr_part_writer *writer)
{
    return &writer->segments[writer->full_count];
}

static wr_status
writer_flush(wr_part_writer *writer, wr_error *err)
{
    if (writer->full_count == 0) {
        return WR_OK;
    }
    WR_TRY(wr_spill_write(writer->spill, writer->segments, writer->full_count, err));
    for (int i = 0; i < writer->full_count; i++) {
        part_take(writer->part, &writer->segments[i]);
        writer->segments[i].row_count = 0;
    }
    writer->full_count = 0;
    return WR_OK;
}

static wr_status
writer_end_segment(wr_part_writer *writer, wr_error *err)
{
    wr_segment *segment = wr_part_writer_segment(writer);
    if (segment->row_count == 0) {
        return WR_OK;
    }
    wr_segment_end(segment);
    segment->window = writer->window;
    writer->full_count++;
    return writer->full_count == WR_PART_AT_ONCE ? writer_flush(writer, err) : WR_OK;
}

wr_status
wr_part_writer_added(wr_part_writer *writer, wr_error *err)
{
    return wr_part_writer_segment(writer)->body.size >= WR_PART_SEGMENT_BYTES
               ? writer_end_segment(writer, err)
               : WR_OK;
}

wr_status
wr_part_writer_end(wr_part_writer *writer, wr_error *err)
{
    WR_TRY(writer_end_segment(writer, err));
    return writer_flush(writer, err);
}

void
wr_part_writer_fini(wr_part_writer *writer)
{
    for (int i = 0; i < WR_PART_AT_ONCE; i++) {
        wr_buffer_fini(&writer->segments[i].body);
    }
}
