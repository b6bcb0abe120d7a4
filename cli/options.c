/* The command line, driven by two tables.
 *
 *   weir [options] FILE.sql            weir [options] COMMAND [arguments]
 *
 * The first word that is no option is a command if the command table has it, else the file.
 * Options may stand anywhere; `--` ends them; values come as -oVALUE, -o VALUE, --mode=VALUE or
 * --mode VALUE.
 *
 * 1. Whatever --help prints can be parsed, and the other way round: both read OPTIONS.
 * 2. A wrong command line changes nothing: it is parsed whole before anything is opened. */
#include "cli/options.h"

#include "cli/duration.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef enum option_id {
    OPTION_COMMAND,
    OPTION_FILE,
    OPTION_INIT,
    OPTION_NO_INIT,
    OPTION_MODE,
    OPTION_OUTPUT,
    OPTION_SET,
    OPTION_VARIABLE,
    OPTION_MAX_ROWS,
    OPTION_TIME,
    OPTION_SECONDS,
    OPTION_UNTIL_EOF,
    OPTION_DRAIN,
    OPTION_CHANGELOG,
    OPTION_QUIET,
    OPTION_COLOR,
    OPTION_PROGRESS,
    OPTION_ERRORS,
    OPTION_LOG_LEVEL,
    OPTION_JSON,
    OPTION_DOT,
    OPTION_CONNECT,
    OPTION_HELP,
    OPTION_VERSION
} option_id;

typedef struct option_entry {
    option_id id;
    char letter;         /* 0: none */
    const char *name;    /* without -- */
    const char *value;   /* its name in --help; NULL: a flag */
    const char *choices; /* separated by |; NULL: anything */
    const char *help;
} option_entry;

static const option_entry OPTIONS[] = {
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

typedef struct command_entry {
    const char *name, *arguments;
    cli_command id;
    const char *help;
} command_entry;

static const command_entry COMMANDS[] = {
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
cli_options_nearest_command(const char *word)
{
    return cli_nearest(word, command_name);
}

/* ── looking up ─────────────────────────────────────────────────────────────────────────────── */

static const option_entry *
option_by_name(const char *name, size_t size)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (strlen(OPTIONS[i].name) == size && memcmp(OPTIONS[i].name, name, size) == 0)
            return &OPTIONS[i];
    }
    return NULL;
}

static const option_entry *
option_by_letter(char letter)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (OPTIONS[i].letter == letter)
            return &OPTIONS[i];
    }
    return NULL;
}

static const command_entry *
command_find(const char *name)
{
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(COMMANDS[i].name, name) == 0)
            return &COMMANDS[i];
    }
    return NULL;
}

/* Number of `value` among "a|b|c", -1: not there. */
static int
choice_index(const char *choices, const char *value)
{
    size_t size = strlen(value);
    int index = 0;
    for (const char *at = choices; at != NULL; index++) {
        const char *bar = strchr(at, '|');
        size_t length = bar != NULL ? (size_t)(bar - at) : strlen(at);
        if (length == size && memcmp(at, value, size) == 0)
            return index;
        at = bar != NULL ? bar + 1 : NULL;
    }
    return -1;
}

/* ── values ─────────────────────────────────────────────────────────────────────────────────── */

static bool
pair_add(cli_pairs *pairs, const char *value)
{
    const char *equals = strchr(value, '=');
    if (equals == NULL || equals == value)
        return false;
    pairs->items = cli_reallocate(pairs->items, (size_t)pairs->count + 1, sizeof(pairs->items[0]));
    cli_pair *pair = &pairs->items[pairs->count++];
    pair->name = cli_copy(value);
    pair->name[equals - value] = '\0';
    pair->value = cli_copy(equals + 1);
    return true;
}

static bool
count_parse(const char *value, int64_t *count)
{
    char *end;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || number < 0)
        return false;
    *count = number;
    return true;
}

static bool
seconds_parse(const char *value, int64_t *us)
{
    int64_t seconds;
    if (!count_parse(value, &seconds) || seconds > 1000000000)
        return false;
    *us = seconds * 1000000;
    return true;
}

/* Takes one option; false: its value is wrong. */
static bool
option_apply(cli_options *options, const option_entry *entry, const char *value)
{
    int choice = entry->choices != NULL ? choice_index(entry->choices, value) : 0;
    if (choice < 0)
        return false;
    switch (entry->id) {
    case OPTION_COMMAND: options->sql = value; return true;
    case OPTION_FILE: options->file = value; return true;
    case OPTION_INIT: options->init_file = value; return true;
    case OPTION_NO_INIT: options->no_init = true; return true;
    case OPTION_MODE: options->mode = (cli_mode)(choice + 1); return true;
    case OPTION_OUTPUT: options->output_file = value; return true;
    case OPTION_SET: return pair_add(&options->settings, value);
    case OPTION_VARIABLE: return pair_add(&options->variables, value);
    case OPTION_MAX_ROWS: return count_parse(value, &options->max_rows);
    case OPTION_TIME: return cli_duration_parse(value, &options->run_us);
    case OPTION_SECONDS: return seconds_parse(value, &options->run_us);
    case OPTION_UNTIL_EOF: options->until_end = true; return true;
    case OPTION_DRAIN: options->drain = true; return true;
    case OPTION_CHANGELOG: options->changelog = true; return true;
    case OPTION_QUIET: options->quiet = true; return true;
    case OPTION_COLOR: options->color = (cli_choice)choice; return true;
    case OPTION_PROGRESS: options->progress = choice == 1 ? CLI_OFF : CLI_AUTO; return true;
    case OPTION_ERRORS: options->errors_json = choice == 1; return true;
    case OPTION_LOG_LEVEL: options->log_level = choice; return true;
    case OPTION_JSON: options->json = true; return true;
    case OPTION_DOT: options->dot = true; return true;
    case OPTION_CONNECT: options->connect = true; return true;
    case OPTION_HELP: options->help = true; return true;
    case OPTION_VERSION: options->version = true; return true;
    }
    return false;
}

/* ── parsing ────────────────────────────────────────────────────────────────────────────────── */

typedef struct option_parser {
    cli_options *options;
    int argc, at;
    char **argv;
    cli_text *problem, *hint;
} option_parser;

static bool
option_take(option_parser *parser, const option_entry *entry, const char *value)
{
    if (entry->value == NULL && value != NULL) {
        cli_text_format(parser->problem, "option --%s takes no value", entry->name);
        return false;
    }
    if (entry->value != NULL && value == NULL) {
        if (parser->at + 1 >= parser->argc) {
            cli_text_format(parser->problem, "option --%s needs a value: %s", entry->name,
                            entry->choices != NULL ? entry->choices : entry->value);
            return false;
        }
        value = parser->argv[++parser->at];
    }
    if (option_apply(parser->options, entry, value))
        return true;
    cli_text_format(parser->problem, "option --%s cannot be \"%s\"", entry->name, value);
    if (entry->choices != NULL)
        cli_text_format(parser->hint, "one of %s", entry->choices);
    else
        cli_text_format(parser->hint, "it wants %s: %s", entry->value, entry->help);
    return false;
}

static bool
long_option_take(option_parser *parser, const char *word)
{
    const char *equals = strchr(word, '=');
    size_t size = equals != NULL ? (size_t)(equals - word) : strlen(word);
    const option_entry *entry = option_by_name(word, size);
    if (entry != NULL)
        return option_take(parser, entry, equals != NULL ? equals + 1 : NULL);
    cli_text_format(parser->problem, "unknown option --%.*s", (int)size, word);
    const char *nearest = cli_nearest(word, option_name);
    if (nearest != NULL)
        cli_text_format(parser->hint, "did you mean --%s?", nearest);
    return false;
}

/* -qX is -q -X; -ojson is -o json. */
static bool
letters_take(option_parser *parser, const char *letters)
{
    for (; *letters != '\0'; letters++) {
        const option_entry *entry = option_by_letter(*letters);
        if (entry == NULL) {
            cli_text_format(parser->problem, "unknown option -%c", *letters);
            return false;
        }
        bool glued = entry->value != NULL && letters[1] != '\0';
        if (!option_take(parser, entry, glued ? letters + 1 : NULL))
            return false;
        if (entry->value != NULL)
            return true;
    }
    return true;
}

static void
word_take(cli_options *options, const char *word)
{
    const command_entry *command = command_find(word);
    if (options->command_name == NULL && options->argument_count == 0 && command != NULL) {
        options->command = command->id;
        options->command_name = command->name;
        return;
    }
    options->arguments[options->argument_count++] = word;
}

bool
cli_options_parse(cli_options *options, int argc, char **argv, cli_text *problem, cli_text *hint)
{
    *options = (cli_options){.max_rows = -1, .run_us = -1, .log_level = 2};
    options->arguments = cli_allocate((size_t)argc, sizeof(options->arguments[0]));
    option_parser parser = {options, argc, 1, argv, problem, hint};
    bool only_words = false;
    for (; parser.at < argc; parser.at++) {
        const char *word = argv[parser.at];
        if (only_words || word[0] != '-' || word[1] == '\0') {
            word_take(options, word);
            /* A later command has options that we do not know yet. */
            if (options->command == CLI_COMMAND_LATER)
                return true;
        } else if (strcmp(word, "--") == 0) {
            only_words = true;
        } else if (word[1] == '-' ? !long_option_take(&parser, word + 2)
                                  : !letters_take(&parser, word + 1)) {
            return false;
        }
    }
    return true;
}

static void
pairs_fini(cli_pairs *pairs)
{
    for (int i = 0; i < pairs->count; i++) {
        free(pairs->items[i].name);
        free(pairs->items[i].value);
    }
    free(pairs->items);
}

void
cli_options_fini(cli_options *options)
{
    pairs_fini(&options->settings);
    pairs_fini(&options->variables);
    free(options->arguments);
}

/* ── help ───────────────────────────────────────────────────────────────────────────────────── */

static void
option_describe(const option_entry *entry, cli_text *out)
{
    cli_text left = {0};
    if (entry->letter != 0)
        cli_text_format(&left, "-%c, --%s", entry->letter, entry->name);
    else
        cli_text_format(&left, "    --%s", entry->name);
    if (entry->value != NULL)
        cli_text_format(&left, " %s", entry->value);
    cli_text_format(out, "  %-26s %s\n", cli_text_z(&left), entry->help);
    if (entry->choices != NULL)
        cli_text_format(out, "  %-26s %s\n", "", entry->choices);
    cli_text_fini(&left);
}

static void
command_describe(const command_entry *entry, cli_text *out)
{
    cli_text left = {0};
    cli_text_format(&left, "weir %s %s", entry->name, entry->arguments);
    cli_text_format(out, "  %-26s %s\n", cli_text_z(&left), entry->help);
    cli_text_fini(&left);
}

void
cli_options_usage(cli_text *out)
{
    cli_text_append_z(out, "weir: SQL over streams\n\n"
                           "  weir [options] FILE.sql    run the statements of a file\n"
                           "  weir [options] -c SQL      run these statements\n"
                           "  weir [options]             run what comes on stdin\n");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (COMMANDS[i].id != CLI_COMMAND_LATER)
            command_describe(&COMMANDS[i], out);
    }
    cli_text_append_z(out, "\noptions\n");
    for (int i = 0; i < OPTION_COUNT; i++)
        option_describe(&OPTIONS[i], out);
    cli_text_append_z(out, "\nnot in this version yet:");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (COMMANDS[i].id == CLI_COMMAND_LATER)
            cli_text_format(out, " %s", COMMANDS[i].name);
    }
    cli_text_append_z(out, "\n\nexit codes: 0 done or stopped, 1 failed while running, 2 wrong "
                           "command line,\n  3 wrong SQL, 4 source or sink not reachable, "
                           "5 state does not fit, 130/143 second signal\n");
}

bool
cli_options_describe(const char *topic, cli_text *out)
{
    const command_entry *command = command_find(topic);
    const option_entry *option = NULL;
    if (command != NULL) {
        command_describe(command, out);
        if (command->id == CLI_COMMAND_LATER)
            cli_text_append_z(out, "  (not in this version yet)\n");
        return true;
    }
    if (topic[0] == '-' && topic[1] == '-')
        option = option_by_name(topic + 2, strlen(topic + 2));
    else if (topic[0] == '-' && topic[1] != '\0' && topic[2] == '\0')
        option = option_by_letter(topic[1]);
    if (option != NULL)
        option_describe(option, out);
    return option != NULL;
}
