/* Stores with a known content for tests: commits of epoch 1, 2, 3 … that touch every table, and all
 * that a store says as one text, to be compared. */
#ifndef WEIR_TESTS_LIB_STORE_FIXTURE_H
#define WEIR_TESTS_LIB_STORE_FIXTURE_H

#include "exec/state/store.h"

/* A new directory, in memory if that can be (syncs cost nothing there); removed with all in it. */
void store_folder_make(char *folder, size_t size);
void store_folder_remove(const char *folder);
void store_file_copy(const char *from, const char *to);

wr_status store_open_at(const char *dir, wr_store **store, wr_error *err);
/* The commit of this epoch; the same at each call. Bodies have about `body_bytes`. */
wr_commit *store_commit_make(int64_t epoch, int body_bytes);
/* Opens, or goes on from, the store in `dir` and commits up to `last_epoch`. */
void store_fill(const char *dir, int64_t last_epoch, int body_bytes);
/* Reads everything there is to read; `out` is the text, without ids of the job. */
wr_status store_dump(wr_store *store, wr_buffer *out, wr_error *err);
/* Opens, dumps and closes. */
wr_status store_dump_at(const char *dir, bool read_only, wr_buffer *out, wr_error *err);

#endif
