/* The store on a disk that fails: at every write in turn, when it is full, when the power goes.
 * Whatever happens, it holds one commit exactly: the last that was acknowledged, or the one that
 * was under way; and when the disk works again, so does the job. */
#include "exec/state/store_base.h"
#include "tests/lib/fault_vfs.h"
#include "tests/lib/store_fixture.h"

#include "core/memory.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { EPOCHS = 8, BODY_BYTES = 20000 };

static char folder[64];
static wr_buffer dumps[EPOCHS + 1]; /* what the store says after each epoch */

static const char *
path_in(const char *name)
{
    static char path[8][128];
    static int turn;
    turn = (turn + 1) % 8;
    snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
    return path[turn];
}

static int
group_setup(void **state)
{
    (void)state;
    fault_vfs_install();
    for (int epoch = 1; epoch <= EPOCHS; epoch++) {
        wr_error err;
        store_folder_make(folder, sizeof(folder));
        wr_buffer_init(&dumps[epoch]);
        store_fill(folder, epoch, BODY_BYTES);
        assert_int_equal(store_dump_at(folder, false, &dumps[epoch], &err), WR_OK);
        store_folder_remove(folder);
    }
    return 0;
}

static int
group_teardown(void **state)
{
    (void)state;
    for (int epoch = 1; epoch <= EPOCHS; epoch++) {
        wr_buffer_fini(&dumps[epoch]);
    }
    return 0;
}

static int
folder_setup(void **state)
{
    (void)state;
    fault_vfs_fail(FAULT_NONE, 0, false);
    store_folder_make(folder, sizeof(folder));
    return 0;
}

static int
folder_teardown(void **state)
{
    (void)state;
    fault_vfs_fail(FAULT_NONE, 0, false);
    store_folder_remove(folder);
    return 0;
}

/* The epoch whose content the store in `dir` has; fails if it has none's. */
static int64_t
epoch_found(const char *dir, bool read_only)
{
    wr_buffer found;
    wr_error err;
    wr_buffer_init(&found);
    if (store_dump_at(dir, read_only, &found, &err) != WR_OK) {
        fail_msg("%s %s", err.code, err.message);
    }
    int epoch = EPOCHS;
    while (epoch > 0 && strcmp(found.data, dumps[epoch].data) != 0) {
        epoch--;
    }
    wr_buffer_fini(&found);
    assert_int_not_equal(epoch, 0);
    return epoch;
}

/* A commit, and a turn of tidying as the committing thread does it. */
static wr_status
commit_try(wr_store *store, int64_t epoch, wr_error *err)
{
    wr_commit *commit = store_commit_make(epoch, BODY_BYTES);
    wr_status status = wr_store_commit(store, commit, err);
    wr_commit_free(commit);
    return status;
}

/* From epoch 4 on the n-th operation fails; then the disk works again and the job goes on, or is
 * started again. False: fewer than n operations were made. */
static bool
one_fault(fault_kind kind, int64_t n, bool stays, bool restarts)
{
    wr_store *store;
    wr_error err;
    const char *dir = path_in("job");
    store_folder_remove(dir);
    mkdir(dir, 0700);
    store_file_copy(path_in("base/weir.db"), path_in("job/weir.db"));
    assert_int_equal(store_open_at(dir, &store, &err), WR_OK);
    fault_vfs_fail(kind, n, stays);
    int64_t acknowledged = 4;
    while (acknowledged < 6 && commit_try(store, acknowledged + 1, &err) == WR_OK) {
        acknowledged++;
    }
    bool failed = acknowledged < 6;
    if (failed) {
        assert_int_equal(err.status, WR_ERR_RUNTIME);
        assert_string_equal(err.code, "E0910");
        assert_int_equal(wr_store_job_of(store)->epoch, acknowledged);
    }
    if (restarts) {
        wr_store_close(store); /* fails, too, if it stays */
        fault_vfs_fail(FAULT_NONE, 0, false);
        int64_t found = epoch_found(dir, false);
        assert_in_range(found, acknowledged, acknowledged + failed);
        assert_int_equal(store_open_at(dir, &store, &err), WR_OK);
        acknowledged = found;
    }
    fault_vfs_fail(FAULT_NONE, 0, false);
    while (acknowledged < 7) {
        assert_int_equal(commit_try(store, ++acknowledged, &err), WR_OK);
    }
    wr_store_close(store);
    assert_int_equal(epoch_found(dir, true), 7);
    return failed;
}

static void
test_each_write_fails(void **state)
{
    (void)state;
    store_fill(path_in("base"), 4, BODY_BYTES);
    for (int variant = 0; variant < 8; variant++) {
        fault_kind kind = variant & 1 ? FAULT_DISK_FULL : FAULT_IO_ERROR;
        int64_t n = 1;
        while (one_fault(kind, n, variant & 2, variant & 4)) {
            n++;
        }
        assert_true(n > 20);
    }
}

/* ── spilling ──────────────────────────────────────────────────────────────────────────────── */

enum { SPILLED = 4, HOLD_BYTES = 1 << 20 };

/* The i-th body that is spilled here. */
static void
spilled_make(int i, wr_buffer *body)
{
    wr_buffer_init(body);
    for (int k = 0; k < 4000; k++) {
        wr_buffer_printf(body, "%d.%d,", i, k);
    }
}

static void
spilled_expect(wr_store *store, int64_t id, int i)
{
    wr_buffer expected, found;
    spilled_make(i, &expected);
    wr_buffer_init(&found);
    assert_int_equal(wr_store_read_segment(store, id, &found, NULL), WR_OK);
    assert_int_equal(found.size, expected.size);
    assert_memory_equal(found.data, expected.data, found.size);
    wr_buffer_fini(&found);
    wr_buffer_fini(&expected);
}

/* Spills four, two at a time, and takes the first and the third back. */
static wr_status
spill_try(wr_store *store, wr_segment *segments, wr_error *err)
{
    WR_TRY(wr_store_spill(store, segments, 2, err));
    WR_TRY(wr_store_unspill(store, &segments[0].id, 1, err));
    WR_TRY(wr_store_spill(store, segments + 2, 2, err));
    return wr_store_unspill(store, &segments[2].id, 1, err);
}

/* Names the second. */
static wr_status
spill_commit(wr_store *store, const wr_segment *segments, wr_error *err)
{
    wr_commit *commit = store_commit_make(5, BODY_BYTES);
    wr_window_id window = commit->segments[0].window;
    window.part = 1;
    wr_segment *named = wr_commit_add_segment(commit, &window, true);
    named->id = segments[1].id;
    named->row_count = 1;
    wr_status status = wr_store_commit(store, commit, err);
    wr_commit_free(commit);
    return status;
}

/* The bodies that lie in the store; opened beside it. */
static int64_t
body_count(const char *path)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    const char *sql = "SELECT count(*) FROM body";
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t count = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
}

/* The n-th operation of spilling fails, and then perhaps all: nobody above notices, and what was
 * spilled is there before and after the commit that names it. False: fewer than n were made. */
static bool
one_spill_fault(fault_kind kind, int64_t n, bool stays, int64_t expected_bodies)
{
    wr_store *store;
    wr_error err;
    const char *dir = path_in("job"), *path = path_in("job/weir.db");
    store_folder_remove(dir);
    mkdir(dir, 0700);
    store_file_copy(path_in("base/weir.db"), path);
    wr_store_config config = {.dir = dir, .create = true, .hold_bytes = HOLD_BYTES};
    assert_int_equal(wr_store_open(&config, &store, &err), WR_OK);
    wr_segment segments[SPILLED] = {0};
    for (int i = 0; i < SPILLED; i++) {
        spilled_make(i, &segments[i].body);
    }
    fault_vfs_fail(kind, n, stays);
    assert_int_equal(spill_try(store, segments, &err), WR_OK);
    bool failed = fault_vfs_count() >= n;
    if (kind != FAULT_NONE) { /* an error when the WAL is made anew is no failed transaction */
        assert_true(failed || !wr_store_owes(store));
        assert_true(!failed || !stays || wr_store_owes(store));
    }
    spilled_expect(store, segments[1].id, 1);
    spilled_expect(store, segments[3].id, 3);
    if (stays && failed) {
        assert_int_equal(spill_commit(store, segments, &err), WR_ERR_RUNTIME);
        assert_string_equal(err.code, "E0910");
        spilled_expect(store, segments[1].id, 1);
    }
    fault_vfs_fail(FAULT_NONE, 0, false);
    assert_int_equal(spill_commit(store, segments, &err), WR_OK);
    assert_false(wr_store_owes(store));
    spilled_expect(store, segments[3].id, 3);
    wr_store_close(store);
    if (expected_bodies >= 0) { /* those taken back are gone, whatever failed */
        assert_int_equal(body_count(path), expected_bodies);
    }
    assert_int_equal(store_open_at(dir, &store, &err), WR_OK);
    spilled_expect(store, segments[1].id, 1);
    assert_int_equal(wr_store_read_segment(store, segments[3].id, &segments[3].body, &err),
                     WR_ERR_STATE); /* nobody has named it */
    wr_store_close(store);
    for (int i = 0; i < SPILLED; i++) {
        wr_buffer_fini(&segments[i].body);
    }
    return failed;
}

static void
test_spilling_fails(void **state)
{
    (void)state;
    store_fill(path_in("base"), 4, BODY_BYTES);
    assert_false(one_spill_fault(FAULT_NONE, INT64_MAX, false, -1));
    store_folder_remove(path_in("job"));
    store_file_copy(path_in("base/weir.db"), path_in("undisturbed"));
    wr_store *store;
    wr_error err;
    assert_int_equal(store_open_at(path_in("base"), &store, &err), WR_OK);
    wr_commit *commit = store_commit_make(5, BODY_BYTES);
    assert_int_equal(wr_store_commit(store, commit, &err), WR_OK);
    wr_commit_free(commit);
    wr_store_close(store);
    int64_t bodies = body_count(path_in("base/weir.db")) + 2; /* the second and the fourth */
    store_file_copy(path_in("undisturbed"), path_in("base/weir.db"));
    for (int variant = 0; variant < 4; variant++) {
        fault_kind kind = variant & 1 ? FAULT_DISK_FULL : FAULT_IO_ERROR;
        int64_t n = 1;
        while (one_spill_fault(kind, n, variant & 2, bodies)) {
            n++;
        }
        assert_true(n > 12);
    }
}

/* What may be held is bounded: beyond it the disk's error is the caller's. */
static void
test_spilling_holds_no_more_than_it_may(void **state)
{
    (void)state;
    wr_store *store;
    wr_error err;
    wr_segment segment = {0};
    spilled_make(0, &segment.body);
    int64_t hold_bytes = (int64_t)segment.body.size;
    wr_store_config config = {.dir = path_in("job"), .create = true, .hold_bytes = hold_bytes};
    assert_int_equal(wr_store_open(&config, &store, &err), WR_OK);
    fault_vfs_fail(FAULT_DISK_FULL, 1, true);
    assert_int_equal(wr_store_spill(store, &segment, 1, &err), WR_OK);
    int64_t first = segment.id;
    assert_int_equal(wr_store_spill(store, &segment, 1, &err), WR_ERR_RUNTIME);
    assert_string_equal(err.code, "E0910");
    assert_int_equal(wr_store_unspill(store, &first, 1, &err), WR_OK);
    assert_int_equal(wr_store_spill(store, &segment, 1, &err), WR_OK);
    fault_vfs_fail(FAULT_NONE, 0, false);
    wr_store_close(store);
    wr_buffer_fini(&segment.body);
}

/* ── the power goes ────────────────────────────────────────────────────────────────────────── */

/* A file as it is on the disk, and as the system's cache has it. */
typedef struct disk_file {
    const char *name;
    wr_buffer durable, current;
    int first_unsynced; /* entry of the log */
} disk_file;

static void
bytes_write(wr_buffer *file, int64_t offset, const char *data, size_t size)
{
    size_t end = (size_t)offset + size;
    if (end > file->size) {
        memset(wr_buffer_reserve(file, end - file->size), 0, end - file->size);
        file->size = end;
    }
    memcpy(file->data + offset, data, size);
}

static void
entry_apply(wr_buffer *file, const fault_entry *entry, size_t size)
{
    if (entry->step == FAULT_WRITE) {
        bytes_write(file, entry->offset, entry->bytes.data, size);
    } else if (entry->step == FAULT_TRUNCATE && (size_t)entry->offset < file->size) {
        file->size = (size_t)entry->offset;
    }
}

static void
bytes_copy(wr_buffer *to, const wr_buffer *from)
{
    wr_buffer_reset(to);
    wr_buffer_append(to, from->data, from->size);
}

static void
file_put(const char *path, const wr_buffer *bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fwrite(bytes->data, 1, bytes->size, file);
    fclose(file);
}

static void
file_get(const char *path, wr_buffer *bytes)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        return;
    }
    char block[65536];
    size_t size;
    while ((size = fread(block, 1, sizeof(block), file)) > 0) {
        wr_buffer_append(bytes, block, size);
    }
    fclose(file);
}

/* What of the unsynced writes reached the disk: none, every other one, the second half of them,
 * or all but that the last one is cut in two. */
enum { CUT_NONE, CUT_ODD, CUT_LATE, CUT_TORN, CUT_COUNT };

static bool
entry_survives(int cut, int place, int count)
{
    switch (cut) {
    case CUT_ODD: return place % 2 == 1;
    case CUT_LATE: return place >= count / 2;
    case CUT_TORN: return true;
    default: return false;
    }
}

static int
unsynced_count(const disk_file *file, const fault_entry *entries, int end)
{
    int count = 0;
    for (int i = file->first_unsynced; i < end; i++) {
        count += strcmp(entries[i].name, file->name) == 0;
    }
    return count;
}

/* The file as the cut at entry `end` leaves it. */
static void
file_cut(const disk_file *file, const fault_entry *entries, int end, int cut, wr_buffer *image)
{
    bytes_copy(image, &file->durable);
    int count = unsynced_count(file, entries, end), place = 0;
    for (int i = file->first_unsynced; i < end; i++) {
        if (strcmp(entries[i].name, file->name) == 0 && entry_survives(cut, place++, count)) {
            bool is_torn = cut == CUT_TORN && place == count;
            entry_apply(image, &entries[i], entries[i].bytes.size / (is_torn ? 2 : 1));
        }
    }
}

static void
test_power_cut(void **state)
{
    (void)state;
    wr_store *store;
    wr_error err;
    const char *dir = path_in("job"), *image_dir = path_in("image");
    disk_file files[2] = {{.name = "weir.db"}, {.name = "weir.db-wal"}};
    store_fill(dir, 2, BODY_BYTES);
    file_get(path_in("job/weir.db"), &files[0].durable);
    assert_int_equal(store_open_at(dir, &store, &err), WR_OK);
    fault_vfs_log_begin();
    for (int64_t epoch = 3; epoch <= EPOCHS; epoch++) {
        assert_int_equal(commit_try(store, epoch, &err), WR_OK);
        fault_vfs_mark(epoch);
        if (epoch % 3 == 0) {
            assert_int_equal(wr_store_fold(store, &err), WR_OK);
        }
    }
    wr_store_close(store);
    int count;
    const fault_entry *entries = fault_vfs_log_end(&count);

    mkdir(image_dir, 0700);
    wr_buffer image;
    wr_buffer_init(&image);
    int64_t acknowledged = 2;
    for (int i = 0; i < count; i++) {
        bool is_synced = unsynced_count(&files[0], entries, i) == 0 &&
                         unsynced_count(&files[1], entries, i) == 0;
        for (int cut = 0; cut < (is_synced ? 1 : CUT_COUNT); cut++) {
            for (int f = 0; f < 2; f++) {
                char path[160];
                snprintf(path, sizeof(path), "%s/%s", image_dir, files[f].name);
                file_cut(&files[f], entries, i, cut, &image);
                file_put(path, &image);
            }
            assert_in_range(epoch_found(image_dir, i % 16 != 0 || cut != CUT_ODD), acknowledged,
                            acknowledged + 1);
            store_folder_remove(image_dir);
            mkdir(image_dir, 0700);
        }
        for (int f = 0; f < 2; f++) {
            if (strcmp(entries[i].name, files[f].name) == 0 && entries[i].step == FAULT_SYNC) {
                for (int k = files[f].first_unsynced; k < i; k++) {
                    if (strcmp(entries[k].name, files[f].name) == 0) {
                        entry_apply(&files[f].durable, &entries[k], entries[k].bytes.size);
                    }
                }
                files[f].first_unsynced = i + 1;
            }
        }
        acknowledged = entries[i].step == FAULT_MARK ? entries[i].offset : acknowledged;
    }
    assert_true(count > 30);
    for (int f = 0; f < 2; f++) {
        wr_buffer_fini(&files[f].durable);
    }
    wr_buffer_fini(&image);
    fault_vfs_log_free();
}

/* ── a disk that is really full, a directory that is read-only ─────────────────────────────── */

/* Files may not grow beyond this; the store must say so, and go on when there is room. */
static void
test_file_limit(void **state)
{
    (void)state;
    wr_store *store;
    wr_error err;
    struct rlimit before, limit;
    const char *dir = path_in("job");
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    store_fill(dir, 4, BODY_BYTES);
    assert_int_equal(store_open_at(dir, &store, &err), WR_OK);
    limit = (struct rlimit){.rlim_cur = 70000, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    wr_status status = commit_try(store, 5, &err);
    wr_status again = commit_try(store, 5, &err);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(status, WR_ERR_RUNTIME);
    assert_int_equal(again, WR_ERR_RUNTIME);
    assert_string_equal(err.code, "E0910");
    assert_int_equal(commit_try(store, 5, &err), WR_OK);
    wr_store_close(store);
    assert_int_equal(epoch_found(dir, false), 5);
}

static void
test_small_disk(void **state)
{
    (void)state;
    wr_store *store;
    wr_error err;
    const char *dir = path_in("disk"), *filler = path_in("disk/filler");
    mkdir(dir, 0700);
    if (mount("none", dir, "tmpfs", 0, "size=8m") != 0) {
        skip(); /* not root, or no right to mount */
    }
    store_fill(dir, 4, BODY_BYTES);
    assert_int_equal(store_open_at(dir, &store, &err), WR_OK);
    int fd = open(filler, O_WRONLY | O_CREAT, 0600);
    char block[4096] = {0};
    while (write(fd, block, sizeof(block)) > 0) {
    }
    close(fd);
    wr_status status = commit_try(store, 5, &err);
    unlink(filler);
    wr_status after = commit_try(store, 5, &err);
    wr_store_close(store);
    int64_t found = after == WR_OK ? epoch_found(dir, false) : 0;
    umount(dir);
    assert_int_equal(status, WR_ERR_RUNTIME);
    assert_int_equal(after, WR_OK);
    assert_int_equal(found, 5);
}

/* Nothing is read-only to root: another process, who is nobody, tries. */
static void
test_read_only_directory(void **state)
{
    (void)state;
    const char *dir = path_in("job");
    mkdir(dir, 0555);
    assert_int_equal(chmod(folder, 0755), 0);
    pid_t child = fork();
    if (child == 0) {
        wr_store *store;
        wr_error err;
        if (geteuid() == 0 && setuid(65534) != 0) {
            _exit(1);
        }
        wr_status status = store_open_at(dir, &store, &err);
        _exit(status == WR_ERR_RUNTIME && strcmp(err.code, "E0910") == 0 ? 0 : 2);
    }
    int result = -1;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_write_fails, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_spilling_fails, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_spilling_holds_no_more_than_it_may, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(test_power_cut, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_file_limit, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_small_disk, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_read_only_directory, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests_name("state_faults", tests, group_setup, group_teardown);
}
