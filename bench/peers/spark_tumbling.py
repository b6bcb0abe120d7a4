"""The benchmark's query in Spark Structured Streaming, from a topic's start to its end.

    python3 bench/peers/spark_tumbling.py JARS BROKERS TOPIC [ANSWER]

Two cores, state in memory, all that is there as one micro-batch and then one that closes windows
(availableNow); the last window stays open, since nothing passes its end. Rows are dropped; with
ANSWER, written there as CSV. The last line of output is {"wall": seconds} of the query, after the
session's start.
"""
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from pyspark.sql import SparkSession, functions

SCHEMA = "ts BIGINT, host STRING, v DOUBLE"


def session(jars):
    return (SparkSession.builder.master("local[2]")
            .config("spark.jars", ",".join(map(str, sorted(Path(jars).glob("*.jar")))))
            .config("spark.ui.enabled", "false")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.driver.memory", "4g")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .getOrCreate())


def means(spark, brokers, topic):
    messages = (spark.readStream.format("kafka").option("kafka.bootstrap.servers", brokers)
                .option("subscribe", topic).option("startingOffsets", "earliest").load())
    record = functions.from_json(functions.col("value").cast("string"), SCHEMA).alias("record")
    return (messages.select(record).select("record.*")
            .withColumn("event_time", functions.timestamp_millis("ts"))
            .withWatermark("event_time", "1 second")
            .groupBy(functions.window("event_time", "5 minutes"), "host")
            .agg(functions.avg("v").alias("a"), functions.count("*").alias("n"))
            .select(functions.unix_millis("window.start").alias("ws"), "host", "a", "n"))


def main():
    jars, brokers, topic = sys.argv[1:4]
    answer = open(sys.argv[4], "w", encoding="utf-8") if len(sys.argv) > 4 else None
    spark = session(jars)
    spark.sparkContext.setLogLevel("ERROR")

    def take(rows, _number):
        if answer is None:
            rows.write.format("noop").mode("append").save()
            return
        for row in rows.collect():
            answer.write(f"{row.ws},{row.host},{row.a!r},{row.n}\n")

    started = time.monotonic()
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_SCRATCH")) as scratch:
        (means(spark, brokers, topic).writeStream.outputMode("append").foreachBatch(take)
         .trigger(availableNow=True).option("checkpointLocation", scratch).start()
         .awaitTermination())
    wall = time.monotonic() - started
    if answer:
        answer.close()
    spark.stop()
    print(json.dumps({"wall": wall}))


if __name__ == "__main__":
    main()
