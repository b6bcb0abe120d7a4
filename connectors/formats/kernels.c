/* Chooses the kernels for the processor that the program runs on.
 *
 * 1. base is always usable; the others only where the compiler and the processor know them. */
#include "connectors/formats/kernels.h"

const wr_kernels *const *
wr_kernels_usable(int *count)
{
#if defined(__x86_64__)
    static const wr_kernels *const all[] = {&wr_kernels_avx512, &wr_kernels_avx2, &wr_kernels_base};
    bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
    bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512bw");
    *count = 1 + has_avx2 + has_avx512;
    return all + 3 - *count;
#else
    static const wr_kernels *const all[] = {&wr_kernels_base};
    *count = 1;
    return all;
#endif
}

const wr_kernels *
wr_kernels_best(void)
{
    int count;
    return wr_kernels_usable(&count)[0];
}
