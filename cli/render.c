/* Chooses the renderer of an output mode, and what all of them share.
 *
 * 1. Without --changelog a row that is taken back (-U, -D) is not shown by any mode. */
#include "cli/render.h"

cli_renderer *
cli_render_new(const cli_render_config *config, weir_query *query, weir_error **err)
{
    switch (config->mode) {
    case CLI_MODE_AUTO:
    case CLI_MODE_TABLE: return cli_render_table_new(config, query);
    case CLI_MODE_LINE:
    case CLI_MODE_TSV:
    case CLI_MODE_MARKDOWN:
    case CLI_MODE_NULL: return cli_render_text_new(config, query);
    case CLI_MODE_CSV:
    case CLI_MODE_JSON:
    case CLI_MODE_JSONL: return cli_render_encoded_new(config, query, err);
    }
    return NULL;
}

const char *
cli_row_op_name(const weir_query *query)
{
    switch ((weir_op)weir_row_op(query)) {
    case WEIR_INSERT: return "+I";
    case WEIR_UPDATE_BEFORE: return "-U";
    case WEIR_UPDATE_AFTER: return "+U";
    case WEIR_DELETE: return "-D";
    }
    return "";
}

bool
cli_row_hidden(const cli_render_config *config, const weir_query *query)
{
    int op = weir_row_op(query);
    return !config->changelog && (op == WEIR_UPDATE_BEFORE || op == WEIR_DELETE);
}

bool
cli_type_is_number(int type)
{
    return type == WEIR_BIGINT || type == WEIR_DOUBLE || type == WEIR_DECIMAL;
}
