/* What --help and `weir help demo` say, made from the tables of option_table.c. */
#include "cli/options.h"

#include "cli/option_table.h"

#include <string.h>

static void
option_describe(const cli_option_entry *entry, cli_text *out)
{
    cli_text left = {0};
    if (entry->letter != 0)
        cli_text_format(&left, "-%c, --%s", entry->letter, entry->name);
    else
        cli_text_format(&left, "    --%s", entry->name);
    if (entry->value != NULL)
        cli_text_format(&left, " %s", entry->value);
    cli_text_format(out, "  %-26s %s\n", cli_text_z(&left), entry->help);
    if (entry->choices != NULL)
        cli_text_format(out, "  %-26s %s\n", "", entry->choices);
    cli_text_fini(&left);
}

static void
command_describe(const cli_command_entry *entry, cli_text *out)
{
    cli_text left = {0};
    cli_text_format(&left, "weir %s %s", entry->name, entry->arguments);
    cli_text_format(out, "  %-26s %s\n", cli_text_z(&left), entry->help);
    cli_text_fini(&left);
}

static void
later_describe(cli_text *out)
{
    enum { LINE_COLUMNS = 80 };
    const cli_command_entry *command;
    cli_text_append_z(out, "\nnot in this version yet:");
    size_t line_start = out->size - strlen("not in this version yet:");
    for (int i = 0; (command = cli_command_at(i)) != NULL; i++) {
        if (command->id != CLI_COMMAND_LATER)
            continue;
        if (out->size - line_start + strlen(command->name) >= LINE_COLUMNS) {
            cli_text_append_z(out, "\n ");
            line_start = out->size - 1;
        }
        cli_text_format(out, " %s", command->name);
    }
}

void
cli_options_usage(cli_text *out)
{
    cli_text_append_z(out, "weir: SQL over streams\n\n"
                           "  weir [options] FILE.sql    run the statements of a file\n"
                           "  weir [options] -c SQL      run these statements\n"
                           "  weir [options]             run what comes on stdin\n");
    const cli_command_entry *command;
    for (int i = 0; (command = cli_command_at(i)) != NULL; i++) {
        if (command->id != CLI_COMMAND_LATER)
            command_describe(command, out);
    }
    cli_text_append_z(out, "\noptions\n");
    for (int i = 0; cli_option_at(i) != NULL; i++)
        option_describe(cli_option_at(i), out);
    later_describe(out);
    cli_text_append_z(out, "\n\nexit codes: 0 done or stopped, 1 failed while running, 2 wrong "
                           "command line,\n  3 wrong SQL, 4 source or sink not reachable, "
                           "5 state does not fit, 130/143 second signal\n");
}

bool
cli_options_describe(const char *topic, cli_text *out)
{
    const cli_command_entry *command = cli_command_by_name(topic);
    const cli_option_entry *option = NULL;
    if (command != NULL) {
        command_describe(command, out);
        if (command->id == CLI_COMMAND_LATER)
            cli_text_append_z(out, "  (not in this version yet)\n");
        return true;
    }
    if (topic[0] == '-' && topic[1] == '-')
        option = cli_option_by_name(topic + 2, strlen(topic + 2));
    else if (topic[0] == '-' && topic[1] != '\0' && topic[2] == '\0')
        option = cli_option_by_letter(topic[1]);
    if (option != NULL)
        option_describe(option, out);
    return option != NULL;
}
