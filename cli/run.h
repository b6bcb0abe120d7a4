/* Runs SQL: scripts statement by statement, and one query to its end. */
#ifndef WEIR_CLI_RUN_H
#define WEIR_CLI_RUN_H

#include "cli/session.h"

/* Runs the statements one after another, up to the first error. Returns an exit code; messages
 * have been written. session->stopped tells that a signal, -t or a closed pipe ended it. */
int cli_run_script(cli_session *session, const cli_script *script);
/* Where the next statement begins: behind white space, comments and `;`. size: there is none. */
size_t cli_script_skip_blank(const char *sql, size_t at, size_t size);

#endif
