/* What holds for the formatter on any text, for its tests and its fuzzer: what is formatted
 * means the same, has the same comments, and stays when it is formatted again. */
#ifndef WEIR_TESTS_FORMAT_RULES_H
#define WEIR_TESTS_FORMAT_RULES_H

#include "core/buffer.h"

/* NULL: `sql` keeps the rules (also when it is not SQL and refused); else the rule it breaks. *out
 * (an initialized buffer) gets the formatted text. */
const char *format_rule_broken(wr_text sql, wr_buffer *out);

#endif
