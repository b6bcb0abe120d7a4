/* SQL as it may be shown and stored: without the passwords that are written in it.
 *
 *     CREATE SECRET p (value = 'hunter2')         CREATE SECRET p (value = '*******')
 *     kafka('t', 'sasl.password' = 'hunter2')     kafka('t', 'sasl.password' = '*******')
 *     CREATE SECRET p (env = 'PASSWORD')          as it is: a name is no secret
 *
 * It looks at tokens only, so that a statement with a mistake is covered, too.
 *
 * 1. Every byte keeps its place. */
#include "planner/secret.h"

#include "connectors/option.h"
#include "parser/grammar.h"
#include "parser/token.h"

#include <string.h>

enum { DEPTH_MAX = 64 };

typedef struct hider {
    wr_text sql;
    char *out;
    wr_token before[2]; /* the last tokens, newest first */
    int name_start;     /* where the dotted name began that ends with before[0] or before[1] */
    bool is_secret;     /* the statement is a CREATE SECRET */
    int depth;
    bool is_options[DEPTH_MAX]; /* by depth: options may stand in this bracket */
} hider;

static bool
token_is(const hider *hide, wr_token token, const char *word)
{
    return wr_text_equal_nocase(wr_token_text(hide->sql, token), wr_text_from(word));
}

static void
statement_follow(hider *hide, wr_token token)
{
    if (token.kind == TK_SEMI) {
        hide->is_secret = false;
        hide->depth = 0;
    }
    int before = hide->before[0].kind;
    hide->is_secret |= token.kind == TK_SECRET && (before == TK_CREATE || before == TK_REPLACE);
}

static void
bracket_follow(hider *hide, wr_token token)
{
    if (token.kind == TK_LP) {
        hide->depth++;
        bool options = hide->before[0].kind == TK_WITH || hide->before[0].kind == TK_ID;
        hide->is_options[hide->depth < DEPTH_MAX ? hide->depth : 0] = options;
    } else if (token.kind == TK_RP) {
        hide->depth -= hide->depth > 0;
    }
}

/* Where the name begins that `token` is a part of: sasl in sasl.password. */
static void
name_follow(hider *hide, wr_token token)
{
    bool goes_on = token.kind == TK_DOT || hide->before[0].kind == TK_DOT || token.kind == TK_EQ ||
                   token.kind == TK_FATARROW;
    hide->name_start = goes_on ? hide->name_start : token.position;
}

static bool
token_is_string(wr_token token)
{
    return token.kind == TK_STRING || token.kind == WR_TOKEN_OPEN_STRING ||
           token.kind == WR_TOKEN_OPEN_NAME || token.kind == WR_TOKEN_BAD_UTF8;
}

/* Does an = stand before the token, and the value of an option then? */
static bool
token_is_value(const hider *hide)
{
    return hide->before[0].kind == TK_EQ || hide->before[0].kind == TK_FATARROW;
}

/* Of CREATE SECRET all that might be meant as its value, also where a quote or = was forgotten. */
static bool
secret_has(const hider *hide, wr_token token)
{
    bool reference = token_is_value(hide) && (token_is(hide, hide->before[1], "env") ||
                                              token_is(hide, hide->before[1], "file"));
    bool word = hide->depth > 0 && (token.kind == TK_ID || token.kind == TK_NUMBER) &&
                !token_is(hide, token, "value") && !token_is(hide, token, "env") &&
                !token_is(hide, token, "file");
    return (token_is_string(token) || word) && !reference;
}

static bool
token_is_password(const hider *hide, wr_token token)
{
    if (hide->is_secret) {
        return secret_has(hide, token);
    }
    wr_text name = {hide->sql.data + hide->name_start,
                    (size_t)(hide->before[0].position - hide->name_start)};
    bool options = hide->depth > 0 && hide->depth < DEPTH_MAX && hide->is_options[hide->depth];
    return token_is_string(token) && token_is_value(hide) && options && wr_option_is_secret(name);
}

static void
token_hide(hider *hide, wr_token token)
{
    int start = token.position, end = token.position + token.length;
    bool quoted = hide->sql.data[start] == '\'' || hide->sql.data[start] == '"';
    bool closed = token.kind != WR_TOKEN_OPEN_STRING && token.kind != WR_TOKEN_OPEN_NAME;
    start += quoted;
    end -= quoted && closed;
    if (end > start) {
        memset(hide->out + start, '*', (size_t)(end - start));
    }
}

wr_text
wr_secrets_hide(wr_arena *arena, wr_text sql)
{
    hider hide = {.sql = sql, .out = wr_arena_strndup(arena, sql.data, sql.size)};
    for (int position = 0;;) {
        wr_token token = wr_token_next(sql, position);
        if (token.kind == WR_TOKEN_END) {
            return (wr_text){hide.out, sql.size};
        }
        if (token_is_password(&hide, token)) {
            token_hide(&hide, token);
        }
        statement_follow(&hide, token);
        bracket_follow(&hide, token);
        name_follow(&hide, token);
        hide.before[1] = hide.before[0];
        hide.before[0] = token;
        position = token.position + token.length;
    }
}
