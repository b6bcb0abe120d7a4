/* What the fuzzers of the planner share. */
#ifndef TESTS_LIB_PLAN_TEXT_H
#define TESTS_LIB_PLAN_TEXT_H

#include "core/text.h"

/* Parses, plans and explains the statements of `sql`, any bytes; aborts when something does not
 * hold. Streams cpu and h, a view busy and undeclared sources are there. */
void plan_text(wr_text sql);

#endif
