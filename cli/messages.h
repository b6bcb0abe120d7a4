/* Everything that is not a row: errors, warnings, notices, the first bad row; all on stderr. */
#ifndef WEIR_CLI_MESSAGES_H
#define WEIR_CLI_MESSAGES_H

#include "cli/options.h"
#include "weir.h"

typedef enum cli_exit {
    CLI_EXIT_DONE = 0,
    CLI_EXIT_RUNTIME = 1,
    CLI_EXIT_USAGE = 2,
    CLI_EXIT_SQL = 3,
    CLI_EXIT_UNREACHABLE = 4,
    CLI_EXIT_STATE = 5
} cli_exit;

typedef enum cli_level { CLI_ERROR, CLI_WARNING, CLI_NOTICE } cli_level;

typedef struct cli_messages {
    bool json;        /* --errors json: one object a line */
    bool color;       /* stderr takes colours */
    bool is_terminal; /* stderr is one */
    bool quiet;
    int log_level;
    bool status_drawn; /* the status line stands on the last line of the terminal */
} cli_messages;

/* Where a piece of SQL came from, so that positions can be shown. */
typedef struct cli_script {
    const char *name; /* "q.sql", "-c", "stdin" */
    const char *sql;  /* whole text after variable substitution */
    size_t size;
} cli_script;

void cli_messages_init(cli_messages *messages, const cli_options *options);
/* One line. `hint` may be NULL. */
void cli_message(cli_messages *messages, cli_level level, const char *text, const char *hint);
/* An error of the library with its place in the script; `base`: where in the script the text that
 * weir_prepare saw begins. Returns the exit code it stands for. */
int cli_message_error(cli_messages *messages, const weir_error *error, const cli_script *script,
                      size_t base);
/* A text on stderr as it is; takes the status line away first. */
void cli_messages_write(cli_messages *messages, const char *text, size_t size);
/* Takes the status line off the terminal, so that something else can be written. */
void cli_messages_clear_status(cli_messages *messages);
int cli_exit_of(const weir_error *error);

#endif
