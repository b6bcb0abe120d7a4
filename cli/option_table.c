/* Every option and command of `weir`, one line each.
 *
 * 1. Whatever --help prints can be parsed, and the other way round: both read these tables. */
#include "cli/option_table.h"

#include <string.h>

static const cli_option_entry OPTIONS[] = {
    {OPTION_COMMAND, 'c', "command", "SQL", NULL, "run these statements"},
    {OPTION_FILE, 'f', "file", "FILE", NULL, "run the statements of a file (- is stdin)"},
    {OPTION_INIT, 'i', "init", "FILE", NULL, "run this file first, after the usual init files"},
    {OPTION_NO_INIT, 'X', "no-init", NULL, NULL,
     "skip /etc/weir/init.sql and ~/.config/weir/init.sql"},
    {OPTION_MODE, 'o', "mode", "MODE", "table|line|csv|tsv|json|jsonl|markdown|null",
     "how rows look (terminal: table, else jsonl)"},
    {OPTION_OUTPUT, 'O', "output", "FILE", NULL, "write rows to a file instead of stdout"},
    {OPTION_SET, 'D', "set", "NAME=VALUE", NULL, "a setting, stronger than SET in the file"},
    {OPTION_VARIABLE, 'v', "variable", "NAME=VALUE", NULL,
     "${NAME} in the SQL stands for VALUE, :'NAME' for it as a quoted text"},
    {OPTION_MAX_ROWS, 'n', "max-rows", "ROWS", NULL, "stop after so many rows"},
    {OPTION_TIME, 't', "time", "DURATION", NULL, "stop after so long (5s, '2 minutes')"},
    {OPTION_SECONDS, 0, "seconds", "N", NULL, "stop after N seconds"},
    {OPTION_UNTIL_EOF, 0, "until-eof", NULL, NULL,
     "read every source to what is there now, then end"},
    {OPTION_DRAIN, 0, "drain", NULL, NULL, "with --until-eof: close all windows at the end"},
    {OPTION_CHANGELOG, 0, "changelog", NULL, NULL, "show changes as +I -U +U -D rows"},
    {OPTION_QUIET, 'q', "quiet", NULL, NULL, "no notices, no status line"},
    {OPTION_COLOR, 0, "color", "WHEN", "auto|always|never", "colour (auto honours NO_COLOR)"},
    {OPTION_PROGRESS, 0, "progress", "WHEN", "auto|off", "the status line on a terminal"},
    {OPTION_ERRORS, 0, "errors", "FORM", "text|json", "messages as text or one JSON object a line"},
    {OPTION_LOG_LEVEL, 0, "log-level", "LEVEL", "error|warn|info|debug",
     "which messages are shown"},
    {OPTION_JSON, 0, "json", NULL, NULL, "explain: the plan as JSON"},
    {OPTION_DOT, 0, "dot", NULL, NULL, "explain: the plan as a graph (later)"},
    {OPTION_CONNECT, 0, "connect", NULL, NULL, "check: ask the sources too (later)"},
    {OPTION_HELP, 'h', "help", NULL, NULL, "this text"},
    {OPTION_VERSION, 'V', "version", NULL, NULL, "the version"},
};
enum { OPTION_COUNT = sizeof(OPTIONS) / sizeof(OPTIONS[0]) };

static const cli_command_entry COMMANDS[] = {
    {"demo", "", CLI_COMMAND_DEMO, "see it work: an embedded broker and the sample query"},
    {"check", "FILE", CLI_COMMAND_CHECK, "find mistakes without running anything"},
    {"explain", "FILE [--json]", CLI_COMMAND_EXPLAIN, "show the plan of each query"},
    {"help", "[TOPIC]", CLI_COMMAND_HELP, "a command, statement, function, setting or error code"},
    {"version", "", CLI_COMMAND_VERSION, "the version"},
    {"run", "FILE", CLI_COMMAND_LATER, "a long-running job in the foreground"},
    {"submit", "FILE", CLI_COMMAND_LATER, "a job in the background"},
    {"ps", "", CLI_COMMAND_LATER, "list jobs"},
    {"status", "NAME", CLI_COMMAND_LATER, "how a job is doing"},
    {"top", "NAME", CLI_COMMAND_LATER, "a job's operators, live"},
    {"logs", "NAME", CLI_COMMAND_LATER, "what a job has logged"},
    {"stop", "NAME", CLI_COMMAND_LATER, "stop a job, keep its state"},
    {"pause", "NAME", CLI_COMMAND_LATER, "hold a job"},
    {"resume", "NAME", CLI_COMMAND_LATER, "go on with a job"},
    {"checkpoint", "NAME", CLI_COMMAND_LATER, "write a job's state now"},
    {"savepoint", "NAME FILE", CLI_COMMAND_LATER, "copy a job's state to a file"},
    {"state", "DIR", CLI_COMMAND_LATER, "what is in a state directory"},
    {"fmt", "FILE", CLI_COMMAND_LATER, "format SQL"},
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
