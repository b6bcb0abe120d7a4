/* weir run: a script as one long-running job. */
#ifndef WEIR_CLI_JOB_H
#define WEIR_CLI_JOB_H

#include "cli/session.h"

/* Runs the script as a job until its inputs end or it is stopped. `file`: where the script
 * came from, for the job's name; NULL: no file. Returns an exit code, and has written messages. */
int cli_job_run(cli_session *session, const cli_script *script, const char *file);

#endif
