/* Files: where chunks end, odd files, files that grow, errors; and what a file sink refuses. */
#include "connectors/registry.h"
#include "core/time.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

static char folder[64];

static const char *
in_folder(wr_arena *arena, const char *name)
{
    return wr_arena_printf(arena, "%s/%s", folder, name).data;
}

static const char *
file_write(wr_arena *arena, const char *name, const char *bytes, size_t size)
{
    const char *path = in_folder(arena, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(size, fwrite(bytes, 1, size, file));
    fclose(file);
    return path;
}

static void
file_append(const char *path, const char *text)
{
    FILE *file = fopen(path, "a");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static wr_status
source_open(wr_arena *arena, wr_option *options, int count, wr_source **source, wr_error *err)
{
    wr_source_config config = {.options = {options, count}, .arena = arena, .lane_count = 1};
    *source = NULL;
    return wr_file_source.open(&config, source, err);
}

/* Everything of one path, chunk after chunk with "|" between. */
static const char *
read_all(wr_arena *arena, const char *path, int rows)
{
    wr_option option = {.value = wr_text_from(path), .positional = true};
    wr_poll_limits limits = {.rows = rows, .bytes = 1 << 20};
    wr_buffer out;
    wr_source *source;
    wr_error err = {.code = ""};
    wr_block block;
    wr_buffer_init(&out);
    assert_int_equal(WR_OK, source_open(arena, &option, 1, &source, &err));
    while (wr_file_source.poll(source, &limits, arena, &block, &err) == WR_OK) {
        wr_buffer_text(&out, out.size > 0 ? WR_TEXT("|") : WR_TEXT(""));
        wr_buffer_append(&out, block.chunk, block.chunk_bytes);
    }
    wr_file_source.close(source);
    assert_string_equal("", err.code);
    const char *all = wr_arena_strndup(arena, wr_buffer_cstr(&out), out.size);
    wr_buffer_fini(&out);
    return all;
}

static void
odd_files(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *expected;
    } files[] = {
        {"", 0, ""},
        {"a\nb\n", 4, "a\nb\n"},
        {"a\nb", 3, "a\n|b"},
        {"no newline", 10, "no newline"},
        {"\n", 1, "\n"},
        {"\n\n", 2, "\n\n"},
        {"\xEF\xBB\xBFx\n", 5, "x\n"},
        {"\xEF\xBB\xBF", 3, ""},
        {"\xEF\xBB\xBFx", 4, "x"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        wr_arena *arena = wr_arena_new(0);
        const char *path = file_write(arena, "odd", files[i].bytes, files[i].size);
        assert_string_equal(files[i].expected, read_all(arena, path, 100000));
        wr_arena_free(arena);
    }
    wr_arena *arena = wr_arena_new(0);
    const char *path = file_write(arena, "odd", "a\nb\n\nc", 6);
    assert_string_equal("a\n|b\n|\n|c", read_all(arena, path, 1));
    wr_arena_free(arena);
}

/* Records longer than a chunk, short ones around them. */
static void
long_records(void **state)
{
    (void)state;
    static const size_t sizes[] = {4095, 4096, 1 << 20, (1 << 20) + 1, 5 << 20, 64 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        wr_arena *arena = wr_arena_new(0);
        size_t size = sizes[i] + 6;
        char *bytes = malloc(size + 1);
        memset(bytes, 'x', size);
        memcpy(bytes, "a\n", 2);
        memcpy(bytes + size - 3, "\nb\n", 4);
        const char *path = file_write(arena, "long", bytes, size);
        wr_option option = {.value = wr_text_from(path), .positional = true};
        wr_poll_limits limits = {.rows = 100000, .bytes = 1 << 20};
        wr_source *source;
        wr_block block;
        size_t at = 0;
        assert_int_equal(WR_OK, source_open(arena, &option, 1, &source, NULL));
        while (wr_file_source.poll(source, &limits, arena, &block, NULL) == WR_OK) {
            assert_int_equal(at, block.chunk_offset);
            assert_int_equal('\n', block.chunk[block.chunk_bytes - 1]);
            assert_memory_equal(bytes + at, block.chunk, block.chunk_bytes);
            at += block.chunk_bytes;
        }
        assert_int_equal(size, at);
        wr_file_source.close(source);
        free(bytes);
        wr_arena_free(arena);
    }
}

static void
lines_are_counted(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    const char *path = file_write(arena, "lines", "a\nb\nc\nd\n", 8);
    wr_option option = {.value = wr_text_from(path), .positional = true};
    wr_poll_limits limits = {.rows = 3, .bytes = 1 << 20};
    wr_source *source;
    wr_block block;
    assert_int_equal(WR_OK, source_open(arena, &option, 1, &source, NULL));
    assert_int_equal(WR_OK, wr_file_source.poll(source, &limits, arena, &block, NULL));
    assert_int_equal(1, block.chunk_line);
    assert_true(block.chunk_first);
    assert_int_equal(WR_OK, wr_file_source.poll(source, &limits, arena, &block, NULL));
    assert_int_equal(4, block.chunk_line);
    assert_int_equal(6, block.chunk_offset);
    assert_false(block.chunk_first);
    wr_file_source.close(source);
    wr_arena_free(arena);
}

static void
open_fails(const char *value, const char *code, const char *told)
{
    wr_arena *arena = wr_arena_new(0);
    wr_option option = {
        .value = wr_text_from(value), .positional = true, .position = 5, .length = 3};
    wr_source *source;
    wr_error err = {.code = ""};
    assert_int_not_equal(WR_OK, source_open(arena, &option, 1, &source, &err));
    assert_string_equal(code, err.code);
    assert_non_null(strstr(err.message, told));
    if (source) {
        wr_file_source.close(source);
    }
    wr_arena_free(arena);
}

static void
errors_at_open(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    open_fails(in_folder(arena, "missing.json"), "E0703", "missing.json");
    open_fails(in_folder(arena, "missing*.json"), "E0703", "missing*.json");
    open_fails(folder, "E0703", folder);
    open_fails("", "E0603", "path");
    const char *path = file_write(arena, "a.zst", "x", 1);
    open_fails(path, "E0501", ".zst");
    if (geteuid() != 0) {
        path = file_write(arena, "secret", "x\n", 2);
        chmod(path, 0);
        open_fails(path, "E0703", "secret");
    }
    wr_arena_free(arena);
}

/* Polls until an error comes; gives its code. */
static const char *
failing_poll(wr_arena *arena, const char *path)
{
    static wr_error err;
    wr_option option = {.value = wr_text_from(path), .positional = true};
    wr_poll_limits limits = {.rows = 100, .bytes = 1 << 20};
    wr_source *source;
    wr_block block;
    wr_status status = WR_OK;
    wr_error_clear(&err);
    assert_int_equal(WR_OK, source_open(arena, &option, 1, &source, &err));
    while (status == WR_OK) {
        status = wr_file_source.poll(source, &limits, arena, &block, &err);
    }
    wr_file_source.close(source);
    assert_int_equal(WR_ERR_RUNTIME, status);
    return err.code;
}

static void
errors_while_reading(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    const char *path = file_write(arena, "utf16",
                                  "\xFF\xFE"
                                  "a\0\n\0",
                                  6);
    assert_string_equal("E0706", failing_poll(arena, path));
    path = file_write(arena, "broken.gz", "\x1f\x8b\x08\x00 this is no gzip at all", 26);
    assert_string_equal("E0706", failing_poll(arena, path));
    path = in_folder(arena, "cut.gz");
    gzFile gzip = gzopen(path, "wb");
    for (int i = 0; i < 10000; i++) {
        gzprintf(gzip, "%d %d\n", i, i * 7919 % 1000);
    }
    gzclose(gzip);
    assert_int_equal(0, truncate(path, 5000));
    assert_string_equal("E0706", failing_poll(arena, path));
    wr_arena_free(arena);
}

static void
poll_expect(wr_source *source, wr_arena *arena, const char *expected)
{
    wr_poll_limits limits = {.rows = 100, .bytes = 1 << 20, .wait_us = 2 * WR_US_PER_S};
    wr_block block;
    limits.wait_us = expected ? limits.wait_us : 1000;
    assert_int_equal(WR_OK, wr_file_source.poll(source, &limits, arena, &block, NULL));
    if (!expected) {
        assert_int_equal(WR_BLOCK_NONE, block.kind);
        return;
    }
    assert_int_equal(WR_BLOCK_CHUNK, block.kind);
    assert_int_equal(strlen(expected), block.chunk_bytes);
    assert_memory_equal(expected, block.chunk, block.chunk_bytes);
}

static void
followed_files_grow(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    const char *first = file_write(arena, "grow-1.log", "a\n", 2);
    wr_option options[] = {
        {.value = wr_text_from(in_folder(arena, "grow-*.log")), .positional = true},
        {.name = WR_TEXT("follow"), .value = WR_TEXT("true")}};
    wr_source *source;
    int count;
    assert_int_equal(WR_OK, source_open(arena, options, 2, &source, NULL));
    poll_expect(source, arena, "a\n");
    poll_expect(source, arena, NULL);
    file_append(first, "half of ");
    poll_expect(source, arena, NULL);
    file_append(first, "a line\nand");
    poll_expect(source, arena, "half of a line\n");
    file_write(arena, "grow-2.log", "new\n", 4);
    poll_expect(source, arena, "new\n");
    const wr_partition *partitions = wr_file_source.partitions(source, &count);
    assert_int_equal(2, count);
    assert_false(partitions[0].finished);
    assert_int_equal(4, partitions[1].next_offset);
    assert_int_equal(0, truncate(first, 1));
    wr_poll_limits limits = {.rows = 100, .bytes = 1 << 20, .wait_us = WR_US_PER_S};
    wr_error err;
    wr_block block;
    assert_int_equal(WR_ERR_RUNTIME, wr_file_source.poll(source, &limits, arena, &block, &err));
    assert_string_equal("E0706", err.code);
    wr_file_source.close(source);
    wr_arena_free(arena);
}

static void
unopened_files_are_told(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    file_write(arena, "turn-1.x", "a\nb\n", 4);
    file_write(arena, "turn-2.x", "c\n", 2);
    wr_option option = {.value = wr_text_from(in_folder(arena, "turn-*.x")), .positional = true};
    wr_poll_limits limits = {.rows = 1, .bytes = 1 << 20};
    wr_source *source;
    wr_block block;
    int count;
    assert_int_equal(WR_OK, source_open(arena, &option, 1, &source, NULL));
    assert_int_equal(WR_OK, wr_file_source.poll(source, &limits, arena, &block, NULL));
    const wr_partition *partitions = wr_file_source.partitions(source, &count);
    assert_int_equal(2, count);
    assert_true(partitions[0].opened);
    assert_false(partitions[1].opened);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(WR_OK, wr_file_source.poll(source, &limits, arena, &block, NULL));
    }
    assert_int_equal(1, block.chunk_partition);
    partitions = wr_file_source.partitions(source, &count);
    assert_true(partitions[0].finished);
    assert_true(partitions[1].opened);
    assert_false(partitions[1].finished);
    wr_file_source.close(source);
    wr_arena_free(arena);
}

/* Two lanes share the files out between them. */
static void
lanes_share_files(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    wr_option option = {.value = wr_text_from(in_folder(arena, "turn-*.x")), .positional = true};
    for (int32_t lane = 0; lane < 2; lane++) {
        wr_source_config config = {
            .options = {&option, 1}, .arena = arena, .lane = lane, .lane_count = 2};
        wr_poll_limits limits = {.rows = 100, .bytes = 1 << 20};
        wr_source *source = NULL;
        wr_block block;
        assert_int_equal(WR_OK, wr_file_source.open(&config, &source, NULL));
        assert_int_equal(WR_OK, wr_file_source.poll(source, &limits, arena, &block, NULL));
        assert_int_equal(lane, block.chunk_partition);
        assert_int_equal(WR_END, wr_file_source.poll(source, &limits, arena, &block, NULL));
        wr_file_source.close(source);
    }
    wr_arena_free(arena);
}

/* ── sinks ──────────────────────────────────────────────────────────────────────────────────── */

static wr_batch *
one_row(wr_arena *arena)
{
    wr_batch *batch = wr_batch_new(arena, 1);
    wr_vector_init_flat(&batch->columns[0], WR_TYPE(BIGINT), 1, arena);
    *(int64_t *)batch->columns[0].data = 7;
    batch->row_count = batch->selected_count = 1;
    return batch;
}

/* Opens, writes a row, finishes; the first status that is not OK. */
static wr_status
sink_run(const wr_sink_ops *ops, const char *path, const char *mode, wr_error *err)
{
    wr_arena *arena = wr_arena_new(0);
    wr_column column = {WR_TEXT("n"), WR_TYPE(BIGINT), false};
    wr_option options[] = {{.value = wr_text_from(path), .positional = true},
                           {.name = WR_TEXT("mode"), .value = wr_text_from(mode)}};
    wr_sink_config config = {
        .options = {options, mode ? 2 : 1}, .arena = arena, .schema = {&column, 1}};
    wr_sink *sink = NULL;
    wr_error_clear(err);
    wr_status status = ops->open(&config, &sink, err);
    if (status == WR_OK) {
        status = ops->write(sink, one_row(arena), err);
    }
    if (status == WR_OK) {
        status = ops->finish(sink, err);
    }
    if (sink) {
        ops->close(sink);
    }
    wr_arena_free(arena);
    return status;
}

static void
sink_modes(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    wr_error err;
    const char *path = in_folder(arena, "out.json");
    assert_int_equal(WR_OK, sink_run(&wr_file_sink, path, NULL, &err));
    assert_int_equal(WR_ERR_UNREACHABLE, sink_run(&wr_file_sink, path, NULL, &err));
    assert_string_equal("E0704", err.code);
    assert_non_null(strstr(err.hint, "append"));
    assert_string_equal("{\"n\":7}\n", read_all(arena, path, 100000));
    assert_int_equal(WR_OK, sink_run(&wr_file_sink, path, "append", &err));
    assert_string_equal("{\"n\":7}\n{\"n\":7}\n", read_all(arena, path, 100000));
    assert_int_equal(WR_OK, sink_run(&wr_file_sink, path, "overwrite", &err));
    assert_string_equal("{\"n\":7}\n", read_all(arena, path, 100000));
    file_write(arena, "out.json", "no newline", 10);
    assert_int_equal(WR_OK, sink_run(&wr_file_sink, path, "append", &err));
    assert_string_equal("no newline\n{\"n\":7}\n", read_all(arena, path, 100000));
    wr_arena_free(arena);
}

static void
sink_errors(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    wr_error err;
    assert_int_equal(WR_ERR_RUNTIME, sink_run(&wr_file_sink, "/dev/full", NULL, &err));
    assert_string_equal("E0704", err.code);
    assert_non_null(strstr(err.message, "/dev/full"));
    assert_int_equal(WR_ERR_UNREACHABLE, sink_run(&wr_file_sink, folder, NULL, &err));
    assert_string_equal("E0704", err.code);
    const char *path = in_folder(arena, "no/such/folder");
    assert_int_equal(WR_ERR_UNREACHABLE, sink_run(&wr_file_sink, path, NULL, &err));
    const char *link = in_folder(arena, "link");
    assert_int_equal(0, symlink("/tmp/weir-link-target", link));
    assert_int_equal(WR_ERR_UNREACHABLE, sink_run(&wr_file_sink, link, "append", &err));
    assert_int_equal(-1, access("/tmp/weir-link-target", F_OK));
    wr_arena_free(arena);
}

static void
reader_went_away(void **state)
{
    (void)state;
    int ends[2];
    wr_error err;
    fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    assert_int_equal(0, pipe(ends));
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    void (*old)(int) = signal(SIGPIPE, SIG_IGN);
    wr_status status = sink_run(&wr_stdout_sink, "", NULL, &err);
    signal(SIGPIPE, old);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    assert_int_equal(WR_ERR_CLOSED, status);
}

static int
folder_make(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/weir-file-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int
folder_remove(void **state)
{
    static const char *const names[] = {
        "odd",    "long",     "lines",    "a.zst",    "secret", "utf16",      "broken.gz",
        "cut.gz", "out.json", "turn-1.x", "turn-2.x", "link",   "grow-1.log", "grow-2.log"};
    wr_arena *arena = wr_arena_new(0);
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        unlink(in_folder(arena, names[i]));
    }
    wr_arena_free(arena);
    return rmdir(folder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_files),
        cmocka_unit_test(long_records),
        cmocka_unit_test(lines_are_counted),
        cmocka_unit_test(errors_at_open),
        cmocka_unit_test(errors_while_reading),
        cmocka_unit_test(followed_files_grow),
        cmocka_unit_test(unopened_files_are_told),
        cmocka_unit_test(lanes_share_files),
        cmocka_unit_test(sink_modes),
        cmocka_unit_test(sink_errors),
        cmocka_unit_test(reader_went_away),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
