/* The commands besides running SQL: check, explain, fmt, help, version, demo, state. Each
 * returns an exit code and has written its messages. */
#ifndef WEIR_CLI_COMMANDS_H
#define WEIR_CLI_COMMANDS_H

#include "cli/session.h"

int cli_check(cli_session *session, const cli_script *script);
int cli_explain(cli_session *session, const cli_script *script);
/* `topic` NULL: the overview. */
int cli_help(cli_session *session, const char *topic);
int cli_version(cli_session *session);
int cli_format(cli_session *session);
int cli_demo(cli_session *session);
int cli_state(cli_session *session);

#endif
