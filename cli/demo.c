/* `weir demo`: the sample query on a live topic, without anything to install.
 *
 * 1. The SQL that is shown is the SQL that runs; only the broker's address is set beside it. */
#include "cli/commands.h"
#include "cli/demo_broker.h"
#include "cli/run.h"

#include <string.h>

static const char DEMO_SQL[] = "SELECT avg(v) FROM kafka('cpu-usage') WINDOW TUMBLING 5 MINUTES";

static void
demo_say(cli_session *session, const char *text)
{
    if (!session->messages.quiet && !session->messages.json)
        cli_messages_write(&session->messages, text, strlen(text));
}

static void
demo_introduce(cli_session *session, const cli_demo_broker *broker)
{
    cli_text text = {0};
    cli_text_format(&text,
                    "A broker inside this process (%s) gets a CPU percentage as plain text for\n"
                    "each 5 seconds, 300 times as fast as real time: a 5-minute window closes\n"
                    "about once a second. ^C ends it.\n\n"
                    "  %s;\n\n",
                    cli_demo_broker_address(broker), DEMO_SQL);
    demo_say(session, cli_text_z(&text));
    cli_text_fini(&text);
}

int
cli_demo(cli_session *session)
{
    cli_text problem = {0};
    weir_error *error = NULL;
    int code = CLI_EXIT_RUNTIME;
    cli_demo_broker *broker = cli_demo_broker_start(&problem);
    if (broker == NULL) {
        cli_message(&session->messages, CLI_ERROR, cli_text_z(&problem), NULL);
    } else if (weir_set(session->db, "kafka.brokers", cli_demo_broker_address(broker), &error) !=
               WEIR_OK) {
        code = cli_message_error(&session->messages, error, NULL, 0);
        weir_error_free(error);
    } else {
        cli_script script = {"demo", DEMO_SQL, strlen(DEMO_SQL)};
        demo_introduce(session, broker);
        code = cli_run_script(session, &script);
    }
    cli_demo_broker_stop(broker);
    cli_text_fini(&problem);
    if (code == CLI_EXIT_DONE)
        demo_say(session,
                 "\nNow yours:\n"
                 "  weir -D kafka.brokers=HOST:9092 -c \"SELECT * FROM kafka('topic') LIMIT 5\"\n"
                 "  weir -c \"SELECT host, avg(v) FROM file('data.jsonl') GROUP BY host\"\n"
                 "  weir help\n");
    return code;
}
