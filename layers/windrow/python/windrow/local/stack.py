"""The local stack, put together: the project's own template behind one URL on this machine."""

import contextlib
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from windrow.local import deploy, doors, front, gaps, package, template
from windrow.local.clients import Clients
from windrow.local.emulator import Emulator
from windrow.local.errors import EmulatorFailed, Refused
from windrow.local.logs import LogReader
from windrow.local.machine import Machine, adapted
from windrow.local.mail.sink import Sink, Tell, sink
from windrow.local.project import Project


class LocalStack:
    """A stack that runs while the block does, and leaves nothing behind.

    `url` is the base URL of the API; `aws_endpoint` is the emulator's, for boto3 with any dummy
    credentials; `outputs` and `resources` are the stack's. `mail` is where its mail goes, and
    `tell` is told of each in a line. `took` holds the seconds of each part.

    Raises PortTaken before anything is started, and on entering any of windrow.local.errors.
    """

    def __init__(
        self,
        project: Project,
        *,
        parameters: Mapping[str, str] | None = None,
        port: int = 0,
        tell: Tell = lambda _line: None,
    ) -> None:
        self._project = project
        self._chosen = dict(parameters or {})
        self._port = port
        self._tell = tell
        self._exits = contextlib.ExitStack()
        self.took: dict[str, float] = {}
        self.url = ""
        self.aws_endpoint = ""
        self.outputs: Mapping[str, str] = {}
        self.resources: Mapping[str, str] = {}

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as exits:
            self._start(exits)
            self._exits = exits.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exits.close()
        if not isinstance(error, Exception):  # else its sentence may point to the log
            self._emulator.log.unlink(missing_ok=True)

    def _start(self, exits: contextlib.ExitStack) -> None:
        body = adapted(template.read(self._project.template), Machine.here())
        listener = exits.enter_context(front.listen(self._port))
        sources = package.sources(body, self._project.root)
        self.mail: Sink = exits.enter_context(sink(self._project.home / "mail", self._tell))
        self.url = front.url_of(listener)
        host = self.url.removeprefix("http://")
        with self._timed("start"):
            logs = self._project.home / "logs"
            self._emulator = Emulator.start(self._project.python(), logs, host)
            exits.callback(self._emulator.stop)
        with self._timed("package"):
            artifacts = package.build(self._project, sources)
        with self._timed("start"):
            self._emulator.wait_until_ready()
        self.aws_endpoint = self._emulator.endpoint
        self.clients = Clients(self.aws_endpoint)
        with self._timed("deploy"):
            keys = deploy.upload(self.clients, artifacts)
            properties = {source.logical_id: source.uri_property for source in sources}
            stack = deploy.create(
                self.clients,
                self._project.template,
                deploy.with_artifacts(body, properties, keys),
                deploy.parameters(body, self._chosen, {"MailTransport": self.mail.transport}),
            )
            self.outputs, self.resources = stack.outputs, stack.resources
            sizes = {logical_id: path.stat().st_size for logical_id, path in artifacts.items()}
            api = self._close_gaps(sizes)
        with self._timed("check"):
            doors.check(self._project, sources, self.clients, self.resources)
        gaps.announce_deployment(self.clients, self.resources)
        upstream = f"{self.aws_endpoint}/_aws/execute-api/{api}/$default"
        exits.enter_context(front.serve(listener, front.proxy(upstream, host)))

    def _close_gaps(self, sizes: Mapping[str, int]) -> str:
        """Close what the emulator left out, or raise Refused; returns the id of the API."""
        resources = {
            name: resource
            for name, resource in deploy.processed(self.clients)["Resources"].items()
            if name in self.resources
        }
        found = gaps.in_template(resources)
        if not found:
            gaps.close_time_to_live(self.clients, resources, self.resources)
            gaps.close_concurrency(self.clients)
            found += gaps.in_tables(self.clients, resources, self.resources)
            found += gaps.in_apis(self.clients, resources, self.resources)
            found += gaps.in_functions(self.clients, resources, self.resources, sizes)
        apis = [n for n, r in resources.items() if r["Type"] == "AWS::ApiGatewayV2::Api"]
        if len(apis) != 1:
            found.append(f"the front door needs one HTTP API, and there are {len(apis)}")
        if found:
            raise Refused(self._project.template, found)
        return self.resources[apis[0]]

    @contextlib.contextmanager
    def _timed(self, part: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.took[part] = self.took.get(part, 0.0) + time.monotonic() - started

    def check(self) -> None:
        """Raise EmulatorFailed if the emulator has ended by itself."""
        if not self._emulator.is_running():
            raise EmulatorFailed("has ended", self._emulator.log)

    @property
    def folder(self) -> Path:
        """Where the emulator unpacks the functions: what runs them names it."""
        return self._emulator.folder

    def log_reader(self) -> LogReader:
        """The functions' log lines from now on."""
        functions = self.clients["lambda"].list_functions()["Functions"]
        names = {f["FunctionName"].removeprefix(f"{deploy.STACK}-"): f for f in functions}
        groups = {name: function["LoggingConfig"]["LogGroup"] for name, function in names.items()}
        return LogReader(self.clients, groups, self._emulator.log)
