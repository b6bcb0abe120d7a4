/* Statements that tell what is there. They fill the query's columns and rows; the db is locked. */
#ifndef WEIR_ENGINE_SHOW_H
#define WEIR_ENGINE_SHOW_H

#include "engine/engine.h"

wr_status wr_engine_show(weir_query *query, wr_error *err);     /* SHOW what [LIKE 'p'] */
wr_status wr_engine_describe(weir_query *query, wr_error *err); /* DESCRIBE name */
wr_status wr_engine_describe_query(weir_query *query, wr_error *err); /* DESCRIBE query */
wr_status wr_engine_show_create(weir_query *query, wr_error *err);    /* SHOW CREATE kind name */
wr_status wr_engine_explain(weir_query *query, wr_error *err);  /* EXPLAIN query */

#endif
