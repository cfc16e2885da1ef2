#!/usr/bin/env python3
"""Extract what the simulated account knows of each service's calls from botocore's service models.

    python3 assets/sim/shapes.py            # writes assets/sim/shapes/<service>.json

Needs botocore (`pip install botocore`); the tables here come from 1.43.11. Only facts are taken over: names, types,
bounds, where a member travels, and the statuses of errors, for the operations below and the shapes that they reach.
Bounds, patterns and enums matter for what comes in; of what goes out only types and enums are kept.

Not taken over: patterns that look around or use Unicode classes (the matcher in the simulator runs in linear time and
has neither), with SQS the names of the older query protocol, which botocore's model no longer has, and an enum that is too
short (LOOSE).
"""

import json
import pathlib
import re

import botocore.loaders

OPERATIONS = {
    "rekognition": "DescribeProjects DescribeProjectVersions StartProjectVersion StopProjectVersion DetectCustomLabels",
    "lambda": "ListEventSourceMappings GetEventSourceMapping UpdateEventSourceMapping GetFunctionConfiguration Invoke",
    "scheduler": "ListSchedules GetSchedule CreateSchedule UpdateSchedule DeleteSchedule ListScheduleGroups"
    " CreateScheduleGroup ListTagsForResource TagResource UntagResource",
    "events": "ListRules ListRuleNamesByTarget DescribeRule ListTargetsByRule EnableRule DisableRule PutRule",
    "cloudwatch": "GetMetricData GetMetricStatistics",
    "sqs": "GetQueueUrl GetQueueAttributes SendMessage ReceiveMessage DeleteMessage DeleteMessageBatch"
    " ChangeMessageVisibility",
    "sts": "GetCallerIdentity",
    "s3": "ListBuckets CreateBucket HeadBucket DeleteBucket GetBucketLocation ListObjectsV2 PutObject GetObject HeadObject"
    " DeleteObject GetBucketNotificationConfiguration PutBucketNotificationConfiguration",
    "cloudformation": "CreateChangeSet DescribeChangeSet ExecuteChangeSet DeleteChangeSet ListChangeSets CreateStack"
    " UpdateStack DeleteStack DescribeStacks DescribeStackEvents ListStackResources DescribeStackResources GetTemplate"
    " GetTemplateSummary ValidateTemplate ListStacks",
}

# botocore's SQS model lacks the query-compatible codes; these are the traits of the service's Smithy model.
QUERY_CODES = {
    "sqs": {
        "QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue",
        "UnsupportedOperation": "AWS.SimpleQueueService.UnsupportedOperation",
    }
}

# Enums that are longer on AWS than in botocore: a stack's own events carry every status of a stack, such as
# REVIEW_IN_PROGRESS, which the model has for stacks only.
LOOSE = {"cloudformation": ["ResourceStatus"]}

UNSUPPORTED = re.compile(r"\(\?[=!<]|\\p\{")


def member(model):
    out = {"shape": model["shape"]}
    if "location" in model:
        out["location"] = model["location"]
    if "locationName" in model:
        out["name"] = model["locationName"]
    return out


def shape(model, incoming):
    kind = model["type"]
    out = {"type": kind}
    if kind == "structure":
        # Headers that share a prefix (S3's own metadata of objects) are not kept.
        known = {name: m for name, m in model.get("members", {}).items() if m.get("location") != "headers"}
        out["members"] = {name: member(m) for name, m in known.items()}
        if model.get("required"):
            out["required"] = model["required"]
        if "payload" in model:
            out["payload"] = model["payload"]
    elif kind == "list":
        out["of"] = model["member"]["shape"]
        if "locationName" in model["member"]:
            out["item"] = model["member"]["locationName"]
        if model.get("flattened"):
            out["flat"] = True
    elif kind == "map":
        out["key"], out["value"] = model["key"]["shape"], model["value"]["shape"]
    if "enum" in model:
        out["enum"] = model["enum"]
    if incoming:
        out.update({bound: model[bound] for bound in ("min", "max") if bound in model})
        if "pattern" in model and not UNSUPPORTED.search(model["pattern"]):
            out["pattern"] = model["pattern"]
    return out


def reach(shapes, name, found):
    if name in found:
        return
    found.add(name)
    model = shapes[name]
    for inner in list(model.get("members", {}).values()) + [model[k] for k in ("member", "key", "value") if k in model]:
        reach(shapes, inner["shape"], found)


def error(service, name, model):
    trait = model.get("error", {})
    out = {}
    if "httpStatusCode" in trait:
        out["status"] = trait["httpStatusCode"]
    code = trait.get("code", QUERY_CODES.get(service, {}).get(name))
    if code and code != name:
        out["code"] = code
    out["members"] = {key: member(m) for key, m in model.get("members", {}).items()}
    return out


def table(service, names, model):
    shapes, facts = model["shapes"], model["metadata"]
    if service == "s3":
        # S3 has it at every body, and the same one everywhere.
        facts = {**facts, "xmlNamespace": "http://s3.amazonaws.com/doc/2006-03-01/"}
    operations, incoming, outgoing, errors = {}, set(), set(), {}
    for name in names:
        full = model["operations"][name]
        http = full["http"]
        operation = {"method": http["method"], "uri": http["requestUri"], "status": http.get("responseCode", 200)}
        if "input" in full:
            operation["input"] = full["input"]["shape"]
            reach(shapes, operation["input"], incoming)
        if "output" in full:
            operation["output"] = full["output"]["shape"]
            reach(shapes, operation["output"], outgoing)
            if "resultWrapper" in full["output"]:
                operation["wrapper"] = full["output"]["resultWrapper"]
        for raised in full.get("errors", []):
            errors[raised["shape"]] = error(service, raised["shape"], shapes[raised["shape"]])
            for inner in shapes[raised["shape"]].get("members", {}).values():
                reach(shapes, inner["shape"], outgoing)
        operations[name] = operation
    out = {"version": facts["apiVersion"]}
    for key, ours in (("targetPrefix", "target"), ("jsonVersion", "json"), ("xmlNamespace", "namespace")):
        if key in facts:
            out[ours] = facts[key]
    out["operations"], out["errors"] = operations, dict(sorted(errors.items()))
    out["shapes"] = {name: shape(shapes[name], name in incoming) for name in sorted(incoming | outgoing)}
    for name in LOOSE.get(service, []):
        del out["shapes"][name]["enum"]
    return out


def lines(value):
    """One operation, error or shape a line: short, and a difference between two versions can be read."""
    parts = []
    for key, inner in value.items():
        if isinstance(inner, dict):
            rows = ",\n".join(f"{json.dumps(name)}:{json.dumps(row, separators=(',', ':'))}" for name, row in inner.items())
            parts.append(f"{json.dumps(key)}:{{\n{rows}\n}}")
        else:
            parts.append(f"{json.dumps(key)}:{json.dumps(inner)}")
    return "{" + ",\n".join(parts) + "}\n"


def main():
    loader = botocore.loaders.Loader()
    folder = pathlib.Path(__file__).parent / "shapes"
    folder.mkdir(exist_ok=True)
    for service, names in OPERATIONS.items():
        model = loader.load_service_model(service, "service-2")
        (folder / f"{service}.json").write_text(lines(table(service, names.split(), model)))


if __name__ == "__main__":
    main()
