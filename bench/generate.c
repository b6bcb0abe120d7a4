/* Writes readings, always the same for the same arguments:
 *
 *   generate COUNT [SHAPE narrow] [HOSTS 1000] [DISORDER_MS 0]
 *
 *   narrow   {"ts":1700000000000,"host":"server-000123","v":12.34}                 54 bytes
 *   wide     the same three among eleven fields, one with escapes, one nested     about 200 bytes
 *   csv      1700000000000,server-000123,12.34                                    with a header
 *
 * Event time moves by one millisecond a record; DISORDER_MS takes up to so much away from it. Hosts
 * and values come from xorshift64. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = UINT64_C(0x9E3779B97F4A7C15);

static uint64_t
random_next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void
reading_print(const char *shape, long long ts, unsigned host, unsigned cents)
{
    unsigned whole = cents / 100, rest = cents % 100;
    if (strcmp(shape, "csv") == 0) {
        printf("%lld,server-%06u,%u.%02u\n", ts, host, whole, rest);
    } else if (strcmp(shape, "wide") == 0) {
        printf("{\"ts\":%lld,\"region\":\"eu-west-1\",\"dc\":\"dc%02u\",\"host\":\"server-%06u\","
               "\"metric\":\"cpu.user\",\"unit\":\"percent\",\"seq\":%lld,"
               "\"msg\":\"all \\\"good\\\"\",\"v\":%u.%02u,"
               "\"tags\":{\"app\":\"web\",\"env\":\"prod\"},\"ok\":true}\n",
               ts, host % 17, host, ts - 1700000000000, whole, rest);
    } else {
        printf("{\"ts\":%lld,\"host\":\"server-%06u\",\"v\":%u.%02u}\n", ts, host, whole, rest);
    }
}

int
main(int argc, char **argv)
{
    static char buffer[1 << 20];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    long long count = argc > 1 ? strtoll(argv[1], NULL, 10) : 1000000;
    const char *shape = argc > 2 ? argv[2] : "narrow";
    unsigned host_count = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 1000;
    unsigned disorder_ms = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
    if (strcmp(shape, "csv") == 0) {
        puts("ts,host,v");
    }
    for (long long i = 0; i < count; i++) {
        unsigned host = (unsigned)(random_next() % host_count);
        unsigned cents = (unsigned)(random_next() % 10000);
        long long back = disorder_ms > 0 ? (long long)(random_next() % disorder_ms) : 0;
        reading_print(shape, 1700000000000 + i - back, host, cents);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
