SELECT a OR b AND c OR d, (a OR b) AND (c OR d), NOT (a OR b), NOT NOT a FROM t
