/* weir fmt: SQL in weir's own style.
 *
 *   weir fmt a.sql b.sql      the formatted text on stdout
 *   weir fmt -w a.sql         the file is replaced, if it changes
 *   weir fmt --check *.sql    names what would change, exit 1
 *
 * 1. A file with a mistake stays as it is; the others are done, and the exit code says so (3).
 * 2. A file is replaced by renaming a whole new one, so that it is never half written. A link is
 *    followed: the file it names is replaced. */
#include "cli/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
file_failed(cli_session *session, const char *what, const char *path)
{
    cli_text text = {0};
    cli_text_format(&text, "cannot %s \"%s\": %s", what, path, strerror(errno));
    cli_message(&session->messages, CLI_ERROR, cli_text_z(&text), NULL);
    cli_text_fini(&text);
    return strcmp(what, "read") == 0 ? CLI_EXIT_USAGE : CLI_EXIT_RUNTIME;
}

static bool
bytes_write(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t wrote = write(fd, data, size);
        if (wrote < 0 && errno != EINTR)
            return false;
        data += wrote > 0 ? wrote : 0;
        size -= wrote > 0 ? (size_t)wrote : 0;
    }
    return true;
}

/* Writes `text` beside `path` and renames it to `path`. */
static bool
file_replace(const char *path, const char *text)
{
    struct stat info;
    cli_text beside = {0};
    cli_text_format(&beside, "%s.XXXXXX", path);
    int fd = stat(path, &info) == 0 ? mkstemp(beside.data) : -1;
    bool done = fd >= 0 && bytes_write(fd, text, strlen(text)) &&
                fchmod(fd, info.st_mode & 07777) == 0 && fsync(fd) == 0;
    if (fd >= 0)
        done = close(fd) == 0 && done && rename(beside.data, path) == 0;
    int reason = errno;
    if (fd >= 0 && !done)
        (void)unlink(beside.data);
    cli_text_fini(&beside);
    errno = reason;
    return done;
}

static int
file_rewrite(cli_session *session, const char *path, const char *formatted)
{
    char *target = realpath(path, NULL);
    int code = CLI_EXIT_DONE;
    if (target == NULL || !file_replace(target, formatted))
        code = file_failed(session, "write", path);
    free(target);
    return code;
}

/* What becomes of one formatted text. */
static int
formatted_use(cli_session *session, const cli_script *script, const char *formatted)
{
    const cli_options *options = session->options;
    bool same = strlen(formatted) == script->size &&
                memcmp(formatted, script->sql, script->size) == 0;
    if (options->check && !same) {
        cli_text text = {0};
        cli_text_format(&text, "%s is not formatted", script->name);
        cli_message(&session->messages, CLI_ERROR, cli_text_z(&text), "weir fmt -w formats it");
        cli_text_fini(&text);
        return CLI_EXIT_RUNTIME;
    }
    if (options->write)
        return same ? CLI_EXIT_DONE : file_rewrite(session, script->name, formatted);
    if (!options->check)
        cli_text_append_z(&session->output.pending, formatted);
    return cli_output_flush(&session->output) ? CLI_EXIT_DONE : cli_session_output_failed(session);
}

static int
script_format(cli_session *session, const cli_script *script)
{
    char *formatted = NULL;
    weir_error *error = NULL;
    if (weir_format(script->sql, (ptrdiff_t)script->size, &formatted, &error) != WEIR_OK) {
        int code = cli_message_error(&session->messages, error, script, 0);
        weir_error_free(error);
        return code;
    }
    int code = formatted_use(session, script, formatted);
    weir_free(formatted);
    return code;
}

/* `path` "-": stdin. */
static int
path_format(cli_session *session, const char *path)
{
    cli_text sql = {0};
    bool is_stdin = strcmp(path, "-") == 0;
    int code;
    if (!(is_stdin ? cli_read_fd(STDIN_FILENO, &sql) : cli_read_file(path, &sql))) {
        code = file_failed(session, "read", path);
    } else {
        cli_script script = {is_stdin ? "stdin" : path, cli_text_z(&sql), sql.size};
        code = script_format(session, &script);
    }
    cli_text_fini(&sql);
    return code;
}

static int
usage(cli_session *session, const char *text)
{
    cli_message(&session->messages, CLI_ERROR, text, "weir fmt [-w | --check] [FILE…]");
    return CLI_EXIT_USAGE;
}

int
cli_format(cli_session *session)
{
    const cli_options *options = session->options;
    bool from_stdin = options->argument_count + options->script_count == 0;
    if (from_stdin && isatty(STDIN_FILENO) == 1)
        return usage(session, "which FILE?");
    if (options->write && (options->check || options->argument_count == 0))
        return usage(session, options->check ? "-w or --check, not both" : "-w needs files");
    int code = CLI_EXIT_DONE;
    if (options->sql != NULL) {
        cli_script script = {"-c", options->sql, strlen(options->sql)};
        code = script_format(session, &script);
    }
    if (options->file != NULL || from_stdin)
        code = path_format(session, from_stdin ? "-" : options->file);
    for (int i = 0; i < options->argument_count; i++) {
        int failed = path_format(session, options->arguments[i]);
        code = failed > code ? failed : code;
    }
    return code;
}
