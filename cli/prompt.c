/* A plain prompt: lines are gathered until a statement is whole, then it runs.
 *
 *   weir> SELECT avg(v)
 *     ->   FROM kafka('cpu-usage') WINDOW TUMBLING 5 MINUTES;
 *
 * 1. An error or ^C ends the statement, not the prompt; ^D leaves. */
#include "cli/prompt.h"

#include "cli/run.h"
#include "cli/signals.h"
#include "cli/variables.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Appends one line. 1: a line, 0: end of input, -1: interrupted. */
static int
line_read(cli_text *lines)
{
    for (;;) {
        char c;
        ssize_t got = read(STDIN_FILENO, &c, 1);
        if (got < 0 && errno == EINTR && cli_signals_pending())
            return -1;
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return 0;
        cli_text_append_char(lines, c);
        if (c == '\n')
            return 1;
    }
}

static void
lines_run(cli_session *session, const cli_text *lines)
{
    cli_text sql = {0}, unknown = {0};
    if (cli_variables_expand(&session->options->variables, cli_text_z(lines), lines->size, &sql,
                             &unknown)) {
        cli_script script = {"stdin", cli_text_z(&sql), sql.size};
        cli_run_script(session, &script);
    } else {
        cli_text text = {0};
        cli_text_format(&text, "no variable \"%s\"", cli_text_z(&unknown));
        cli_message(&session->messages, CLI_ERROR, cli_text_z(&text), NULL);
        cli_text_fini(&text);
    }
    cli_text_fini(&sql);
    cli_text_fini(&unknown);
}

int
cli_prompt_run(cli_session *session)
{
    static const char GREETING[] =
        "statements end with ; and run at once; ^C stops one, ^D leaves\n";
    cli_text lines = {0};
    int state = 1;
    cli_messages_write(&session->messages, GREETING, strlen(GREETING));
    while (state != 0 && session->output.failure == 0) {
        bool fresh = cli_script_skip_blank(cli_text_z(&lines), 0, lines.size) == lines.size;
        const char *prompt = fresh ? "weir> " : "  -> ";
        cli_messages_write(&session->messages, prompt, strlen(prompt));
        state = line_read(&lines);
        if (state < 0) {
            cli_messages_write(&session->messages, "\n", 1);
            cli_text_reset(&lines);
        } else if (weir_complete_statement(cli_text_z(&lines), lines.size) == 1) {
            lines_run(session, &lines);
            cli_text_reset(&lines);
        }
        cli_signals_reset();
        session->stopped = false;
    }
    cli_messages_write(&session->messages, "\n", 1);
    cli_text_fini(&lines);
    return CLI_EXIT_DONE;
}
