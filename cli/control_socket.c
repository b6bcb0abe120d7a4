/* Unix sockets by path.
 *
 *   claim    flock the folder · somebody answers? busy · else unlink what is stale · bind · listen
 *
 * 1. Whoever claims holds a lock on the folder meanwhile, so that of two that find the same stale
 *    socket one gets it, and nobody takes away a socket that is alive.
 * 2. A path longer than an address can hold (107 bytes) is reached from its folder by its last
 *    part. The working directory is changed for that, so only while there is one thread. */
#define _GNU_SOURCE /* struct ucred */
#include "cli/control_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

typedef int socket_action(int fd, const struct sockaddr *address, socklen_t size);

bool
cli_socket_path_fits(const char *path)
{
    return strlen(path) < sizeof(((struct sockaddr_un *)NULL)->sun_path);
}

static int
address_act(int fd, const char *path, socket_action *act)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!cli_socket_path_fits(path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    return act(fd, (const struct sockaddr *)&address, sizeof(address));
}

static void
folder_of(const char *path, cli_text *folder)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        cli_text_append_char(folder, '.');
    else
        cli_text_append(folder, path, slash > path ? (size_t)(slash - path) : 1);
}

/* bind or connect, from the path's folder if the path is too long. */
static int
path_act(int fd, const char *path, socket_action *act)
{
    const char *slash = strrchr(path, '/');
    if (cli_socket_path_fits(path) || slash == NULL)
        return address_act(fd, path, act);
    cli_text folder = {0};
    folder_of(path, &folder);
    int result = -1;
    int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (here >= 0 && chdir(cli_text_z(&folder)) == 0) {
        result = address_act(fd, slash + 1, act);
        int reason = errno;
        if (fchdir(here) != 0)
            result = -1;
        else
            errno = reason;
    }
    if (here >= 0)
        close(here);
    cli_text_fini(&folder);
    return result;
}

int
cli_socket_connect(const char *path)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || path_act(fd, path, connect) == 0)
        return fd;
    int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

/* The process at the other end; 0: the system does not tell. */
static pid_t
peer_pid(int fd)
{
#ifdef SO_PEERCRED
    struct ucred peer;
    socklen_t size = sizeof(peer);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0)
        return peer.pid;
#endif
    return 0;
}

/* Takes away a socket that nobody listens on. false: *busy_pid, or errno. */
static bool
path_clear(const char *path, pid_t *busy_pid)
{
    struct stat status;
    if (lstat(path, &status) != 0)
        return errno == ENOENT;
    if (!S_ISSOCK(status.st_mode) && !S_ISLNK(status.st_mode)) {
        errno = EEXIST;
        return false;
    }
    int fd = cli_socket_connect(path);
    if (fd < 0)
        return (errno == ECONNREFUSED || errno == ENOENT) && unlink(path) == 0;
    *busy_pid = peer_pid(fd);
    close(fd);
    return false;
}

static bool
path_listen(cli_socket *sock, const char *path)
{
    enum { BACKLOG = 16 };
    struct stat status;
    sock->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (sock->fd < 0)
        return false;
    mode_t before = umask(0177);
    bool is_bound = path_act(sock->fd, path, bind) == 0;
    umask(before);
    if (is_bound && listen(sock->fd, BACKLOG) == 0 && lstat(path, &status) == 0) {
        sock->device = status.st_dev;
        sock->inode = status.st_ino;
        cli_text_append_z(&sock->path, path);
        return true;
    }
    int reason = errno;
    close(sock->fd);
    sock->fd = -1;
    errno = reason;
    return false;
}

/* The lock on a path's folder; -1: errno. */
static int
folder_lock(const char *path)
{
    cli_text folder = {0};
    folder_of(path, &folder);
    int fd = open(cli_text_z(&folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cli_text_fini(&folder);
    if (fd >= 0 && flock(fd, LOCK_EX) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

bool
cli_socket_claim(cli_socket *sock, const char *path, pid_t *busy_pid)
{
    *sock = (cli_socket){.fd = -1};
    *busy_pid = -1;
    int lock = folder_lock(path);
    if (lock < 0)
        return false;
    bool is_ours = path_clear(path, busy_pid) && path_listen(sock, path);
    int reason = errno;
    close(lock);
    errno = reason;
    return is_ours;
}

void
cli_socket_release(cli_socket *sock)
{
    struct stat status;
    if (sock->fd < 0)
        return;
    int lock = folder_lock(cli_text_z(&sock->path));
    if (lstat(cli_text_z(&sock->path), &status) == 0 && status.st_dev == sock->device &&
        status.st_ino == sock->inode)
        unlink(cli_text_z(&sock->path));
    close(sock->fd);
    if (lock >= 0)
        close(lock);
    cli_text_fini(&sock->path);
    *sock = (cli_socket){.fd = -1};
}
