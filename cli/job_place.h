/* Where a job is found: its name, its state directory, its control socket. */
#ifndef WEIR_CLI_JOB_PLACE_H
#define WEIR_CLI_JOB_PLACE_H

#include "cli/text.h"

enum { CLI_JOB_NAME_MAX = 64 };

/* [A-Za-z0-9_-]{1,64} */
bool cli_job_name_is_valid(const char *name);
/* "jobs/hourly.sql" → "hourly". Whether it is a valid name is another question. */
void cli_job_name_of_file(const char *path, cli_text *name);
/* $XDG_STATE_HOME/weir/jobs/NAME, else ~/.local/state/weir/jobs/NAME. false: there is neither. */
bool cli_job_default_dir(const char *name, cli_text *dir);
/* What `weir state hourly` means: a directory of that path, else the default one of a job of that
 * name. false: neither can be. */
bool cli_job_dir(const char *given, cli_text *dir);
/* DIR/control.sock: the socket, or a symbolic link to where it is. */
void cli_job_link(const char *state_dir, cli_text *path);
/* The i-th path at which a socket of this job may lie, best first; false: there are no more.
 * `state_dir` NULL: the default one. */
bool cli_job_socket_at(int i, const char *name, const char *state_dir, cli_text *path);
/* mkdir -p, 0700 for what is made. false: errno. */
bool cli_directory_make(const char *path);
/* The path from the root. false: errno. */
bool cli_path_absolute(const char *path, cli_text *out);

#endif
