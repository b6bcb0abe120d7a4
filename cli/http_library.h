/* libmicrohttpd, loaded when a job needs it: it brings a dozen libraries along (GnuTLS and what
 * that wants), and every run of weir would spend 3 ms on them. */
#ifndef WEIR_CLI_HTTP_LIBRARY_H
#define WEIR_CLI_HTTP_LIBRARY_H

#include <microhttpd.h>

/* The functions that we use: X(name without MHD_). */
#define CLI_HTTP_FUNCTIONS(X)                                                              \
    X(start_daemon) X(quiesce_daemon) X(stop_daemon) X(create_response_from_buffer)        \
    X(destroy_response) X(add_response_header) X(queue_response) X(lookup_connection_value)

typedef struct cli_http_library {
#define CLI_HTTP_MEMBER(name) __typeof__(MHD_##name) *name;
    CLI_HTTP_FUNCTIONS(CLI_HTTP_MEMBER)
#undef CLI_HTTP_MEMBER
} cli_http_library;

/* Loaded once, for the rest of the process; call it on one thread first. NULL: it is not installed,
 * *why says what the system said. */
const cli_http_library *cli_http_library_load(const char **why);

#endif
