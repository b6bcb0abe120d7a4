/* The live line at the bottom of a terminal, and why nothing has come out yet. */
#ifndef WEIR_CLI_STATUS_LINE_H
#define WEIR_CLI_STATUS_LINE_H

#include "cli/session.h"

typedef struct cli_status {
    bool live;    /* stderr is a terminal, stdout no pipe: a line that is redrawn */
    bool enabled; /* neither -q nor --progress off (the line); notes need only not -q */
    int64_t start_us, drawn_us, noted_us;
    bool has_output; /* a row has come out */
    int notes;       /* lines "no output yet" written where the line is not live */
    uint64_t rows_in, rows_out;
    double in_rate, out_rate;
} cli_status;

void cli_status_init(cli_status *status, const cli_session *session);
/* Called between steps, as often as one likes; writes when something is due. */
void cli_status_update(cli_status *status, cli_messages *messages, const weir_query *query);
/* Rows came out. */
void cli_status_output(cli_status *status);
/* "no output yet: …": what the query waits for. */
void cli_status_reason(const weir_stats *stats, cli_text *out);
/* "1.2k", "3.4M". */
void cli_count_append(cli_text *out, double count);
/* "3.1MB". */
void cli_size_append(cli_text *out, int64_t bytes);

#endif
