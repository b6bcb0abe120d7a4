/* A file that a job writes exactly once: frames at absolute offsets, found again after a crash. */
#ifndef WEIR_CONNECTORS_FILE_TARGET_H
#define WEIR_CONNECTORS_FILE_TARGET_H

#include "connectors/connector.h"

typedef struct wr_file_target wr_file_target;

typedef enum wr_file_mode { WR_FILE_ERROR, WR_FILE_APPEND, WR_FILE_OVERWRITE } wr_file_mode;

/* Appends "file:" and the file's path with a real folder. E0704: there is no such folder. */
wr_status wr_file_target_name(const wr_option *path, wr_buffer *name, wr_error *err);

/* Opens the file by `mode`, or nothing yet when config->is_resumed: recover does it then. All sinks
 * of one job that write to the same file share one target. *target may be set on failure, too. */
wr_status wr_file_target_open(const wr_sink_config *config, const wr_option *path,
                              wr_file_mode mode, wr_file_target **target, wr_error *err);
void wr_file_target_release(wr_file_target *target); /* NULL is fine */

/* What comes in front of rows that are now added to a frame. Stepping thread. */
typedef enum wr_file_front {
    WR_FILE_ROWS,   /* nothing: there is something before them */
    WR_FILE_HEADER, /* a header: they are the first ones of the file */
} wr_file_front;
wr_file_front wr_file_target_front(wr_file_target *target, wr_buffer *bytes);

/* As in wr_sink_ops. */
wr_status wr_file_target_recover(wr_file_target *target, const wr_sink_past *past, int64_t *epoch,
                                 wr_error *err);
wr_status wr_file_target_deliver(wr_file_target *target, const wr_delivery *delivery,
                                 wr_error *err);
void wr_file_target_identify(const wr_file_target *target, wr_buffer *identity);

#endif
