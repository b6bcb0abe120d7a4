/* Everything that is not a row goes through here to stderr.
 *
 *   error[E0203]: no column "hots" in stream "cpu"
 *     --> q.sql:1:8
 *    1 | SELECT hots FROM cpu
 *      |        ^^^^
 *     there are: host, v
 *     hint: did you mean "host"?
 *
 * 1. What comes from data or from the user is escaped: a message cannot steer the terminal.
 * 2. A source line of any length gives a short excerpt around the caret.
 * 3. Passwords in it are stars. */
#include "cli/messages.h"

#include "cli/display.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXCERPT_BEFORE = 60, EXCERPT_AFTER = 60 }; /* bytes around the caret */

static const char *const LEVEL_NAMES[] = {"error", "warning", "notice"};

void
cli_messages_init(cli_messages *messages, const cli_options *options)
{
    *messages = (cli_messages){
        .json = options->errors_json,
        .quiet = options->quiet,
        .log_level = options->log_level,
        .is_terminal = isatty(STDERR_FILENO) == 1,
    };
    const char *no_color = getenv("NO_COLOR");
    bool automatic = messages->is_terminal && (no_color == NULL || no_color[0] == '\0');
    messages->color = options->color == CLI_ON || (options->color == CLI_AUTO && automatic);
}

int
cli_exit_of(const weir_error *error)
{
    int status = weir_error_status(error);
    if (status == WEIR_SQL)
        return CLI_EXIT_SQL;
    if (status == WEIR_UNREACHABLE)
        return CLI_EXIT_UNREACHABLE;
    if (status == WEIR_STATE)
        return CLI_EXIT_STATE;
    return status == WEIR_CLOSED || status == WEIR_INTERRUPT ? CLI_EXIT_DONE : CLI_EXIT_RUNTIME;
}

static void
stderr_write(const char *data, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t wrote = write(STDERR_FILENO, data + done, size - done);
        if (wrote < 0 && errno != EINTR)
            return; /* nobody listens; there is no place left to say so */
        done += wrote > 0 ? (size_t)wrote : 0;
    }
}

void
cli_messages_clear_status(cli_messages *messages)
{
    if (messages->status_drawn)
        stderr_write(CLI_CLEAR_LINE, strlen(CLI_CLEAR_LINE));
    messages->status_drawn = false;
}

void
cli_messages_write(cli_messages *messages, const char *text, size_t size)
{
    cli_messages_clear_status(messages);
    stderr_write(text, size);
}

static void
colour(const cli_messages *messages, cli_text *out, const char *code)
{
    if (messages->color)
        cli_text_append_z(out, code);
}

static void
head_append(const cli_messages *messages, cli_text *out, cli_level level, const char *code)
{
    colour(messages, out, level == CLI_ERROR ? CLI_RED : CLI_YELLOW);
    cli_text_append_z(out, LEVEL_NAMES[level]);
    if (code[0] != '\0')
        cli_text_format(out, "[%s]", code);
    colour(messages, out, CLI_PLAIN);
    cli_text_append_z(out, ": ");
}

/* Detail and hint may have several lines; each is indented. */
static void
lines_append(cli_text *out, const char *label, const char *lines)
{
    for (const char *at = lines; *at != '\0';) {
        size_t size = strcspn(at, "\n");
        cli_text_format(out, "  %s", at == lines ? label : "");
        cli_display_append(out, at, size);
        cli_text_append_char(out, '\n');
        at += size + (at[size] == '\n');
    }
}

static void
json_member(cli_text *out, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    if (out->size > 0 && out->data[out->size - 1] != '{')
        cli_text_append_char(out, ',');
    cli_json_append(out, name, strlen(name));
    cli_text_append_char(out, ':');
    cli_json_append(out, value, strlen(value));
}

void
cli_message(cli_messages *messages, cli_level level, const char *text, const char *hint)
{
    if (level != CLI_ERROR && (messages->quiet || (int)level > messages->log_level))
        return;
    cli_text out = {0};
    if (messages->json) {
        cli_text_append_char(&out, '{');
        json_member(&out, "level", LEVEL_NAMES[level]);
        json_member(&out, "message", text);
        json_member(&out, "hint", hint);
        cli_text_append_z(&out, "}\n");
    } else {
        head_append(messages, &out, level, "");
        cli_display_append(&out, text, strlen(text));
        cli_text_append_char(&out, '\n');
        lines_append(&out, "hint: ", hint != NULL ? hint : "");
    }
    cli_messages_write(messages, out.data, out.size);
    cli_text_fini(&out);
}

/* ── errors with a place ────────────────────────────────────────────────────────────────────── */

typedef struct source_place {
    int line, column;
    size_t position, length;
} source_place;

static bool
place_find(source_place *place, const weir_error *error, const cli_script *script, size_t base)
{
    int position = weir_error_position(error);
    if (position < 0 || script == NULL || base + (size_t)position > script->size)
        return false;
    place->position = base + (size_t)position;
    place->length = weir_error_length(error) > 0 ? (size_t)weir_error_length(error) : 1;
    weir_error_locate(script->sql, script->size, (int)place->position, &place->line,
                      &place->column);
    return true;
}

/* Moves `at` to the start of a UTF-8 character, forwards; what is no UTF-8 has none near. */
static size_t
character_start(const char *sql, size_t at, size_t end)
{
    enum { BYTES_BEHIND_MAX = 3 };
    for (int i = 0; i < BYTES_BEHIND_MAX && at < end && ((unsigned char)sql[at] & 0xc0) == 0x80;
         i++)
        at++;
    return at;
}

/* The source line with a caret under the place, cut to a window around it. */
static void
excerpt_append(const cli_messages *messages, cli_text *out, const cli_script *script,
               const source_place *place)
{
    const char *sql = script->sql;
    size_t start = place->position, end = place->position;
    while (start > 0 && sql[start - 1] != '\n' && place->position - start < EXCERPT_BEFORE)
        start--;
    while (end < script->size && sql[end] != '\n' && end - place->position < EXCERPT_AFTER)
        end++;
    start = character_start(sql, start, place->position);
    end = character_start(sql, end, script->size);
    cli_text number = {0};
    cli_text_format(&number, "%4d", place->line);
    cli_text_format(out, "%s | %s", cli_text_z(&number),
                    start > 0 && sql[start - 1] != '\n' ? "…" : "");
    int indent = start > 0 && sql[start - 1] != '\n' ? 1 : 0;
    indent += cli_display_append(out, sql + start, place->position - start);
    size_t marked = end - place->position < place->length ? end - place->position : place->length;
    int width = cli_display_append(out, sql + place->position, marked);
    cli_display_append(out, sql + place->position + marked, end - place->position - marked);
    if (end < script->size && sql[end] != '\n')
        cli_text_append_z(out, "…");
    cli_text_append_char(out, '\n');
    cli_display_spaces(out, (int)number.size);
    cli_text_append_z(out, " | ");
    cli_display_spaces(out, indent);
    colour(messages, out, CLI_RED);
    for (int i = 0; i < (width > 0 ? width : 1); i++)
        cli_text_append_char(out, '^');
    colour(messages, out, CLI_PLAIN);
    cli_text_append_char(out, '\n');
    cli_text_fini(&number);
}

static void
error_as_text(const cli_messages *messages, cli_text *out, const weir_error *error,
              const cli_script *script, const source_place *place)
{
    head_append(messages, out, CLI_ERROR, weir_error_code(error));
    const char *message = weir_error_message(error);
    cli_display_append(out, message, strlen(message));
    cli_text_append_char(out, '\n');
    if (place != NULL) {
        cli_text_append_z(out, "  --> ");
        cli_display_append(out, script->name, strlen(script->name));
        cli_text_format(out, ":%d:%d\n", place->line, place->column);
        excerpt_append(messages, out, script, place);
    }
    lines_append(out, "", weir_error_detail(error));
    lines_append(out, "hint: ", weir_error_hint(error));
}

static void
error_as_json(cli_text *out, const weir_error *error, const cli_script *script,
              const source_place *place)
{
    cli_text_append_char(out, '{');
    json_member(out, "level", "error");
    json_member(out, "code", weir_error_code(error));
    json_member(out, "message", weir_error_message(error));
    json_member(out, "detail", weir_error_detail(error));
    json_member(out, "hint", weir_error_hint(error));
    if (place != NULL) {
        json_member(out, "file", script->name);
        cli_text_format(out, ",\"line\":%d,\"column\":%d,\"position\":%zu,\"length\":%zu",
                        place->line, place->column, place->position, place->length);
    }
    cli_text_append_z(out, "}\n");
}

int
cli_message_error(cli_messages *messages, const weir_error *error, const cli_script *script,
                  size_t base)
{
    int code = cli_exit_of(error);
    if (code == CLI_EXIT_DONE)
        return code;
    cli_text out = {0};
    source_place where;
    bool located = place_find(&where, error, script, base);
    char *hidden = located ? weir_hide_secrets(script->sql, script->size) : NULL;
    cli_script shown = located ? (cli_script){script->name, hidden, script->size} : (cli_script){0};
    if (messages->json)
        error_as_json(&out, error, &shown, located ? &where : NULL);
    else
        error_as_text(messages, &out, error, &shown, located ? &where : NULL);
    cli_messages_write(messages, out.data, out.size);
    weir_free(hidden);
    cli_text_fini(&out);
    return code;
}
