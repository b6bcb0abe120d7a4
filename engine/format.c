/* weir_format: a script in the house style. weir_hide_secrets: a script as it may be shown. */
#include "engine/engine.h"

#include "core/memory.h"
#include "parser/parser.h"

#include <string.h>

int
weir_format(const char *sql, ptrdiff_t size, char **text, weir_error **err)
{
    if (!sql || !text) {
        return wr_engine_misuse(NULL, err, "weir_format needs a text and a place for the result");
    }
    *text = NULL;
    wr_error error;
    wr_error_clear(&error);
    wr_buffer out;
    wr_buffer_init(&out);
    wr_text script = {sql, size < 0 ? strlen(sql) : (size_t)size};
    if (wr_format_script(script, &out, &error) != WR_OK) {
        wr_buffer_fini(&out);
        return wr_engine_fail(&error, err);
    }
    (void)wr_buffer_cstr(&out);
    *text = out.data;
    return WEIR_OK;
}

char *
weir_hide_secrets(const char *sql, size_t size)
{
    wr_arena *arena = wr_arena_new(0);
    wr_text hidden = wr_secrets_hide(arena, (wr_text){sql ? sql : "", sql ? size : 0});
    char *copy = wr_strndup(hidden.data, hidden.size);
    wr_arena_free(arena);
    return copy;
}
