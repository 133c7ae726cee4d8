"""The polling routes of all applications. No framework: polls are most of the traffic."""

from collections.abc import Mapping

from tasks.countries import status as countries
from windrow.lambdas.status import Answer

routes: Mapping[str, Answer] = countries.routes
