/* What the state of an operator means, as text: two plans whose operators have the same
 * fingerprints can go on with each other's state. */
#ifndef WEIR_PLANNER_FINGERPRINT_H
#define WEIR_PLANNER_FINGERPRINT_H

#include "planner/plan.h"

/* Appends a line for the node and each one below it. Of scans only what is read and how time is
 * told, not which columns: these may change without harm. */
void wr_plan_fingerprint(const wr_plan_node *node, wr_buffer *out);

/* The node's line of EXPLAIN. */
void wr_plan_describe_node(const wr_plan_node *node, wr_buffer *out);
/* "aggregate", "scan" …: what EXPLAIN calls the kind. */
const char *wr_plan_node_name(const wr_plan_node *node);

#endif
