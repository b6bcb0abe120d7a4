/* The simple text modes: one row after another, nothing held back.
 *
 *   line      host = a          tsv       host<tab>avg        markdown   | host | avg |
 *              avg = 1.5                  a<tab>1.5                      | --- | ---: |
 *                                                                        | a | 1.5 |
 *
 * 1. A row of tsv or markdown is one line whatever is in it. NULL: \N in tsv, NULL elsewhere. */
#include "cli/display.h"
#include "cli/render.h"

#include <stdlib.h>
#include <string.h>

typedef struct text_renderer {
    cli_renderer base;
    weir_query *query;
    int column_count, name_width;
    bool header_done;
} text_renderer;

static void
tsv_append(cli_text *out, const char *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        switch (data[i]) {
        case '\t': cli_text_append_z(out, "\\t"); break;
        case '\n': cli_text_append_z(out, "\\n"); break;
        case '\r': cli_text_append_z(out, "\\r"); break;
        case '\\': cli_text_append_z(out, "\\\\"); break;
        default: cli_text_append_char(out, data[i]); break;
        }
    }
}

static void
markdown_append(cli_text *out, const char *data, size_t size)
{
    cli_text shown = {0};
    cli_display_append(&shown, data, size);
    for (size_t i = 0; i < shown.size; i++) {
        if (shown.data[i] == '|')
            cli_text_append_char(out, '\\');
        cli_text_append_char(out, shown.data[i]);
    }
    cli_text_fini(&shown);
}

/* One cell of a tsv or markdown row, with what stands before it. */
static void
cell_append(text_renderer *r, cli_text *out, int index, const char *data, size_t size)
{
    if (r->base.config.mode == CLI_MODE_TSV) {
        if (index > 0)
            cli_text_append_char(out, '\t');
        tsv_append(out, data, size);
    } else {
        cli_text_append_z(out, index > 0 ? " | " : "| ");
        markdown_append(out, data, size);
    }
}

static void
row_finish(const text_renderer *r, cli_text *out)
{
    cli_text_append_z(out, r->base.config.mode == CLI_MODE_TSV ? "\n" : " |\n");
}

static void
header_append(text_renderer *r, cli_text *out)
{
    int shift = r->base.config.changelog ? 1 : 0;
    r->header_done = true;
    if (shift > 0)
        cell_append(r, out, 0, "op", 2);
    for (int i = 0; i < r->column_count; i++) {
        const char *name = weir_column_name(r->query, i);
        cell_append(r, out, i + shift, name, strlen(name));
    }
    row_finish(r, out);
    if (r->base.config.mode != CLI_MODE_MARKDOWN)
        return;
    cli_text_append_z(out, shift > 0 ? "| --- " : "");
    for (int i = 0; i < r->column_count; i++)
        cli_text_append_z(out,
                          cli_type_is_number(weir_column_type(r->query, i)) ? "| ---: " : "| --- ");
    cli_text_append_z(out, "|\n");
}

static void
line_row(text_renderer *r, cli_text *out)
{
    if (r->header_done)
        cli_text_append_char(out, '\n');
    r->header_done = true;
    if (r->base.config.changelog) {
        cli_display_spaces(out, r->name_width - 2);
        cli_text_format(out, "op = %s\n", cli_row_op_name(r->query));
    }
    for (int i = 0; i < r->column_count; i++) {
        cli_text name = {0};
        const char *raw = weir_column_name(r->query, i);
        int width = cli_display_append(&name, raw, strlen(raw));
        cli_display_spaces(out, r->name_width - width);
        cli_text_format(out, "%s = ", cli_text_z(&name));
        size_t size = 0;
        const char *data = weir_column_text(r->query, i, &size);
        cli_display_append(out, data != NULL ? data : "NULL", data != NULL ? size : 4);
        cli_text_append_char(out, '\n');
        cli_text_fini(&name);
    }
}

static void
delimited_row(text_renderer *r, cli_text *out)
{
    const char *null_text = r->base.config.mode == CLI_MODE_TSV ? "\\N" : "NULL";
    int shift = r->base.config.changelog ? 1 : 0;
    if (!r->header_done)
        header_append(r, out);
    if (shift > 0)
        cell_append(r, out, 0, cli_row_op_name(r->query), 2);
    for (int i = 0; i < r->column_count; i++) {
        size_t size = 0;
        const char *data = weir_column_text(r->query, i, &size);
        if (data != NULL) {
            cell_append(r, out, i + shift, data, size);
            continue;
        }
        cell_append(r, out, i + shift, "", 0);
        cli_text_append_z(out, null_text);
    }
    row_finish(r, out);
}

static int64_t
text_row(cli_renderer *renderer, weir_query *query, int64_t max_rows)
{
    text_renderer *r = (text_renderer *)renderer;
    (void)max_rows;
    if (cli_row_hidden(&renderer->config, query))
        return 0;
    if (renderer->config.mode == CLI_MODE_LINE)
        line_row(r, &renderer->config.output->pending);
    else
        delimited_row(r, &renderer->config.output->pending);
    return 1;
}

static int64_t
null_row(cli_renderer *renderer, weir_query *query, int64_t max_rows)
{
    (void)max_rows;
    return cli_row_hidden(&renderer->config, query) ? 0 : 1;
}

static void
text_batch_end(cli_renderer *renderer)
{
    (void)renderer; /* nothing is held back */
}

static void
text_end(cli_renderer *renderer)
{
    text_renderer *r = (text_renderer *)renderer;
    bool has_header =
        renderer->config.mode == CLI_MODE_TSV || renderer->config.mode == CLI_MODE_MARKDOWN;
    if (has_header && !r->header_done)
        header_append(r, &renderer->config.output->pending);
}

static void
text_free(cli_renderer *renderer)
{
    free(renderer);
}

static const cli_renderer_ops TEXT_OPS = {text_row, text_batch_end, text_end, text_free};
static const cli_renderer_ops NULL_OPS = {null_row, text_batch_end, text_end, text_free};

cli_renderer *
cli_render_text_new(const cli_render_config *config, weir_query *query)
{
    text_renderer *r = cli_allocate(1, sizeof(*r));
    r->base = (cli_renderer){config->mode == CLI_MODE_NULL ? &NULL_OPS : &TEXT_OPS, *config};
    r->query = query;
    r->column_count = weir_column_count(query);
    r->name_width = config->changelog ? 2 : 0;
    for (int i = 0; i < r->column_count; i++) {
        cli_text shown = {0};
        const char *name = weir_column_name(query, i);
        int width = cli_display_append(&shown, name, strlen(name));
        r->name_width = width > r->name_width ? width : r->name_width;
        cli_text_fini(&shown);
    }
    return &r->base;
}
