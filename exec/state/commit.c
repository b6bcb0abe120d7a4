/* A checkpoint under construction: growing lists whose items live in the commit's arena or own a
 * buffer.
 *
 * 1. Items are only added; nothing is looked up here. */
#include "exec/state/commit.h"

#include "core/memory.h"

enum { COMMIT_ARENA_BYTES = 16 * 1024 };

wr_commit *
wr_commit_new(int64_t epoch)
{
    wr_commit *commit = wr_alloc(sizeof(*commit));
    commit->epoch = epoch;
    commit->arena = wr_arena_new(COMMIT_ARENA_BYTES);
    return commit;
}

void
wr_commit_free(wr_commit *commit)
{
    if (!commit) {
        return;
    }
    for (int i = 0; i < commit->segment_count; i++) {
        wr_buffer_fini(&commit->segments[i].body);
    }
    for (int i = 0; i < commit->frame_count; i++) {
        wr_buffer_fini(&commit->frames[i].bytes);
    }
    wr_free(commit->segments);
    wr_free(commit->dropped);
    wr_free(commit->frames);
    wr_free(commit->dead_letters);
    wr_arena_free(commit->arena);
    wr_free(commit);
}

/* Room for one more item of `item_bytes`; returns the list, which may have moved. */
static void *
list_grow(void *items, int count, int *capacity, size_t item_bytes)
{
    if (count < *capacity) {
        return items;
    }
    *capacity = *capacity ? 2 * *capacity : 8;
    return wr_realloc(items, (size_t)*capacity * item_bytes);
}

wr_segment *
wr_commit_add_segment(wr_commit *commit, const wr_window_id *window, bool is_base)
{
    commit->segments = list_grow(commit->segments, commit->segment_count,
                                 &commit->segment_capacity, sizeof(*commit->segments));
    wr_segment *segment = &commit->segments[commit->segment_count++];
    *segment = (wr_segment){.window = *window, .is_base = is_base};
    wr_buffer_init(&segment->body);
    return segment;
}

wr_frame *
wr_commit_add_frame(wr_commit *commit, int32_t destination)
{
    commit->frames = list_grow(commit->frames, commit->frame_count, &commit->frame_capacity,
                               sizeof(*commit->frames));
    wr_frame *frame = &commit->frames[commit->frame_count++];
    *frame = (wr_frame){.destination = destination, .epoch = commit->epoch};
    wr_buffer_init(&frame->bytes);
    return frame;
}

void
wr_commit_drop(wr_commit *commit, const wr_window_id *window)
{
    commit->dropped = list_grow(commit->dropped, commit->dropped_count, &commit->dropped_capacity,
                                sizeof(*commit->dropped));
    commit->dropped[commit->dropped_count++] = *window;
}

void
wr_commit_add_dead_letter(wr_commit *commit, const wr_dead_letter *letter)
{
    commit->dead_letters =
        list_grow(commit->dead_letters, commit->dead_letter_count, &commit->dead_letter_capacity,
                  sizeof(*commit->dead_letters));
    wr_dead_letter *copy = &commit->dead_letters[commit->dead_letter_count++];
    *copy = *letter;
    copy->source = wr_arena_text(commit->arena, letter->source);
    copy->partition = wr_arena_text(commit->arena, letter->partition);
    copy->reason = wr_arena_text(commit->arena, letter->reason);
    copy->column = wr_arena_text(commit->arena, letter->column);
    copy->key = wr_arena_text(commit->arena, letter->key);
    copy->record = wr_arena_text(commit->arena, letter->record);
}

int64_t
wr_commit_bytes(const wr_commit *commit)
{
    size_t bytes = wr_arena_held_bytes(commit->arena);
    for (int i = 0; i < commit->segment_count; i++) {
        bytes += commit->segments[i].body.capacity;
    }
    for (int i = 0; i < commit->frame_count; i++) {
        bytes += commit->frames[i].bytes.capacity;
    }
    return (int64_t)bytes;
}
