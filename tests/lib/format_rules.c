/* The rules of the formatter, checked on one text. */
#include "tests/lib/format_rules.h"

#include "parser/ast_print.h"
#include "parser/parser.h"
#include "parser/token.h"

#include <string.h>

static bool
buffers_equal(const wr_buffer *a, const wr_buffer *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

/* Every statement's tree, a line each; false: one does not parse. */
static bool
trees_print(wr_text sql, wr_buffer *out)
{
    wr_arena *arena = wr_arena_new(0);
    bool parses = true;
    while (parses && sql.size > 0) {
        wr_ast_statement *statement = NULL;
        wr_error err;
        size_t consumed = 0;
        parses = wr_parse_statement(arena, sql, &consumed, &statement, &err) == WR_OK;
        if (statement != NULL) {
            wr_print_statement(&(wr_printer){.out = out, .explicit_ = true}, statement);
            wr_buffer_char(out, '\n');
        }
        sql = (wr_text){sql.data + consumed, sql.size - consumed};
        wr_arena_reset(arena);
    }
    wr_arena_free(arena);
    return parses;
}

/* All comments in their order, without the space at their ends. */
static void
comments_print(wr_text sql, wr_buffer *out)
{
    for (int position = 0; (size_t)position < sql.size;) {
        wr_token comment = wr_comment_next(sql, position);
        if (comment.length == 0) {
            wr_token token = wr_token_next(sql, position);
            position = token.position + token.length;
            continue;
        }
        wr_text text = wr_text_trim(wr_token_text(sql, comment));
        wr_buffer_text(out, text);
        wr_buffer_char(out, '\n');
        position = comment.position + comment.length;
    }
}

const char *
format_rule_broken(wr_text sql, wr_buffer *out)
{
    wr_buffer before, after, again;
    wr_error err;
    wr_buffer_init(&before);
    wr_buffer_init(&after);
    wr_buffer_init(&again);
    const char *broken = NULL;
    bool formats = wr_format_script(sql, out, &err) == WR_OK;
    wr_text formatted = {out->data, out->size};
    bool parses = trees_print(sql, &before);
    if (!formats) {
        bool refusable = !parses || memchr(sql.data, '\0', sql.size) != NULL;
        broken = refusable ? NULL : "what parses is formatted";
    } else if (!parses || !trees_print(formatted, &after) || !buffers_equal(&before, &after)) {
        broken = "it means the same";
    } else if (wr_format_script(formatted, &again, &err) != WR_OK || !buffers_equal(out, &again)) {
        broken = "formatted twice is formatted once";
    }
    wr_buffer_reset(&before);
    wr_buffer_reset(&after);
    comments_print(sql, &before);
    comments_print(formatted, &after);
    if (formats && broken == NULL && !buffers_equal(&before, &after)) {
        broken = "comments stay";
    }
    wr_buffer_fini(&before);
    wr_buffer_fini(&after);
    wr_buffer_fini(&again);
    return broken;
}
