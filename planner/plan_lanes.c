/* How many lanes a query gets, and which part of the plan each of them runs.
 *
 *     result
 *     └ project            once, on the stepping thread
 *       └ aggregate        ◀ lane_top: groups per lane, combined when a window closes
 *         └ filter         per lane
 *           └ scan         pieces of the input go to whichever lane is free
 *
 * Invariant: lanes > 1 only if results are the same as with one: everything below an aggregate that
 * emits FINAL results works row by row. */
#include "planner/query.h"

#include <unistd.h>

static int
core_count(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count > 64 ? 64 : (int)count;
}

/* The aggregate next to the scan, if nothing but filters and projects is between them. */
static const wr_plan_node *
lowest_aggregate(const wr_plan_node *node)
{
    const wr_plan_node *aggregate = NULL;
    for (; node->input_count == 1; node = node->inputs[0]) {
        if (node->kind == WR_PLAN_AGGREGATE) {
            aggregate = node;
        } else if (node->kind != WR_PLAN_FILTER && node->kind != WR_PLAN_PROJECT) {
            aggregate = NULL;
        }
    }
    return node->kind == WR_PLAN_SCAN ? aggregate : NULL;
}

static bool
scan_is_shared(const wr_plan_node *node)
{
    while (node->kind != WR_PLAN_SCAN) {
        node = node->inputs[0];
    }
    const wr_plan_scan *scan = &node->u.scan;
    if (scan->processing_time || !scan->format) {
        return false;
    }
    switch (scan->source->lane_share) {
    case WR_LANES_ONE:
        return false;
    case WR_LANES_PIECES:
        return true;
    }
    return false;
}

void
wr_plan_set_lanes(const wr_settings *settings, wr_plan *plan)
{
    const wr_plan_node *aggregate = lowest_aggregate(plan->root);
    plan->lanes = 1;
    plan->lane_top = NULL;
    if (aggregate && aggregate->u.aggregate.emit.kind == WR_EMIT_FINAL &&
        scan_is_shared(aggregate)) {
        plan->lanes = settings->lanes > 0 ? (int)settings->lanes : core_count();
        plan->lane_top = plan->lanes > 1 ? aggregate : NULL;
    }
}
