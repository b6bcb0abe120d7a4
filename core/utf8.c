/* UTF-8 validation at the border: what passed here is never checked again.
 *
 * Idea: ASCII sixteen bytes at a time; a byte with its top bit set is decoded by its lead byte.
 *
 *   lead      next byte         more    excluded so
 *   C2..DF    80..BF            0       C0, C1: overlong
 *   E0        A0..BF            1       overlong
 *   ED        80..9F            1       surrogates
 *   F0 / F4   90..BF / 80..8F   2       overlong / beyond U+10FFFF */
#include "core/text.h"

#include <string.h>

static inline bool
utf8_is_tail(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* Bytes of the character at data (≥ 1 byte there, the first is not ASCII); 0: none. */
static size_t
utf8_character_bytes(const unsigned char *data, size_t size)
{
    unsigned char lead = data[0];
    if (lead < 0xC2 || lead > 0xF4 || size < 2) {
        return 0;
    }
    if (lead < 0xE0) {
        return utf8_is_tail(data[1]) ? 2 : 0;
    }
    unsigned char least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char greatest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (data[1] < least || data[1] > greatest || size < 3 || !utf8_is_tail(data[2])) {
        return 0;
    }
    if (lead < 0xF0) {
        return 3;
    }
    return size >= 4 && utf8_is_tail(data[3]) ? 4 : 0;
}

static size_t
utf8_skip_ascii(const char *data, size_t size, size_t from)
{
    while (size - from >= 16) {
        uint64_t words[2];
        memcpy(words, data + from, 16);
        if ((words[0] | words[1]) & 0x8080808080808080u) {
            break;
        }
        from += 16;
    }
    while (from < size && (unsigned char)data[from] < 0x80) {
        from++;
    }
    return from;
}

size_t
wr_utf8_valid_prefix(const char *data, size_t size)
{
    size_t at = utf8_skip_ascii(data, size, 0);
    while (at < size) {
        if ((unsigned char)data[at] < 0x80) {
            at = utf8_skip_ascii(data, size, at);
            continue;
        }
        size_t bytes = utf8_character_bytes((const unsigned char *)data + at, size - at);
        if (bytes == 0) {
            return at;
        }
        at += bytes;
    }
    return at;
}

bool
wr_utf8_valid(const char *data, size_t size)
{
    return wr_utf8_valid_prefix(data, size) == size;
}
