"""Which AWS actions the layers call, as their source says: `call("dynamodb", "GetItem", ...)`."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

# What IAM asks for where the operation has no right of its own.
RIGHTS = {
    "bedrock-runtime:Converse": "bedrock:InvokeModel",
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:UploadPart": "s3:PutObject",
    "sesv2:SendEmail": "ses:SendEmail",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}
# TransactWriteItems asks for the rights of its parts.
PARTS = {
    "ConditionCheck": "dynamodb:ConditionCheckItem",
    "Delete": "dynamodb:DeleteItem",
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
}
TRANSACTION = "dynamodb:TransactWriteItems"


def actions(sources: Iterable[Path]) -> set[str]:
    """Every right that the modules need."""
    return set().union(*map(_of_one, sources))


@cache
def _of_one(path: Path) -> frozenset[str]:
    """The rights that one module needs; every door asks it of nearly every module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    operations = set(_operations(tree)) - {TRANSACTION}
    parts = {PARTS[name] for name in _part_names(tree)}
    return frozenset(parts.union(RIGHTS.get(name, name) for name in operations))


def _operations(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="call"),
                args=[ast.Constant(value=str(service)), ast.Constant(value=str(operation)), *_],
            ):
                yield f"{service}:{operation}"


def _part_names(tree: ast.Module) -> Iterator[str]:
    """The keys of dictionaries that are one part of a transaction."""
    for node in ast.walk(tree):
        match node:
            case ast.Dict(keys=[ast.Constant(value=str(name))]) if name in PARTS:
                yield name
