/* weir_format: a script in the house style. */
#include "engine/engine.h"

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
