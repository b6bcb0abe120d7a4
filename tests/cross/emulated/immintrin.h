/* Intel's instructions as C functions, for a processor that has none of them: SIMDe gives each
 * intrinsic its meaning. In place of the compiler's header of this name. */
#ifndef WEIR_TESTS_CROSS_IMMINTRIN_H
#define WEIR_TESTS_CROSS_IMMINTRIN_H

#define SIMDE_ENABLE_NATIVE_ALIASES
#define SIMDE_NO_NATIVE
#include <simde/x86/avx512.h>
#include <simde/x86/clmul.h>
#include <simde/x86/sse4.2.h>

#endif
