/* Encodes batches and writes them to a file descriptor in large pieces. */
#ifndef WEIR_CONNECTORS_FD_WRITER_H
#define WEIR_CONNECTORS_FD_WRITER_H

#include "connectors/connector.h"

typedef struct wr_fd_writer {
    int fd; /* -1: none */
    const wr_format_ops *format;
    wr_encoder *encoder;
    wr_buffer buffer;
    wr_text name; /* for messages */
} wr_fd_writer;

/* Takes `fd` over when it is not standard output. The format is the config's, else
 * `default_format`. fini is safe after a failed init. */
wr_status wr_fd_writer_init(wr_fd_writer *writer, int fd, wr_text name,
                            const wr_sink_config *config, const char *default_format,
                            wr_error *err);
void wr_fd_writer_fini(wr_fd_writer *writer);

/* Encodes the selected rows; writes when a good deal has come together. */
wr_status wr_fd_writer_batch(wr_fd_writer *writer, const wr_batch *batch, wr_error *err);
/* Writes what is held. WR_ERR_CLOSED: the reader of a pipe went away. E0704: disk full, I/O error,
 * with the name. */
wr_status wr_fd_writer_flush(wr_fd_writer *writer, wr_error *err);

#endif
