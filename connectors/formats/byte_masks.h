/* Questions about many bytes at once; the answer is a mask with one bit a byte, bit 0 the first.
 *
 *   text   s  e  r  v  "  ,           newline_mask, field_masks: 64 bytes a question
 *   stops  0  0  0  0  1  0           text_masks, bytes_stray: WR_TEXT_STEP bytes a question
 *                                     member_masks: 64 bytes
 *
 * The includer's compiler flags choose the instructions: AVX-512, AVX2, SSE2, NEON, or none of
 * them. The names are static, so that files built for different processors do not mix.
 *
 * 1. All bytes asked about are readable: what is read lies within the 64 bytes behind a record.
 * 2. All twins give the same masks (tests/unit/formats_kernels_test.c). */
#ifndef WEIR_CONNECTORS_FORMATS_BYTE_MASKS_H
#define WEIR_CONNECTORS_FORMATS_BYTE_MASKS_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#endif

/* What a JSON string can be interrupted by, and its bytes that are not ASCII. */
typedef struct text_masks {
    uint64_t stops; /* quote, backslash, control character */
    uint64_t high;  /* ≥ 0x80 */
} text_masks;

/* bytes_stray asks which bytes are not what a bytes_pattern says of their places: not in
 * [low, high], or, where high is this, a quote or backslash. */
enum { WR_BYTES_PLAIN_HIGH = 0x7F };

typedef struct field_masks {
    uint64_t stops; /* delimiter, newline */
    uint64_t newlines;
    uint64_t quotes;
    uint64_t high;
} field_masks;

/* What the members of a JSON object are told apart by. */
typedef struct member_masks {
    uint64_t quotes, backslashes;
    uint64_t marks; /* : , } ] */
    uint64_t controls, high;
} member_masks;

#if defined(__AVX512BW__) && defined(__AVX512F__)

enum { WR_TEXT_STEP = 64 };

static inline text_masks
text_masks_of(const char *at)
{
    __m512i bytes = _mm512_loadu_si512(at);
    uint64_t stops = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('"')) |
                     _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\\')) |
                     _mm512_cmple_epu8_mask(bytes, _mm512_set1_epi8(0x1F));
    return (text_masks){stops, _mm512_movepi8_mask(bytes)};
}

typedef struct bytes_pattern {
    __m512i low, high;
    uint64_t plain;
} bytes_pattern;

static inline bytes_pattern
bytes_pattern_at(const unsigned char *low, const unsigned char *high)
{
    bytes_pattern pattern = {.low = _mm512_loadu_si512(low), .high = _mm512_loadu_si512(high)};
    pattern.plain = _mm512_cmpeq_epi8_mask(pattern.high, _mm512_set1_epi8(WR_BYTES_PLAIN_HIGH));
    return pattern;
}

static inline uint64_t
bytes_stray(const char *at, bytes_pattern pattern)
{
    __m512i bytes = _mm512_loadu_si512(at);
    uint64_t marks = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('"')) |
                     _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\\'));
    return (marks & pattern.plain) | _mm512_cmplt_epu8_mask(bytes, pattern.low) |
           _mm512_cmpgt_epu8_mask(bytes, pattern.high);
}

static inline uint64_t
newline_mask(const char *at)
{
    return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(at), _mm512_set1_epi8('\n'));
}

static inline field_masks
field_masks_of(const char *at, char delimiter)
{
    __m512i bytes = _mm512_loadu_si512(at);
    uint64_t newlines = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\n'));
    return (field_masks){_mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(delimiter)) | newlines,
                         newlines, _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('"')),
                         _mm512_movepi8_mask(bytes)};
}

static inline member_masks
member_masks_of(const char *at)
{
    __m512i bytes = _mm512_loadu_si512(at);
    __m512i lower = _mm512_or_si512(bytes, _mm512_set1_epi8(0x20));
    return (member_masks){_mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('"')),
                          _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\\')),
                          _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(':')) |
                              _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(',')) |
                              _mm512_cmpeq_epi8_mask(lower, _mm512_set1_epi8('}')),
                          _mm512_cmple_epu8_mask(bytes, _mm512_set1_epi8(0x1F)),
                          _mm512_movepi8_mask(bytes)};
}

#elif defined(__AVX2__)

enum { WR_TEXT_STEP = 32 };

static inline __m256i
bytes32_load(const char *at)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

static inline uint64_t
bytes32_mask(__m256i truth)
{
    return (uint32_t)_mm256_movemask_epi8(truth);
}

static inline text_masks
text_masks_of(const char *at)
{
    __m256i bytes = bytes32_load(at);
    __m256i stops = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'));
    stops = _mm256_or_si256(stops, _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\')));
    __m256i least = _mm256_min_epu8(bytes, _mm256_set1_epi8(0x1F));
    stops = _mm256_or_si256(stops, _mm256_cmpeq_epi8(least, bytes));
    return (text_masks){bytes32_mask(stops), bytes32_mask(bytes)};
}

static inline __m256i
bytes32_of(const unsigned char *at)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

typedef struct bytes_pattern {
    __m256i low, high, plain;
} bytes_pattern;

static inline bytes_pattern
bytes_pattern_at(const unsigned char *low, const unsigned char *high)
{
    bytes_pattern pattern = {.low = bytes32_of(low), .high = bytes32_of(high)};
    pattern.plain = _mm256_cmpeq_epi8(pattern.high, _mm256_set1_epi8(WR_BYTES_PLAIN_HIGH));
    return pattern;
}

static inline uint64_t
bytes_stray(const char *at, bytes_pattern pattern)
{
    __m256i bytes = bytes32_load(at);
    __m256i nearest = _mm256_min_epu8(_mm256_max_epu8(bytes, pattern.low), pattern.high);
    __m256i marks = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"')),
                                    _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\')));
    __m256i fits = _mm256_andnot_si256(_mm256_and_si256(marks, pattern.plain),
                                       _mm256_cmpeq_epi8(nearest, bytes));
    return bytes32_mask(fits) ^ UINT32_MAX;
}

static inline uint64_t
newline_mask(const char *at)
{
    const __m256i newline = _mm256_set1_epi8('\n');
    return bytes32_mask(_mm256_cmpeq_epi8(bytes32_load(at), newline)) |
           bytes32_mask(_mm256_cmpeq_epi8(bytes32_load(at + 32), newline)) << 32;
}

static inline field_masks
field_masks32(const char *at, char delimiter)
{
    __m256i bytes = bytes32_load(at);
    __m256i newlines = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\n'));
    __m256i stops = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(delimiter)),
                                    newlines);
    return (field_masks){bytes32_mask(stops), bytes32_mask(newlines),
                         bytes32_mask(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'))),
                         bytes32_mask(bytes)};
}

static inline field_masks
field_masks_of(const char *at, char delimiter)
{
    field_masks low = field_masks32(at, delimiter), high = field_masks32(at + 32, delimiter);
    return (field_masks){low.stops | high.stops << 32, low.newlines | high.newlines << 32,
                         low.quotes | high.quotes << 32, low.high | high.high << 32};
}

static inline member_masks
member_masks32(const char *at)
{
    __m256i bytes = bytes32_load(at);
    __m256i lower = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20)); /* ] as } */
    __m256i marks = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(':')),
                                    _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(',')));
    marks = _mm256_or_si256(marks, _mm256_cmpeq_epi8(lower, _mm256_set1_epi8('}')));
    __m256i least = _mm256_min_epu8(bytes, _mm256_set1_epi8(0x1F));
    return (member_masks){bytes32_mask(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'))),
                          bytes32_mask(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'))),
                          bytes32_mask(marks), bytes32_mask(_mm256_cmpeq_epi8(least, bytes)),
                          bytes32_mask(bytes)};
}

static inline member_masks
member_masks_of(const char *at)
{
    member_masks low = member_masks32(at), high = member_masks32(at + 32);
    return (member_masks){low.quotes | high.quotes << 32, low.backslashes | high.backslashes << 32,
                          low.marks | high.marks << 32, low.controls | high.controls << 32,
                          low.high | high.high << 32};
}

#else

/* Sixteen bytes at a time: SSE2, NEON, or a loop that compilers turn into what there is. */
enum { WR_TEXT_STEP = 16 };

#if defined(__SSE2__)

typedef __m128i bytes16;

static inline bytes16
bytes16_load(const char *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

static inline uint64_t
bytes16_equal(bytes16 bytes, char c)
{
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)));
}

static inline uint64_t
bytes16_control(bytes16 bytes)
{
    __m128i least = _mm_min_epu8(bytes, _mm_set1_epi8(0x1F));
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(least, bytes));
}

static inline uint64_t
bytes16_high(bytes16 bytes)
{
    return (uint32_t)_mm_movemask_epi8(bytes);
}

static inline uint64_t
bytes16_outside(bytes16 bytes, bytes16 low, bytes16 high)
{
    __m128i nearest = _mm_min_epu8(_mm_max_epu8(bytes, low), high);
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(nearest, bytes)) ^ 0xFFFFu;
}

#elif defined(__ARM_NEON) && defined(__aarch64__)

typedef uint8x16_t bytes16;

static inline bytes16
bytes16_load(const char *at)
{
    return vld1q_u8((const uint8_t *)at);
}

/* NEON has no movemask: each true byte gives its own bit, the bits of a half are added up. */
static inline uint64_t
bytes16_mask(uint8x16_t truth)
{
    static const uint8_t bits[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t own = vandq_u8(truth, vld1q_u8(bits));
    return (uint64_t)vaddv_u8(vget_low_u8(own)) | (uint64_t)vaddv_u8(vget_high_u8(own)) << 8;
}

static inline uint64_t
bytes16_equal(bytes16 bytes, char c)
{
    return bytes16_mask(vceqq_u8(bytes, vdupq_n_u8((uint8_t)c)));
}

static inline uint64_t
bytes16_control(bytes16 bytes)
{
    return bytes16_mask(vcltq_u8(bytes, vdupq_n_u8(0x20)));
}

static inline uint64_t
bytes16_high(bytes16 bytes)
{
    return bytes16_mask(vcgeq_u8(bytes, vdupq_n_u8(0x80)));
}

static inline uint64_t
bytes16_outside(bytes16 bytes, bytes16 low, bytes16 high)
{
    return bytes16_mask(vorrq_u8(vcltq_u8(bytes, low), vcgtq_u8(bytes, high)));
}

#else

typedef struct bytes16 {
    unsigned char at[16];
} bytes16;

static inline bytes16
bytes16_load(const char *at)
{
    bytes16 bytes;
    memcpy(bytes.at, at, 16);
    return bytes;
}

static inline uint64_t
bytes16_equal(bytes16 bytes, char c)
{
    uint64_t mask = 0;
    for (int i = 0; i < 16; i++) {
        mask |= (uint64_t)(bytes.at[i] == (unsigned char)c) << i;
    }
    return mask;
}

static inline uint64_t
bytes16_control(bytes16 bytes)
{
    uint64_t mask = 0;
    for (int i = 0; i < 16; i++) {
        mask |= (uint64_t)(bytes.at[i] < 0x20) << i;
    }
    return mask;
}

static inline uint64_t
bytes16_high(bytes16 bytes)
{
    uint64_t mask = 0;
    for (int i = 0; i < 16; i++) {
        mask |= (uint64_t)(bytes.at[i] >> 7) << i;
    }
    return mask;
}

static inline uint64_t
bytes16_outside(bytes16 bytes, bytes16 low, bytes16 high)
{
    uint64_t mask = 0;
    for (int i = 0; i < 16; i++) {
        mask |= (uint64_t)(bytes.at[i] < low.at[i] || bytes.at[i] > high.at[i]) << i;
    }
    return mask;
}

#endif

static inline text_masks
text_masks_of(const char *at)
{
    bytes16 bytes = bytes16_load(at);
    uint64_t stops = bytes16_equal(bytes, '"') | bytes16_equal(bytes, '\\');
    return (text_masks){stops | bytes16_control(bytes), bytes16_high(bytes)};
}

typedef struct bytes_pattern {
    bytes16 low, high;
    uint64_t plain;
} bytes_pattern;

static inline bytes_pattern
bytes_pattern_at(const unsigned char *low, const unsigned char *high)
{
    bytes_pattern pattern = {.low = bytes16_load((const char *)low),
                             .high = bytes16_load((const char *)high)};
    pattern.plain = bytes16_equal(pattern.high, WR_BYTES_PLAIN_HIGH);
    return pattern;
}

static inline uint64_t
bytes_stray(const char *at, bytes_pattern pattern)
{
    bytes16 bytes = bytes16_load(at);
    uint64_t marks = bytes16_equal(bytes, '"') | bytes16_equal(bytes, '\\');
    return (marks & pattern.plain) | bytes16_outside(bytes, pattern.low, pattern.high);
}

static inline uint64_t
newline_mask(const char *at)
{
    uint64_t mask = 0;
    for (int i = 0; i < 64; i += 16) {
        mask |= bytes16_equal(bytes16_load(at + i), '\n') << i;
    }
    return mask;
}

static inline field_masks
field_masks_of(const char *at, char delimiter)
{
    field_masks masks = {0, 0, 0, 0};
    for (int i = 0; i < 64; i += 16) {
        bytes16 bytes = bytes16_load(at + i);
        uint64_t newlines = bytes16_equal(bytes, '\n');
        masks.stops |= (bytes16_equal(bytes, delimiter) | newlines) << i;
        masks.newlines |= newlines << i;
        masks.quotes |= bytes16_equal(bytes, '"') << i;
        masks.high |= bytes16_high(bytes) << i;
    }
    return masks;
}

static inline member_masks
member_masks_of(const char *at)
{
    member_masks masks = {0, 0, 0, 0, 0};
    for (int i = 0; i < 64; i += 16) {
        bytes16 bytes = bytes16_load(at + i);
        masks.quotes |= bytes16_equal(bytes, '"') << i;
        masks.backslashes |= bytes16_equal(bytes, '\\') << i;
        masks.marks |= (bytes16_equal(bytes, ':') | bytes16_equal(bytes, ',') |
                        bytes16_equal(bytes, '}') | bytes16_equal(bytes, ']'))
                       << i;
        masks.controls |= bytes16_control(bytes) << i;
        masks.high |= bytes16_high(bytes) << i;
    }
    return masks;
}

#endif

#endif
