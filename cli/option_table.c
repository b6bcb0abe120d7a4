/* Every option and command of `weir`, one line each.
 *
 * 1. Whatever --help prints can be parsed, and the other way round: both read these tables. */
#include "cli/option_table.h"

#include <string.h>

static const cli_option_entry OPTIONS[] = {
    {OPTION_COMMAND, 'c', "command", "SQL", NULL, NULL, "run these statements"},
    {OPTION_FILE, 'f', "file", "FILE", NULL, NULL, "run the statements of a file (- is stdin)"},
    {OPTION_INIT, 'i', "init", "FILE", NULL, NULL,
     "run this file first, after the usual init files"},
    {OPTION_NO_INIT, 'X', "no-init", NULL, NULL, NULL,
     "skip /etc/weir/init.sql and ~/.config/weir/init.sql"},
    {OPTION_MODE, 'o', "mode", "MODE", "table|line|csv|tsv|json|jsonl|markdown|null", NULL,
     "how rows look (terminal: table, else jsonl)"},
    {OPTION_OUTPUT, 'O', "output", "FILE", NULL, NULL, "write rows to a file instead of stdout"},
    {OPTION_SET, 'D', "set", "NAME=VALUE", NULL, NULL, "a setting, stronger than SET in the file"},
    {OPTION_VARIABLE, 'v', "variable", "NAME=VALUE", NULL, NULL,
     "${NAME} in the SQL stands for VALUE, :'NAME' for it as a quoted text"},
    {OPTION_MAX_ROWS, 'n', "max-rows", "ROWS", NULL, NULL, "stop after so many rows"},
    {OPTION_TIME, 't', "time", "DURATION", NULL, NULL, "stop after so long (5s, '2 minutes')"},
    {OPTION_SECONDS, 0, "seconds", "N", NULL, NULL, "stop after N seconds"},
    {OPTION_UNTIL_EOF, 0, "until-eof", NULL, NULL, NULL,
     "read every source to what is there now, then end"},
    {OPTION_DRAIN, 0, "drain", NULL, NULL, NULL,
     "with --until-eof, or stop: close all windows at the end"},
    {OPTION_STATE, 0, "state", "DIR", NULL, "run|check|explain|SQL",
     "where declarations are kept; run: where the job's state lives too"},
    {OPTION_NAME, 0, "name", "NAME", NULL, "run", "the job's name, if CREATE JOB gives none"},
    {OPTION_RESTORE, 0, "restore", "FILE", NULL, "run", "begin with a savepoint"},
    {OPTION_SINK_AHEAD, 0, "sink-ahead", "HOW", "duplicate|skip", "run",
     "a sink shows more than the state: write it again, or leave it out"},
    {OPTION_CONTROL, 0, "control", "PATH", NULL, "run", "where the control socket lies"},
    {OPTION_CHANGELOG, 0, "changelog", NULL, NULL, NULL, "show changes as +I -U +U -D rows"},
    {OPTION_QUIET, 'q', "quiet", NULL, NULL, NULL, "no notices, no status line"},
    {OPTION_COLOR, 0, "color", "WHEN", "auto|always|never", NULL, "colour (auto honours NO_COLOR)"},
    {OPTION_PROGRESS, 0, "progress", "WHEN", "auto|off", NULL, "the status line on a terminal"},
    {OPTION_ERRORS, 0, "errors", "FORM", "text|json", NULL,
     "messages as text or one JSON object a line"},
    {OPTION_LOG_LEVEL, 0, "log-level", "LEVEL", "error|warn|info|debug", NULL,
     "which messages are shown"},
    {OPTION_JSON, 0, "json", NULL, NULL, NULL, "explain, status: as JSON"},
    {OPTION_DOT, 0, "dot", NULL, NULL, NULL, "explain: the plan as a graph (later)"},
    {OPTION_CONNECT, 0, "connect", NULL, NULL, NULL, "check: ask the sources too (later)"},
    {OPTION_WRITE, 'w', "write", NULL, NULL, "fmt", "put the formatted text into the files"},
    {OPTION_CHECK, 0, "check", NULL, NULL, "fmt", "exit 1 if a file is not formatted"},
    {OPTION_HELP, 'h', "help", NULL, NULL, NULL, "this text"},
    {OPTION_VERSION, 'V', "version", NULL, NULL, NULL, "the version"},
};
enum { OPTION_COUNT = sizeof(OPTIONS) / sizeof(OPTIONS[0]) };

static const cli_command_entry COMMANDS[] = {
    {"demo", "", CLI_COMMAND_DEMO, "see it work: an embedded broker and the sample query"},
    {"check", "FILE", CLI_COMMAND_CHECK, "find mistakes without running anything"},
    {"explain", "FILE [--json]", CLI_COMMAND_EXPLAIN, "show the plan of each query"},
    {"fmt", "[FILE…]", CLI_COMMAND_FORMAT, "format SQL; also what comes on stdin"},
    {"run", "FILE", CLI_COMMAND_RUN, "a long-running job in the foreground"},
    {"status", "NAME [--json]", CLI_COMMAND_STATUS, "how a job is doing"},
    {"checkpoint", "NAME", CLI_COMMAND_CHECKPOINT, "write a job's state now"},
    {"savepoint", "NAME FILE", CLI_COMMAND_SAVEPOINT, "copy a job's state to a file"},
    {"stop", "NAME [--drain]", CLI_COMMAND_STOP, "stop a job, keep its state"},
    {"state", "DIR [PART]", CLI_COMMAND_STATE, "what a job remembers: windows, positions, …"},
    {"help", "[TOPIC]", CLI_COMMAND_HELP, "a command, statement, function, setting or error code"},
    {"version", "", CLI_COMMAND_VERSION, "the version"},
    {"submit", "FILE", CLI_COMMAND_LATER, "a job in the background"},
    {"ps", "", CLI_COMMAND_LATER, "list jobs"},
    {"top", "NAME", CLI_COMMAND_LATER, "a job's operators, live"},
    {"logs", "NAME", CLI_COMMAND_LATER, "what a job has logged"},
    {"pause", "NAME", CLI_COMMAND_LATER, "hold a job"},
    {"resume", "NAME", CLI_COMMAND_LATER, "go on with a job"},
    {"test", "DIR", CLI_COMMAND_LATER, "run test files"},
    {"peek", "SOURCE", CLI_COMMAND_LATER, "sample a topic or a file"},
    {"export", "--to ENGINE FILE", CLI_COMMAND_LATER, "the query in another engine's SQL"},
    {"completion", "SHELL", CLI_COMMAND_LATER, "completions for bash, zsh or fish"},
};
enum { COMMAND_COUNT = sizeof(COMMANDS) / sizeof(COMMANDS[0]) };

const cli_option_entry *
cli_option_at(int i)
{
    return i < OPTION_COUNT ? &OPTIONS[i] : NULL;
}

const cli_command_entry *
cli_command_at(int i)
{
    return i < COMMAND_COUNT ? &COMMANDS[i] : NULL;
}

const cli_option_entry *
cli_option_by_name(const char *name, size_t size)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (strlen(OPTIONS[i].name) == size && memcmp(OPTIONS[i].name, name, size) == 0)
            return &OPTIONS[i];
    }
    return NULL;
}

const cli_option_entry *
cli_option_by_letter(char letter)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (OPTIONS[i].letter == letter)
            return &OPTIONS[i];
    }
    return NULL;
}

const cli_command_entry *
cli_command_by_name(const char *name)
{
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(COMMANDS[i].name, name) == 0)
            return &COMMANDS[i];
    }
    return NULL;
}

static const char *
option_name(int i)
{
    return i < OPTION_COUNT ? OPTIONS[i].name : NULL;
}

static const char *
command_name(int i)
{
    return i < COMMAND_COUNT ? COMMANDS[i].name : NULL;
}

const char *
cli_option_nearest(const char *word)
{
    return cli_nearest(word, option_name);
}

const char *
cli_command_nearest(const char *word)
{
    return cli_nearest(word, command_name);
}
