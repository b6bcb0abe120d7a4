/* Random bytes of the system, and UUIDs (RFC 9562) as text. Any thread. */
#ifndef WEIR_CORE_UUID_H
#define WEIR_CORE_UUID_H

#include "core/text.h"

enum { WR_UUID_BYTES = 16, WR_UUID_TEXT = 36 };

/* `size` bytes that nobody can foresee; never fails. */
void wr_random_bytes(void *bytes, size_t size);
/* Makes a UUID of version 4 out of 16 random bytes. */
void wr_uuid_random(unsigned char bits[WR_UUID_BYTES]);
/* Of version 7: the first 6 random bytes become the milliseconds since 1970. */
void wr_uuid_timed(unsigned char bits[WR_UUID_BYTES], int64_t wall_us);
/* "0190163d-8694-7394-8b3f-2c7e5a4c7a10", in lower case, no NUL. */
void wr_uuid_print(const unsigned char bits[WR_UUID_BYTES], char out[WR_UUID_TEXT]);
/* Is it one, in either case? */
bool wr_uuid_valid(wr_text text);

#endif
