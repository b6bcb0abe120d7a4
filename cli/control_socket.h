/* Unix sockets by path: one that is ours alone, and one that somebody else listens on. */
#ifndef WEIR_CLI_CONTROL_SOCKET_H
#define WEIR_CLI_CONTROL_SOCKET_H

#include "cli/text.h"

#include <sys/types.h>

/* Connects. -1: errno (ENOENT, ECONNREFUSED: nobody listens there). Paths of any length. */
int cli_socket_connect(const char *path);

typedef struct cli_socket {
    int fd; /* listens */
    cli_text path;
    dev_t device; /* of the file at `path`, which may be another's by the time we close */
    ino_t inode;
} cli_socket;

/* Listens at `path`, 0600, in place of a socket that nobody listens on. false: *busy_pid is the
 * process that has it (0: not told), or -1 and errno says what is wrong. */
bool cli_socket_claim(cli_socket *sock, const char *path, pid_t *busy_pid);
/* Closes it and takes the file away, unless it is another's. {.fd = -1} is fine. */
void cli_socket_release(cli_socket *sock);
/* Fits a path of this length the address that other programs (curl) would use? */
bool cli_socket_path_fits(const char *path);

#endif
