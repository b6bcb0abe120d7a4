/* The command line: one table of options and one of commands. Parsing, --help, did-you-mean and
 * the list of what comes later read the same two tables. */
#ifndef WEIR_CLI_OPTIONS_H
#define WEIR_CLI_OPTIONS_H

#include "cli/text.h"

#include <stdint.h>

typedef enum cli_choice { CLI_AUTO, CLI_ON, CLI_OFF } cli_choice;

typedef enum cli_mode {
    CLI_MODE_AUTO, /* table on a terminal, jsonl elsewhere */
    CLI_MODE_TABLE,
    CLI_MODE_LINE,
    CLI_MODE_CSV,
    CLI_MODE_TSV,
    CLI_MODE_JSON,
    CLI_MODE_JSONL,
    CLI_MODE_MARKDOWN,
    CLI_MODE_NULL
} cli_mode;

typedef enum cli_command {
    CLI_COMMAND_SQL, /* no command word: a file, -c, or stdin */
    CLI_COMMAND_DEMO,
    CLI_COMMAND_CHECK,
    CLI_COMMAND_EXPLAIN,
    CLI_COMMAND_HELP,
    CLI_COMMAND_VERSION,
    CLI_COMMAND_RUN,
    CLI_COMMAND_STATUS,
    CLI_COMMAND_CHECKPOINT,
    CLI_COMMAND_SAVEPOINT,
    CLI_COMMAND_STOP,
    CLI_COMMAND_STATE,
    CLI_COMMAND_FORMAT,
    CLI_COMMAND_LATER /* known, not built yet */
} cli_command;

/* A name=value given with -D or -v. */
typedef struct cli_pair {
    char *name, *value;
} cli_pair;

typedef struct cli_pairs {
    cli_pair *items;
    int count;
} cli_pairs;

typedef struct cli_options {
    cli_command command;
    const char *command_name;
    const char *sql, *file, *init_file, *output_file; /* borrowed from argv */
    int script_count;                                 /* how often -c and -f were given */
    bool no_init, until_end, drain, changelog, quiet, help, version, json, dot, connect;
    bool write, check; /* fmt */
    const char *state_dir, *job_name, *restore, *control; /* run; NULL: not given */
    int sink_ahead;                                       /* 0 not given, 1 duplicate, 2 skip */
    cli_mode mode;
    cli_choice color, progress;
    bool errors_json;
    int log_level;    /* 0 error, 1 warn, 2 info, 3 debug */
    int64_t max_rows; /* -1: no limit */
    int64_t run_us;   /* -t; -1: no limit */
    cli_pairs settings, variables;
    const char **arguments; /* what is neither option nor command */
    int argument_count;
} cli_options;

/* false: *problem is a line for the user, *hint a second one or empty (exit 2). */
bool cli_options_parse(cli_options *options, int argc, char **argv, cli_text *problem,
                       cli_text *hint);
void cli_options_fini(cli_options *options);

/* The text of --help, and of one command or option ("demo", "-o"); false: no such thing. */
void cli_options_usage(cli_text *out);
bool cli_options_describe(const char *topic, cli_text *out);

#endif
