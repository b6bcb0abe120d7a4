/* Reads files: one path or a glob, to their ends or for ever.
 *
 *     file('logs/2026-*.json')     partition 0  logs/2026-01.json   finished
 *                                  partition 1  logs/2026-02.json   being read
 *                                  partition 2  logs/2026-03.json   not opened: holds the watermark
 *
 * Invariants
 * 1. Files are read one after another in name order; only follow = true has them all open, and then
 *    gives each its turn. Lanes read compressed files side by side: FILES_AT_ONCE of them take
 *    turns, and who takes a chunk inflates it, with the file locked from poll to fill.
 * 2. Each file is a partition, whose offset is the byte offset behind decompression; with
 *    order = 'name' all files are partition 0 and offsets start anew in each file.
 * 3. A chunk never spans two files.
 * 4. A file is closed when all of it was given and every reserved chunk was filled.
 * 5. A job that goes on has its files checked at start (file_guard.c). Where a header says how to
 *    read the rest, that record is given again before the first one behind the old position.
 * 6. Of a compressed file at most one chunk is reserved: only after its fill it is known whether
 *    there is another one, so the order of turns does not depend on how fast lanes are. */
#include "connectors/file_source.h"

#include "connectors/formats/kernels.h"
#include "connectors/registry.h"
#include "core/memory.h"
#include "core/time.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LOOK_AGAIN_US = 100000,
    GLOB_AGAIN_US = 1000000,
    FILES_AT_ONCE = 8 /* compressed ones: 200 KB each */
};

static const wr_option_spec file_options[] = {
    {.name = "path", .kind = WR_OPTION_TEXT, .doc = "path or glob of the files to read"},
    {.name = "follow",
     .kind = WR_OPTION_BOOL,
     .default_text = "false",
     .doc = "true: wait for more at the end, as tail -f does, and for new files of the glob"},
    {.name = "order",
     .kind = WR_OPTION_CHOICE,
     .choices = "none|name",
     .default_text = "none",
     .doc = "'name': all files are one partition, read in name order"},
    {.name = "until",
     .kind = WR_OPTION_CHOICE,
     .choices = "end",
     .doc = "'end': stop at the end, whatever follow says"},
    {.name = NULL},
};

/* ── finding files ──────────────────────────────────────────────────────────────────────────── */

wr_source_file *
wr_files_find(const wr_source *source, wr_text path)
{
    for (int i = 0; i < source->file_count; i++) {
        if (wr_text_equal(source->files[i]->path, path)) {
            return source->files[i];
        }
    }
    return NULL;
}

/* Is it a name with this ending, in any case? */
static bool
path_ends(wr_text path, wr_text ending)
{
    return path.size > ending.size &&
           wr_text_equal_nocase((wr_text){path.data + path.size - ending.size, ending.size},
                                ending);
}

wr_source_file *
wr_files_add(wr_source *source, wr_text path)
{
    if (source->file_count == source->file_capacity) {
        source->file_capacity = source->file_capacity ? 2 * source->file_capacity : 8;
        size_t count = (size_t)source->file_capacity;
        source->files = wr_realloc(source->files, count * sizeof *source->files);
        source->partitions = wr_realloc(source->partitions, count * sizeof *source->partitions);
    }
    wr_source_file *file = wr_alloc(sizeof *file);
    file->path = wr_text_from(wr_arena_strndup(source->config.arena, path.data, path.size));
    file->gzip = path_ends(file->path, WR_TEXT(".gz"));
    file->reader.fd = -1;
    pthread_mutex_init(&file->inflating, NULL);
    int32_t lanes = source->config.lane_count > 0 ? source->config.lane_count : 1;
    int number = source->by_name ? 0 : source->file_count;
    file->ours = number % lanes == source->config.lane;
    file->finished = !file->ours;
    source->files[source->file_count++] = file;
    return file;
}

static bool
is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Adds the files of the glob that are not known; directories and hidden files are left out. */
static void
source_glob(wr_source *source)
{
    glob_t found;
    if (glob(source->pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            wr_text path = wr_text_from(found.gl_pathv[i]);
            if (!wr_files_find(source, path) && !is_directory(path.data)) {
                wr_files_add(source, path);
            }
        }
        globfree(&found);
    }
    source->glob_again_us = wr_clock_monotonic_us(NULL) + GLOB_AGAIN_US;
}

static wr_status
cannot_open(const char *path, int code, wr_error *err)
{
    wr_error_set(err, WR_ERR_UNREACHABLE, "E0703", "cannot open \"%s\"", path);
    if (code == EISDIR) {
        wr_error_detail(err, "it is a directory");
        wr_error_hint(err, "read its files: file('%s/*.json')", path);
    } else {
        wr_error_detail(err, "%s", strerror(code));
    }
    return WR_ERR_UNREACHABLE;
}

static wr_status
compression_check(wr_text path, wr_error *err)
{
    static const char *const refused[] = {".zst", ".bz2", ".xz", ".lz4", ".zip"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (path_ends(path, wr_text_from(refused[i]))) {
            wr_error_set(err, WR_ERR_SQL, "E0501", "reading %s files is not supported yet",
                         refused[i]);
            wr_error_hint(err, "decompress it in a pipe and read stdin(); .gz files work");
            return WR_ERR_SQL;
        }
    }
    return WR_OK;
}

static wr_status
file_open(wr_source *source, wr_source_file *file, wr_error *err)
{
    WR_TRY(compression_check(file->path, err));
    if (is_directory(file->path.data)) {
        return cannot_open(file->path.data, EISDIR, err);
    }
    int fd = open(file->path.data, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not block */
    if (fd < 0) {
        return cannot_open(file->path.data, errno, err);
    }
    wr_chunk_reader_init(&file->reader, fd, file->gzip, file->path);
    file->reader.format = source->config.format;
    file->reader.options = source->config.options;
    file->reader.final = !source->follow;
    file->opened = true;
    if (file->resume_offset == 0) {
        return WR_OK;
    }
    const wr_format_ops *format = source->config.format;
    file->header_due = format && format->has_header && format->has_header(source->config.options);
    return file->header_due ? WR_OK
                            : wr_chunk_reader_resume(&file->reader, file->resume_offset,
                                                     file->guard.line, err);
}

/* ── open, close ────────────────────────────────────────────────────────────────────────────── */

static wr_status
files_check(wr_options options, wr_error *err)
{
    const wr_option *path = wr_options_first(options, "path");
    if (!path || path->value.size == 0) {
        wr_error_set(err, WR_ERR_SQL, "E0603", "connector file needs a path");
        wr_error_hint(err, "file('data.json') or file('logs/*.csv')");
        if (path) {
            wr_error_at(err, path->position, path->length);
        }
        return WR_ERR_SQL;
    }
    return WR_OK;
}

static wr_status
no_file(const wr_source *source, const wr_option *path, wr_error *err)
{
    wr_error_set(err, WR_ERR_UNREACHABLE, "E0703", "no file matches \"%s\"", source->pattern);
    wr_error_at(err, path->position, path->length);
    return WR_ERR_UNREACHABLE;
}

static wr_status
source_open_files(wr_source *source, const wr_option *path, wr_error *err)
{
    source->is_glob = access(source->pattern, F_OK) != 0 && strpbrk(source->pattern, "*?[");
    if (source->is_glob) {
        source_glob(source);
    } else {
        wr_files_add(source, wr_text_from(source->pattern));
    }
    if (source->config.is_resumed) {
        WR_TRY(wr_files_resume(source, err));
    }
    if (source->file_count == 0 && !source->follow) {
        return no_file(source, path, err);
    }
    /* The first one is opened now, so that a missing or unreadable file is told at start. */
    for (int i = 0; i < source->file_count && (i == 0 || source->follow); i++) {
        if (source->files[i]->ours && !source->files[i]->finished) {
            wr_status status = file_open(source, source->files[i], err);
            if (status != WR_OK) {
                wr_error_at(err, path->position, path->length);
                return status;
            }
        }
    }
    return WR_OK;
}

static wr_status
files_open(const wr_source_config *config, wr_source **out, wr_error *err)
{
    WR_TRY(files_check(config->options, err));
    wr_source *source = wr_alloc(sizeof *source);
    const wr_option *path = wr_options_first(config->options, "path");
    *out = source;
    source->config = *config;
    source->pattern = wr_arena_strndup(config->arena, path->value.data, path->value.size);
    source->follow = wr_options_bool(config->options, file_options, "follow") && !config->until_end;
    source->by_name = wr_text_equal_nocase(wr_options_text(config->options, file_options, "order"),
                                           WR_TEXT("name"));
    if (!wr_waker_init(&source->waker)) {
        return wr_error_set(err, WR_ERR_RUNTIME, "E0706", "no file descriptors left");
    }
    if (strlen(source->pattern) != path->value.size) {
        return cannot_open(source->pattern, ENOENT, err); /* a NUL byte in the name */
    }
    if (source->follow && source->by_name) {
        wr_error_set(err, WR_ERR_SQL, "E0602", "order = 'name' cannot be followed");
        wr_error_hint(err, "with follow = true each file is a partition of its own");
        return WR_ERR_SQL;
    }
    return source_open_files(source, path, err);
}

static void
files_close(wr_source *source)
{
    for (int i = 0; i < source->file_count; i++) {
        if (source->files[i]->opened) {
            wr_chunk_reader_fini(&source->files[i]->reader);
        }
        pthread_mutex_destroy(&source->files[i]->inflating);
        wr_free(source->files[i]);
    }
    wr_waker_fini(&source->waker);
    wr_free(source->files);
    wr_free(source->partitions);
    wr_free(source);
}

static void
files_wake(wr_source *source)
{
    wr_waker_wake(&source->waker);
}

/* ── poll ───────────────────────────────────────────────────────────────────────────────────── */

/* A followed file must only grow: where it was cut off, rows may be missing. */
static wr_status
shrink_check(const wr_source_file *file, wr_error *err)
{
    struct stat status;
    off_t position = lseek(file->reader.fd, 0, SEEK_CUR);
    if (position < 0 || fstat(file->reader.fd, &status) != 0 || status.st_size >= position) {
        return WR_OK;
    }
    wr_error_set(err, WR_ERR_RUNTIME, "E0706", "\"%.*s\" became shorter while it was followed",
                 WR_TEXT_ARG(file->path));
    wr_error_detail(err, "it was read to byte %lld and has %lld now", (long long)position,
                    (long long)status.st_size);
    return WR_ERR_RUNTIME;
}

static void
file_close(wr_source_file *file)
{
    wr_source_file_guard(file);
    if (file->opened && atomic_load(&file->reserved) == 0) {
        wr_chunk_reader_fini(&file->reader);
        file->opened = false;
    }
}

/* Files that were finished when chunks of them were still being filled. */
static void
finished_close(wr_source *source)
{
    while (source->closed_count < source->turn) {
        wr_source_file *file = source->files[source->closed_count];
        file_close(file);
        if (file->opened) {
            return;
        }
        source->closed_count++;
    }
}

/* The chunk may be empty: the file was at its end. */
static wr_status
file_inflate(wr_source *source, wr_source_file *file, wr_arena *arena, wr_block *block,
             wr_error *err)
{
    wr_status status = wr_chunk_reader_next(&file->reader, &file->limits, &source->waker, arena,
                                            block, err);
    if (block->kind == WR_BLOCK_NONE) {
        block->kind = WR_BLOCK_CHUNK;
        block->chunk = "";
    }
    return status == WR_END ? WR_OK : status;
}

static wr_status
files_fill(wr_source *source, wr_arena *arena, wr_block *block, wr_error *err)
{
    wr_source_file *file = block->chunk_from;
    if (!file->in_turns) {
        wr_status status = wr_chunk_reader_fill(&file->reader, arena, block, err);
        atomic_fetch_sub(&file->reserved, 1);
        return status;
    }
    block->kind = WR_BLOCK_NONE;
    wr_status status = file_inflate(source, file, arena, block, err);
    pthread_mutex_unlock(&file->inflating);
    return status;
}

/* A chunk of a compressed file, its size unknown; false: there is none, or it is the first one,
 * which all need to know. Waits for the one before to be inflated. */
static bool
file_reserve_turn(wr_source_file *file, const wr_poll_limits *limits, wr_block *block)
{
    pthread_mutex_lock(&file->inflating);
    const wr_chunk_reader *reader = &file->reader;
    file->turn_offset = reader->offset;
    if (reader->offset == 0 || (reader->at_end && reader->pending.size == reader->begin)) {
        pthread_mutex_unlock(&file->inflating);
        return false;
    }
    file->limits = *limits;
    block->kind = WR_BLOCK_CHUNK;
    return true;
}

/* Bytes of the first record. */
static size_t
header_bytes(const wr_chunk_reader *reader, const char *data, size_t size)
{
    for (size_t at = 0; at < size;) {
        const char *newline = memchr(data + at, '\n', size - at);
        at = newline ? (size_t)(newline - data) + 1 : size;
        if (!reader->format->cut || reader->format->cut(data, at, reader->options) == at) {
            return at;
        }
    }
    return size;
}

static wr_status
header_take(wr_source *source, wr_source_file *file, const wr_poll_limits *limits, wr_arena *arena,
            wr_block *block, wr_error *err)
{
    wr_poll_limits first = *limits;
    first.rows = 1;
    wr_status status =
        wr_chunk_reader_next(&file->reader, &first, &source->waker, arena, block, err);
    if (status != WR_OK) {
        return status;
    }
    block->chunk_bytes = header_bytes(&file->reader, block->chunk, block->chunk_bytes);
    block->chunk_newlines =
        wr_kernels_best()->newlines_count(block->chunk, block->chunk_bytes);
    file->header_due = false;
    return wr_chunk_reader_resume(&file->reader, file->resume_offset, file->guard.line, err);
}

/* Takes what `file` has now. WR_END: nothing more from it at the moment (follow) or ever. */
static wr_status
file_take(wr_source *source, int index, const wr_poll_limits *limits, wr_arena *arena,
          wr_block *block, wr_error *err)
{
    wr_source_file *file = source->files[index];
    wr_status status = file->opened ? WR_OK : file_open(source, file, err);
    if (status == WR_ERR_STATE) {
        return status;
    }
    if (status != WR_OK) {
        if (err) {
            err->status = WR_ERR_RUNTIME; /* not at start any more */
        }
        return WR_ERR_RUNTIME;
    }
    if (file->header_due) {
        status = header_take(source, file, limits, arena, block, err);
    } else if (file->in_turns && file_reserve_turn(file, limits, block)) {
        block->chunk_from = file;
    } else if (limits->may_reserve && wr_chunk_reader_reserve(&file->reader, limits, block)) {
        block->chunk_from = file;
        atomic_fetch_add(&file->reserved, 1);
    } else {
        status = wr_chunk_reader_next(&file->reader, limits, &source->waker, arena, block, err);
    }
    if (status == WR_END && source->follow && !file->reader.gzip) {
        WR_TRY(shrink_check(file, err));
        return WR_END;
    }
    if (status == WR_END) {
        file->finished = true;
        file_close(file);
    }
    block->chunk_partition = source->by_name ? 0 : index;
    block->arrival_us = wr_clock_wall_us(source->config.clock);
    return status;
}

/* Follow: one round over all files, each at most once. */
static wr_status
round_take(wr_source *source, const wr_poll_limits *limits, wr_arena *arena, wr_block *block,
           wr_error *err)
{
    for (int i = 0; i < source->file_count && block->kind == WR_BLOCK_NONE; i++) {
        int index = source->turn++ % source->file_count;
        source->turn %= source->file_count;
        if (!source->files[index]->finished) {
            wr_status status = file_take(source, index, limits, arena, block, err);
            if (status != WR_OK && status != WR_END) {
                return status;
            }
        }
    }
    return WR_OK;
}

static wr_status
follow_poll(wr_source *source, const wr_poll_limits *limits, wr_arena *arena, wr_block *block,
            wr_error *err)
{
    int64_t until_us = wr_clock_monotonic_us(NULL) + limits->wait_us;
    wr_poll_limits now = *limits;
    now.wait_us = 0;
    for (;;) {
        int64_t time_us = wr_clock_monotonic_us(NULL);
        if (source->is_glob && time_us >= source->glob_again_us) {
            source_glob(source);
        }
        WR_TRY(round_take(source, &now, arena, block, err));
        int64_t left_us = until_us - time_us;
        if (block->kind != WR_BLOCK_NONE || left_us <= 0) {
            return WR_OK;
        }
        int64_t wait_us = left_us < LOOK_AGAIN_US ? left_us : LOOK_AGAIN_US;
        if (wr_waker_wait(&source->waker, -1, wait_us) == WR_WAIT_WOKEN) {
            return WR_OK;
        }
    }
}

/* Said once, before there is a chunk of it to fill. */
static void
file_join_turns(wr_source_file *file)
{
    if (!file->in_turns && file->gzip) {
        file->in_turns = true;
    }
}

/* Whose turn it is: of the next compressed files, the one behind the last one that had it. */
static int
next_turn(const wr_source *source)
{
    int first = -1, open_count = 0;
    for (int i = source->turn; i < source->file_count && open_count < FILES_AT_ONCE; i++) {
        const wr_source_file *file = source->files[i];
        if (file->finished) {
            continue;
        }
        if (!file->gzip) {
            break;
        }
        if (i > source->last_turn) {
            return i;
        }
        first = first < 0 ? i : first;
        open_count++;
    }
    return first < 0 ? source->turn : first;
}

static wr_status
files_poll(wr_source *source, const wr_poll_limits *limits, wr_arena *arena, wr_block *block,
           wr_error *err)
{
    *block = (wr_block){.manual_watermark_us = WR_TIME_NONE};
    if (source->follow) {
        return follow_poll(source, limits, arena, block, err);
    }
    finished_close(source);
    while (source->turn < source->file_count) {
        if (source->files[source->turn]->finished) {
            source->turn++;
            continue;
        }
        int index = source->turn;
        if (limits->may_reserve && !source->by_name) {
            index = source->last_turn = next_turn(source);
            file_join_turns(source->files[index]);
        }
        wr_status status = file_take(source, index, limits, arena, block, err);
        if (status != WR_END) {
            return status;
        }
    }
    return WR_END;
}

static const wr_partition *
files_partitions(wr_source *source, int *count)
{
    if (source->by_name) {
        bool finished = source->turn >= source->file_count;
        source->partitions[0] = (wr_partition){
            .name = wr_text_from(source->pattern),
            .next_offset = wr_source_file_offset(source->files[wr_files_current(source)]),
            .end_offset = -1,
            .opened = true,
            .at_end = finished,
            .finished = finished,
        };
        *count = 1;
        return source->partitions;
    }
    for (int i = 0; i < source->file_count; i++) {
        const wr_source_file *file = source->files[i];
        source->partitions[i] = (wr_partition){
            .name = file->path,
            .next_offset = wr_source_file_offset(file),
            .end_offset = -1,
            .opened = file->opened || file->finished,
            .at_end = file->finished ||
                      (file->opened && !file->in_turns && file->reader.at_end),
            .finished = file->finished,
        };
    }
    *count = source->file_count;
    return source->partitions;
}

const wr_source_ops wr_file_source = {
    .name = "file",
    .positional = "path",
    .options = file_options,
    .pseudo_mask = 1u << WR_PSEUDO_FILE | 1u << WR_PSEUDO_LINE | 1u << WR_PSEUDO_OFFSET,
    .needs_format = true,
    .lane_share = WR_LANES_PIECES,
    .check = files_check,
    .open = files_open,
    .poll = files_poll,
    .fill = files_fill,
    .partitions = files_partitions,
    .resumes = true,
    .guard = wr_files_guard,
    .wake = files_wake,
    .close = files_close,
};
