/* The two tables of the command line: options and commands. Parsing, help and did-you-mean read
 * them; a new option is one line and one case. */
#ifndef WEIR_CLI_OPTION_TABLE_H
#define WEIR_CLI_OPTION_TABLE_H

#include "cli/options.h"

typedef enum cli_option_id {
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
    OPTION_STATE,
    OPTION_NAME,
    OPTION_RESTORE,
    OPTION_SINK_AHEAD,
    OPTION_CONTROL,
    OPTION_CHANGELOG,
    OPTION_QUIET,
    OPTION_COLOR,
    OPTION_PROGRESS,
    OPTION_ERRORS,
    OPTION_LOG_LEVEL,
    OPTION_JSON,
    OPTION_DOT,
    OPTION_CONNECT,
    OPTION_WRITE,
    OPTION_CHECK,
    OPTION_HELP,
    OPTION_VERSION
} cli_option_id;

typedef struct cli_option_entry {
    cli_option_id id;
    char letter;         /* 0: none */
    const char *name;    /* without -- */
    const char *value;   /* its name in --help; NULL: a flag */
    const char *choices; /* separated by |; NULL: anything */
    const char *command; /* those that take it, separated by |, SQL for none; NULL: all */
    const char *help;
} cli_option_entry;

typedef struct cli_command_entry {
    const char *name, *arguments;
    cli_command id;
    const char *help;
} cli_command_entry;

/* Entry i, NULL at the end. */
const cli_option_entry *cli_option_at(int i);
const cli_command_entry *cli_command_at(int i);
/* NULL: no such thing. `size` bytes of the name without --. */
const cli_option_entry *cli_option_by_name(const char *name, size_t size);
const cli_option_entry *cli_option_by_letter(char letter);
const cli_command_entry *cli_command_by_name(const char *name);
/* Nearest names, NULL: nothing is near. */
const char *cli_option_nearest(const char *word);
const char *cli_command_nearest(const char *word);

#endif
