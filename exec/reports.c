/* Reports: bad rows that a lane found and the stepping thread tells of when the round is over.
 *
 *   lane 0   ticket 4: row "{…"     ticket 6: row "x,"
 *   lane 1   ticket 5: row "[1"                             told: 4, 5, 6
 *
 * 1. A report owns its texts: the piece they came from is gone when they are told. */
#include "exec/reports.h"

#include "core/memory.h"

void
wr_reports_init(wr_reports *reports)
{
    *reports = (wr_reports){.arena = wr_arena_new(0)};
}

void
wr_reports_fini(wr_reports *reports)
{
    wr_arena_free(reports->arena);
    wr_free(reports->items);
    *reports = (wr_reports){0};
}

void
wr_reports_add(wr_reports *reports, const wr_bad_row *bad)
{
    reports->items =
        wr_grow(reports->items, reports->count, &reports->capacity, sizeof(*reports->items));
    wr_report *report = &reports->items[reports->count++];
    *report = (wr_report){.ticket = reports->ticket, .bad = *bad};
    report->bad.record = wr_arena_text(reports->arena, bad->record);
    report->bad.column = wr_arena_text(reports->arena, bad->column);
}

void
wr_reports_number(wr_reports *reports, int64_t ticket, int64_t lines_before)
{
    for (int i = reports->count - 1; i >= 0 && reports->items[i].ticket >= ticket; i--) {
        wr_bad_row *bad = &reports->items[i].bad;
        bad->line += reports->items[i].ticket == ticket && bad->line > 0 ? lines_before : 0;
    }
}

void
wr_reports_reset(wr_reports *reports)
{
    reports->count = reports->next = 0;
    wr_arena_reset(reports->arena);
}
