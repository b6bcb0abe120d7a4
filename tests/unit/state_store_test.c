/* The store: what was committed is there after a restart, exactly; what does not fit is refused. */
#include "exec/state/store.h"
#include "tests/lib/store_fixture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include <cmocka.h>

#define ASSERT_OK(call) \
    do { \
        wr_error ok_err; \
        wr_error *err = &ok_err; \
        if ((call) != WR_OK) { \
            fail_msg("%s %s", ok_err.code, ok_err.message); \
        } \
    } while (0)

static char folder[64];

static const char *
path_in(const char *name)
{
    static char path[16][128];
    static int turn;
    turn = (turn + 1) % 16;
    snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
    return path[turn];
}

static int
folder_setup(void **state)
{
    (void)state;
    store_folder_make(folder, sizeof(folder));
    return 0;
}

static int
folder_teardown(void **state)
{
    (void)state;
    store_folder_remove(folder);
    return 0;
}

static void
assert_refused(wr_store_config config, const char *code)
{
    wr_store *store;
    wr_error err;
    wr_status status = wr_store_open(&config, &store, &err);
    assert_null(store);
    assert_int_equal(status, WR_ERR_STATE);
    assert_string_equal(err.code, code);
}

static void
assert_dump(const char *dir, bool read_only, const wr_buffer *expected)
{
    wr_buffer found;
    wr_buffer_init(&found);
    ASSERT_OK(store_dump_at(dir, read_only, &found, err));
    assert_string_equal(found.data, expected->data);
    wr_buffer_fini(&found);
}

static void
test_commit_reopen(void **state)
{
    (void)state;
    const char *dir = path_in("job");
    wr_buffer dump;
    wr_buffer_init(&dump);
    store_fill(dir, 6, 40000);
    ASSERT_OK(store_dump_at(dir, false, &dump, err));
    assert_non_null(
        strstr(dump.data, "job the job epoch 6 at 21600000000 0 {\"rows\": 42} | INSERT"));
    assert_non_null(strstr(dump.data, "position 1 kafka:t p 2 6002 guard 2 6000000 "));
    assert_non_null(strstr(dump.data, "letters 5 removed 7\n"));
    assert_null(strstr(dump.data, "segment 180000000 ")); /* windows up to 3 are dropped */
    assert_non_null(strstr(dump.data, "segment 300000000 1 55 40000 bytes"));
    assert_non_null(strstr(dump.data, "frame 1 5 5 500 5 20000 bytes"));
    assert_null(strstr(dump.data, "frame 0 4 "));
    assert_dump(dir, true, &dump);
    assert_dump(dir, false, &dump);
    wr_buffer_fini(&dump);

    struct stat file;
    assert_int_equal(stat(path_in("job"), &file), 0);
    assert_int_equal(file.st_mode & 0777, 0700);
    assert_int_equal(stat(path_in("job/weir.db"), &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
}

static void
test_refusals(void **state)
{
    (void)state;
    const char *dir = path_in("job");
    assert_refused((wr_store_config){.dir = dir}, "E0906");
    store_fill(dir, 2, 100);
    wr_store *store;
    ASSERT_OK(store_open_at(dir, &store, err));
    assert_refused((wr_store_config){.dir = dir}, "E0907");
    wr_store_close(store);
    assert_refused((wr_store_config){.dir = dir, .job_name = WR_TEXT("other")}, "E0905");

    /* Taken away, or an older one put back: never a fresh start. */
    const char *file = path_in("job/weir.db");
    store_file_copy(file, path_in("old"));
    store_fill(dir, 3, 100);
    unlink(file);
    assert_refused((wr_store_config){.dir = dir, .create = true}, "E0904");
    store_file_copy(path_in("old"), file);
    assert_refused((wr_store_config){.dir = dir, .create = true}, "E0904");
    assert_refused((wr_store_config){.dir = dir, .read_only = true}, "E0904");
    unlink(path_in("job/lock"));
    ASSERT_OK(store_open_at(dir, &store, err));
    assert_int_equal(wr_store_job_of(store)->epoch, 2);
    wr_store_close(store);
}

/* Nobody else's file, none of a later version, no half of one. */
static void
test_foreign_files(void **state)
{
    (void)state;
    const char *dir = path_in("job"), *path = path_in("job/weir.db");
    sqlite3 *db;
    mkdir(dir, 0700);
    wr_store_config config = {.dir = dir, .create = true};
    FILE *file = fopen(path, "w");
    fclose(file);
    assert_refused(config, "E0904");
    file = fopen(path, "w");
    for (int i = 0; i < 100; i++) {
        fputs("no database at all\n", file);
    }
    fclose(file);
    assert_refused(config, "E0908");
    unlink(path);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_refused(config, "E0908");
    unlink(path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE t(x)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_refused(config, "E0908");
    unlink(path);
    unlink(path_in("job/lock"));
    store_fill(dir, 1, 100);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_refused(config, "E0909");
}

static int64_t
number_of(const char *path, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    }
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return number;
}

/* Readers see a commit whole, and are not in the way of the next one. */
static void
test_readers(void **state)
{
    (void)state;
    wr_store *store, *reader;
    const char *dir = path_in("job"), *path = path_in("job/weir.db");
    wr_buffer before, again;
    wr_buffer_init(&before);
    wr_buffer_init(&again);
    store_fill(dir, 4, 5000);
    ASSERT_OK(store_open_at(dir, &store, err));
    wr_store_config config = {.dir = dir, .read_only = true};
    ASSERT_OK(wr_store_open(&config, &reader, err));
    ASSERT_OK(store_dump(reader, &before, err));
    wr_commit *commit = store_commit_make(5, 5000);
    ASSERT_OK(wr_store_commit(store, commit, err));
    wr_commit_free(commit);
    ASSERT_OK(store_dump(reader, &again, err));
    assert_string_equal(before.data, again.data);
    assert_int_equal(number_of(path, "SELECT epoch FROM weir_jobs"), 5);
    assert_int_equal(number_of(path, "SELECT count(*) FROM weir_operators"), 2);
    assert_int_equal(number_of(path, "SELECT count(*) FROM weir_segments"), 5);
    assert_int_equal(number_of(path, "SELECT max(next_offset) FROM weir_positions"), 5002);
    assert_int_equal(number_of(path, "SELECT count(*) FROM weir_outbox"), 2);
    assert_int_equal(number_of(path, "SELECT count(*) FROM weir_dead_letters"), 5);
    assert_int_equal(number_of(path, "SELECT committed = '1970-01-01T05:00:00.000Z' "
                                     "FROM weir_jobs"),
                     1);
    wr_store_close(reader);
    wr_store_close(store);
    wr_buffer_fini(&before);
    wr_buffer_fini(&again);
}

static void
replay_marked(wr_store *store, int *count, wr_dead_letter *letters, wr_arena *arena)
{
    wr_replay replay = {.operator_id = 3};
    *count = 0;
    for (int more = 0; !replay.ended; *count += more) {
        ASSERT_OK(wr_store_read_replay(store, &replay, arena, letters + *count, &more, err));
    }
}

/* Letters that a scan can read are marked, and gone with the commit that replays them. */
static void
test_replay(void **state)
{
    (void)state;
    wr_store *store;
    const char *dir = path_in("job"), *path = path_in("job/weir.db");
    wr_arena *arena = wr_arena_new(0);
    wr_dead_letter *found = WR_NEW_ARRAY(arena, wr_dead_letter, 2 * WR_REPLAY_PAGE);
    int marked = 0, left = 0, count = 0;
    ASSERT_OK(store_open_at(dir, &store, err));
    wr_commit *commit = wr_commit_new(1);
    for (int i = 0; i < 6; i++) {
        wr_commit_add_dead_letter(commit,
                                  &(wr_dead_letter){.operator_id = i == 1 ? 0 : i == 2 ? 4 : 3,
                                                    .source = WR_TEXT("s"),
                                                    .reason = WR_TEXT("r"),
                                                    .record = WR_TEXT("bytes")});
    }
    ASSERT_OK(wr_store_commit(store, commit, err));
    wr_commit_free(commit);
    int64_t first = number_of(path, "SELECT min(id) FROM weir_dead_letters");
    const int64_t ids[] = {first + 5, first, first + 1, first + 2, first + 3, first + 77};
    ASSERT_OK(wr_store_mark_replay(store, ids, 6, &marked, &left, err));
    assert_int_equal(marked, 4);
    assert_int_equal(left, 1);
    wr_store_close(store);
    ASSERT_OK(store_open_at(dir, &store, err));
    replay_marked(store, &count, found, arena);
    assert_int_equal(count, 3);
    assert_int_equal(found[1].id, first + 3);
    assert_string_equal(found[1].record.data, "bytes");
    commit = wr_commit_new(2);
    for (int i = 0; i < count; i++) {
        wr_commit_add_replayed(commit, found[i].id);
    }
    ASSERT_OK(wr_store_commit(store, commit, err));
    wr_commit_free(commit);
    assert_int_equal(wr_store_job_of(store)->dead_letter_count, 3);
    replay_marked(store, &count, found, arena);
    assert_int_equal(count, 0);
    wr_store_close(store);
    wr_arena_free(arena);
}

/* A spilled segment stays if a commit names it, and goes with the process if none does. */
static void
test_spill(void **state)
{
    (void)state;
    wr_store *store;
    const char *dir = path_in("job"), *path = path_in("job/weir.db");
    ASSERT_OK(store_open_at(dir, &store, err));
    wr_commit *commit = store_commit_make(1, 3000);
    wr_segment spilled[3] = {0};
    for (int i = 0; i < 3; i++) {
        spilled[i].window = commit->segments[0].window;
        wr_buffer_append(&spilled[i].body, "abcdefgh", (size_t)(8 - i));
    }
    ASSERT_OK(wr_store_spill(store, spilled, 3, err));
    ASSERT_OK(wr_store_unspill(store, &spilled[0].id, 1, err));
    wr_segment *named = wr_commit_add_segment(commit, &commit->segments[0].window, false);
    named->id = spilled[1].id;
    named->row_count = 7;
    ASSERT_OK(wr_store_commit(store, commit, err));
    wr_commit_free(commit);
    wr_buffer body;
    wr_buffer_init(&body);
    ASSERT_OK(wr_store_read_segment(store, spilled[2].id, &body, err));
    assert_string_equal(wr_buffer_cstr(&body), "abcdef");
    wr_store_close(store);
    assert_int_equal(number_of(path, "SELECT count(*) FROM body"), 5);

    ASSERT_OK(store_open_at(dir, &store, err));
    assert_int_equal(number_of(path, "SELECT count(*) FROM body"), 4);
    wr_buffer_reset(&body);
    ASSERT_OK(wr_store_read_segment(store, spilled[1].id, &body, err));
    assert_string_equal(wr_buffer_cstr(&body), "abcdefg");
    wr_error error;
    assert_int_equal(wr_store_read_segment(store, spilled[2].id, &body, &error), WR_ERR_STATE);
    wr_store_close(store);
    wr_buffer_fini(&body);
    for (int i = 0; i < 3; i++) {
        wr_buffer_fini(&spilled[i].body);
    }
}

static void
test_temporary(void **state)
{
    (void)state;
    wr_store *store;
    wr_store_config config = {.dir = folder, .temporary = true};
    ASSERT_OK(wr_store_open(&config, &store, err));
    assert_int_equal(rmdir(folder), 0); /* nothing with a name is in there */
    assert_int_equal(mkdir(folder, 0700), 0);
    wr_segment segment = {0};
    wr_buffer body;
    wr_buffer_init(&body);
    memset(wr_buffer_reserve(&segment.body, 1 << 20), 'x', 1 << 20);
    segment.body.size = 1 << 20;
    for (int i = 0; i < 20; i++) {
        ASSERT_OK(wr_store_spill(store, &segment, 1, err));
        wr_buffer_reset(&body);
        ASSERT_OK(wr_store_read_segment(store, segment.id, &body, err));
        assert_int_equal(body.size, segment.body.size);
        ASSERT_OK(wr_store_unspill(store, &segment.id, 1, err));
    }
    wr_store_close(store);
    wr_buffer_fini(&body);
    wr_buffer_fini(&segment.body);
}

static void
test_savepoint(void **state)
{
    (void)state;
    wr_store *store, *copy;
    const char *dir = path_in("job"), *file = path_in("saved");
    wr_buffer dump;
    wr_error error;
    wr_buffer_init(&dump);
    store_fill(dir, 5, 9000);
    ASSERT_OK(store_open_at(dir, &store, err));
    wr_segment spilled = {.row_count = 1};
    wr_buffer_append(&spilled.body, "spilled", 7);
    ASSERT_OK(wr_store_spill(store, &spilled, 1, err));
    ASSERT_OK(wr_store_savepoint(store, file, err));
    wr_commit *commit = store_commit_make(6, 9000);
    ASSERT_OK(wr_store_commit(store, commit, err));
    wr_commit_free(commit);
    wr_buffer_fini(&spilled.body);

    /* The copy is the job as it was, without what nobody named. */
    struct stat status;
    assert_int_equal(stat(file, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(number_of(file, "SELECT count(*) FROM body"), 7);
    ASSERT_OK(wr_store_restore(path_in("back"), file, NULL, err));
    ASSERT_OK(store_open_at(path_in("back"), &copy, err));
    assert_int_equal(wr_store_job_of(copy)->epoch, 5);
    assert_true(wr_text_equal(wr_store_job_of(copy)->uuid, wr_store_job_of(store)->uuid));
    commit = store_commit_make(6, 9000);
    ASSERT_OK(wr_store_commit(copy, commit, err));
    wr_commit_free(commit);
    wr_store_close(copy);
    wr_store_close(store);
    ASSERT_OK(store_dump_at(dir, false, &dump, err));
    assert_dump(path_in("back"), false, &dump);
    assert_int_equal(wr_store_restore(dir, file, NULL, &error), WR_ERR_STATE);
    assert_dump(dir, false, &dump);
    wr_buffer_fini(&dump);
}

static void
test_fork(void **state)
{
    (void)state;
    wr_store *store;
    store_fill(path_in("job"), 5, 9000);
    ASSERT_OK(wr_store_restore(path_in("fork"), path_in("job/weir.db"), "another", err));
    wr_store_config config = {.dir = path_in("fork"), .job_name = WR_TEXT("another")};
    ASSERT_OK(wr_store_open(&config, &store, err));
    const wr_store_job *job = wr_store_job_of(store);
    assert_int_equal(job->epoch, 5);
    assert_int_equal(job->frame_count, 0);
    assert_int_equal(job->destination_count, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(job->destinations[i].last_epoch, 0);
        assert_int_equal(job->destinations[i].position, 0);
        assert_int_equal(job->destinations[i].identity.size, 0);
    }
    assert_int_equal(job->positions[2].next_offset, 5002);
    wr_store_close(store);

    /* A damaged savepoint makes nothing. */
    int fd = open(path_in("job/weir.db"), O_RDWR);
    struct stat file;
    fstat(fd, &file);
    for (off_t at = 40000; at < file.st_size; at += 5000) {
        assert_true(pwrite(fd, "damage", 6, at) == 6);
    }
    close(fd);
    wr_error error;
    assert_int_equal(wr_store_restore(path_in("new"), path_in("job/weir.db"), NULL, &error),
                     WR_ERR_STATE);
    assert_int_not_equal(access(path_in("new/weir.db"), F_OK), 0);
    assert_int_not_equal(access(path_in("new/weir.db.new"), F_OK), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_commit_reopen, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_refusals, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_foreign_files, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_readers, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_replay, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_spill, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_temporary, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_savepoint, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_fork, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests_name("state_store", tests, NULL, NULL);
}
