"""Asks the same of a run's samples twice, with DuckDB and with pandas, and prints both answers as JSON."""

import glob
import json
import pathlib
import sys

import duckdb
import pandas

parquet = sys.argv[1]
columns = ["probe", "failures", "from_ns", "to_ns"]


def with_duckdb():
    sql = pathlib.Path(__file__).with_name("outages.sql").read_text().replace("PARQUET", parquet)
    return duckdb.sql(sql).fetchall()


def with_pandas():
    samples = pandas.concat(pandas.read_parquet(file) for file in sorted(glob.glob(parquet)))
    usable = samples[samples.outcome != "unknown"].sort_values(["probe", "sent_ns"])
    by_probe = usable.groupby("probe")
    usable = usable.assign(
        bad=usable.outcome == "failed",
        before=by_probe.sent_ns.shift(),
        run=(usable.outcome != by_probe.outcome.shift()).cumsum(),
    )
    bad = usable[usable.bad].groupby(["probe", "run"])
    outages = bad.agg(failures=("n", "size"), from_ns=("before", "min"), to_ns=("sent_ns", "max")).reset_index()
    return outages[columns].values.tolist()


def rows(found):
    return [[probe, int(failures), int(start), int(end)] for probe, failures, start, end in found]


print(json.dumps({"duckdb": rows(with_duckdb()), "pandas": rows(with_pandas())}))
