/* ^C, SIGTERM and the signals that must not end us. */
#ifndef WEIR_CLI_SIGNALS_H
#define WEIR_CLI_SIGNALS_H

#include "weir.h"

#include <stdbool.h>

/* First SIGINT/SIGTERM: remembered, and the current query is interrupted. Second: exit 130/143 at
 * once. SIGPIPE and SIGXFSZ are ignored: write says it (EPIPE, EFBIG). */
void cli_signals_install(void);
/* The query that the first signal interrupts; NULL: none. Set to NULL before the query is freed. */
void cli_signals_watch(weir_query *query);
/* A signal came since the last reset. */
bool cli_signals_pending(void);
void cli_signals_reset(void); /* a prompt goes on after ^C */

#endif
