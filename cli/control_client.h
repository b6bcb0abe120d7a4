/* The other end of a job's control socket: one request, one answer. */
#ifndef WEIR_CLI_CONTROL_CLIENT_H
#define WEIR_CLI_CONTROL_CLIENT_H

#include "cli/text.h"

#include <stdint.h>

typedef struct cli_request {
    const char *method, *path;
    const char *body; /* NULL: none */
    int64_t timeout_us;
} cli_request;

typedef struct cli_reply {
    int status; /* 200 … */
    cli_text body;
} cli_reply;

/* Connects to the job of this name, or that of this state directory. -1: none runs; errno of the
 * last try that found something (EACCES …), or ENOENT. */
int cli_control_connect(const char *job);
/* Sends one request and reads the whole answer. The descriptor is closed. false: errno, ETIMEDOUT
 * when the answer takes too long, EPROTO when it is none. */
bool cli_control_request(int fd, const cli_request *request, cli_reply *reply);
void cli_reply_fini(cli_reply *reply);

#endif
