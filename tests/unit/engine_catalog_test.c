/* Declarations in a state directory, through the library: what is there at the next opening, and
 * what is told when it cannot be read. */
#include "exec/state/store.h"
#include "weir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static int
folder_make(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/weir-catalog-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int
folder_remove(void **state)
{
    (void)state;
    char path[128];
    static const char *const names[] = {"weir.db", "weir.db-wal", "weir.db-shm", "lock"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
    return 0;
}

static weir_db *
database_open(int read_only)
{
    weir_db *db = NULL;
    weir_error *error = NULL;
    assert_int_equal(weir_open(NULL, &db, NULL), WEIR_OK);
    if (weir_catalog_open(db, folder, read_only, &error) != WEIR_OK) {
        fail_msg("%s", weir_error_message(error));
    }
    return db;
}

static void
execute(weir_db *db, const char *sql, const char *code)
{
    weir_error *error = NULL;
    int rc = weir_exec(db, sql, &error);
    assert_string_equal(error ? weir_error_code(error) : "", code);
    assert_int_equal(rc == WEIR_OK, code[0] == '\0');
    weir_error_free(error);
}

static void
declarations_are_there_again(void **state)
{
    (void)state;
    weir_db *db = database_open(0);
    execute(db, "CREATE VIEW v AS SELECT 1 AS x; CREATE VIEW w AS SELECT x FROM v", "");
    weir_close(db);
    db = database_open(0);
    execute(db, "CREATE VIEW w AS SELECT 2 AS y", "E0202");
    execute(db, "DROP VIEW v", "");
    weir_close(db);
    db = database_open(0);
    execute(db, "DROP VIEW v", "E0201");
    execute(db, "DROP VIEW w", "");
    weir_close(db);
}

static void
what_is_remembered_may_be_replaced(void **state)
{
    (void)state;
    weir_db *db = database_open(0);
    execute(db, "CREATE VIEW v AS SELECT 1 AS x", "");
    weir_close(db);
    db = database_open(1);
    execute(db, "CREATE VIEW v AS SELECT 2 AS y; CREATE VIEW w AS SELECT y FROM v", "");
    execute(db, "CREATE VIEW v AS SELECT 3 AS z", "E0202");
    weir_close(db);
    db = database_open(0); /* and nothing of it was kept */
    execute(db, "CREATE VIEW u AS SELECT x FROM v", "");
    execute(db, "DROP VIEW w", "E0201");
    weir_close(db);
}

/* As a later version could write it: whole, and not to be read. */
static void
a_declaration_that_cannot_be_read_is_told(void **state)
{
    (void)state;
    static const char *const scripts[] = {"CREATE STREEM s (v DOUBLE);\n", "SET lanes = 1;\n",
                                          "CREATE SECRET s (value = 5);\n"};
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        wr_store *store = NULL;
        wr_error err;
        wr_store_config config = {.dir = folder, .create = true};
        assert_int_equal(wr_store_open(&config, &store, &err), WR_OK);
        assert_int_equal(wr_store_write_catalog(store, wr_text_from(scripts[i]), &err), WR_OK);
        wr_store_close(store);
        weir_db *db = NULL;
        weir_error *error = NULL;
        assert_int_equal(weir_open(NULL, &db, NULL), WEIR_OK);
        assert_int_equal(weir_catalog_open(db, folder, 0, &error), WEIR_STATE);
        assert_string_equal(weir_error_code(error), "E0904");
        assert_non_null(strstr(weir_error_message(error), "cannot be read"));
        weir_error_free(error);
        execute(db, "CREATE VIEW v AS SELECT 1 AS x", ""); /* it goes on without */
        weir_close(db);
    }
}

static void
wrong_use(void **state)
{
    (void)state;
    weir_db *db = database_open(1);
    assert_int_equal(weir_catalog_open(db, folder, 1, NULL), WEIR_MISUSE);
    assert_int_equal(weir_catalog_open(NULL, folder, 1, NULL), WEIR_MISUSE);
    weir_close(db);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(declarations_are_there_again, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(what_is_remembered_may_be_replaced, folder_make,
                                        folder_remove),
        cmocka_unit_test_setup_teardown(a_declaration_that_cannot_be_read_is_told, folder_make,
                                        folder_remove),
        cmocka_unit_test_setup_teardown(wrong_use, folder_make, folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
