/* The planner on any SQL: no crash, an error has a position inside the text, a plan can be
 * explained. Statements of one input share a catalog, so that its views and streams meet. */
#include "planner/planner.h"
#include "tests/lib/plan_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    plan_text((wr_text){(const char *)data, size});
    return 0;
}
