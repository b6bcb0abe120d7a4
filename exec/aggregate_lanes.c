/* The aggregate of several lanes: each lane's own aggregate keeps groups, this one emits them.
 *
 *   lane 0   [0,5) a 1 b 2   [5,10) a 7       advance(5)
 *   lane 1   [0,5) a 3                          ▶  [0,5) a 4 b 2 emitted; [5,10) stays with lane 0
 *
 * 1. What a lane holds for a window that closes is absorbed before the window is emitted: no row
 *    can come for it any more, since lanes judge by max(row's watermark, ours).
 * 2. Lanes' aggregates emit nothing and pass no time on; they are touched between rounds only. */
#include "exec/aggregate.h"

#include "core/memory.h"

void
wr_aggregate_add_partial(wr_window_aggregate *aggregate, wr_window_aggregate *partial)
{
    int count = aggregate->partial_count + 1;
    aggregate->partials =
        wr_realloc(aggregate->partials, (size_t)count * sizeof(*aggregate->partials));
    aggregate->partials[aggregate->partial_count++] = partial;
    partial->table_layout = &aggregate->layout; /* tables change hands */
}

/* The groups of a pane that has none yet are taken as they are, in exchange for the empty table. */
static void
aggregate_absorb_pane(wr_window_aggregate *aggregate, wr_pane *pane)
{
    wr_pane *own = wr_aggregate_pane(aggregate, pane->start_us, pane->first_end_us,
                                     pane->last_end_us);
    wr_parts_join(&own->parts, &pane->parts);
    if (own->groups->limit == 0) {
        wr_group_table *groups = own->groups;
        own->groups = pane->groups;
        pane->groups = groups;
    } else {
        wr_group_table_combine(own->groups, pane->groups);
    }
}

static void
aggregate_absorb_partial(wr_window_aggregate *aggregate, wr_window_aggregate *partial)
{
    int64_t grace_us = aggregate->plan->window.grace_us;
    int kept = 0;
    for (int i = 0; i < partial->pane_count; i++) {
        wr_pane *pane = partial->panes[i];
        int64_t close_us = wr_time_add_saturated(pane->first_end_us, grace_us);
        if (close_us <= aggregate->watermark_us) {
            aggregate_absorb_pane(aggregate, pane);
            wr_aggregate_return_pane(partial, pane);
        } else {
            partial->panes[kept++] = pane;
        }
    }
    partial->pane_count = kept;
    partial->watermark_us = aggregate->watermark_us;
}

void
wr_aggregate_absorb(wr_window_aggregate *aggregate)
{
    for (int i = 0; i < aggregate->partial_count; i++) {
        aggregate_absorb_partial(aggregate, aggregate->partials[i]);
    }
}
