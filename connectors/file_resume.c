/* Going on with files after a restart: which were read, how far, and are they still the same?
 *
 *     position of a.json  81920  guard f          all was given: left alone, unless it grew
 *     position of b.json   4096  guard o          from byte 4096
 *     (none)   of c.json                          new: from its start
 *     position of z.json  …, and no such file     finished: archived, fine; else E0703
 *
 * 1. Everything that was read in part is checked at start, before the first row is given.
 * 2. With order = 'name' there is one position: a file's number, name and offset. The files before
 *    it must be as many as they were. */
#include "connectors/file_source.h"

#include <string.h>
#include <unistd.h>

/* Behind all that was given of it. */
int64_t
wr_source_file_offset(const wr_source_file *file)
{
    int64_t offset = file->in_turns ? file->turn_offset : file->reader.offset;
    return offset > file->resume_offset ? offset : file->resume_offset;
}

/* Brings file->guard up to what was given. */
void
wr_source_file_guard(wr_source_file *file)
{
    int64_t offset = wr_source_file_offset(file);
    bool is_new = offset != file->guard_offset || file->finished != file->guard.finished;
    if (file->opened && !file->in_turns && is_new) {
        int64_t raw_offset = file->gzip ? lseek(file->reader.fd, 0, SEEK_CUR) : offset;
        wr_file_guard_make(&file->guard, file->reader.fd, raw_offset);
        file->guard.line = file->reader.line;
        file->guard_offset = offset;
    }
    file->guard.finished = file->finished;
}

/* Which file is read now, when all are one partition. */
int
wr_files_current(const wr_source *source)
{
    return source->turn < source->file_count ? source->turn : source->file_count - 1;
}

void
wr_files_guard(wr_source *source, int partition, wr_buffer *out)
{
    int index = source->by_name ? wr_files_current(source) : partition;
    wr_source_file *file = source->files[index];
    wr_source_file_guard(file);
    wr_file_guard_append(&file->guard, out);
    if (source->by_name) {
        wr_buffer_printf(out, ":%d:%.*s", index, WR_TEXT_ARG(file->path));
    }
}

static wr_status
resume_missing(wr_text path, int64_t offset, wr_error *err)
{
    wr_error_set(err, WR_ERR_UNREACHABLE, "E0703", "\"%.*s\" is not there any more",
                 WR_TEXT_ARG(path));
    wr_error_detail(err, "wanted: its bytes from %lld on; the job has read those before",
                    (long long)offset);
    wr_error_hint(err, "put the file back, or start the job under another name");
    return WR_ERR_UNREACHABLE;
}

/* A file that was given as a whole and has gone since, as archived ones do, stays a partition that
 * is finished; what had more to give is missed. */
static wr_status
file_resume(wr_source *source, wr_source_file *file, wr_text path, int64_t offset,
            const wr_file_guard *guard, wr_error *err)
{
    int64_t raw_size = 0;
    wr_status status = file ? wr_file_guard_check(guard, file->path.data, offset, &raw_size, err)
                            : WR_END;
    bool is_gone = status == WR_END;
    if (is_gone && !(guard->finished && source->is_glob)) {
        return resume_missing(path, offset, err);
    }
    WR_TRY(is_gone ? WR_OK : status);
    if (!file) {
        file = wr_files_add(source, path);
    }
    file->resume_offset = file->guard_offset = offset;
    file->guard = *guard;
    bool has_no_more = is_gone || (guard->raw_offset > 0 && guard->raw_offset == raw_size);
    file->finished |= guard->finished && has_no_more && !source->follow;
    return WR_OK;
}

static wr_status
resume_by_name(wr_source *source, const wr_resume *resume, wr_error *err)
{
    wr_text rest = resume->guard;
    wr_file_guard guard;
    int64_t index = 0;
    WR_TRY(wr_file_guard_take(&rest, &guard, err));
    const char *colon = rest.size > 0 ? memchr(rest.data, ':', rest.size) : NULL;
    size_t size = colon ? (size_t)(colon - rest.data) : 0;
    if (!wr_text_to_int64((wr_text){rest.data, size}, &index) || index < 0) {
        return wr_file_guard_damaged(err);
    }
    wr_text path = {rest.data + size + 1, rest.size - size - 1};
    wr_source_file *file = wr_files_find(source, path);
    if (file && (index >= source->file_count || source->files[index] != file)) {
        wr_error_set(err, WR_ERR_STATE, "E0705", "the files before \"%.*s\" are not what they were",
                     WR_TEXT_ARG(path));
        wr_error_detail(err, "%lld files were read before it", (long long)index);
        wr_error_hint(err, "files that are read in name order may only come at the end");
        return WR_ERR_STATE;
    }
    if (!file) {
        return resume_missing(path, resume->next_offset, err);
    }
    for (int i = 0; i < index; i++) {
        source->files[i]->finished = true;
    }
    source->turn = (int)index;
    return resume->next_offset > 0
               ? file_resume(source, file, path, resume->next_offset, &guard, err)
               : WR_OK;
}

wr_status
wr_files_resume(wr_source *source, wr_error *err)
{
    for (int i = 0; i < source->config.resume_count; i++) {
        const wr_resume *resume = &source->config.resume[i];
        if (source->by_name) {
            WR_TRY(resume_by_name(source, resume, err));
            continue;
        }
        wr_text rest = resume->guard;
        wr_file_guard guard;
        WR_TRY(wr_file_guard_take(&rest, &guard, err));
        wr_source_file *file = wr_files_find(source, resume->partition);
        if (resume->next_offset > 0 || guard.finished) {
            WR_TRY(file_resume(source, file, resume->partition, resume->next_offset, &guard, err));
        } else if (!file) {
            return resume_missing(resume->partition, 0, err);
        }
    }
    return WR_OK;
}
