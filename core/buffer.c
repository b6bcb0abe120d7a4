/* A growing byte buffer: doubles when it is full.
 *
 * 1. size ≤ capacity; data may be NULL only while capacity is 0.
 * 2. Bytes in [size, capacity) belong to whoever called reserve last. */
#include "core/buffer.h"

#include "core/memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
wr_buffer_init(wr_buffer *buffer)
{
    *buffer = (wr_buffer){0};
}

void
wr_buffer_fini(wr_buffer *buffer)
{
    wr_free(buffer->data);
    *buffer = (wr_buffer){0};
}

void
wr_buffer_reset(wr_buffer *buffer)
{
    buffer->size = 0;
}

char *
wr_buffer_reserve(wr_buffer *buffer, size_t size_bytes)
{
    if (size_bytes > buffer->capacity - buffer->size) {
        assert(size_bytes < SIZE_MAX / 4);
        size_t capacity = buffer->capacity < 128 ? 256 : buffer->capacity * 2;
        while (capacity - buffer->size < size_bytes) {
            capacity *= 2;
        }
        buffer->data = wr_realloc(buffer->data, capacity);
        buffer->capacity = capacity;
    }
    return buffer->data + buffer->size;
}

void
wr_buffer_append(wr_buffer *buffer, const char *data, size_t size)
{
    if (size > 0) {
        memcpy(wr_buffer_reserve(buffer, size), data, size);
        buffer->size += size;
    }
}

void
wr_buffer_text(wr_buffer *buffer, wr_text text)
{
    wr_buffer_append(buffer, text.data, text.size);
}

void
wr_buffer_char(wr_buffer *buffer, char c)
{
    *wr_buffer_reserve(buffer, 1) = c;
    buffer->size++;
}

void
wr_buffer_printf(wr_buffer *buffer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(size >= 0);
    char *out = wr_buffer_reserve(buffer, (size_t)size + 1);
    va_start(args, format);
    vsnprintf(out, (size_t)size + 1, format, args);
    va_end(args);
    buffer->size += (size_t)size;
}

void
wr_buffer_json_string(wr_buffer *buffer, wr_text text)
{
    wr_buffer_char(buffer, '"');
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '"' || c == '\\') {
            wr_buffer_char(buffer, '\\');
            wr_buffer_char(buffer, (char)c);
        } else if (c < 0x20) {
            wr_buffer_printf(buffer, "\\u%04x", c);
        } else {
            wr_buffer_char(buffer, (char)c);
        }
    }
    wr_buffer_char(buffer, '"');
}

const char *
wr_buffer_cstr(wr_buffer *buffer)
{
    *wr_buffer_reserve(buffer, 1) = '\0';
    return buffer->data;
}
