/* The kernels with AVX-512; the build gives this file, and no other, its instructions. */
#include "connectors/formats/kernels.h"

#ifdef __AVX512BW__
#define KERNELS_TABLE wr_kernels_avx512
#define KERNELS_NAME "avx512"
#include "connectors/formats/kernels_table.h"
#endif
