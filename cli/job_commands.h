/* Commands about a job that runs: status, checkpoint, savepoint, stop. Each returns an exit code
 * and has written its messages. */
#ifndef WEIR_CLI_JOB_COMMANDS_H
#define WEIR_CLI_JOB_COMMANDS_H

#include "cli/session.h"

/* The session needs messages and output, no database. */
int cli_job_command(cli_session *session);

#endif
