"""Cases for functions_exact_sum_test: each line `count value… sum`, doubles as 16 hex digits.

The oracle is math.fsum; where it raises (inf − inf, overflow) the case is left out.
"""
import math
import random
import struct


def show(value):
    return struct.pack(">d", value).hex()


def any_double(rng, least, greatest):
    return rng.choice((-1, 1)) * math.ldexp(rng.random() + 0.5, rng.randint(least, greatest))


def cases(rng):
    yield []
    yield [0.0, -0.0]
    yield [1e308, 1e308, -1e308]
    yield [1e308, 1.0, -1e308]
    yield [1e16, 1.0, 1e-16] * 3
    yield [1.0, 2.0**-53, 2.0**-1074]
    yield [1.0, 2.0**-53]
    yield [1.0 + 2.0**-52, 2.0**-53]
    yield [5e-324] * 7
    yield [2.2250738585072014e-308, -5e-324]
    yield [2.0**53 - 1, 0.5, 2.0**-80]
    yield [float("inf"), 1.0]
    yield [float("-inf"), 1e308]
    yield [float("nan"), 1.0]
    yield [2.0**44] * 3000
    yield [-(2.0**43)] * 5000 + [0.1]
    yield [1e12 + i / 7 for i in range(20000)]
    for _ in range(150):
        yield [rng.uniform(0, 100) for _ in range(rng.randint(1, 300))]
    for _ in range(150):
        yield [any_double(rng, -1073, 1020) for _ in range(rng.randint(1, 60))]
    for _ in range(150):
        yield [any_double(rng, -90, 60) for _ in range(rng.randint(1, 60))]
    for _ in range(100):
        half = [any_double(rng, -300, 300) for _ in range(30)]
        whole = half + [-x for x in half] + [any_double(rng, -320, -200)]
        rng.shuffle(whole)
        yield whole
    for _ in range(50):
        yield [any_double(rng, -1074, -1015) for _ in range(50)]


def main():
    for values in cases(random.Random(20260101)):
        try:
            total = math.fsum(values)
        except (OverflowError, ValueError):
            continue
        print(len(values), *(show(v) for v in values), show(total))


if __name__ == "__main__":
    main()
