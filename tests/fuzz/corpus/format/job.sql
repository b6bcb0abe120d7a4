create or replace stream if not exists cpu(ts bigint not null, tags array < struct<a int, b double  precision> >, rt as to_timestamp(ts,'ms'), primary key(ts), watermark for rt) with(connector='kafka','sasl.password' = secret p);
create job j with(state_ttl = '7 days') as begin insert into a(x) select 1; insert into kafka('t') (y) select 2 union all (select 3); end;
set allow_unbounded_state = on; explain upgrade j as insert into null() values (?), (:a), (?1);
assert rows ordered (select 1) values (1); show streams like 'c%'; describe a.b; create secret s (env = 'X')
