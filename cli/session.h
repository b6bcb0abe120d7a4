/* What lasts for one run of the command: the database, messages, output and limits. */
#ifndef WEIR_CLI_SESSION_H
#define WEIR_CLI_SESSION_H

#include "cli/messages.h"
#include "cli/output.h"

typedef struct cli_session {
    const cli_options *options;
    cli_messages messages;
    cli_output output;
    cli_mode mode;
    weir_db *db;
    int64_t deadline_us; /* -t, on weir_monotonic_us; -1: none */
    uint64_t bad_shown;  /* bad rows of this query that were shown (the first one) */
    bool stopped;        /* by a signal, -t or a closed pipe: what follows does not run */
} cli_session;

/* Opens database and output, runs init files, applies WEIR_* and -D. Returns an exit code (0: go
 * on); messages have been written. cli_session_close is right after any result. */
int cli_session_open(cli_session *session, const cli_options *options);
/* -D again: a flag is stronger than SET in a file. Returns an exit code. */
int cli_session_apply_settings(cli_session *session);
/* Closes everything. `code` so far; returns it, or 1 when the last bytes could not be written. */
int cli_session_close(cli_session *session, int code);
/* The message of a failed output; 0 when only the reader went away. */
int cli_session_output_failed(cli_session *session);

#endif
