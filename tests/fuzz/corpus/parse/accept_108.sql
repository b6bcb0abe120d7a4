SELECT _key, _partition, _offset FROM kafka('t')
