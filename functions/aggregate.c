/* What aggregates share: reading states from checkpoints, which are bytes from outside.
 *
 * 1. A state of the wrong size is an error, never an assertion: a disk can lie. */
#include "functions/aggregate.h"

wr_status
wr_aggregate_load_exactly(void *state, size_t size_bytes, wr_text bytes, wr_error *err)
{
    if (bytes.size != size_bytes) {
        return wr_error_set(err, WR_ERR_STATE, "E0903", "a stored aggregate has %zu bytes, not %zu",
                            bytes.size, size_bytes);
    }
    if (size_bytes > 0) {
        memcpy(state, bytes.data, size_bytes);
    }
    return WR_OK;
}
