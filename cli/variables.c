/* -v name=value puts values into SQL before it is parsed:
 *
 *   kafka('${topic}')      with -v topic=cpu      →  kafka('cpu')
 *   WHERE host = :'h'      with -v h=o'neil       →  WHERE host = 'o''neil'
 *
 * 1. ${name} stands anywhere but in comments; :'name' only outside of strings, since there it is
 *    text.
 * 2. Without any -v a ${name} inside a string stays as it is. */
#include "cli/variables.h"

#include <string.h>

typedef struct expansion {
    const cli_pairs *variables;
    const char *sql;
    size_t size, at;
    cli_text *out, *unknown;
} expansion;

static const char *
variable_find(const cli_pairs *variables, const char *name, size_t size)
{
    for (int i = variables->count - 1; i >= 0; i--) {
        const cli_pair *pair = &variables->items[i];
        if (strlen(pair->name) == size && memcmp(pair->name, name, size) == 0)
            return pair->value;
    }
    return NULL;
}

static bool
is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The size of a name that starts at `from` and is closed by `closing`; 0: none. */
static size_t
name_size(const expansion *e, size_t from, char closing)
{
    size_t end = from;
    while (end < e->size && is_name(e->sql[end]))
        end++;
    return end < e->size && e->sql[end] == closing ? end - from : 0;
}

static void
quoted_append(cli_text *out, const char *value)
{
    cli_text_append_char(out, '\'');
    for (; *value != '\0'; value++)
        cli_text_append(out, *value == '\'' ? "''" : value, *value == '\'' ? 2 : 1);
    cli_text_append_char(out, '\'');
}

/* At ${name} or :'name': puts the value in and moves behind it. *taken says whether it was one. */
static bool
variable_take(expansion *e, bool in_string, bool *taken)
{
    const char *at = e->sql + e->at;
    bool raw = e->at + 1 < e->size && at[0] == '$' && at[1] == '{';
    bool quoted = !in_string && e->at + 1 < e->size && at[0] == ':' && at[1] == '\'';
    size_t size = raw || quoted ? name_size(e, e->at + 2, raw ? '}' : '\'') : 0;
    *taken = size > 0 && !(raw && in_string && e->variables->count == 0);
    if (!*taken)
        return true;
    const char *value = variable_find(e->variables, at + 2, size);
    if (value == NULL) {
        cli_text_append(e->unknown, at + 2, size);
        return false;
    }
    if (raw)
        cli_text_append_z(e->out, value);
    else
        quoted_append(e->out, value);
    e->at += size + 3;
    return true;
}

/* A string or quoted name, up to its closing quote (two of them inside are one). */
static bool
string_copy(expansion *e)
{
    char quote = e->sql[e->at];
    cli_text_append_char(e->out, e->sql[e->at++]);
    while (e->at < e->size) {
        bool taken;
        if (!variable_take(e, true, &taken))
            return false;
        if (taken)
            continue;
        char c = e->sql[e->at++];
        cli_text_append_char(e->out, c);
        if (c == quote)
            return true;
    }
    return true;
}

static size_t
comment_size(const expansion *e)
{
    const char *at = e->sql + e->at;
    size_t left = e->size - e->at;
    if (left >= 2 && at[0] == '-' && at[1] == '-') {
        const char *end = memchr(at, '\n', left);
        return end != NULL ? (size_t)(end - at) : left;
    }
    if (left >= 2 && at[0] == '/' && at[1] == '*') {
        for (size_t i = 2; i + 1 < left; i++) {
            if (at[i] == '*' && at[i + 1] == '/')
                return i + 2;
        }
        return left;
    }
    return 0;
}

bool
cli_variables_expand(const cli_pairs *variables, const char *sql, size_t size, cli_text *out,
                     cli_text *unknown)
{
    expansion e = {variables, sql, size, 0, out, unknown};
    while (e.at < size) {
        size_t comment = comment_size(&e);
        if (comment > 0) {
            cli_text_append(out, sql + e.at, comment);
            e.at += comment;
            continue;
        }
        bool taken;
        if (!variable_take(&e, false, &taken))
            return false;
        if (taken)
            continue;
        if (sql[e.at] == '\'' || sql[e.at] == '"') {
            if (!string_copy(&e))
                return false;
            continue;
        }
        cli_text_append_char(out, sql[e.at++]);
    }
    return true;
}
