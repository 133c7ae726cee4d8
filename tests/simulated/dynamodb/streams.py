"""DynamoDB Streams, simulated: the shards of a table's stream, read page by page."""

from collections.abc import Mapping
from typing import Any

from tests.simulated.dynamodb.service import DynamoDB
from tests.simulated.dynamodb.stream import Stream, shard_id
from tests.simulated.refusals import Refusal, Unsupported, only

# Small, so that readers meet more than one page; and now and then AWS has a page without records.
PAGE = 20


class Streams:
    """The streams of all tables."""

    def __init__(self, dynamodb: DynamoDB) -> None:
        self._dynamodb = dynamodb

    def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """One call. Raises Refusal, and Unsupported for what is not simulated."""
        match operation:
            case "DescribeStream":
                return self._describe(parameters)
            case "GetShardIterator":
                return self._iterator(parameters)
            case "GetRecords":
                return self._records(parameters)
        raise Unsupported(f"The simulated streams have no {operation}.")

    def _describe(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """A page has one shard: readers must ask on."""
        only(parameters, "DescribeStream", frozenset({"StreamArn", "ExclusiveStartShardId"}))
        stream = self._stream(parameters["StreamArn"])
        names = [shard_id(shard) for shard in range(len(stream.shards))]
        start = parameters.get("ExclusiveStartShardId")
        at = 0 if start is None else names.index(start) + 1
        more = {"LastEvaluatedShardId": names[at]} if at < len(names) - 1 else {}
        shown = [{"ShardId": name} for name in names[at : at + 1]]
        return {"StreamDescription": {"Shards": shown, **more}}

    def _iterator(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        stream = self._stream(parameters["StreamArn"])
        shard = int(parameters["ShardId"].split("-")[1])
        records = stream.shards[shard]
        match parameters["ShardIteratorType"]:
            case "TRIM_HORIZON":
                at = 0
            case "AFTER_SEQUENCE_NUMBER":
                numbers = [each["dynamodb"]["SequenceNumber"] for each in records]
                if parameters["SequenceNumber"] not in numbers:
                    raise Refusal("TrimmedDataAccessException", "It is not kept any more")
                at = numbers.index(parameters["SequenceNumber"]) + 1
            case other:
                raise Unsupported(f"The simulated streams have no iterator {other}.")
        return {"ShardIterator": f"{stream.arn}|{shard}|{at}"}

    def _records(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        only(parameters, "GetRecords", frozenset({"ShardIterator"}))
        arn, shard, at = parameters["ShardIterator"].split("|")
        records, after = self._stream(arn).read(int(shard), int(at), PAGE)
        return {"Records": records, "NextShardIterator": f"{arn}|{shard}|{after}"}

    def _stream(self, arn: str) -> Stream:
        for table in self._dynamodb.tables.values():
            if table.stream is not None and table.stream.arn == arn:
                return table.stream
        raise Refusal("ResourceNotFoundException", f"Requested resource not found: {arn}")
