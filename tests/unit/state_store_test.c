/* The store: what was committed is there after a restart, exactly; what does not fit is refused. */
#include "exec/state/store.h"
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
    static char path[8][128];
    static int turn;
    turn = (turn + 1) % 8;
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_commit_reopen, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_refusals, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests_name("state_store", tests, NULL, NULL);
}
