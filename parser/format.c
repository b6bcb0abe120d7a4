/* Formats a script: statements in the house style, comments and blank lines between them.
 *
 *     -- load of all hosts          a comment between statements has a line of its own,
 *     select host from cpu; -- a    or stays behind the statement on whose line it begins;
 *                                   of blank lines one is left;
 *     ;;                            semicolons without a statement go
 *
 * 1. Nothing is dropped but space and empty statements.
 * 2. A statement is parsed before it is touched; the first that is wrong ends it all. */
#include "parser/format.h"

#include "parser/grammar.h"
#include "parser/parser.h"

#include <string.h>

typedef struct script {
    wr_text sql;
    int end; /* of what was taken last */
    wr_buffer *out;
    wr_arena *arena; /* of one statement */
} script;

static bool
line_is_open(const script *s)
{
    return s->out->size > 0 && s->out->data[s->out->size - 1] != '\n';
}

static int
newline_count(const script *s, int position)
{
    int count = 0;
    for (int i = s->end; i < position; i++) {
        count += s->sql.data[i] == '\n';
    }
    return count;
}

/* A new line for what stands at `position`, behind an empty one if there is one in the text. */
static void
line_begin(script *s, int position)
{
    if (line_is_open(s)) {
        wr_buffer_char(s->out, '\n');
    }
    if (s->out->size > 0 && newline_count(s, position) > 1) {
        wr_buffer_char(s->out, '\n');
    }
}

static void
comment_write(script *s, wr_token comment)
{
    wr_text text = wr_comment_text(s->sql, comment);
    bool same_line = newline_count(s, comment.position) == 0;
    if (same_line && line_is_open(s)) {
        wr_buffer_char(s->out, ' ');
    } else {
        line_begin(s, comment.position);
    }
    wr_buffer_text(s->out, text);
    if (wr_comment_ends_line(text)) {
        wr_buffer_char(s->out, '\n');
    }
    s->end = comment.position + comment.length;
}

static wr_status
statement_write(script *s, int start, wr_error *err)
{
    wr_text rest = {s->sql.data + start, s->sql.size - (size_t)start};
    size_t consumed = 0;
    wr_words words;
    wr_status status = wr_parse_words(s->arena, rest, &consumed, &words, err);
    if (status != WR_OK) {
        err->position += err->position >= 0 ? start : 0;
        return status;
    }
    wr_pieces pieces;
    wr_list comments;
    int length = wr_format_pieces(s->arena, rest, (int)consumed, words, &pieces, &comments);
    line_begin(s, start);
    wr_format_layout(&pieces, s->out);
    const wr_text *left = comments.items;
    for (int i = 0; i < comments.count; i++) {
        wr_buffer_text(s->out, line_is_open(s) ? WR_TEXT("\n") : WR_TEXT(""));
        wr_buffer_text(s->out, left[i]);
        wr_buffer_char(s->out, '\n');
    }
    s->end = start + length;
    return WR_OK;
}

static wr_status
script_write(script *s, wr_error *err)
{
    for (int position = 0;;) {
        wr_token comment = wr_comment_next(s->sql, position);
        if (comment.length > 0) {
            comment_write(s, comment);
            position = s->end;
            continue;
        }
        wr_token token = wr_token_next(s->sql, position);
        if (token.kind == WR_TOKEN_END) {
            break;
        }
        position = token.position + token.length;
        if (token.kind != TK_SEMI) {
            WR_TRY(statement_write(s, token.position, err));
            position = s->end;
            wr_arena_reset(s->arena);
        }
    }
    if (line_is_open(s)) {
        wr_buffer_char(s->out, '\n');
    }
    return WR_OK;
}

wr_status
wr_format_script(wr_text sql, wr_buffer *out, wr_error *err)
{
    wr_error local;
    wr_error_clear(&local);
    WR_TRY(wr_sql_size_check(sql, err));
    const char *nul = sql.size > 0 ? memchr(sql.data, '\0', sql.size) : NULL;
    if (nul != NULL) { /* in a comment, too: the result could not be told from a shorter one */
        wr_error_set(err, WR_ERR_SQL, "E0106", "unexpected byte 0x00");
        wr_error_at(err, (int)(nul - sql.data), 1);
        return WR_ERR_SQL;
    }
    script s = {.sql = sql, .out = out, .arena = wr_arena_new(0)};
    wr_status status = script_write(&s, err != NULL ? err : &local);
    wr_arena_free(s.arena);
    return status;
}
