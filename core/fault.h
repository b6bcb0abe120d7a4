/* Points at which a test may make the process fail: crash, or be refused what it asks for.
 *
 *   WEIR_FAULT=commit.after:3 weir run …      the third time that this point is passed, SIGKILL
 *   WEIR_FAULT=alloc:5000 weir run …          the 5000th allocation gets no memory
 *
 * Only in builds with -DWEIR_FAULTS=ON (the dev preset); elsewhere a point is nothing at all. */
#ifndef WEIR_CORE_FAULT_H
#define WEIR_CORE_FAULT_H

#include <stdbool.h>

#ifdef WEIR_FAULTS
/* Ends the process as kill -9 does, if WEIR_FAULT says so. `name`: "commit.before" … */
void wr_fault_point(const char *name);
/* True once: when WEIR_FAULT says that what is asked for here is to fail now. */
bool wr_fault_fails(const char *name);
#define WR_FAULT(name) wr_fault_point(name)
#define WR_FAULT_FAILS(name) wr_fault_fails(name)
#else
#define WR_FAULT(name) ((void)0)
#define WR_FAULT_FAILS(name) false
#endif

#endif
