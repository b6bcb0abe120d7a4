/* CSV, JSON and JSON Lines: the library encodes, as it does for files and topics.
 *
 *   jsonl   {"host":"a","avg":1.5}\n…        whole batches at a time
 *   json    [\n{…},\n{…}\n]\n                one array, the same objects
 *
 * 1. Every batch ends in a whole line, so that a reader of the pipe never waits for the rest. */
#include "cli/render.h"

#include <stdlib.h>
#include <string.h>

typedef struct encoded_renderer {
    cli_renderer base;
    weir_query *query;
    weir_encoder *encoder;
    int64_t row_count;
} encoded_renderer;

static int64_t
encoded_row(cli_renderer *renderer, weir_query *query, int64_t max_rows)
{
    encoded_renderer *r = (encoded_renderer *)renderer;
    cli_text *out = &renderer->config.output->pending;
    bool array = renderer->config.mode == CLI_MODE_JSON;
    (void)query;
    const char *data;
    size_t size;
    int64_t rows = 0;
    if (weir_encode_rows(r->encoder, array ? 1 : max_rows, &rows, &data, &size) < 0)
        return -1;
    if (rows == 0)
        return 0;
    if (array) {
        cli_text_append_z(out, r->row_count > 0 ? ",\n" : "[\n");
        size -= size > 0 && data[size - 1] == '\n';
    }
    cli_text_append(out, data, size);
    r->row_count += rows;
    return rows;
}

static void
encoded_batch_end(cli_renderer *renderer)
{
    (void)renderer; /* nothing is held back */
}

/* The library writes a header before the first row; a result without rows has one as well. */
static void
csv_header_append(const encoded_renderer *r, cli_text *out)
{
    cli_text_append_z(out, r->base.config.changelog ? "op," : "");
    for (int i = 0; i < weir_column_count(r->query); i++) {
        const char *name = weir_column_name(r->query, i);
        bool quoted = name[0] == '\0' || strpbrk(name, ",\"\r\n") != NULL;
        cli_text_append_z(out, i > 0 ? "," : "");
        cli_text_append_z(out, quoted ? "\"" : "");
        for (; *name != '\0'; name++)
            cli_text_append(out, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
        cli_text_append_z(out, quoted ? "\"" : "");
    }
    cli_text_append_char(out, '\n');
}

static void
encoded_end(cli_renderer *renderer)
{
    encoded_renderer *r = (encoded_renderer *)renderer;
    if (renderer->config.mode == CLI_MODE_CSV && r->row_count == 0)
        csv_header_append(r, &renderer->config.output->pending);
    if (renderer->config.mode == CLI_MODE_JSON)
        cli_text_append_z(&renderer->config.output->pending, r->row_count > 0 ? "\n]\n" : "[]\n");
}

static void
encoded_free(cli_renderer *renderer)
{
    encoded_renderer *r = (encoded_renderer *)renderer;
    weir_encoder_free(r->encoder);
    free(r);
}

static const cli_renderer_ops ENCODED_OPS = {encoded_row, encoded_batch_end, encoded_end,
                                             encoded_free};

cli_renderer *
cli_render_encoded_new(const cli_render_config *config, weir_query *query, weir_error **err)
{
    encoded_renderer *r = cli_allocate(1, sizeof(*r));
    r->base = (cli_renderer){&ENCODED_OPS, *config};
    r->query = query;
    const char *format = config->mode == CLI_MODE_CSV ? "csv" : "json";
    if (weir_encoder_new(query, format, config->changelog, &r->encoder, err) == WEIR_OK)
        return &r->base;
    free(r);
    return NULL;
}
