/* Texts by characters: search and case.
 *
 * 1. Case is mapped character by character (ß stays ß), without any language's rules, so that it is
 *    the same everywhere. */
#include "functions/utf8_text.h"

#include <string.h>

#include <utf8proc.h>

int64_t
wr_text_find(wr_text text, wr_text part)
{
    if (part.size == 0) {
        return 0;
    }
    const char *at = text.data;
    const char *end = text.data + text.size;
    while ((size_t)(end - at) >= part.size) {
        at = memchr(at, part.data[0], (size_t)(end - at) - part.size + 1);
        if (!at) {
            return -1;
        }
        if (memcmp(at, part.data, part.size) == 0) {
            return at - text.data;
        }
        at++;
    }
    return -1;
}

size_t
wr_utf8_put(char *out, int32_t code)
{
    return (size_t)utf8proc_encode_char(code, (utf8proc_uint8_t *)out);
}

static size_t
map_case(wr_text text, char *out, utf8proc_int32_t (*map)(utf8proc_int32_t), char first, char last)
{
    size_t size = 0;
    for (size_t at = 0; at < text.size;) {
        char c = text.data[at];
        if ((unsigned char)c < 0x80) {
            out[size++] = (char)(c >= first && c <= last ? c ^ 0x20 : c);
            at++;
            continue;
        }
        utf8proc_int32_t character = 0;
        utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)text.data + at,
                                                 (utf8proc_ssize_t)(text.size - at), &character);
        if (used <= 0) { /* no UTF-8: kept as it is */
            out[size++] = c;
            at++;
            continue;
        }
        size += (size_t)utf8proc_encode_char(map(character), (utf8proc_uint8_t *)out + size);
        at += (size_t)used;
    }
    return size;
}

size_t
wr_utf8_lower(wr_text text, char *out)
{
    return map_case(text, out, utf8proc_tolower, 'A', 'Z');
}

size_t
wr_utf8_upper(wr_text text, char *out)
{
    return map_case(text, out, utf8proc_toupper, 'a', 'z');
}
