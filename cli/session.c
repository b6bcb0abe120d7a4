/* Brings up what a run needs, in the order in which later beats earlier:
 *
 *   /etc/weir/init.sql · ~/.config/weir/init.sql · -i FILE · WEIR_* · SET in the SQL · -D
 *
 * 1. -D is applied before the SQL and again after each of its statements that may SET.
 * 2. The library's callbacks come here and become messages; nothing else writes to stderr. */
#include "cli/session.h"

#include "cli/display.h"
#include "cli/run.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static void
session_log(void *context, int level, const char *line)
{
    cli_session *session = context;
    cli_message(&session->messages, level > 0 ? CLI_WARNING : CLI_NOTICE, line, NULL);
}

static void
bad_row_detail(cli_text *text, const char *column, const char *record, size_t record_size)
{
    enum { RECORD_SHOWN = 80 };
    if (column[0] != '\0')
        cli_text_format(text, " (column %s)", column);
    if (record == NULL)
        return;
    cli_text_append_z(text, ": ");
    cli_text_append(text, record, record_size < RECORD_SHOWN ? record_size : RECORD_SHOWN);
    if (record_size > RECORD_SHOWN)
        cli_text_append_z(text, "…");
}

/* The first bad row of a query is shown, the others are counted (run.c says the total).
 * tidy: allow parameters: weir.h's callback has them */
static void
session_bad_row(void *context, const char *source, const char *partition, int64_t offset,
                int64_t byte, const char *reason, const char *column, const char *record,
                size_t record_size)
{
    cli_session *session = context;
    if (session->bad_shown++ > 0)
        return;
    cli_text text = {0};
    cli_text_format(&text, "bad row: %s", source != NULL ? source : "");
    if (partition != NULL && partition[0] != '\0')
        cli_text_format(&text, " partition %s", partition);
    if (offset >= 0)
        cli_text_format(&text, ", offset %lld", (long long)offset);
    if (byte >= 0)
        cli_text_format(&text, ", byte %lld", (long long)byte);
    cli_text_format(&text, ": %s", reason != NULL ? reason : "");
    bad_row_detail(&text, column != NULL ? column : "", record, record_size);
    cli_message(&session->messages, CLI_WARNING, cli_text_z(&text), NULL);
    cli_text_fini(&text);
}

/* An init file that is not there is no error, unless it was asked for. */
static int
init_run(cli_session *session, const char *path, bool wanted)
{
    cli_text sql = {0};
    int code = CLI_EXIT_DONE;
    if (cli_read_file(path, &sql)) {
        cli_script script = {path, cli_text_z(&sql), sql.size};
        code = cli_run_script(session, &script);
    } else if (wanted || errno != ENOENT) {
        cli_text text = {0};
        cli_text_format(&text, "cannot read %s: %s", path, strerror(errno));
        cli_message(&session->messages, CLI_ERROR, cli_text_z(&text), NULL);
        cli_text_fini(&text);
        code = CLI_EXIT_USAGE;
    }
    cli_text_fini(&sql);
    return code;
}

static int
user_init_run(cli_session *session)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    cli_text path = {0};
    if (config != NULL && config[0] == '/')
        cli_text_format(&path, "%s/weir/init.sql", config);
    else if (home != NULL && home[0] == '/')
        cli_text_format(&path, "%s/.config/weir/init.sql", home);
    int code = path.size > 0 ? init_run(session, path.data, false) : CLI_EXIT_DONE;
    cli_text_fini(&path);
    return code;
}

static int
init_files_run(cli_session *session)
{
    int code = CLI_EXIT_DONE;
    if (!session->options->no_init) {
        code = init_run(session, "/etc/weir/init.sql", false);
        if (code == CLI_EXIT_DONE)
            code = user_init_run(session);
    }
    if (code == CLI_EXIT_DONE && session->options->init_file != NULL)
        code = init_run(session, session->options->init_file, true);
    return code;
}

/* ── settings ───────────────────────────────────────────────────────────────────────────────── */

/* A wrong setting is a wrong command line. */
static int
setting_failed(cli_session *session, weir_error *error, const char *where)
{
    cli_text text = {0}, hint = {0};
    cli_text_format(&text, "%s: %s", where, weir_error_message(error));
    cli_text_append_z(&hint, weir_error_hint(error));
    cli_message(&session->messages, CLI_ERROR, cli_text_z(&text), cli_text_z(&hint));
    cli_text_fini(&text);
    cli_text_fini(&hint);
    weir_error_free(error);
    return CLI_EXIT_USAGE;
}

int
cli_session_apply_settings(cli_session *session)
{
    const cli_pairs *settings = &session->options->settings;
    for (int i = 0; i < settings->count; i++) {
        weir_error *error = NULL;
        const cli_pair *pair = &settings->items[i];
        if (weir_set(session->db, pair->name, pair->value, &error) != WEIR_OK)
            return setting_failed(session, error, "-D");
    }
    return CLI_EXIT_DONE;
}

/* WEIR_MEMORY_LIMIT → memory_limit, WEIR_KAFKA_BROKERS → kafka.brokers. Other WEIR_* names belong
 * to somebody else. */
static int
environment_apply(cli_session *session)
{
    int code = CLI_EXIT_DONE;
    for (char **entry = environ; *entry != NULL && code == CLI_EXIT_DONE; entry++) {
        const char *equals = strchr(*entry, '=');
        if (strncmp(*entry, "WEIR_", 5) != 0 || equals == NULL || equals[1] == '\0')
            continue;
        cli_text name = {0};
        for (const char *at = *entry + 5; at < equals; at++)
            cli_text_append_char(&name, (char)tolower((unsigned char)*at));
        if (strncmp(cli_text_z(&name), "kafka_", 6) == 0)
            name.data[5] = '.';
        weir_error *error = NULL;
        if (weir_set(session->db, cli_text_z(&name), equals + 1, &error) != WEIR_OK) {
            if (strcmp(weir_error_code(error), "E0206") != 0)
                code = setting_failed(session, error, *entry);
            else
                weir_error_free(error);
        }
        cli_text_fini(&name);
    }
    return code;
}

/* ── open and close ─────────────────────────────────────────────────────────────────────────── */

static int
output_open(cli_session *session)
{
    const char *path = session->options->output_file;
    if (!cli_output_open(&session->output, path)) {
        cli_text text = {0};
        cli_text_format(&text, "cannot write to %s: %s", path, strerror(errno));
        cli_message(&session->messages, CLI_ERROR, cli_text_z(&text), NULL);
        cli_text_fini(&text);
        return CLI_EXIT_USAGE;
    }
    session->mode = session->options->mode;
    if (session->mode == CLI_MODE_AUTO)
        session->mode = session->output.is_terminal ? CLI_MODE_TABLE : CLI_MODE_JSONL;
    return CLI_EXIT_DONE;
}

/* --state: declarations are kept there, but for commands that only look, and for a job, which does
 * it itself. */
static int
catalog_open(cli_session *session)
{
    const cli_options *options = session->options;
    weir_error *error = NULL;
    int read_only = options->command != CLI_COMMAND_SQL;
    if (options->state_dir == NULL ||
        weir_catalog_open(session->db, options->state_dir, read_only, &error) == WEIR_OK)
        return CLI_EXIT_DONE;
    int code = cli_message_error(&session->messages, error, NULL, 0);
    weir_error_free(error);
    return code;
}

int
cli_session_open(cli_session *session, const cli_options *options)
{
    *session = (cli_session){.options = options, .deadline_us = -1};
    session->output.fd = -1;
    cli_messages_init(&session->messages, options);
    if (options->run_us >= 0)
        session->deadline_us = weir_monotonic_us() + options->run_us;
    weir_options db_options = {
        .size = sizeof(db_options),
        .log = session_log,
        .log_context = session,
        .bad_row = session_bad_row,
        .bad_row_context = session,
        .until_end = options->until_end,
    };
    weir_error *error = NULL;
    int code = output_open(session);
    if (code != CLI_EXIT_DONE)
        return code;
    if (weir_open(&db_options, &session->db, &error) != WEIR_OK) {
        code = cli_message_error(&session->messages, error, NULL, 0);
        weir_error_free(error);
        return code;
    }
    code = init_files_run(session);
    if (code == CLI_EXIT_DONE)
        code = catalog_open(session);
    if (code == CLI_EXIT_DONE)
        code = environment_apply(session);
    return code == CLI_EXIT_DONE ? cli_session_apply_settings(session) : code;
}

int
cli_session_output_failed(cli_session *session)
{
    if (session->output.failure == 0 || session->output.failure == EPIPE)
        return CLI_EXIT_DONE;
    cli_text text = {0};
    cli_text_format(&text, "cannot write to %s: %s", session->output.name,
                    strerror(session->output.failure));
    cli_message(&session->messages, CLI_ERROR, cli_text_z(&text), NULL);
    cli_text_fini(&text);
    return CLI_EXIT_RUNTIME;
}

int
cli_session_close(cli_session *session, int code)
{
    int failure_before = session->output.failure;
    cli_messages_clear_status(&session->messages);
    weir_close(session->db);
    session->db = NULL;
    if (session->output.fd >= 0 && !cli_output_close(&session->output) && failure_before == 0 &&
        code == CLI_EXIT_DONE)
        code = cli_session_output_failed(session);
    return code;
}
