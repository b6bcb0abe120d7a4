/* Parameters: values that take the place of ?, ?1 and :name when the query is planned at start.
 *
 *     WHERE host = :h AND v > ?   :h is 1, ? is 2   bind_text(q, 1, "a")  bind_double(q, 2, 90)
 *
 * 1. Numbers begin with 1. Binding is possible until start, and again replaces the value.
 * 2. A parameter without a value is E0207 at start. */
#include "engine/engine.h"

#include <string.h>

int
weir_parameter_count(const weir_query *query)
{
    return query ? query->parameter_count : 0;
}

int
weir_parameter_index(const weir_query *query, const char *name)
{
    wr_text wanted = wr_text_from(name);
    if (wanted.size && wanted.data[0] == ':') {
        wanted = (wr_text){wanted.data + 1, wanted.size - 1};
    }
    for (int i = 0; query && i < query->parameter_count; i++) {
        if (wanted.size && wr_text_equal(query->parameter_names[i], wanted)) {
            return i + 1;
        }
    }
    return 0;
}

wr_status
wr_engine_parameters_check(const weir_query *query, wr_error *err)
{
    for (int i = 0; i < query->parameter_count; i++) {
        wr_text name = query->parameter_names[i];
        if (query->parameter_bound[i]) {
            continue;
        }
        wr_status status =
            name.size ? wr_error_set(err, WR_ERR_SQL, "E0207", "parameter :%.*s has no value",
                                     WR_TEXT_ARG(name))
                      : wr_error_set(err, WR_ERR_SQL, "E0207", "parameter ?%d has no value", i + 1);
        wr_error_hint(err, "A program gives it one with weir_bind_… before weir_start; with the "
                           "command, -v NAME=VALUE gives one to :'NAME' and ${NAME}.");
        return status;
    }
    return WR_OK;
}

static int
parameter_bind(weir_query *query, int index, wr_type type, const void *value)
{
    if (!query) {
        return WEIR_MISUSE;
    }
    if (query->state != QUERY_PREPARED) {
        return wr_engine_misuse(query, NULL, "parameters are bound before weir_start");
    }
    if (index < 1 || index > query->parameter_count) {
        return wr_engine_misuse(query, NULL, "the statement has no parameter of this number");
    }
    wr_vector_init_constant(&query->parameters[index - 1], type, value, query->arena);
    query->parameter_bound[index - 1] = true;
    return WEIR_OK;
}

int
weir_bind_null(weir_query *query, int index)
{
    return parameter_bind(query, index, WR_TYPE(NULL), NULL);
}

int
weir_bind_bool(weir_query *query, int index, int value)
{
    uint8_t boolean = value != 0;
    return parameter_bind(query, index, WR_TYPE(BOOLEAN), &boolean);
}

int
weir_bind_int64(weir_query *query, int index, int64_t value)
{
    return parameter_bind(query, index, WR_TYPE(BIGINT), &value);
}

int
weir_bind_double(weir_query *query, int index, double value)
{
    return parameter_bind(query, index, WR_TYPE(DOUBLE), &value);
}

int
weir_bind_timestamp(weir_query *query, int index, int64_t us)
{
    return parameter_bind(query, index, WR_TYPE(TIMESTAMP), &us);
}

static int
parameter_bind_view(weir_query *query, int index, wr_type type, wr_text bytes)
{
    if (!query) {
        return WEIR_MISUSE;
    }
    wr_text copy = wr_arena_text(query->arena, bytes);
    wr_view view = wr_view_from(copy.data, copy.size);
    return parameter_bind(query, index, type, &view);
}

int
weir_bind_text(weir_query *query, int index, const char *text, ptrdiff_t size)
{
    if (!text) {
        return weir_bind_null(query, index);
    }
    wr_text bytes = {text, size < 0 ? strlen(text) : (size_t)size};
    if (!wr_utf8_valid(bytes.data, bytes.size)) {
        return query ? wr_engine_misuse(query, NULL, "text must be valid UTF-8; use weir_bind_blob")
                     : WEIR_MISUSE;
    }
    return parameter_bind_view(query, index, WR_TYPE(TEXT), bytes);
}

int
weir_bind_blob(weir_query *query, int index, const void *data, size_t size)
{
    if (!data) {
        return weir_bind_null(query, index);
    }
    return parameter_bind_view(query, index, WR_TYPE(BYTES), (wr_text){data, size});
}
