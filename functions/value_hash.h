/* Hashes of values that stay the same from version to version, on every machine: what hash() shows
 * and sketches in checkpoints hold. (Keys are hashed faster, by core/hash.h.) */
#ifndef WEIR_FUNCTIONS_VALUE_HASH_H
#define WEIR_FUNCTIONS_VALUE_HASH_H

#include "core/checksum.h"
#include "functions/kernel.h"

#include <math.h>

/* Goes on from `before` (0 for the first) over one value of a type; equal values hash alike: −0.0
 * as +0.0, NaNs as one. */
static inline uint64_t
wr_value_hash(uint64_t before, wr_type_id type, const void *value)
{
    if (wr_type_is_view(type)) {
        wr_text text = wr_view_text(value);
        return wr_checksum_more(before, text.data, text.size);
    }
    if (type == WR_TYPE_DOUBLE) {
        double number = *(const double *)value;
        number = number == 0 ? 0 : isnan(number) ? (double)NAN : number;
        return wr_checksum_more(before, &number, sizeof(number));
    }
    return wr_checksum_more(before, value, (size_t)wr_type_width(type));
}

#endif
