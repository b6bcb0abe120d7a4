/* The benchmark's query in Flink SQL, from a topic's start to its end:
 *
 *     java -cp 'build/flink-libs/*' bench/peers/FlinkTumbling.java BROKERS TOPIC
 *
 * Parallelism 2, heap state, no checkpoints, objects used again: Flink's own fast settings. The
 * results go to a sink that drops them. */
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

public class FlinkTumbling {
    public static void main(String[] arguments) throws Exception {
        Configuration settings = new Configuration();
        settings.setString("parallelism.default", "2");
        settings.setString("pipeline.object-reuse", "true");
        settings.setString("state.backend.type", "hashmap");
        TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.newInstance()
            .inStreamingMode().withConfiguration(settings).build());
        tables.executeSql("CREATE TABLE readings (ts BIGINT, host STRING, v DOUBLE,"
            + " event_time AS TO_TIMESTAMP_LTZ(ts, 3),"
            + " WATERMARK FOR event_time AS event_time - INTERVAL '1' SECOND)"
            + " WITH ('connector' = 'kafka', 'topic' = '" + arguments[1] + "',"
            + " 'properties.bootstrap.servers' = '" + arguments[0] + "',"
            + " 'properties.group.id' = 'bench', 'scan.startup.mode' = 'earliest-offset',"
            + " 'scan.bounded.mode' = 'latest-offset', 'format' = 'json')");
        tables.executeSql("CREATE TABLE results (window_start TIMESTAMP(3), host STRING,"
            + " average DOUBLE, readings BIGINT) WITH ('connector' = 'blackhole')");
        tables.executeSql("INSERT INTO results SELECT window_start, host, AVG(v), COUNT(*)"
            + " FROM TABLE(TUMBLE(TABLE readings, DESCRIPTOR(event_time), INTERVAL '5' MINUTES))"
            + " GROUP BY window_start, window_end, host").await();
    }
}
