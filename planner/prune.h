/* Projection push-down, inside planner/: what a node needs of its input (prune_needs.c), how paths
 * into JSON are written (prune_path.c), what a scan makes of it (prune_scan.c); prune.c goes from
 * node to node. All memory is the arena's. */
#ifndef WEIR_PLANNER_PRUNE_H
#define WEIR_PLANNER_PRUNE_H

#include "planner/plan.h"

typedef struct wr_need {
    int column;          /* of the input, before pruning */
    const wr_text *path; /* into a JSON column; NULL: the column itself */
    int path_length;
    uint64_t indexes;      /* bit i: path[i] is an array's index in digits, no key */
    const wr_expr *derive; /* over the value there, as column 0; NULL: the value itself */
    int at;                /* answer: where it is now */
    bool absorbed;         /* answer: what is there is what the path leads to, */
    bool derived;          /* and what is derived from that */
} wr_need;

typedef struct wr_needs {
    wr_arena *arena;
    wr_need *items;
    int count, capacity;
    int *plain; /* by column: index of its need without a path + 1; 0: none */
} wr_needs;

/* No needs yet of an input with this many columns. */
wr_needs wr_needs_new(wr_arena *arena, int column_count);
/* Do two needs have the same column and path? */
bool wr_need_same_path(const wr_need *a, const wr_need *b);
/* Index of the need (answers apart); -1: it is not among them. */
int wr_needs_find(const wr_needs *list, const wr_need *need);
/* Its index; added if it is not there yet. What it points to is kept. */
int wr_needs_add(wr_needs *list, const wr_need *need);
/* Gives `need` the answer that the same need has in `list`. */
void wr_need_answer(wr_need *need, const wr_needs *list);
/* Is the expression a path into a JSON column, or a number or text made of what is there? */
bool wr_need_read(wr_arena *arena, const wr_expr *expr, wr_need *need);
/* Adds what an expression reads. NULL: nothing. */
void wr_needs_of(wr_needs *list, const wr_expr *expr);
/* The expression over the pruned input, when all needs have their answers. NULL stays NULL. */
const wr_expr *wr_needs_answered(const wr_needs *list, const wr_expr *expr);

/* Completes a scan: decodes and adds what is wanted, and answers it. */
void wr_prune_scan(wr_plan_node *node, wr_needs *wanted);

#endif
