/* A checkpoint under construction: growing lists whose items live in the commit's arena or own a
 * buffer.
 *
 * 1. Items are only added; nothing is looked up here.
 * 2. Dead letters are the exception: a burst of them must not fill the memory, so that the oldest
 *    are dropped, and counted, when twice as many are here as may stay. */
#include "exec/state/commit.h"

#include "core/memory.h"

#include <string.h>

enum {
    COMMIT_ARENA_BYTES = 16 * 1024,
    LETTERS_MAX = 10000, /* unless said */
    LETTERS_SLACK = 16 /* so that moving the list is seldom */
};

wr_commit *
wr_commit_new(int64_t epoch)
{
    wr_commit *commit = wr_alloc(sizeof(*commit));
    commit->epoch = epoch;
    commit->dead_letters_max = LETTERS_MAX;
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
    for (int i = 0; i < commit->dead_letter_count; i++) {
        wr_free((char *)commit->dead_letters[i].source.data);
    }
    wr_free(commit->dead_letters);
    wr_free(commit->replayed);
    wr_arena_free(commit->arena);
    wr_free(commit);
}

wr_segment *
wr_commit_add_segment(wr_commit *commit, const wr_window_id *window, bool is_base)
{
    commit->segments = wr_grow(commit->segments, commit->segment_count,
                               &commit->segment_capacity, sizeof(*commit->segments));
    wr_segment *segment = &commit->segments[commit->segment_count++];
    *segment = (wr_segment){.window = *window, .is_base = is_base};
    wr_buffer_init(&segment->body);
    return segment;
}

wr_frame *
wr_commit_add_frame(wr_commit *commit, int32_t destination)
{
    commit->frames = wr_grow(commit->frames, commit->frame_count, &commit->frame_capacity,
                             sizeof(*commit->frames));
    wr_frame *frame = &commit->frames[commit->frame_count++];
    *frame = (wr_frame){.destination = destination, .epoch = commit->epoch};
    wr_buffer_init(&frame->bytes);
    return frame;
}

void
wr_commit_drop(wr_commit *commit, const wr_window_id *window)
{
    commit->dropped = wr_grow(commit->dropped, commit->dropped_count, &commit->dropped_capacity,
                              sizeof(*commit->dropped));
    commit->dropped[commit->dropped_count++] = *window;
}

/* ── dead letters ───────────────────────────────────────────────────────────────────────────── */

/* A letter owns one block of memory, which begins with its source. */
static wr_text
block_put(char **at, wr_text text)
{
    wr_text copy = {*at, text.size};
    if (text.size > 0) {
        memcpy(*at, text.data, text.size);
    }
    *at += text.size;
    return text.data ? copy : text;
}

/* The first bytes, and how many there were. */
static wr_text
letter_cut(wr_text bytes, wr_buffer *cut)
{
    wr_buffer_init(cut);
    if (bytes.size <= WR_LETTER_BYTES_MAX) {
        return bytes;
    }
    wr_buffer_append(cut, bytes.data, WR_LETTER_BYTES_MAX);
    wr_buffer_printf(cut, " [cut: %zu bytes]", bytes.size);
    return (wr_text){cut->data, cut->size};
}

static int64_t
letter_bytes(const wr_dead_letter *letter)
{
    return (int64_t)(letter->source.size + letter->partition.size + letter->reason.size +
                     letter->column.size + letter->key.size + letter->record.size);
}

/* The oldest go until the bounds hold again. */
static void
letters_drop(wr_commit *commit)
{
    int64_t max = commit->dead_letters_max;
    int dropped = 0;
    while (dropped < commit->dead_letter_count &&
           (commit->dead_letter_count - dropped > max ||
            commit->dead_letter_bytes > WR_LETTERS_BYTES)) {
        const wr_dead_letter *oldest = &commit->dead_letters[dropped++];
        commit->dead_letter_bytes -= letter_bytes(oldest);
        wr_free((char *)oldest->source.data);
    }
    commit->dead_letter_count -= dropped;
    commit->dead_letters_dropped += dropped;
    memmove(commit->dead_letters, commit->dead_letters + dropped,
            (size_t)commit->dead_letter_count * sizeof(*commit->dead_letters));
}

void
wr_commit_add_dead_letter(wr_commit *commit, const wr_dead_letter *letter)
{
    commit->dead_letters =
        wr_grow(commit->dead_letters, commit->dead_letter_count, &commit->dead_letter_capacity,
                sizeof(*commit->dead_letters));
    wr_buffer key, record;
    wr_dead_letter *copy = &commit->dead_letters[commit->dead_letter_count++];
    *copy = *letter;
    copy->key = letter_cut(letter->key, &key);
    copy->record = letter_cut(letter->record, &record);
    bool is_cut = letter->key.size > WR_LETTER_BYTES_MAX ||
                  letter->record.size > WR_LETTER_BYTES_MAX;
    copy->operator_id = is_cut ? 0 : letter->operator_id;
    char *block = wr_alloc((size_t)letter_bytes(copy) + 1), *at = block;
    copy->source = (wr_text){at, letter->source.size};
    (void)block_put(&at, letter->source);
    copy->partition = block_put(&at, letter->partition);
    copy->reason = block_put(&at, letter->reason);
    copy->column = block_put(&at, letter->column);
    copy->key = block_put(&at, copy->key);
    copy->record = block_put(&at, copy->record);
    wr_buffer_fini(&key);
    wr_buffer_fini(&record);
    commit->dead_letter_bytes += letter_bytes(copy);
    if (commit->dead_letter_count >= 2 * commit->dead_letters_max + LETTERS_SLACK ||
        commit->dead_letter_bytes > 2 * WR_LETTERS_BYTES) {
        letters_drop(commit);
    }
}

void
wr_commit_add_replayed(wr_commit *commit, int64_t id)
{
    commit->replayed = wr_grow(commit->replayed, commit->replayed_count,
                               &commit->replayed_capacity, sizeof(*commit->replayed));
    commit->replayed[commit->replayed_count++] = id;
}

int64_t
wr_commit_bytes(const wr_commit *commit)
{
    size_t bytes = wr_arena_held_bytes(commit->arena) + (size_t)commit->dead_letter_bytes;
    for (int i = 0; i < commit->segment_count; i++) {
        bytes += commit->segments[i].body.capacity;
    }
    for (int i = 0; i < commit->frame_count; i++) {
        bytes += commit->frames[i].bytes.capacity;
    }
    return (int64_t)bytes;
}
