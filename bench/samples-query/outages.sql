-- Every outage of every probe: from the last good sample before it to the last bad sample, by when they were sent.
WITH usable AS (
  SELECT probe, n, sent_ns, outcome = 'failed' AS bad
  FROM read_parquet('PARQUET')
  WHERE outcome <> 'unknown'
), runs AS (
  SELECT *, row_number() OVER (PARTITION BY probe ORDER BY sent_ns)
          - row_number() OVER (PARTITION BY probe, bad ORDER BY sent_ns) AS run,
         lag(sent_ns) OVER (PARTITION BY probe ORDER BY sent_ns) AS sent_before
  FROM usable
)
SELECT probe, count(*) AS failures, min(sent_before) AS from_ns, max(sent_ns) AS to_ns
FROM runs WHERE bad GROUP BY probe, run ORDER BY probe, from_ns
