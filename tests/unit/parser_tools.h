/* What the parser's tests share: parse, print, and lines of a file. */
#ifndef WEIR_TESTS_PARSER_TOOLS_H
#define WEIR_TESTS_PARSER_TOOLS_H

#include "parser/ast_print.h"
#include "parser/parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The statement, or a failed test that shows the error. */
static inline wr_ast_statement *
parse_text(wr_arena *arena, wr_text sql)
{
    wr_error err = {0};
    wr_ast_statement *statement = NULL;
    size_t consumed = 0;
    if (wr_parse_statement(arena, sql, &consumed, &statement, &err) != WR_OK) {
        fail_msg("%.*s\n%s at %d: %s", WR_TEXT_ARG(sql), err.code, err.position, err.message);
    }
    return statement;
}

/* Parse → print → parse → print: the same text and the same tree. */
static inline void
check_round_trip(wr_arena *arena, wr_text sql)
{
    wr_buffer text[2], tree[2];
    for (int i = 0; i < 2; i++) {
        wr_buffer_init(&text[i]);
        wr_buffer_init(&tree[i]);
        wr_text from = i == 0 ? sql : (wr_text){text[0].data, text[0].size};
        wr_ast_statement *statement = parse_text(arena, from);
        assert_non_null(statement);
        wr_ast_print_statement(statement, &text[i]);
        wr_print_statement(&(wr_printer){.out = &tree[i], .explicit_ = true}, statement);
    }
    assert_string_equal(wr_buffer_cstr(&text[0]), wr_buffer_cstr(&text[1]));
    assert_string_equal(wr_buffer_cstr(&tree[0]), wr_buffer_cstr(&tree[1]));
    for (int i = 0; i < 2; i++) {
        wr_buffer_fini(&text[i]);
        wr_buffer_fini(&tree[i]);
    }
}

/* Calls `each` with every line that is neither empty nor a comment; returns how many. */
static inline int
for_each_line(const char *path, void (*each)(wr_arena *arena, char *line))
{
    static char line[1 << 16];
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fail_msg("cannot open %s", path);
        return 0;
    }
    wr_arena *arena = wr_arena_new(0);
    int count = 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '\0' && strncmp(line, "--", 2) != 0) {
            each(arena, line);
            count++;
        }
        wr_arena_reset(arena);
    }
    wr_arena_free(arena);
    (void)fclose(file);
    return count;
}

#endif
