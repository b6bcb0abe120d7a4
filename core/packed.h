/* Columns of numbers and texts as bytes, as few as their spread needs: what checkpoints are made
 * of. Little endian. What is read comes from a disk: it is checked, and a failed read says so by
 * `false`. 1 ≤ n ≤ WR_BATCH_ROWS. */
#ifndef WEIR_CORE_PACKED_H
#define WEIR_CORE_PACKED_H

#include "core/buffer.h"
#include "core/vector.h"

/* Appends n numbers; read takes them from the front of *from. */
void wr_packed_write(wr_buffer *out, const uint64_t *numbers, int n);
bool wr_packed_read(wr_text *from, uint64_t *numbers, int n);

/* Likewise texts: sizes, then bytes. Those that are read have their bytes in `arena`. */
void wr_packed_write_texts(wr_buffer *out, const wr_view *views, int n);
bool wr_packed_read_texts(wr_text *from, wr_view *views, int n, wr_arena *arena);

/* `size` bytes from the front of *from; false: there are fewer. */
bool wr_packed_take(wr_text *from, void *to, size_t size);

#endif
