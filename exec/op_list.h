/* Every operator: X(plan kind, name). One line adds one; its vtable is wr_op_<name>, in
 * exec/op_<name>.c. */
#ifndef WEIR_EXEC_OP_LIST_H
#define WEIR_EXEC_OP_LIST_H

#define WR_OP_LIST(X)                 \
    X(FILTER, filter)                 \
    X(PROJECT, project)               \
    X(AGGREGATE, window_aggregate)    \
    X(WINDOW_ASSIGN, window_assign)   \
    X(SORT, sort)                     \
    X(LIMIT, limit)                   \
    X(UNION, union)                   \
    X(SINK, sink)                     \
    X(RESULT, result)

#define WR_OP_DECLARE(kind, name) extern const wr_operator_ops wr_op_##name;
WR_OP_LIST(WR_OP_DECLARE)
#undef WR_OP_DECLARE

#endif
