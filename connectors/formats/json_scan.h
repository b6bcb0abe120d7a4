/* Reading JSON text where it stands: white space, strings, whole values. Strict RFC 8259, plus:
 * text must be valid UTF-8, \u escapes must pair their surrogates, nesting is bounded. Nothing
 * recurses.
 *
 * All functions take [at, end) with 64 readable bytes behind `end`; they never move past `end`. */
#ifndef WEIR_CONNECTORS_FORMATS_JSON_SCAN_H
#define WEIR_CONNECTORS_FORMATS_JSON_SCAN_H

#include "connectors/formats/json_number.h"
#include "core/arena.h"
#include "core/vector.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { WR_JSON_DEPTH_MAX = 1024 };

/* Where and why reading stopped. */
typedef struct wr_json_fault {
    wr_reason reason;
    const char *at;
} wr_json_fault;

/* A string as it stands between its quotes. */
typedef struct wr_json_string {
    const char *data;
    size_t size;
    bool escaped; /* has escapes: wr_json_unescape gives its text */
} wr_json_string;

/* `at` is behind the opening quote; *at becomes the byte behind the closing one. Checks escapes,
 * surrogates, control characters and UTF-8. */
bool wr_json_string_read(const char **at, const char *end, wr_json_string *string,
                         wr_json_fault *fault);
/* The text of an escaped string that was read before and stands where it stood. In `arena`. */
wr_text wr_json_unescape(const wr_json_string *string, wr_arena *arena);
/* Both at once: checks and writes the text to `arena`. `at` as above; false: no string. */
bool wr_json_text_read(const char **at, const char *end, wr_arena *arena, wr_text *text);

/* Checks the value at *at (no white space before it) to its end and moves behind it. `depth`: how
 * many brackets are open around it. */
bool wr_json_skip(const char **at, const char *end, int depth, wr_json_fault *fault);

static inline bool
wr_json_fault_set(wr_json_fault *fault, wr_reason reason, const char *at)
{
    *fault = (wr_json_fault){reason, at};
    return false;
}

static inline bool
json_is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline const char *
wr_json_space(const char *at, const char *end)
{
    while (at < end && json_is_space(*at)) {
        at++;
    }
    return at;
}

/* First byte of [at, end) that ends or interrupts plain string content: quote, backslash, control
 * character; `end` when there is none. *high collects whether bytes ≥ 0x80 lie before it. */
static inline const char *
wr_json_string_stop(const char *at, const char *end, bool *high)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i control = _mm_set1_epi8(0x1F);
    for (; at < end; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i stops = _mm_cmpeq_epi8(bytes, quote);
        stops = _mm_or_si128(stops, _mm_cmpeq_epi8(bytes, backslash));
        stops = _mm_or_si128(stops, _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
        unsigned stop_mask = (unsigned)_mm_movemask_epi8(stops);
        unsigned high_mask = (unsigned)_mm_movemask_epi8(bytes);
        if (stop_mask) {
            unsigned first = (unsigned)__builtin_ctz(stop_mask);
            *high |= (high_mask & ((1u << first) - 1)) != 0;
            return at + first < end ? at + first : end;
        }
        *high |= high_mask != 0;
    }
    return end;
#else
    for (; at < end; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == '"' || c == '\\' || c < 0x20) {
            return at;
        }
        *high |= c >= 0x80;
    }
    return end;
#endif
}

/* wr_json_string_read without a call for what most strings are: short, plain, ASCII. */
static inline bool
json_string_read(const char **at, const char *end, wr_json_string *string, wr_json_fault *fault)
{
#ifdef __SSE2__
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)*at);
    __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                 _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    __m128i plain = _mm_cmpgt_epi8(bytes, _mm_set1_epi8(0x1F)); /* signed: not beyond ASCII */
    unsigned stops = (unsigned)_mm_movemask_epi8(_mm_andnot_si128(marks, plain)) ^ 0xFFFFu;
    size_t size = (size_t)__builtin_ctz(stops | 0x10000u);
    if ((*at)[size] == '"' && size < 16 && *at + size < end) {
        *string = (wr_json_string){*at, size, false};
        *at += size + 1;
        return true;
    }
#endif
    return wr_json_string_read(at, end, string, fault);
}

#endif
