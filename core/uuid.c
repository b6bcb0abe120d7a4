/* Random bytes, and UUIDs made of them.
 *
 *   bits 48–51: version      bits 64–65: variant 10      the rest: random, or time and random */
#include "core/uuid.h"

#include <sys/random.h>

void
wr_random_bytes(void *bytes, size_t size)
{
    size_t have = 0;
    while (have < size) {
        ssize_t got = getrandom((char *)bytes + have, size - have, 0);
        have += got > 0 ? (size_t)got : 0;
    }
}

static void
uuid_mark(unsigned char bits[WR_UUID_BYTES], unsigned version)
{
    bits[6] = (unsigned char)((bits[6] & 0x0F) | version << 4);
    bits[8] = (unsigned char)((bits[8] & 0x3F) | 0x80);
}

void
wr_uuid_random(unsigned char bits[WR_UUID_BYTES])
{
    uuid_mark(bits, 4);
}

void
wr_uuid_timed(unsigned char bits[WR_UUID_BYTES], int64_t wall_us)
{
    uint64_t ms = wall_us > 0 ? (uint64_t)wall_us / 1000 : 0;
    for (int i = 0; i < 6; i++) {
        bits[i] = (unsigned char)(ms >> (40 - 8 * i));
    }
    uuid_mark(bits, 7);
}

static bool
is_dash(int at)
{
    return at == 8 || at == 13 || at == 18 || at == 23;
}

void
wr_uuid_print(const unsigned char bits[WR_UUID_BYTES], char out[WR_UUID_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    for (int at = 0, nibble = 0; at < WR_UUID_TEXT; at++) {
        if (is_dash(at)) {
            out[at] = '-';
            continue;
        }
        unsigned byte = bits[nibble / 2];
        out[at] = digits[nibble % 2 == 0 ? byte >> 4 : byte & 15];
        nibble++;
    }
}

bool
wr_uuid_valid(wr_text text)
{
    bool is_valid = text.size == WR_UUID_TEXT;
    for (int at = 0; is_valid && at < WR_UUID_TEXT; at++) {
        char c = text.data[at];
        char lower = (char)(c | 0x20);
        is_valid =
            is_dash(at) ? c == '-' : (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'f');
    }
    return is_valid;
}
