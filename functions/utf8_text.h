/* Characters of valid UTF-8 text: counting and finding them. */
#ifndef WEIR_FUNCTIONS_UTF8_TEXT_H
#define WEIR_FUNCTIONS_UTF8_TEXT_H

#include "core/text.h"

static inline bool
wr_utf8_is_start(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

static inline int64_t
wr_utf8_count(wr_text text)
{
    int64_t count = 0;
    for (size_t i = 0; i < text.size; i++) {
        count += wr_utf8_is_start(text.data[i]);
    }
    return count;
}

/* Bytes of the character that starts at `at` < text.size. */
static inline size_t
wr_utf8_step(wr_text text, size_t at)
{
    size_t end = at + 1;
    while (end < text.size && !wr_utf8_is_start(text.data[end])) {
        end++;
    }
    return end - at;
}

/* Code point of the character that starts at `at` < text.size. */
static inline int32_t
wr_utf8_code(wr_text text, size_t at)
{
    unsigned char lead = (unsigned char)text.data[at];
    int32_t code = lead < 0xC0   ? lead
                   : lead < 0xE0 ? lead & 0x1F
                   : lead < 0xF0 ? lead & 0x0F
                                 : lead & 0x07;
    for (at++; at < text.size && !wr_utf8_is_start(text.data[at]); at++) {
        code = code << 6 | (text.data[at] & 0x3F);
    }
    return code;
}

/* Byte offset of character `index` ≥ 0; text.size when there are fewer. */
static inline size_t
wr_utf8_offset(wr_text text, int64_t index)
{
    size_t at = 0;
    while (index > 0 && at < text.size) {
        at += wr_utf8_step(text, at);
        index--;
    }
    return at;
}

/* Where `part` first lies in `text`, as a byte offset; −1: nowhere. An empty part lies at 0. */
int64_t wr_text_find(wr_text text, wr_text part);
/* Writes the character of a code point, at most 4 bytes; returns its size. */
size_t wr_utf8_put(char *out, int32_t code);
/* The text with every letter in lower / upper case, character by character, into `out` (at least
 * 3 bytes for every byte); returns its size. */
size_t wr_utf8_lower(wr_text text, char *out);
size_t wr_utf8_upper(wr_text text, char *out);

#endif
