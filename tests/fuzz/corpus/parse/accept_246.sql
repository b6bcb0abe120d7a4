RESET kafka.brokers
