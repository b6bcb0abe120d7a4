/* Drives the grammar over the tokens of one statement.
 *
 *     SELECT 1; SELECT 2      first call: statement SELECT 1, consumed 9; the second goes on there
 *     ; ; -- nothing          statement NULL, everything consumed
 *
 * 1. The grammar sees the end of the text as a semicolon; the semicolons inside BEGIN … END of a
 *    job are its own business.
 * 2. Nesting is bounded twice: open parentheses here, depth of the tree in build.c; what is left
 *    (long prefixes) the parser's own stack stops. All say E0103.
 * 3. After an error the rest of the statement is skipped, so that *consumed is where to go on. */
#include "parser/parser.h"

#include "core/memory.h"
#include "parser/format.h"
#include "parser/grammar.h"
#include "parser/grammar_state.h"
#include "parser/token_stream.h"

#include <limits.h>
#include <string.h>

static const char *
bad_character_hint(wr_text text)
{
    switch (text.data[0]) {
    case '#': return "Comments begin with -- or /*.";
    case '`': return "Names take double quotes: \"name\".";
    case '$':
    case '@': return "Parameters are ?, ?1 or :name.";
    case ':': return "Options are written name = value.";
    case '~': return "Write regexp_like(text, 'pattern').";
    case '\\': return "A quote in a string is doubled: 'it''s'. DESCRIBE tells of a stream.";
    case '!': return "Not equal is <>, and negation is NOT.";
    case '=': return "Equality is one =.";
    case '&':
    case '|': return "Conditions are joined by AND and OR, texts by ||.";
    default: break;
    }
    bool typographic = text.size == 3 && (unsigned char)text.data[0] == 0xE2;
    return typographic ? "Strings take straight quotes: '…', names \"…\"." : NULL;
}

static void
bad_character_fail(wr_parser *p, wr_token token)
{
    wr_text text = wr_token_text(p->sql, token);
    if (wr_utf8_valid(text.data, text.size)) {
        wr_parse_fail(p, "E0106", wr_token_span(token), bad_character_hint(text),
                      "unexpected character \"%.*s\"", WR_TEXT_ARG(text));
    } else {
        wr_parse_fail(p, "E0106", wr_token_span(token), "SQL is UTF-8 text.",
                      "unexpected byte 0x%02x", (unsigned)(unsigned char)text.data[0]);
    }
}

static const char *
bad_number_hint(wr_text text)
{
    if (memchr(text.data, '_', text.size) != NULL) {
        return "Digits stand without separators: 1000.";
    }
    if (text.size > 1 && text.data[0] == '0' && (text.data[1] == 'x' || text.data[1] == 'X')) {
        return "Numbers are decimal: 255.";
    }
    bool letter = text.data[text.size - 1] >= 'A';
    return letter ? "A unit of time is s, min, h, d …; a name stands apart, or in double quotes."
                  : NULL;
}

static void
token_fail(wr_parser *p, wr_token token)
{
    static const struct {
        int kind, length; /* length 0: the whole token */
        const char *code, *message, *hint;
    } failures[] = {
        {WR_TOKEN_OPEN_STRING, 1, "E0102", "this string has no end",
         "Close it with '; a quote inside is written ''."},
        {WR_TOKEN_OPEN_NAME, 1, "E0102", "this quoted name has no end",
         "Close it with \"; strings take single quotes."},
        {WR_TOKEN_OPEN_COMMENT, 2, "E0102", "this comment has no end",
         "Close it with */; comments nest."},
        {WR_TOKEN_BAD_UTF8, 1, "E0105", "this text is not valid UTF-8 or holds a NUL byte",
         "SQL is UTF-8 text."},
        {WR_TOKEN_BAD_NUMBER, 0, "E0105", "this number cannot be read", NULL},
    };
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        if (failures[i].kind == token.kind) {
            int length = failures[i].length > 0 ? failures[i].length : token.length;
            const char *hint = token.kind == WR_TOKEN_BAD_NUMBER
                                   ? bad_number_hint(wr_token_text(p->sql, token))
                                   : failures[i].hint;
            wr_parse_fail(p, failures[i].code, (wr_span){token.position, length}, hint, "%s",
                          failures[i].message);
            return;
        }
    }
    bad_character_fail(p, token);
}

void
wr_grammar_overflow(wr_parser *p)
{
    wr_parse_fail(p, "E0103", (wr_span){.position = p->end, .length = 1}, NULL,
                  "nested more than %d levels deep", WR_AST_DEPTH_MAX);
}

static bool
token_ends_statement(const wr_token_stream *stream, wr_token token)
{
    return token.kind == WR_TOKEN_END || (token.kind == TK_SEMI && !stream->in_block);
}

/* Feeds tokens up to and with the end of the statement, or to the first failure; the last one is
 * stream->current. A plain syntax error leaves err empty. */
static void
statement_feed(wr_parser *p, void *grammar, wr_token_stream *stream)
{
    for (;;) {
        wr_token token = wr_token_stream_next(stream);
        if (token.kind >= WR_TOKEN_BAD) {
            token_fail(p, token);
            return;
        }
        if (stream->depth > WR_STREAM_DEPTH_MAX) {
            wr_parse_fail(p, "E0103", wr_token_span(token), NULL, "nested more than %d levels deep",
                          WR_AST_DEPTH_MAX);
            return;
        }
        bool last = token_ends_statement(stream, token);
        wr_grammar(grammar, last ? TK_SEMI : token.kind, token);
        p->end = token.position + token.length;
        if (last && p->status == WR_OK) {
            wr_grammar(grammar, WR_TOKEN_END, token);
        }
        if (last || p->status != WR_OK) {
            return;
        }
    }
}

/* Where the statement ends in which parsing stopped at stream->current. */
static size_t
statement_skip(wr_token_stream *stream)
{
    wr_token token = stream->current;
    while (!token_ends_statement(stream, token)) {
        token = wr_token_stream_next(stream);
    }
    return (size_t)token.position + (size_t)token.length;
}

/* The parser's stack is large and needs no zeroing. */
static void *
stack_allocate(size_t size_bytes)
{
    return wr_realloc(NULL, size_bytes);
}

/* Parses from `start`; `first` is a kind to feed before the text, or 0. */
static wr_status
text_parse(wr_parser *p, int first, int start, size_t *consumed)
{
    wr_token_stream stream;
    wr_token_stream_init(&stream, p->sql, start);
    void *grammar = wr_grammarAlloc(stack_allocate, p);
    p->end = start;
    if (first != 0) {
        wr_grammar(grammar, first, (wr_token){.kind = first, .position = start});
    }
    statement_feed(p, grammar, &stream);
    wr_grammarFree(grammar, wr_free);
    wr_token stop = stream.current;
    *consumed = statement_skip(&stream);
    if (p->status != WR_OK && (p->err == NULL || p->err->code[0] == '\0')) {
        wr_syntax_error_explain(p, first, start, stop);
    }
    return p->status;
}

wr_status
wr_sql_size_check(wr_text sql, wr_error *err)
{
    if (sql.size > INT_MAX / 2) {
        return wr_error_set(err, WR_ERR_SQL, "E0901", "the SQL text is larger than 1 GiB");
    }
    return WR_OK;
}

/* The first token of `sql` that is no semicolon. */
static wr_token
first_token(wr_text sql)
{
    wr_token token = wr_token_next(sql, 0);
    while (token.kind == TK_SEMI) {
        token = wr_token_next(sql, token.position + token.length);
    }
    return token;
}

static wr_status
statement_parse(wr_parser *p, size_t *consumed, wr_ast_statement **statement)
{
    *statement = NULL;
    *consumed = p->sql.size;
    WR_TRY(wr_sql_size_check(p->sql, p->err));
    wr_token first = first_token(p->sql);
    if (first.kind == WR_TOKEN_END) {
        return WR_OK;
    }
    wr_error_clear(p->err);
    WR_TRY(text_parse(p, 0, first.position, consumed));
    *statement = p->statement;
    p->statement->parameter_count = p->parameters.count;
    p->statement->parameter_names = p->parameters.items;
    return WR_OK;
}

wr_status
wr_parse_statement(wr_arena *arena, wr_text sql, size_t *consumed, wr_ast_statement **statement,
                   wr_error *err)
{
    wr_error local;
    wr_parser p = {.arena = arena, .sql = sql, .err = err != NULL ? err : &local};
    return statement_parse(&p, consumed, statement);
}

wr_status
wr_parse_words(wr_arena *arena, wr_text sql, size_t *consumed, wr_words *words, wr_error *err)
{
    wr_ast_statement *statement = NULL;
    wr_parser p = {.arena = arena, .sql = sql, .err = err, .keep_words = true};
    *words = (wr_words){NULL, 0};
    WR_TRY(statement_parse(&p, consumed, &statement));
    *words = (wr_words){p.words.items, p.words.count};
    return WR_OK;
}

wr_status
wr_parse_columns(wr_arena *arena, wr_text sql, wr_ast_table **table, wr_error *err)
{
    wr_error local;
    wr_parser p = {.arena = arena, .sql = sql, .err = err != NULL ? err : &local};
    size_t consumed = 0;
    *table = NULL;
    WR_TRY(wr_sql_size_check(sql, err));
    wr_error_clear(p.err);
    WR_TRY(text_parse(&p, TK_COLUMNS_ONLY, 0, &consumed));
    if (consumed < sql.size) {
        return wr_error_set(err, WR_ERR_SQL, "E0101", "columns are separated by commas");
    }
    *table = p.table;
    return WR_OK;
}

bool
wr_statement_complete(wr_text sql)
{
    if (sql.size > INT_MAX / 2) {
        return true; /* the parser has a message for it */
    }
    wr_token_stream stream;
    wr_token_stream_init(&stream, sql, 0);
    for (;;) {
        wr_token token = wr_token_stream_next(&stream);
        if (token_ends_statement(&stream, token)) {
            return token.kind == TK_SEMI;
        }
        if (token.kind == WR_TOKEN_OPEN_STRING || token.kind == WR_TOKEN_OPEN_NAME ||
            token.kind == WR_TOKEN_OPEN_COMMENT) {
            return false;
        }
    }
}
