/* The allocator's habits. What a checkpoint frees, the rows and records of an epoch, is wanted
 * again by the next one, and what a batch frees by the next batch. mimalloc gives freed pages back
 * to the system after 25 ms (500 ms in later versions); the next epoch then meets page faults: a
 * tenth of the CPU time of a job that writes to Kafka exactly once.
 *
 * 1. Memory is still given back, only later: a burst that is over is gone after KEEP_MS.
 * 2. The library has its program's allocator and habits: this concerns the command only. */
#include "cli/heap.h"

#ifdef WEIR_MIMALLOC
#include <mimalloc.h>

enum { KEEP_MS = 1000 }; /* the default interval of checkpoints */

#if MI_MALLOC_VERSION < 210
#define KEEP_OPTION mi_option_decommit_delay
#else
#define KEEP_OPTION mi_option_purge_delay
#endif

void
cli_heap_init(void)
{
    mi_option_set_default(KEEP_OPTION, KEEP_MS);
}
#else
void
cli_heap_init(void)
{
}
#endif
