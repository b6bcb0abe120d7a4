SET kafka.brokers = 'h:9092'
