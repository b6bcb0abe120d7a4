/* Where rows go. Renderers append to `pending`; the run loop flushes at the end of every batch, so
 * a reader of the pipe sees each batch as soon as it is there.
 *
 * 1. After a failure nothing more is written; `failure` stays.
 * 2. EPIPE is no error for the user: whoever reads us has seen enough. */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

bool
cli_output_open(cli_output *output, const char *path)
{
    *output = (cli_output){.fd = STDOUT_FILENO, .name = "standard output"};
    if (path != NULL) {
        output->name = path;
        output->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (output->fd < 0)
            return false;
    }
    struct stat status;
    output->is_terminal = isatty(output->fd) == 1;
    output->is_pipe = fstat(output->fd, &status) == 0 &&
                      (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
    return true;
}

/* A non-blocking stdout (inherited so) is waited for. */
static bool
output_wait(int fd)
{
    struct pollfd writable = {.fd = fd, .events = POLLOUT};
    return poll(&writable, 1, -1) >= 0 || errno == EINTR;
}

bool
cli_output_flush(cli_output *output)
{
    size_t done = 0;
    while (output->failure == 0 && done < output->pending.size) {
        ssize_t wrote = write(output->fd, output->pending.data + done, output->pending.size - done);
        if (wrote > 0)
            done += (size_t)wrote;
        else if (wrote < 0 && errno == EINTR)
            continue;
        else if (wrote < 0 && errno == EAGAIN && output_wait(output->fd))
            continue;
        else
            output->failure = wrote < 0 ? errno : ENOSPC;
    }
    cli_text_reset(&output->pending);
    return output->failure == 0;
}

bool
cli_output_close(cli_output *output)
{
    cli_output_flush(output);
    cli_text_fini(&output->pending);
    /* Some file systems report a full disk only here. */
    if (output->fd >= 0 && close(output->fd) != 0 && output->failure == 0 && errno != EBADF)
        output->failure = errno;
    output->fd = -1;
    return output->failure == 0;
}
