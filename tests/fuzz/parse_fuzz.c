/* The parser on any bytes: no crash, positions inside the text, and what parses prints to something
 * that parses to the same. */
#include "parser/parser.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void
round_trip(wr_arena *arena, const wr_ast_statement *statement)
{
    wr_buffer first, second;
    wr_error err;
    wr_ast_statement *again = NULL;
    size_t consumed = 0;
    wr_buffer_init(&first);
    wr_buffer_init(&second);
    wr_ast_print_statement(statement, &first);
    wr_text text = {first.data, first.size};
    require(wr_parse_statement(arena, text, &consumed, &again, &err) == WR_OK);
    wr_ast_print_statement(again, &second);
    require(first.size == second.size && memcmp(first.data, second.data, first.size) == 0);
    wr_buffer_fini(&first);
    wr_buffer_fini(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wr_arena *arena = wr_arena_new(0);
    wr_text rest = {(const char *)data, size};
    while (rest.size > 0) {
        wr_ast_statement *statement = NULL;
        wr_error err = {0};
        size_t consumed = 0;
        if (wr_parse_statement(arena, rest, &consumed, &statement, &err) != WR_OK) {
            require(err.position >= 0 && (size_t)err.position <= rest.size && err.length > 0);
        } else if (statement != NULL) {
            round_trip(arena, statement);
        }
        require(consumed > 0 && consumed <= rest.size);
        rest = (wr_text){rest.data + consumed, rest.size - consumed};
        wr_arena_reset(arena);
    }
    (void)wr_statement_complete((wr_text){(const char *)data, size});
    wr_arena_free(arena);
    return 0;
}
