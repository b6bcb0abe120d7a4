/* Bad rows of a lane, kept until the stepping thread tells of them. */
#ifndef WEIR_EXEC_REPORTS_H
#define WEIR_EXEC_REPORTS_H

#include "connectors/connector.h"

typedef struct wr_report {
    int64_t ticket; /* of its piece */
    wr_bad_row bad; /* texts in the reports' arena */
} wr_report;

typedef struct wr_reports {
    wr_arena *arena;
    wr_report *items; /* heap; by ticket, since a lane's tickets go up */
    int count, capacity;
    int next;       /* the first that is not told yet */
    int64_t ticket; /* of the piece at work */
} wr_reports;

void wr_reports_init(wr_reports *reports);
void wr_reports_fini(wr_reports *reports);
/* A copy of `bad`, of the piece at work. */
void wr_reports_add(wr_reports *reports, const wr_bad_row *bad);
/* Line numbers of this piece counted from `lines_before`. */
void wr_reports_number(wr_reports *reports, int64_t ticket, int64_t lines_before);
void wr_reports_reset(wr_reports *reports);

#endif
