/* The table of a terminal, for results that may never end.
 *
 *   window               host           avg(v)
 *   ───────────────────  ────  ───────────────
 *   2026-01-01
 *   12:00:00 – 12:05:00  a               43.25
 *   12:05:00 – 12:10:00  longname     41.03125      a later, longer cell pushes its row, no more
 *
 * The first batch is held back to find widths; from then on they are frozen and rows are printed as
 * they come. The window that the query does not select stands in a dimmed gutter on the left.
 *
 * 1. Each row is one line; NULL is dimmed where there are colours.
 * 2. At most HELD_ROWS rows are held back, so that memory does not grow. */
#include "cli/display.h"
#include "cli/duration.h"
#include "cli/render.h"

#include <stdlib.h>
#include <string.h>

enum {
    HELD_ROWS = 1000,
    GUTTER_WIDTH = 19,        /* 12:00:00 – 12:05:00 */
    STREAM_DOUBLE_WIDTH = 17, /* later averages have all their digits */
    STREAM_BIGINT_WIDTH = 6   /* and later counts are larger */
};

typedef struct table_column {
    cli_text title;
    int title_width, width;
    bool right; /* numbers */
} table_column;

typedef struct table_cell {
    size_t offset, size; /* in `cells` */
    int width;
    bool is_null;
} table_cell;

typedef struct table_renderer {
    cli_renderer base;
    weir_query *query;
    table_column *columns; /* the gutter, the operation, then the query's own */
    int column_count;
    int first_own; /* columns before the query's own */
    bool gutter, header_done;
    int64_t last_day_us;
    cli_text cells; /* bytes of the rows held back */
    table_cell *held;
    int held_rows;
} table_renderer;

static void
column_init(table_column *column, const char *title, bool right, int least_width)
{
    column->right = right;
    column->title_width = cli_display_append(&column->title, title, strlen(title));
    column->width = column->title_width > least_width ? column->title_width : least_width;
}

/* Columns are made at the first row: only then is it known whether there is a window to show. */
static void
table_columns_init(table_renderer *r, bool has_window)
{
    int own = weir_column_count(r->query), at = 0;
    bool streaming = weir_query_bounded(r->query) != 1;
    r->gutter = has_window && r->base.config.output->is_terminal;
    r->first_own = (r->gutter ? 1 : 0) + (r->base.config.changelog ? 1 : 0);
    r->column_count = r->first_own + own;
    r->columns = cli_allocate((size_t)r->column_count, sizeof(r->columns[0]));
    r->held = cli_allocate((size_t)r->column_count * (HELD_ROWS + 1), sizeof(r->held[0]));
    if (r->gutter)
        column_init(&r->columns[at++], "window", false, GUTTER_WIDTH);
    if (r->base.config.changelog)
        column_init(&r->columns[at++], "op", false, 2);
    for (int i = 0; i < own; i++) {
        int type = weir_column_type(r->query, i);
        int least = !streaming            ? 1
                    : type == WEIR_DOUBLE ? STREAM_DOUBLE_WIDTH
                    : type == WEIR_BIGINT ? STREAM_BIGINT_WIDTH
                                          : 1;
        column_init(&r->columns[at + i], weir_column_name(r->query, i), cli_type_is_number(type),
                    least);
    }
}

/* ── rows in ────────────────────────────────────────────────────────────────────────────────── */

static void
cell_end(table_renderer *r, int column, size_t offset, int width)
{
    table_cell *cell = &r->held[r->held_rows * r->column_count + column];
    *cell = (table_cell){offset, r->cells.size - offset, width, false};
    if (!r->header_done && width > r->columns[column].width)
        r->columns[column].width = width;
}

static void
gutter_cell(table_renderer *r, int64_t start_us, int64_t end_us)
{
    size_t offset = r->cells.size;
    int64_t last_us = end_us - 1; /* 00:00:00 of the next day still belongs to this one */
    bool one_day = cli_same_day(start_us, last_us);
    cli_time_append(&r->cells, start_us, one_day ? start_us : INT64_MIN);
    cli_text_append_z(&r->cells, " – ");
    cli_time_append(&r->cells, end_us, one_day ? end_us : INT64_MIN);
    cell_end(r, 0, offset,
             cli_display_width(cli_text_z(&r->cells) + offset, r->cells.size - offset));
}

/* The date stands in a row of its own, once a day, so that the gutter stays narrow. */
static void
day_hold(table_renderer *r, int64_t start_us, int64_t end_us)
{
    if (!cli_same_day(start_us, end_us - 1) || cli_same_day(start_us, r->last_day_us))
        return;
    r->last_day_us = start_us;
    size_t offset = r->cells.size;
    cli_date_append(&r->cells, start_us);
    cell_end(r, 0, offset, (int)(r->cells.size - offset));
    for (int i = 1; i < r->column_count; i++)
        cell_end(r, i, r->cells.size, 0);
    r->held_rows++;
}

static void
row_hold(table_renderer *r)
{
    int64_t start_us, end_us;
    if (r->gutter && weir_row_window(r->query, &start_us, &end_us) == 1) {
        day_hold(r, start_us, end_us);
        gutter_cell(r, start_us, end_us);
    } else if (r->gutter) {
        cell_end(r, 0, r->cells.size, 0);
    }
    if (r->base.config.changelog) {
        size_t offset = r->cells.size;
        cli_text_append_z(&r->cells, cli_row_op_name(r->query));
        cell_end(r, r->first_own - 1, offset, 2);
    }
    for (int i = r->first_own; i < r->column_count; i++) {
        size_t size = 0, offset = r->cells.size;
        const char *data = weir_column_text(r->query, i - r->first_own, &size);
        int width = cli_display_append(&r->cells, data != NULL ? data : "NULL",
                                       data != NULL ? size : strlen("NULL"));
        cell_end(r, i, offset, width);
        r->held[r->held_rows * r->column_count + i].is_null = data == NULL;
    }
    r->held_rows++;
}

/* ── rows out ───────────────────────────────────────────────────────────────────────────────── */

static void
padded_append(const table_renderer *r, int column, const char *data, size_t size, int width)
{
    cli_text *out = &r->base.config.output->pending;
    int spaces = r->columns[column].width - width;
    bool last = column + 1 == r->column_count, right = r->columns[column].right;
    if (right)
        cli_display_spaces(out, spaces);
    cli_text_append(out, data, size);
    if (!right && !last)
        cli_display_spaces(out, spaces);
    cli_text_append_z(out, last ? "\n" : "  ");
}

static void
header_append(table_renderer *r)
{
    cli_text *out = &r->base.config.output->pending;
    r->header_done = true;
    if (r->base.config.color)
        cli_text_append_z(out, CLI_BOLD);
    for (int i = 0; i < r->column_count; i++)
        padded_append(r, i, cli_text_z(&r->columns[i].title), r->columns[i].title.size,
                      r->columns[i].title_width);
    if (r->base.config.color)
        cli_text_append_z(out, CLI_PLAIN);
    for (int i = 0; i < r->column_count; i++) {
        for (int j = 0; j < r->columns[i].width; j++)
            cli_text_append_z(out, "─");
        cli_text_append_z(out, i + 1 == r->column_count ? "\n" : "  ");
    }
}

static void
row_append(const table_renderer *r, int row)
{
    cli_text *out = &r->base.config.output->pending;
    for (int i = 0; i < r->column_count; i++) {
        const table_cell *cell = &r->held[row * r->column_count + i];
        bool dim = r->base.config.color && (cell->is_null || (r->gutter && i == 0));
        if (dim)
            cli_text_append_z(out, CLI_DIM);
        padded_append(r, i, cli_text_z(&r->cells) + cell->offset, cell->size, cell->width);
        if (dim)
            cli_text_append_z(out, CLI_PLAIN);
    }
}

static void
table_batch_end(cli_renderer *renderer)
{
    table_renderer *r = (table_renderer *)renderer;
    if (r->held_rows == 0)
        return;
    if (!r->header_done)
        header_append(r);
    for (int i = 0; i < r->held_rows; i++)
        row_append(r, i);
    r->held_rows = 0;
    cli_text_reset(&r->cells);
}

static int64_t
table_row(cli_renderer *renderer, weir_query *query, int64_t max_rows)
{
    table_renderer *r = (table_renderer *)renderer;
    int64_t start_us, end_us;
    (void)max_rows;
    if (cli_row_hidden(&renderer->config, query))
        return 0;
    if (r->columns == NULL)
        table_columns_init(r, weir_row_window(query, &start_us, &end_us) == 1);
    row_hold(r);
    if (r->held_rows >= HELD_ROWS)
        table_batch_end(renderer);
    return 1;
}

static void
table_end(cli_renderer *renderer)
{
    table_renderer *r = (table_renderer *)renderer;
    table_batch_end(renderer);
    if (r->columns == NULL)
        table_columns_init(r, false);
    if (!r->header_done)
        header_append(r);
}

static void
table_free(cli_renderer *renderer)
{
    table_renderer *r = (table_renderer *)renderer;
    for (int i = 0; i < r->column_count; i++)
        cli_text_fini(&r->columns[i].title);
    free(r->columns);
    free(r->held);
    cli_text_fini(&r->cells);
    free(r);
}

static const cli_renderer_ops TABLE_OPS = {table_row, table_batch_end, table_end, table_free};

cli_renderer *
cli_render_table_new(const cli_render_config *config, weir_query *query)
{
    table_renderer *r = cli_allocate(1, sizeof(*r));
    r->base = (cli_renderer){&TABLE_OPS, *config};
    r->query = query;
    r->last_day_us = INT64_MIN;
    return &r->base;
}
