/* Errors on their way out: from wr_error, which lives on a stack, to weir_error, which the caller
 * owns or the query keeps.
 *
 *     wr_status                             weir_…
 *     WR_ERR_SQL     the text is wrong      WEIR_SQL
 *     WR_AGAIN, WR_END                      WEIR_AGAIN, WEIR_DONE
 *
 * 1. Whoever asks for no weir_error gets the code alone; nothing is allocated then. */
#include "engine/engine.h"

#include "core/memory.h"
#include "parser/parser.h"

int
wr_engine_code(wr_status status)
{
    switch (status) {
    case WR_OK: return WEIR_OK;
    case WR_AGAIN: return WEIR_AGAIN;
    case WR_END: return WEIR_DONE;
    case WR_ERR_SQL: return WEIR_SQL;
    case WR_ERR_RUNTIME: return WEIR_RUNTIME;
    case WR_ERR_UNREACHABLE: return WEIR_UNREACHABLE;
    case WR_ERR_STATE: return WEIR_STATE;
    case WR_ERR_CLOSED: return WEIR_CLOSED;
    case WR_ERR_INTERRUPTED: return WEIR_INTERRUPT;
    case WR_ERR_MISUSE: return WEIR_MISUSE;
    }
    return WEIR_RUNTIME;
}

int
wr_engine_fail(const wr_error *err, weir_error **out)
{
    if (out) {
        *out = wr_alloc(sizeof(weir_error));
        (*out)->error = *err;
    }
    return wr_engine_code(err->status);
}

int
wr_engine_query_fail(weir_query *query, const wr_error *err, weir_error **out)
{
    query->failure.error = *err;
    return wr_engine_fail(err, out);
}

int
wr_engine_misuse(weir_query *query, weir_error **out, const char *message)
{
    wr_error err;
    (void)wr_error_set(&err, WR_ERR_MISUSE, "E0902", "%s", message);
    return query ? wr_engine_query_fail(query, &err, out) : wr_engine_fail(&err, out);
}

int
weir_error_status(const weir_error *err)
{
    return err ? wr_engine_code(err->error.status) : WEIR_OK;
}

const char *
weir_error_code(const weir_error *err)
{
    return err ? err->error.code : "";
}

const char *
weir_error_message(const weir_error *err)
{
    return err ? err->error.message : "";
}

const char *
weir_error_detail(const weir_error *err)
{
    return err ? err->error.detail : "";
}

const char *
weir_error_hint(const weir_error *err)
{
    return err ? err->error.hint : "";
}

int
weir_error_position(const weir_error *err)
{
    return err && err->error.code[0] ? err->error.position : -1;
}

int
weir_error_length(const weir_error *err)
{
    return err ? err->error.length : 0;
}

void
weir_error_free(weir_error *err)
{
    wr_free(err);
}

void
weir_error_locate(const char *sql, size_t size, int position, int *line, int *column)
{
    int line_number = 1, column_number = 1;
    if (sql && position >= 0) {
        wr_text_line_column((wr_text){sql, size}, position, &line_number, &column_number);
    }
    if (line) {
        *line = line_number;
    }
    if (column) {
        *column = column_number;
    }
}

const weir_error *
weir_query_error(const weir_query *query)
{
    return query && query->failure.error.code[0] ? &query->failure : NULL;
}
