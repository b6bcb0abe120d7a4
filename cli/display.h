/* Text as a terminal shows it: widths in cells, and nothing in data that could steer it. */
#ifndef WEIR_CLI_DISPLAY_H
#define WEIR_CLI_DISPLAY_H

#include "cli/text.h"

#define CLI_DIM "\x1b[2m"
#define CLI_BOLD "\x1b[1m"
#define CLI_RED "\x1b[31m"
#define CLI_YELLOW "\x1b[33m"
#define CLI_PLAIN "\x1b[0m"
#define CLI_CLEAR_LINE "\r\x1b[K"

/* Appends UTF-8 text with control characters, escapes, direction overrides and invalid bytes shown
 * as \n, \t, \x1b, \u202e. Returns how many terminal cells it takes. */
int cli_display_append(cli_text *out, const char *data, size_t size);
/* The cells of text that cli_display_append has made. */
int cli_display_width(const char *data, size_t size);
void cli_display_spaces(cli_text *out, int count);
/* A JSON string with its quotes. */
void cli_json_append(cli_text *out, const char *data, size_t size);

#endif
