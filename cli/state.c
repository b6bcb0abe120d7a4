/* weir state DIR: what a job remembers, as tables.
 *
 *   weir state DIR                    all parts, each under its name; empty ones are left out
 *   weir state DIR windows -o csv     the rows of one part
 *
 * 1. JOB stands for the directory, too: the default one of that name.
 * 2. The job may run: each part is shown as of the checkpoint that is the last one when it is read.
 *    Nothing is changed. */
#include "cli/commands.h"
#include "cli/job_place.h"
#include "cli/render.h"

#include <string.h>

typedef struct state_view {
    cli_session *session;
    const char *dir;
    bool has_titles, has_shown;
} state_view;

static int
state_failed(state_view *view, weir_error *error)
{
    int code = error != NULL ? cli_message_error(&view->session->messages, error, NULL, 0)
                             : CLI_EXIT_RUNTIME;
    weir_error_free(error);
    return code;
}

static int
rows_show(state_view *view, weir_query *query, bool has_row)
{
    cli_session *session = view->session;
    cli_render_config config = {session->mode, false, session->messages.color, &session->output};
    weir_error *error = NULL;
    cli_renderer *renderer = cli_render_new(&config, query, &error);
    if (renderer == NULL)
        return state_failed(view, error);
    int64_t left = session->options->max_rows >= 0 ? session->options->max_rows : INT64_MAX;
    while (has_row && left > 0) {
        left -= renderer->ops->row(renderer, query, left);
        has_row = weir_step(query, 0) == WEIR_ROW;
    }
    renderer->ops->end(renderer);
    renderer->ops->free(renderer);
    return cli_output_flush(&session->output) ? CLI_EXIT_DONE : cli_session_output_failed(session);
}

static void
title_append(state_view *view, const char *part)
{
    cli_text *out = &view->session->output.pending;
    if (view->has_titles)
        cli_text_format(out, "%s%s\n", view->has_shown ? "\n" : "", part);
    view->has_shown = true;
}

/* `is_wanted`: shown even if it is empty. */
static int
part_show(state_view *view, const char *part, bool is_wanted)
{
    weir_query *query = NULL;
    weir_error *error = NULL;
    if (weir_state_open(view->session->db, view->dir, part, &query, &error) != WEIR_OK)
        return state_failed(view, error);
    int code = CLI_EXIT_DONE;
    bool has_row = weir_step(query, 0) == WEIR_ROW;
    if (is_wanted || has_row) {
        title_append(view, part);
        code = rows_show(view, query, has_row);
    }
    weir_query_free(query);
    return code;
}

static bool
part_is_known(const char *part)
{
    for (int i = 0; weir_state_part(i) != NULL; i++) {
        if (strcmp(weir_state_part(i), part) == 0)
            return true;
    }
    return false;
}

static int
usage(cli_session *session, const char *text)
{
    cli_text hint = {0};
    cli_text_append_z(&hint, "weir state DIR [PART], PART is one of");
    for (int i = 0; weir_state_part(i) != NULL; i++)
        cli_text_format(&hint, " %s", weir_state_part(i));
    cli_message(&session->messages, CLI_ERROR, text, cli_text_z(&hint));
    cli_text_fini(&hint);
    return CLI_EXIT_USAGE;
}

int
cli_state(cli_session *session)
{
    const cli_options *options = session->options;
    const char *part = options->argument_count > 1 ? options->arguments[1] : NULL;
    if (options->argument_count < 1 || options->argument_count > 2 || options->script_count > 0)
        return usage(session, "which state directory?");
    if (part != NULL && !part_is_known(part))
        return usage(session, "a state has no such part");
    cli_text dir = {0};
    state_view view = {.session = session};
    if (!cli_job_dir(options->arguments[0], &dir))
        return usage(session, "which state directory?");
    view.dir = cli_text_z(&dir);
    if (part == NULL && options->mode == CLI_MODE_AUTO)
        session->mode = CLI_MODE_TABLE;
    view.has_titles = part == NULL && session->mode == CLI_MODE_TABLE;
    int code = part != NULL ? part_show(&view, part, true) : CLI_EXIT_DONE;
    for (int i = 0; part == NULL && code == CLI_EXIT_DONE && weir_state_part(i) != NULL; i++)
        code = part_show(&view, weir_state_part(i), i == 0);
    cli_text_fini(&dir);
    return code;
}
