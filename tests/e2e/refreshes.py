"""Refreshes on the running stack: what a client is told of them, and what is stored of them."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

import botocore
import httpx

from tests.e2e.waiting import eventually
from windrow.clock import SystemClock
from windrow.local.clients import Clients
from windrow.local.stack import LocalStack
from windrow.model.records import Chunk, Task
from windrow.model.ref import DEFAULT_TENANT
from windrow.store.latest import Latest
from windrow.store.locks import Locks
from windrow.store.records import Records

type Json = dict[str, Any]

# The name of the task, and of the key that only one live refresh can have.
TASK = "countries.refresh"

REFRESH = "/api/v1/countries/refresh"
STATUS = "/api/v1/countries/refresh/status"
COUNTRIES = "/api/v1/countries"
IMAGE = "/api/v1/countries/image"

# A refresh takes a second or two; cold functions and a busy machine take the rest.
PATIENCE = timedelta(seconds=60)


@dataclass(frozen=True)
class EmulatorPort:
    """The library's port to AWS on the emulator's clients, so that its stores can be read here."""

    clients: Clients

    def call(self, service: str, operation: str, parameters: Any) -> Any:
        return getattr(self.clients[service], botocore.xform_name(operation))(**parameters)


class Row(NamedTuple):
    """A stored country: its name, and the time of the refresh that its values come from."""

    name: str
    refreshed: int


@dataclass(frozen=True)
class Refreshes:
    """The refreshes of one stack."""

    stack: LocalStack
    api: httpx.Client

    def start(self) -> Json:
        """POST one; its answer."""
        return _json(self.api.post(REFRESH))

    def status(self) -> Json:
        """Poll once."""
        return _json(self.api.get(STATUS))

    def polls(self, within: timedelta = PATIENCE) -> Iterator[Json]:
        """Poll without a pause until none is running; each answer, the last one included."""
        deadline = time.monotonic() + within.total_seconds()
        while True:
            seen = self.status()
            yield seen
            if not seen["is_running"]:
                return
            assert time.monotonic() < deadline, f"still running: {seen}"

    def end(self, within: timedelta = PATIENCE) -> Json:
        """Wait until none is running; the status then."""
        return eventually(self.status, lambda seen: not seen["is_running"], within=within)

    def complete(self) -> Json:
        """One refresh from its start to its good end; the status then."""
        assert self.start()["status"] == "started"
        ended = self.end()
        assert (ended["status"], ended["countries_processed"]) == ("completed", 250), ended
        return ended

    def countries(self, query: str = "") -> list[Json]:
        """The list of countries."""
        answer = self.api.get(f"{COUNTRIES}{query}")
        assert answer.status_code == 200, answer.text
        return list(answer.json())

    def shown(self) -> list[bytes]:
        """All that a reader sees but for the status of the refresh."""
        return [self.api.get(path).content for path in (COUNTRIES, IMAGE, "/api/v1/status")]

    def newest(self) -> Task:
        """The record of the newest refresh."""
        latest = Latest(self._records, Locks(self._port, self._tasks_table), SystemClock())
        task = latest.task(DEFAULT_TENANT, TASK)
        assert task is not None
        return task

    def chunks(self, task: Task) -> list[Chunk]:
        """The chunks of a refresh, in order; none before it is planned."""
        return self._records.chunks(task.ref.group_at(0))

    def rows(self) -> list[Row]:
        """Every country row of the table, as it lies there."""
        pages = (
            self.stack.clients["dynamodb"]
            .get_paginator("query")
            .paginate(
                TableName=self.stack.outputs["ApplicationTableName"],
                ConsistentRead=True,
                KeyConditionExpression="PK = :partition AND begins_with(SK, :row)",
                ExpressionAttributeValues={
                    ":partition": {"S": f"COUNTRIES#{DEFAULT_TENANT}"},
                    ":row": {"S": "ROW#"},
                },
            )
        )
        items = [item for page in pages for item in page["Items"]]
        return [Row(item["name"]["S"], int(item["refreshed"]["N"])) for item in items]

    def planned(self, task: Task) -> list[Row]:
        """The rows that a planned refresh will store, in the order in which chunks take them."""
        now = self._records.task(task.ref)  # `task` may have been read before it was planned
        assert now is not None
        answer = self.stack.clients["s3"].get_object(
            Bucket=self.stack.outputs["BucketName"], Key=now.items
        )
        items = map(json.loads, answer["Body"].read().splitlines())
        return [Row(item["name"], item["refreshed"]) for item in items]

    @property
    def _port(self) -> EmulatorPort:
        return EmulatorPort(self.stack.clients)

    @property
    def _tasks_table(self) -> str:
        return self.stack.outputs["TasksTableName"]

    @property
    def _records(self) -> Records:
        return Records(self._port, self._tasks_table)


def _json(answer: httpx.Response) -> Json:
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
