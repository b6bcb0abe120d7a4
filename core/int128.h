/* 128-bit integers: exact sums, DECIMAL. */
#ifndef WEIR_CORE_INT128_H
#define WEIR_CORE_INT128_H

__extension__ typedef __int128 wr_int128;
__extension__ typedef unsigned __int128 wr_uint128;

/* As members of aggregate states, which are aligned to 8 bytes only. */
typedef wr_int128 wr_int128_unaligned __attribute__((aligned(8)));
typedef wr_uint128 wr_uint128_unaligned __attribute__((aligned(8)));

#endif
