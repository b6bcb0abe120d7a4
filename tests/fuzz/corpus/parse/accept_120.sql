SELECT ?, ?, ?7, :name, :name, :other FROM t WHERE a = ? AND b > :name
