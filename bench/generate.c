/* Writes readings as NDJSON, always the same for the same arguments:
 *
 *   generate COUNT [hosts 1000]       {"ts":1700000000000,"host":"server-000123","v":12.34}
 *
 * Event time moves by one millisecond a record; hosts and values come from xorshift64. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state = UINT64_C(0x9E3779B97F4A7C15);

static uint64_t
random_next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

int
main(int argc, char **argv)
{
    long long count = argc > 1 ? strtoll(argv[1], NULL, 10) : 1000000;
    unsigned host_count = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1000;
    for (long long i = 0; i < count; i++) {
        unsigned host = (unsigned)(random_next() % host_count);
        unsigned value = (unsigned)(random_next() % 10000);
        printf("{\"ts\":%lld,\"host\":\"server-%06u\",\"v\":%u.%02u}\n", 1700000000000 + i, host,
               value / 100, value % 100);
    }
    return 0;
}
