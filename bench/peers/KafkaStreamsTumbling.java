/* The benchmark's query in Kafka Streams, from a topic's start to what was its end at the start:
 *
 *     java -cp 'build/kstreams-libs:build/kstreams-libs/*' KafkaStreamsTumbling BROKERS TOPIC
 *         [ANSWER]
 *
 * The topic is keyed by host, so nothing is sent through the broker again. Two threads, windows in
 * memory, no change logs. A window is emitted once, when stream time has passed it, so each
 * partition's last one stays open. Results are dropped; with ANSWER, written there as CSV. The last
 * line of output is {"wall": seconds} from the start of the threads to the last record. */
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.processor.TimestampExtractor;
import org.apache.kafka.streams.state.Stores;

public class KafkaStreamsTumbling {
    private static final Duration SIZE = Duration.ofMinutes(5);
    private static final Duration GRACE = Duration.ofSeconds(1);
    private static final JsonFactory JSON = new JsonFactory();

    /** What is used of a record: the host is its key already. */
    record Reading(long ts, double v) {
        static Reading parse(String topic, byte[] bytes) {
            long ts = 0;
            double v = 0;
            try (JsonParser parser = JSON.createParser(bytes)) {
                parser.nextToken();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String name = parser.currentName();
                    parser.nextToken();
                    if (name.equals("ts")) {
                        ts = parser.getLongValue();
                    } else if (name.equals("v")) {
                        v = parser.getDoubleValue();
                    }
                }
            } catch (java.io.IOException problem) {
                throw new IllegalStateException(problem);
            }
            return new Reading(ts, v);
        }
    }

    /** Sum and count: the state of a group. */
    record Mean(double sum, long count) {
        Mean add(Reading reading) {
            return new Mean(sum + reading.v, count + 1);
        }

        static byte[] bytes(String topic, Mean mean) {
            return mean == null ? null
                : ByteBuffer.allocate(16).putDouble(mean.sum).putLong(mean.count).array();
        }

        static Mean of(String topic, byte[] bytes) {
            ByteBuffer buffer = bytes == null ? null : ByteBuffer.wrap(bytes);
            return buffer == null ? null : new Mean(buffer.getDouble(), buffer.getLong());
        }
    }

    public static class EventTime implements TimestampExtractor {
        @Override
        public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
            return ((Reading) record.value()).ts();
        }
    }

    private static long recordCount(String brokers, String topic) {
        Deserializer<byte[]> bytes = new ByteArrayDeserializer();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(Map.of("bootstrap.servers", brokers), bytes, bytes)) {
            List<TopicPartition> all = consumer.partitionsFor(topic).stream()
                .map(each -> new TopicPartition(topic, each.partition()))
                .collect(Collectors.toList());
            return consumer.endOffsets(all).values().stream().mapToLong(Long::longValue).sum();
        }
    }

    private static Properties settings(String brokers) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "bench-" + System.nanoTime());
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, System.getenv("BENCH_SCRATCH"));
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 30_000);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 256L << 20);
        settings.put(StreamsConfig.DEFAULT_TIMESTAMP_EXTRACTOR_CLASS_CONFIG, EventTime.class);
        settings.put("auto.offset.reset", "earliest");
        return settings;
    }

    private static synchronized void print(PrintWriter out, Windowed<String> key, Mean mean) {
        out.println(key.window().start() + "," + key.key() + "," + mean.sum() / mean.count() + ","
            + mean.count());
    }

    public static void main(String[] arguments) throws Exception {
        PrintWriter out = arguments.length > 2 ? new PrintWriter(arguments[2], "UTF-8") : null;
        AtomicLong left = new AtomicLong(recordCount(arguments[0], arguments[1]));
        CountDownLatch done = new CountDownLatch(1);
        Serde<Reading> reading = Serdes.serdeFrom((topic, value) -> new byte[0], Reading::parse);
        Serde<Mean> mean = Serdes.serdeFrom(Mean::bytes, Mean::of);
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(arguments[1], Consumed.with(Serdes.String(), reading))
            .peek((host, value) -> {
                if (left.decrementAndGet() == 0) {
                    done.countDown();
                }
            })
            .groupByKey(Grouped.with(Serdes.String(), reading))
            .windowedBy(TimeWindows.ofSizeAndGrace(SIZE, GRACE))
            .aggregate(() -> new Mean(0, 0), (host, value, state) -> state.add(value),
                Materialized.<String, Mean>as(
                        Stores.inMemoryWindowStore("means", SIZE.plus(GRACE), SIZE, false))
                    .withKeySerde(Serdes.String()).withValueSerde(mean)
                    .withLoggingDisabled().withCachingEnabled())
            .suppress(Suppressed.untilWindowCloses(
                Suppressed.BufferConfig.unbounded().withLoggingDisabled()))
            .toStream()
            .foreach((key, value) -> {
                if (out != null) {
                    print(out, key, value);
                }
            });
        KafkaStreams streams = new KafkaStreams(builder.build(), settings(arguments[0]));
        streams.setUncaughtExceptionHandler(problem -> {
            problem.printStackTrace();
            Runtime.getRuntime().halt(1);
            return null;
        });
        long begin = System.nanoTime();
        streams.start();
        done.await();
        double wall = (System.nanoTime() - begin) / 1e9;
        streams.close(Duration.ofSeconds(30));
        if (out != null) {
            out.close();
        }
        System.out.println("{\"wall\": " + wall + "}");
        System.exit(0);
    }
}
