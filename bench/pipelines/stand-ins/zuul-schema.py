"""Holds a configuration of Zuul against the schemas by which Zuul itself reads it, and its playbooks against what it would ask of them."""

import os
import sys

import yaml
from zuul import configloader

PARSERS = {"job": configloader.JobParser, "semaphore": configloader.SemaphoreParser}


def schema_of(parser):
    if hasattr(parser, "getSchema"):
        made = parser.__new__(parser)
        return parser.getSchema(made)
    return parser.schema


def main(file):
    with open(file, encoding="utf-8") as text:
        items = yaml.safe_load(text)
    names = {}
    for item in items:
        ((kind, body),) = item.items()
        schema_of(PARSERS[kind])(body)
        names.setdefault(kind, set()).add(body["name"])
    for item in items:
        job = item.get("job", {})
        if job.get("parent") not in names["job"] | {None}:
            raise ValueError(f"{job['name']}: there is no job {job['parent']}")
        for semaphore in job.get("semaphores", []):
            if semaphore["name"] not in names["semaphore"]:
                raise ValueError(f"{job['name']}: there is no semaphore {semaphore['name']}")
        for playbook in (job.get("run"), job.get("post-run")):
            if playbook and not os.path.exists(playbook):
                raise ValueError(f"{job['name']}: there is no {playbook}")
    print(f"{len(items)} items")


main(sys.argv[1])
