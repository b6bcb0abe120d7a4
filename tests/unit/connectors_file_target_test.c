/* The file sink, exactly once: killed at every point, cut off at every byte, moved, replaced. */
#include "connectors/registry.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { FRAMES = 6, ROWS_A_FRAME = 3, FRAMES_AN_EPOCH = 2, EPOCHS = FRAMES / FRAMES_AN_EPOCH };

/* A job with one sink, as the outbox sees it. */
typedef struct job {
    wr_arena *arena;
    wr_column columns[2];
    wr_option options[3];
    wr_sink_config config;
    const char *path;
    const char *before; /* what was in the file; NULL: no file */
    wr_sink_frame frames[FRAMES];
    wr_buffer bytes[FRAMES];
    wr_sink_past past; /* with an outbox of all frames */
    wr_buffer identity;
} job;

static char folder[64];

static void
file_set(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void
file_assert(const job *the_job, const char *expected)
{
    char bytes[4096];
    FILE *file = fopen(the_job->path, "r");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof(bytes) - 1, file);
    bytes[size] = '\0';
    fclose(file);
    assert_string_equal(expected, bytes);
}

static wr_batch *
batch_make(wr_arena *arena, int begin)
{
    wr_batch *batch = wr_batch_new(arena, 2);
    wr_vector_init_flat(&batch->columns[0], WR_TYPE(BIGINT), ROWS_A_FRAME, arena);
    wr_vector_init_flat(&batch->columns[1], WR_TYPE(TEXT), ROWS_A_FRAME, arena);
    for (int i = 0; i < ROWS_A_FRAME; i++) {
        ((int64_t *)batch->columns[0].data)[i] = begin + i;
        ((wr_view *)batch->columns[1].data)[i] = wr_view_from("some text", 9);
    }
    batch->row_count = batch->selected_count = ROWS_A_FRAME;
    return batch;
}

static wr_status
job_open(job *the_job, bool is_resumed, wr_sink **sink, wr_error *err)
{
    *sink = NULL;
    the_job->config.is_resumed = is_resumed;
    return wr_file_sink.open(&the_job->config, sink, err);
}

/* Opens the file for the first time, makes all frames, and dies without delivering any. */
static void
job_begin(job *the_job, const char *format, const char *mode, const char *before)
{
    static int number;
    wr_error err = {.code = ""};
    wr_sink *sink;
    int64_t epoch = -1;
    memset(the_job, 0, sizeof(*the_job));
    the_job->arena = wr_arena_new(0);
    the_job->path = wr_arena_printf(the_job->arena, "%s/out-%d", folder, number++).data;
    the_job->before = before;
    the_job->columns[0] = (wr_column){WR_TEXT("n"), WR_TYPE(BIGINT), false};
    the_job->columns[1] = (wr_column){WR_TEXT("text"), WR_TYPE(TEXT), false};
    the_job->options[0] = (wr_option){.value = wr_text_from(the_job->path), .positional = true};
    the_job->options[1] = (wr_option){.name = WR_TEXT("mode"), .value = wr_text_from(mode)};
    the_job->config = (wr_sink_config){.options = {the_job->options, 2},
                                       .arena = the_job->arena,
                                       .schema = {the_job->columns, 2},
                                       .format = wr_format_find(wr_text_from(format)),
                                       .exactly_once = true,
                                       .job_name = WR_TEXT("j")};
    if (before) {
        file_set(the_job->path, before);
    }
    assert_int_equal(WR_OK, job_open(the_job, false, &sink, &err));
    assert_int_equal(WR_OK, wr_file_sink.recover(sink, &the_job->past, &epoch, &err));
    assert_int_equal(0, epoch);
    int64_t position = 0;
    for (int i = 0; i < FRAMES; i++) {
        wr_buffer *bytes = &the_job->bytes[i];
        wr_buffer_init(bytes);
        assert_int_equal(WR_OK, wr_file_sink.frame(sink, batch_make(the_job->arena, i * 10), bytes,
                                                   &err));
        the_job->frames[i] = (wr_sink_frame){.epoch = 1 + i / FRAMES_AN_EPOCH,
                                             .seq = i + 1,
                                             .position = position,
                                             .bytes = {bytes->data, bytes->size}};
        position += (int64_t)bytes->size;
    }
    wr_buffer_init(&the_job->identity);
    wr_file_sink.identify(sink, &the_job->identity);
    wr_file_sink.close(sink);
    the_job->past = (wr_sink_past){.job_name = WR_TEXT("j"),
                                   .last_epoch = EPOCHS,
                                   .end_position = position,
                                   .identity = {the_job->identity.data, the_job->identity.size}};
}

static void
job_fini(job *the_job)
{
    for (int i = 0; i < FRAMES; i++) {
        wr_buffer_fini(&the_job->bytes[i]);
    }
    wr_buffer_fini(&the_job->identity);
    unlink(the_job->path);
    wr_arena_free(the_job->arena);
}

/* What the file must hold after the first `frame_count` frames. */
static const char *
job_expected(const job *the_job, int frame_count)
{
    const char *text = the_job->before ? the_job->before : "";
    for (int i = 0; i < frame_count; i++) {
        text = wr_arena_printf(the_job->arena, "%s%.*s", text,
                               WR_TEXT_ARG(the_job->frames[i].bytes)).data;
    }
    return text;
}

/* The epochs behind `delivered` (so many are recorded) are delivered. */
static wr_status
job_deliver(const job *the_job, wr_sink *sink, int64_t delivered, wr_error *err)
{
    wr_status status = WR_OK;
    for (int64_t epoch = delivered + 1; epoch <= EPOCHS && status == WR_OK; epoch++) {
        wr_delivery delivery = {.job_name = WR_TEXT("j"),
                                .epoch = epoch,
                                .frames = &the_job->frames[(epoch - 1) * FRAMES_AN_EPOCH],
                                .frame_count = FRAMES_AN_EPOCH};
        status = wr_file_sink.deliver(sink, &delivery, err);
    }
    return status;
}

/* A run that goes on: delivers the outbox. `recorded`: epochs that are known to be delivered. */
static wr_status
job_run(job *the_job, int64_t recorded, enum wr_sink_ahead ahead, wr_error *err)
{
    wr_sink_past past = the_job->past;
    wr_sink *sink = NULL;
    int64_t epoch = -1;
    past.delivered_epoch = recorded;
    past.first_position = recorded == EPOCHS ? past.end_position
                                             : the_job->frames[recorded * FRAMES_AN_EPOCH].position;
    past.ahead = ahead;
    err->code[0] = '\0';
    wr_status status = job_open(the_job, true, &sink, err);
    status = status == WR_OK ? wr_file_sink.recover(sink, &past, &epoch, err) : status;
    status = status == WR_OK ? job_deliver(the_job, sink, epoch, err) : status;
    if (sink) {
        wr_buffer_reset(&the_job->identity);
        wr_file_sink.identify(sink, &the_job->identity);
        wr_file_sink.close(sink);
    }
    return status;
}

static int
job_run_child(job *the_job, const char *fault)
{
    pid_t child = fork();
    if (child == 0) {
        wr_error err;
        setenv("WEIR_FAULT", fault, 1);
        _exit(job_run(the_job, 0, WR_AHEAD_REFUSE, &err) == WR_OK ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(child, waitpid(child, &status, 0));
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* ── crashes ────────────────────────────────────────────────────────────────────────────────── */

#ifdef WEIR_FAULTS
/* Must come first: the environment is read at the first fault point of a process. */
static void
killed_at_every_point(void **state)
{
    (void)state;
    static const char *const points[] = {"file.before_write", "file.between_frames",
                                         "file.after_write", "file.after_sync"};
    for (size_t p = 0; p < sizeof(points) / sizeof(*points); p++) {
        for (int n = 1; n <= EPOCHS; n++) {
            job the_job;
            char fault[64];
            job_begin(&the_job, n == 2 ? "csv" : "json", n == 3 ? "append" : "error",
                      n == 3 ? "was there" : NULL);
            snprintf(fault, sizeof(fault), "%s:%d", points[p], n);
            assert_int_equal(-SIGKILL, job_run_child(&the_job, fault));
            assert_int_equal(-SIGKILL, job_run_child(&the_job, fault));
            assert_int_equal(0, job_run_child(&the_job, "none:1"));
            file_assert(&the_job, job_expected(&the_job, FRAMES));
            job_fini(&the_job);
        }
    }
}
#endif

/* A torn write: whatever part of the outbox is there, the whole of it is there afterwards. */
static void
cut_at_every_byte(void **state)
{
    (void)state;
    job the_job;
    wr_error err;
    job_begin(&the_job, "csv", "append", "a,b\n1,2\n");
    const char *expected = job_expected(&the_job, FRAMES);
    assert_int_equal(WR_OK, job_run(&the_job, 0, WR_AHEAD_REFUSE, &err));
    for (int recorded = 0; recorded <= EPOCHS; recorded++) {
        int64_t first = 8 + (recorded == EPOCHS ? the_job.past.end_position
                                                : the_job.frames[recorded * 2].position);
        for (int64_t size = (int64_t)strlen(expected); size >= 0; size--) {
            assert_int_equal(0, truncate(the_job.path, size));
            wr_status status = job_run(&the_job, recorded, WR_AHEAD_REFUSE, &err);
            assert_int_equal(size < first ? WR_ERR_STATE : WR_OK, status);
            if (status == WR_OK) {
                file_assert(&the_job, expected);
            } else {
                assert_string_equal("E0911", err.code);
                assert_non_null(strstr(err.message, "shorter"));
                file_set(the_job.path, expected);
            }
        }
    }
    job_fini(&the_job);
}

/* ── the first bytes ────────────────────────────────────────────────────────────────────────── */

static void
header_stands_once(void **state)
{
    (void)state;
    static const struct {
        const char *format, *mode, *before, *start;
    } cases[] = {
        {"csv", "error", NULL, "n,text\n0,some text\n"},
        {"csv", "error", "", "n,text\n0,some text\n"},
        {"csv", "overwrite", "old\n", "n,text\n0,some text\n"},
        {"csv", "append", "n,text\n7,x\n", "n,text\n7,x\n0,some text\n"},
        {"csv", "append", "n,text\n7,x", "n,text\n7,x\n0,some text\n"},
        {"json", "append", "{}", "{}\n{\"n\":0,\"text\":\"some text\"}\n"},
        {"json", "error", NULL, "{\"n\":0,\"text\":\"some text\"}\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        job the_job;
        wr_error err;
        char bytes[4096] = "";
        job_begin(&the_job, cases[i].format, cases[i].mode, cases[i].before);
        assert_int_equal(WR_OK, job_run(&the_job, 0, WR_AHEAD_REFUSE, &err));
        FILE *file = fopen(the_job.path, "r");
        size_t size = fread(bytes, 1, sizeof(bytes) - 1, file);
        fclose(file);
        bytes[size] = '\0';
        assert_memory_equal(cases[i].start, bytes, strlen(cases[i].start));
        assert_null(strstr(bytes + 3, "n,text\n0"));
        assert_int_equal(size, (cases[i].before && strcmp(cases[i].mode, "append") == 0
                                    ? strlen(cases[i].before)
                                    : 0) + (size_t)the_job.past.end_position);
        job_fini(&the_job);
    }
}

/* Two INSERTs of a job into one file share it; another job is refused. */
static void
sinks_share_a_file(void **state)
{
    (void)state;
    job the_job;
    wr_error err;
    wr_sink *first, *second, *other;
    wr_buffer a, b;
    int64_t epoch;
    wr_sink_past past = {.job_name = WR_TEXT("j")};
    job_begin(&the_job, "csv", "error", NULL);
    assert_int_equal(WR_OK, job_open(&the_job, false, &first, &err));
    assert_int_equal(WR_OK, job_open(&the_job, false, &second, &err));
    the_job.config.job_name = WR_TEXT("k");
    assert_int_equal(WR_ERR_UNREACHABLE, job_open(&the_job, false, &other, &err));
    assert_string_equal("another job writes it", err.detail);
    wr_file_sink.close(other);
    assert_int_equal(WR_OK, wr_file_sink.recover(first, &past, &epoch, &err));
    wr_buffer_init(&a);
    wr_buffer_init(&b);
    assert_int_equal(WR_OK, wr_file_sink.frame(second, batch_make(the_job.arena, 1), &b, &err));
    assert_int_equal(WR_OK, wr_file_sink.frame(first, batch_make(the_job.arena, 1), &a, &err));
    assert_memory_equal("n,text\n", b.data, 7);
    assert_memory_equal("1,some", a.data, 6);
    wr_buffer_fini(&a);
    wr_buffer_fini(&b);
    wr_file_sink.close(first);
    wr_file_sink.close(second);
    job_fini(&the_job);
}

/* ── what does not fit ──────────────────────────────────────────────────────────────────────── */

static void
foreign_files_are_refused(void **state)
{
    (void)state;
    job the_job;
    wr_error err;
    job_begin(&the_job, "json", "error", NULL);
    const char *whole = job_expected(&the_job, FRAMES);
    assert_int_equal(WR_OK, job_run(&the_job, 0, WR_AHEAD_REFUSE, &err));

    file_set(the_job.path, wr_arena_printf(the_job.arena, "%sx", whole).data); /* longer */
    assert_int_equal(WR_ERR_STATE, job_run(&the_job, 1, WR_AHEAD_REFUSE, &err));
    assert_string_equal("E0911", err.code);
    assert_non_null(strstr(err.message, "holds more than the state knows of"));
    assert_non_null(strstr(err.hint, "--sink-ahead=duplicate"));
    assert_non_null(strstr(err.hint, "--sink-ahead=skip"));

    unlink(the_job.path); /* missing */
    assert_int_equal(WR_ERR_STATE, job_run(&the_job, 1, WR_AHEAD_REFUSE, &err));
    assert_non_null(strstr(err.message, "is not there any more"));
    assert_int_equal(-1, access(the_job.path, F_OK)); /* and not made anew */

    const char *side = wr_arena_printf(the_job.arena, "%s/side", folder).data;
    const char *hold = wr_arena_printf(the_job.arena, "%s/hold", folder).data;
    file_set(hold, "takes the inode that was freed");
    file_set(side, whole); /* replaced */
    assert_int_equal(0, rename(side, the_job.path));
    assert_int_equal(WR_ERR_STATE, job_run(&the_job, EPOCHS, WR_AHEAD_REFUSE, &err));
    assert_non_null(strstr(err.message, "is another file"));
    unlink(hold);

    unlink(the_job.path); /* a link to something else */
    assert_int_equal(0, symlink("/etc/passwd", the_job.path));
    assert_int_equal(WR_ERR_UNREACHABLE, job_run(&the_job, 0, WR_AHEAD_REFUSE, &err));
    assert_non_null(strstr(err.detail, "symbolic link"));
    job_fini(&the_job);
}

static void
file_that_changes_meanwhile(void **state)
{
    (void)state;
    for (int what = 0; what < 4; what++) {
        job the_job;
        wr_error err = {.code = ""};
        wr_sink *sink;
        int64_t epoch;
        job_begin(&the_job, "json", "error", NULL);
        wr_delivery delivery = {.epoch = 1, .frames = the_job.frames, .frame_count = 2};
        wr_sink_past past = the_job.past;
        assert_int_equal(WR_OK, job_open(&the_job, true, &sink, &err));
        assert_int_equal(WR_OK, wr_file_sink.recover(sink, &past, &epoch, &err));
        assert_int_equal(WR_OK, wr_file_sink.deliver(sink, &delivery, &err));
        if (what == 0) {
            unlink(the_job.path);
        } else if (what == 1) {
            unlink(the_job.path);
            file_set(the_job.path, "new");
        } else if (what == 2) {
            assert_int_equal(0, truncate(the_job.path, 5));
        } else {
            assert_int_equal(0, truncate(the_job.path, 100000));
        }
        delivery = (wr_delivery){.epoch = 2, .frames = the_job.frames + 2, .frame_count = 2};
        assert_int_equal(WR_ERR_STATE, wr_file_sink.deliver(sink, &delivery, &err));
        assert_string_equal("E0911", err.code);
        wr_file_sink.close(sink);
        job_fini(&the_job);
    }
}

static void
special_files_are_refused(void **state)
{
    (void)state;
    job the_job;
    wr_error err;
    wr_sink *sink;
    job_begin(&the_job, "json", "error", NULL);
    unlink(the_job.path);
    assert_int_equal(0, mkfifo(the_job.path, 0600));
    assert_int_equal(WR_ERR_SQL, job_open(&the_job, false, &sink, &err));
    assert_string_equal("E0911", err.code);
    assert_non_null(strstr(err.hint, "guarantee = 'at_least_once'"));
    wr_file_sink.close(sink);
    unlink(the_job.path);
    file_set(the_job.path, "rows of somebody");
    assert_int_equal(WR_ERR_UNREACHABLE, job_open(&the_job, false, &sink, &err));
    assert_string_equal("the file exists", err.detail);
    wr_file_sink.close(sink);
    job_fini(&the_job);
}

/* ── after an older savepoint ───────────────────────────────────────────────────────────────── */

static void
ahead_is_obeyed(void **state)
{
    (void)state;
    job the_job;
    wr_error err;
    job_begin(&the_job, "json", "error", NULL);
    const char *whole = job_expected(&the_job, FRAMES);
    assert_int_equal(WR_OK, job_run(&the_job, 0, WR_AHEAD_REFUSE, &err));

    /* The savepoint knew of one epoch, delivered; the other two are made again. */
    wr_sink_past past = the_job.past;
    past.identity = wr_arena_text(the_job.arena, past.identity);
    past.delivered_epoch = past.last_epoch = 1;
    past.first_position = past.end_position = the_job.frames[2].position;
    for (int is_skip = 0; is_skip <= 1; is_skip++) {
        wr_sink *sink;
        int64_t epoch;
        past.ahead = is_skip ? WR_AHEAD_SKIP : WR_AHEAD_DUPLICATE;
        file_set(the_job.path, whole);
        assert_int_equal(0, truncate(the_job.path, (off_t)strlen(whole) - 4)); /* a torn line */
        assert_int_equal(WR_OK, job_open(&the_job, true, &sink, &err));
        assert_int_equal(WR_OK, wr_file_sink.recover(sink, &past, &epoch, &err));
        assert_int_equal(1, epoch);
        assert_int_equal(WR_OK, job_deliver(&the_job, sink, epoch, &err));
        wr_buffer_reset(&the_job.identity);
        wr_file_sink.identify(sink, &the_job.identity);
        wr_file_sink.close(sink);
        file_assert(&the_job,
                    is_skip ? whole
                            : wr_arena_printf(the_job.arena, "%.*s\n%s", (int)strlen(whole) - 4,
                                              whole, whole + past.end_position).data);
        the_job.past.identity = (wr_text){the_job.identity.data, the_job.identity.size};
        assert_int_equal(WR_OK, job_run(&the_job, EPOCHS, WR_AHEAD_REFUSE, &err)); /* remembered */
    }
    job_fini(&the_job);
}

/* ── a full disk ────────────────────────────────────────────────────────────────────────────── */

/* A limit on the file's size stands for it: a write gives less, then an error. */
static void
write_errors_are_told(void **state)
{
    (void)state;
    job the_job;
    wr_error err;
    struct rlimit old, small;
    job_begin(&the_job, "json", "error", NULL);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &old));
    small = old;
    small.rlim_cur = 100;
    assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &small));
    wr_status status = job_run(&the_job, 0, WR_AHEAD_REFUSE, &err);
    assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &old));
    assert_int_equal(WR_ERR_RUNTIME, status);
    assert_string_equal("E0704", err.code);
    assert_int_equal(WR_OK, job_run(&the_job, 0, WR_AHEAD_REFUSE, &err));
    file_assert(&the_job, job_expected(&the_job, FRAMES));
    job_fini(&the_job);
}

static int
folder_make(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/weir-target-XXXXXX");
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
#ifdef WEIR_FAULTS
        cmocka_unit_test(killed_at_every_point),
#endif
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(header_stands_once),
        cmocka_unit_test(sinks_share_a_file),
        cmocka_unit_test(foreign_files_are_refused),
        cmocka_unit_test(file_that_changes_meanwhile),
        cmocka_unit_test(special_files_are_refused),
        cmocka_unit_test(ahead_is_obeyed),
        cmocka_unit_test(write_errors_are_told),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
