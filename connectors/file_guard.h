/* How a file that was read in part is known again after a restart. */
#ifndef WEIR_CONNECTORS_FILE_GUARD_H
#define WEIR_CONNECTORS_FILE_GUARD_H

#include "core/buffer.h"
#include "core/error.h"

typedef struct wr_file_guard {
    uint64_t hash;      /* of the first 4 KiB and of those before raw_offset */
    int64_t raw_offset; /* in the file as it lies on the disk, compressed or not; 0: not known */
    int64_t line;       /* of the next byte to give, from 1; 0: not counted */
    bool finished;      /* all of the file was given */
} wr_file_guard;

/* Of an open file that was read up to raw_offset; line and finished stay as they are. What cannot
 * be read leaves raw_offset 0. */
void wr_file_guard_make(wr_file_guard *guard, int fd, int64_t raw_offset);
void wr_file_guard_append(const wr_file_guard *guard, wr_buffer *out);
/* Takes it from the front of *text, and a ':' behind it; an empty text is an empty guard. E0904. */
wr_status wr_file_guard_take(wr_text *text, wr_file_guard *guard, wr_error *err);
wr_status wr_file_guard_damaged(wr_error *err); /* that E0904 */

/* Is the file's beginning still what it was when it was read to byte `offset` (behind
 * decompression)? *raw_size: what the file has now. WR_END: there is no such file. WR_ERR_STATE
 * E0705: it is another one, is shorter, or was changed. */
wr_status wr_file_guard_check(const wr_file_guard *guard, const char *path, int64_t offset,
                              int64_t *raw_size, wr_error *err);

#endif
