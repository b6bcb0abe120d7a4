/* A growing byte buffer on the heap: encoders, renderers, EXPLAIN. */
#ifndef WEIR_CORE_BUFFER_H
#define WEIR_CORE_BUFFER_H

#include "core/text.h"

typedef struct wr_buffer {
    char *data;
    size_t size, capacity;
} wr_buffer;

void wr_buffer_init(wr_buffer *buffer); /* empty, holds nothing */
void wr_buffer_fini(wr_buffer *buffer);
void wr_buffer_reset(wr_buffer *buffer); /* size 0, keeps its memory */
/* Room for `size_bytes` more bytes; returns where to write them, then add to buffer->size. */
char *wr_buffer_reserve(wr_buffer *buffer, size_t size_bytes);
void wr_buffer_append(wr_buffer *buffer, const char *data, size_t size);
void wr_buffer_text(wr_buffer *buffer, wr_text text);
void wr_buffer_char(wr_buffer *buffer, char c);
void wr_buffer_printf(wr_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* `text`, valid UTF-8, as a JSON string in its quotes. */
void wr_buffer_json_string(wr_buffer *buffer, wr_text text);
/* NUL-terminated view of what is there (the NUL is not counted). */
const char *wr_buffer_cstr(wr_buffer *buffer);

#endif
