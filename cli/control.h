/* The control socket of a running job: HTTP over a unix socket that its user alone can open.
 *
 *   GET  /status                        what the job is doing, as a JSON object
 *   POST /checkpoint                    answers when the checkpoint is durable
 *   POST /savepoint {"file": "/abs"}    a checkpoint, then a copy of it as one file
 *   POST /stop      {"drain": false}    answers at once; the socket goes away when the job ends
 *
 * Threads: all functions but cli_control_open are for the stepping thread; the requests run on
 * threads of their own and only touch what any thread may. */
#ifndef WEIR_CLI_CONTROL_H
#define WEIR_CLI_CONTROL_H

#include "weir.h"

#include <stdbool.h>

typedef struct cli_control cli_control;

typedef enum cli_job_state { CLI_JOB_RUNNING, CLI_JOB_STOPPING, CLI_JOB_FINISHED } cli_job_state;
typedef enum cli_stop { CLI_STOP_NONE, CLI_STOP_KEEP, CLI_STOP_DRAIN } cli_stop;

/* Serves requests on `listen_fd`, which is borrowed. `name` is copied; the query must live until
 * close. NULL: *why is a line that says why not. */
cli_control *cli_control_open(int listen_fd, const char *name, weir_query *query,
                              const char **why);
/* What somebody has asked for, so far. Asking interrupts the query's step. */
cli_stop cli_control_stop_wanted(cli_control *control);
void cli_control_set_state(cli_control *control, cli_job_state state);
/* The last warning or error, for /status. */
void cli_control_set_error(cli_control *control, const char *line);
/* Lets requests that wait end, and stops serving. NULL is fine. */
void cli_control_close(cli_control *control);

#endif
