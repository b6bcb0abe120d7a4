/* -v name=value: ${name} and :'name' in SQL. */
#ifndef WEIR_CLI_VARIABLES_H
#define WEIR_CLI_VARIABLES_H

#include "cli/options.h"

/* Appends `sql` to `out` with the variables put in. false: a variable is not known; its name is in
 * *unknown. */
bool cli_variables_expand(const cli_pairs *variables, const char *sql, size_t size, cli_text *out,
                          cli_text *unknown);

#endif
