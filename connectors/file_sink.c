/* Writes rows to one file: as they come, or exactly once, in frames (file_target.c).
 *
 * Invariants
 * 1. A file that is there is never touched unless mode says so: 'append' or 'overwrite'.
 * 2. A symbolic link as the last part of the path is not followed. Devices and FIFOs are written
 *    in any mode.
 * 3. finish reports what the disk says: all rows are in the file or there is an error.
 * 4. A CSV header stands above the first row of an empty file, and nowhere else. */
#include "connectors/fd_writer.h"
#include "connectors/file_target.h"
#include "connectors/registry.h"
#include "core/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const wr_option_spec file_options[] = {
    {.name = "path", .kind = WR_OPTION_TEXT, .doc = "the file to write"},
    {.name = "mode",
     .kind = WR_OPTION_CHOICE,
     .choices = "error|append|overwrite",
     .default_text = "error",
     .doc = "what to do with a file that exists"},
    {.name = NULL},
};

struct wr_sink {
    wr_fd_writer writer;
    bool syncs; /* a regular file: fsync at the end */
    /* exactly once: frames are encoded, and delivered to the target */
    wr_file_target *target; /* NULL: written as rows come */
    wr_encoder *header_encoder; /* for the first rows of a file */
};

static wr_status
file_check(wr_options options, wr_error *err)
{
    const wr_option *path = wr_options_first(options, "path");
    if (path && path->value.size > 0) {
        return WR_OK;
    }
    wr_error_set(err, WR_ERR_SQL, "E0603", "connector file needs a path");
    wr_error_hint(err, "file('out.json')");
    return WR_ERR_SQL;
}

static wr_status
file_refused(const wr_option *path, int code, wr_error *err)
{
    wr_error_set(err, WR_ERR_UNREACHABLE, "E0704", "cannot write \"%.*s\"",
                 WR_TEXT_ARG(path->value));
    if (code == EEXIST) {
        wr_error_detail(err, "the file exists");
        wr_error_hint(err, "say mode = 'append' or mode = 'overwrite'");
    } else if (code == ELOOP) {
        wr_error_detail(err, "it is a symbolic link, which a sink does not follow");
    } else {
        wr_error_detail(err, "%s", strerror(code));
    }
    wr_error_at(err, path->position, path->length);
    return WR_ERR_UNREACHABLE;
}

static int
open_flags(wr_text mode, const char *path)
{
    struct stat status;
    bool special =
        lstat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode);
    int flags = O_WRONLY | O_CLOEXEC | O_NOFOLLOW;
    if (special) {
        return flags;
    }
    if (wr_text_equal_nocase(mode, WR_TEXT("append"))) {
        return flags | O_CREAT | O_APPEND;
    }
    bool overwrite = wr_text_equal_nocase(mode, WR_TEXT("overwrite"));
    return flags | O_CREAT | (overwrite ? O_TRUNC : O_EXCL);
}

/* Appending behind a file that does not end a line would join two records. */
static bool
last_line_open(const char *path)
{
    char last = '\n';
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0) {
        struct stat status;
        if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 &&
            pread(fd, &last, 1, status.st_size - 1) != 1) {
            last = '\n';
        }
        close(fd);
    }
    return last != '\n';
}

/* The options for a file that has rows already: a CSV header stands above them. */
static wr_options
options_without_header(wr_options options, wr_arena *arena)
{
    wr_option *items = WR_NEW_ARRAY(arena, wr_option, options.count + 1);
    items[0] = (wr_option){.name = WR_TEXT("header"), .value = WR_TEXT("false")};
    memcpy(items + 1, options.items, (size_t)options.count * sizeof *items);
    return (wr_options){items, options.count + 1};
}

static wr_file_mode
file_mode(wr_options options)
{
    wr_text mode = wr_options_text(options, file_options, "mode");
    return wr_text_equal_nocase(mode, WR_TEXT("append"))      ? WR_FILE_APPEND
           : wr_text_equal_nocase(mode, WR_TEXT("overwrite")) ? WR_FILE_OVERWRITE
                                                              : WR_FILE_ERROR;
}

/* Two encoders: which one is wanted is known when the first row comes. */
static wr_status
framed_open(const wr_sink_config *config, const wr_option *path, wr_sink *sink, wr_error *err)
{
    wr_sink_config rest = *config;
    rest.options = options_without_header(config->options, config->arena);
    WR_TRY(wr_fd_writer_init(&sink->writer, -1, path->value, &rest, "json", err));
    WR_TRY(sink->writer.format->encoder_open(config->arena, &config->schema, config->options, true,
                                             &sink->header_encoder, err));
    return wr_file_target_open(config, path, file_mode(config->options), &sink->target, err);
}

static wr_status
file_open(const wr_sink_config *config, wr_sink **out, wr_error *err)
{
    WR_TRY(file_check(config->options, err));
    wr_sink *sink = wr_alloc(sizeof *sink);
    *out = sink;
    sink->writer.fd = -1;
    const wr_option *path = wr_options_first(config->options, "path");
    if (config->exactly_once) {
        return framed_open(config, path, sink, err);
    }
    wr_text mode = config->is_resumed ? WR_TEXT("append")
                                      : wr_options_text(config->options, file_options, "mode");
    const char *name = wr_arena_strndup(config->arena, path->value.data, path->value.size);
    if (strlen(name) != path->value.size) {
        return file_refused(path, EINVAL, err);
    }
    bool joins = wr_text_equal_nocase(mode, WR_TEXT("append")) && last_line_open(name);
    int fd = open(name, open_flags(mode, name), 0666);
    if (fd < 0) {
        return file_refused(path, errno, err);
    }
    struct stat status;
    sink->syncs = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    wr_sink_config writer_config = *config;
    if (sink->syncs && status.st_size > 0) {
        writer_config.options = options_without_header(config->options, config->arena);
    }
    WR_TRY(wr_fd_writer_init(&sink->writer, fd, wr_text_from(name), &writer_config, "json", err));
    if (joins) {
        wr_buffer_char(&sink->writer.buffer, '\n');
    }
    return WR_OK;
}

static wr_status
file_write(wr_sink *sink, const wr_batch *batch, wr_error *err)
{
    return wr_fd_writer_batch(&sink->writer, batch, err);
}

static wr_status
file_flush(wr_sink *sink, wr_error *err)
{
    return wr_fd_writer_flush(&sink->writer, err);
}

static wr_status
file_finish(wr_sink *sink, wr_error *err)
{
    WR_TRY(wr_fd_writer_flush(&sink->writer, err));
    if (sink->syncs && fsync(sink->writer.fd) != 0) {
        wr_error_set(err, WR_ERR_RUNTIME, "E0704", "cannot write \"%.*s\"",
                     WR_TEXT_ARG(sink->writer.name));
        wr_error_detail(err, "%s", strerror(errno));
        return WR_ERR_RUNTIME;
    }
    return WR_OK;
}

static wr_status
file_destination(const wr_sink_config *config, wr_buffer *name, wr_error *err)
{
    WR_TRY(file_check(config->options, err));
    return wr_file_target_name(wr_options_first(config->options, "path"), name, err);
}

static wr_status
file_frame(wr_sink *sink, const wr_batch *batch, wr_buffer *bytes, wr_error *err)
{
    if (batch->selected_count == 0) {
        return WR_OK;
    }
    bool first = wr_file_target_front(sink->target, bytes) == WR_FILE_HEADER;
    wr_encoder *encoder = first ? sink->header_encoder : sink->writer.encoder;
    return sink->writer.format->encode(encoder, batch, bytes, NULL, err);
}

static wr_status
file_recover(wr_sink *sink, const wr_sink_past *past, int64_t *epoch, wr_error *err)
{
    return wr_file_target_recover(sink->target, past, epoch, err);
}

static wr_status
file_deliver(wr_sink *sink, const wr_delivery *delivery, wr_error *err)
{
    return wr_file_target_deliver(sink->target, delivery, err);
}

static void
file_identify(wr_sink *sink, wr_buffer *identity)
{
    wr_file_target_identify(sink->target, identity);
}

static void
file_close(wr_sink *sink)
{
    if (sink->header_encoder) {
        sink->writer.format->encoder_close(sink->header_encoder);
    }
    wr_file_target_release(sink->target);
    wr_fd_writer_fini(&sink->writer);
    wr_free(sink);
}

const wr_sink_ops wr_file_sink = {
    .name = "file",
    .positional = "path",
    .options = file_options,
    .check = file_check,
    .default_format = "json",
    .open = file_open,
    .write = file_write,
    .flush = file_flush,
    .finish = file_finish,
    .close = file_close,
    .destination = file_destination,
    .frame = file_frame,
    .recover = file_recover,
    .deliver = file_deliver,
    .identify = file_identify,
};
