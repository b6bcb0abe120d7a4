/* How rows look. One vtable per family of output modes; the run loop drives it:
 *
 *   begin (columns are known) · row… · batch_end · row… · batch_end · end */
#ifndef WEIR_CLI_RENDER_H
#define WEIR_CLI_RENDER_H

#include "cli/options.h"
#include "cli/output.h"
#include "weir.h"

typedef struct cli_render_config {
    cli_mode mode; /* not AUTO */
    bool changelog, color;
    cli_output *output; /* rows are appended to output->pending */
} cli_render_config;

typedef struct cli_renderer cli_renderer;

typedef struct cli_renderer_ops {
    /* Takes the row after WEIR_ROW, or more of those that are there, at most max_rows ≥ 1; returns
     * how many were shown (0: it was one that is not shown), -1: failed (weir_query_error). */
    int64_t (*row)(cli_renderer *renderer, weir_query *query, int64_t max_rows);
    /* Nothing more at the moment: what was held back must go to pending now. */
    void (*batch_end)(cli_renderer *renderer);
    /* The result is complete (also when it is empty). */
    void (*end)(cli_renderer *renderer);
    void (*free)(cli_renderer *renderer);
} cli_renderer_ops;

/* Every renderer starts with this. */
struct cli_renderer {
    const cli_renderer_ops *ops;
    cli_render_config config;
};

/* The query's columns must be known. NULL: *err says why. */
cli_renderer *cli_render_new(const cli_render_config *config, weir_query *query, weir_error **err);

/* The families. */
cli_renderer *cli_render_table_new(const cli_render_config *config, weir_query *query);
cli_renderer *cli_render_text_new(const cli_render_config *config, weir_query *query);
cli_renderer *cli_render_encoded_new(const cli_render_config *config, weir_query *query,
                                     weir_error **err);

/* "+I", "-U", "+U", "-D". */
const char *cli_row_op_name(const weir_query *query);
/* Without --changelog rows that are taken back are not shown. */
bool cli_row_hidden(const cli_render_config *config, const weir_query *query);
bool cli_type_is_number(int type);

#endif
