/* The kernels with what every processor has that the program is built for (SSE2 or NEON). */
#include "connectors/formats/kernels.h"

#define KERNELS_TABLE wr_kernels_base
#define KERNELS_NAME "base"
#include "connectors/formats/kernels_table.h"
