/* Statements and the plans or errors that they give: tests/unit/planner/<topic>.txt, blocks of
 *
 *     SELECT hots FROM cpu
 *     ----
 *     E0203 at 7+4: no column "hots" in stream "cpu"
 *
 * ended by an empty line; lines that start with # are comments. With WEIR_BLESS set, what comes out
 * is written into the files, for review. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "planner/planner.h"
#include "planner_tools.h"

static wr_buffer
file_read(const char *path)
{
    wr_buffer content;
    wr_buffer_init(&content);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t got;
    do {
        got = fread(wr_buffer_reserve(&content, 65536), 1, 65536, file);
        content.size += got;
    } while (got > 0);
    fclose(file);
    return content;
}

/* The next line of *rest, without its newline. */
static wr_text
line_take(wr_text *rest)
{
    const char *end = memchr(rest->data, '\n', rest->size);
    size_t size = end ? (size_t)(end - rest->data) : rest->size;
    wr_text line = {rest->data, size};
    size_t used = size + (end != NULL);
    *rest = (wr_text){rest->data + used, rest->size - used};
    return line;
}

typedef struct case_block {
    wr_text sql, expected;
    int line;
} case_block;

/* Copies comments and empty lines before a block; false: no more blocks. */
static bool
block_take(wr_text *rest, wr_buffer *written, int *line, case_block *block)
{
    while (rest->size > 0 && (rest->data[0] == '\n' || rest->data[0] == '#')) {
        wr_text passed = line_take(rest);
        wr_buffer_printf(written, "%.*s\n", WR_TEXT_ARG(passed));
        (*line)++;
    }
    if (rest->size == 0) {
        return false;
    }
    block->line = *line;
    block->sql = (wr_text){rest->data, 0};
    while (rest->size > 0 && !wr_text_starts_with(*rest, WR_TEXT("----\n")) &&
           rest->data[0] != '\n') {
        line_take(rest);
        (*line)++;
    }
    block->sql.size = (size_t)(rest->data - block->sql.data);
    if (wr_text_starts_with(*rest, WR_TEXT("----\n"))) {
        line_take(rest);
        (*line)++;
    }
    block->expected = (wr_text){rest->data, 0};
    while (rest->size > 0 && rest->data[0] != '\n') {
        line_take(rest);
        (*line)++;
    }
    block->expected.size = (size_t)(rest->data - block->expected.data);
    return true;
}

static void
cases_run(const char *path)
{
    planner_world world;
    planner_world_open(&world);
    wr_buffer content = file_read(path), written;
    wr_buffer_init(&written);
    wr_text rest = {content.data, content.size};
    case_block block;
    int line = 1, failures = 0;
    while (block_take(&rest, &written, &line, &block)) {
        wr_buffer answer;
        wr_buffer_init(&answer);
        planner_answer(&world, wr_text_trim(block.sql), &answer);
        bool same = wr_text_equal((wr_text){answer.data, answer.size}, block.expected);
        if (!same) {
            failures++;
            print_message("%s:%d\n%.*s--- expected\n%.*s--- got\n%s", path, block.line,
                          WR_TEXT_ARG(block.sql), WR_TEXT_ARG(block.expected),
                          wr_buffer_cstr(&answer));
        }
        wr_buffer_printf(&written, "%.*s----\n%s", WR_TEXT_ARG(block.sql), wr_buffer_cstr(&answer));
        wr_buffer_fini(&answer);
    }
    if (getenv("WEIR_BLESS")) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        fwrite(written.data, 1, written.size, file);
        fclose(file);
        failures = 0;
    }
    wr_buffer_fini(&written);
    wr_buffer_fini(&content);
    planner_world_close(&world);
    assert_int_equal(failures, 0);
}

static void
plans(void **state)
{
    (void)state;
    cases_run("tests/unit/planner/plans.txt");
}

static void
errors(void **state)
{
    (void)state;
    cases_run("tests/unit/planner/errors.txt");
}

static void
declarations(void **state)
{
    (void)state;
    cases_run("tests/unit/planner/declarations.txt");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans),
        cmocka_unit_test(errors),
        cmocka_unit_test(declarations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
