/* In place of the compiler's header of this name: see immintrin.h. */
#include "immintrin.h"
