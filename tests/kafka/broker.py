"""A real Apache Kafka broker for the tests: KRaft mode, one node, own data folder, free ports.

    broker = shared()                        one for all tests of this process, up in about 5 s
    topic = broker.topic("cpu", partitions=2)            a fresh name: cpu-1, cpu-2, …
    broker.produce(topic, [Message("1.5"), Message('{"v":2}', key="web", timestamp_ms=0)])

The jars come through Maven once (build/kafka-libs). The broker dies with this process.
"""
import atexit
import ctypes
import fcntl
import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple, Optional

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("WEIR_BUILD", ROOT / "build" / "dev"))
LIBS = ROOT / "build" / "kafka-libs"
TOOL = Path(os.environ.get("WEIR_KAFKA_TOOL", BUILD / "kafka_tool"))
READY_TIMEOUT_S = 90
PR_SET_PDEATHSIG = 1

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
num.network.threads=1
num.io.threads=2
auto.create.topics.enable=false
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=500
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
log.retention.ms=-1
message.max.bytes=104857600
log.cleaner.enable=false
"""

JAVA = ("-Xms128m", "-Xmx768m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")  # starts soonest

LOGGING = """\
log4j.rootLogger=WARN, A
log4j.appender.A=org.apache.log4j.ConsoleAppender
log4j.appender.A.layout=org.apache.log4j.PatternLayout
log4j.appender.A.layout.ConversionPattern=%d %p %c - %m%n
"""


class Message(NamedTuple):
    """One record. value None is a tombstone; headers are (name, value) pairs."""
    value: Optional[object]
    key: Optional[object] = None
    partition: int = -1
    timestamp_ms: int = -1
    headers: tuple = ()


class Record(NamedTuple):
    """One record as read back."""
    partition: int
    offset: int
    timestamp_ms: int
    key: Optional[bytes]
    headers: tuple
    value: Optional[bytes]


def escape(data):
    """A field of kafka_tool's lines: \\N for none, backslash escapes for what would cut a line."""
    if data is None:
        return b"\\N"
    if isinstance(data, str):
        data = data.encode()
    return (data.replace(b"\\", b"\\\\").replace(b"\t", b"\\t").replace(b"\n", b"\\n")
            .replace(b"\r", b"\\r").replace(b"\0", b"\\0"))


ESCAPED = {b"\\\\": b"\\", b"\\t": b"\t", b"\\n": b"\n", b"\\r": b"\r", b"\\0": b"\0"}


def unescape(field):
    if field == b"\\N":
        return None
    return re.sub(rb"\\.", lambda match: ESCAPED[match.group()], field)


def message_line(message):
    headers = [escape(part) for pair in message.headers for part in pair]
    return b"\t".join([str(message.partition).encode(), str(message.timestamp_ms).encode(),
                       escape(message.key), escape(message.value), *headers]) + b"\n"


def record_of(line):
    partition, offset, timestamp_ms, key, value, *headers = line.split(b"\t")
    pairs = tuple((unescape(headers[i]).decode(), unescape(headers[i + 1]))
                  for i in range(0, len(headers), 2))
    return Record(int(partition), int(offset), int(timestamp_ms), unescape(key), pairs,
                  unescape(value))


def fetch_jars():
    """Maven copies the jars once; a lock lets several test runs wait for one download."""
    LIBS.parent.mkdir(parents=True, exist_ok=True)
    with open(LIBS.parent / "kafka-libs.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (LIBS / "complete").exists():
            return
        if shutil.which("mvn") is None or shutil.which("java") is None:
            raise RuntimeError("the broker tests need Java and Maven: tools/setup.sh --test")
        subprocess.run(["mvn", "-B", "-q", "-f", str(ROOT / "tests/kafka/pom.xml"),
                        "dependency:copy-dependencies", "-DincludeScope=runtime",
                        f"-DoutputDirectory={LIBS}"], check=True)
        (LIBS / "complete").touch()


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Broker:
    """start, stop, kill and start again keep ports and data. `java`: the virtual machine's options;
    `properties`: more lines of settings, which override the tests'; `parent`: the folder that its
    own is made in."""

    def __init__(self, java=JAVA, properties="", parent=None):
        fetch_jars()
        self.java = java
        self.folder = Path(tempfile.mkdtemp(prefix="weir-kafka-", dir=parent))
        self.port, controller = free_ports(2)
        self.address = f"127.0.0.1:{self.port}"
        self.process = None
        self.numbers = itertools.count(1)
        (self.folder / "log4j.properties").write_text(LOGGING)
        (self.folder / "server.properties").write_text(PROPERTIES.format(
            port=self.port, controller=controller, data=self.folder / "data") + properties)
        self._java("kafka.tools.StorageTool", "format", "-t", "weirweirweirweirweirwA",
                   "-c", str(self.folder / "server.properties")).wait()
        atexit.register(self.close)

    def _java(self, main_class, *arguments):
        log = open(self.folder / "broker.log", "ab")  # the child keeps it
        return subprocess.Popen(
            ["java", *self.java,
             f"-Dlog4j.configuration=file:{self.folder}/log4j.properties",
             "-cp", f"{LIBS}/*", main_class, *arguments],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder,
            preexec_fn=die_with_parent)

    def start(self):
        self.process = self._java("kafka.Kafka", str(self.folder / "server.properties"))
        end = time.monotonic() + READY_TIMEOUT_S
        while True:
            if self.process.poll() is not None or time.monotonic() > end:
                log = (self.folder / "broker.log").read_text(errors="replace")
                raise RuntimeError(f"the broker did not come up:\n{log[-4000:]}")
            if self._listens() and self._tool("ready", check=False).returncode == 0:
                return self
            time.sleep(0.1)

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        """A clean stop; data and ports stay for start()."""
        self._end(signal.SIGTERM)

    def kill(self):
        """As a power cut would."""
        self._end(signal.SIGKILL)

    def _end(self, number):
        if self.process is None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def close(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _tool(self, *arguments, data=b"", check=True, timeout=120):
        ended = subprocess.run([TOOL, self.address, *map(str, arguments)], input=data,
                               capture_output=True, timeout=timeout, check=False)
        if check and ended.returncode != 0:
            raise RuntimeError(f"kafka_tool {arguments}: {ended.stderr.decode()}")
        return ended

    def topic(self, stem, partitions=1):
        """Creates a topic that no other test has and returns its name."""
        name = f"{stem}-{next(self.numbers)}"
        self._tool("create", name, partitions)
        return name

    def create(self, name, partitions=1):
        self._tool("create", name, partitions)
        return name

    def delete(self, name):
        self._tool("delete", name)

    def grow(self, name, partitions):
        """Raises the number of partitions."""
        self._tool("grow", name, partitions)

    def produce(self, topic, messages, codec="none", rate=0):
        """Sends and waits for the acknowledgements; `rate` is messages a second, 0: at once."""
        data = b"".join(message_line(m if isinstance(m, Message) else Message(m))
                        for m in messages)
        self._tool("produce", topic, codec, rate, data=data)

    def transact(self, topic, messages, commits=True):
        """Sends in one transaction, which is committed or aborted."""
        data = b"".join(message_line(m if isinstance(m, Message) else Message(m))
                        for m in messages)
        self._tool("transact", topic, "commit" if commits else "abort", data=data)

    def expire(self, topic, partition, offset):
        """Deletes the records before `offset`, as retention does."""
        self._tool("expire", topic, partition, offset)

    def consume(self, topic):
        """All records of the topic, by (partition, offset)."""
        lines = self._tool("consume", topic).stdout.splitlines()
        return sorted(record_of(line) for line in lines)


_shared = None


def shared():
    """The broker that all tests of this process share; restart tests must leave it running."""
    global _shared
    if _shared is None:
        _shared = Broker().start()
    elif _shared.process is None:
        _shared.start()
    return _shared
