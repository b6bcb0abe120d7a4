SELECT metadata, metric, nulls, of, offset, ordered, outer, over, partition, pause, preceding, previous FROM t
