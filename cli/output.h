/* Where rows go: stdout or the file of -O, buffered between batches. */
#ifndef WEIR_CLI_OUTPUT_H
#define WEIR_CLI_OUTPUT_H

#include "cli/text.h"

#include <stdint.h>

typedef struct cli_output {
    int fd;
    const char *name; /* for messages: "standard output" or the path */
    cli_text pending; /* renderers append here, flush writes it */
    int failure;      /* errno of the write that failed; 0: none. EPIPE: the reader went away */
    bool is_terminal;
    bool is_pipe; /* to a program that may well write to our terminal */
    int64_t row_count; /* rows rendered, for the closing line */
} cli_output;

/* path NULL: stdout. false: errno says why the file cannot be opened. */
bool cli_output_open(cli_output *output, const char *path);
/* Writes what is pending. false: `failure` is set, the query should stop. */
bool cli_output_flush(cli_output *output);
/* Flushes and closes. false: `failure`. */
bool cli_output_close(cli_output *output);

#endif
