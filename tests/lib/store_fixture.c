/* Commits of every kind of row, made from their epoch, and a dump of a store.
 *
 * Epoch e brings: a base segment of window e, a delta of window e − 1; drops window e − 3; two
 * operators, three positions, two destinations; a frame for destination e mod 2, and what was
 * there of epoch e − 2 is delivered; two dead letters, of which 5 are kept.
 *
 * 1. Bytes differ with epoch and kind, so that nothing can stand for something else. */
#include "tests/lib/store_fixture.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static _Noreturn void
fixture_fail(const char *what, const wr_error *err)
{
    fprintf(stderr, "store fixture: %s: %s %s\n", what, err ? err->code : "",
            err ? err->message : "");
    abort();
}

void
store_folder_make(char *folder, size_t size)
{
    bool in_memory = access("/dev/shm", W_OK) == 0;
    snprintf(folder, size, "%s/weir-store-XXXXXX", in_memory ? "/dev/shm" : "/tmp");
    if (!mkdtemp(folder)) {
        fixture_fail("mkdtemp", NULL);
    }
}

void
store_folder_remove(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir) {
        return;
    }
    const struct dirent *entry;
    while ((entry = readdir(dir))) {
        char path[1024];
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            unlink(path) != 0) {
            store_folder_remove(path);
        }
    }
    closedir(dir);
    rmdir(folder);
}

void
store_file_copy(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    if (!in || !out) {
        fixture_fail("copy", NULL);
    }
    char block[65536];
    size_t size;
    while ((size = fread(block, 1, sizeof(block), in)) > 0) {
        fwrite(block, 1, size, out);
    }
    fclose(in);
    fclose(out);
}

wr_status
store_open_at(const char *dir, wr_store **store, wr_error *err)
{
    wr_store_config config = {.dir = dir,
                              .job_name = WR_TEXT("the job"),
                              .sql = WR_TEXT("INSERT INTO out SELECT 1"),
                              .create = true};
    return wr_store_open(&config, store, err);
}

static wr_text
text_of(wr_commit *commit, const char *what, int64_t number)
{
    return wr_arena_printf(commit->arena, "%s %lld", what, (long long)number);
}

static void
bytes_fill(wr_buffer *buffer, int64_t seed, int size)
{
    char *bytes = wr_buffer_reserve(buffer, (size_t)size);
    uint64_t state = (uint64_t)seed * 0x9E3779B97F4A7C15u + 1;
    for (int i = 0; i < size; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes[i] = (char)(state >> 32);
    }
    buffer->size += (size_t)size;
}

static wr_window_id
window_of(int64_t number)
{
    return (wr_window_id){.operator_id = 2,
                          .part = 0,
                          .start_us = number * WR_US_PER_MIN,
                          .first_end_us = (number + 1) * WR_US_PER_MIN,
                          .last_end_us = (number + 1) * WR_US_PER_MIN};
}

static void
commit_add_segments(wr_commit *commit, int body_bytes)
{
    int64_t epoch = commit->epoch;
    for (int64_t number = epoch - 1; number <= epoch; number++) {
        wr_window_id window = window_of(number);
        bool is_base = number == epoch;
        wr_segment *segment = wr_commit_add_segment(commit, &window, is_base);
        segment->row_count = 10 * epoch + number;
        bytes_fill(&segment->body, 4 * epoch + is_base, is_base ? body_bytes : body_bytes / 3);
    }
    wr_window_id old = window_of(epoch - 3);
    old.part = -1;
    wr_commit_drop(commit, &old);
}

static void
commit_add_lists(wr_commit *commit)
{
    wr_arena *arena = commit->arena;
    int64_t epoch = commit->epoch;
    commit->operators = WR_NEW_ARRAY(arena, wr_operator_state, 2);
    for (int i = 0; i < 2; i++) {
        commit->operators[commit->operator_count++] =
            (wr_operator_state){.operator_id = i + 1,
                                .name = text_of(commit, "aggregate", i),
                                .fingerprint = WR_TEXT("00ff"),
                                .description = WR_TEXT("aggregate by host"),
                                .meta = text_of(commit, "meta", epoch + i)};
    }
    commit->positions = WR_NEW_ARRAY(arena, wr_position, 3);
    for (int i = 0; i < 3; i++) {
        commit->positions[commit->position_count++] =
            (wr_position){.operator_id = 1,
                          .source = WR_TEXT("kafka:t"),
                          .partition = text_of(commit, "p", i),
                          .next_offset = 1000 * epoch + i,
                          .guard = text_of(commit, "guard", i),
                          .max_event_us = epoch * WR_US_PER_S,
                          .floor_us = WR_TIME_NONE};
    }
}

static void
commit_add_outbox(wr_commit *commit, int body_bytes)
{
    int64_t epoch = commit->epoch;
    commit->destinations = WR_NEW_ARRAY(commit->arena, wr_destination_state, 2);
    commit->destination_count = 2;
    for (int i = 0; i < 2; i++) {
        commit->destinations[i] =
            (wr_destination_state){.number = i,
                                   .name = text_of(commit, "file:/tmp/out", i),
                                   .last_epoch = epoch - (epoch + i) % 2,
                                   .position = epoch * 100,
                                   .identity = text_of(commit, "inode", i),
                                   .delivered_epoch = epoch > 2 ? epoch - 2 : 0};
    }
    wr_frame *frame = wr_commit_add_frame(commit, (int32_t)(epoch % 2));
    frame->seq = epoch;
    frame->position = 100 * epoch;
    frame->row_count = epoch;
    bytes_fill(&frame->bytes, 4 * epoch + 2, body_bytes / 2);
}

static void
commit_add_letters(wr_commit *commit)
{
    commit->dead_letters_max = 5;
    for (int i = 0; i < 2; i++) {
        wr_dead_letter letter = {.at_us = commit->epoch * WR_US_PER_S,
                                 .source = WR_TEXT("kafka:t"),
                                 .partition = WR_TEXT("0"),
                                 .offset = commit->epoch,
                                 .byte = -1,
                                 .reason = text_of(commit, "no number:", commit->epoch),
                                 .column = WR_TEXT("v"),
                                 .record = text_of(commit, "{\"v\":\"x\"}", i)};
        if (i) {
            letter.key = WR_TEXT("k\0k");
        }
        wr_commit_add_dead_letter(commit, &letter);
    }
}

wr_commit *
store_commit_make(int64_t epoch, int body_bytes)
{
    wr_commit *commit = wr_commit_new(epoch);
    commit->wall_us = epoch * WR_US_PER_HOUR;
    commit->stats = wr_arena_printf(commit->arena, "{\"rows\": %lld}", (long long)epoch * 7);
    commit_add_segments(commit, body_bytes);
    commit_add_lists(commit);
    commit_add_outbox(commit, body_bytes);
    commit_add_letters(commit);
    return commit;
}

void
store_fill(const char *dir, int64_t last_epoch, int body_bytes)
{
    wr_store *store;
    wr_error err;
    if (store_open_at(dir, &store, &err) != WR_OK) {
        fixture_fail("open", &err);
    }
    for (int64_t epoch = wr_store_job_of(store)->epoch + 1; epoch <= last_epoch; epoch++) {
        wr_commit *commit = store_commit_make(epoch, body_bytes);
        if (wr_store_commit(store, commit, &err) != WR_OK) {
            fixture_fail("commit", &err);
        }
        wr_commit_free(commit);
    }
    wr_store_close(store);
}

static void
dump_bytes(wr_buffer *out, const wr_buffer *bytes)
{
    uint64_t sum = bytes->size;
    for (size_t i = 0; i < bytes->size; i++) {
        sum = sum * 31 + (unsigned char)bytes->data[i];
    }
    wr_buffer_printf(out, " %zu bytes %016" PRIx64 "\n", bytes->size, sum);
}

static void
dump_lists(const wr_store_job *job, wr_buffer *out)
{
    wr_buffer_printf(out, "job %.*s epoch %" PRId64 " at %" PRId64 " %d %.*s | %.*s\n",
                     WR_TEXT_ARG(job->name), job->epoch, job->wall_us, job->finished,
                     WR_TEXT_ARG(job->stats), WR_TEXT_ARG(job->sql));
    for (int i = 0; i < job->operator_count; i++) {
        const wr_operator_state *o = &job->operators[i];
        wr_buffer_printf(out, "operator %d %.*s %.*s %.*s %.*s\n", o->operator_id,
                         WR_TEXT_ARG(o->name), WR_TEXT_ARG(o->fingerprint),
                         WR_TEXT_ARG(o->description), WR_TEXT_ARG(o->meta));
    }
    for (int i = 0; i < job->position_count; i++) {
        const wr_position *p = &job->positions[i];
        wr_buffer_printf(out, "position %d %.*s %.*s %" PRId64 " %.*s %" PRId64 " %" PRId64 "\n",
                         p->operator_id, WR_TEXT_ARG(p->source), WR_TEXT_ARG(p->partition),
                         p->next_offset, WR_TEXT_ARG(p->guard), p->max_event_us, p->floor_us);
    }
    for (int i = 0; i < job->destination_count; i++) {
        const wr_destination_state *d = &job->destinations[i];
        wr_buffer_printf(out, "destination %d %.*s %" PRId64 " %" PRId64 " %.*s %" PRId64 "\n",
                         d->number, WR_TEXT_ARG(d->name), d->last_epoch, d->position,
                         WR_TEXT_ARG(d->identity), d->delivered_epoch);
    }
}

static wr_status
dump_bodies(wr_store *store, wr_arena *arena, wr_buffer *out, wr_error *err)
{
    const wr_store_job *job = wr_store_job_of(store);
    wr_segment *segments;
    int count;
    WR_TRY(wr_store_list_segments(store, 2, arena, &segments, &count, err));
    wr_buffer body;
    wr_buffer_init(&body);
    wr_status status = WR_OK;
    for (int i = 0; i < count && status == WR_OK; i++) {
        wr_buffer_reset(&body);
        status = wr_store_read_segment(store, segments[i].id, &body, err);
        wr_buffer_printf(out, "segment %" PRId64 " %d %" PRId64, segments[i].window.start_us,
                         segments[i].is_base, segments[i].row_count);
        dump_bytes(out, &body);
    }
    for (int i = 0; i < job->frame_count && status == WR_OK; i++) {
        const wr_frame *frame = &job->frames[i];
        wr_buffer_reset(&body);
        status = wr_store_read_frame(store, frame->destination, frame->seq, &body, err);
        wr_buffer_printf(out, "frame %d %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64,
                         frame->destination, frame->epoch, frame->seq, frame->position,
                         frame->row_count);
        dump_bytes(out, &body);
    }
    wr_buffer_fini(&body);
    return status;
}

static wr_status
dump_letters(wr_store *store, wr_arena *arena, wr_buffer *out, wr_error *err)
{
    wr_dead_letter *letters;
    int count;
    WR_TRY(wr_store_dead_letters(store, 0, 100, arena, &letters, &count, err));
    const wr_store_job *job = wr_store_job_of(store);
    wr_buffer_printf(out, "letters %" PRId64 " removed %" PRId64 "\n", job->dead_letter_count,
                     job->dead_letters_removed);
    for (int i = 0; i < count; i++) {
        const wr_dead_letter *l = &letters[i];
        wr_buffer_printf(out, "letter %" PRId64 " %" PRId64 " %.*s %.*s %d %zu %.*s\n", l->id,
                         l->at_us, WR_TEXT_ARG(l->reason), WR_TEXT_ARG(l->column),
                         l->key.data != NULL, l->key.size, WR_TEXT_ARG(l->record));
    }
    return WR_OK;
}

wr_status
store_dump(wr_store *store, wr_buffer *out, wr_error *err)
{
    wr_arena *arena = wr_arena_new(0);
    dump_lists(wr_store_job_of(store), out);
    wr_status status = dump_bodies(store, arena, out, err);
    if (status == WR_OK) {
        status = dump_letters(store, arena, out, err);
    }
    wr_buffer_cstr(out);
    wr_arena_free(arena);
    return status;
}

wr_status
store_dump_at(const char *dir, bool read_only, wr_buffer *out, wr_error *err)
{
    wr_store_config config = {.dir = dir, .read_only = read_only};
    wr_store *store;
    wr_buffer_reset(out);
    WR_TRY(wr_store_open(&config, &store, err));
    wr_status status = store_dump(store, out, err);
    wr_store_close(store);
    return status;
}
