/* Points at which a test may make the process fail: crash, or get an I/O error.
 *
 *   WEIR_FAULT=commit.after:3 weir run …      the third time that this point is passed, SIGKILL
 *
 * Only in builds with -DWEIR_FAULTS=ON (the dev preset); elsewhere a point is nothing at all. */
#ifndef WEIR_CORE_FAULT_H
#define WEIR_CORE_FAULT_H

#ifdef WEIR_FAULTS
/* Ends the process as kill -9 does, if WEIR_FAULT says so. `name`: "commit.before" … */
void wr_fault_point(const char *name);
#define WR_FAULT(name) wr_fault_point(name)
#else
#define WR_FAULT(name) ((void)0)
#endif

#endif
