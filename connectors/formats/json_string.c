/* JSON strings: checks them, and writes what their escapes stand for.
 *
 *   s\u00e9rver-7"     plain s, escape U+00E9, plain up to the quote
 *   └┘└────┘└─────┘    sixteen bytes are copied at a time; as many of them count as are plain
 *
 * 1. Whoever reads a string obeys the same rules: known escapes, surrogates in pairs, no control
 *    characters, valid UTF-8.
 * 2. A text is never longer than its string; up to COPY_BYTES behind it are written over, which is
 *    why so many more are asked for. */
#include "connectors/formats/json_scan.h"

#include <assert.h>

enum { COPY_BYTES = 16 };

/* ── escapes ────────────────────────────────────────────────────────────────────────────────── */

/* The value of a hex digit with this bit set; 0: no hex digit. */
enum { HEX_GOOD = 0x10 };

static const uint8_t hex_values[256] = {
    ['0'] = 0x10, ['1'] = 0x11, ['2'] = 0x12, ['3'] = 0x13, ['4'] = 0x14, ['5'] = 0x15,
    ['6'] = 0x16, ['7'] = 0x17, ['8'] = 0x18, ['9'] = 0x19, ['a'] = 0x1A, ['b'] = 0x1B,
    ['c'] = 0x1C, ['d'] = 0x1D, ['e'] = 0x1E, ['f'] = 0x1F, ['A'] = 0x1A, ['B'] = 0x1B,
    ['C'] = 0x1C, ['D'] = 0x1D, ['E'] = 0x1E, ['F'] = 0x1F};

/* What \c stands for; 0: no such escape (u is not asked here). */
static const char simple_values[256] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                        ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};

/* Four hex digits at `at`, where 4 bytes are readable; -1: they are none. */
static inline int32_t
hex_four(const char *at)
{
    unsigned a = hex_values[(unsigned char)at[0]], b = hex_values[(unsigned char)at[1]];
    unsigned c = hex_values[(unsigned char)at[2]], d = hex_values[(unsigned char)at[3]];
    unsigned code = (a & 15) << 12 | (b & 15) << 8 | (c & 15) << 4 | (d & 15);
    return a & b & c & d & HEX_GOOD ? (int32_t)code : -1;
}

/* UTF-8 of `code`: four bytes are written, the result is how many of them count. */
static inline size_t
utf8_put(uint32_t code, char *out)
{
    static const uint8_t leads[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t size = 1u + (code >= 0x80) + (code >= 0x800) + (code >= 0x10000);
    uint32_t parts = (code & 0x3F) | (code & 0xFC0) << 2 | (code & 0x3F000) << 4 | code >> 18 << 24;
    parts = size == 1 ? code : parts | 0x808080u;
    parts <<= 8 * (4 - size); /* its lead, behind zeros so far, becomes the highest byte */
    parts |= (uint32_t)leads[size] << 24;
    for (int i = 0; i < 4; i++) {
        out[i] = (char)(parts >> (24 - 8 * i));
    }
    return size;
}

/* A first surrogate was read and the second one must be at *at, an escape too. */
static inline bool
pair_read(int32_t first, const char **at, const char *end, char **out, wr_json_fault *fault)
{
    const char *here = *at;
    bool follows = first < 0xDC00 && end - here >= 6 && here[0] == '\\' && here[1] == 'u';
    int32_t second = follows ? hex_four(here + 2) : -1;
    if (second < 0xDC00 || second > 0xDFFF) {
        return wr_json_fault_set(fault, WR_REASON_UTF8, here - 6); /* a surrogate alone */
    }
    *at = here + 6;
    *out += utf8_put((uint32_t)(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)), *out);
    return true;
}

/* The escape at *at: moves behind it, writes up to four bytes to *out and moves that on. Which kind
 * it is is not asked by a branch: texts mix them as they please. */
static inline bool
escape_read(const char **at, const char *end, char **out, wr_json_fault *fault)
{
    const char *begin = *at;
    const int32_t simple = simple_values[(unsigned char)begin[1]];
    const int32_t is_unicode = -(int32_t)(begin[1] == 'u');
    const int32_t code =
        (hex_four(begin + 2) & is_unicode) | ((simple - (simple == 0)) & ~is_unicode);
    const int32_t size = 2 + (4 & is_unicode);
    if (code < 0 || end - begin < size) {
        return wr_json_fault_set(fault, WR_REASON_SYNTAX, begin);
    }
    *at = begin + size;
    if ((code & 0xF800) != 0xD800) {
        *out += utf8_put((uint32_t)code, *out);
        return true;
    }
    return pair_read(code, at, end, out, fault);
}

/* ── strings ────────────────────────────────────────────────────────────────────────────────── */

/* Behind what was read as a string's bytes: are they UTF-8? */
static bool
string_is_utf8(const char *begin, size_t size, wr_json_fault *fault)
{
    size_t valid = wr_utf8_valid_prefix(begin, size);
    return valid == size || wr_json_fault_set(fault, WR_REASON_UTF8, begin + valid);
}

bool
wr_json_string_read(const char **at, const char *end, wr_json_string *string, wr_json_fault *fault)
{
    const char *begin = *at;
    const char *here = begin;
    bool high = false;
    bool escaped = false;
    for (;;) {
        char ignored[4], *out = ignored;
        here = wr_json_string_stop(here, end, &high);
        if (here == end || (unsigned char)*here < 0x20) {
            return wr_json_fault_set(fault, WR_REASON_SYNTAX, here);
        }
        if (*here == '"') {
            break;
        }
        escaped = true;
        if (!escape_read(&here, end, &out, fault)) {
            return false;
        }
    }
    size_t size = (size_t)(here - begin);
    if (high && !string_is_utf8(begin, size, fault)) {
        return false;
    }
    *string = (wr_json_string){begin, size, escaped};
    *at = here + 1;
    return true;
}

/* ── texts ──────────────────────────────────────────────────────────────────────────────────── */

/* Copies plain bytes; returns the one that is not, `end` or beyond when there is none. */
static inline const char *
plain_copy(const char *at, const char *end, char **out, bool *high)
{
#ifdef __SSE2__
    for (; at < end; at += COPY_BYTES, *out += COPY_BYTES) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                     _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
        unsigned stops = (unsigned)_mm_movemask_epi8(_mm_or_si128(marks, control));
        unsigned highs = (unsigned)_mm_movemask_epi8(bytes);
        _mm_storeu_si128((__m128i *)(void *)*out, bytes);
        *high |= (highs & (stops - 1) & ~stops) != 0; /* before the first stop; all if none */
        if (stops) {
            unsigned plain = (unsigned)__builtin_ctz(stops);
            *out += plain;
            return at + plain;
        }
    }
    return at;
#else
    const char *stop = wr_json_string_stop(at, end, high);
    memcpy(*out, at, (size_t)(stop - at));
    *out += stop - at;
    return stop;
#endif
}

bool
wr_json_text_read(const char **at, const char *end, wr_arena *arena, wr_text *text)
{
    const char *begin = *at, *here = begin;
    char *room = wr_arena_bytes(arena, (size_t)(end - begin) + COPY_BYTES), *out = room;
    wr_json_fault fault;
    bool high = false, good = false;
    for (;;) {
        here = plain_copy(here, end, &out, &high);
        if (here >= end || *here != '\\') {
            good = here < end && *here == '"';
            break;
        }
        if (!escape_read(&here, end, &out, &fault)) {
            break;
        }
    }
    good = good && (!high || string_is_utf8(begin, (size_t)(here - begin), &fault));
    *text = (wr_text){room, good ? (size_t)(out - room) : 0};
    wr_arena_bytes_shrink(arena, room, text->size);
    *at = good ? here + 1 : begin;
    return good;
}

wr_text
wr_json_unescape(const wr_json_string *string, wr_arena *arena)
{
    wr_text text;
    const char *at = string->data;
    bool good = wr_json_text_read(&at, at + string->size + 1, arena, &text);
    assert(good); /* the string was checked when it was read, and its quote stands behind it */
    (void)good;
    return text;
}
