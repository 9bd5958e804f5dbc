"""Reads what Squall wrote for other programs with parsers that others wrote. Prints one JSON object; each fault is a sentence."""

import json
import pathlib
import sys
import xml.etree.ElementTree

import jsonschema
import xmlschema
from prometheus_client.openmetrics.parser import text_string_to_metric_families

schema_of_report, schema_of_junit, root = sys.argv[1:]
report = jsonschema.Draft7Validator(json.loads(pathlib.Path(schema_of_report).read_text()))
junit = xmlschema.XMLSchema(schema_of_junit)
faults = []
counts = {"runs": 0, "fields": 0, "cases": 0, "series": 0, "allure": 0}


def leaves(value):
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    return sum(map(leaves, value)) if isinstance(value, list) else 1


def check(run, what, look):
    try:
        look()
    except Exception as error:  # whatever a parser of others throws is what this is about
        faults.append(f"{run.name}: {what}: {str(error)[:300]}")


def report_is_valid(run):
    document = json.loads((run / "report.json").read_text("utf-8"))
    report.validate(document)
    counts["fields"] += leaves(document)


def junit_is_valid(run):
    junit.validate(str(run / "junit.xml"))
    cases = xml.etree.ElementTree.parse(run / "junit.xml").findall(".//testcase")
    if not cases:
        raise ValueError("there are none")
    names = {(case.get("classname"), case.get("name")) for case in cases}
    if len(names) != len(cases):
        raise ValueError("two cases have one name")
    counts["cases"] += len(cases)


def metrics_are_parsed(run):
    families = list(text_string_to_metric_families((run / "metrics.txt").read_text("utf-8")))
    counts["series"] += sum(len(family.samples) for family in families)
    if not families:
        raise ValueError("there are none")


def allure_is_parsed(run):
    results = list((run / "allure-results").glob("*-result.json"))
    for result in results:
        document = json.loads(result.read_text("utf-8"))
        if document["status"] not in ("passed", "failed", "broken", "skipped", "unknown"):
            raise ValueError(f"{document['status']} is no status")
    counts["allure"] += len(results)
    if not results:
        raise ValueError("there are none")


for run in sorted(pathlib.Path(root).iterdir()):
    counts["runs"] += 1
    check(run, "report.json", lambda: report_is_valid(run))
    check(run, "junit.xml", lambda: junit_is_valid(run))
    check(run, "metrics.txt", lambda: metrics_are_parsed(run))
    check(run, "allure-results", lambda: allure_is_parsed(run))
print(json.dumps({"faults": faults, **counts}))
