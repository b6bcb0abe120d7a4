/* The benchmark's query in Flink SQL, from a topic's start to what was its end at the start:
 *
 *     java -cp 'build/flink-libs:build/flink-libs/*' FlinkTumbling BROKERS TOPIC [ANSWER]
 *
 * Parallelism 2, heap state, no checkpoints, objects used again: Flink's own fast settings. The
 * results go to a sink that drops them; with ANSWER, as CSV to that file. The last line of output
 * is {"wall": seconds} from the job's submission to its end. */
import java.io.PrintWriter;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;

public class FlinkTumbling {
    private static final String QUERY = "SELECT window_start, host, AVG(v) AS average,"
        + " COUNT(*) AS readings"
        + " FROM TABLE(TUMBLE(TABLE readings, DESCRIPTOR(event_time), INTERVAL '5' MINUTES))"
        + " GROUP BY window_start, window_end, host";

    private static TableEnvironment environment() {
        Configuration settings = new Configuration();
        settings.setString("parallelism.default", "2");
        settings.setString("pipeline.object-reuse", "true");
        settings.setString("state.backend.type", "hashmap");
        settings.setString("table.local-time-zone", "UTC");
        return TableEnvironment.create(EnvironmentSettings.newInstance()
            .inStreamingMode().withConfiguration(settings).build());
    }

    private static void write(TableEnvironment tables, String path) throws Exception {
        try (PrintWriter out = new PrintWriter(path, "UTF-8");
                CloseableIterator<Row> rows = tables.executeSql(QUERY).collect()) {
            while (rows.hasNext()) {
                Row row = rows.next();
                long startMs = ((LocalDateTime) row.getField(0)).toInstant(ZoneOffset.UTC)
                    .toEpochMilli();
                out.println(startMs + "," + row.getField(1) + "," + row.getField(2) + ","
                    + row.getField(3));
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        TableEnvironment tables = environment();
        tables.executeSql("CREATE TABLE readings (ts BIGINT, host STRING, v DOUBLE,"
            + " event_time AS TO_TIMESTAMP_LTZ(ts, 3),"
            + " WATERMARK FOR event_time AS event_time - INTERVAL '1' SECOND)"
            + " WITH ('connector' = 'kafka', 'topic' = '" + arguments[1] + "',"
            + " 'properties.bootstrap.servers' = '" + arguments[0] + "',"
            + " 'properties.group.id' = 'bench', 'scan.startup.mode' = 'earliest-offset',"
            + " 'scan.bounded.mode' = 'latest-offset', 'format' = 'json')");
        tables.executeSql("CREATE TABLE results (window_start TIMESTAMP(3), host STRING,"
            + " average DOUBLE, readings BIGINT) WITH ('connector' = 'blackhole')");
        long begin = System.nanoTime();
        if (arguments.length > 2) {
            write(tables, arguments[2]);
        } else {
            tables.executeSql("INSERT INTO results " + QUERY).await();
        }
        System.out.println("{\"wall\": " + (System.nanoTime() - begin) / 1e9 + "}");
        System.exit(0);
    }
}
