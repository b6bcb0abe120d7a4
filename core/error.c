/* Errors by value: filling them so that they are always safe to print.
 *
 * Idea: format into a wide scratch, then copy character by character into the field.
 *
 *   a newline  → \n          a control character → \x1b        a byte that is no UTF-8 → \xff
 *   too long   → cut before a character, then "…"
 *
 * 1. Every field is valid UTF-8 and NUL-terminated.
 * 2. A message is one line; detail and hint may have several (a newline stays there). */
#include "core/error.h"

#include "core/error_list.h"
#include "core/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ERROR_SCRATCH_BYTES = 4096 };

static const char error_ellipsis[] = "\xE2\x80\xA6"; /* … */

/* Writes how the character at `text` is shown into `shown` (≥ 8 bytes) and returns its size;
 * *used is the number of bytes it stands for. */
static size_t
error_show_character(wr_text text, bool keep_newline, char *shown, size_t *used)
{
    unsigned char c = (unsigned char)text.data[0];
    *used = 1;
    if (c == '\n' && !keep_newline) {
        memcpy(shown, "\\n", 2);
        return 2;
    }
    if (c == '\n' || (c >= 0x20 && c < 0x7F)) {
        shown[0] = (char)c;
        return 1;
    }
    size_t bytes = c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    bool is_c1 = c == 0xC2 && text.size > 1 && (unsigned char)text.data[1] < 0xA0;
    if (bytes > 0 && bytes <= text.size && !is_c1 && wr_utf8_valid(text.data, bytes)) {
        memcpy(shown, text.data, bytes);
        *used = bytes;
        return bytes;
    }
    return (size_t)snprintf(shown, 8, "\\x%02x", c);
}

static void
error_copy(char *field, size_t capacity, wr_text text, bool keep_newline)
{
    size_t limit = capacity - sizeof(error_ellipsis); /* room for … and NUL */
    size_t size = 0;
    while (text.size > 0) {
        char shown[8];
        size_t used = 0;
        size_t bytes = error_show_character(text, keep_newline, shown, &used);
        if (size + bytes > limit) {
            memcpy(field + size, error_ellipsis, sizeof(error_ellipsis) - 1);
            size += sizeof(error_ellipsis) - 1;
            break;
        }
        memcpy(field + size, shown, bytes);
        size += bytes;
        text.data += used;
        text.size -= used;
    }
    field[size] = '\0';
}

static void error_format(char *field, size_t capacity, bool keep_newline, const char *format,
                         va_list args) __attribute__((format(printf, 4, 0)));

static void
error_format(char *field, size_t capacity, bool keep_newline, const char *format, va_list args)
{
    char scratch[ERROR_SCRATCH_BYTES];
    int size = vsnprintf(scratch, sizeof(scratch), format, args);
    size_t kept = size < 0 ? 0 : (size_t)size;
    if (kept >= sizeof(scratch)) {
        kept = sizeof(scratch) - 1;
    }
    error_copy(field, capacity, (wr_text){scratch, kept}, keep_newline);
}

wr_status
wr_error_set(wr_error *err, wr_status status, const char *code, const char *format, ...)
{
    if (err) {
        wr_error_clear(err);
        err->status = status;
        snprintf(err->code, sizeof(err->code), "%s", code);
        va_list args;
        va_start(args, format);
        error_format(err->message, sizeof(err->message), false, format, args);
        va_end(args);
    }
    return status;
}

void
wr_error_detail(wr_error *err, const char *format, ...)
{
    if (err) {
        va_list args;
        va_start(args, format);
        error_format(err->detail, sizeof(err->detail), true, format, args);
        va_end(args);
    }
}

void
wr_error_hint(wr_error *err, const char *format, ...)
{
    if (err) {
        va_list args;
        va_start(args, format);
        error_format(err->hint, sizeof(err->hint), true, format, args);
        va_end(args);
    }
}

void
wr_error_at(wr_error *err, int position, int length)
{
    if (err) {
        err->position = position;
        err->length = length > 0 ? length : 1;
    }
}

void
wr_error_clear(wr_error *err)
{
    if (err) {
        err->status = WR_OK;
        err->code[0] = err->message[0] = err->detail[0] = err->hint[0] = '\0';
        err->position = -1;
        err->length = 0;
    }
}

static const wr_error_entry error_entries[] = {
#define ERROR_ENTRY(code, title, explanation) {code, title, explanation},
    WR_ERROR_LIST(ERROR_ENTRY)
#undef ERROR_ENTRY
};

const wr_error_entry *
wr_error_entries(int *count)
{
    *count = (int)(sizeof(error_entries) / sizeof(error_entries[0]));
    return error_entries;
}

const wr_error_entry *
wr_error_find(const char *code)
{
    int count = 0;
    const wr_error_entry *entries = wr_error_entries(&count);
    for (int i = 0; i < count; i++) {
        if (wr_text_equal_nocase(wr_text_from(entries[i].code), wr_text_from(code))) {
            return &entries[i];
        }
    }
    return NULL;
}
