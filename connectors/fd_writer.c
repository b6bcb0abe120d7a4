/* The common half of the file and stdout sinks: rows become bytes, bytes are written whole.
 *
 * Invariants
 * 1. A record is never split between two flushes: a buffer holds whole records, and write(2) is
 *    repeated until all of it is taken or it fails.
 * 2. EPIPE is a clean stop, not an error: whoever read us has seen enough. */
#include "connectors/fd_writer.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { WRITE_BYTES = 1 << 20 };

wr_status
wr_fd_writer_init(wr_fd_writer *writer, int fd, wr_text name, const wr_sink_config *config,
                  const char *default_format, wr_error *err)
{
    *writer = (wr_fd_writer){.fd = fd, .name = name, .format = config->format};
    wr_buffer_init(&writer->buffer);
    if (!writer->format) {
        writer->format = wr_format_find(wr_text_from(default_format));
    }
    if (!writer->format || !writer->format->encoder_open) {
        return wr_error_set(err, WR_ERR_SQL, "E0501", "format %s cannot be written",
                            writer->format ? writer->format->name : default_format);
    }
    return writer->format->encoder_open(config->arena, &config->schema, config->options, true,
                                        &writer->encoder, err);
}

void
wr_fd_writer_fini(wr_fd_writer *writer)
{
    if (writer->encoder) {
        writer->format->encoder_close(writer->encoder);
        writer->encoder = NULL;
    }
    if (writer->fd > STDERR_FILENO) {
        close(writer->fd);
    }
    writer->fd = -1;
    wr_buffer_fini(&writer->buffer);
}

/* A pipe that somebody has made non-blocking: wait until it takes more. */
static void
writer_wait(int fd)
{
    struct pollfd polled = {.fd = fd, .events = POLLOUT};
    poll(&polled, 1, 1000);
}

static wr_status
write_failed(const wr_fd_writer *writer, int code, wr_error *err)
{
    if (code == EPIPE) {
        return wr_error_set(err, WR_ERR_CLOSED, "", "the reader of \"%.*s\" went away",
                            WR_TEXT_ARG(writer->name));
    }
    wr_error_set(err, WR_ERR_RUNTIME, "E0704", "cannot write \"%.*s\"", WR_TEXT_ARG(writer->name));
    wr_error_detail(err, "%s", strerror(code));
    if (code == ENOSPC || code == EDQUOT) {
        wr_error_hint(err, "make room on the disk and run the statement again");
    }
    return WR_ERR_RUNTIME;
}

wr_status
wr_fd_writer_flush(wr_fd_writer *writer, wr_error *err)
{
    size_t done = 0;
    while (done < writer->buffer.size) {
        ssize_t count = write(writer->fd, writer->buffer.data + done, writer->buffer.size - done);
        if (count >= 0) {
            done += (size_t)count;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            writer_wait(writer->fd);
        } else if (errno != EINTR) {
            return write_failed(writer, errno, err);
        }
    }
    wr_buffer_reset(&writer->buffer);
    return WR_OK;
}

wr_status
wr_fd_writer_batch(wr_fd_writer *writer, const wr_batch *batch, wr_error *err)
{
    WR_TRY(writer->format->encode(writer->encoder, batch, &writer->buffer, NULL, err));
    return writer->buffer.size >= WRITE_BYTES ? wr_fd_writer_flush(writer, err) : WR_OK;
}
