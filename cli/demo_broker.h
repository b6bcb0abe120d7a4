/* The broker and the producer of `weir demo`, both inside this process. */
#ifndef WEIR_CLI_DEMO_BROKER_H
#define WEIR_CLI_DEMO_BROKER_H

#include "cli/text.h"

typedef struct cli_demo_broker cli_demo_broker;

/* Brings up a broker on a free loopback port and begins to fill the topic `cpu-usage` with one
 * reading for each 5 s of event time, 300 times as fast as real time. NULL: *problem says why. */
cli_demo_broker *cli_demo_broker_start(cli_text *problem);
const char *cli_demo_broker_address(const cli_demo_broker *broker);
/* Stops the producer, then the broker. NULL is fine. */
void cli_demo_broker_stop(cli_demo_broker *broker);

#endif
