/* The kernels with AVX2; the build gives this file, and no other, its instructions. */
#include "connectors/formats/kernels.h"

#ifdef __AVX2__
#define KERNELS_TABLE wr_kernels_avx2
#define KERNELS_NAME "avx2"
#include "connectors/formats/kernels_table.h"
#endif
