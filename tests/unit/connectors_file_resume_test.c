/* Files that a job goes on reading: from every record boundary the rest is exactly the rest. */
#include "connectors/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

enum { FILES_MAX = 3, BOUNDARIES_MAX = 64, GUARD_MAX = 256 };

typedef struct position {
    int64_t next_offset[FILES_MAX];
    char guard[FILES_MAX][GUARD_MAX];
    int count;
} position;

typedef struct input {
    const char *name; /* of the case */
    const char *path; /* pattern in the folder */
    const char *format;
    const char *options[4]; /* name, value … */
    const char *files[FILES_MAX]; /* name, then contents behind '|' */
} input;

static const input inputs[] = {
    {"json", "a.json", "json", {NULL}, {"a.json|{\"a\":1}\n{\"a\":22}\n\n{\"a\":333}\n{\"a\":4}"}},
    {"mark", "a.json", "json", {NULL}, {"a.json|\xEF\xBB\xBF{\"a\":1}\n{\"a\":22}\n"}},
    {"csv", "a.csv", "csv", {NULL}, {"a.csv|a,b\n1,2\n3,\"4\n5\"\n6,7\n8,9"}},
    {"csv, \\r", "a.csv", "csv", {NULL}, {"a.csv|a,\"b\nc\"\r\n1,2\r\n3,\"4\n5\"\r\n\r\n6,7\r\n"}},
    {"csv, no header", "a.csv", "csv", {"header", "false"}, {"a.csv|1,2\n3,\"4\n5\"\n6,7\n"}},
    {"text", "a.txt", "text", {NULL}, {"a.txt|a\n\n\nb\n \nc\n"}},
    {"gzip", "a.json.gz", "json", {NULL}, {"a.json.gz|{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n"}},
    {"gzip, csv", "a.csv.gz", "csv", {NULL}, {"a.csv.gz|a,b\n1,2\n3,\"4\n5\"\n6,7\n"}},
    {"glob", "*.json", "json", {NULL}, {"a.json|1\n2\n3\n", "b.json|", "c.json|4\n5\n6"}},
    {"glob, csv", "*.csv", "csv", {NULL}, {"a.csv|a\n1\n2\n", "b.csv|a\n", "c.csv|a\n3\n4"}},
    {"by name", "*.json", "json", {"order", "name"}, {"a.json|1\n2\n", "b.json|", "c.json|4\n5\n"}},
    {"by name, csv", "*.csv", "csv", {"order", "name"}, {"a.csv|a\n2\n", "b.csv|a\n4\n5\n"}},
};
enum { INPUTS = sizeof(inputs) / sizeof(*inputs) };

static char folder[64];

static const char *
path_of(wr_arena *arena, const char *name, size_t size)
{
    return wr_arena_printf(arena, "%s/%.*s", folder, (int)size, name).data;
}

static void
file_write(const char *path, const char *bytes)
{
    size_t size = strlen(path);
    if (size > 3 && strcmp(path + size - 3, ".gz") == 0) {
        gzFile file = gzopen(path, "wb");
        gzwrite(file, bytes, (unsigned)strlen(bytes));
        assert_int_equal(0, gzclose(file));
        return;
    }
    FILE *file = fopen(path, "w");
    fputs(bytes, file);
    fclose(file);
}

static void
input_write(const input *in)
{
    wr_arena *arena = wr_arena_new(0);
    for (int i = 0; i < FILES_MAX && in->files[i]; i++) {
        size_t size = strcspn(in->files[i], "|");
        file_write(path_of(arena, in->files[i], size), in->files[i] + size + 1);
    }
    wr_arena_free(arena);
}

static void
input_remove(const input *in)
{
    wr_arena *arena = wr_arena_new(0);
    for (int i = 0; i < FILES_MAX && in->files[i]; i++) {
        unlink(path_of(arena, in->files[i], strcspn(in->files[i], "|")));
    }
    wr_arena_free(arena);
}

static bool
is_by_name(const input *in)
{
    return in->options[0] && strcmp(in->options[0], "order") == 0;
}

/* Opens it where `from` says; NULL: a fresh start. Partition names are asked of a fresh source. */
static wr_status
input_open(const input *in, const position *from, wr_arena *arena, wr_source **source,
           wr_error *err)
{
    wr_option *options = WR_NEW_ARRAY(arena, wr_option, 4);
    wr_source_config config = {.arena = arena, .lane_count = 1};
    const char *path = path_of(arena, in->path, strlen(in->path));
    options[0] = (wr_option){.value = wr_text_from(path), .positional = true};
    config.options = (wr_options){options, 1};
    if (in->options[0]) {
        options[config.options.count++] = (wr_option){.name = wr_text_from(in->options[0]),
                                                      .value = wr_text_from(in->options[1])};
    }
    config.format = wr_format_find(wr_text_from(in->format));
    wr_resume *resume = WR_NEW_ARRAY(arena, wr_resume, FILES_MAX);
    for (int i = 0; from && i < from->count; i++) {
        wr_text name = is_by_name(in) || !strchr(path, '*')
                           ? wr_text_from(path)
                           : wr_text_from(path_of(arena, in->files[i],
                                                  strcspn(in->files[i], "|")));
        resume[config.resume_count++] =
            (wr_resume){name, from->next_offset[i], wr_text_from(from->guard[i])};
    }
    config.is_resumed = from != NULL;
    config.resume = resume;
    *source = NULL;
    err->code[0] = '\0';
    return wr_file_source.open(&config, source, err);
}

static void
position_take(wr_source *source, position *at)
{
    const wr_partition *partitions = wr_file_source.partitions(source, &at->count);
    assert_in_range(at->count, 1, FILES_MAX);
    for (int i = 0; i < at->count; i++) {
        wr_buffer guard;
        wr_buffer_init(&guard);
        at->next_offset[i] = partitions[i].next_offset;
        wr_file_source.guard(source, i, &guard);
        assert_true(guard.size < GUARD_MAX);
        memcpy(at->guard[i], wr_buffer_cstr(&guard), guard.size + 1);
        wr_buffer_fini(&guard);
    }
}

/* Is this a header that was given before? Then the file it stands in is not the first one's. */
static bool
header_again(const input *in, const position *from, const wr_block *block, bool is_first)
{
    int p = block->chunk_partition;
    bool is_read = from && from->next_offset[p] > 0 && !strstr(from->guard[p], ":f");
    bool has_header = strstr(in->path, "csv") && !strstr(in->name, "no header");
    return is_read && block->chunk_first && has_header && (is_first || !is_by_name(in));
}

/* Takes one block into out[partition]; a header that is given again is checked, and followed by the
 * block behind it. `from`: where the source began; is_first: nothing was taken from it yet. */
static wr_status
block_take(wr_source *source, const input *in, const position *from, int rows, bool is_first,
           wr_buffer *out)
{
    wr_poll_limits limits = {.rows = rows, .bytes = rows == 1 ? 1 : 1 << 20};
    wr_arena *arena = wr_arena_new(0);
    wr_block block;
    wr_error err = {.code = ""};
    wr_status status = wr_file_source.poll(source, &limits, arena, &block, &err);
    assert_string_equal("", err.code);
    if (status == WR_OK && header_again(in, from, &block, is_first)) {
        const char *file = strchr(in->files[block.chunk_partition], '|') + 1;
        assert_int_equal(1, block.chunk_line);
        assert_memory_equal(file, block.chunk, block.chunk_bytes);
        assert_int_equal('a', block.chunk[0]);
        assert_true(block.chunk_bytes <= 9);
        status = wr_file_source.poll(source, &limits, arena, &block, &err);
        assert_string_equal("", err.code);
    }
    if (status == WR_OK) {
        wr_buffer *to = &out[block.chunk_partition];
        int64_t line = 1;
        for (size_t i = 0; i < to->size; i++) {
            line += to->data[i] == '\n';
        }
        assert_true(is_by_name(in) || line == block.chunk_line);
        wr_buffer_append(to, block.chunk, block.chunk_bytes);
    }
    wr_arena_free(arena);
    return status;
}

static void
outputs_init(wr_buffer *out)
{
    for (int i = 0; i < FILES_MAX; i++) {
        wr_buffer_init(&out[i]);
    }
}

static void
outputs_fini(wr_buffer *out)
{
    for (int i = 0; i < FILES_MAX; i++) {
        wr_buffer_fini(&out[i]);
    }
}

static void
outputs_equal(wr_buffer *expected, wr_buffer *out)
{
    for (int i = 0; i < FILES_MAX; i++) {
        assert_string_equal(wr_buffer_cstr(&expected[i]), wr_buffer_cstr(&out[i]));
    }
}

/* Reads it whole, record by record, and remembers the position after each. */
static int
input_survey(const input *in, wr_buffer *whole, position *positions, size_t (*sizes)[FILES_MAX])
{
    wr_arena *arena = wr_arena_new(0);
    wr_source *source;
    wr_error err;
    int count = 0;
    wr_status status;
    assert_int_equal(WR_OK, input_open(in, NULL, arena, &source, &err));
    do {
        assert_true(count < BOUNDARIES_MAX);
        position_take(source, &positions[count]);
        for (int i = 0; i < FILES_MAX; i++) {
            sizes[count][i] = whole[i].size;
        }
        count++;
        status = block_take(source, in, NULL, 1, false, whole);
    } while (status == WR_OK);
    assert_int_equal(WR_END, status);
    position_take(source, &positions[count - 1]); /* all are finished */
    wr_file_source.close(source);
    wr_arena_free(arena);
    return count;
}

static void
from_every_boundary(void **state)
{
    (void)state;
    static position positions[BOUNDARIES_MAX];
    static size_t sizes[BOUNDARIES_MAX][FILES_MAX];
    for (int c = 0; c < INPUTS; c++) {
        const input *in = &inputs[c];
        wr_buffer whole[FILES_MAX], out[FILES_MAX];
        print_message("    %s\n", in->name);
        outputs_init(whole);
        input_write(in);
        int count = input_survey(in, whole, positions, sizes);
        assert_true(count >= 3);
        for (int k = 0; k < 3 * count; k++) {
            static const int rows[] = {1, 2, 100000};
            const position *from = &positions[k / 3];
            wr_arena *arena = wr_arena_new(0);
            wr_source *source;
            wr_error err;
            position again;
            outputs_init(out);
            for (int i = 0; i < FILES_MAX; i++) {
                wr_buffer_append(&out[i], whole[i].size > 0 ? whole[i].data : "",
                                 sizes[k / 3][i]);
            }
            assert_int_equal(WR_OK, input_open(in, from, arena, &source, &err));
            position_take(source, &again); /* nothing moves by going on */
            assert_memory_equal(again.next_offset, from->next_offset,
                                sizeof(*again.next_offset) * (size_t)again.count);
            assert_string_equal(again.guard[0], from->guard[0]);
            for (bool is_first = true;
                 block_take(source, in, from, rows[k % 3], is_first, out) == WR_OK;
                 is_first = false) {
            }
            outputs_equal(whole, out);
            position_take(source, &again);
            assert_memory_equal(again.next_offset, positions[count - 1].next_offset,
                                sizeof(*again.next_offset) * (size_t)again.count);
            wr_file_source.close(source);
            wr_arena_free(arena);
            outputs_fini(out);
        }
        outputs_fini(whole);
        input_remove(in);
    }
}

/* A restart after each record: all pieces together are the whole. */
static void
after_every_record(void **state)
{
    (void)state;
    static position positions[BOUNDARIES_MAX];
    static size_t sizes[BOUNDARIES_MAX][FILES_MAX];
    for (int c = 0; c < INPUTS; c++) {
        const input *in = &inputs[c];
        wr_buffer whole[FILES_MAX], out[FILES_MAX];
        position at = {.count = 0};
        wr_status status = WR_OK;
        outputs_init(whole);
        outputs_init(out);
        input_write(in);
        int count = input_survey(in, whole, positions, sizes);
        for (int i = 0; i < 2 * count && status == WR_OK; i++) {
            wr_arena *arena = wr_arena_new(0);
            wr_source *source;
            wr_error err;
            assert_int_equal(WR_OK, input_open(in, i > 0 ? &at : NULL, arena, &source, &err));
            status = block_take(source, in, i > 0 ? &at : NULL, 1, true, out);
            position_take(source, &at);
            wr_file_source.close(source);
            wr_arena_free(arena);
        }
        assert_int_equal(WR_END, status);
        outputs_equal(whole, out);
        outputs_fini(whole);
        outputs_fini(out);
        input_remove(in);
    }
}

/* ── files that changed in between ──────────────────────────────────────────────────────────── */

/* Reads `rows` records of a fresh input and leaves. */
static void
position_after(const input *in, int records, position *at)
{
    wr_arena *arena = wr_arena_new(0);
    wr_source *source;
    wr_error err;
    wr_buffer out[FILES_MAX];
    outputs_init(out);
    assert_int_equal(WR_OK, input_open(in, NULL, arena, &source, &err));
    for (int i = 0; i < records; i++) {
        (void)block_take(source, in, NULL, 1, false, out);
    }
    position_take(source, at);
    wr_file_source.close(source);
    outputs_fini(out);
    wr_arena_free(arena);
}

static void
resume_fails(const input *in, const position *at, wr_status status, const char *code,
             const char *part)
{
    wr_arena *arena = wr_arena_new(0);
    wr_source *source;
    wr_error err;
    assert_int_equal(status, input_open(in, at, arena, &source, &err));
    assert_string_equal(code, err.code);
    assert_non_null(strstr(err.message, part));
    assert_true(err.detail[0] != '\0' && err.hint[0] != '\0');
    if (source) {
        wr_file_source.close(source);
    }
    wr_arena_free(arena);
}

static const char *
resume_gives(const input *in, const position *at, wr_arena *arena)
{
    wr_source *source;
    wr_error err;
    wr_buffer out;
    wr_block block;
    wr_poll_limits limits = {.rows = 100000, .bytes = 1 << 20};
    wr_buffer_init(&out);
    assert_int_equal(WR_OK, input_open(in, at, arena, &source, &err));
    while (wr_file_source.poll(source, &limits, arena, &block, &err) == WR_OK) {
        wr_buffer_append(&out, block.chunk, block.chunk_bytes);
    }
    assert_string_equal("", err.code);
    wr_file_source.close(source);
    const char *all = wr_arena_strndup(arena, wr_buffer_cstr(&out), out.size);
    wr_buffer_fini(&out);
    return all;
}

static void
changed_files_are_refused(void **state)
{
    (void)state;
    static const input in = {"j", "a.json", "json", {NULL}, {"a.json|11\n22\n33\n44\n"}};
    wr_arena *arena = wr_arena_new(0);
    const char *path = path_of(arena, "a.json", 6);
    position at;
    input_write(&in);
    position_after(&in, 2, &at);
    file_write(path, "11\n23\n33\n44\n");
    resume_fails(&in, &at, WR_ERR_STATE, "E0705", "was changed since it was read");
    file_write(path, "11\n22");
    resume_fails(&in, &at, WR_ERR_STATE, "E0705", "is shorter than what was read");
    unlink(path);
    resume_fails(&in, &at, WR_ERR_UNREACHABLE, "E0703", "is not there any more");
    assert_int_equal(0, mkfifo(path, 0600));
    resume_fails(&in, &at, WR_ERR_STATE, "E0705", "is no regular file");
    unlink(path);
    file_write(path, "11\n22\n55\n"); /* what comes is nobody's business */
    assert_string_equal("55\n", resume_gives(&in, &at, arena));
    snprintf(at.guard[0], GUARD_MAX, "rubbish");
    resume_fails(&in, &at, WR_ERR_STATE, "E0904", "cannot be read");
    input_remove(&in);
    wr_arena_free(arena);
}

static void
finished_files_may_grow(void **state)
{
    (void)state;
    static const input in = {"j", "a.json", "json", {NULL}, {"a.json|11\n22\n"}};
    static const input open_end = {"j", "b.json", "json", {NULL}, {"b.json|11\n22"}};
    static const input table = {"c", "c.csv", "csv", {NULL}, {"c.csv|h\n1\n2"}};
    wr_arena *arena = wr_arena_new(0);
    position at;
    input_write(&in);
    position_after(&in, 5, &at);
    assert_string_equal("", resume_gives(&in, &at, arena));
    file_write(path_of(arena, "a.json", 6), "11\n22\n33\n");
    assert_string_equal("33\n", resume_gives(&in, &at, arena));
    input_remove(&in);

    input_write(&open_end);
    position_after(&open_end, 5, &at);
    assert_string_equal("", resume_gives(&open_end, &at, arena));
    file_write(path_of(arena, "b.json", 6), "11\n22\n33\n");
    assert_string_equal("33\n", resume_gives(&open_end, &at, arena));
    file_write(path_of(arena, "b.json", 6), "11\n22\r\n33\n");
    assert_string_equal("33\n", resume_gives(&open_end, &at, arena));
    file_write(path_of(arena, "b.json", 6), "11\n223\n33\n");
    resume_fails(&open_end, &at, WR_ERR_STATE, "E0705", "has grown since it was read");
    input_remove(&open_end);

    input_write(&table);
    position_after(&table, 5, &at);
    assert_string_equal("", resume_gives(&table, &at, arena));
    file_write(path_of(arena, "c.csv", 5), "h\n1\n2\n3\n");
    assert_string_equal("h\n3\n", resume_gives(&table, &at, arena));
    input_remove(&table);
    wr_arena_free(arena);
}

static void
globs_change(void **state)
{
    (void)state;
    static const input in = {"g", "*.json", "json", {NULL}, {"b.json|1\n2\n", "d.json|3\n4\n"}};
    wr_arena *arena = wr_arena_new(0);
    position at;
    input_write(&in);
    position_after(&in, 3, &at); /* b is finished, d half-way */
    file_write(path_of(arena, "a.json", 6), "5\n");
    file_write(path_of(arena, "c.json", 6), "6\n");
    assert_string_equal("5\n6\n4\n", resume_gives(&in, &at, arena));
    unlink(path_of(arena, "b.json", 6)); /* archived */
    assert_string_equal("5\n6\n4\n", resume_gives(&in, &at, arena));
    unlink(path_of(arena, "d.json", 6)); /* with something left to read */
    resume_fails(&in, &at, WR_ERR_UNREACHABLE, "E0703", "is not there any more");
    unlink(path_of(arena, "a.json", 6));
    unlink(path_of(arena, "c.json", 6));
    input_remove(&in);
    wr_arena_free(arena);
}

static void
order_must_hold(void **state)
{
    (void)state;
    static const input in = {
        "by name", "*.json", "json", {"order", "name"}, {"b.json|1\n2\n", "d.json|3\n4\n"}};
    wr_arena *arena = wr_arena_new(0);
    position at;
    input_write(&in);
    position_after(&in, 3, &at);
    file_write(path_of(arena, "e.json", 6), "5\n");
    assert_string_equal("4\n5\n", resume_gives(&in, &at, arena));
    file_write(path_of(arena, "c.json", 6), "6\n");
    resume_fails(&in, &at, WR_ERR_STATE, "E0705", "files before");
    unlink(path_of(arena, "c.json", 6));
    unlink(path_of(arena, "e.json", 6));
    unlink(path_of(arena, "d.json", 6));
    resume_fails(&in, &at, WR_ERR_UNREACHABLE, "E0703", "is not there any more");
    input_remove(&in);
    wr_arena_free(arena);
}

/* Larger than what a guard hashes, and than a chunk: positions in the middle of a stream. */
static void
large_files(void **state)
{
    (void)state;
    static const input plain = {"l", "a.json", "json", {NULL}, {"a.json|"}};
    static const input packed = {"z", "a.json.gz", "json", {NULL}, {"a.json.gz|"}};
    wr_arena *arena = wr_arena_new(0);
    char *text = wr_arena_bytes(arena, 2000000);
    size_t size = 0;
    for (int i = 0; size < 1500000; i++) {
        size += (size_t)snprintf(text + size, 64, "{\"n\":%d,\"x\":%d}\n", i, i % 1000);
    }
    for (int c = 0; c < 2; c++) {
        const input *in = c ? &packed : &plain;
        file_write(path_of(arena, in->path, strlen(in->path)), text);
        wr_source *source;
        wr_error err;
        wr_block block;
        wr_poll_limits limits = {.rows = 100000, .bytes = 100000};
        position at;
        assert_int_equal(WR_OK, input_open(in, NULL, arena, &source, &err));
        for (int i = 0; i < 9; i++) {
            assert_int_equal(WR_OK,
                             wr_file_source.poll(source, &limits, arena, &block, &err));
        }
        position_take(source, &at);
        wr_file_source.close(source);
        assert_true(at.next_offset[0] > 500000);
        assert_string_equal(text + at.next_offset[0], resume_gives(in, &at, arena));
        input_remove(in);
    }
    wr_arena_free(arena);
}

/* Followed files: an unfinished line waits, and what comes later comes once. */
static void
followed_files(void **state)
{
    (void)state;
    static const input in = {
        "f", "*.csv", "csv", {"follow", "true"}, {"a.csv|h\n1\n2", "b.csv|h\n"}};
    static const char *const appended[] = {"", "2\n3", "\n", "4\n5\n"};
    static const char *const given[] = {"h\n1\nh\n", "h\nh\n22\n", "h\nh\n3\n",
                                        "h\nh\n4\n5\n"};
    wr_arena *arena = wr_arena_new(0);
    wr_poll_limits limits = {.rows = 100, .bytes = 1 << 20};
    position at;
    input_write(&in);
    for (int run = 0; run < 4; run++) {
        wr_source *source;
        wr_error err;
        wr_block block;
        wr_buffer out;
        FILE *file = fopen(path_of(arena, "a.csv", 5), "a");
        fputs(appended[run], file);
        fclose(file);
        wr_buffer_init(&out);
        assert_int_equal(WR_OK, input_open(&in, run > 0 ? &at : NULL, arena, &source, &err));
        for (int quiet = 0; quiet < 3; quiet += block.kind == WR_BLOCK_NONE) {
            assert_int_equal(WR_OK,
                             wr_file_source.poll(source, &limits, arena, &block, &err));
            wr_buffer_append(&out, block.kind ? block.chunk : "", block.chunk_bytes);
        }
        assert_int_equal(strlen(given[run]), out.size);
        /* b's header is the first or the second one */
        assert_true(run == 0 || strstr(wr_buffer_cstr(&out), given[run] + 4));
        position_take(source, &at);
        wr_buffer_fini(&out);
        wr_file_source.close(source);
    }
    input_remove(&in);
    wr_arena_free(arena);
}

static int
folder_make(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/weir-resume-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int
folder_remove(void **state)
{
    (void)state;
    return rmdir(folder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_every_boundary),       cmocka_unit_test(after_every_record),
        cmocka_unit_test(changed_files_are_refused), cmocka_unit_test(finished_files_may_grow),
        cmocka_unit_test(globs_change),              cmocka_unit_test(order_must_hold),
        cmocka_unit_test(large_files),               cmocka_unit_test(followed_files),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
