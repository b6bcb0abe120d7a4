/* A terminal on stdin without a file: statements line by line. */
#ifndef WEIR_CLI_PROMPT_H
#define WEIR_CLI_PROMPT_H

#include "cli/session.h"

/* Reads and runs until the end of the input; goes on after errors. Returns an exit code. */
int cli_prompt_run(cli_session *session);

#endif
