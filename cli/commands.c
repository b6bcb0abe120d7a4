/* check, explain, help and version: small questions to the library.
 *
 * 1. Answers go to the output like rows, so that they can be piped; "ok" of check is a notice.
 * 2. Nothing is opened: neither check nor explain starts a query. */
#include "cli/commands.h"

#include "cli/option_table.h"

#include <stdlib.h>
#include <string.h>

static int
text_write(cli_session *session, const char *text)
{
    cli_text *out = &session->output.pending;
    cli_text_append_z(out, text);
    if (out->size > 0 && out->data[out->size - 1] != '\n')
        cli_text_append_char(out, '\n');
    return cli_output_flush(&session->output) ? CLI_EXIT_DONE : cli_session_output_failed(session);
}

int
cli_check(cli_session *session, const cli_script *script)
{
    weir_error *error = NULL;
    if (weir_check(session->db, script->sql, (ptrdiff_t)script->size, &error) != WEIR_OK) {
        int code = cli_message_error(&session->messages, error, script, 0);
        weir_error_free(error);
        return code;
    }
    cli_text text = {0};
    cli_text_format(&text, "%s: no mistakes found", script->name);
    cli_message(&session->messages, CLI_NOTICE, cli_text_z(&text), NULL);
    cli_text_fini(&text);
    return CLI_EXIT_DONE;
}

/* Declarations take effect, so that the queries behind them can be bound; queries are only
 * explained. */
static int
statement_explain(cli_session *session, weir_query *query, weir_error **error)
{
    char *plan = NULL;
    switch ((weir_kind)weir_query_kind(query)) {
    case WEIR_KIND_DDL:
        if (weir_start(query, NULL, error) != WEIR_OK)
            return -1;
        while (weir_step(query, 0) == WEIR_AGAIN) {
        }
        return CLI_EXIT_DONE;
    case WEIR_KIND_SELECT:
    case WEIR_KIND_INSERT:
        if (weir_explain(query, session->options->json, &plan, error) != WEIR_OK)
            return -1;
        int code = text_write(session, plan);
        weir_free(plan);
        return code;
    case WEIR_KIND_NONE:
    case WEIR_KIND_TEXT: return CLI_EXIT_DONE;
    }
    return CLI_EXIT_DONE;
}

int
cli_explain(cli_session *session, const cli_script *script)
{
    int code = CLI_EXIT_DONE;
    for (size_t at = 0; at < script->size && code == CLI_EXIT_DONE;) {
        weir_error *error = NULL;
        weir_query *query = NULL;
        const char *tail = NULL;
        code = -1;
        if (weir_prepare(session->db, script->sql + at, (ptrdiff_t)(script->size - at), &query,
                         &tail, &error) == WEIR_OK)
            code = query != NULL ? statement_explain(session, query, &error) : CLI_EXIT_DONE;
        if (code < 0)
            code = error != NULL ? cli_message_error(&session->messages, error, script, at)
                                 : CLI_EXIT_RUNTIME;
        at = query != NULL && tail != NULL ? (size_t)(tail - script->sql) : script->size;
        weir_query_free(query);
        weir_error_free(error);
    }
    return code;
}

int
cli_help(cli_session *session, const char *topic)
{
    cli_text text = {0};
    int code = CLI_EXIT_DONE;
    char *known = NULL;
    if (topic == NULL) {
        cli_options_usage(&text);
        code = text_write(session, cli_text_z(&text));
    } else if (cli_options_describe(topic, &text)) {
        code = text_write(session, cli_text_z(&text));
    } else if ((known = weir_help(topic)) != NULL) {
        code = text_write(session, known);
        weir_free(known);
    } else {
        const char *nearest = weir_help_nearest(topic);
        cli_text hint = {0};
        if (nearest == NULL)
            nearest = cli_command_nearest(topic);
        cli_text_format(&text, "no help on \"%s\"", topic);
        if (nearest != NULL)
            cli_text_format(&hint, "did you mean \"%s\"?", nearest);
        cli_message(&session->messages, CLI_ERROR, cli_text_z(&text), cli_text_z(&hint));
        cli_text_fini(&hint);
        code = CLI_EXIT_USAGE;
    }
    cli_text_fini(&text);
    return code;
}

int
cli_version(cli_session *session)
{
    cli_text text = {0};
    cli_text_format(&text, "weir %s\n", weir_version());
    int code = text_write(session, cli_text_z(&text));
    cli_text_fini(&text);
    return code;
}
