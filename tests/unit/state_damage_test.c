/* A state with a flipped byte or without its end is refused, or it is exactly right. Never is it
 * something else, and never does a job that goes on from it become something else. */
#include "exec/state/store_base.h"
#include "tests/lib/store_fixture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { EPOCHS = 7, BODY_BYTES = 40000, PAGE = 32768, STRIDE = 1201 };

static char folder[64];
static wr_buffer dumps[EPOCHS + 2];
static wr_buffer found;
static int refused_count, right_count;

/* The path of a name in the folder; stays. */
static const char *
path_in(const char *name)
{
    static char paths[32][96];
    size_t size = strlen(folder) + 1;
    int i = 0;
    while (paths[i][0] && strcmp(paths[i] + size, name) != 0) {
        i++;
    }
    snprintf(paths[i], sizeof(paths[i]), "%s/%s", folder, name);
    return paths[i];
}

/* job/ after a clean end; live/ as a crash leaves it, with a WAL. */
static int
group_setup(void **state)
{
    (void)state;
    wr_error err;
    store_folder_make(folder, sizeof(folder));
    wr_buffer_init(&found);
    for (int epoch = 1; epoch <= EPOCHS + 1; epoch++) {
        wr_buffer_init(&dumps[epoch]);
        store_fill(path_in("dump"), epoch, BODY_BYTES);
        assert_int_equal(store_dump_at(path_in("dump"), true, &dumps[epoch], &err), WR_OK);
    }
    store_fill(path_in("job"), EPOCHS, BODY_BYTES);
    wr_store *store;
    store_fill(path_in("open"), 3, BODY_BYTES);
    assert_int_equal(store_open_at(path_in("open"), &store, &err), WR_OK);
    for (int64_t epoch = 4; epoch <= EPOCHS; epoch++) {
        wr_commit *commit = store_commit_make(epoch, BODY_BYTES);
        assert_int_equal(wr_store_commit(store, commit, &err), WR_OK);
        wr_commit_free(commit);
    }
    mkdir(path_in("live"), 0700);
    store_file_copy(path_in("open/weir.db"), path_in("live/weir.db"));
    store_file_copy(path_in("open/weir.db-wal"), path_in("live/weir.db-wal"));
    wr_store_close(store);
    unlink(path_in("job/lock"));
    return 0;
}

static int
group_teardown(void **state)
{
    (void)state;
    for (int epoch = 1; epoch <= EPOCHS + 1; epoch++) {
        wr_buffer_fini(&dumps[epoch]);
    }
    wr_buffer_fini(&found);
    store_folder_remove(folder);
    return 0;
}

/* Refused as a damaged state, or the content of an epoch from `least` on: then true. */
static bool
state_examine(const char *dir, int least, const char *what, int64_t where)
{
    wr_error err;
    wr_status status = store_dump_at(dir, true, &found, &err);
    if (status != WR_OK) {
        if (status != WR_ERR_STATE) {
            fail_msg("%s %lld: %s %s", what, (long long)where, err.code, err.message);
        }
        refused_count++;
        return false;
    }
    right_count++;
    for (int epoch = EPOCHS; epoch >= least; epoch--) {
        if (strcmp(found.data, dumps[epoch].data) == 0) {
            return true;
        }
    }
    fail_msg("%s %lld: is believed:\n%s", what, (long long)where, found.data);
    return false;
}

/* A job goes on from what was found right: refused, or right again. */
static void
state_continue(const char *dir, const char *what, int64_t where)
{
    const char *copy = path_in("copy");
    wr_store *store;
    wr_error err;
    store_folder_remove(copy);
    mkdir(copy, 0700);
    char from[160], to[160];
    snprintf(from, sizeof(from), "%s/weir.db", dir);
    snprintf(to, sizeof(to), "%s/weir.db", copy);
    store_file_copy(from, to);
    wr_status status = store_open_at(copy, &store, &err);
    if (status == WR_OK) {
        wr_commit *commit = store_commit_make(EPOCHS + 1, BODY_BYTES);
        status = wr_store_commit(store, commit, &err);
        wr_commit_free(commit);
        wr_store_close(store);
    }
    if (status == WR_OK) {
        status = store_dump_at(copy, true, &found, &err);
    }
    if (status != WR_OK) {
        if (status != WR_ERR_STATE) {
            fail_msg("%s %lld, going on: %s %s", what, (long long)where, err.code, err.message);
        }
    } else if (strcmp(found.data, dumps[EPOCHS + 1].data) != 0) {
        fail_msg("%s %lld, going on: is believed:\n%s", what, (long long)where, found.data);
    }
}

static unsigned char
byte_flip(const char *path, int64_t at, unsigned char mask)
{
    unsigned char byte = 0;
    int fd = open(path, O_RDWR);
    assert_true(pread(fd, &byte, 1, at) == 1);
    unsigned char flipped = byte ^ mask;
    assert_true(pwrite(fd, &flipped, 1, at) == 1);
    close(fd);
    return byte;
}

static int64_t
file_size(const char *path)
{
    struct stat file;
    assert_int_equal(stat(path, &file), 0);
    return file.st_size;
}

/* The first bytes of each page, where its structure lies, and every STRIDE-th. */
static int64_t
next_place(int64_t at)
{
    return at % PAGE < 24 ? at + 1 : at + STRIDE;
}

static void
flip_everywhere(const char *dir, const char *name, int least, bool goes_on)
{
    char path[160];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    int64_t size = file_size(path);
    refused_count = right_count = 0;
    for (int64_t at = 0; at < size; at = next_place(at)) {
        unsigned char mask = at % 3 == 0 ? 0x01 : at % 3 == 1 ? 0x80 : 0xff;
        byte_flip(path, at, mask);
        bool is_right = state_examine(dir, least, name, at);
        if (is_right && goes_on && right_count % 4 == 0) {
            state_continue(dir, name, at);
        }
        byte_flip(path, at, mask);
    }
    assert_true(state_examine(dir, EPOCHS, name, -1));
    assert_true(refused_count > 0);
}

static void
test_flips(void **state)
{
    (void)state;
    flip_everywhere(path_in("job"), "weir.db", EPOCHS, true);
}

static void
test_flips_with_wal(void **state)
{
    (void)state;
    flip_everywhere(path_in("live"), "weir.db", EPOCHS, false);
}

/* A WAL ends where it does not fit: without a record an earlier commit is all that is there. */
static void
test_flips_in_wal(void **state)
{
    (void)state;
    char path[160];
    snprintf(path, sizeof(path), "%s", path_in("live/weir.db-wal"));
    int64_t size = file_size(path);
    for (int64_t at = 0; at < size; at = next_place(at)) {
        byte_flip(path, at, 0x10);
        state_examine(path_in("live"), 3, "weir.db-wal", at);
        byte_flip(path, at, 0x10);
    }
}

static void
test_truncations(void **state)
{
    (void)state;
    static const char *const names[] = {"job/weir.db", "live/weir.db", "live/weir.db-wal"};
    for (int i = 0; i < 3; i++) {
        char path[160], whole[160], dir[160];
        snprintf(path, sizeof(path), "%s", path_in(names[i]));
        snprintf(whole, sizeof(whole), "%s", path_in("whole"));
        snprintf(dir, sizeof(dir), "%s", path_in(i == 0 ? "job" : "live"));
        store_file_copy(path, whole);
        int64_t size = file_size(path);
        for (int64_t left = 0; left < size; left += PAGE / 2 + (left == 0)) {
            assert_int_equal(truncate(path, left), 0);
            bool is_right = state_examine(dir, i == 2 ? 3 : EPOCHS, names[i], left);
            if (is_right && i == 0) {
                state_continue(dir, names[i], left);
            }
            store_file_copy(whole, path);
        }
        assert_true(state_examine(dir, EPOCHS, names[i], -1));
    }
}

/* Rows that nobody but SQLite can tell from ours: taken away, changed with their kind kept. */
static void
test_rows(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "DELETE FROM position WHERE number = 1",
        "UPDATE position SET next_offset = next_offset + 1 WHERE number = 0",
        "UPDATE segment SET row_count = row_count - 1",
        "DELETE FROM segment WHERE id = (SELECT max(id) FROM segment)",
        "INSERT INTO segment SELECT operator_id, start_us, first_end_us, last_end_us, part + 1, id,"
        " is_base, row_count, epoch, body_bytes, body_sum, sum FROM segment LIMIT 1",
        "DELETE FROM outbox",
        "DELETE FROM body WHERE id = (SELECT max(id) FROM body)",
        "UPDATE body SET bytes = zeroblob(length(bytes)) WHERE id = (SELECT max(id) FROM body)",
        "UPDATE operator SET meta = x'00' WHERE number = 1",
        "UPDATE destination SET delivered_epoch = 0",
        "UPDATE job SET epoch = epoch - 1",
        "DELETE FROM job",
        "DROP VIEW weir_jobs",
        "CREATE VIEW more AS SELECT 1",
        "CREATE INDEX more ON job(name)",
        "CREATE TRIGGER more AFTER INSERT ON job BEGIN SELECT 1; END",
        "CREATE VIRTUAL TABLE more USING rtree(id, a, b)",
        "PRAGMA user_version = 0",
    };
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        sqlite3 *db;
        const char *copy = path_in("copy");
        store_folder_remove(copy);
        mkdir(copy, 0700);
        store_file_copy(path_in("job/weir.db"), path_in("copy/weir.db"));
        assert_int_equal(sqlite3_open(path_in("copy/weir.db"), &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, changes[i], NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        if (state_examine(path_in("copy"), EPOCHS, changes[i], 0)) {
            fail_msg("%s: is believed", changes[i]);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flips),        cmocka_unit_test(test_flips_with_wal),
        cmocka_unit_test(test_flips_in_wal), cmocka_unit_test(test_truncations),
        cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests_name("state_damage", tests, group_setup, group_teardown);
}
