/* The list of tables that make up the registry; for functions/registry.c alone. */
#ifndef WEIR_FUNCTIONS_REGISTRY_H
#define WEIR_FUNCTIONS_REGISTRY_H

#include "functions/kernel.h"

/* X(name): wr_functions_<name> in functions/scalar_<name>.c. Of equally near overloads the one of
 * the earlier table is taken, so what fewer people mean stands later. */
#define WR_FUNCTION_TABLES(X) \
    X(arith) \
    X(calendar) \
    X(compare) \
    X(condition) \
    X(degrees) \
    X(digest) \
    X(edit) \
    X(encode) \
    X(format) \
    X(in) \
    X(json) \
    X(json_make) \
    X(like) \
    X(logic) \
    X(math) \
    X(number) \
    X(random) \
    X(regexp) \
    X(similar) \
    X(text) \
    X(time) \
    X(time_format) \
    X(url) \
    X(decimal) \
    X(date) \
    X(zone)

/* X(name): wr_aggregates_<name> in functions/aggregate_<name>.c */
#define WR_AGGREGATE_TABLES(X) \
    X(bits) \
    X(bool) \
    X(count) \
    X(frequency) \
    X(list) \
    X(minmax) \
    X(moments) \
    X(pick) \
    X(quantile) \
    X(sketch) \
    X(sum) \
    X(variance) \
    X(decimal)

#endif
