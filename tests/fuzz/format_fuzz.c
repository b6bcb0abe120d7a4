/* The formatter on any bytes: what parses means the same when it is formatted, keeps its comments,
 * and is not changed by formatting it again. */
#include "parser/parser.h"
#include "tests/lib/format_rules.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wr_buffer out;
    wr_buffer_init(&out);
    const char *broken = format_rule_broken((wr_text){(const char *)data, size}, &out);
    if (broken != NULL) {
        (void)fprintf(stderr, "not so: %s\n", broken);
        abort();
    }
    wr_buffer_fini(&out);
    return 0;
}
