"""`windrow up`: the stack stays, its functions' log lines are shown, until Ctrl-C."""

import time
from collections.abc import Mapping
from typing import NoReturn

from botocore.exceptions import BotoCoreError

from windrow.local.project import Project
from windrow.local.running import announced
from windrow.local.stack import LocalStack

PORT = 3000
_LOOK_EVERY = 0.3

_WELCOME = """
Windrow is up (started in {seconds:.1f} s). Its data is in memory and goes away when it stops.

  API          {url}/api/v1/status
  API          {url}/v1/tasks  (any task: submit, poll, list; docs/http-api.md)
  All routes   {url}/docs
  Countries    {url}/api/v1/countries?sort=gdp_desc
  Image        {url}/api/v1/countries/image
  Mail         {mail}  (what was sent; none of it leaves this machine)
  AWS          {aws}  (for boto3 and the AWS CLI; any credentials)

  curl -X POST {url}/api/v1/countries/refresh
  curl {url}/api/v1/countries/refresh/status
  curl '{url}/api/v1/countries?region=Africa&sort=gdp_desc'

  .venv/bin/windrow status      (list --watch, submit, pause, drain, redrive, cancel ...: --help)

The functions' log lines follow; Ctrl-C stops everything.
"""


def run(project: Project, port: int, parameters: Mapping[str, str]) -> int:
    """Run the stack until interrupted; 0 then, as that is how it is meant to end."""
    print("Starting the local stack.", flush=True)
    try:
        with (
            LocalStack(project, port=port, parameters=parameters, tell=_tell) as stack,
            announced(project, stack.url, stack.aws_endpoint),
        ):
            _welcome(stack)
            follow(stack)
    except KeyboardInterrupt:
        print("\nStopped; nothing is left running.", flush=True)
    return 0


def _welcome(stack: LocalStack) -> None:
    seconds = sum(stack.took.values())
    welcome = _WELCOME.format(
        seconds=seconds, url=stack.url, mail=stack.mail.url, aws=stack.aws_endpoint
    )
    print(welcome, flush=True)


def _tell(line: str) -> None:
    print(line, flush=True)


def follow(stack: LocalStack) -> NoReturn:
    """Show the functions' log lines for ever. Raises EmulatorFailed once the emulator has ended."""
    reader = stack.log_reader()
    while True:
        stack.check()
        try:
            lines = reader.read()
        except BotoCoreError:
            # It may have ended between the two; then that is what there is to say.
            stack.check()
            raise
        for line in lines:
            print(line, flush=True)
        time.sleep(_LOOK_EVERY)
