/* Parses the command line by the tables of option_table.c.
 *
 *   weir [options] FILE.sql            weir [options] COMMAND [arguments]
 *
 * The first word that is no option is a command if the command table has it, else the file.
 * Options may stand anywhere; `--` ends them; values come as -oVALUE, -o VALUE, --mode=VALUE or
 * --mode VALUE.
 *
 * 1. A wrong command line changes nothing: it is parsed whole before anything is opened. */
#include "cli/options.h"

#include "cli/duration.h"
#include "cli/option_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
option_apply(cli_options *options, const cli_option_entry *entry, const char *value)
{
    int choice = entry->choices != NULL ? choice_index(entry->choices, value) : 0;
    if (choice < 0)
        return false;
    switch (entry->id) {
    case OPTION_COMMAND:
        options->sql = value;
        options->script_count++;
        return true;
    case OPTION_FILE:
        options->file = value;
        options->script_count++;
        return true;
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
    case OPTION_STATE: options->state_dir = value; return true;
    case OPTION_NAME: options->job_name = value; return true;
    case OPTION_RESTORE: options->restore = value; return true;
    case OPTION_SINK_AHEAD: options->sink_ahead = choice + 1; return true;
    case OPTION_CONTROL: options->control = value; return true;
    case OPTION_CHANGELOG: options->changelog = true; return true;
    case OPTION_QUIET: options->quiet = true; return true;
    case OPTION_COLOR: options->color = (cli_choice)choice; return true;
    case OPTION_PROGRESS: options->progress = choice == 1 ? CLI_OFF : CLI_AUTO; return true;
    case OPTION_ERRORS: options->errors_json = choice == 1; return true;
    case OPTION_LOG_LEVEL: options->log_level = choice; return true;
    case OPTION_JSON: options->json = true; return true;
    case OPTION_DOT: options->dot = true; return true;
    case OPTION_CONNECT: options->connect = true; return true;
    case OPTION_WRITE: options->write = true; return true;
    case OPTION_CHECK: options->check = true; return true;
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
    const cli_option_entry *restricted; /* the last option that not all commands take */
    cli_text *problem, *hint;
} option_parser;

static bool
option_take(option_parser *parser, const cli_option_entry *entry, const char *value)
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
    if (entry->command != NULL)
        parser->restricted = entry;
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
    const cli_option_entry *entry = cli_option_by_name(word, size);
    if (entry != NULL)
        return option_take(parser, entry, equals != NULL ? equals + 1 : NULL);
    cli_text_format(parser->problem, "unknown option --%.*s", (int)size, word);
    const char *nearest = cli_option_nearest(word);
    if (nearest != NULL)
        cli_text_format(parser->hint, "did you mean --%s?", nearest);
    return false;
}

/* -qX is -q -X; -ojson is -o json. */
static bool
letters_take(option_parser *parser, const char *letters)
{
    for (; *letters != '\0'; letters++) {
        const cli_option_entry *entry = cli_option_by_letter(*letters);
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
    const cli_command_entry *command = cli_command_by_name(word);
    if (options->command_name == NULL && options->argument_count == 0 && command != NULL) {
        options->command = command->id;
        options->command_name = command->name;
        return;
    }
    options->arguments[options->argument_count++] = word;
}

/* An option of another command would be ignored, which nobody wants. */
static bool
option_fits(option_parser *parser)
{
    const cli_option_entry *entry = parser->restricted;
    const char *command = parser->options->command_name;
    if (entry == NULL || choice_index(entry->command, command != NULL ? command : "SQL") >= 0)
        return true;
    cli_text_format(parser->problem, "option --%s belongs to weir %.*s", entry->name,
                    (int)strcspn(entry->command, "|"), entry->command);
    return false;
}

bool
cli_options_parse(cli_options *options, int argc, char **argv, cli_text *problem, cli_text *hint)
{
    *options = (cli_options){.max_rows = -1, .run_us = -1, .log_level = 2};
    options->arguments = cli_allocate((size_t)argc, sizeof(options->arguments[0]));
    option_parser parser = {options, argc, 1, argv, NULL, problem, hint};
    bool only_words = false;
    for (; parser.at < argc; parser.at++) {
        const char *word = argv[parser.at];
        if (only_words || word[0] != '-' || word[1] == '\0') {
            word_take(options, word);
            /* A later command has options that we do not know yet. */
            if (options->command == CLI_COMMAND_LATER)
                return true;
            /* help --mode explains the option. */
            only_words = only_words || options->command == CLI_COMMAND_HELP;
        } else if (strcmp(word, "--") == 0) {
            only_words = true;
        } else if (word[1] == '-' ? !long_option_take(&parser, word + 2)
                                  : !letters_take(&parser, word + 1)) {
            return false;
        }
    }
    return option_fits(&parser);
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
