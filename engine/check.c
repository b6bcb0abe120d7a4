/* weir_check: is a script right, as far as one can tell without opening anything? */
#include "engine/engine.h"

#include "parser/parser.h"

#include <string.h>

int
weir_check(weir_db *db, const char *sql, ptrdiff_t size, weir_error **err)
{
    if (!db || !sql) {
        return wr_engine_misuse(NULL, err, "weir_check needs a database and a text");
    }
    const char *end = sql + (size < 0 ? strlen(sql) : (size_t)size);
    for (const char *start = sql, *tail = sql;; start = tail) {
        weir_query *query = NULL;
        weir_error *failure = NULL;
        int rc = weir_prepare(db, start, end - start, &query, &tail, &failure);
        if (rc == WEIR_OK && !query) {
            return WEIR_OK;
        }
        if (rc == WEIR_OK && query->kind == WEIR_KIND_DDL) {
            rc = weir_start(query, NULL, &failure);
        }
        weir_query_free(query);
        if (rc == WEIR_OK) {
            continue;
        }
        if (failure->error.position >= 0) {
            failure->error.position += (int)(start - sql);
        }
        (void)wr_engine_fail(&failure->error, err);
        weir_error_free(failure);
        return rc;
    }
}

int
weir_complete_statement(const char *sql, size_t size)
{
    return sql && wr_statement_complete((wr_text){sql, size});
}
