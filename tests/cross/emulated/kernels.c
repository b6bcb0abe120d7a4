/* The kernels with AVX-512, emulated, as the base kernels: the decoders use nothing else. */
#include <immintrin.h>

#define __SSE2__ 1
#define __SSE4_1__ 1
#define __AVX2__ 1
#define __AVX512F__ 1
#define __AVX512BW__ 1
#define __AVX512VL__ 1

#include "connectors/formats/kernels.h"

#define KERNELS_TABLE wr_kernels_base
#define KERNELS_NAME "avx512"
#include "connectors/formats/kernels_table.h"
