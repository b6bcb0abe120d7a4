/* Reads a file descriptor in chunks that end where a record ends. */
#ifndef WEIR_CONNECTORS_CHUNK_READER_H
#define WEIR_CONNECTORS_CHUNK_READER_H

#include "connectors/connector.h"
#include "connectors/waker.h"

enum { WR_CHUNK_BYTES = 1 << 18 }; /* with what is decoded of it, fits a second-level cache */

typedef struct wr_chunk_reader {
    int fd;                      /* -1: closed */
    void *gzip;                  /* gzFile over fd; NULL: plain bytes */
    const wr_format_ops *format; /* cuts records; NULL: at newlines */
    wr_options options;          /* of the format */
    wr_text name;                /* for messages */
    wr_buffer pending;           /* read and not yet given: [begin, size) */
    size_t begin;
    size_t scanned; /* so many bytes from `begin` on hold no whole record */
    int64_t offset; /* byte offset of the next byte to give, behind decompression */
    int64_t line;   /* its line number, from 1; 0: not counted */
    bool is_ahead;  /* chunks were reserved: the descriptor stands somewhere before `offset` */
    bool waits;     /* pipe, terminal: poll before each read */
    bool at_end;    /* the last read gave nothing */
    bool final;     /* at the end the last record needs no newline (false: a file that grows) */
} wr_chunk_reader;

/* Takes `fd` over. `name` is borrowed for the reader's life. `gzip`: inflate while reading. */
void wr_chunk_reader_init(wr_chunk_reader *reader, int fd, bool gzip, wr_text name);
void wr_chunk_reader_fini(wr_chunk_reader *reader);

/* Reads until a whole record is there, waiting as `limits` says, and fills the chunk fields of
 * `block` but its partition and arrival; kind stays NONE when no whole record is there. A byte
 * order mark is skipped. `limits->rows` is obeyed when it is small (≤ 16,384); else the bytes rule.
 * WR_OK; WR_END: the input is at its end and nothing is left to give (a file that grows may give
 * more later); E0706 read error, damaged gzip; E0901 record too long. */
wr_status wr_chunk_reader_next(wr_chunk_reader *reader, const wr_poll_limits *limits,
                               wr_waker *waker, wr_arena *arena, wr_block *block, wr_error *err);

/* Makes the byte at `offset` (> 0, behind decompression) the next one to give, line `line` (0: it
 * is counted). A last line that had no newline when it was given may have got one since, which is
 * then passed over. WR_ERR_STATE E0705: there are fewer bytes, or that line has grown. */
wr_status wr_chunk_reader_resume(wr_chunk_reader *reader, int64_t offset, int64_t line,
                                 wr_error *err);

/* Reserves the next chunk of a regular file without reading it: sets offset and size, leaves line
 * and newlines 0. False: the next chunk must be read by wr_chunk_reader_next, since it is the first
 * or last one, has a record longer than a chunk, or must be cut from its start. */
bool wr_chunk_reader_reserve(wr_chunk_reader *reader, const wr_poll_limits *limits,
                             wr_block *block);
/* Reads a reserved chunk. E0706 read error, or the file became shorter. Any thread. */
wr_status wr_chunk_reader_fill(const wr_chunk_reader *reader, wr_arena *arena, wr_block *block,
                               wr_error *err);

#endif
