/* How much a node of a plan has to remember: an estimate, for EXPLAIN. Internal to planner/. */
#ifndef WEIR_PLANNER_STATE_SIZE_H
#define WEIR_PLANNER_STATE_SIZE_H

#include "planner/plan.h"

typedef enum wr_state_unit {
    WR_STATE_NONE,  /* it remembers nothing, or one number */
    WR_STATE_GROUP, /* an entry for each group, in each window that is open */
    WR_STATE_ROW    /* rows that wait to be sorted */
} wr_state_unit;

typedef struct wr_state_size {
    wr_state_unit unit;
    int64_t unit_bytes; /* of a group or row, its texts taken as TEXT_BYTES each */
    int64_t windows;    /* open at once while rows come in order; 0: not windowed */
    bool keeps_values;  /* …and beside that the values of a group, which grow with its rows */
    bool one_group;     /* no keys: with windows this is a bound */
    bool forgets;       /* windows close: without, it grows with every new group or row */
    bool spills;        /* what has no room in memory waits on disk */
} wr_state_size;

wr_state_size wr_plan_state_size(const wr_plan_node *node);

#endif
