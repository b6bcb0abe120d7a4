/* Which columns of the rows make their key.
 *
 *     key = host    key = 'host, "my col"'    key = (host, region)
 *
 * 1. Names match without regard to case; the order of the option is the order of the key. */
#include "connectors/key_columns.h"

#include <string.h>

static int
column_find(const wr_schema *schema, wr_text name)
{
    for (int i = 0; i < schema->count; i++) {
        if (wr_text_equal_nocase(schema->columns[i].name, name)) {
            return i;
        }
    }
    return -1;
}

static wr_status
column_missing(const wr_option *option, const wr_schema *schema, wr_text name, wr_arena *arena,
               wr_error *err)
{
    wr_text *names = WR_NEW_ARRAY(arena, wr_text, schema->count);
    for (int i = 0; i < schema->count; i++) {
        names[i] = schema->columns[i].name;
    }
    wr_error_set(err, WR_ERR_SQL, "E0203", "key: the rows have no column \"%.*s\"",
                 WR_TEXT_ARG(name));
    int near = wr_text_nearest(name, names, schema->count);
    if (near >= 0) {
        wr_error_hint(err, "did you mean \"%.*s\"?", WR_TEXT_ARG(names[near]));
    }
    wr_error_at(err, option->position, option->length);
    return WR_ERR_SQL;
}

/* Takes one name off  a, "b, c" ; quotes around it are dropped. */
static wr_text
name_take(wr_text *list)
{
    *list = wr_text_trim(*list);
    bool quoted = list->size > 1 && list->data[0] == '"';
    const char *close = quoted ? memchr(list->data + 1, '"', list->size - 1) : NULL;
    size_t from = close ? (size_t)(close - list->data) : 0;
    const char *comma = memchr(list->data + from, ',', list->size - from);
    size_t size = comma ? (size_t)(comma - list->data) : list->size;
    wr_text name = wr_text_trim((wr_text){list->data, size});
    *list = comma ? (wr_text){comma + 1, list->size - size - 1} : WR_TEXT_NONE;
    if (name.size >= 2 && name.data[0] == '"' && name.data[name.size - 1] == '"') {
        name = (wr_text){name.data + 1, name.size - 2};
    }
    return name;
}

wr_status
wr_key_columns_find(const wr_option *option, const wr_schema *schema, wr_arena *arena,
                    int **columns, int *count, wr_error *err)
{
    *columns = NULL;
    *count = 0;
    if (!option) {
        return WR_OK;
    }
    wr_text list = wr_text_trim(option->value);
    if (list.size >= 2 && list.data[0] == '(' && list.data[list.size - 1] == ')') {
        list = (wr_text){list.data + 1, list.size - 2};
    }
    *columns = WR_NEW_ARRAY(arena, int, list.size + 1);
    while (list.size > 0) {
        wr_text name = name_take(&list);
        int column = column_find(schema, name);
        if (column < 0) {
            return column_missing(option, schema, name, arena, err);
        }
        (*columns)[(*count)++] = column;
    }
    return WR_OK;
}
