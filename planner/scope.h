/* What names mean at one place of a query: the columns of its input, and what is hidden behind them
 * (pseudo-columns, window columns). Internal to planner/. */
#ifndef WEIR_PLANNER_SCOPE_H
#define WEIR_PLANNER_SCOPE_H

#include "planner/context.h"

typedef enum wr_scope_kind {
    WR_SCOPE_WINDOW,  /* window_start …: found first, never in * */
    WR_SCOPE_VISIBLE, /* columns */
    WR_SCOPE_PSEUDO   /* _key …: found last, never in * */
} wr_scope_kind;

typedef struct wr_scope_column {
    wr_scope_kind kind;
    wr_text name;
    const wr_expr *expr; /* what it stands for, over the input's schema */
} wr_scope_column;

typedef struct wr_scope {
    wr_text alias; /* that may stand before a column; "" none */
    wr_text what;  /* for messages: stream "cpu", kafka('t') */
    wr_scope_column *columns;
    int count, capacity;
} wr_scope;

void wr_scope_add(wr_scope *scope, wr_arena *arena, wr_scope_column column);

/* Index of the column of this name; -1: none; -2: several that differ in case only. */
int wr_scope_find(const wr_scope *scope, wr_ast_name name);

/* Adds "did you mean" and the list of columns to an E0203. */
void wr_scope_suggest(const wr_scope *scope, wr_text name, wr_error *err);

#endif
