/* The `weir` command: a program on top of weir.h like any other.
 *
 *   command line → options → session (database, output) → SQL or a command → exit code
 *
 * 1. Rows go to stdout or -O, everything else to stderr.
 * 2. Exit codes: 0 done, stopped on request, or the reader closed the pipe; 1 run-time failure;
 *    2 usage; 3 SQL; 4 source or sink unreachable; 5 state; 130/143 second signal. */
#include "cli/commands.h"
#include "cli/heap.h"
#include "cli/job.h"
#include "cli/job_commands.h"
#include "cli/option_table.h"
#include "cli/prompt.h"
#include "cli/run.h"
#include "cli/signals.h"
#include "cli/variables.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* What a run works on: where the SQL comes from and, after reading, the SQL itself. */
typedef struct input {
    const char *name; /* for messages */
    const char *path; /* NULL: sql is given; "-": stdin */
    cli_text sql;
} input;

static int
usage_error(cli_messages *messages, const char *text, const char *hint)
{
    cli_message(messages, CLI_ERROR, text, hint);
    return CLI_EXIT_USAGE;
}

static int
file_error(cli_session *session, const char *path)
{
    int reason = errno;
    cli_text text = {0}, hint = {0};
    cli_text_format(&text, "cannot read \"%s\": %s", path, strerror(reason));
    const char *nearest = cli_command_nearest(path);
    if (nearest != NULL && reason == ENOENT)
        cli_text_format(&hint, "did you mean the command \"%s\"?", nearest);
    else if (reason == ENOENT && strchr(path, ' ') != NULL)
        cli_text_append_z(&hint, "SQL on the command line stands behind -c");
    int code = usage_error(&session->messages, cli_text_z(&text), cli_text_z(&hint));
    cli_text_fini(&text);
    cli_text_fini(&hint);
    return code;
}

/* Reads the script and puts variables in. Returns an exit code. */
static int
input_read(cli_session *session, input *in)
{
    cli_text raw = {0}, unknown = {0};
    int code = CLI_EXIT_DONE;
    bool read_all = true;
    if (in->path == NULL)
        cli_text_append_z(&raw, session->options->sql);
    else if (strcmp(in->path, "-") == 0)
        read_all = cli_read_fd(STDIN_FILENO, &raw);
    else
        read_all = cli_read_file(in->path, &raw);
    if (!read_all) {
        code = file_error(session, in->path);
    } else if (!cli_variables_expand(&session->options->variables, cli_text_z(&raw), raw.size,
                                     &in->sql, &unknown)) {
        cli_text text = {0}, hint = {0};
        cli_text_format(&text, "no variable \"%s\"", cli_text_z(&unknown));
        cli_text_format(&hint, "give it: -v %s=VALUE", cli_text_z(&unknown));
        code = usage_error(&session->messages, cli_text_z(&text), cli_text_z(&hint));
        cli_text_fini(&text);
        cli_text_fini(&hint);
    }
    cli_text_fini(&raw);
    cli_text_fini(&unknown);
    return code;
}

/* Which of -c, -f, FILE and stdin it is; at most one. */
static bool
input_choose(const cli_options *options, input *in)
{
    const char *file = options->argument_count > 0 ? options->arguments[0] : NULL;
    int given = options->script_count + options->argument_count;
    in->path = options->sql != NULL ? NULL : options->file != NULL ? options->file : file;
    if (given == 0)
        in->path = "-";
    in->name = in->path == NULL ? "-c" : strcmp(in->path, "-") == 0 ? "stdin" : in->path;
    return given <= 1;
}

/* The file that a job may be named after. */
static const char *
file_of(const input *in)
{
    return in->path != NULL && strcmp(in->path, "-") != 0 ? in->path : NULL;
}

/* check, explain and run take a script as running does. */
static int
script_command(cli_session *session, cli_command command)
{
    input in = {0};
    if (!input_choose(session->options, &in)) {
        if (session->options->script_count == 0 && access(in.path, F_OK) != 0)
            return file_error(session, in.path); /* perhaps a command, misspelt */
        return usage_error(&session->messages, "more than one of FILE, -f and -c",
                           "run several files one after another: cat a.sql b.sql | weir");
    }
    bool nothing_given =
        in.path != NULL && session->options->argument_count == 0 && session->options->file == NULL;
    bool is_terminal = nothing_given && isatty(STDIN_FILENO) == 1;
    if (is_terminal && command == CLI_COMMAND_SQL)
        return cli_prompt_run(session);
    if (is_terminal || (nothing_given && command == CLI_COMMAND_RUN)) {
        return usage_error(&session->messages, "which FILE?", "weir help shows how");
    }
    int code = input_read(session, &in);
    cli_script script = {in.name, cli_text_z(&in.sql), in.sql.size};
    if (code == CLI_EXIT_DONE && command == CLI_COMMAND_CHECK)
        code = cli_check(session, &script);
    else if (code == CLI_EXIT_DONE && command == CLI_COMMAND_EXPLAIN)
        code = cli_explain(session, &script);
    else if (code == CLI_EXIT_DONE && command == CLI_COMMAND_RUN)
        code = cli_job_run(session, &script, file_of(&in));
    else if (code == CLI_EXIT_DONE)
        code = cli_run_script(session, &script);
    cli_text_fini(&in.sql);
    return code;
}

static int
later_command(cli_session *session, const char *what)
{
    cli_text text = {0};
    cli_text_format(&text, "%s: not in this version yet", what);
    int code = usage_error(&session->messages, cli_text_z(&text), NULL);
    cli_text_fini(&text);
    return code;
}

static int
command_run(cli_session *session)
{
    const cli_options *options = session->options;
    if (options->dot || options->connect)
        return later_command(session, options->dot ? "--dot" : "--connect");
    switch (options->command) {
    case CLI_COMMAND_SQL:
    case CLI_COMMAND_CHECK:
    case CLI_COMMAND_EXPLAIN:
    case CLI_COMMAND_RUN: return script_command(session, options->command);
    case CLI_COMMAND_DEMO:
        return options->script_count + options->argument_count == 0
                   ? cli_demo(session)
                   : usage_error(&session->messages, "demo runs a query of its own", NULL);
    case CLI_COMMAND_STATE: return cli_state(session);
    case CLI_COMMAND_FORMAT:
    case CLI_COMMAND_HELP:
    case CLI_COMMAND_VERSION:
    case CLI_COMMAND_STATUS:
    case CLI_COMMAND_CHECKPOINT:
    case CLI_COMMAND_SAVEPOINT:
    case CLI_COMMAND_STOP:
    case CLI_COMMAND_LATER: break;
    }
    return CLI_EXIT_DONE;
}

static bool
command_asks_job(cli_command command)
{
    return command == CLI_COMMAND_STATUS || command == CLI_COMMAND_CHECKPOINT ||
           command == CLI_COMMAND_SAVEPOINT || command == CLI_COMMAND_STOP;
}

static bool
command_is_plain(const cli_options *options)
{
    return options->help || options->version || options->command == CLI_COMMAND_HELP ||
           options->command == CLI_COMMAND_VERSION || options->command == CLI_COMMAND_LATER ||
           options->command == CLI_COMMAND_FORMAT ||
           command_asks_job(options->command);
}

/* Commands that need neither database nor init files. */
static int
plain_command(const cli_options *options)
{
    cli_session session = {.options = options};
    cli_messages_init(&session.messages, options);
    if (options->command == CLI_COMMAND_LATER)
        return later_command(&session, options->command_name);
    if (!cli_output_open(&session.output, NULL))
        return CLI_EXIT_RUNTIME;
    int code;
    if (options->version || options->command == CLI_COMMAND_VERSION)
        code = cli_version(&session);
    else if (command_asks_job(options->command))
        code = options->help ? cli_help(&session, options->command_name)
                             : cli_job_command(&session);
    else if (options->command == CLI_COMMAND_FORMAT && !options->help)
        code = cli_format(&session);
    else if (options->command == CLI_COMMAND_HELP)
        code = cli_help(&session, options->argument_count > 0 ? options->arguments[0] : NULL);
    else
        code = cli_help(&session, options->command_name);
    cli_output_close(&session.output);
    return code;
}

static int
options_failed(const cli_options *options, const cli_text *problem, const cli_text *hint)
{
    cli_messages messages;
    cli_messages_init(&messages, options);
    return usage_error(&messages, cli_text_z(problem),
                       hint->size > 0 ? cli_text_z(hint) : "weir --help lists the options");
}

/* A standard descriptor that is closed would be taken by the next file we open, and rows or
 * messages would go there: each gets one that fails at what it is for. */
static void
descriptors_fill(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

int
main(int argc, char **argv)
{
    cli_options options;
    cli_text problem = {0}, hint = {0};
    cli_session session;
    int code;
    descriptors_fill();
    cli_signals_install();
    cli_heap_init();
    if (!cli_options_parse(&options, argc, argv, &problem, &hint)) {
        code = options_failed(&options, &problem, &hint);
    } else if (command_is_plain(&options)) {
        code = plain_command(&options);
    } else {
        code = cli_session_open(&session, &options);
        if (code == CLI_EXIT_DONE)
            code = command_run(&session);
        code = cli_session_close(&session, code);
    }
    cli_text_fini(&problem);
    cli_text_fini(&hint);
    cli_options_fini(&options);
    return code;
}
