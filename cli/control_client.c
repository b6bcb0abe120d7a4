/* A small HTTP client for control sockets.
 *
 *   weir stop hourly   →   connect · POST /stop HTTP/1.1 … · read to the end · status and body
 *
 * 1. One request a connection: the server closes it behind its answer, so the end of the answer is
 *    the end of the stream.
 * 2. Nothing here waits longer than the request's timeout or reads more than REPLY_MAX bytes. */
#include "cli/control_client.h"

#include "cli/control_socket.h"
#include "cli/job_place.h"
#include "weir.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REPLY_MAX = 1 << 20 };

/* ── finding the job ────────────────────────────────────────────────────────────────────────── */

int
cli_control_connect(const char *job)
{
    cli_text path = {0};
    int fd = -1, reason = ENOENT;
    bool is_name = cli_job_name_is_valid(job);
    for (int i = 0; fd < 0 && is_name && cli_job_socket_at(i, job, NULL, &path); i++) {
        fd = cli_socket_connect(cli_text_z(&path));
        if (fd < 0 && errno != ENOENT && errno != ECONNREFUSED && errno != ENOTDIR)
            reason = errno;
    }
    struct stat status;
    if (fd < 0 && stat(job, &status) == 0 && S_ISDIR(status.st_mode)) {
        cli_text_reset(&path);
        cli_job_link(job, &path);
        fd = cli_socket_connect(cli_text_z(&path));
        if (fd < 0 && errno != ENOENT && errno != ECONNREFUSED)
            reason = errno;
    }
    cli_text_fini(&path);
    errno = reason;
    return fd;
}

/* ── one request ────────────────────────────────────────────────────────────────────────────── */

/* Waits until the socket can be read or written. false: errno. */
static bool
socket_wait(int fd, short events, int64_t end_us)
{
    for (;;) {
        int64_t left_ms = (end_us - weir_monotonic_us()) / 1000;
        struct pollfd state = {.fd = fd, .events = events};
        int ready = poll(&state, 1, left_ms > 0 ? (int)left_ms : 0);
        if (ready > 0)
            return true;
        if (ready == 0)
            errno = ETIMEDOUT;
        if (ready == 0 || errno != EINTR)
            return false;
    }
}

static bool
request_send(int fd, const cli_text *text, int64_t end_us)
{
    for (size_t done = 0; done < text->size;) {
        if (!socket_wait(fd, POLLOUT, end_us))
            return false;
        ssize_t sent = send(fd, text->data + done, text->size - done, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EINTR && errno != EAGAIN)
            return false;
        done += sent > 0 ? (size_t)sent : 0;
    }
    return true;
}

static bool
reply_read(int fd, cli_text *text, int64_t end_us)
{
    char data[8192];
    while (text->size <= REPLY_MAX) {
        if (!socket_wait(fd, POLLIN, end_us))
            return false;
        ssize_t got = recv(fd, data, sizeof(data), MSG_DONTWAIT);
        if (got == 0)
            return true;
        if (got < 0 && errno != EINTR && errno != EAGAIN)
            return text->size > 0 && errno == ECONNRESET;
        cli_text_append(text, data, got > 0 ? (size_t)got : 0);
    }
    errno = EPROTO;
    return false;
}

/* "HTTP/1.1 200 OK", headers, an empty line, the body. */
static bool
reply_parse(const cli_text *text, cli_reply *reply)
{
    const char *body = strstr(cli_text_z(text), "\r\n\r\n");
    if (body == NULL || strncmp(text->data, "HTTP/1.", 7) != 0 || strlen(text->data) < 12) {
        errno = EPROTO;
        return false;
    }
    reply->status = (int)strtol(text->data + 9, NULL, 10);
    cli_text_append(&reply->body, body + 4, text->size - (size_t)(body + 4 - text->data));
    return true;
}

bool
cli_control_request(int fd, const cli_request *request, cli_reply *reply)
{
    cli_text sent = {0}, got = {0};
    const char *body = request->body != NULL ? request->body : "";
    int64_t end_us = weir_monotonic_us() + request->timeout_us;
    *reply = (cli_reply){0};
    cli_text_format(&sent, "%s %s HTTP/1.1\r\nHost: weir\r\nConnection: close\r\n", request->method,
                    request->path);
    if (body[0] != '\0')
        cli_text_append_z(&sent, "Content-Type: application/json\r\n");
    cli_text_format(&sent, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
    bool is_answered = request_send(fd, &sent, end_us) && reply_read(fd, &got, end_us) &&
                       reply_parse(&got, reply);
    int reason = errno;
    close(fd);
    cli_text_fini(&sent);
    cli_text_fini(&got);
    errno = reason;
    return is_answered;
}

void
cli_reply_fini(cli_reply *reply)
{
    cli_text_fini(&reply->body);
}
