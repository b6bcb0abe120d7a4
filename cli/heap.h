/* How the command's allocator treats memory that has become free. */
#ifndef WEIR_CLI_HEAP_H
#define WEIR_CLI_HEAP_H

/* Before the first query; once. The user's MIMALLOC_… variables win. */
void cli_heap_init(void);

#endif
