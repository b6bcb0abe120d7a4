#!/bin/sh
# Prints the CPU usage of this machine in percent, one number a line.
#   INTERVAL=5   seconds between two numbers        COUNT=0   how many, 0: without end
interval=${INTERVAL:-5}
count=${COUNT:-0}

busy_and_total() {
    awk '/^cpu / { total = 0; for (i = 2; i <= 9; i++) total += $i
                   print total - $5 - $6, total }' /proc/stat
}

before=$(busy_and_total)
n=0
while [ "$count" -eq 0 ] || [ "$n" -lt "$count" ]; do
    sleep "$interval"
    after=$(busy_and_total)
    echo "$before $after" |
        awk '{ ticks = $4 - $2; printf("%.1f\n", (ticks > 0) ? 100 * ($3 - $1) / ticks : 0) }'
    before=$after
    n=$((n + 1))
done
